//! Matching against what is displayed: best bid and offer, or the book. Orders that take walk the
//! levels shown; orders that rest fill when the other side comes to them.
//!
//! What our orders took of a level stays taken until the level is shown anew, so that an order
//! does not trade against the same shares twice.

use trader_domain::{
    BookDelta, BookSide, BrokerReport, InstrumentId, Price, Quantity, Quote, Rounding, Session,
    ShortMark, Side, TimeInForce, Timestamp, Volume,
};

use crate::config::{DisplayedSize, LimitFill};
use crate::depth::Level;
use crate::exchange::Exchange;
use crate::execution::{Execution, Outcome};
use crate::id_ring::NONE;
use crate::market::Market;
use crate::queue::{QueueModel, QueuePlace};
use crate::reach::{Liquidity, follow};
use crate::session::utc_day_end;
use crate::slippage::Shown;
use crate::working_order::{Style, WorkingOrder};

impl Market {
    /// The level that an order of `side` would take, `rank` places behind the best.
    pub(crate) fn offered(&self, side: Side, rank: usize) -> Option<Level> {
        let against = match side {
            Side::Buy => BookSide::Ask,
            Side::Sell => BookSide::Bid,
        };
        match &self.book {
            Some(depth) => depth.level(against, rank),
            None if rank == 0 => self.quote.level(against),
            None => None,
        }
    }

    pub(crate) fn take_offered(&mut self, side: Side, rank: usize, quantity: Quantity) {
        let against = match side {
            Side::Buy => BookSide::Ask,
            Side::Sell => BookSide::Bid,
        };
        match &mut self.book {
            Some(depth) => depth.take(against, rank, quantity),
            None => self.quote.take(against, quantity),
        }
    }

    /// The size of others at the price of a resting order of `side`; `None` where a quote does
    /// not show that level.
    fn size_beside(&self, side: Side, price: Price) -> Option<Quantity> {
        let own = match side {
            Side::Buy => BookSide::Bid,
            Side::Sell => BookSide::Ask,
        };
        if let Some(depth) = &self.book {
            return Some(depth.size_at(own, price));
        }
        let best = self.quote.level(own)?;
        let better = match side {
            Side::Buy => price > best.price,
            Side::Sell => price < best.price,
        };
        if price == best.price {
            Some(best.size)
        } else {
            better.then_some(Quantity::ZERO)
        }
    }

    /// Whether anything was ever displayed: then takers trade there and not on prints.
    pub(crate) fn is_displayed(&self) -> bool {
        self.book.is_some() || self.quote.time > Timestamp::MIN
    }

    fn spread(&self) -> Option<Price> {
        let bid = self.offered(Side::Sell, 0)?.price;
        let ask = self.offered(Side::Buy, 0)?.price;
        ask.checked_sub(bid).ok().filter(|s| s.is_positive())
    }

    fn midpoint(&self) -> Option<Price> {
        let bid = self.offered(Side::Sell, 0)?.price;
        self.spread()?
            .scale(1, 2, Rounding::HalfEven)
            .and_then(|half| bid.checked_add(half))
            .ok()
    }
}

/// Whether `price` is as good as `limit` for an order of `side`, or better.
pub(crate) fn acceptable(side: Side, limit: Price, price: Price) -> bool {
    match side {
        Side::Buy => price <= limit,
        Side::Sell => price >= limit,
    }
}

/// Whether the market at `price` has reached the trigger of a stop of `side`.
pub(crate) fn triggers(side: Side, trigger: Price, price: Price) -> bool {
    match side {
        Side::Buy => price >= trigger,
        Side::Sell => price <= trigger,
    }
}

impl Exchange {
    /// A new best bid and offer. Without working orders in its instrument this only remembers it.
    #[inline]
    pub fn on_quote(&mut self, quote: &Quote, reports: &mut Vec<BrokerReport>) {
        self.on_time(quote.received, reports);
        let Some(market) = self.markets.get_mut(quote.instrument.index()) else {
            self.ignored_events += 1;
            return;
        };
        market.quote.show(quote);
        if market.head != NONE && market.book.is_none() {
            self.match_displayed(quote.instrument, quote.time, reports);
        }
        if !self.combinations.is_empty() {
            self.match_combinations(quote.instrument, quote.time, None, reports);
        }
    }

    /// A change of one book level.
    #[inline]
    pub fn on_book(&mut self, delta: &BookDelta, reports: &mut Vec<BrokerReport>) {
        self.on_time(delta.received, reports);
        let Some(market) = self.markets.get_mut(delta.instrument.index()) else {
            self.ignored_events += 1;
            return;
        };
        market.quote.time = delta.time;
        market.book.get_or_insert_default().apply(delta);
        if market.head != NONE {
            self.match_displayed(delta.instrument, delta.time, reports);
        }
        if !self.combinations.is_empty() {
            self.match_combinations(delta.instrument, delta.time, None, reports);
        }
    }

    fn match_displayed(
        &mut self,
        instrument: InstrumentId,
        time: Timestamp,
        reports: &mut Vec<BrokerReport>,
    ) {
        let Some(market) = self.markets.get(instrument.index()) else {
            return;
        };
        if !market.is_open() {
            return;
        }
        let (bid, ask) = (market.offered(Side::Sell, 0), market.offered(Side::Buy, 0));
        if let (Some(bid), Some(ask)) = (bid, ask)
            && bid.price > ask.price
        {
            // A crossed market has no price to trust.
            self.ignored_events += 1;
            return;
        }
        self.for_each_order(instrument, |exchange, slot| {
            if exchange.may_act(slot, time) {
                exchange.meet_displayed(slot, instrument, time, reports);
            }
        });
    }

    /// Whether an order was there by `time`, is still alive, and may trade in these hours. Starts
    /// the day of an order whose day follows the data.
    pub(crate) fn may_act(&mut self, slot: u32, time: Timestamp) -> bool {
        let scheduled = self.sessions.is_scheduled();
        let Some(order) = self.orders.get_mut(slot) else {
            return false;
        };
        if order.arrived > time || order.expires < time {
            return false;
        }
        if !scheduled {
            let for_the_day = matches!(order.time_in_force, TimeInForce::Day | TimeInForce::Cls);
            if for_the_day && order.expires == Timestamp::MAX && !order.is_for_opening() {
                order.expires = utc_day_end(time);
                self.expiry = self.expiry.min(order.expires);
                self.deadline = self.deadline.min(order.expires.saturating_add(1));
            }
            return true;
        }
        let (session, auction) = (order.session, order.is_for_auction());
        self.sessions.day(time).is_some_and(|day| match session {
            // Auction prints come a moment after the bell; their flag says what they are.
            Session::Regular if auction => true,
            Session::Regular => day.open <= time && time < day.close,
            Session::Extended => day.extended_open <= time && time < day.extended_close,
        })
    }

    fn meet_displayed(
        &mut self,
        slot: u32,
        instrument: InstrumentId,
        time: Timestamp,
        reports: &mut Vec<BrokerReport>,
    ) {
        let (Some(order), Some(market)) = (
            self.orders.get_mut(slot),
            self.markets.get(instrument.index()),
        ) else {
            return;
        };
        let touch = market.offered(order.side, 0);
        if let Some(touch) = touch {
            order.watch(touch.price);
        }
        let barred = market.short_restricted && order.short_mark == Some(ShortMark::Short);
        match order.style {
            _ if barred => self.rest(slot),
            Style::Market => self.take(slot, instrument, time, reports),
            Style::Limit if order.rests => self.be_taken(slot, instrument, time, reports),
            Style::Limit => {
                self.take(slot, instrument, time, reports);
                self.rest(slot);
            }
            _ => {}
        }
    }

    /// Takes what is offered, level by level, as far as the limit goes.
    fn take(
        &mut self,
        slot: u32,
        instrument: InstrumentId,
        time: Timestamp,
        reports: &mut Vec<BrokerReport>,
    ) {
        let Some((id, at_once)) = self
            .orders
            .get(slot)
            .map(|order| (order.id, order.is_at_once()))
        else {
            return;
        };
        let mut from = 0;
        while let Some((rank, execution)) = self.next_taking(slot, instrument, from, time) {
            let side = self.orders.get(slot).map(|order| order.side);
            let outcome = self.execute(slot, execution, reports);
            if outcome != Outcome::Nothing
                && let (Some(market), Some(side)) = (self.market_mut(instrument), side)
            {
                market.take_offered(side, rank, execution.quantity);
            }
            match outcome {
                Outcome::Done => return,
                Outcome::Part => from = rank + 1,
                Outcome::Nothing => break,
            }
        }
        if at_once && self.by_id.get(id.0) == Some(slot) {
            self.cancel_rest_if_at_once(slot, time, reports);
        }
    }

    /// The first level from rank `from` on of which something is left for our orders.
    fn next_left(&self, market: &Market, side: Side, mut from: usize) -> Option<(usize, Level)> {
        loop {
            let level = market.offered(side, from)?;
            if self.size_left(&level).is_positive() {
                return Some((from, level));
            }
            from += 1;
        }
    }

    /// What an order would take next, from the level at rank `from` on.
    fn next_taking(
        &self,
        slot: u32,
        instrument: InstrumentId,
        from: usize,
        time: Timestamp,
    ) -> Option<(usize, Execution)> {
        let order = self.orders.get(slot)?;
        let market = self.markets.get(instrument.index())?;
        let (rank, level) = self.next_left(market, order.side, from)?;
        let limit = order.has_limit().then_some(order.limit);
        if limit.is_some_and(|limit| !acceptable(order.side, limit, level.price)) {
            return None;
        }
        if order.time_in_force == TimeInForce::Fok
            && self.acceptable_size(order, market) < order.remaining()
        {
            return None;
        }
        let quantity = order
            .remaining()
            .min(self.size_left(&level))
            .round_to(market.lot, Rounding::Floor)
            .ok()?;
        if !quantity.is_positive() {
            return None;
        }
        let shown = Shown {
            spread: market.spread(),
            volume: Volume::from_quantity(level.size),
        };
        let slipped =
            self.config
                .slippage
                .worsen(order.side, level.price, quantity, &shown, market.tick)?;
        let price = market.held_within_bands(order.held_to_limit(slipped));
        let execution = Execution {
            quantity,
            price,
            reference: market.midpoint().unwrap_or(level.price),
            time,
            liquidity: Liquidity::Taken,
        };
        market
            .within_bands(level.price)
            .then_some((rank, execution))
    }

    fn size_left(&self, level: &Level) -> Quantity {
        match self.config.displayed_size {
            DisplayedSize::Shown => level.left(),
            DisplayedSize::Unlimited => Quantity::MAX,
        }
    }

    /// All that is offered at prices that an order accepts.
    fn acceptable_size(&self, order: &WorkingOrder, market: &Market) -> Quantity {
        let mut sum = Quantity::ZERO;
        let mut rank = 0;
        while let Some(level) = market.offered(order.side, rank) {
            if order.has_limit() && !acceptable(order.side, order.limit, level.price) {
                break;
            }
            sum = sum
                .checked_add(self.size_left(&level))
                .unwrap_or(Quantity::MAX);
            rank += 1;
        }
        sum
    }

    /// A limit order that found nothing to take rests at its price, behind what is there.
    fn rest(&mut self, slot: u32) {
        let Some(order) = self.orders.get_mut(slot) else {
            return;
        };
        if order.style != Style::Limit {
            return;
        }
        order.rests = true;
        let Some(market) = self.markets.get(order.instrument.index()) else {
            return;
        };
        if let Some(size) = market.size_beside(order.side, order.limit) {
            order.queue = QueuePlace::join(size);
        }
    }

    /// A resting order fills when the other side comes to its price; otherwise only its place in
    /// the queue may change.
    fn be_taken(
        &mut self,
        slot: u32,
        instrument: InstrumentId,
        time: Timestamp,
        reports: &mut Vec<BrokerReport>,
    ) {
        let (Some(order), Some(market)) =
            (self.orders.get(slot), self.markets.get(instrument.index()))
        else {
            return;
        };
        let (side, limit) = (order.side, order.limit);
        let crossing = self
            .next_left(market, side, 0)
            .filter(|(_, level)| acceptable(side, limit, level.price))
            .filter(|(_, level)| {
                self.config.limit_fill == LimitFill::Touch || level.price != limit
            });
        let Some((rank, level)) = crossing else {
            return self.update_queue(slot, instrument);
        };
        let left = self.size_left(&level);
        let Ok(quantity) = order
            .remaining()
            .min(left)
            .round_to(market.lot, Rounding::Floor)
        else {
            return;
        };
        if !quantity.is_positive() || !market.within_bands(limit) {
            return;
        }
        let execution = Execution {
            quantity,
            price: limit,
            reference: limit,
            time,
            liquidity: Liquidity::Made,
        };
        if self.execute(slot, execution, reports) != Outcome::Nothing
            && let Some(market) = self.market_mut(instrument)
        {
            market.take_offered(side, rank, quantity);
        }
    }

    fn update_queue(&mut self, slot: u32, instrument: InstrumentId) {
        let (Some(order), Some(market)) = (
            self.orders.get_mut(slot),
            self.markets.get(instrument.index()),
        ) else {
            return;
        };
        let Some(size) = market.size_beside(order.side, order.limit) else {
            return;
        };
        if order.queue.is_known() {
            let model = self.config.queue;
            order.queue.on_size(model, size, &mut self.queue_generator);
        } else {
            order.queue = QueuePlace::join(size);
        }
    }

    /// Whether resting orders wait for their turn in a queue.
    pub(crate) fn queues(&self) -> bool {
        self.config.queue != QueueModel::None
    }
}

impl WorkingOrder {
    /// Lets a price of the other side trigger the order or move its trail.
    pub(crate) fn watch(&mut self, price: Price) {
        let reached = !self.trigger.is_zero() && triggers(self.side, self.trigger, price);
        match self.style {
            Style::Stop if reached => self.style = Style::Market,
            Style::StopLimit if reached => self.style = Style::Limit,
            Style::Trailing(_) if reached => self.style = Style::Market,
            Style::Trailing(trail) => follow(self, trail, price),
            _ => {}
        }
    }

    /// A slipped price that would pass the limit stops at it.
    pub(crate) fn held_to_limit(&self, price: Price) -> Price {
        if self.has_limit() && !acceptable(self.side, self.limit, price) {
            self.limit
        } else {
            price
        }
    }
}
