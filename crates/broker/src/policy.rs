//! The two judges of every order, and what they are told of its fate.

use trader_domain::{
    InstrumentId, Money, OperatorCommand, OrderId, OrderRequest, Price, Quantity, ReplaceRequest,
    ShortMark, Side, Timestamp, TradingState,
};

use crate::approval::{ApprovedOrder, ApprovedReplacement};
use crate::assessment::Assessment;
use crate::snapshot::Snapshot;

/// What is judged.
#[derive(Debug, Clone, Copy)]
pub enum Proposal<'a> {
    /// A new order.
    New(&'a OrderRequest),
    /// New terms for a working order.
    Replace {
        /// The order as it works now.
        working: &'a OrderRequest,
        /// How much of it has filled.
        filled: Quantity,
        /// The new terms.
        terms: &'a ReplaceRequest,
    },
}

/// Whether a rejected order may be shrunk to what passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resize {
    /// Refuse it.
    #[default]
    Never,
    /// Shrink it to the largest safe quantity; never grow it.
    ToLargestSafe,
}

/// What happens to approved orders; policies keep their reservations and counters by it.
#[derive(Debug, Clone, Copy)]
pub enum GateEvent<'a> {
    /// An approved order is about to leave: reserve for it. Called exactly once for each, before
    /// any other proposal is judged.
    Reserve(&'a ApprovedOrder),
    /// Approved new terms are about to leave: reserve the larger of old and new until the broker
    /// has answered.
    ReserveReplacement(&'a ApprovedReplacement),
    /// The broker took or refused new terms; `terms` is what works from now on.
    ReplacementSettled {
        /// Which order.
        order: OrderId,
        /// Total quantity in force.
        quantity: Quantity,
        /// Limit price in force.
        limit: Option<Price>,
    },
    /// A part of an order became a position.
    Filled {
        /// Which order.
        order: OrderId,
        /// In which instrument.
        instrument: InstrumentId,
        /// Which side.
        side: Side,
        /// How much.
        quantity: Quantity,
        /// At what price.
        price: Price,
        /// When.
        now: Timestamp,
    },
    /// An earlier fill was taken back by the venue.
    Busted {
        /// Which order.
        order: OrderId,
        /// How much.
        quantity: Quantity,
    },
    /// The order can trade no more: release what is still reserved.
    Done {
        /// Which order.
        order: OrderId,
        /// When.
        now: Timestamp,
    },
    /// A cancellation was sent.
    CancelSent {
        /// Which order.
        order: OrderId,
        /// When.
        now: Timestamp,
    },
    /// An execution algorithm took on a parent order, whose children go through the gate one by
    /// one; the parent itself never leaves.
    ParentOpened {
        /// Its number, which the children carry.
        order: OrderId,
        /// Its total quantity: the children together never exceed it.
        quantity: Quantity,
    },
    /// The algorithm sends no more children.
    ParentClosed {
        /// Which parent.
        order: OrderId,
    },
    /// A round trip was closed.
    TradeClosed {
        /// Its profit or loss after costs.
        profit: Money,
    },
    /// A new trading day began.
    NewDay {
        /// The day as days since 1970-01-01.
        day: i32,
    },
    /// Shares of a split instrument changed in number; working orders were removed before.
    Split {
        /// Which instrument.
        instrument: InstrumentId,
    },
    /// An operator's command.
    Command(OperatorCommand),
}

/// What a policy makes of the account as it stands, and how long that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Review {
    /// The trading state that it allows from now on.
    pub state: TradingState,
    /// How far equity may stand below its peak before another review can come to anything else. It
    /// holds while the policy is told nothing and the day's opening equity stays; the peak may rise.
    /// Too little costs needless reviews, too much would let a limit be passed.
    pub tolerated_fall: Money,
}

/// The risk gate. `assess` runs and records **all** its checks, not only up to the first failure.
pub trait RiskPolicy: Send {
    /// Judges a proposal against a snapshot and the reservations held.
    fn assess(&self, proposal: Proposal<'_>, snapshot: &Snapshot<'_>, into: &mut Assessment);

    /// Keeps reservations and counters.
    fn observe(&mut self, event: GateEvent<'_>, snapshot: &Snapshot<'_>);

    /// Brings sums over all positions up to date, because an order in `instrument` is about to be
    /// judged. A policy must judge rightly without it, if more slowly; one that keeps no sums has
    /// nothing to do.
    fn catch_up(&mut self, instrument: InstrumentId, snapshot: &Snapshot<'_>) {
        let _no_sums = (instrument, snapshot);
    }

    /// Holds the account against the loss limits when its value has moved without an order. A policy
    /// without loss limits has nothing to do.
    fn review(&mut self, snapshot: &Snapshot<'_>) -> Review {
        let _no_loss_limits = snapshot;
        Review {
            state: TradingState::Active,
            tolerated_fall: Money::MAX,
        }
    }

    /// Whether a refused order may be shrunk.
    fn resize(&self) -> Resize;

    /// Feeds everything that influences later judgements into a hash of the core's state.
    fn hash_state(&self, update: &mut dyn FnMut(&[u8]));
}

/// The compliance policy: restricted list, self-trade prevention, short-sale marking.
pub trait CompliancePolicy: Send {
    /// The Reg SHO Rule 200(g) mark of an order: `None` for a purchase.
    fn mark(&self, request: &OrderRequest, snapshot: &Snapshot<'_>) -> Option<ShortMark>;

    /// Judges a proposal.
    fn assess(&self, proposal: Proposal<'_>, snapshot: &Snapshot<'_>, into: &mut Assessment);

    /// Keeps the list of own working orders and the restricted list.
    fn observe(&mut self, event: GateEvent<'_>, snapshot: &Snapshot<'_>);

    /// As [`RiskPolicy::hash_state`].
    fn hash_state(&self, update: &mut dyn FnMut(&[u8]));
}
