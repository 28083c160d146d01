//! Turning a measured value and a limit into a record, with the largest quantity that passes.
//!
//! Every upper limit is judged by [`at_most`]: the measure is a function of the quantity that
//! never decreases while the limit never increases, so the quantities that pass are all those up
//! to some largest one, which bisection over whole lots finds exactly. A quantity that only takes
//! from the position, or adds nothing to what is reserved already, passes even above the limit (with
//! a warning): otherwise nothing could be reduced once the market has carried a position over its
//! limit.

use trader_broker::{Assessment, CheckId, CheckRecord, Figure, Unit, Verdict};
use trader_domain::{Quantity, Rate};

/// Units of one in a [`Rate`].
pub(crate) const RATE_SCALE: i128 = 1_000_000_000;

/// A measured value against its limit, in the same unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) measured: i128,
    pub(crate) limit: i128,
}

/// A part of something; a ratio that is compared without dividing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) part: i128,
    pub(crate) whole: i128,
}

impl Share {
    /// Whether the ratio, in units of 10⁻⁹ and rounded up, is above `rate`; `None` unless the whole
    /// is positive, and where the ratio is too close to `rate` to be told and does not fit.
    #[inline]
    pub(crate) fn exceeds(self, rate: i64) -> Option<bool> {
        if self.whole <= 0 {
            return None;
        }
        // Far below the rate, which is the rule, nothing has to be multiplied.
        if (rate >= 1_000_000_000 && self.part <= self.whole)
            || (rate >= 62_500_000 && self.part <= self.whole >> 5)
        {
            return Some(false);
        }
        let part = product(self.part, RATE_SCALE)?;
        match product(self.whole, i128::from(rate)) {
            Some(most) => Some(part > most),
            None => Some(self.ratio_up()? > i128::from(rate)),
        }
    }

    /// The ratio in units of 10⁻⁹, rounded up; `None` as for [`Self::exceeds`].
    pub(crate) fn ratio_up(self) -> Option<i128> {
        if self.whole <= 0 {
            return None;
        }
        let scaled = product(self.part, RATE_SCALE)?;
        let quotient = scaled / self.whole;
        if scaled > 0 && quotient * self.whole != scaled {
            return Some(quotient + 1);
        }
        Some(quotient)
    }

    /// The ratio beside its limit.
    fn reading(self, limit: Rate) -> Option<Reading> {
        Some(Reading {
            measured: self.ratio_up()?,
            limit: limit.units().into(),
        })
    }

    /// Pass or, from the configured share of the limit on, warn; `None` above the limit and for
    /// what cannot be compared.
    #[inline]
    pub(crate) fn within(self, limit: Rate, warn_share: Rate) -> Option<Verdict> {
        if !self.exceeds(warn_line(limit, warn_share))? {
            return Some(Verdict::Pass);
        }
        let passes = !self.exceeds(limit.units())?;
        passes.then_some(Verdict::Warn)
    }
}

/// The rate above which a ratio is close to its limit: a ratio in whole units of 10⁻⁹ times one
/// exceeds limit times share exactly when it exceeds this.
#[inline]
pub(crate) fn warn_line(limit: Rate, share: Rate) -> i64 {
    match limit.units().checked_mul(share.units()) {
        Some(product) => product.div_euclid(Rate::ONE.units()),
        None => {
            let wide = i128::from(limit.units()) * i128::from(share.units());
            i64::try_from(wide.div_euclid(RATE_SCALE)).unwrap_or(i64::MAX)
        }
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
    /// Up to this much new terms only lower what the order may trade already; zero for a new order.
    pub(crate) lowered: i64,
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
    /// Below this magnitude `a × b` fits for every `b` below 2³⁶.
    const ROOM: u128 = 1 << 90;
    if a.unsigned_abs() < ROOM && b.unsigned_abs() < 1 << 36 {
        return Some(a.wrapping_mul(b));
    }
    a.checked_mul(b)
}

/// `magnitude / BY` and what is left. The divisor is a small constant, so the division is done in
/// words without the library's general one; amounts of any real account take two.
#[inline]
fn divide<const BY: u32>(magnitude: u128) -> (u128, u64) {
    let by = u64::from(BY);
    if let Ok(high) = u64::try_from(magnitude >> 32) {
        let (rest, low) = (high % by, magnitude & u128::from(u32::MAX));
        #[expect(clippy::cast_possible_truncation, reason = "masked to 32 bits")]
        let dividend = (rest << 32) | low as u64;
        let quotient = (u128::from(high / by) << 32) + u128::from(dividend / by);
        return (quotient, dividend % by);
    }
    let (mut quotient, mut rest) = (0_u128, 0_u64);
    for shift in [96, 64, 32, 0] {
        #[expect(clippy::cast_possible_truncation, reason = "masked to 32 bits")]
        let digit = ((magnitude >> shift) & u128::from(u32::MAX)) as u64;
        let dividend = (rest << 32) | digit;
        quotient = (quotient << 32) | u128::from(dividend / by);
        rest = dividend % by;
    }
    (quotient, rest)
}

/// `amount / BY`, rounded up when positive and towards zero otherwise; `BY` is two or more.
#[inline]
pub(crate) fn divide_up<const BY: u32>(amount: i128) -> i128 {
    let (quotient, rest) = divide::<BY>(amount.unsigned_abs());
    // At most half of any magnitude: it fits a signed number again.
    let whole = quotient.cast_signed();
    if amount < 0 {
        -whole
    } else {
        whole + i128::from(rest > 0)
    }
}

/// `amount × rate`, the rate in units of 10⁻⁹, rounded down; for limits. `None` below zero and where
/// the product does not fit.
#[inline]
pub(crate) fn share_down(amount: i128, rate_units: i64) -> Option<i128> {
    let product = product(amount, i128::from(rate_units))?;
    let magnitude = u128::try_from(product).ok()?;
    Some(divide::<1_000_000_000>(magnitude).0.cast_signed())
}

/// Judges a measure that must not exceed its limit.
#[inline]
pub(crate) fn at_most(
    into: &mut Assessment,
    (check, unit): (CheckId, Unit),
    sizes: Sizes,
    warn_share: Rate,
    read: impl Fn(i64) -> Option<Reading>,
) {
    if let Some(reading) = read(sizes.open)
        && reading.measured <= reading.limit
    {
        let measured = Figure::new(unit, reading.measured);
        let limit = Figure::new(unit, reading.limit);
        return into.note(check, warning(reading, warn_share), measured, limit);
    }
    beyond(into, (check, unit), sizes, read);
}

/// Judges a ratio that must not exceed its limit.
#[inline]
pub(crate) fn share_at_most(
    into: &mut Assessment,
    check: CheckId,
    sizes: Sizes,
    (limit, warn_share): (Rate, Rate),
    read: impl Fn(i64) -> Option<Share>,
) {
    if let Some(share) = read(sizes.open)
        && let Some(verdict) = share.within(limit, warn_share)
    {
        return into.note_share(check, verdict, (share.part, share.whole), limit);
    }
    beyond(into, (check, Unit::Rate), sizes, |open| {
        read(open)?.reading(limit)
    });
}

/// The rest of [`at_most`]: over the limit, or not measurable.
#[cold]
#[inline(never)]
fn beyond(
    into: &mut Assessment,
    (check, unit): (CheckId, Unit),
    sizes: Sizes,
    read: impl Fn(i64) -> Option<Reading>,
) {
    let harmless = sizes.reducing.max(sizes.reserved);
    let passes = |open: i64| {
        open <= harmless || read(open).is_some_and(|reading| reading.measured <= reading.limit)
    };
    let reading = read(sizes.open);
    let show = |value: Option<i128>| value.map_or(Figure::ABSENT, |value| Figure::new(unit, value));
    let (verdict, largest) = if passes(sizes.open) {
        (Verdict::Warn, None)
    } else if harmless == 0 && read(0).is_none() {
        // Not even the account as it stands can be measured: no quantity cures that.
        (Verdict::Reject, None)
    } else {
        (Verdict::Reject, sizes.largest(passes))
    };
    into.push(CheckRecord {
        check,
        verdict,
        measured: show(reading.map(|reading| reading.measured)).measure(),
        limit: show(reading.map(|reading| reading.limit)).measure(),
        largest,
    });
}

/// Pass, or warn from the configured share of the limit on.
#[inline]
fn warning(reading: Reading, share: Rate) -> Verdict {
    // Far below the limit, which is the rule, nothing has to be multiplied.
    if share.units() >= 500_000_000 && reading.measured <= reading.limit >> 1 {
        return Verdict::Pass;
    }
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
#[inline]
pub(crate) fn holds(
    into: &mut Assessment,
    check: CheckId,
    holds: bool,
    measured: Figure,
    limit: Figure,
) {
    let verdict = if holds {
        Verdict::Pass
    } else {
        Verdict::Reject
    };
    into.note(check, verdict, measured, limit);
}

/// There is nothing to hold against a limit: the rule does not concern this order.
#[inline]
pub(crate) fn not_concerned(into: &mut Assessment, check: CheckId) {
    holds(into, check, true, Figure::ABSENT, Figure::ABSENT);
}

/// A figure that the check needs is not known.
#[inline]
pub(crate) fn unknown(into: &mut Assessment, check: CheckId, limit: Figure) {
    holds(into, check, false, Figure::ABSENT, limit);
}

/// A count.
#[inline]
pub(crate) fn count(things: u64) -> Figure {
    Figure::new(Unit::Count, things.into())
}

/// A quantity in units of 10⁻⁹.
#[inline]
pub(crate) fn quantity(units: i64) -> Figure {
    Figure::new(Unit::Quantity, units.into())
}

/// A ratio.
#[inline]
pub(crate) fn rate(value: Rate) -> Figure {
    Figure::new(Unit::Rate, value.units().into())
}

/// A price.
#[inline]
pub(crate) fn price(value: trader_domain::Price) -> Figure {
    Figure::new(Unit::Price, value.units().into())
}

/// A duration.
#[inline]
pub(crate) fn nanos(value: i64) -> Figure {
    Figure::new(Unit::Nanos, value.into())
}

#[cfg(test)]
mod tests {
    use super::{RATE_SCALE, Share, divide_up, warn_line};
    use proptest::prelude::*;
    use trader_broker::Verdict;
    use trader_domain::Rate;

    proptest! {
        #[test]
        fn dividing_by_parts_is_dividing(amount in any::<i128>()) {
            // Of all lengths, those that are divided in two words too.
            for amount in [amount, amount >> 24, amount >> 32, amount >> 33, amount >> 64] {
                let exact = amount / 10_000 + i128::from(amount > 0 && amount % 10_000 != 0);
                prop_assert_eq!(divide_up::<10_000>(amount), exact);
            }
        }

        #[test]
        fn comparing_is_dividing_and_comparing(
            part in 0..1_i128 << 100,
            whole in 1..1_i128 << 95,
            limit in 1_i64..10_000_000_000,
            near in -3_i128..3,
            warn in 1_i64..=1_000_000_000,
        ) {
            let (limit, warn) = (Rate::from_units(limit).unwrap(), Rate::from_units(warn).unwrap());
            // Beside what comes, parts right at the limit and at the line of the warning.
            let at = |rate: i64| (whole / RATE_SCALE * i128::from(rate) + near).max(0);
            for part in [part, at(limit.units()), at(warn_line(limit, warn))] {
                let share = Share { part, whole };
                let Some(ratio) = share.ratio_up() else {
                    // Too large to be scaled: only a part far below the whole is judged.
                    prop_assert!(matches!(share.within(limit, warn), None | Some(Verdict::Pass)));
                    prop_assert!(share.within(limit, warn).is_none() || part <= whole);
                    continue;
                };
                let line = i128::from(limit.units()) * i128::from(warn.units());
                let close = ratio.checked_mul(RATE_SCALE).is_none_or(|ratio| ratio > line);
                let expected = match (ratio <= i128::from(limit.units()), close && ratio > 0) {
                    (true, false) => Some(Verdict::Pass),
                    (true, true) => Some(Verdict::Warn),
                    (false, _) => None,
                };
                prop_assert_eq!(share.within(limit, warn), expected);
            }
        }
    }
}
