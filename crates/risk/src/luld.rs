//! Limit-up/limit-down bands, for markets whose official bands do not reach us.
//!
//! The percentages are those of the Plan to Address Extraordinary Market Volatility: by tier, by
//! the previous close, doubled towards the close. [`LuldReference`] keeps the reference price from
//! prints as the plan does; [`bands`] turns it into prices.

use std::collections::VecDeque;

use trader_broker::Mark;
use trader_domain::{LuldBands, LuldTier, NANOS_PER_SECOND, Price, Rate, Rounding, Timestamp};

/// Which widths apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BandPeriod {
    /// 9:30 to 15:35.
    Standard,
    /// 15:35 to 16:00 (the last 25 minutes of the day): doubled for Tier 1 at every price and for
    /// Tier 2 at or below $3.
    Closing,
}

const THREE: Price = Price::whole(3);
/// $0.75.
const SEVENTY_FIVE_CENTS: Price = Price::from_small_units(750_000_000);
/// $0.15.
const FIFTEEN_CENTS: Price = Price::from_small_units(150_000_000);
const CENT: Price = Price::from_small_units(10_000_000);
/// Up to here, adding half a cent or fifty units cannot overflow.
const HALF_RANGE: i64 = i64::MAX / 2;

/// The distance of both bands from the reference price; `None` outside the plan or when a product
/// does not fit.
fn distance(
    tier: LuldTier,
    reference: Price,
    previous_close: Price,
    period: BandPeriod,
) -> Option<Price> {
    // Of whole percents; the common case stays in 64 bits, where the division is a multiplication.
    let share = |percent: i32| match reference.units().checked_mul(i64::from(percent)) {
        Some(hundredfold) if (0..=HALF_RANGE).contains(&hundredfold) => {
            Price::from_units((hundredfold + 50) / 100).ok()
        }
        _ => reference
            .scale(
                Rate::from_percent(percent).units(),
                Rate::ONE.units(),
                Rounding::HalfUp,
            )
            .ok(),
    };
    let normal = match (tier, previous_close) {
        (LuldTier::None, _) => return None,
        (LuldTier::Tier1, close) if close > THREE => share(5)?,
        (LuldTier::Tier2, close) if close > THREE => share(10)?,
        (_, close) if close >= SEVENTY_FIVE_CENTS => share(20)?,
        _ => FIFTEEN_CENTS.min(share(75)?),
    };
    let doubled =
        period == BandPeriod::Closing && (tier == LuldTier::Tier1 || previous_close <= THREE);
    if doubled {
        normal.checked_add(normal).ok()
    } else {
        Some(normal)
    }
}

/// The bands around a reference price, rounded to the cent as the plan does; the lower one never
/// falls below zero. `None` for instruments outside the plan.
pub fn bands(
    tier: LuldTier,
    reference: Price,
    previous_close: Price,
    period: BandPeriod,
) -> Option<LuldBands> {
    let distance = distance(tier, reference, previous_close, period)?;
    let round = |price: Price| match price.units() {
        units @ 0..=HALF_RANGE => {
            let cent = CENT.units();
            Price::from_units((units + cent / 2) / cent * cent).ok()
        }
        _ => price.round_to(CENT, Rounding::HalfUp).ok(),
    };
    Some(LuldBands {
        lower: round(reference.checked_sub(distance).ok()?)?.max(Price::ZERO),
        upper: round(reference.checked_add(distance).ok()?)?,
    })
}

/// The bands for what is known of a market: the official ones, else computed ones.
pub fn bands_in_force(
    mark: &Mark,
    tier: LuldTier,
    reference: Price,
    period: BandPeriod,
) -> Option<LuldBands> {
    mark.luld.or_else(|| {
        bands(
            tier,
            reference,
            mark.previous_close.unwrap_or(reference),
            period,
        )
    })
}

/// The plan's reference price: the mean of the eligible prints of the last five minutes, replaced
/// only when the new mean is at least 1 % away and the old one has stood for 30 seconds.
///
/// The opening price is the first reference. Feed it every eligible print of the regular session.
#[derive(Debug, Clone, Default)]
pub struct LuldReference {
    prints: VecDeque<(Timestamp, Price)>,
    sum: i128,
    reference: Option<(Timestamp, Price)>,
}

impl LuldReference {
    const SPAN_NANOS: i64 = 300 * NANOS_PER_SECOND;
    const STANDS_NANOS: i64 = 30 * NANOS_PER_SECOND;

    /// Nothing printed yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A print that may set prices. Prints that are not positive are no prices and are left out.
    pub fn on_print(&mut self, time: Timestamp, price: Price) {
        if !price.is_positive() {
            return;
        }
        self.prints.push_back((time, price));
        self.sum += i128::from(price.units());
        while let Some(&(oldest, old_price)) = self.prints.front()
            && time.nanos_since(oldest) > Self::SPAN_NANOS
        {
            self.prints.pop_front();
            self.sum -= i128::from(old_price.units());
        }
        let Some((since, standing)) = self.reference else {
            self.reference = Some((time, price));
            return;
        };
        let Some(mean) = self.mean() else { return };
        let moved = i128::from(mean.units()) - i128::from(standing.units());
        let one_percent = moved.abs() * 100 >= i128::from(standing.units());
        if one_percent && time.nanos_since(since) >= Self::STANDS_NANOS {
            self.reference = Some((time, mean));
        }
    }

    fn mean(&self) -> Option<Price> {
        let count = i128::try_from(self.prints.len()).ok()?;
        let mean = Rounding::HalfUp.divide(self.sum, count).ok()?;
        Price::from_units(i64::try_from(mean).ok()?).ok()
    }

    /// The reference price, once something has printed.
    pub fn reference(&self) -> Option<Price> {
        self.reference.map(|(_, price)| price)
    }

    /// A new day: the opening print sets the first reference.
    pub fn reset(&mut self) {
        *self = Self::default();
    }
}
