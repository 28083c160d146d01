//! What the exchange takes: [`accepts`] is the table of order types, times in force and sessions,
//! the rest turns a request into a working order or a typed refusal.

use trader_domain::{
    InstrumentId, OrderKind, OrderRequest, Price, Quantity, Rate, RejectReason, Session, TickRule,
    TimeInForce, Timestamp, Trail,
};

use crate::config::AuctionCutoffs;
use crate::fees::OrderCosts;
use crate::id_ring::NONE;
use crate::market::{Market, Standing};
use crate::queue::QueuePlace;
use crate::session::SessionClock;
use crate::working_order::{Style, WorkingOrder};

/// Whether the exchange takes this combination.
///
/// | type | times in force | extended hours |
/// |---|---|---|
/// | market | all | no |
/// | limit | all | day, GTC, GTD, IOC, FOK |
/// | stop, stop-limit, trailing | day, GTC, GTD | no |
/// | on open | day (read as OPG), OPG | no |
/// | on close | day (read as CLS), CLS | no |
pub fn accepts(kind: OrderKind, time_in_force: TimeInForce, session: Session) -> bool {
    use TimeInForce::{Cls, Day, Fok, Gtc, Gtd, Ioc, Opg};
    match (kind, session) {
        (OrderKind::Limit { .. }, Session::Extended) => {
            matches!(time_in_force, Day | Gtc | Gtd(_) | Ioc | Fok)
        }
        (_, Session::Extended) => false,
        (OrderKind::Market | OrderKind::Limit { .. }, Session::Regular) => true,
        (
            OrderKind::Stop { .. } | OrderKind::StopLimit { .. } | OrderKind::TrailingStop { .. },
            Session::Regular,
        ) => matches!(time_in_force, Day | Gtc | Gtd(_)),
        (OrderKind::MarketOnOpen | OrderKind::LimitOnOpen { .. }, Session::Regular) => {
            matches!(time_in_force, Day | Opg)
        }
        (OrderKind::MarketOnClose | OrderKind::LimitOnClose { .. }, Session::Regular) => {
            matches!(time_in_force, Day | Cls)
        }
    }
}

/// How an order of this type acts.
pub(crate) const fn style_of(kind: OrderKind, time_in_force: TimeInForce) -> Style {
    match (kind, time_in_force) {
        (OrderKind::Market, TimeInForce::Opg) | (OrderKind::MarketOnOpen, _) => Style::AtOpen,
        (OrderKind::Market, TimeInForce::Cls) | (OrderKind::MarketOnClose, _) => Style::AtClose,
        (OrderKind::Limit { .. }, TimeInForce::Opg) | (OrderKind::LimitOnOpen { .. }, _) => {
            Style::LimitAtOpen
        }
        (OrderKind::Limit { .. }, TimeInForce::Cls) | (OrderKind::LimitOnClose { .. }, _) => {
            Style::LimitAtClose
        }
        (OrderKind::Market, _) => Style::Market,
        (OrderKind::Limit { .. }, _) => Style::Limit,
        (OrderKind::Stop { .. }, _) => Style::Stop,
        (OrderKind::StopLimit { .. }, _) => Style::StopLimit,
        (OrderKind::TrailingStop { trail }, _) => Style::Trailing(trail),
    }
}

/// Terms that can change while an order works: checked alike for new orders and replacements.
pub(crate) struct Terms {
    pub(crate) quantity: Quantity,
    pub(crate) kind: OrderKind,
    pub(crate) time_in_force: TimeInForce,
    pub(crate) session: Session,
}

/// Checks terms against an instrument's rules.
pub(crate) fn check_terms(terms: &Terms, market: &Market) -> Result<(), RejectReason> {
    if !accepts(terms.kind, terms.time_in_force, terms.session) {
        return Err(RejectReason::Unsupported);
    }
    if !terms.quantity.is_positive() || !terms.quantity.is_multiple_of(market.lot) {
        return Err(RejectReason::InvalidQuantity);
    }
    check_prices(terms.kind, market.tick)
}

fn check_prices(kind: OrderKind, tick: TickRule) -> Result<(), RejectReason> {
    let prices = [kind.limit_price(), kind.trigger_price()];
    let on_grid = |price: Price| price.is_positive() && tick.accepts(price);
    let trail_fits = match kind {
        OrderKind::TrailingStop {
            trail: Trail::Amount(amount),
        } => amount.is_positive(),
        OrderKind::TrailingStop {
            trail: Trail::Percent(rate),
        } => rate.is_positive() && rate < Rate::ONE,
        _ => true,
    };
    if trail_fits && prices.into_iter().flatten().all(on_grid) {
        Ok(())
    } else {
        Err(RejectReason::InvalidPrice)
    }
}

/// The last instant at which the order works; [`Timestamp::MAX`] when only the data can say.
pub(crate) fn expiry(
    style: Style,
    time_in_force: TimeInForce,
    session: Session,
    arrived: Timestamp,
    clock: &mut SessionClock,
    cutoffs: AuctionCutoffs,
) -> Result<Timestamp, RejectReason> {
    match time_in_force {
        TimeInForce::Gtd(until) if until <= arrived => return Err(RejectReason::TooLate),
        TimeInForce::Gtd(until) => return Ok(until),
        TimeInForce::Gtc => return Ok(Timestamp::MAX),
        _ if !clock.is_scheduled() => return Ok(Timestamp::MAX),
        _ => {}
    }
    let closed = RejectReason::MarketClosed;
    let day = clock.day(arrived).ok_or(closed)?;
    match (style, time_in_force) {
        (Style::AtOpen | Style::LimitAtOpen, _) => {
            let last_entry = day.open.saturating_add(cutoffs.open.saturating_neg());
            if arrived >= last_entry && arrived < day.close {
                return Err(RejectReason::TooLate);
            }
            clock.day_end(arrived, Session::Regular).ok_or(closed)
        }
        // The closing print comes a moment after the close.
        (Style::AtClose | Style::LimitAtClose, _) => {
            let last_entry = day.close.saturating_add(cutoffs.close.saturating_neg());
            if arrived < last_entry {
                return Ok(day.extended_close);
            }
            if arrived < day.close {
                return Err(RejectReason::TooLate);
            }
            let next = clock.day(day.extended_close).ok_or(closed)?;
            Ok(next.extended_close)
        }
        (_, TimeInForce::Ioc | TimeInForce::Fok) => {
            let (open, close) = match session {
                Session::Regular => (day.open, day.close),
                Session::Extended => (day.extended_open, day.extended_close),
            };
            if arrived < open || arrived >= close {
                return Err(closed);
            }
            Ok(close)
        }
        _ => clock.day_end(arrived, session).ok_or(closed),
    }
}

/// The working order of a request that was checked.
pub(crate) fn working_order(
    request: &OrderRequest,
    style: Style,
    arrived: Timestamp,
    expires: Timestamp,
) -> WorkingOrder {
    WorkingOrder {
        id: request.id,
        instrument: request.instrument,
        side: request.side,
        style,
        kind: request.kind,
        time_in_force: request.time_in_force,
        session: request.session,
        short_mark: request.short_mark,
        quantity: request.quantity,
        filled: Quantity::ZERO,
        limit: request.kind.limit_price().unwrap_or(Price::ZERO),
        trigger: request.kind.trigger_price().unwrap_or(Price::ZERO),
        arrived,
        expires,
        oco: request.oco,
        oco_next: NONE,
        next: NONE,
        previous: NONE,
        costs: OrderCosts::default(),
        rests: false,
        queue: QueuePlace::default(),
        live: true,
    }
}

/// The market of an instrument that can be traded.
pub(crate) fn tradable(markets: &[Market], id: InstrumentId) -> Result<&Market, RejectReason> {
    let market = markets
        .get(id.index())
        .ok_or(RejectReason::UnknownInstrument)?;
    match market.standing {
        Standing::Tradable => Ok(market),
        Standing::WithoutFees => Err(RejectReason::Unsupported),
        Standing::NotTradable | Standing::Delisted => Err(RejectReason::UnknownInstrument),
    }
}
