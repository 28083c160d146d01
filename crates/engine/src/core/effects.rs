//! What one event made the core want: commands for the outside world and records of why.

use trader_broker::{ApprovedOrder, ApprovedReplacement, Assessment};
use trader_domain::{
    BrokerReport, Fill, InstrumentId, Money, OrderId, OrderKind, OrderRequest, Quantity, Side,
    StrategyId, TimerId, Timestamp, TradingState,
};

use crate::fingerprint::Fingerprint;
use crate::portfolio::ClosedTrade;

/// Something the driver must do, in order.
#[derive(Debug)]
pub enum Command {
    /// Send an order.
    Submit(ApprovedOrder),
    /// Send new terms.
    Replace(ApprovedReplacement),
    /// Ask for cancellation.
    Cancel(OrderId),
    /// Deliver `Event::Timer` at or soon after `at`.
    SetTimer {
        /// The timer's id.
        id: TimerId,
        /// When.
        at: Timestamp,
    },
}

/// One judgement of the gate with all its checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionRecord {
    /// Which order.
    pub order: OrderId,
    /// Whose.
    pub strategy: StrategyId,
    /// In which instrument.
    pub instrument: InstrumentId,
    /// Whether it may leave.
    pub approved: bool,
    /// The quantity asked for, where the gate shrank the order.
    pub resized_from: Option<Quantity>,
    /// Every check.
    pub assessment: Assessment,
}

/// The judgements of one event. Their places are used again: a judgement is recorded where it is
/// kept, because its record is too large to be moved for every order.
#[derive(Debug, Clone, Default)]
pub struct Decisions {
    places: Vec<DecisionRecord>,
    used: usize,
}

impl Decisions {
    /// The next place, with whatever an earlier judgement left in it.
    pub(crate) fn next_place(&mut self) -> &mut DecisionRecord {
        if self.used == self.places.len() {
            self.places.push(DecisionRecord {
                order: OrderId(0),
                strategy: StrategyId(0),
                instrument: InstrumentId(0),
                approved: false,
                resized_from: None,
                assessment: Assessment::new(),
            });
        }
        self.used += 1;
        &mut self.places[self.used - 1]
    }

    fn clear(&mut self) {
        self.used = 0;
    }
}

impl std::ops::Deref for Decisions {
    type Target = [DecisionRecord];

    fn deref(&self) -> &[DecisionRecord] {
        self.places.get(..self.used).unwrap_or_default()
    }
}

impl<'a> IntoIterator for &'a Decisions {
    type Item = &'a DecisionRecord;
    type IntoIter = std::slice::Iter<'a, DecisionRecord>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// A fill as it was booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FillRecord {
    /// Which order.
    pub order: OrderId,
    /// Whose.
    pub strategy: StrategyId,
    /// In which instrument.
    pub instrument: InstrumentId,
    /// Bought or sold.
    pub side: Side,
    /// What kind of order it was.
    pub kind: OrderKind,
    /// The execution.
    pub fill: Fill,
    /// When, at the broker.
    pub time: Timestamp,
}

/// Cash that moved without a fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CashRecord {
    /// When.
    pub time: Timestamp,
    /// For which instrument, where there is one.
    pub instrument: Option<InstrumentId>,
    /// Why.
    pub reason: CashReason,
    /// How much came in; negative went out.
    pub amount: Money,
}

/// Why cash moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CashReason {
    /// A dividend received (long) or owed (short).
    Dividend,
    /// Cash for a fraction of a share after a split.
    CashInLieu,
    /// Cash from a merger.
    Merger,
    /// The last value of a delisted share.
    Delisting,
    /// Fee for borrowed shares.
    BorrowFee,
    /// Interest on a debit balance.
    MarginInterest,
}

impl CashReason {
    /// A short name for tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dividend => "dividend",
            Self::CashInLieu => "cash_in_lieu",
            Self::Merger => "merger",
            Self::Delisting => "delisting",
            Self::BorrowFee => "borrow_fee",
            Self::MarginInterest => "margin_interest",
        }
    }
}

/// Something a person should know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alert {
    /// The broker reported on an order that is not ours or was forgotten long ago.
    UnknownOrder(BrokerReport),
    /// A report that does not fit the order's state; it was not applied.
    IllegalReport(BrokerReport),
    /// More was filled than was ordered: booked, because the broker is right about executions,
    /// and trading was halted.
    OverFill(OrderId),
    /// An exit was refused by the gate or the broker: a position stands without its protection.
    Unprotected(OrderId),
    /// The venue took an execution back.
    Busted(OrderId),
    /// The venue took an execution back that is not known (or was forgotten long ago): position and
    /// cash may be wrong until somebody has looked.
    UnknownExecution(BrokerReport),
    /// The venue changed an order's terms by itself, after a dividend or split for example; they are
    /// in force.
    TermsChanged(OrderId),
    /// A position that was to be flattened stands: its closing order was refused. It is tried again
    /// when the session or the trading state changes.
    NotFlattened {
        /// Whose.
        strategy: StrategyId,
        /// In which instrument.
        instrument: InstrumentId,
    },
    /// A strategy asked for more actions in one event than any sane one does; it was paused.
    Runaway(StrategyId),
    /// A symbol change names a symbol that another instrument has; the old one was kept.
    SymbolTaken(InstrumentId),
    /// The core or the gate tightened the trading state by itself.
    TradingState(TradingState),
    /// Equity fell below the maintenance requirement.
    MarginCall {
        /// How much is missing.
        deficit: Money,
    },
    /// An exact computation left its range; the event was not applied and trading was halted.
    Arithmetic(InstrumentId),
}

/// The outcome of one event; the buffers are reused from event to event.
#[derive(Debug, Default)]
pub struct Effects {
    /// What the driver must do, in this order.
    pub commands: Vec<Command>,
    /// Judgements, approved and refused.
    pub decisions: Decisions,
    /// Fills booked.
    pub fills: Vec<FillRecord>,
    /// Round trips closed.
    pub closed: Vec<ClosedTrade>,
    /// Cash that moved otherwise.
    pub cash: Vec<CashRecord>,
    /// Things a person should know.
    pub alerts: Vec<Alert>,
    /// Whether the last event had any: most have none, and one flag says so.
    any: bool,
}

impl Effects {
    /// Room for a busy event.
    pub fn new() -> Self {
        Self::default()
    }

    #[inline]
    pub(crate) fn clear(&mut self) {
        if !self.any {
            return;
        }
        self.any = false;
        self.commands.clear();
        self.decisions.clear();
        self.fills.clear();
        self.closed.clear();
        self.cash.clear();
        self.alerts.clear();
    }

    /// Whether nothing came of the event.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.commands.is_empty()
            && self.decisions.is_empty()
            && self.fills.is_empty()
            && self.closed.is_empty()
            && self.cash.is_empty()
            && self.alerts.is_empty()
    }

    /// Orders that leave: to be asked before the commands are carried out.
    pub fn submitted(&self) -> impl Iterator<Item = &OrderRequest> {
        self.commands.iter().filter_map(|command| match command {
            Command::Submit(order) => Some(order.request()),
            _ => None,
        })
    }

    /// The event is over; gives whether anything came of it.
    #[inline]
    pub(crate) fn conclude(&mut self) -> bool {
        self.any = !self.is_empty();
        self.any
    }

    /// Whether anything came of the event that was concluded last.
    #[inline]
    pub(crate) const fn any(&self) -> bool {
        self.any
    }

    /// Feeds everything that leaves the process into the running fingerprint.
    pub(crate) fn fingerprint(&self, into: &mut Fingerprint) {
        for command in &self.commands {
            match command {
                Command::Submit(order) => {
                    into.order_after(Some(1), order.request());
                }
                Command::Replace(replacement) => {
                    into.tag(2);
                    into.terms(replacement.terms());
                }
                Command::Cancel(order) => {
                    into.tagged(3, order.0);
                }
                Command::SetTimer { id, at } => {
                    into.tagged(4, id.0);
                    into.signed(at.nanos());
                }
            }
        }
        for decision in &self.decisions {
            into.tagged(if decision.approved { 5 } else { 6 }, decision.order.0);
        }
    }
}
