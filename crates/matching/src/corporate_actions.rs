//! What halts, bands and corporate actions do to a market and its resting orders.

use trader_domain::{
    BrokerReport, CancelCause, CorporateAction, CorporateActionKind, InstrumentId, OrderKind,
    Price, Quantity, ReplaceRequest, ReportKind, Rounding, Side, StatusKind, TickRule, TimeInForce,
    Timestamp, TradingStatus, Trail,
};

use crate::config::{DividendOrders, SplitOrders};
use crate::exchange::Exchange;
use crate::market::{Market, Standing};
use crate::working_order::{Style, WorkingOrder};

/// Dividends below one cent leave orders as they are (FINRA Rule 5330(a)).
const LEAST_DIVIDEND: Price = Price::from_small_units(10_000_000);

impl Exchange {
    /// A halt, a resumption, new bands, a short-sale restriction.
    pub fn on_status(&mut self, status: &TradingStatus, reports: &mut Vec<BrokerReport>) {
        self.on_time(status.received, reports);
        let Some(market) = self.market_mut(status.instrument) else {
            self.ignored_events += 1;
            return;
        };
        match status.kind {
            StatusKind::Halted(_reason) => market.halted = true,
            StatusKind::Resumed => market.halted = false,
            StatusKind::Bands(bands) => market.bands = Some(bands),
            StatusKind::ShortSaleRestricted => market.short_restricted = true,
            StatusKind::ShortSaleUnrestricted => market.short_restricted = false,
        }
    }

    /// A split, dividend, merger, rename or delisting takes effect.
    pub fn on_corporate_action(
        &mut self,
        action: &CorporateAction,
        reports: &mut Vec<BrokerReport>,
    ) {
        self.on_time(action.effective, reports);
        let (id, time) = (action.instrument, action.effective);
        if id.index() >= self.markets.len() {
            self.ignored_events += 1;
            return;
        }
        match action.kind {
            CorporateActionKind::Split { to, from, .. } => {
                self.on_split(id, to, from, time, reports);
            }
            CorporateActionKind::CashDividend { amount, .. } => {
                if self.config.dividend_orders == DividendOrders::Reduce && amount >= LEAST_DIVIDEND
                {
                    self.adjust_orders(id, time, reports, |order, market| {
                        after_dividend(order, amount, market.tick)
                    });
                }
            }
            CorporateActionKind::Merger { .. } => {
                self.stop_trading(id, CancelCause::CorporateAction, time, reports);
            }
            CorporateActionKind::Delisting { .. } => {
                self.stop_trading(id, CancelCause::Delisted, time, reports);
            }
            CorporateActionKind::SymbolChange { .. } => {}
        }
    }

    fn stop_trading(
        &mut self,
        id: InstrumentId,
        cause: CancelCause,
        time: Timestamp,
        reports: &mut Vec<BrokerReport>,
    ) {
        if let Some(market) = self.market_mut(id) {
            market.standing = Standing::Delisted;
        }
        self.cancel_all(id, cause, time, reports);
    }

    fn cancel_all(
        &mut self,
        id: InstrumentId,
        cause: CancelCause,
        time: Timestamp,
        reports: &mut Vec<BrokerReport>,
    ) {
        self.for_each_order(id, |exchange, slot| {
            exchange.end(slot, time, ReportKind::Canceled(cause), reports);
        });
        self.cancel_combinations(id, cause, time, reports);
    }

    fn on_split(
        &mut self,
        id: InstrumentId,
        to: u32,
        from: u32,
        time: Timestamp,
        reports: &mut Vec<BrokerReport>,
    ) {
        if let Some(market) = self.market_mut(id) {
            market.forget_prices();
        }
        // A reverse split cancels open orders whatever the rule (FINRA Rule 5330).
        if self.config.split_orders == SplitOrders::Cancel || to < from || from == 0 {
            self.cancel_all(id, CancelCause::CorporateAction, time, reports);
        } else {
            // The legs of a combination change by themselves (option contracts are adjusted).
            self.cancel_combinations(id, CancelCause::CorporateAction, time, reports);
            self.adjust_orders(id, time, reports, |order, market| {
                after_split(order, i64::from(to), i64::from(from), market)
            });
        }
    }

    /// Gives every order of an instrument the terms that `adjusted` says, or cancels it where they
    /// cannot be kept.
    fn adjust_orders(
        &mut self,
        id: InstrumentId,
        time: Timestamp,
        reports: &mut Vec<BrokerReport>,
        adjusted: impl Fn(&mut WorkingOrder, &Market) -> Adjustment,
    ) {
        self.for_each_order(id, |exchange, slot| {
            let (Some(order), Some(market)) = (
                exchange.orders.get_mut(slot),
                exchange.markets.get(id.index()),
            ) else {
                return;
            };
            let kind = match adjusted(order, market) {
                Adjustment::None => return,
                Adjustment::Terms => ReportKind::Replaced(ReplaceRequest {
                    order: order.id,
                    quantity: order.quantity,
                    kind: order.kind,
                    time_in_force: order.time_in_force,
                }),
                Adjustment::Impossible => {
                    let kind = ReportKind::Canceled(CancelCause::CorporateAction);
                    return exchange.end(slot, time, kind, reports);
                }
            };
            let (order_id, arrived) = (order.id, order.arrived);
            exchange
                .outbox
                .send(order_id, time.max(arrived), kind, reports);
        });
    }
}

/// What a corporate action does to one order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Adjustment {
    None,
    Terms,
    Impossible,
}

/// Which way an order's prices round so that it does not trade at a worse one: buy limits and sell
/// stops down, sell limits and buy stops up.
const fn rounding_of(order: &WorkingOrder) -> Rounding {
    let is_stop = matches!(
        order.kind,
        OrderKind::Stop { .. } | OrderKind::StopLimit { .. } | OrderKind::TrailingStop { .. }
    );
    match (order.side, is_stop) {
        (Side::Buy, false) | (Side::Sell, true) => Rounding::Floor,
        (Side::Buy, true) | (Side::Sell, false) => Rounding::Ceiling,
    }
}

fn after_dividend(order: &mut WorkingOrder, amount: Price, tick: TickRule) -> Adjustment {
    let open = matches!(order.time_in_force, TimeInForce::Gtc | TimeInForce::Gtd(_));
    let lowered = matches!(
        (order.side, order.kind),
        (Side::Buy, OrderKind::Limit { .. })
            | (
                Side::Sell,
                OrderKind::Stop { .. }
                    | OrderKind::StopLimit { .. }
                    | OrderKind::TrailingStop { .. },
            )
    );
    if !open || !lowered {
        return Adjustment::None;
    }
    let adjusted = with_prices(order, |price| {
        let lower = price.checked_sub(amount).ok()?;
        lower.round_to(tick.tick_at(lower), Rounding::Floor).ok()
    });
    if adjusted == Adjustment::Terms
        && order
            .kind
            .limit_price()
            .or(order.kind.trigger_price())
            .is_none()
    {
        // A trail keeps its terms; only the trigger it has reached moves.
        return Adjustment::None;
    }
    adjusted
}

fn after_split(order: &mut WorkingOrder, to: i64, from: i64, market: &Market) -> Adjustment {
    let remaining = order
        .remaining()
        .scale(to, from, Rounding::Floor)
        .and_then(|scaled| scaled.round_to(market.lot, Rounding::Floor));
    let total = remaining.and_then(|remaining| {
        if remaining.is_positive() {
            order.filled.checked_add(remaining)
        } else {
            Ok(Quantity::ZERO)
        }
    });
    let Some(total) = total.ok().filter(|total| total.is_positive()) else {
        return Adjustment::Impossible;
    };
    order.quantity = total;
    if let Style::Trailing(Trail::Amount(amount)) = order.style {
        let Ok(amount) = amount.scale(from, to, Rounding::Ceiling) else {
            return Adjustment::Impossible;
        };
        let trail = Trail::Amount(amount);
        order.style = Style::Trailing(trail);
        order.kind = OrderKind::TrailingStop { trail };
    }
    let rounding = rounding_of(order);
    let tick = market.tick;
    let adjusted = with_prices(order, |price| {
        let scaled = price.scale(from, to, rounding).ok()?;
        scaled.round_to(tick.tick_at(scaled), rounding).ok()
    });
    if adjusted == Adjustment::Impossible {
        adjusted
    } else {
        Adjustment::Terms
    }
}

/// Puts every price of an order through `change`; impossible when one is not positive any more.
fn with_prices(order: &mut WorkingOrder, change: impl Fn(Price) -> Option<Price>) -> Adjustment {
    let positive = |price| change(price).filter(|price| price.is_positive());
    let kind = match order.kind {
        OrderKind::Limit { price } => positive(price).map(|price| OrderKind::Limit { price }),
        OrderKind::Stop { trigger } => positive(trigger).map(|trigger| OrderKind::Stop { trigger }),
        OrderKind::StopLimit { trigger, price } => positive(trigger)
            .zip(positive(price))
            .map(|(trigger, price)| OrderKind::StopLimit { trigger, price }),
        OrderKind::LimitOnOpen { price } => {
            positive(price).map(|price| OrderKind::LimitOnOpen { price })
        }
        OrderKind::LimitOnClose { price } => {
            positive(price).map(|price| OrderKind::LimitOnClose { price })
        }
        OrderKind::TrailingStop { .. } => {
            if !order.trigger.is_zero() {
                match positive(order.trigger) {
                    Some(trigger) => order.trigger = trigger,
                    None => return Adjustment::Impossible,
                }
            }
            return Adjustment::Terms;
        }
        OrderKind::Market | OrderKind::MarketOnOpen | OrderKind::MarketOnClose => {
            return Adjustment::Terms;
        }
    };
    let Some(kind) = kind else {
        return Adjustment::Impossible;
    };
    order.kind = kind;
    order.limit = kind.limit_price().unwrap_or(order.limit);
    if matches!(order.style, Style::Stop | Style::StopLimit) {
        order.trigger = kind.trigger_price().unwrap_or(order.trigger);
    }
    Adjustment::Terms
}
