//! Matching against prints. Where nothing is displayed, prints are the market and orders take at
//! their prices; where quotes or a book are there, prints only reach resting orders and stops.

use trader_domain::{
    BrokerReport, Quantity, ReportKind, Rounding, ShortMark, Side, Trade, TradeConditions, Volume,
};

use crate::config::LimitFill;
use crate::displayed_matching::acceptable;
use crate::exchange::Exchange;
use crate::execution::{Execution, Outcome};
use crate::id_ring::NONE;
use crate::market::Market;
use crate::reach::Liquidity;
use crate::slippage::Shown;
use crate::working_order::{Style, WorkingOrder};

/// What a print means to orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Print {
    Opening,
    Closing,
    Continuous,
}

impl Exchange {
    /// A print. Without working orders in its instrument this only remembers its time.
    #[inline]
    pub fn on_trade(&mut self, trade: &Trade, reports: &mut Vec<BrokerReport>) {
        self.on_time(trade.received, reports);
        let Some(market) = self.markets.get_mut(trade.instrument.index()) else {
            self.ignored_events += 1;
            return;
        };
        market.printed = trade.time;
        if market.head != NONE && market.is_open() {
            self.match_trade(trade, reports);
        }
    }

    fn match_trade(&mut self, trade: &Trade, reports: &mut Vec<BrokerReport>) {
        if !trade.price.is_positive() || !trade.size.is_positive() {
            self.ignored_events += 1;
            return;
        }
        let print = if trade.conditions.contains(TradeConditions::OPENING) {
            Print::Opening
        } else if trade.conditions.contains(TradeConditions::CLOSING) {
            Print::Closing
        } else {
            Print::Continuous
        };
        // Prints away from the market (late, averaged, derived, cancelled) reach nobody.
        let current =
            trade.conditions.updates_last() || trade.conditions == TradeConditions::EXTENDED_HOURS;
        if !current {
            return;
        }
        let mut left = self.our_share(trade);
        self.for_each_order(trade.instrument, |exchange, slot| {
            if exchange.may_act(slot, trade.time) {
                exchange.meet_trade(slot, trade, print, &mut left, reports);
            }
        });
    }

    /// How much of a print our orders may be together.
    fn our_share(&self, trade: &Trade) -> Quantity {
        match self.config.participation {
            None => Quantity::MAX,
            Some(rate) => Volume::from_quantity(trade.size)
                .share(rate)
                .unwrap_or(Quantity::ZERO),
        }
    }

    fn meet_trade(
        &mut self,
        slot: u32,
        trade: &Trade,
        print: Print,
        left: &mut Quantity,
        reports: &mut Vec<BrokerReport>,
    ) {
        let execution = self.trading_at(slot, trade, print, *left);
        let Some(id) = self.orders.get(slot).map(|order| order.id) else {
            return;
        };
        let mut outcome = Outcome::Nothing;
        if let Some(execution) = execution {
            outcome = self.execute(slot, execution, reports);
            if outcome != Outcome::Nothing && *left < Quantity::MAX {
                *left = left
                    .checked_sub(execution.quantity)
                    .unwrap_or(Quantity::ZERO);
            }
        }
        if outcome == Outcome::Done || self.by_id.get(id.0) != Some(slot) {
            return;
        }
        let Some(order) = self.orders.get_mut(slot) else {
            return;
        };
        let missed = matches!(
            (order.style, print),
            (Style::AtOpen | Style::LimitAtOpen, Print::Opening)
                | (Style::AtClose | Style::LimitAtClose, Print::Closing)
        );
        let displayed = self
            .markets
            .get(trade.instrument.index())
            .is_some_and(Market::is_displayed);
        if missed {
            self.end(slot, trade.time, ReportKind::Expired, reports);
        } else if order.style == Style::Limit || order.style == Style::Market {
            if !displayed {
                order.rests = order.style == Style::Limit;
                self.cancel_rest_if_at_once(slot, trade.time, reports);
            }
        } else {
            // A stop hit by this print trades at the next event: this print was someone else's.
            order.watch(trade.price);
        }
    }

    /// What an order trades at a print; also moves its place in the queue.
    fn trading_at(
        &mut self,
        slot: u32,
        trade: &Trade,
        print: Print,
        left: Quantity,
    ) -> Option<Execution> {
        let limit_fill = self.config.limit_fill;
        let queue = self.config.queue;
        let queues = self.queues();
        let order = self.orders.get_mut(slot)?;
        let market = self.markets.get(trade.instrument.index())?;
        let displayed = market.is_displayed();
        let (wanted, liquidity) = match (order.style, print) {
            (Style::AtOpen, Print::Opening) | (Style::AtClose, Print::Closing) => {
                (left, Liquidity::Auction)
            }
            (Style::LimitAtOpen, Print::Opening) | (Style::LimitAtClose, Print::Closing)
                if acceptable(order.side, order.limit, trade.price) =>
            {
                (left, Liquidity::Auction)
            }
            (Style::Market, _) if !displayed => (left, Liquidity::Taken),
            (Style::Limit, _) if !acceptable(order.side, order.limit, trade.price) => return None,
            (Style::Limit, _) if !displayed && !order.rests => (left, Liquidity::Taken),
            (Style::Limit, _) if order.rests => {
                let at_price = trade.price == order.limit;
                if at_price && queues && order.queue.is_known() {
                    let turn =
                        order
                            .queue
                            .on_trade(queue, trade.size, order.remaining(), market.lot);
                    (turn.min(left), Liquidity::Made)
                } else if at_price && (queues || limit_fill == LimitFill::Through) {
                    return None;
                } else {
                    (left, Liquidity::Made)
                }
            }
            _ => return None,
        };
        let quantity = order
            .remaining()
            .min(wanted)
            .round_to(market.lot, Rounding::Floor)
            .ok()?;
        let kills = order.is_fill_or_kill() && quantity < order.remaining();
        if !quantity.is_positive() || kills || is_barred_short(order, market, liquidity) {
            return None;
        }
        let price = match liquidity {
            Liquidity::Auction => trade.price,
            Liquidity::Made => order.limit,
            Liquidity::Taken => {
                let shown = Shown {
                    spread: None,
                    volume: Volume::from_quantity(trade.size),
                };
                let slippage = self.config.slippage;
                let slipped =
                    slippage.worsen(order.side, trade.price, quantity, &shown, market.tick)?;
                market.held_within_bands(order.held_to_limit(slipped))
            }
        };
        market.within_bands(price).then_some(Execution {
            quantity,
            price,
            reference: if liquidity == Liquidity::Made {
                price
            } else {
                trade.price
            },
            time: trade.time,
            liquidity,
        })
    }
}

/// Under the Rule 201 restriction a short sale trades only above the best bid: resting, at a price
/// above the bid shown; never where no bid is known.
fn is_barred_short(order: &WorkingOrder, market: &Market, liquidity: Liquidity) -> bool {
    let short = order.short_mark == Some(ShortMark::Short) && order.side == Side::Sell;
    market.short_restricted
        && short
        && !(liquidity == Liquidity::Made && market.best_bid().is_some_and(|bid| order.limit > bid))
}
