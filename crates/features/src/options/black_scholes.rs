//! European options under Black, Scholes and Merton with a continuous dividend yield: price and
//! all first- and second-order sensitivities.
//!
//! The normal distribution function is taken from `erfc`, so that both tails keep full relative
//! precision. At expiry or without volatility the price is the discounted intrinsic value and the
//! sensitivities are an error, not a guess at a kink.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

use super::terms::{Carried, OptionError, Underlying, Vanilla, not_negative};

/// Price and sensitivities of one option.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Greeks {
    /// Value.
    pub price: f64,
    /// dV/dS.
    pub delta: f64,
    /// d2V/dS2.
    pub gamma: f64,
    /// dV/dsigma, per 1.00 of volatility.
    pub vega: f64,
    /// dV/dt, per calendar year.
    pub theta: f64,
    /// dV/dr, per 1.00 of rate.
    pub rho: f64,
    /// dV/dq, per 1.00 of dividend yield.
    pub phi: f64,
    /// d2V/dS dsigma.
    pub vanna: f64,
    /// d2V/dsigma2, also called vomma.
    pub volga: f64,
    /// d delta/dt, per calendar year.
    pub charm: f64,
    /// d gamma/dS.
    pub speed: f64,
}

/// Standard normal distribution function.
#[inline]
pub(crate) fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x * FRAC_1_SQRT_2)
}

/// Standard normal density.
#[inline]
pub(crate) fn normal_density(x: f64) -> f64 {
    (-0.5 * x * x).exp() / (2.0 * PI).sqrt()
}

/// The standardised distances d1 and d2 and the total volatility; `None` where there is none.
#[inline]
fn distances(carried: &Carried, volatility: f64, years: f64) -> Option<(f64, f64, f64)> {
    let total = volatility * years.sqrt();
    if total <= 0.0 {
        return None;
    }
    let d1 = (carried.share / carried.cash).ln() / total + 0.5 * total;
    Some((d1, d1 - total, total))
}

/// Value of a European option.
///
/// Formula: w (S e^(-qT) N(w d1) - K e^(-rT) N(w d2)) (Merton 1973).
///
/// ```
/// use trader_domain::OptionRight;
/// use trader_features::options::{Underlying, Vanilla, black_scholes};
///
/// let option = Vanilla { right: OptionRight::Call, strike: 100.0, years: 1.0 };
/// let share = Underlying { spot: 100.0, rate: 0.05, dividend_yield: 0.0 };
/// let price = black_scholes::price(&option, &share, 0.2)?;
/// assert!((price - 10.450583572185565).abs() < 1e-12);
/// # Ok::<(), trader_features::options::OptionError>(())
/// ```
///
/// # Errors
/// [`OptionError::InvalidInput`], [`OptionError::Overflow`].
pub fn price(
    option: &Vanilla,
    underlying: &Underlying,
    volatility: f64,
) -> Result<f64, OptionError> {
    let carried = Carried::new(option, underlying)?;
    not_negative("volatility", volatility)?;
    let Some((d1, d2, _)) = distances(&carried, volatility, option.years) else {
        return Ok(carried.intrinsic());
    };
    let w = carried.sign;
    let value = w * (carried.share * normal_cdf(w * d1) - carried.cash * normal_cdf(w * d2));
    // Rounding may leave a far option a hair below nothing.
    finite_or_overflow(value.max(0.0))
}

/// Value and all sensitivities of a European option; formulas as in Haug, "The Complete Guide to
/// Option Pricing Formulas" (2nd ed., chapter 2), time derivatives in calendar time.
///
/// # Errors
/// As [`price`], and [`OptionError::GreeksUndefined`] at expiry or without volatility.
pub fn greeks(
    option: &Vanilla,
    underlying: &Underlying,
    volatility: f64,
) -> Result<Greeks, OptionError> {
    let carried = Carried::new(option, underlying)?;
    not_negative("volatility", volatility)?;
    let (d1, d2, total) =
        distances(&carried, volatility, option.years).ok_or(OptionError::GreeksUndefined)?;
    let (w, years, spot) = (carried.sign, option.years, underlying.spot);
    let (rate, yield_) = (underlying.rate, underlying.dividend_yield);
    // Present values of the share and of the cash, each weighted with its probability.
    let share = carried.share * normal_cdf(w * d1);
    let cash = carried.cash * normal_cdf(w * d2);
    let density = normal_density(d1);
    // Far out the density vanishes faster than any power of d grows.
    let times = |factor: f64| {
        if density == 0.0 {
            0.0
        } else {
            density * factor
        }
    };
    let gamma = times(carried.share / (spot * spot * total));
    let vega = times(carried.share * years.sqrt());
    let discount = carried.share / spot;
    let greeks = Greeks {
        price: (w * (share - cash)).max(0.0),
        delta: w * share / spot,
        gamma,
        vega,
        theta: -times(carried.share * volatility / (2.0 * years.sqrt()))
            + w * (yield_ * share - rate * cash),
        rho: w * years * cash,
        phi: -w * years * share,
        vanna: -times(discount * d2 / volatility),
        volga: times(carried.share * years.sqrt() * d1 * d2 / volatility),
        charm: w * yield_ * share / spot
            - times(discount * ((rate - yield_) / total - d2 / (2.0 * years))),
        speed: if gamma == 0.0 {
            0.0
        } else {
            -gamma / spot * (d1 / total + 1.0)
        },
    };
    greeks.check()
}

impl Greeks {
    fn check(self) -> Result<Self, OptionError> {
        let all = [
            self.price, self.delta, self.gamma, self.vega, self.theta, self.rho, self.phi,
            self.vanna, self.volga, self.charm, self.speed,
        ];
        if all.iter().all(|value| value.is_finite()) {
            Ok(self)
        } else {
            Err(OptionError::Overflow)
        }
    }
}

fn finite_or_overflow(value: f64) -> Result<f64, OptionError> {
    if value.is_finite() {
        Ok(value)
    } else {
        Err(OptionError::Overflow)
    }
}
