//! R050 to R052: may it be sold short, are the shares located, does Rule 201 allow the price?

use trader_broker::{AccountKind, CheckId, CheckRecord, Measure, Verdict};
use trader_domain::{AssetClass, Borrow, Quantity, ShortExemption};

use super::View;
use crate::judge::{holds, not_concerned, unknown};
use crate::locate::LocateBook;

/// The part of the order that sells short; `None` when the sums do not fit. Options are the
/// option check's business.
fn short_part(view: &View<'_>) -> Option<i64> {
    match view.subject.instrument.map(|instrument| &instrument.class) {
        Some(AssetClass::Option(_)) => Some(0),
        _ if view.subject.is_package() => Some(0),
        _ => view.short_units(view.sizes.open),
    }
}

fn quantity(units: i64) -> Measure {
    Quantity::from_units(units).map_or(Measure::Absent, Measure::Quantity)
}

/// A refusal that leaves the part which is held.
fn only_held(view: &View<'_>, check: CheckId, short: i64, limit: Measure) -> CheckRecord {
    CheckRecord {
        check,
        verdict: Verdict::Reject,
        measured: quantity(short),
        limit,
        largest: view
            .sizes
            .largest(|open| view.short_units(open).is_some_and(|short| short <= 0)),
    }
}

/// R050. Cash accounts hold no short positions.
pub(crate) fn shortable(view: &View<'_>) -> CheckRecord {
    let check = CheckId::Shortable;
    let Some((short, instrument)) = short_part(view).zip(view.subject.instrument) else {
        return unknown(check, Measure::Absent);
    };
    if short <= 0 {
        return not_concerned(check);
    }
    let allowed = view.snapshot.account.kind == AccountKind::Margin
        && instrument.borrow != Borrow::Unavailable;
    if allowed {
        return holds(check, true, quantity(short), Measure::Absent);
    }
    only_held(view, check, short, quantity(0))
}

/// R051. Reg SHO Rule 203(b)(1): what is not on the easy-to-borrow list needs a locate that is
/// named in the order, has not expired and has enough left.
pub(crate) fn locate(view: &View<'_>, book: &LocateBook) -> CheckRecord {
    let check = CheckId::Locate;
    let Some((short, instrument)) = short_part(view).zip(view.subject.instrument) else {
        return unknown(check, Measure::Absent);
    };
    if short <= 0 || instrument.borrow == Borrow::Easy {
        return not_concerned(check);
    }
    let left = view.subject.request.locate.map_or(0, |id| {
        book.remaining(id, view.subject.id_of_instrument, view.snapshot.now)
            .units()
            // What the order draws on already is its own.
            .saturating_add(book.drawn_by(view.subject.id).units())
    });
    if short <= left {
        return holds(check, true, quantity(short), quantity(left));
    }
    CheckRecord {
        check,
        verdict: Verdict::Reject,
        measured: quantity(short),
        limit: quantity(left),
        largest: view
            .sizes
            .largest(|open| view.short_units(open).is_some_and(|short| short <= left)),
    }
}

/// R052. Reg SHO Rule 201: while the restriction is on, a short sale that is not exempt must be
/// priced above the national best bid.
pub(crate) fn price_test(view: &View<'_>) -> CheckRecord {
    let check = CheckId::ShortSalePriceTest;
    let Some((short, mark)) = short_part(view).zip(view.subject.mark) else {
        return unknown(check, Measure::Absent);
    };
    let exempt = view.subject.request.short_exempt == ShortExemption::Claimed;
    if short <= 0 || !mark.short_restricted || exempt {
        return not_concerned(check);
    }
    let limit = mark.bid.map_or(Measure::Absent, Measure::Price);
    match (view.subject.kind.limit_price(), mark.bid) {
        (Some(price), Some(bid)) if price > bid => holds(check, true, Measure::Price(price), limit),
        (price, _) => CheckRecord {
            measured: price.map_or(Measure::Absent, Measure::Price),
            ..only_held(view, check, short, limit)
        },
    }
}
