//! Turning a measured value and a limit into a record, with the largest quantity that passes.
//!
//! Every upper limit is judged by [`at_most`]: the measure is a function of the quantity that
//! never decreases while the limit never increases, so the quantities that pass are all those up
//! to some largest one, which bisection over whole lots finds exactly. A quantity that only takes
//! from the position, or adds nothing to what is reserved already, passes even above the limit (with
//! a warning): otherwise nothing could be reduced once the market has carried a position over its
//! limit.

use trader_broker::{CheckId, CheckRecord, Measure, Verdict};
use trader_domain::{Money, Quantity, Rate};

/// Units of one in a [`Rate`].
pub(crate) const RATE_SCALE: i128 = 1_000_000_000;

/// A measured value against its limit, in the same unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) measured: i128,
    pub(crate) limit: i128,
}

/// The unit of a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Units of 10⁻¹⁸ of the account's currency.
    Money,
    /// Units of 10⁻⁹ shares or contracts.
    Quantity,
    /// Units of 10⁻⁹.
    Rate,
    /// A count.
    Count,
}

impl Unit {
    fn measure(self, value: i128) -> Measure {
        let found = match self {
            Self::Money => Money::from_units(value).ok().map(Measure::Money),
            Self::Quantity => i64::try_from(value)
                .ok()
                .and_then(|units| Quantity::from_units(units).ok())
                .map(Measure::Quantity),
            Self::Rate => i64::try_from(value)
                .ok()
                .and_then(|units| Rate::from_units(units).ok())
                .map(Measure::Rate),
            Self::Count => u64::try_from(value).ok().map(Measure::Count),
        };
        found.unwrap_or(Measure::Absent)
    }
}

/// The order's quantities: what may still trade, the lot, and what has filled before.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sizes {
    /// Units of 10⁻⁹.
    pub(crate) open: i64,
    /// Units of 10⁻⁹.
    pub(crate) lot: i64,
    /// Units of 10⁻⁹.
    pub(crate) filled: i64,
    /// Up to this much the order only takes from the position and adds no exposure.
    pub(crate) reducing: i64,
    /// Up to this much the order adds nothing to what is reserved for it or its OCO group already.
    pub(crate) reserved: i64,
}

impl Sizes {
    /// The largest whole number of lots, at most `open`, for which `passes` holds, given that it
    /// holds for all smaller ones too; as a total quantity. Zero when not even one lot passes.
    pub(crate) fn largest(self, passes: impl Fn(i64) -> bool) -> Option<Quantity> {
        let lot = self.lot.max(1);
        let (mut good, mut bad) = (0_i64, self.open.max(0) / lot + 1);
        while bad - good > 1 {
            let middle = good + (bad - good) / 2;
            if middle.checked_mul(lot).is_some_and(&passes) {
                good = middle;
            } else {
                bad = middle;
            }
        }
        let total = good.checked_mul(lot)?.checked_add(self.filled)?;
        Quantity::from_units(total).ok()
    }
}

/// `a × b`; `None` when it does not fit. Amounts of money leave so much room that the full overflow
/// check is hardly ever needed.
#[inline]
pub(crate) fn product(a: i128, b: i128) -> Option<i128> {
    /// Below this magnitude `a × b` fits for every `b` below 2³¹.
    const ROOM: u128 = 1 << 95;
    if a.unsigned_abs() < ROOM && b.unsigned_abs() < 1 << 31 {
        return Some(a.wrapping_mul(b));
    }
    a.checked_mul(b)
}

/// `numerator / denominator` in units of 10⁻⁹, rounded up; `None` unless the denominator is
/// positive and the result fits. Rounding up keeps `ratio_up(n, d) <= r` equivalent to `n <= r·d`.
pub(crate) fn ratio_up(numerator: i128, denominator: i128) -> Option<i128> {
    if denominator <= 0 {
        return None;
    }
    let scaled = product(numerator, RATE_SCALE)?;
    let quotient = scaled / denominator;
    if scaled > 0 && quotient * denominator != scaled {
        return Some(quotient + 1);
    }
    Some(quotient)
}

/// Judges a measure that must not exceed its limit.
pub(crate) fn at_most(
    check: CheckId,
    unit: Unit,
    sizes: Sizes,
    warn_share: Rate,
    read: impl Fn(i64) -> Option<Reading>,
) -> CheckRecord {
    let within = |reading: Reading| reading.measured <= reading.limit;
    if let Some(reading) = read(sizes.open)
        && within(reading)
    {
        return CheckRecord {
            check,
            verdict: warning(reading, warn_share),
            measured: unit.measure(reading.measured),
            limit: unit.measure(reading.limit),
            largest: None,
        };
    }
    beyond(check, unit, sizes, read)
}

/// The rest of [`at_most`]: over the limit, or not measurable.
#[cold]
fn beyond(
    check: CheckId,
    unit: Unit,
    sizes: Sizes,
    read: impl Fn(i64) -> Option<Reading>,
) -> CheckRecord {
    let harmless = sizes.reducing.max(sizes.reserved);
    let passes = |open: i64| {
        open <= harmless || read(open).is_some_and(|reading| reading.measured <= reading.limit)
    };
    let reading = read(sizes.open);
    let show = |value: Option<i128>| value.map_or(Measure::Absent, |value| unit.measure(value));
    let (verdict, largest) = if passes(sizes.open) {
        (Verdict::Warn, None)
    } else if harmless == 0 && read(0).is_none() {
        // Not even the account as it stands can be measured: no quantity cures that.
        (Verdict::Reject, None)
    } else {
        (Verdict::Reject, sizes.largest(passes))
    };
    CheckRecord {
        check,
        verdict,
        measured: show(reading.map(|reading| reading.measured)),
        limit: show(reading.map(|reading| reading.limit)),
        largest,
    }
}

/// Pass, or warn from the configured share of the limit on.
fn warning(reading: Reading, share: Rate) -> Verdict {
    let close = product(reading.measured, RATE_SCALE)
        .zip(product(reading.limit, i128::from(share.units())))
        .is_none_or(|(measured, line)| measured > line);
    if close && reading.measured > 0 {
        Verdict::Warn
    } else {
        Verdict::Pass
    }
}

/// A check that either holds or does not, and whose failure no smaller quantity cures.
pub(crate) const fn holds(
    check: CheckId,
    holds: bool,
    measured: Measure,
    limit: Measure,
) -> CheckRecord {
    CheckRecord {
        check,
        verdict: if holds {
            Verdict::Pass
        } else {
            Verdict::Reject
        },
        measured,
        limit,
        largest: None,
    }
}

/// There is nothing to hold against a limit: the rule does not concern this order.
pub(crate) const fn not_concerned(check: CheckId) -> CheckRecord {
    holds(check, true, Measure::Absent, Measure::Absent)
}

/// A figure that the check needs is not known.
pub(crate) const fn unknown(check: CheckId, limit: Measure) -> CheckRecord {
    holds(check, false, Measure::Absent, limit)
}
