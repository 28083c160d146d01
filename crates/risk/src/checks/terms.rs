//! R001 to R008: is this an order at all, and may it be sent now?

use trader_broker::{Assessment, CheckId, CheckRecord, Figure, MarketPhase, Verdict};
use trader_domain::{
    AssetClass, Leg, OrderKind, PositionEffect, Price, Rate, Rounding, Session, TimeInForce, Trail,
};

use super::View;
use crate::judge::{holds, not_concerned, price, quantity, unknown};

/// R001. A replacement must leave something to trade.
pub(crate) fn quantity_positive(view: &View<'_>, into: &mut Assessment) {
    let subject = view.subject;
    let positive = subject.quantity.is_positive()
        && subject.open.is_positive()
        && !subject.filled.is_negative();
    holds(
        into,
        CheckId::QuantityPositive,
        positive,
        quantity(subject.open.units()),
        quantity(0),
    );
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
pub(crate) fn price_positive(view: &View<'_>, into: &mut Assessment) {
    if view.subject.is_package() {
        return not_concerned(into, CheckId::PricePositive);
    }
    let lowest = prices(view.subject.kind).min();
    let rate_is_positive = match view.subject.kind {
        OrderKind::TrailingStop {
            trail: Trail::Percent(rate),
        } => rate.is_positive() && rate < Rate::ONE,
        _ => true,
    };
    holds(
        into,
        CheckId::PricePositive,
        rate_is_positive && lowest.is_none_or(Price::is_positive),
        lowest.map_or(Figure::ABSENT, price),
        price(Price::ZERO),
    );
}

/// R003.
pub(crate) fn tick(view: &View<'_>, into: &mut Assessment) {
    let Some(instrument) = view.subject.instrument else {
        return unknown(into, CheckId::Tick, Figure::ABSENT);
    };
    let off = prices(view.subject.kind).find(|&price| !instrument.tick.accepts(price));
    let shown = off.or_else(|| prices(view.subject.kind).next());
    holds(
        into,
        CheckId::Tick,
        off.is_none(),
        shown.map_or(Figure::ABSENT, price),
        shown.map_or(Figure::ABSENT, |shown| {
            price(instrument.tick.tick_at(shown))
        }),
    );
}

/// R004. The largest quantity that passes is the next whole lot below.
pub(crate) fn lot(view: &View<'_>, into: &mut Assessment) {
    let Some(instrument) = view.subject.instrument else {
        return unknown(into, CheckId::Lot, Figure::ABSENT);
    };
    let (asked, lot) = (view.subject.quantity, instrument.lot);
    let figures = (quantity(asked.units()), quantity(lot.units()));
    if asked.is_multiple_of(lot) {
        return holds(into, CheckId::Lot, true, figures.0, figures.1);
    }
    into.push(CheckRecord {
        check: CheckId::Lot,
        verdict: Verdict::Reject,
        measured: figures.0.measure(),
        limit: figures.1.measure(),
        largest: asked
            .round_to(lot, Rounding::Floor)
            .ok()
            .filter(|whole| !whole.is_negative()),
    });
}

/// R005.
pub(crate) fn tradable(view: &View<'_>, into: &mut Assessment) {
    let tradable = view.subject.instrument.is_some_and(|instrument| {
        instrument.tradable && !matches!(instrument.class, AssetClass::Index)
    }) && view.subject.mark.is_some_and(|mark| !mark.delisted);
    let (check, absent) = (CheckId::Tradable, Figure::ABSENT);
    holds(into, check, tradable, absent, absent);
}

/// R006. Orders for a later session may be queued; what must trade at once needs an open market,
/// and an auction that is over takes nothing.
pub(crate) fn session_open(view: &View<'_>, into: &mut Assessment) {
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
    let (check, absent) = (CheckId::SessionOpen, Figure::ABSENT);
    holds(into, check, takes, absent, absent);
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
pub(crate) fn order_terms(view: &View<'_>, into: &mut Assessment) {
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
    let sound = auction && !(is_stop && at_once) && not_over && extended && legs;
    let (check, absent) = (CheckId::OrderTerms, Figure::ABSENT);
    holds(into, check, sound, absent, absent);
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
pub(crate) fn reduce_only(view: &View<'_>, into: &mut Assessment) {
    let check = CheckId::ReduceOnly;
    if view.subject.request.effect == PositionEffect::Any {
        return not_concerned(into, check);
    }
    let reducing = view.sizes.reducing;
    let figures = (quantity(view.subject.open.units()), quantity(reducing));
    if view.only_reduces() {
        return holds(into, check, true, figures.0, figures.1);
    }
    into.push(CheckRecord {
        check,
        verdict: Verdict::Reject,
        measured: figures.0.measure(),
        limit: figures.1.measure(),
        largest: view.sizes.largest(|open| open <= reducing),
    });
}
