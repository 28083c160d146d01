//! Tax lots: what was opened when and for how much, and what closing it brought.

use std::fmt;

use crate::ids::InstrumentId;
use crate::money::{Money, MoneyError, Quantity, Rounding};
use crate::order::Side;
use crate::time::Timestamp;

/// A lot's number within its position, in the order of opening.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct LotId(pub u64);

impl fmt::Display for LotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Which lots a closing fill takes when nobody names them.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum LotMethod {
    /// The oldest first (the IRS's rule where nothing is said, 26 CFR 1.1012-1(c)).
    #[default]
    Fifo,
    /// The youngest first.
    Lifo,
}

/// Which lots a closing fill takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LotSelection<'a> {
    /// By rule.
    Method(LotMethod),
    /// These, in this order; they must cover what is closed.
    Specific(&'a [LotId]),
}

impl LotSelection<'_> {
    /// The oldest first.
    pub const FIFO: Self = Self::Method(LotMethod::Fifo);
    /// The youngest first.
    pub const LIFO: Self = Self::Method(LotMethod::Lifo);
}

/// An open lot.
///
/// It remembers what it was opened with and how much of that is left; the cost of what is left is
/// a function of both, so that the way in which a lot was taken apart leaves no trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lot {
    pub(super) id: LotId,
    pub(super) opened: Timestamp,
    /// What `basis_value` and `basis_costs` were paid for; positive.
    pub(super) basis_quantity: Quantity,
    pub(super) basis_value: Money,
    pub(super) basis_costs: Money,
    /// What is left; positive, at most `basis_quantity`.
    pub(super) left: Quantity,
}

impl Lot {
    /// Its number.
    pub const fn id(&self) -> LotId {
        self.id
    }

    /// When it was opened; splits and mergers keep it.
    pub const fn opened(&self) -> Timestamp {
        self.opened
    }

    /// How much is left; positive for longs and shorts.
    pub const fn quantity(&self) -> Quantity {
        self.left
    }

    /// What is left was bought (or, short, sold) for this; commission and fees not included.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] near the end of the range.
    pub fn value(&self) -> Result<Money, MoneyError> {
        self.share(self.basis_value, self.left)
    }

    /// Commission and fees of opening what is left.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] near the end of the range.
    pub fn costs(&self) -> Result<Money, MoneyError> {
        self.share(self.basis_costs, self.left)
    }

    fn share(&self, total: Money, part: Quantity) -> Result<Money, MoneyError> {
        total.pro_rata(part, self.basis_quantity, Rounding::Floor)
    }

    /// Value and costs of the next `quantity` that is taken out.
    pub(super) fn take(&self, quantity: Quantity) -> Result<(Money, Money), MoneyError> {
        let rest = self.left.checked_sub(quantity)?;
        if rest.is_zero() {
            return Ok((self.value()?, self.costs()?));
        }
        let value = self
            .value()?
            .checked_sub(self.share(self.basis_value, rest)?)?;
        let costs = self
            .costs()?
            .checked_sub(self.share(self.basis_costs, rest)?)?;
        Ok((value, costs))
    }
}

/// A closed lot, or the closed part of one: a line of a tax report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ClosedLot {
    /// What was held.
    pub instrument: InstrumentId,
    /// Which lot of its position.
    pub lot: LotId,
    /// [`Side::Buy`] for a long lot, [`Side::Sell`] for a short one.
    pub opened_by: Side,
    /// When it was opened.
    pub opened: Timestamp,
    /// When it was closed.
    pub closed: Timestamp,
    /// How much was closed; positive.
    pub quantity: Quantity,
    /// What buying it cost, without commission and fees.
    pub cost: Money,
    /// What selling it brought, before commission and fees.
    pub proceeds: Money,
    /// Its share of the commission and fees of opening.
    pub opening_costs: Money,
    /// Its share of the commission and fees of closing.
    pub closing_costs: Money,
    /// `proceeds − cost − opening_costs − closing_costs`.
    pub profit: Money,
}

impl ClosedLot {
    /// How long it was held, in nanoseconds.
    pub const fn holding_nanos(&self) -> i64 {
        self.closed.nanos_since(self.opened)
    }
}
