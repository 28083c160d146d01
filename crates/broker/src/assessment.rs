//! The record of one judgement: every check that ran, what it measured, what the limit was.

use arrayvec::ArrayVec;
use trader_domain::{Money, Price, Quantity, Rate};

use crate::check::CheckId;

/// Room for every check of both policies; kept inline so that judging allocates nothing.
pub const MAX_CHECKS: usize = 56;

/// How a check ended, from harmless to worst.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Within the limit.
    Pass,
    /// Within the limit, but close to it or worth a look.
    Warn,
    /// The order is refused.
    Reject,
    /// The order is refused and trading must stop.
    Halt,
}

/// A measured value or a limit, in the unit of its check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Measure {
    /// Nothing to measure, or not known; a check that needs it rejects.
    Absent,
    /// Cash.
    Money(Money),
    /// A price.
    Price(Price),
    /// A quantity.
    Quantity(Quantity),
    /// A ratio (weights, leverage, distances).
    Rate(Rate),
    /// A count.
    Count(u64),
    /// A duration in nanoseconds.
    Nanos(i64),
}

impl std::fmt::Display for Measure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Absent => f.write_str("-"),
            Self::Money(value) => value.fmt(f),
            Self::Price(value) => value.fmt(f),
            Self::Quantity(value) => value.fmt(f),
            Self::Rate(value) => value.fmt(f),
            Self::Count(value) => value.fmt(f),
            Self::Nanos(value) => write!(f, "{value} ns"),
        }
    }
}

/// One check's result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckRecord {
    /// Which check.
    pub check: CheckId,
    /// How it ended.
    pub verdict: Verdict,
    /// What was measured, with the order counted in.
    pub measured: Measure,
    /// What is allowed.
    pub limit: Measure,
    /// The largest quantity of this order that would pass; `None` when quantity is not the matter.
    pub largest: Option<Quantity>,
}

/// All checks of one judgement.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Assessment {
    records: ArrayVec<CheckRecord, MAX_CHECKS>,
}

impl Assessment {
    /// Nothing checked yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets all results; the order is judged anew.
    pub(crate) fn clear(&mut self) {
        self.records.clear();
    }

    /// Adds a result. A policy that runs more than [`MAX_CHECKS`] checks is a defect of the
    /// policy; the order is then refused by turning the last record into a rejection.
    pub fn push(&mut self, record: CheckRecord) {
        if self.records.try_push(record).is_err() {
            debug_assert!(false, "more than {MAX_CHECKS} checks");
            if let Some(last) = self.records.last_mut() {
                last.verdict = last.verdict.max(Verdict::Reject);
            }
        }
    }

    /// All results, in the order in which they ran.
    pub fn records(&self) -> &[CheckRecord] {
        &self.records
    }

    /// The worst verdict; an assessment without checks approves nothing.
    pub fn verdict(&self) -> Verdict {
        self.records
            .iter()
            .map(|record| record.verdict)
            .max()
            .unwrap_or(Verdict::Reject)
    }

    /// The results that refuse the order.
    pub fn failures(&self) -> impl Iterator<Item = &CheckRecord> {
        self.records
            .iter()
            .filter(|record| record.verdict >= Verdict::Reject)
    }

    /// The largest quantity that every failed check would pass; `None` when some failure cannot be
    /// cured by a smaller quantity.
    pub fn largest_passing(&self) -> Option<Quantity> {
        let mut largest: Option<Quantity> = None;
        for record in self.failures() {
            if record.verdict == Verdict::Halt {
                return None;
            }
            let candidate = record.largest?;
            largest = Some(largest.map_or(candidate, |known| known.min(candidate)));
        }
        largest.filter(|quantity| quantity.is_positive())
    }
}
