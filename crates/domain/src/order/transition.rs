//! What a report or a request does to an order's life, and what it must not do.

use thiserror::Error;

use crate::ids::ExecutionId;
use crate::money::{MoneyError, Quantity};
use crate::order::{CancelCause, OrderStatus, RejectReason};

/// What a report changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a fill or an end that nobody looks at is a position that nobody knows of"]
pub enum Applied {
    /// The broker works the order from now on (first acceptance, or again after a suspension).
    Accepted,
    /// A part traded; the order lives on.
    PartFilled,
    /// The rest traded; the order is done.
    Filled,
    /// A fill for an order that had ended: counted, the end stays (unless it is whole now).
    LateFill,
    /// A fill beyond the ordered quantity: counted; the excess is a break to look into.
    OverFill {
        /// How much more than ordered has traded in all, in order units.
        excess: Quantity,
    },
    /// An execution was taken back; `status()` tells whether the order lives again.
    Busted,
    /// Cancelled, expired or rejected; `status()` tells which.
    Done,
    /// The new terms are in force.
    Replaced,
    /// The replacement was refused; the order works on as it was.
    ReplaceRefused,
    /// The cancellation was refused; the order works on as it was.
    CancelRefused,
    /// Held back by the broker.
    Suspended,
    /// Nothing changed.
    Ignored {
        /// Why not.
        why: IgnoredReport,
    },
}

/// Why a report changed nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IgnoredReport {
    /// It says what is known already.
    Duplicate,
    /// The order is done, and the report is not a fill.
    AlreadyDone,
    /// It refuses a request that is not pending (any more).
    NothingPending,
}

/// What asking for a cancellation means in the state the order is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "only `AwaitBroker` needs a message to the broker"]
pub enum CancelStep {
    /// The broker has to be asked.
    AwaitBroker,
    /// It was asked already; asking again is harmless.
    AlreadyPending,
    /// The order was never sent and is cancelled now.
    DoneLocally,
}

/// An illegal transition; the order stays as it was.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OrderStateError {
    /// An order of nothing, or of less than nothing.
    #[error("an order's quantity must be positive, found {0}")]
    QuantityNotPositive(Quantity),
    /// Legs without a ratio, or more than [`crate::order::MAX_LEGS`].
    #[error("an order has 1 to 4 legs with positive ratios")]
    BadLegs,
    /// A fill for a leg that the order does not have.
    #[error("the fill names leg {0}, which the order does not have")]
    UnknownLeg(u8),
    /// A fill of nothing, or of less than nothing.
    #[error("a fill's quantity must be positive, found {0}")]
    FillNotPositive(Quantity),
    /// The order was sent before.
    #[error("the order is {0:?}: it was sent already")]
    AlreadySent(OrderStatus),
    /// A broker spoke about an order that was never sent.
    #[error("a report for an order that was never sent")]
    NotSent,
    /// A change of an order that is done.
    #[error("the order is {0:?}: it cannot be changed any more")]
    AlreadyDone(OrderStatus),
    /// A change while another change or a cancellation is on its way.
    #[error("the order is {0:?}: wait for the answer before asking for a change")]
    ChangePending(OrderStatus),
    /// A new total quantity below what has traded.
    #[error("the new quantity {asked} is below the filled quantity {filled}")]
    ReplaceBelowFilled {
        /// New total quantity asked for.
        asked: Quantity,
        /// What has traded.
        filled: Quantity,
    },
    /// The broker reports a replacement that we are not waiting for: its view and ours differ,
    /// and the order has to be queried.
    #[error("the broker reports a replacement to {reported} that was not asked for")]
    UnexpectedReplace {
        /// Total quantity reported.
        reported: Quantity,
    },
    /// [`crate::ReportKind::Busted`] names an execution; what it traded is in the execution register.
    #[error("bust of {0}: look it up in the execution register and take it back with `bust`")]
    BustNeedsExecution(ExecutionId),
    /// A bust of more than has traded.
    #[error("a bust of {busted} when only {filled} has traded")]
    BustAboveFilled {
        /// Quantity of the busted execution.
        busted: Quantity,
        /// What has traded of that leg.
        filled: Quantity,
    },
    /// A quantity or value left its range.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// How an order ended other than by trading whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderEnd {
    /// Cancelled, and why.
    Canceled(CancelCause),
    /// Time in force over.
    Expired,
    /// Refused, and why.
    Rejected(RejectReason),
}
