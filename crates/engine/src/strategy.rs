//! The `Strategy` trait: the same code in backtest, paper and live trading.
//!
//! A strategy is told what happened and answers by recording actions in its [`Context`]; it can
//! neither reach a broker nor see data before it was received. Everything it may read is the
//! core's state at the event; everything it asks for is judged by the gate.

use thiserror::Error;
use trader_broker::{Account, Mark};
use trader_domain::{
    Bar, BookDelta, Fill, InstrumentId, Instruments, NewsItem, OcoGroupId, OrderId, OrderIntent,
    Quantity, Quote, ReplaceRequest, Side, Signal, StrategyId, TimerId, Timestamp, Trade,
};

use crate::core::MarketState;
use crate::orders::{OrderStatusChange, Orders};
use crate::portfolio::Portfolio;

/// Which market data a strategy wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataNeeds {
    /// Which instruments; `None` means all in the run.
    pub instruments: Option<Vec<InstrumentId>>,
    /// Which kinds of events.
    pub kinds: DataKinds,
    /// Events of each instrument that it must see before its first signal can be trusted. The core
    /// feeds them without a difference; reports mark the warm-up period.
    pub warm_up: usize,
}

/// Kinds of market data as a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct DataKinds(u8);

impl DataKinds {
    /// Bars.
    pub const BARS: Self = Self(1);
    /// Quotes.
    pub const QUOTES: Self = Self(1 << 1);
    /// Trades.
    pub const TRADES: Self = Self(1 << 2);
    /// Book changes.
    pub const BOOK: Self = Self(1 << 3);
    /// News.
    pub const NEWS: Self = Self(1 << 4);
    /// Model signals.
    pub const SIGNALS: Self = Self(1 << 5);

    /// A call after all bars of one instant ([`Strategy::on_bars_complete`]).
    pub const BATCHES: Self = Self(1 << 6);

    /// Both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of `other` is in here.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// A fill of one of the strategy's own orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FillNotice {
    /// Which order.
    pub order: OrderId,
    /// In which instrument.
    pub instrument: InstrumentId,
    /// Bought or sold.
    pub side: Side,
    /// The execution.
    pub fill: Fill,
    /// The strategy's position afterwards.
    pub position: Quantity,
}

/// Trading logic. Methods that a strategy does not need keep their empty defaults.
pub trait Strategy: Send {
    /// What it must be given.
    fn needs(&self) -> DataNeeds;

    /// Before the first event.
    fn on_start(&mut self, _context: &mut Context<'_>) {}

    /// A bar has finished.
    fn on_bar(&mut self, _bar: &Bar, _context: &mut Context<'_>) {}

    /// All bars of one instant have been delivered; the place for cross-sectional decisions.
    fn on_bars_complete(&mut self, _time: Timestamp, _context: &mut Context<'_>) {}

    /// The best bid and offer changed.
    fn on_quote(&mut self, _quote: &Quote, _context: &mut Context<'_>) {}

    /// A print.
    fn on_trade(&mut self, _trade: &Trade, _context: &mut Context<'_>) {}

    /// A book level changed.
    fn on_book(&mut self, _delta: &BookDelta, _context: &mut Context<'_>) {}

    /// News.
    fn on_news(&mut self, _item: &NewsItem, _context: &mut Context<'_>) {}

    /// A model's opinion.
    fn on_signal(&mut self, _signal: &Signal, _context: &mut Context<'_>) {}

    /// One of its orders traded.
    fn on_fill(&mut self, _notice: &FillNotice, _context: &mut Context<'_>) {}

    /// One of its orders changed state, refusals by the gate included.
    fn on_order(&mut self, _change: &OrderStatusChange, _context: &mut Context<'_>) {}

    /// A split of an instrument: state in prices or shares must follow. `to` new for `from` old.
    fn on_split(&mut self, _instrument: InstrumentId, _to: u32, _from: u32) {}

    /// A timer it set has fired.
    fn on_timer(&mut self, _timer: TimerId, _context: &mut Context<'_>) {}

    /// After the last event; orders asked for here are not sent in a backtest, where no market
    /// follows.
    fn on_stop(&mut self, _context: &mut Context<'_>) {}

    /// Writes all state that influences later decisions; the core's state hash covers it.
    fn snapshot(&self, out: &mut Vec<u8>);

    /// Takes up a state written by [`Strategy::snapshot`] of a strategy with the same parameters.
    ///
    /// # Errors
    /// [`RestoreError`] when the bytes are not such a state; the strategy is then unchanged.
    fn restore(&mut self, bytes: &[u8]) -> Result<(), RestoreError>;
}

/// Bytes that are not a state of this strategy.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the saved state does not belong to this strategy and parameters: {reason}")]
pub struct RestoreError {
    /// What does not fit.
    pub reason: String,
}

/// What a strategy asks the core to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// Propose an order under the id given out, perhaps as one of an OCO group.
    Submit(OrderId, OrderIntent, Option<OcoGroupId>),
    /// Cancel a working order.
    Cancel(OrderId),
    /// Change a working order.
    Replace(ReplaceRequest),
    /// Wake me up.
    SetTimer(TimerId, Timestamp),
}

/// What a strategy may see and do during one event.
pub struct Context<'a> {
    pub(crate) now: Timestamp,
    pub(crate) strategy: StrategyId,
    pub(crate) instruments: &'a Instruments,
    pub(crate) market: &'a MarketState,
    pub(crate) portfolio: &'a Portfolio,
    pub(crate) orders: &'a Orders,
    pub(crate) next_order: &'a mut u64,
    pub(crate) next_timer: &'a mut u64,
    pub(crate) actions: &'a mut Vec<(StrategyId, Action)>,
}

impl Context<'_> {
    /// The core's time.
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// The run's instruments.
    pub const fn instruments(&self) -> &Instruments {
        self.instruments
    }

    /// The strategy's own position in an instrument, short negative.
    pub fn position(&self, instrument: InstrumentId) -> Quantity {
        self.portfolio.strategy_position(self.strategy, instrument)
    }

    /// Signed quantity of the strategy's own orders that still work in an instrument.
    pub fn pending(&self, instrument: InstrumentId) -> Quantity {
        self.orders
            .pending(self.strategy)
            .get(instrument.index())
            .copied()
            .unwrap_or(Quantity::ZERO)
    }

    /// What is known of an instrument's market.
    pub fn mark(&self, instrument: InstrumentId) -> Option<&Mark> {
        self.market.mark(instrument)
    }

    /// The account.
    pub const fn account(&self) -> &Account {
        self.portfolio.account()
    }

    /// Proposes an order. The id is final; whether the order leaves is the gate's decision, told
    /// by [`Strategy::on_order`].
    pub fn submit(&mut self, intent: OrderIntent) -> OrderId {
        let id = self.take_order_id();
        self.actions
            .push((self.strategy, Action::Submit(id, intent, None)));
        id
    }

    /// Proposes two orders of which one execution reduces or cancels the other.
    pub fn submit_oco(&mut self, first: OrderIntent, second: OrderIntent) -> [OrderId; 2] {
        let ids = [self.take_order_id(), self.take_order_id()];
        let group = Some(OcoGroupId(ids[0].0));
        for (id, intent) in ids.into_iter().zip([first, second]) {
            self.actions
                .push((self.strategy, Action::Submit(id, intent, group)));
        }
        ids
    }

    /// Cancels one of the strategy's own orders; unknown or finished ones are ignored.
    pub fn cancel(&mut self, order: OrderId) {
        self.actions.push((self.strategy, Action::Cancel(order)));
    }

    /// Proposes new terms for one of the strategy's own orders.
    pub fn replace(&mut self, terms: ReplaceRequest) {
        self.actions.push((self.strategy, Action::Replace(terms)));
    }

    /// Asks for [`Strategy::on_timer`] at `at` or as soon after it as the driver can.
    pub fn set_timer(&mut self, at: Timestamp) -> TimerId {
        let id = TimerId(*self.next_timer);
        *self.next_timer += 1;
        self.actions.push((self.strategy, Action::SetTimer(id, at)));
        id
    }

    fn take_order_id(&mut self) -> OrderId {
        let id = OrderId(*self.next_order);
        *self.next_order += 1;
        id
    }
}
