//! R050 to R052: may it be sold short, are the shares located, does Rule 201 allow the price?

use trader_broker::{AccountKind, Assessment, CheckId, CheckRecord, Figure, Verdict};
use trader_domain::{AssetClass, Borrow, ShortExemption};

use super::View;
use crate::judge::{holds, not_concerned, price, quantity, unknown};
use crate::locate::LocateBook;

/// The part of the order that sells short; `None` when the sums do not fit. Options are the
/// option check's business.
pub(crate) fn short_part(view: &View<'_>) -> Option<i64> {
    match view.subject.instrument.map(|instrument| &instrument.class) {
        Some(AssetClass::Option(_)) => Some(0),
        _ if view.subject.is_package() => Some(0),
        _ => view.short_units(view.sizes.open),
    }
}

/// A refusal that leaves the part with which at most `most_short` units are sold short.
#[cold]
fn refuse(
    view: &View<'_>,
    into: &mut Assessment,
    check: CheckId,
    (measured, limit): (Figure, Figure),
    most_short: i64,
) {
    into.push(CheckRecord {
        check,
        verdict: Verdict::Reject,
        measured: measured.measure(),
        limit: limit.measure(),
        largest: view.sizes.largest(|open| {
            view.short_units(open)
                .is_some_and(|short| short <= most_short)
        }),
    });
}

/// R050. Cash accounts hold no short positions.
pub(crate) fn shortable(view: &View<'_>, into: &mut Assessment, short: Option<i64>) {
    let check = CheckId::Shortable;
    let Some((short, instrument)) = short.zip(view.subject.instrument) else {
        return unknown(into, check, Figure::ABSENT);
    };
    if short <= 0 {
        return not_concerned(into, check);
    }
    let allowed = view.snapshot.account.kind == AccountKind::Margin
        && instrument.borrow != Borrow::Unavailable;
    if allowed {
        return holds(into, check, true, quantity(short), Figure::ABSENT);
    }
    refuse(view, into, check, (quantity(short), quantity(0)), 0);
}

/// R051. Reg SHO Rule 203(b)(1): what is not on the easy-to-borrow list needs a locate that is
/// named in the order, has not expired and has enough left.
pub(crate) fn locate(
    view: &View<'_>,
    into: &mut Assessment,
    short: Option<i64>,
    book: &LocateBook,
) {
    let check = CheckId::Locate;
    let Some((short, instrument)) = short.zip(view.subject.instrument) else {
        return unknown(into, check, Figure::ABSENT);
    };
    if short <= 0 || instrument.borrow == Borrow::Easy {
        return not_concerned(into, check);
    }
    let left = view.subject.request.locate.map_or(0, |id| {
        book.remaining(id, view.subject.id_of_instrument, view.snapshot.now)
            .units()
            // What the order draws on already is its own.
            .saturating_add(book.drawn_by(view.subject.id).units())
    });
    if short <= left {
        return holds(into, check, true, quantity(short), quantity(left));
    }
    refuse(view, into, check, (quantity(short), quantity(left)), left);
}

/// R052. Reg SHO Rule 201: while the restriction is on, a short sale that is not exempt must be
/// priced above the national best bid.
pub(crate) fn price_test(view: &View<'_>, into: &mut Assessment, short: Option<i64>) {
    let check = CheckId::ShortSalePriceTest;
    let Some((short, mark)) = short.zip(view.subject.mark) else {
        return unknown(into, check, Figure::ABSENT);
    };
    let exempt = view.subject.request.short_exempt == ShortExemption::Claimed;
    if short <= 0 || !mark.short_restricted || exempt {
        return not_concerned(into, check);
    }
    let limit = mark.bid.map_or(Figure::ABSENT, price);
    let asked = view.subject.kind.limit_price();
    let measured = asked.map_or(Figure::ABSENT, price);
    match asked.zip(mark.bid) {
        Some((asked, bid)) if asked > bid => holds(into, check, true, measured, limit),
        _ => refuse(view, into, check, (measured, limit), 0),
    }
}
