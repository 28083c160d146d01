//! American options with a continuous dividend yield: the early-exercise boundary by spectral
//! collocation (Andersen, Lake, Offengenden 2016, "High-performance American option pricing").
//!
//! The boundary of a put with strike 1 solves a fixed-point equation in terms of itself. It is held
//! as a Chebyshev interpolant of ln(B/X)^2 in the square root of time, where it is smooth, and the
//! equation is iterated at the nodes until it settles. The price is the European one plus the
//! carry earned by exercising, one integral over the boundary. A call is the put with spot and
//! strike, and rate and yield, exchanged (Schroder 1999).

use std::f64::consts::PI;
use std::sync::LazyLock;

use trader_domain::OptionRight;

use super::black_scholes::{self, normal_cdf, normal_density};
use super::terms::{Carried, OptionError, Underlying, Vanilla, not_negative};

/// Collocation nodes besides the one at expiry.
const NODES: usize = 12;
/// Most rounds of the fixed point.
const ROUNDS: usize = 200;
/// The boundary has settled when no node would move by more, relative to the strike. The price is
/// flat in the boundary (it is the best one), so its error is of the order of the square of this.
const SETTLED: f64 = 1e-7;

/// Price and sensitivities of an American option.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AmericanGreeks {
    /// Value.
    pub price: f64,
    /// dV/dS.
    pub delta: f64,
    /// d2V/dS2.
    pub gamma: f64,
    /// dV/dsigma, per 1.00 of volatility.
    pub vega: f64,
    /// dV/dt, per calendar year; 0 where exercise is immediate.
    pub theta: f64,
    /// dV/dr, per 1.00 of rate.
    pub rho: f64,
    /// Whether exercise now is optimal.
    pub exercise_now: bool,
}

/// Value of an American option.
///
/// # Errors
/// [`OptionError::InvalidInput`]; [`OptionError::TwoBoundaries`] when rate and yield are both
/// negative in the order that makes exercise optimal between two prices;
/// [`OptionError::NotConverged`]; [`OptionError::Overflow`].
pub fn price(
    option: &Vanilla,
    underlying: &Underlying,
    volatility: f64,
) -> Result<f64, OptionError> {
    Ok(Valuation::new(option, underlying, volatility)?.price(underlying.spot))
}

/// Value and sensitivities of an American option. Delta and gamma are fourth-order differences on
/// one boundary, theta follows from them by the Black-Scholes equation, vega and rho are
/// fourth-order differences of the whole valuation.
///
/// # Errors
/// As [`price`], and [`OptionError::GreeksUndefined`] at expiry or without volatility.
pub fn greeks(
    option: &Vanilla,
    underlying: &Underlying,
    volatility: f64,
) -> Result<AmericanGreeks, OptionError> {
    let valuation = Valuation::new(option, underlying, volatility)?;
    if matches!(valuation.method, Method::Certain) {
        return Err(OptionError::GreeksUndefined);
    }
    let spot = underlying.spot;
    let price = valuation.price(spot);
    let sign = option.sign();
    if valuation.exercises_at(spot) {
        return Ok(AmericanGreeks {
            price,
            delta: sign,
            gamma: 0.0,
            vega: 0.0,
            theta: 0.0,
            rho: 0.0,
            exercise_now: true,
        });
    }
    let width = 1e-3 * spot;
    let [far_below, below, above, far_above] =
        [-2.0, -1.0, 1.0, 2.0].map(|steps| valuation.price(spot + steps * width));
    let delta = (far_below - 8.0 * below + 8.0 * above - far_above) / (12.0 * width);
    let gamma =
        (16.0 * (below + above) - far_below - far_above - 30.0 * price) / (12.0 * width * width);
    let carry = underlying.rate - underlying.dividend_yield;
    let theta =
        underlying.rate * price - carry * spot * delta - 0.5 * (volatility * spot).powi(2) * gamma;
    // Small against the volatility, so that the outer points stay positive.
    let step = (1e-3_f64).min(volatility / 4.0);
    let vega = difference(step, |shift| {
        Ok(Valuation::new(option, underlying, volatility + shift)?.price(spot))
    })?;
    let rho = difference(1e-4, |shift| {
        let shifted = Underlying {
            rate: underlying.rate + shift,
            ..*underlying
        };
        Ok(Valuation::new(option, &shifted, volatility)?.price(spot))
    })?;
    Ok(AmericanGreeks {
        price,
        delta,
        gamma,
        vega,
        theta,
        rho,
        exercise_now: false,
    })
}

/// The early-exercise boundary: the spot at which exercise becomes optimal with the full time left.
/// `None` where early exercise never is.
///
/// # Errors
/// As [`price`].
pub fn exercise_boundary(
    option: &Vanilla,
    underlying: &Underlying,
    volatility: f64,
) -> Result<Option<f64>, OptionError> {
    let valuation = Valuation::new(option, underlying, volatility)?;
    Ok(match &valuation.method {
        Method::Boundary(boundary) => {
            let now = boundary.at(boundary.years);
            Some(match option.right {
                OptionRight::Put => option.strike * now,
                OptionRight::Call => option.strike / now,
            })
        }
        Method::European | Method::Certain => None,
    })
}

/// Fourth-order central difference.
fn difference(
    step: f64,
    value: impl Fn(f64) -> Result<f64, OptionError>,
) -> Result<f64, OptionError> {
    let (inner, outer) = (
        value(step)? - value(-step)?,
        value(2.0 * step)? - value(-2.0 * step)?,
    );
    Ok((8.0 * inner - outer) / (12.0 * step))
}

/// One option, ready to be valued at any spot.
struct Valuation {
    option: Vanilla,
    underlying: Underlying,
    volatility: f64,
    method: Method,
}

enum Method {
    /// Early exercise is never optimal.
    European,
    /// Without time or volatility: the best moment on a certain path.
    Certain,
    /// The boundary of the equivalent put with strike 1.
    Boundary(Boundary),
}

impl Valuation {
    fn new(
        option: &Vanilla,
        underlying: &Underlying,
        volatility: f64,
    ) -> Result<Self, OptionError> {
        Carried::new(option, underlying)?;
        not_negative("volatility", volatility)?;
        // Rate and yield of the equivalent put.
        let (rate, yield_) = match option.right {
            OptionRight::Put => (underlying.rate, underlying.dividend_yield),
            OptionRight::Call => (underlying.dividend_yield, underlying.rate),
        };
        let method = if volatility * option.years.sqrt() <= 0.0 {
            Method::Certain
        } else if rate <= 0.0 && yield_ >= rate {
            Method::European
        } else if rate < 0.0 {
            return Err(OptionError::TwoBoundaries);
        } else {
            Method::Boundary(Boundary::solve(rate, yield_, volatility, option.years)?)
        };
        let valuation = Self {
            option: *option,
            underlying: *underlying,
            volatility,
            method,
        };
        if valuation.price(underlying.spot).is_finite() {
            Ok(valuation)
        } else {
            Err(OptionError::Overflow)
        }
    }

    fn exercises_at(&self, spot: f64) -> bool {
        match &self.method {
            Method::Boundary(boundary) => {
                self.equivalent_moneyness(spot) <= boundary.at(boundary.years)
            }
            Method::European | Method::Certain => false,
        }
    }

    /// Spot over strike of the equivalent put.
    fn equivalent_moneyness(&self, spot: f64) -> f64 {
        match self.option.right {
            OptionRight::Put => spot / self.option.strike,
            OptionRight::Call => self.option.strike / spot,
        }
    }

    /// NaN only when something overflows.
    fn price(&self, spot: f64) -> f64 {
        let underlying = Underlying {
            spot,
            ..self.underlying
        };
        let exercise = self.option.intrinsic(spot);
        match &self.method {
            Method::Certain => certain(&self.option, &underlying),
            Method::European => {
                black_scholes::price(&self.option, &underlying, self.volatility).unwrap_or(f64::NAN)
            }
            Method::Boundary(_) if self.exercises_at(spot) => exercise,
            Method::Boundary(boundary) => {
                let european = black_scholes::price(&self.option, &underlying, self.volatility)
                    .unwrap_or(f64::NAN);
                // The equivalent put has the strike that this option's spot plays.
                let scale = match self.option.right {
                    OptionRight::Put => self.option.strike,
                    OptionRight::Call => spot,
                };
                let premium = scale * boundary.premium(self.equivalent_moneyness(spot));
                let value = european + premium;
                // `max` alone would turn NaN into the exercise value.
                if value < exercise { exercise } else { value }
            }
        }
    }
}

/// The best discounted exercise along the certain path S e^((r-q)t).
fn certain(option: &Vanilla, underlying: &Underlying) -> f64 {
    let (rate, yield_) = (underlying.rate, underlying.dividend_yield);
    let at = |years: f64| {
        let share = underlying.spot * (-yield_ * years).exp();
        let cash = option.strike * (-rate * years).exp();
        (option.sign() * (share - cash)).max(0.0)
    };
    // Where the derivative vanishes, if it does before expiry.
    let turn = (rate * option.strike / (yield_ * underlying.spot)).ln() / (rate - yield_);
    let inside = if turn > 0.0 && turn < option.years {
        at(turn)
    } else {
        0.0
    };
    at(0.0).max(at(option.years)).max(inside)
}

/// The two fixed-point equations of the paper.
#[derive(Debug, Clone, Copy)]
enum Scheme {
    /// From smooth pasting: densities.
    A,
    /// From value matching: probabilities.
    B,
}

impl Scheme {
    /// The terms of numerator and denominator at the distances d- and d+.
    fn terms(self, minus: f64, plus: f64, total: f64) -> (f64, f64) {
        match self {
            Self::A => (
                normal_density(minus) / total,
                normal_density(plus) / total + normal_cdf(plus),
            ),
            Self::B => (normal_cdf(minus), normal_cdf(plus)),
        }
    }
}

/// The exercise boundary of a put with strike 1.
struct Boundary {
    rate: f64,
    yield_: f64,
    volatility: f64,
    years: f64,
    /// The boundary an instant before expiry, min(1, r/q).
    limit: f64,
    /// Chebyshev coefficients of ln(B/limit)^2 over the square root of time.
    coefficients: [f64; NODES + 1],
}

impl Boundary {
    /// By scheme A, which settles fastest; by scheme B where A swings (wide negative carry).
    fn solve(rate: f64, yield_: f64, volatility: f64, years: f64) -> Result<Self, OptionError> {
        Self::iterate(Scheme::A, rate, yield_, volatility, years)
            .or_else(|_swinging| Self::iterate(Scheme::B, rate, yield_, volatility, years))
    }

    fn iterate(
        scheme: Scheme,
        rate: f64,
        yield_: f64,
        volatility: f64,
        years: f64,
    ) -> Result<Self, OptionError> {
        let limit = if yield_ > rate { rate / yield_ } else { 1.0 };
        let mut boundary = Self {
            rate,
            yield_,
            volatility,
            years,
            limit,
            coefficients: [0.0; NODES + 1],
        };
        // Node i lies at cos(i pi / n) on -1..1 of the square root of time: 0 is full time, n expiry.
        let node_years: [f64; NODES + 1] = std::array::from_fn(|i| {
            let z = (PI * i as f64 / NODES as f64).cos();
            years * (0.5 * (1.0 + z)).powi(2)
        });
        let mut values: [f64; NODES + 1] = node_years.map(|tau| boundary.first_guess(tau));
        values[NODES] = limit;
        boundary.interpolate(&values);
        // Each node goes its own share of the way: less after it swung across, more while it keeps
        // its direction.
        let mut paces = [0.5_f64; NODES];
        let mut last = [0.0_f64; NODES];
        for _ in 0..ROUNDS {
            let mut moved = 0.0_f64;
            let mut next = values;
            for (i, (pace, last)) in paces.iter_mut().zip(&mut last).enumerate() {
                let target = boundary.fixed_point(scheme, node_years[i], values[i]);
                if !(target > 0.0 && target.is_finite()) {
                    return Err(OptionError::NotConverged {
                        method: "exercise boundary",
                    });
                }
                let way = target.min(limit) - values[i];
                let swung = way * *last < 0.0 && way.abs() > 0.5 * last.abs();
                *pace = if swung {
                    0.5 * *pace
                } else {
                    (1.5 * *pace).min(1.0)
                };
                *last = way;
                next[i] += *pace * way;
                moved = moved.max(way.abs());
            }
            values = next;
            boundary.interpolate(&values);
            if moved < SETTLED {
                return Ok(boundary);
            }
        }
        Err(OptionError::NotConverged {
            method: "exercise boundary",
        })
    }

    /// Between the limit and the perpetual boundary, as in Bjerksund and Stensland (1993).
    fn first_guess(&self, tau: f64) -> f64 {
        let variance = self.volatility * self.volatility;
        let carry = self.rate - self.yield_;
        let drift = carry / variance - 0.5;
        let root = (drift * drift + 2.0 * self.rate / variance).sqrt();
        let exponent = -drift - root;
        let perpetual = exponent / (exponent - 1.0);
        let gap = (self.limit - perpetual).max(1e-6);
        let speed = (2.0 * self.volatility * tau.sqrt() - carry * tau).max(0.0) / gap;
        let guess = perpetual + gap * (-speed).exp();
        guess.max(0.5 * perpetual.max(1e-9)).min(self.limit)
    }

    /// Chebyshev coefficients through values at the nodes (a discrete cosine transform).
    fn interpolate(&mut self, values: &[f64; NODES + 1]) {
        let heights = values.map(|value| (value / self.limit).ln().powi(2));
        self.coefficients = std::array::from_fn(|k| {
            let sum: f64 = heights
                .iter()
                .enumerate()
                .map(|(i, height)| {
                    let end = if i == 0 || i == NODES { 0.5 } else { 1.0 };
                    end * height * (PI * (i * k % (2 * NODES)) as f64 / NODES as f64).cos()
                })
                .sum();
            let end = if k == 0 || k == NODES { 1.0 } else { 2.0 };
            end * sum / NODES as f64
        });
    }

    /// The boundary with `tau` years left (Clenshaw's recurrence).
    fn at(&self, tau: f64) -> f64 {
        let z = 2.0 * (tau / self.years).sqrt().min(1.0) - 1.0;
        let (mut b1, mut b2) = (0.0, 0.0);
        for coefficient in self.coefficients.iter().skip(1).rev() {
            (b1, b2) = (coefficient + 2.0 * z * b1 - b2, b1);
        }
        let height = self.coefficients[0] + z * b1 - b2;
        self.limit * (-height.max(0.0).sqrt()).exp()
    }

    /// d- and d+ of the ratio of spot to a level after `tau` years.
    fn distances(&self, tau: f64, ratio: f64) -> (f64, f64) {
        let total = self.volatility * tau.sqrt();
        let drift = (self.rate - self.yield_) * tau;
        let minus = (ratio.ln() + drift) / total - 0.5 * total;
        (minus, minus + total)
    }

    /// The right-hand side of the fixed-point equation with `tau` left and the boundary at `level`.
    fn fixed_point(&self, scheme: Scheme, tau: f64, level: f64) -> f64 {
        let total = self.volatility * tau.sqrt();
        let (minus, plus) = self.distances(tau, level);
        let (mut cash, mut share) = scheme.terms(minus, plus, total);
        for (y, weight) in RULE.iter() {
            // The time between now and then; squared, so that its root in the density cancels.
            let left = tau * (0.5 * (1.0 + y)).powi(2);
            let then = tau - left;
            let (minus, plus) = self.distances(left, level / self.at(then));
            let (cash_now, share_now) = scheme.terms(minus, plus, self.volatility * left.sqrt());
            let step = weight * 0.5 * tau * (1.0 + y);
            cash += step * self.rate * (self.rate * then).exp() * cash_now;
            share += step * self.yield_ * (self.yield_ * then).exp() * share_now;
        }
        (-(self.rate - self.yield_) * tau).exp() * cash / share
    }

    /// What early exercise adds to the European put at spot over strike `moneyness`.
    fn premium(&self, moneyness: f64) -> f64 {
        let integral: f64 = RULE
            .iter()
            .map(|(y, weight)| {
                let left = self.years * (0.5 * (1.0 + y)).powi(2);
                let (minus, plus) = self.distances(left, moneyness / self.at(self.years - left));
                let carry = self.rate * (-self.rate * left).exp() * normal_cdf(-minus)
                    - self.yield_ * moneyness * (-self.yield_ * left).exp() * normal_cdf(-plus);
                weight * 0.5 * self.years * (1.0 + y) * carry
            })
            .sum();
        // Negative by rounding only.
        if integral < 0.0 { 0.0 } else { integral }
    }
}

/// Points of the Gauss-Legendre rule.
const POINTS: usize = 48;

/// Nodes and weights of the Gauss-Legendre rule on -1..1, by Newton's method on the Legendre
/// polynomial.
static RULE: LazyLock<[(f64, f64); POINTS]> = LazyLock::new(|| {
    std::array::from_fn(|i| {
        let mut x = (PI * (i as f64 + 0.75) / (POINTS as f64 + 0.5)).cos();
        let mut slope = 1.0;
        for _ in 0..100 {
            let (mut last, mut value) = (1.0, x);
            for k in 2..=POINTS {
                let k = k as f64;
                (last, value) = (value, ((2.0 * k - 1.0) * x * value - (k - 1.0) * last) / k);
            }
            slope = POINTS as f64 * (x * value - last) / (x * x - 1.0);
            let step = value / slope;
            x -= step;
            if step.abs() < 1e-15 {
                break;
            }
        }
        (x, 2.0 / ((1.0 - x * x) * slope * slope))
    })
});
