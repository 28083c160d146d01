//! A volatility surface without arbitrage: one SVI curve for each expiry, fitted so that no butterfly
//! and no calendar spread costs less than nothing, and checked for it.
//!
//! Expiries are fitted from the nearest to the farthest. Each fit minimises the weighted squared
//! distance in volatility over the five parameters (Nelder and Mead's simplex, several starts); what
//! would be an arbitrage, inside itself or against the expiry before, is punished, and more from
//! attempt to attempt. What comes out has passed [`Svi::butterfly`] and
//! [`Svi::calendar`], which judge every strike, or an error says where it did not.

use thiserror::Error;

use super::arbitrage::RESOLUTION;
use super::simplex::minimise;
use super::svi::{Svi, grid};

/// Parameters of a curve, and so the fewest quotes that determine one.
const PARAMETERS: usize = 5;
/// Attempts, each punishing arbitrage a hundred times more than the one before.
const ATTEMPTS: usize = 4;

/// Why quotes do not make a surface.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[non_exhaustive]
pub enum SurfaceError {
    /// An expiry, a log-moneyness, a volatility or a weight that is none.
    #[error("{input} is {value}: {rule}")]
    InvalidInput {
        /// Which one.
        input: &'static str,
        /// Its value.
        value: f64,
        /// What is allowed.
        rule: &'static str,
    },
    /// An expiry has fewer quotes than a curve has parameters.
    #[error("the expiry at {years} years has {found} quotes, {needed} are needed")]
    TooFewQuotes {
        /// Time to the expiry.
        years: f64,
        /// Quotes with a positive weight.
        found: usize,
        /// Needed.
        needed: usize,
    },
    /// Expiries do not ascend.
    #[error("the expiry at {years} years is not after the one at {before} years")]
    Unsorted {
        /// Time to the earlier one.
        before: f64,
        /// Time to the later one.
        years: f64,
    },
    /// No curve near the quotes is free of butterfly arbitrage.
    #[error(
        "the expiry at {years} years implies a negative density at log-moneyness {log_moneyness}"
    )]
    Butterfly {
        /// Time to the expiry.
        years: f64,
        /// Where.
        log_moneyness: f64,
        /// [`Svi::density_factor`] there.
        density_factor: f64,
    },
    /// No curve near the quotes lies above that of the expiry before.
    #[error(
        "the expiry at {years} years falls below the one before it at log-moneyness {log_moneyness}"
    )]
    Calendar {
        /// Time to the later expiry.
        years: f64,
        /// Where.
        log_moneyness: f64,
        /// By how much total variance falls.
        gap: f64,
    },
}

/// One quote of a smile.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SmilePoint {
    /// ln(strike / forward).
    pub log_moneyness: f64,
    /// Implied volatility per year.
    pub volatility: f64,
    /// How much it counts; 0 leaves it out.
    pub weight: f64,
}

/// The quotes of one expiry.
#[derive(Debug, Clone, PartialEq)]
pub struct Smile {
    /// Time to expiry in years.
    pub years: f64,
    /// Forward price of the underlying for the expiry.
    pub forward: f64,
    /// The quotes, in any order.
    pub points: Vec<SmilePoint>,
}

/// The fitted curve of one expiry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slice {
    /// Time to expiry in years.
    pub years: f64,
    /// Forward price.
    pub forward: f64,
    /// Total variance over log-moneyness.
    pub curve: Svi,
    /// Weighted root mean square distance from the quotes, in volatility.
    pub error: f64,
}

/// Curves by expiry.
#[derive(Debug, Clone, PartialEq)]
pub struct Surface {
    slices: Vec<Slice>,
}

impl Surface {
    /// Fits the smiles, which ascend in time.
    ///
    /// # Errors
    /// [`SurfaceError`].
    pub fn fit(smiles: &[Smile]) -> Result<Self, SurfaceError> {
        let mut slices: Vec<Slice> = Vec::with_capacity(smiles.len());
        for smile in smiles {
            let before = slices.last();
            if let Some(before) = before.filter(|before| smile.years <= before.years) {
                return Err(SurfaceError::Unsorted {
                    before: before.years,
                    years: smile.years,
                });
            }
            slices.push(fit_slice(smile, before)?);
        }
        Ok(Self { slices })
    }

    /// The fitted expiries, nearest first.
    pub fn slices(&self) -> &[Slice] {
        &self.slices
    }

    /// Implied volatility at a log-moneyness (of the forward for that time) and a time in years.
    ///
    /// Between expiries total variance is linear in time, which cannot open a calendar arbitrage; before
    /// the first and after the last it is proportional to time. `None` for a time that is not positive, a
    /// log-moneyness that is not finite, or without slices.
    pub fn volatility(&self, log_moneyness: f64, years: f64) -> Option<f64> {
        if !(years > 0.0 && years.is_finite() && log_moneyness.is_finite()) {
            return None;
        }
        let (first, last) = (self.slices.first()?, self.slices.last()?);
        let variance = |slice: &Slice| slice.curve.total_variance(log_moneyness);
        let total = if years <= first.years {
            variance(first) * years / first.years
        } else if years >= last.years {
            variance(last) * years / last.years
        } else {
            let after = self.slices.partition_point(|slice| slice.years < years);
            let (near, far) = (
                self.slices.get(after.checked_sub(1)?)?,
                self.slices.get(after)?,
            );
            let share = (years - near.years) / (far.years - near.years);
            variance(near) + share * (variance(far) - variance(near))
        };
        Some((total / years).sqrt())
    }
}

/// Quotes ready for the fit, and how an attempt is judged.
struct Problem<'s> {
    points: Vec<SmilePoint>,
    weights: f64,
    years: f64,
    reach: f64,
    before: Option<&'s Slice>,
}

fn fit_slice(smile: &Smile, before: Option<&Slice>) -> Result<Slice, SurfaceError> {
    check("years", smile.years, smile.years > 0.0)?;
    check("forward", smile.forward, smile.forward > 0.0)?;
    for point in &smile.points {
        check(
            "log-moneyness",
            point.log_moneyness,
            point.log_moneyness.abs() < 50.0,
        )?;
        let volatility = point.volatility;
        check(
            "volatility",
            volatility,
            volatility > 0.0 && volatility < 100.0,
        )?;
        check("weight", point.weight, point.weight >= 0.0)?;
    }
    let mut points = smile.points.clone();
    points.retain(|point| point.weight > 0.0);
    if points.len() < PARAMETERS {
        return Err(SurfaceError::TooFewQuotes {
            years: smile.years,
            found: points.len(),
            needed: PARAMETERS,
        });
    }
    let widest = points
        .iter()
        .map(|p| p.log_moneyness.abs())
        .fold(0.0, f64::max);
    let highest = points.iter().map(|p| p.volatility).fold(0.0, f64::max);
    // Twice the quotes' range, and five standard deviations.
    let reach = (2.0 * widest)
        .max(5.0 * highest * smile.years.sqrt())
        .max(0.5);
    let problem = Problem {
        weights: points.iter().map(|point| point.weight).sum(),
        years: smile.years,
        reach,
        points,
        before,
    };
    problem.solve(smile.forward)
}

fn check(input: &'static str, value: f64, valid: bool) -> Result<(), SurfaceError> {
    if valid && value.is_finite() {
        return Ok(());
    }
    Err(SurfaceError::InvalidInput {
        input,
        value,
        rule: "finite and in its range is needed",
    })
}

impl Problem<'_> {
    fn solve(&self, forward: f64) -> Result<Slice, SurfaceError> {
        let mut start = self.first_guess();
        for attempt in 0..ATTEMPTS {
            let punishment = 100_f64.powi(i32::try_from(attempt).unwrap_or(0));
            // A simplex that has collapsed is opened again.
            for _ in 0..3 {
                start = minimise(start, |at| self.cost(at, punishment));
            }
            let curve = self.raised(curve(&start));
            if self.refuse(&curve).is_none() {
                return Ok(self.slice(forward, curve));
            }
        }
        // What is left is small and goes away by lifting the curve.
        let curve = self.lifted(self.raised(curve(&start)));
        match self.refuse(&curve) {
            None => Ok(self.slice(forward, curve)),
            Some(error) => Err(error),
        }
    }

    fn slice(&self, forward: f64, curve: Svi) -> Slice {
        Slice {
            years: self.years,
            forward,
            curve,
            error: self.distance(&curve).sqrt(),
        }
    }

    /// Higher by just so much that there is no butterfly. With wings no steeper than 2 enough height
    /// always cures one (Durrleman's function tends to 1 - w'^2 / 16 + w'' / 2), and lifting opens no
    /// calendar arbitrage.
    fn lifted(&self, curve: Svi) -> Svi {
        let by = |height: f64| Svi {
            a: curve.a + height,
            ..curve
        };
        let is_free = |height: f64| by(height).butterfly().is_none();
        if is_free(0.0) {
            return curve;
        }
        let mut enough = 1e-6 * curve.lowest().abs().max(1e-6);
        let mut too_little = 0.0;
        while !is_free(enough) && enough < 1e3 {
            too_little = enough;
            enough *= 2.0;
        }
        for _ in 0..30 {
            let middle = 0.5 * (too_little + enough);
            if is_free(middle) {
                enough = middle;
            } else {
                too_little = middle;
            }
        }
        by(enough)
    }

    /// Flat at the lowest quote, with gentle wings, over a few places of the turn; the best of them.
    fn first_guess(&self) -> [f64; PARAMETERS] {
        let variance = |point: &SmilePoint| point.volatility.powi(2) * self.years;
        let lowest = self
            .points
            .iter()
            .map(variance)
            .fold(f64::INFINITY, f64::min);
        let highest = self.points.iter().map(variance).fold(0.0, f64::max);
        let range = (self.reach / 4.0).max(1e-3);
        let mut best = ([0.0; PARAMETERS], f64::INFINITY);
        for turn in [-0.5, 0.0, 0.5] {
            for tilt in [-1.0, 0.0, 0.5] {
                for round in [0.1, 0.4] {
                    let slope = ((highest - lowest) / range).clamp(1e-4, 1.0);
                    let guess = [
                        lowest.ln(),
                        slope.ln(),
                        tilt,
                        turn * range,
                        (round * range).ln(),
                    ];
                    let cost = self.cost(&guess, 1.0);
                    if cost < best.1 {
                        best = (guess, cost);
                    }
                }
            }
        }
        best.0
    }

    /// Weighted mean squared distance in volatility.
    fn distance(&self, curve: &Svi) -> f64 {
        let sum: f64 = self
            .points
            .iter()
            .map(|point| {
                let total = curve.total_variance(point.log_moneyness).max(0.0);
                let gap = (total / self.years).sqrt() - point.volatility;
                point.weight * gap * gap
            })
            .sum();
        sum / self.weights
    }

    fn cost(&self, at: &[f64; PARAMETERS], punishment: f64) -> f64 {
        let curve = curve(at);
        let (left, right) = curve.wing_slopes();
        // Not squared: small amounts must hurt too.
        let mut arbitrage = (left.max(right) - STEEPEST).max(0.0);
        // Every third point of those that are judged, with a little room to spare.
        for k in curve.sampled(self.reach).step_by(3) {
            arbitrage += (1e-3 - curve.density_factor(k)).max(0.0);
        }
        if let Some(before) = self.before {
            let unit = before.curve.lowest().max(1e-6);
            let (left_before, right_before) = before.curve.wing_slopes();
            for k in grid(self.reach).step_by(3) {
                let fall = before.curve.total_variance(k) - curve.total_variance(k);
                arbitrage += (fall / unit).max(0.0);
            }
            arbitrage += (left_before - left).max(0.0);
            arbitrage += (right_before - right).max(0.0);
        }
        let cost = self.distance(&curve) + punishment * 1e-3 * arbitrage;
        if cost.is_finite() { cost } else { f64::MAX }
    }

    /// Lifted over the expiry before, where rounding or a shallow fit left it a little below.
    fn raised(&self, curve: Svi) -> Svi {
        let Some(before) = self.before else {
            return curve;
        };
        let (left, right) = curve.wing_slopes();
        let (left_before, right_before) = before.curve.wing_slopes();
        // Wings as steep as those before: b (1 - rho) and b (1 + rho) are raised apart.
        let steeper = |now: f64, before: f64| now.max(before * (1.0 + 1e-9));
        let (left, right) = (steeper(left, left_before), steeper(right, right_before));
        let b = 0.5 * (left + right);
        let rho = if b > 0.0 {
            (right - left) / (left + right)
        } else {
            0.0
        };
        let steeper = Svi { b, rho, ..curve };
        // Turned up, the curve is lowered to where it was at its turn.
        let a = curve.a + (curve.b - b) * curve.sigma;
        let steeper = Svi { a, ..steeper };
        match steeper.calendar(&before.curve) {
            Some((_, gap)) => Svi {
                a: steeper.a + gap + RESOLUTION,
                ..steeper
            },
            None => steeper,
        }
    }

    fn refuse(&self, curve: &Svi) -> Option<SurfaceError> {
        if let Some((log_moneyness, density_factor)) = curve.butterfly() {
            return Some(SurfaceError::Butterfly {
                years: self.years,
                log_moneyness,
                density_factor,
            });
        }
        let (log_moneyness, gap) = curve.calendar(&self.before?.curve)?;
        Some(SurfaceError::Calendar {
            years: self.years,
            log_moneyness,
            gap,
        })
    }
}

/// The smallest sigma, in log-moneyness: a hundredth of a percent of the strike.
const SHARPEST: f64 = 1e-4;

/// The steepest wing that is fitted; at 2 (Lee 2004) only infinite height is free of arbitrage.
const STEEPEST: f64 = 1.95;
/// The largest tilt: both wings rise at last, so that a curve has its lowest point somewhere.
const TILTED: f64 = 0.9999;

/// Any five numbers as parameters in their ranges: the lowest variance, b and sigma through
/// exponentials, rho through a hyperbolic tangent.
fn curve(&[lowest, slope, tilt, m, round]: &[f64; PARAMETERS]) -> Svi {
    // A turn sharper than this is a kink to any quote, and divides by zero.
    let (b, rho, sigma) = (slope.exp(), TILTED * tilt.tanh(), SHARPEST + round.exp());
    Svi {
        a: lowest.exp() - b * sigma * (1.0 - rho * rho).sqrt(),
        b,
        rho,
        m,
        sigma,
    }
}
