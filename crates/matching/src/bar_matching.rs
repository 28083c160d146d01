//! Matching against bars: opening auction, the path through the bar, closing auction, end of day;
//! and what orders that arrive while a bar is processed may still do in it.

use trader_domain::{
    Bar, BrokerReport, InstrumentId, Quantity, ReportKind, Rounding, Session, ShortMark, Side,
    TimeInForce, Timeframe, Timestamp,
};

use crate::bar_event::Point;
use crate::exchange::Exchange;
use crate::execution::{Execution, Outcome};
use crate::id_ring::NONE;
use crate::market::{LastBar, Market};
use crate::reach::{At, Hit, Liquidity, Path, Reach};
use crate::session::{utc_day, utc_day_end};
use crate::slippage::Shown;
use crate::working_order::{Style, WorkingOrder};

/// The bar being matched and its place in the day.
#[derive(Debug, Clone, Copy)]
struct BarContext {
    instrument: InstrumentId,
    bar: LastBar,
    path: Path,
    hours: Session,
    /// Begins with the opening auction.
    opening: bool,
    /// Ends with the closing auction.
    closing: bool,
    scope: Scope,
}

/// How much of a day a context is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// A bar within the day.
    Bar,
    /// A bar that is a whole trading day.
    WholeSession,
    /// What is left of a bar for orders that came while it was processed.
    Rest,
}

impl BarContext {
    /// Whether an order was there when this bar began and may trade in these hours.
    fn admits(&self, order: &WorkingOrder) -> bool {
        (self.scope == Scope::Rest || order.arrived <= self.bar.start)
            && order.expires > self.bar.start
            && (self.hours == Session::Regular || order.session == Session::Extended)
    }
}

impl Exchange {
    /// A finished bar. Without working orders in its instrument this only remembers it.
    #[inline(always)]
    pub fn on_bar(&mut self, bar: &Bar, reports: &mut Vec<BrokerReport>) {
        self.on_time(bar.received, reports);
        let Some(market) = self.markets.get_mut(bar.instrument.index()) else {
            self.ignored_events += 1;
            return;
        };
        self.bar_event.open(bar.instrument);
        if market.head == NONE {
            market.bar = LastBar::of(bar);
        } else {
            self.meet_bar(bar, reports);
        }
        if !self.combinations.is_empty() {
            self.match_combinations(bar.instrument, bar.time, Some(bar.start), reports);
        }
    }

    #[inline(never)] // where nothing works, nothing of this is needed
    fn meet_bar(&mut self, bar: &Bar, reports: &mut Vec<BrokerReport>) {
        if let Some(market) = self.markets.get_mut(bar.instrument.index()) {
            let previous = std::mem::replace(&mut market.bar, LastBar::of(bar));
            self.match_bar(bar, &previous, reports);
        }
    }

    fn match_bar(&mut self, bar: &Bar, previous: &LastBar, reports: &mut Vec<BrokerReport>) {
        if bar.validate().is_err() {
            self.ignored_events += 1;
            return;
        }
        // A bar that begins before the newest data ended sums up what was matched already: a
        // daily bar after its minutes, a minute after its prints. A print at the very beginning of
        // a bar is in it; a bar that ended there is not.
        let met_already = self
            .markets
            .get(bar.instrument.index())
            .is_some_and(|market| {
                bar.start <= market.printed
                    || bar.start < market.quote.time
                    || bar.start < previous.end
            });
        if met_already {
            return;
        }
        let context = self.context(bar, previous.start);
        if !self.is_halted(context.instrument) {
            for stretch in 0..context.path.reaches().len() {
                self.for_each_order(context.instrument, |exchange, slot| {
                    exchange.act_on_stretch(slot, &context, stretch, reports);
                });
            }
        }
        self.for_each_order(context.instrument, |exchange, slot| {
            exchange.act_on_end(slot, &context, reports);
        });
    }

    fn context(&mut self, bar: &Bar, previous_start: Timestamp) -> BarContext {
        let whole_session = bar.timeframe == Timeframe::Session;
        let (regular, opening, closing) = if whole_session {
            (true, true, true)
        } else if self.sessions.is_scheduled() {
            self.sessions
                .day(bar.start)
                .map_or((false, false, false), |day| {
                    let holds = |instant| bar.start <= instant && instant < bar.time;
                    (
                        bar.start >= day.open && bar.start < day.close,
                        holds(day.open),
                        bar.start < day.close && day.close <= bar.time,
                    )
                })
        } else {
            let first_of_day = utc_day(bar.start) != utc_day(previous_start);
            (true, first_of_day, false)
        };
        let last = LastBar::of(bar);
        BarContext {
            instrument: bar.instrument,
            bar: last,
            path: Path::of(&last, self.config.path_model()),
            hours: if regular {
                Session::Regular
            } else {
                Session::Extended
            },
            opening,
            closing,
            scope: if whole_session {
                Scope::WholeSession
            } else {
                Scope::Bar
            },
        }
    }

    fn is_halted(&self, instrument: InstrumentId) -> bool {
        self.markets
            .get(instrument.index())
            .is_none_or(|market| !market.is_open())
    }

    /// Visits the orders of an instrument in order of arrival, while they may leave the list.
    pub(crate) fn for_each_order(
        &mut self,
        instrument: InstrumentId,
        mut visit: impl FnMut(&mut Self, u32),
    ) {
        let mut slot = self
            .markets
            .get(instrument.index())
            .map_or(NONE, |market| market.head);
        while let Some(order) = self.orders.get(slot) {
            self.cursor = order.next;
            visit(self, slot);
            slot = self.cursor;
        }
        self.cursor = NONE;
    }

    fn act_on_stretch(
        &mut self,
        slot: u32,
        context: &BarContext,
        stretch: usize,
        reports: &mut Vec<BrokerReport>,
    ) {
        let Some(order) = self.orders.get(slot) else {
            return;
        };
        if !context.admits(order) || self.yields_to_stop(slot, order, context) {
            return;
        }
        let Some(reach) = context.path.reaches().get(stretch).copied() else {
            return;
        };
        let rule = self.config.limit_fill;
        let Some(order) = self.orders.get_mut(slot) else {
            return;
        };
        let at_once = order.is_at_once();
        let hit = match order.style {
            Style::AtOpen | Style::LimitAtOpen if context.opening && stretch == 0 => {
                auction_hit(order, context.bar.open)
            }
            _ if at_once => Reach::point(reach.first).attempt(order, rule),
            _ => reach.attempt(order, rule),
        };
        let (id, arrived) = (order.id, order.arrived);
        let mut outcome = Outcome::Nothing;
        if let Some(hit) = hit {
            let at_start = stretch == 0 && hit.at == At::First && context.scope != Scope::Rest;
            let time = if at_start {
                context.bar.start
            } else {
                context.bar.end
            };
            outcome = self.trade_in_bar(slot, hit, &context.bar, time, reports);
            if outcome != Outcome::Nothing {
                let point = if context.scope == Scope::Rest {
                    Point::Close
                } else {
                    Point::OnPath {
                        stretch,
                        price: hit.price,
                        at: hit.at,
                    }
                };
                self.bar_event.executed(id, point);
            }
        }
        if at_once && outcome != Outcome::Done {
            self.cancel_rest_if_at_once(slot, context.bar.start.max(arrived), reports);
        }
    }

    /// A limit order whose OCO sibling is a stop that this bar may hit leaves the bar to the stop:
    /// the bar does not say which came first, so the worse is assumed, always.
    fn yields_to_stop(&self, slot: u32, order: &WorkingOrder, context: &BarContext) -> bool {
        if order.style != Style::Limit || order.oco_next == NONE {
            return false;
        }
        let mut sibling = order.oco_next;
        while sibling != slot {
            let Some(other) = self.orders.get(sibling) else {
                return false;
            };
            let fills_first = match other.style {
                Style::Stop | Style::StopLimit | Style::Trailing(_) => {
                    !other.trigger.is_zero() && context.path.may_trigger(other.side, other.trigger)
                }
                // A stop that was triggered earlier and has a part left.
                Style::Market => true,
                _ => false,
            };
            if fills_first && other.instrument == order.instrument && context.admits(other) {
                return true;
            }
            sibling = other.oco_next;
        }
        false
    }

    /// The closing auction, and the end of orders for the day.
    fn act_on_end(&mut self, slot: u32, context: &BarContext, reports: &mut Vec<BrokerReport>) {
        let halted = self.is_halted(context.instrument);
        let Some(order) = self.orders.get(slot) else {
            return;
        };
        let (style, id) = (order.style, order.id);
        let was_there = order.arrived < context.bar.end && order.expires >= context.bar.end;
        let in_closing =
            matches!(style, Style::AtClose | Style::LimitAtClose) && context.closing && was_there;
        if in_closing && !halted {
            let hit = auction_hit(order, context.bar.close);
            if let Some(hit) = hit {
                let time = context.bar.end;
                match self.trade_in_bar(slot, hit, &context.bar, time, reports) {
                    Outcome::Done => return self.bar_event.executed(id, Point::Close),
                    Outcome::Part => self.bar_event.executed(id, Point::Close),
                    Outcome::Nothing => {}
                }
            }
        }
        self.expire_by_data(slot, context, in_closing, reports);
    }

    /// Orders for the day end with the auction they were meant for, with a session bar, or, without
    /// a calendar, with the UTC day of the first bar they saw.
    fn expire_by_data(
        &mut self,
        slot: u32,
        context: &BarContext,
        in_closing: bool,
        reports: &mut Vec<BrokerReport>,
    ) {
        let scheduled = self.sessions.is_scheduled();
        let Some(order) = self.orders.get_mut(slot) else {
            return;
        };
        let saw_all = order.arrived <= context.bar.start;
        let ends = match (order.style, order.time_in_force) {
            (Style::AtOpen | Style::LimitAtOpen, _) => context.opening && saw_all,
            (Style::AtClose | Style::LimitAtClose, _) if in_closing => true,
            (_, TimeInForce::Day) if context.scope == Scope::WholeSession => saw_all,
            (_, TimeInForce::Day | TimeInForce::Cls) if !scheduled && saw_all => {
                if order.expires == Timestamp::MAX {
                    order.expires = utc_day_end(context.bar.start);
                    self.expiry = self.expiry.min(order.expires);
                    self.deadline = self.deadline.min(order.expires.saturating_add(1));
                }
                false
            }
            _ => false,
        };
        if ends {
            self.end(slot, context.bar.end, ReportKind::Expired, reports);
        }
    }

    /// Lets a hit become an execution, as far as volume, bands and short-sale rules allow.
    fn trade_in_bar(
        &mut self,
        slot: u32,
        hit: Hit,
        bar: &LastBar,
        time: Timestamp,
        reports: &mut Vec<BrokerReport>,
    ) -> Outcome {
        let Some(execution) = self.execution_in_bar(slot, hit, bar, time) else {
            return Outcome::Nothing;
        };
        let Some(instrument) = self.orders.get(slot).map(|order| order.instrument) else {
            return Outcome::Nothing;
        };
        let outcome = self.execute(slot, execution, reports);
        if outcome != Outcome::Nothing
            && let Some(market) = self.market_mut(instrument)
        {
            let used = market.bar.used.checked_add(execution.quantity);
            market.bar.used = used.unwrap_or(Quantity::MAX);
        }
        outcome
    }

    fn execution_in_bar(
        &self,
        slot: u32,
        hit: Hit,
        bar: &LastBar,
        time: Timestamp,
    ) -> Option<Execution> {
        let order = self.orders.get(slot)?;
        let market = self.markets.get(order.instrument.index())?;
        if !market.within_bands(hit.price) || is_barred_short(order, market, hit) {
            return None;
        }
        let quantity = order
            .remaining()
            .min(self.volume_left(market, bar))
            .round_to(market.lot, Rounding::Floor)
            .ok()?;
        let kills = order.is_fill_or_kill() && quantity < order.remaining();
        if !quantity.is_positive() || kills {
            return None;
        }
        let price = if hit.liquidity == Liquidity::Taken {
            let shown = Shown {
                spread: None,
                volume: bar.volume,
            };
            let slippage = self.config.slippage;
            let slipped = slippage.worsen(order.side, hit.price, quantity, &shown, market.tick)?;
            // No price outside the bar was there to be traded.
            let in_bar = slipped.max(bar.low).min(bar.high);
            market.held_within_bands(order.held_to_limit(in_bar))
        } else {
            hit.price
        };
        Some(Execution {
            quantity,
            price,
            reference: hit.price,
            time,
            liquidity: hit.liquidity,
        })
    }

    /// What our orders may still trade of a bar's volume.
    pub(crate) fn volume_left(&self, market: &Market, bar: &LastBar) -> Quantity {
        match self.config.participation {
            None => Quantity::MAX,
            Some(rate) => bar
                .volume
                .share(rate)
                .and_then(|allowed| allowed.checked_sub(market.bar.used))
                .unwrap_or(Quantity::ZERO)
                .max(Quantity::ZERO),
        }
    }

    /// Lets orders that came in while the last bar was processed act on what is left of it: exits
    /// of an entry that filled in it, and market orders under [`crate::FillRule::ThisClose`].
    ///
    /// Call it after the orders that answer the event's reports were submitted, until it reports
    /// nothing more.
    pub fn settle(&mut self, reports: &mut Vec<BrokerReport>) {
        if self.bar_event.waiting.is_empty() {
            return;
        }
        let mut waiting = std::mem::take(&mut self.bar_event.waiting);
        for stretch in 0..3 {
            for entry in &waiting {
                if self.by_id.get(entry.order.0) == Some(entry.slot) {
                    self.settle_one(entry.slot, entry.instrument, entry.from, stretch, reports);
                }
            }
        }
        waiting.clear();
        // Orders that came in through nothing but submit; the vector only keeps its room.
        if self.bar_event.waiting.is_empty() {
            self.bar_event.waiting = waiting;
        }
    }

    fn settle_one(
        &mut self,
        slot: u32,
        instrument: InstrumentId,
        from: Point,
        stretch: usize,
        reports: &mut Vec<BrokerReport>,
    ) {
        let Some(market) = self.markets.get(instrument.index()) else {
            return;
        };
        if !market.is_open() {
            return;
        }
        let bar = market.bar;
        let path = match from {
            Point::Close => Path::point(bar.close),
            Point::OnPath { stretch, price, at } => {
                Path::of(&bar, self.config.path_model()).rest(stretch, price, at)
            }
        };
        let context = BarContext {
            instrument,
            bar,
            path,
            hours: Session::Regular,
            opening: false,
            closing: false,
            scope: Scope::Rest,
        };
        self.act_on_stretch(slot, &context, stretch, reports);
    }
}

/// An auction trades at its one price whatever is asked at worst.
fn auction_hit(order: &WorkingOrder, price: trader_domain::Price) -> Option<Hit> {
    let acceptable = !order.has_limit()
        || match order.side {
            Side::Buy => price <= order.limit,
            Side::Sell => price >= order.limit,
        };
    acceptable.then_some(Hit {
        price,
        at: At::First,
        liquidity: Liquidity::Auction,
    })
}

/// Under the Rule 201 restriction a short sale may not trade at or below the best bid. A bar shows
/// no bid, so only a resting limit order that the market rose to is known to be above it.
fn is_barred_short(order: &WorkingOrder, market: &Market, hit: Hit) -> bool {
    market.short_restricted
        && order.short_mark == Some(ShortMark::Short)
        && hit.liquidity != Liquidity::Made
}
