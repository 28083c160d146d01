//! Everything that can enter the core, in one enum: what is not here cannot influence a decision.

use std::sync::Arc;

use crate::corporate_action::CorporateAction;
use crate::ids::{InstrumentId, OrderId, StrategyId, TimerId};
use crate::market::{Bar, BookDelta, Quote, Trade, TradingStatus};
use crate::news::NewsItem;
use crate::order::BrokerReport;
use crate::signal::Signal;
use crate::time::Timestamp;

/// A market-data event.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum MarketEvent {
    /// A finished bar.
    Bar(Bar),
    /// A new best bid and offer.
    Quote(Quote),
    /// A print.
    Trade(Trade),
    /// A change of one book level.
    Book(BookDelta),
    /// A halt, resumption or band change.
    Status(TradingStatus),
    /// A split, dividend, merger, rename or delisting takes effect.
    CorporateAction(CorporateAction),
    /// A news item.
    News(Arc<NewsItem>),
}

impl MarketEvent {
    /// When we had it: the instant at which it may influence a decision.
    pub fn received(&self) -> Timestamp {
        match self {
            Self::Bar(bar) => bar.received,
            Self::Quote(quote) => quote.received,
            Self::Trade(trade) => trade.received,
            Self::Book(delta) => delta.received,
            Self::Status(status) => status.received,
            Self::CorporateAction(action) => action.effective,
            Self::News(item) => item.received,
        }
    }
}

/// Whether and how far trading is allowed.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Default,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum TradingState {
    /// Everything the limits allow.
    #[default]
    Active,
    /// Only orders that reduce a position.
    Reducing,
    /// Only cancellations.
    Halted,
}

/// What an operator (or a breaker acting for one) orders the core to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum OperatorCommand {
    /// Sets the trading state; loosening it is the kill switch's business, checked before it gets here.
    SetTradingState(TradingState),
    /// Cancels one order.
    Cancel(OrderId),
    /// Cancels all working orders.
    CancelAll,
    /// Cancels all and closes all positions with market orders, each through the gate.
    Flatten,
    /// Pauses one strategy: its proposals are refused, its exits live on.
    PauseStrategy(StrategyId),
    /// Resumes it.
    ResumeStrategy(StrategyId),
    /// Puts an instrument on the restricted list.
    Restrict(InstrumentId),
    /// Takes it off.
    Unrestrict(InstrumentId),
}

/// One input of the core.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Event {
    /// Market data.
    Market(MarketEvent),
    /// A broker's report.
    Broker(BrokerReport),
    /// A timer that the core asked for has fired.
    Timer(TimerId),
    /// An operator's command.
    Command(OperatorCommand),
    /// A model's output.
    Signal(Signal),
    /// Time passes without anything else happening (session boundaries, heartbeats).
    Clock,
}

/// An event with its place in the journal.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SequencedEvent {
    /// Position in the journal, from 1, without gaps.
    pub sequence: u64,
    /// The time at which the core processes it; never decreases.
    pub time: Timestamp,
    /// What happened.
    pub event: Event,
}
