//! R009 to R015: is what we know of the market fresh and sane, and is the price near it?

use trader_broker::{Assessment, CheckId, Figure, MarketPhase, ReferenceError, Verdict};
use trader_domain::{LuldTier, OrderKind, Price, Rate, Side, Trail};

use super::View;
use crate::judge::{Share, holds, nanos, not_concerned, price, rate, unknown, warn_line};
use crate::luld::{self, BandPeriod};

/// R009. A snapshot from the future is as wrong as an old one.
pub(crate) fn snapshot_fresh(view: &View<'_>, into: &mut Assessment) {
    let age = view.snapshot.now.nanos_since(view.snapshot.taken);
    let limit = view.limits.snapshot_age_nanos;
    holds(
        into,
        CheckId::SnapshotFresh,
        (0..=limit).contains(&age),
        nanos(age),
        nanos(limit),
    );
}

/// R010.
pub(crate) fn reference_present(view: &View<'_>, into: &mut Assessment) {
    let present = view.subject.reference != Err(ReferenceError::Missing);
    let measured = view.subject.reference.map_or(Figure::ABSENT, price);
    holds(
        into,
        CheckId::ReferencePresent,
        present,
        measured,
        Figure::ABSENT,
    );
}

/// R011.
pub(crate) fn reference_fresh(view: &View<'_>, into: &mut Assessment) {
    let limit = nanos(view.limits.reference_age_nanos);
    let (holding, measured) = match (view.subject.mark, view.subject.reference) {
        (Some(mark), Ok(_)) => {
            let newest = mark.last_time.max(mark.quote_time);
            let age = view.snapshot.now.nanos_since(newest);
            (age >= 0, nanos(age))
        }
        (_, Err(ReferenceError::Stale { age_nanos })) => (false, nanos(age_nanos)),
        _ => (false, Figure::ABSENT),
    };
    holds(into, CheckId::ReferenceFresh, holding, measured, limit);
}

/// R012.
pub(crate) fn quote_not_crossed(view: &View<'_>, into: &mut Assessment) {
    let check = CheckId::QuoteNotCrossed;
    match view.subject.mark.and_then(|mark| mark.bid.zip(mark.ask)) {
        None => not_concerned(into, check),
        Some((bid, ask)) => holds(into, check, bid <= ask, price(bid), price(ask)),
    }
}

/// What the collar says of one price.
#[derive(Debug, Clone, Copy)]
struct Distance {
    verdict: Verdict,
    /// `None` when it does not fit.
    share: Option<Share>,
    allowed: Rate,
}

/// R013. On the aggressive side a price may be `collar` away from the reference; on the passive
/// side, where it cannot trade at once, `passive_collar`. The limit of a stop-limit is measured
/// from its trigger.
pub(crate) fn price_collar(view: &View<'_>, into: &mut Assessment) {
    let check = CheckId::PriceCollar;
    let subject = view.subject;
    let at_market = matches!(
        subject.kind,
        OrderKind::Market | OrderKind::MarketOnOpen | OrderKind::MarketOnClose
    );
    if subject.is_package() {
        return not_concerned(into, check);
    }
    let Ok(reference) = subject.reference else {
        return unknown(into, check, rate(view.limits.collar));
    };
    if at_market {
        return not_concerned(into, check);
    }
    if let OrderKind::TrailingStop {
        trail: Trail::Percent(found),
    } = subject.kind
    {
        let allowed = view.limits.passive_collar;
        return holds(into, check, found <= allowed, rate(found), rate(allowed));
    }
    let found = distance(view, subject.kind, reference);
    match found.share {
        Some(Share { part, whole }) => {
            into.note_share(check, found.verdict, (part, whole), found.allowed);
        }
        None => unknown(into, check, rate(found.allowed)),
    }
}

/// The distance of the order's prices, the worse of two.
fn distance(view: &View<'_>, kind: OrderKind, reference: Price) -> Distance {
    let passive = view.limits.passive_collar;
    match kind {
        OrderKind::Limit { price }
        | OrderKind::LimitOnOpen { price }
        | OrderKind::LimitOnClose { price } => limit_collar(view, price, reference),
        OrderKind::Stop { trigger } => between(view, trigger, reference, passive),
        OrderKind::StopLimit { trigger, price } => {
            let outer = between(view, trigger, reference, passive);
            let inner = limit_collar(view, price, trigger);
            if inner.verdict > outer.verdict {
                inner
            } else {
                outer
            }
        }
        OrderKind::TrailingStop {
            trail: Trail::Amount(amount),
        } => within(view, Some(amount), reference, passive),
        OrderKind::TrailingStop {
            trail: Trail::Percent(_),
        }
        | OrderKind::Market
        | OrderKind::MarketOnOpen
        | OrderKind::MarketOnClose => within(view, Some(Price::ZERO), reference, passive),
    }
}

fn limit_collar(view: &View<'_>, price: Price, anchor: Price) -> Distance {
    let aggressive = match view.subject.side {
        Side::Buy => price > anchor,
        Side::Sell => price < anchor,
    };
    let allowed = if aggressive {
        view.limits.collar
    } else {
        view.limits.passive_collar
    };
    between(view, price, anchor, allowed)
}

fn between(view: &View<'_>, price: Price, anchor: Price, allowed: Rate) -> Distance {
    let distance = price.checked_sub(anchor).ok().map(Price::abs);
    within(view, distance, anchor, allowed)
}

fn within(view: &View<'_>, distance: Option<Price>, anchor: Price, allowed: Rate) -> Distance {
    let share = distance.map(|distance| Share {
        part: distance.units().into(),
        whole: anchor.units().into(),
    });
    let above = |rate: i64| share.and_then(|share| share.exceeds(rate));
    let verdict = match above(allowed.units()) {
        None | Some(true) => Verdict::Reject,
        Some(false) if above(warn_line(allowed, view.limits.warn_share)) == Some(false) => {
            Verdict::Pass
        }
        Some(false) => Verdict::Warn,
    };
    Distance {
        verdict,
        // What cannot be compared is not known.
        share: share.filter(|_| above(allowed.units()).is_some()),
        allowed,
    }
}

/// R014. A purchase limit above the upper band or a sale limit below the lower one could only be
/// executed outside them. Without official bands, bands around the reference are computed by tier;
/// they are the narrower ones of the day, so this errs on the safe side.
pub(crate) fn luld_band(view: &View<'_>, into: &mut Assessment) {
    let (subject, check) = (view.subject, CheckId::LuldBand);
    let Some((instrument, mark)) = subject.instrument.zip(subject.mark) else {
        return unknown(into, check, Figure::ABSENT);
    };
    if instrument.luld == LuldTier::None || view.snapshot.phase != MarketPhase::Regular {
        return not_concerned(into, check);
    }
    let computed = || {
        let reference = subject.reference.ok()?;
        let previous_close = mark.previous_close.unwrap_or(reference);
        luld::bands(
            instrument.luld,
            reference,
            previous_close,
            BandPeriod::Standard,
        )
    };
    let Some(bands) = mark.luld.or_else(computed) else {
        return unknown(into, check, Figure::ABSENT);
    };
    let shown = match subject.kind {
        OrderKind::Limit { price } | OrderKind::LimitOnClose { price } => Some(price),
        // A stop-limit rests outside the book until the market, and the bands with it, have moved.
        _ => subject.reference.ok(),
    };
    let Some(shown) = shown else {
        return unknown(into, check, Figure::ABSENT);
    };
    let (inside, band) = match subject.side {
        Side::Buy => (shown <= bands.upper, bands.upper),
        Side::Sell => (shown >= bands.lower, bands.lower),
    };
    holds(into, check, inside, price(shown), price(band));
}

/// R015.
pub(crate) fn not_halted(view: &View<'_>, into: &mut Assessment) {
    let running = view.subject.mark.is_some_and(|mark| mark.halted.is_none());
    let (check, absent) = (CheckId::NotHalted, Figure::ABSENT);
    holds(into, check, running, absent, absent);
}
