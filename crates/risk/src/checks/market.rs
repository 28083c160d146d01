//! R009 to R015: is what we know of the market fresh and sane, and is the price near it?

use trader_broker::{CheckId, CheckRecord, MarketPhase, Measure, ReferenceError};
use trader_domain::{LuldTier, OrderKind, Price, Rate, Side, Trail};

use super::View;
use crate::judge::{holds, not_concerned, ratio_up, unknown};
use crate::luld::{self, BandPeriod};

/// R009. A snapshot from the future is as wrong as an old one.
pub(crate) fn snapshot_fresh(view: &View<'_>) -> CheckRecord {
    let age = view.snapshot.now.nanos_since(view.snapshot.taken);
    holds(
        CheckId::SnapshotFresh,
        (0..=view.limits.snapshot_age_nanos).contains(&age),
        Measure::Nanos(age),
        Measure::Nanos(view.limits.snapshot_age_nanos),
    )
}

/// R010.
pub(crate) fn reference_present(view: &View<'_>) -> CheckRecord {
    let present = view.subject.reference != Err(ReferenceError::Missing);
    let measured = view
        .subject
        .reference
        .map_or(Measure::Absent, Measure::Price);
    holds(
        CheckId::ReferencePresent,
        present,
        measured,
        Measure::Absent,
    )
}

/// R011.
pub(crate) fn reference_fresh(view: &View<'_>) -> CheckRecord {
    let limit = Measure::Nanos(view.limits.reference_age_nanos);
    let (Some(mark), Ok(_)) = (view.subject.mark, view.subject.reference) else {
        let measured = match view.subject.reference {
            Err(ReferenceError::Stale { age_nanos }) => Measure::Nanos(age_nanos),
            _ => Measure::Absent,
        };
        return holds(CheckId::ReferenceFresh, false, measured, limit);
    };
    let newest = mark.last_time.max(mark.quote_time);
    let age = view.snapshot.now.nanos_since(newest);
    holds(
        CheckId::ReferenceFresh,
        age >= 0,
        Measure::Nanos(age),
        limit,
    )
}

/// R012.
pub(crate) fn quote_not_crossed(view: &View<'_>) -> CheckRecord {
    match view.subject.mark.and_then(|mark| mark.bid.zip(mark.ask)) {
        None => not_concerned(CheckId::QuoteNotCrossed),
        Some((bid, ask)) => holds(
            CheckId::QuoteNotCrossed,
            bid <= ask,
            Measure::Price(bid),
            Measure::Price(ask),
        ),
    }
}

/// R013. On the aggressive side a price may be `collar` away from the reference; on the passive
/// side, where it cannot trade at once, `passive_collar`. The limit of a stop-limit is measured
/// from its trigger.
pub(crate) fn price_collar(view: &View<'_>) -> CheckRecord {
    let subject = view.subject;
    if subject.is_package() {
        return not_concerned(CheckId::PriceCollar);
    }
    let Ok(reference) = subject.reference else {
        return unknown(CheckId::PriceCollar, Measure::Rate(view.limits.collar));
    };
    match subject.kind {
        OrderKind::Market | OrderKind::MarketOnOpen | OrderKind::MarketOnClose => {
            not_concerned(CheckId::PriceCollar)
        }
        OrderKind::Limit { price }
        | OrderKind::LimitOnOpen { price }
        | OrderKind::LimitOnClose { price } => limit_collar(view, price, reference),
        OrderKind::Stop { trigger } => trigger_collar(view, trigger, reference),
        OrderKind::StopLimit { trigger, price } => {
            let outer = trigger_collar(view, trigger, reference);
            let inner = limit_collar(view, price, trigger);
            if inner.verdict > outer.verdict {
                inner
            } else {
                outer
            }
        }
        OrderKind::TrailingStop { trail } => match trail {
            Trail::Amount(amount) => within(view, amount, reference, view.limits.passive_collar),
            Trail::Percent(rate) => holds(
                CheckId::PriceCollar,
                rate <= view.limits.passive_collar,
                Measure::Rate(rate),
                Measure::Rate(view.limits.passive_collar),
            ),
        },
    }
}

fn limit_collar(view: &View<'_>, price: Price, anchor: Price) -> CheckRecord {
    let aggressive = match view.subject.side {
        Side::Buy => price > anchor,
        Side::Sell => price < anchor,
    };
    let allowed = if aggressive {
        view.limits.collar
    } else {
        view.limits.passive_collar
    };
    match price.checked_sub(anchor) {
        Ok(distance) => within(view, distance.abs(), anchor, allowed),
        Err(_overflow) => unknown(CheckId::PriceCollar, Measure::Rate(allowed)),
    }
}

fn trigger_collar(view: &View<'_>, trigger: Price, reference: Price) -> CheckRecord {
    let allowed = view.limits.passive_collar;
    match trigger.checked_sub(reference) {
        Ok(distance) => within(view, distance.abs(), reference, allowed),
        Err(_overflow) => unknown(CheckId::PriceCollar, Measure::Rate(allowed)),
    }
}

fn within(view: &View<'_>, distance: Price, anchor: Price, allowed: Rate) -> CheckRecord {
    let share = ratio_up(i128::from(distance.units()), i128::from(anchor.units()))
        .and_then(|units| i64::try_from(units).ok())
        .and_then(|units| Rate::from_units(units).ok());
    let Some(share) = share else {
        return unknown(CheckId::PriceCollar, Measure::Rate(allowed));
    };
    let mut record = holds(
        CheckId::PriceCollar,
        share <= allowed,
        Measure::Rate(share),
        Measure::Rate(allowed),
    );
    let near = i128::from(share.units()) * crate::judge::RATE_SCALE
        > i128::from(allowed.units()) * i128::from(view.limits.warn_share.units());
    if record.verdict == trader_broker::Verdict::Pass && near {
        record.verdict = trader_broker::Verdict::Warn;
    }
    record
}

/// R014. A purchase limit above the upper band or a sale limit below the lower one could only be
/// executed outside them. Without official bands, bands around the reference are computed by tier;
/// they are the narrower ones of the day, so this errs on the safe side.
pub(crate) fn luld_band(view: &View<'_>) -> CheckRecord {
    let (subject, check) = (view.subject, CheckId::LuldBand);
    let Some((instrument, mark)) = subject.instrument.zip(subject.mark) else {
        return unknown(check, Measure::Absent);
    };
    if instrument.luld == LuldTier::None || view.snapshot.phase != MarketPhase::Regular {
        return not_concerned(check);
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
        return unknown(check, Measure::Absent);
    };
    let price = match subject.kind {
        OrderKind::Limit { price } | OrderKind::LimitOnClose { price } => Some(price),
        // A stop-limit rests outside the book until the market, and the bands with it, have moved.
        _ => subject.reference.ok(),
    };
    let Some(price) = price else {
        return unknown(check, Measure::Absent);
    };
    let (inside, band) = match subject.side {
        Side::Buy => (price <= bands.upper, bands.upper),
        Side::Sell => (price >= bands.lower, bands.lower),
    };
    holds(check, inside, Measure::Price(price), Measure::Price(band))
}

/// R015.
pub(crate) fn not_halted(view: &View<'_>) -> CheckRecord {
    let running = view.subject.mark.is_some_and(|mark| mark.halted.is_none());
    holds(
        CheckId::NotHalted,
        running,
        Measure::Absent,
        Measure::Absent,
    )
}
