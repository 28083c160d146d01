//! R001 to R008: is this an order at all, and may it be sent now?

use trader_broker::{CheckId, CheckRecord, MarketPhase, Measure, Verdict};
use trader_domain::{
    AssetClass, Leg, OrderKind, PositionEffect, Price, Quantity, Rate, Session, TimeInForce, Trail,
};

use super::View;
use crate::judge::{holds, not_concerned, unknown};

/// R001. A replacement must leave something to trade.
pub(crate) fn quantity_positive(view: &View<'_>) -> CheckRecord {
    let subject = view.subject;
    let positive = subject.quantity.is_positive()
        && subject.open.is_positive()
        && !subject.filled.is_negative();
    holds(
        CheckId::QuantityPositive,
        positive,
        Measure::Quantity(subject.open),
        Measure::Quantity(Quantity::ZERO),
    )
}

/// Every fixed price of the order.
fn prices(kind: OrderKind) -> impl Iterator<Item = Price> {
    let trail = match kind {
        OrderKind::TrailingStop {
            trail: Trail::Amount(amount),
        } => Some(amount),
        _ => None,
    };
    kind.limit_price()
        .into_iter()
        .chain(kind.trigger_price())
        .chain(trail)
}

/// R002. The net price of a package may be a credit, so its sign is not judged.
pub(crate) fn price_positive(view: &View<'_>) -> CheckRecord {
    if view.subject.is_package() {
        return not_concerned(CheckId::PricePositive);
    }
    let lowest = prices(view.subject.kind).min();
    let rate_is_positive = match view.subject.kind {
        OrderKind::TrailingStop {
            trail: Trail::Percent(rate),
        } => rate.is_positive() && rate < Rate::ONE,
        _ => true,
    };
    holds(
        CheckId::PricePositive,
        rate_is_positive && lowest.is_none_or(Price::is_positive),
        lowest.map_or(Measure::Absent, Measure::Price),
        Measure::Price(Price::ZERO),
    )
}

/// R003.
pub(crate) fn tick(view: &View<'_>) -> CheckRecord {
    let Some(instrument) = view.subject.instrument else {
        return unknown(CheckId::Tick, Measure::Absent);
    };
    let off = prices(view.subject.kind).find(|&price| !instrument.tick.accepts(price));
    let shown = off.or_else(|| prices(view.subject.kind).next());
    holds(
        CheckId::Tick,
        off.is_none(),
        shown.map_or(Measure::Absent, Measure::Price),
        shown.map_or(Measure::Absent, |price| {
            Measure::Price(instrument.tick.tick_at(price))
        }),
    )
}

/// R004. The largest quantity that passes is the next whole lot below.
pub(crate) fn lot(view: &View<'_>) -> CheckRecord {
    let Some(instrument) = view.subject.instrument else {
        return unknown(CheckId::Lot, Measure::Absent);
    };
    let whole = view.subject.quantity.is_multiple_of(instrument.lot);
    let mut record = holds(
        CheckId::Lot,
        whole,
        Measure::Quantity(view.subject.quantity),
        Measure::Quantity(instrument.lot),
    );
    if !whole {
        record.largest = view
            .subject
            .quantity
            .round_to(instrument.lot, trader_domain::Rounding::Floor)
            .ok()
            .filter(|quantity| !quantity.is_negative());
    }
    record
}

/// R005.
pub(crate) fn tradable(view: &View<'_>) -> CheckRecord {
    let tradable = view.subject.instrument.is_some_and(|instrument| {
        instrument.tradable && !matches!(instrument.class, AssetClass::Index)
    }) && view.subject.mark.is_some_and(|mark| !mark.delisted);
    holds(
        CheckId::Tradable,
        tradable,
        Measure::Absent,
        Measure::Absent,
    )
}

/// R006. Orders for a later session may be queued; what must trade at once needs an open market,
/// and an auction that is over takes nothing.
pub(crate) fn session_open(view: &View<'_>) -> CheckRecord {
    let phase = view.snapshot.phase;
    let extended = view.subject.session == Session::Extended;
    let open = match phase {
        MarketPhase::Continuous | MarketPhase::Regular => true,
        MarketPhase::PreMarket | MarketPhase::AfterHours => extended,
        MarketPhase::Closed => false,
    };
    let at_once = matches!(
        view.subject.time_in_force,
        TimeInForce::Ioc | TimeInForce::Fok
    );
    let takes = if is_on_open(view.subject.kind) {
        phase != MarketPhase::Regular
    } else if is_on_close(view.subject.kind) {
        phase != MarketPhase::AfterHours
    } else {
        open || !at_once
    };
    holds(
        CheckId::SessionOpen,
        takes,
        Measure::Absent,
        Measure::Absent,
    )
}

const fn is_on_open(kind: OrderKind) -> bool {
    matches!(
        kind,
        OrderKind::MarketOnOpen | OrderKind::LimitOnOpen { .. }
    )
}

const fn is_on_close(kind: OrderKind) -> bool {
    matches!(
        kind,
        OrderKind::MarketOnClose | OrderKind::LimitOnClose { .. }
    )
}

/// R007.
pub(crate) fn order_terms(view: &View<'_>) -> CheckRecord {
    let subject = view.subject;
    let (kind, tif) = (subject.kind, subject.time_in_force);
    let auction = match tif {
        TimeInForce::Opg => is_on_open(kind),
        TimeInForce::Cls => is_on_close(kind),
        TimeInForce::Day => true,
        TimeInForce::Gtc | TimeInForce::Ioc | TimeInForce::Fok | TimeInForce::Gtd(_) => {
            !is_on_open(kind) && !is_on_close(kind)
        }
    };
    let is_stop = matches!(
        kind,
        OrderKind::Stop { .. } | OrderKind::StopLimit { .. } | OrderKind::TrailingStop { .. }
    );
    let at_once = matches!(tif, TimeInForce::Ioc | TimeInForce::Fok);
    let not_over = match tif {
        TimeInForce::Gtd(until) => until > view.snapshot.now,
        _ => true,
    };
    let extended = subject.session == Session::Regular || matches!(kind, OrderKind::Limit { .. });
    let legs = legs_are_sound(&subject.request.legs)
        && (!subject.is_package() || matches!(kind, OrderKind::Limit { .. }));
    holds(
        CheckId::OrderTerms,
        auction && !(is_stop && at_once) && not_over && extended && legs,
        Measure::Absent,
        Measure::Absent,
    )
}

/// A package has two or more different instruments, each with a ratio.
fn legs_are_sound(legs: &[Leg]) -> bool {
    legs.len() != 1
        && legs.iter().enumerate().all(|(at, leg)| {
            leg.ratio > 0
                && legs
                    .iter()
                    .take(at)
                    .all(|earlier| earlier.instrument != leg.instrument)
        })
}

/// R008. Other working orders that reduce the position count before it.
pub(crate) fn reduce_only(view: &View<'_>) -> CheckRecord {
    if view.subject.request.effect == PositionEffect::Any {
        return not_concerned(CheckId::ReduceOnly);
    }
    let limit = Quantity::from_units(view.sizes.reducing).unwrap_or(Quantity::ZERO);
    let reduces = view.only_reduces();
    CheckRecord {
        check: CheckId::ReduceOnly,
        verdict: if reduces {
            Verdict::Pass
        } else {
            Verdict::Reject
        },
        measured: Measure::Quantity(view.subject.open),
        limit: Measure::Quantity(limit),
        largest: if reduces {
            None
        } else {
            view.sizes.largest(|open| open <= view.sizes.reducing)
        },
    }
}
