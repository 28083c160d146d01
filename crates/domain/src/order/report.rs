//! What a broker or simulated exchange tells about an order.

use crate::ids::{BrokerOrderId, ExecutionId, OrderId};
use crate::money::{Money, Price, Quantity};
use crate::order::ReplaceRequest;
use crate::time::Timestamp;

/// One message about one order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct BrokerReport {
    /// Our order.
    pub order: OrderId,
    /// When it happened at the broker.
    pub time: Timestamp,
    /// When we had it.
    pub received: Timestamp,
    /// What happened.
    pub kind: ReportKind,
}

/// What happened to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum ReportKind {
    /// The broker works the order.
    Accepted {
        /// The broker's id for it.
        broker_order: BrokerOrderId,
    },
    /// The broker refused the order: evidence that it does not live.
    Rejected(RejectReason),
    /// A part or all of it traded.
    Filled(Fill),
    /// An earlier execution was cancelled by the venue.
    Busted {
        /// Which execution.
        execution: ExecutionId,
    },
    /// It will not trade any more.
    Canceled(CancelCause),
    /// Its time in force ran out.
    Expired,
    /// The replacement is in force.
    Replaced(ReplaceRequest),
    /// The replacement was refused; the order works on as it was.
    ReplaceRejected(RejectReason),
    /// The cancellation was refused; the order works on as it was (or was done already).
    CancelRejected(RejectReason),
    /// The broker holds the order back for a while.
    Suspended,
}

/// One execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Fill {
    /// The broker's id of the execution: the key that makes applying it idempotent.
    pub execution: ExecutionId,
    /// For a multi-leg order, the index of the leg; zero otherwise.
    pub leg: u8,
    /// How much; positive.
    pub quantity: Quantity,
    /// At what price.
    pub price: Price,
    /// The broker's commission; negative is a rebate.
    pub commission: Money,
    /// Regulatory and exchange fees.
    pub fees: Money,
    /// What the fill cost against the price the market showed before it (positive is worse), for
    /// cost attribution; zero where it is not known.
    pub slippage: Money,
}

/// Why a broker refused.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum RejectReason {
    /// Not enough buying power.
    InsufficientFunds,
    /// The instrument is not known or not tradable there.
    UnknownInstrument,
    /// The instrument is halted.
    Halted,
    /// The market is closed for this kind of order.
    MarketClosed,
    /// The order type, TIF or combination is not supported.
    Unsupported,
    /// A price off the grid or outside the bands.
    InvalidPrice,
    /// A quantity off the lot or out of range.
    InvalidQuantity,
    /// The client order id was used before.
    DuplicateId,
    /// There is no such order, or it is already done.
    UnknownOrder,
    /// Too late for the auction or for the change.
    TooLate,
    /// There is no price to trade at.
    NoPrice,
    /// No shares to borrow.
    NoBorrow,
    /// Anything else; the text is in the journal's note.
    Other,
}

/// Why an order was cancelled.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum CancelCause {
    /// We asked for it.
    Requested,
    /// The rest of an IOC, or a FOK that could not fill whole.
    NotFilledAtOnce,
    /// Another order of its OCO group traded or ended.
    Oco,
    /// The instrument was delisted.
    Delisted,
    /// The broker's own decision.
    Broker,
    /// A corporate action removed resting orders.
    CorporateAction,
}
