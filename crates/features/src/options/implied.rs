//! Implied volatility: the volatility at which Black-Scholes-Merton gives an observed price.
//!
//! The inversion itself is Jaeckel's rational method ("Let's be rational", 2015) from the crate
//! `implied-vol`; it never fails between the arbitrage bounds. This module decides what lies
//! between them and says on which side a price fell out. Deep in the money the volatility sits in
//! the last digits of the price; the time value is then taken in twice the working precision, so
//! that the answer is the root for exactly the price given (whether those digits mean anything in
//! the market is for the caller to judge).

use implied_vol::{DefaultSpecialFn, ImpliedBlackVolatilityNormalised};

use super::terms::{Carried, OptionError, Underlying, Vanilla, finite};

/// Below this share of the price the time value is computed in double-double arithmetic.
const DELICATE: f64 = 1e-5;

/// Rounding of a price and of its intrinsic value, in units of the larger of price and bounds.
const ROUNDING: f64 = 16.0 * f64::EPSILON;

/// The volatility per square root of a year that gives `price`.
///
/// ```
/// use trader_domain::OptionRight;
/// use trader_features::options::{OptionError, Underlying, Vanilla, implied_volatility};
///
/// let option = Vanilla { right: OptionRight::Call, strike: 100.0, years: 1.0 };
/// let share = Underlying { spot: 100.0, rate: 0.05, dividend_yield: 0.0 };
/// let vol = implied_volatility(&option, &share, 10.450583572185565)?;
/// assert!((vol - 0.2).abs() < 1e-14);
/// let below = implied_volatility(&option, &share, 4.0);
/// assert!(matches!(below, Err(OptionError::BelowIntrinsic { .. })));
/// # Ok::<(), OptionError>(())
/// ```
///
/// # Errors
/// [`OptionError::InvalidInput`], [`OptionError::Expired`], [`OptionError::BelowIntrinsic`],
/// [`OptionError::NoTimeValue`], [`OptionError::AboveMaximum`], [`OptionError::Overflow`].
pub fn implied_volatility(
    option: &Vanilla,
    underlying: &Underlying,
    price: f64,
) -> Result<f64, OptionError> {
    let carried = Carried::new(option, underlying)?;
    finite("price", price)?;
    if price < 0.0 {
        return Err(OptionError::InvalidInput {
            input: "price",
            value: price,
            rule: "must not be negative",
        });
    }
    if option.years == 0.0 {
        return Err(OptionError::Expired);
    }
    let (share, cash) = (carried.share, carried.cash);
    let maximum = if carried.sign > 0.0 { share } else { cash };
    if price >= maximum {
        return Err(OptionError::AboveMaximum { price, maximum });
    }
    let time_value = time_value(option, underlying, &carried, price)?;
    let log_moneyness = (share / cash).ln();
    let total = ImpliedBlackVolatilityNormalised::builder()
        .log_moneyness(-log_moneyness.abs())
        .normalised_price(time_value / (share.sqrt() * cash.sqrt()))
        .build()
        .and_then(|inversion| inversion.calculate::<DefaultSpecialFn>());
    match total {
        Some(total) if total.is_finite() && total > 0.0 => Ok(total / option.years.sqrt()),
        // The crate answers infinity at the maximum.
        Some(total) if total > 0.0 => Err(OptionError::AboveMaximum { price, maximum }),
        Some(_) => Err(OptionError::NoTimeValue {
            price,
            intrinsic: carried.intrinsic(),
        }),
        None => Err(OptionError::AboveMaximum { price, maximum }),
    }
}

/// What the price holds above the discounted intrinsic value: the price of the out-of-the-money
/// option of the same strike. Positive.
fn time_value(
    option: &Vanilla,
    underlying: &Underlying,
    carried: &Carried,
    price: f64,
) -> Result<f64, OptionError> {
    let intrinsic = carried.intrinsic();
    let mut value = price - intrinsic;
    if intrinsic > 0.0 && value.abs() < DELICATE * price.max(intrinsic) {
        let minus = |rate: f64| Precise::product(rate, option.years).negated().exp();
        let share = minus(underlying.dividend_yield).times(underlying.spot);
        let cash = minus(underlying.rate).times(option.strike);
        let exact = share.plus(cash.negated()).times(carried.sign);
        value = Precise::from(price).plus(exact.negated()).value();
    }
    if value > 0.0 {
        return Ok(value);
    }
    let scale = price.max(carried.share).max(carried.cash);
    Err(if value >= -ROUNDING * scale {
        OptionError::NoTimeValue { price, intrinsic }
    } else {
        OptionError::BelowIntrinsic { price, intrinsic }
    })
}

/// A number of about 32 digits: the unevaluated sum of two f64 (Dekker 1971).
#[derive(Debug, Clone, Copy)]
struct Precise {
    high: f64,
    low: f64,
}

impl From<f64> for Precise {
    fn from(high: f64) -> Self {
        Self { high, low: 0.0 }
    }
}

impl Precise {
    /// ln 2 to 32 digits.
    const LN_2: Self = Self {
        high: std::f64::consts::LN_2,
        low: 2.319_046_813_846_299_6e-17,
    };

    /// The exact sum.
    fn sum(a: f64, b: f64) -> Self {
        let high = a + b;
        let added = high - a;
        Self {
            high,
            low: (a - (high - added)) + (b - added),
        }
    }

    /// The exact product.
    fn product(a: f64, b: f64) -> Self {
        let high = a * b;
        Self {
            high,
            low: a.mul_add(b, -high),
        }
    }

    fn value(self) -> f64 {
        self.high + self.low
    }

    fn negated(self) -> Self {
        Self {
            high: -self.high,
            low: -self.low,
        }
    }

    fn plus(self, other: Self) -> Self {
        let high = Self::sum(self.high, other.high);
        let low = Self::sum(self.low, other.low);
        let first = Self::sum(high.high, high.low + low.high);
        Self::sum(first.high, first.low + low.low)
    }

    fn times(self, factor: f64) -> Self {
        let high = Self::product(self.high, factor);
        Self::sum(high.high, high.low + self.low * factor)
    }

    fn squared(self) -> Self {
        let high = Self::product(self.high, self.high);
        Self::sum(high.high, high.low + 2.0 * self.high * self.low)
    }

    /// The exponential: reduced by multiples of ln 2 and by 2^8, a Taylor series, eight squarings.
    /// The argument is that of a discount factor that passed as a normal f64.
    fn exp(self) -> Self {
        let twos = (self.high / Self::LN_2.high).round();
        let reduced = self
            .plus(Self::LN_2.times(-twos))
            .times(f64::from(1.0_f32 / 256.0));
        let mut series = Self::from(1.0);
        for order in (1..=12_u32).rev() {
            // 1 + x/order * series; the division is a multiplication by the precise reciprocal.
            let reciprocal = Self::reciprocal(f64::from(order));
            series = series.by(reduced).by(reciprocal).plus(Self::from(1.0));
        }
        for _ in 0..8 {
            series = series.squared();
        }
        // |twos| < 1100, so half of it is representable as a power of two.
        let half = (0.5 * twos).trunc();
        series.times(half.exp2()).times((twos - half).exp2())
    }

    fn by(self, other: Self) -> Self {
        let high = Self::product(self.high, other.high);
        let cross = self.high * other.low + self.low * other.high;
        Self::sum(high.high, high.low + cross)
    }

    fn reciprocal(x: f64) -> Self {
        let high = 1.0 / x;
        Self {
            high,
            low: (-x).mul_add(high, 1.0) / x,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponential_has_thirty_digits() {
        // e = 2.718281828459045235360287471352662497757...: the low part continues the high one.
        let e = Precise::from(1.0).exp();
        assert_eq!(e.high, std::f64::consts::E);
        assert!((e.low - 1.445_646_891_729_250_1e-16).abs() < 1e-30);
        // exp(-0.5) = 0.606530659712633423603799534991180453441918...
        let root = Precise::from(-0.5).exp();
        let back = root.squared().by(e).plus(Precise::from(-1.0)).value();
        assert!(back.abs() < 1e-29, "{back:e}");
    }
}
