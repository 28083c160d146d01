//! The record of one judgement: every check that ran, what it measured, what the limit was.
//!
//! A judgement has some fifty results, so each is kept as plain integers in a place of its own
//! ([`Assessment::note`], [`Assessment::note_share`]); what a figure counts is a code beside it, and
//! a ratio is divided out only when somebody looks ([`Assessment::records`]).

use trader_domain::{Money, Price, Quantity, Rate};

use crate::check::CheckId;

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

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Unit {
    /// Nothing; the figure has no meaning.
    Absent,
    /// 10⁻¹⁸ of the account's currency.
    Money,
    /// 10⁻²² of the account's currency (money times a rate in basis points); shown rounded up.
    MoneyBps,
    /// 10⁻⁹ of the currency.
    Price,
    /// 10⁻⁹ shares, contracts or coins.
    Quantity,
    /// 10⁻⁹.
    Rate,
    /// Things.
    Count,
    /// Nanoseconds.
    Nanos,
    /// A share of the figure kept as the limit; shown as a rate rounded up.
    Share,
}

/// An amount as a plain integer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figure {
    /// What it counts.
    pub unit: Unit,
    /// How many.
    pub units: i128,
}

impl Figure {
    /// Nothing to measure, or not known.
    pub const ABSENT: Self = Self::new(Unit::Absent, 0);

    /// That many of a unit.
    #[inline]
    pub const fn new(unit: Unit, units: i128) -> Self {
        Self { unit, units }
    }

    /// For people and tests; a figure outside its type's range is absent.
    pub fn measure(self) -> Measure {
        let units = self.units;
        let small = i64::try_from(units).ok();
        let found = match self.unit {
            Unit::Absent | Unit::Share => None,
            Unit::Money => Money::from_units(units).ok().map(Measure::Money),
            Unit::MoneyBps => whole_up(units, 10_000)
                .and_then(|units| Money::from_units(units).ok())
                .map(Measure::Money),
            Unit::Price => small
                .and_then(|units| Price::from_units(units).ok())
                .map(Measure::Price),
            Unit::Quantity => small
                .and_then(|units| Quantity::from_units(units).ok())
                .map(Measure::Quantity),
            Unit::Rate => small
                .and_then(|units| Rate::from_units(units).ok())
                .map(Measure::Rate),
            Unit::Count => u64::try_from(units).ok().map(Measure::Count),
            Unit::Nanos => small.map(Measure::Nanos),
        };
        found.unwrap_or(Measure::Absent)
    }
}

impl From<Measure> for Figure {
    fn from(measure: Measure) -> Self {
        match measure {
            Measure::Absent => Self::ABSENT,
            Measure::Money(value) => Self::new(Unit::Money, value.units()),
            Measure::Price(value) => Self::new(Unit::Price, value.units().into()),
            Measure::Quantity(value) => Self::new(Unit::Quantity, value.units().into()),
            Measure::Rate(value) => Self::new(Unit::Rate, value.units().into()),
            Measure::Count(value) => Self::new(Unit::Count, value.into()),
            Measure::Nanos(value) => Self::new(Unit::Nanos, value.into()),
        }
    }
}

/// `part / whole` rounded up; `None` when `whole` is not positive.
fn whole_up(part: i128, whole: i128) -> Option<i128> {
    if whole <= 0 {
        return None;
    }
    let quotient = part / whole;
    Some(quotient + i128::from(part > 0 && quotient * whole != part))
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

/// One check's result as it is kept.
#[derive(Debug, Clone, Copy)]
struct Slot {
    measured: i128,
    /// The limit; of a [`Unit::Share`], what it is a share of.
    limit: i128,
    /// The largest quantity that would pass, or [`NO_LARGEST`]; of a [`Unit::Share`], the limit.
    more: i64,
    verdict: Verdict,
    measured_unit: Unit,
    limit_unit: Unit,
}

const NO_LARGEST: i64 = i64::MIN;

impl Slot {
    const EMPTY: Self = Self {
        measured: 0,
        limit: 0,
        more: NO_LARGEST,
        verdict: Verdict::Pass,
        measured_unit: Unit::Absent,
        limit_unit: Unit::Absent,
    };

    fn record(&self, check: CheckId) -> CheckRecord {
        let share = self.measured_unit == Unit::Share;
        let (measured, limit, largest) = if share {
            let ratio = self
                .measured
                .checked_mul(Rate::ONE.units().into())
                .and_then(|scaled| whole_up(scaled, self.limit))
                .map_or(Figure::ABSENT, |ratio| Figure::new(Unit::Rate, ratio));
            let limit = Figure::new(Unit::Rate, self.more.into());
            (ratio, limit, None)
        } else {
            (
                Figure::new(self.measured_unit, self.measured),
                Figure::new(self.limit_unit, self.limit),
                Quantity::from_units(self.more).ok(),
            )
        };
        CheckRecord {
            check,
            verdict: self.verdict,
            measured: measured.measure(),
            limit: limit.measure(),
            largest,
        }
    }
}

/// All checks of one judgement. It is large and meant to be used again: [`crate::approve_into`].
#[derive(Clone)]
pub struct Assessment {
    /// By check; what is not in `noted` is of an earlier judgement.
    slots: [Slot; CheckId::ALL.len()],
    /// One bit for each check that has a result.
    noted: u64,
    worst: Verdict,
}

impl Default for Assessment {
    fn default() -> Self {
        Self {
            slots: [Slot::EMPTY; CheckId::ALL.len()],
            noted: 0,
            worst: Verdict::Pass,
        }
    }
}

impl std::fmt::Debug for Assessment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.records()).finish()
    }
}

impl PartialEq for Assessment {
    fn eq(&self, other: &Self) -> bool {
        self.noted == other.noted && self.records().eq(other.records())
    }
}

impl Eq for Assessment {}

impl Assessment {
    /// Nothing checked yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets all results; the order is judged anew.
    #[inline]
    pub(crate) const fn clear(&mut self) {
        self.noted = 0;
        self.worst = Verdict::Pass;
    }

    /// Adds a result. Of two results of one check the worse is kept.
    pub fn push(&mut self, record: CheckRecord) {
        let known = self.get(record.check);
        if known.is_some_and(|known| known.verdict > record.verdict) {
            return;
        }
        let (measured, limit) = (record.measured.into(), record.limit.into());
        self.put(record.check, record.verdict, measured, limit);
        if let Some(slot) = self.slots.get_mut(record.check as usize) {
            slot.more = record.largest.map_or(NO_LARGEST, Quantity::units);
        }
    }

    /// Notes a result that no quantity is suggested for, as plain integers. The policy that uses it
    /// is the only one that runs the check: what was noted for it before is overwritten (its verdict
    /// keeps counting).
    #[inline]
    pub fn note(&mut self, check: CheckId, verdict: Verdict, measured: Figure, limit: Figure) {
        self.put(check, verdict, measured, limit);
    }

    #[inline]
    fn put(&mut self, check: CheckId, verdict: Verdict, measured: Figure, limit: Figure) {
        if let Some(slot) = self.slots.get_mut(check as usize) {
            slot.verdict = verdict;
            slot.measured_unit = measured.unit;
            slot.limit_unit = limit.unit;
            slot.more = NO_LARGEST;
            // What has no unit is never looked at.
            if measured.unit != Unit::Absent {
                slot.measured = measured.units;
            }
            if limit.unit != Unit::Absent {
                slot.limit = limit.units;
            }
        }
        self.count(check, verdict);
    }

    /// As [`Self::note`], for a share of something held against a rate in units of 10⁻⁹.
    #[inline]
    pub fn note_share(
        &mut self,
        check: CheckId,
        verdict: Verdict,
        (part, whole): (i128, i128),
        limit: Rate,
    ) {
        if let Some(slot) = self.slots.get_mut(check as usize) {
            *slot = Slot {
                measured: part,
                limit: whole,
                more: limit.units(),
                verdict,
                measured_unit: Unit::Share,
                limit_unit: Unit::Absent,
            };
        }
        self.count(check, verdict);
    }

    #[inline]
    fn count(&mut self, check: CheckId, verdict: Verdict) {
        self.noted |= 1 << check as u64;
        if verdict != Verdict::Pass {
            self.worst = self.worst.max(verdict);
        }
    }

    /// Turns every rejection but those of some checks into a warning, for a proposal that takes
    /// back a part of what was approved before. A halt stays one.
    pub fn relieve(&mut self, except: &[CheckId]) {
        if self.verdict() != Verdict::Reject {
            return;
        }
        self.worst = Verdict::Pass;
        let noted = CheckId::ALL
            .into_iter()
            .filter(|&check| self.noted & (1 << check as u64) != 0);
        for check in noted {
            let Some(slot) = self.slots.get_mut(check as usize) else {
                continue;
            };
            if slot.verdict == Verdict::Reject && !except.contains(&check) {
                slot.verdict = Verdict::Warn;
            }
            self.worst = self.worst.max(slot.verdict);
        }
    }

    /// How many checks have a result.
    pub const fn len(&self) -> usize {
        self.noted.count_ones() as usize
    }

    /// Whether nothing was checked.
    pub const fn is_empty(&self) -> bool {
        self.noted == 0
    }

    /// The result of one check; `None` when it did not run.
    pub fn get(&self, check: CheckId) -> Option<CheckRecord> {
        if self.noted & (1 << check as u64) == 0 {
            return None;
        }
        self.slots
            .get(check as usize)
            .map(|slot| slot.record(check))
    }

    /// All results, in the order of the checks' codes.
    pub fn records(&self) -> impl Iterator<Item = CheckRecord> + '_ {
        CheckId::ALL.into_iter().filter_map(|check| self.get(check))
    }

    /// The worst verdict; an assessment without checks approves nothing.
    #[inline]
    pub fn verdict(&self) -> Verdict {
        if self.noted == 0 {
            return Verdict::Reject;
        }
        self.worst
    }

    /// The results that refuse the order.
    pub fn failures(&self) -> impl Iterator<Item = CheckRecord> + '_ {
        self.records()
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
