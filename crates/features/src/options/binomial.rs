//! Options on a binomial tree: the plain method to hold others against, for both exercise styles.
//!
//! Leisen and Reimer's tree (1996, "Binomial models for option valuation: examining and improving
//! convergence"): probabilities from Peizer and Pratt's inversion of the binomial distribution, so that
//! the tree is centred on the strike and European values converge with the square of the steps. Where
//! these probabilities round to 0 or 1 (an option so far from the money that it moves like the share
//! or not at all) the tree of Cox, Ross and Rubinstein (1979) is taken.

use trader_domain::ExerciseStyle;

use super::terms::{Carried, OptionError, Underlying, Vanilla, not_negative};
use super::{american, black_scholes};

/// Most steps: work grows with their square.
pub const MAX_STEPS: u32 = 20_001;

/// One step of a tree.
struct Step {
    /// Factors of the spot.
    up: f64,
    down: f64,
    /// Discounted probabilities of them.
    up_weight: f64,
    down_weight: f64,
}

/// Value of an option on a tree of `steps` steps, one more when that is even (the method needs an odd
/// number).
///
/// The error of American values falls with the steps; it is extrapolated away with a second tree of
/// half as many (Richardson). On 801 steps they are good to 1e-5 of the spot over two years.
///
/// # Errors
/// [`OptionError::InvalidInput`] also for no steps or more than [`MAX_STEPS`];
/// [`OptionError::NotConverged`] when no tree of so few steps fits the carry;
/// [`OptionError::Overflow`].
pub fn price(
    option: &Vanilla,
    exercise: ExerciseStyle,
    underlying: &Underlying,
    volatility: f64,
    steps: u32,
) -> Result<f64, OptionError> {
    Carried::new(option, underlying)?;
    not_negative("volatility", volatility)?;
    if steps == 0 || steps > MAX_STEPS {
        return Err(OptionError::InvalidInput {
            input: "steps",
            value: f64::from(steps),
            rule: "1 to 20001",
        });
    }
    let total = volatility * option.years.sqrt();
    if total <= 0.0 {
        return match exercise {
            ExerciseStyle::American => american::price(option, underlying, volatility),
            ExerciseStyle::European => black_scholes::price(option, underlying, volatility),
        };
    }
    let steps = steps | 1;
    let value = on_tree(option, exercise, underlying, total, steps)?;
    let value = match exercise {
        ExerciseStyle::American if steps >= 5 => {
            let half = (steps / 2) | 1;
            let coarse = on_tree(option, exercise, underlying, total, half)?;
            let (fine_steps, coarse_steps) = (f64::from(steps), f64::from(half));
            let limit = value + (value - coarse) * coarse_steps / (fine_steps - coarse_steps);
            limit.max(option.intrinsic(underlying.spot))
        }
        ExerciseStyle::American | ExerciseStyle::European => value,
    };
    if value.is_finite() {
        Ok(value)
    } else {
        Err(OptionError::Overflow)
    }
}

fn on_tree(
    option: &Vanilla,
    exercise: ExerciseStyle,
    underlying: &Underlying,
    total: f64,
    steps: u32,
) -> Result<f64, OptionError> {
    let step = leisen_reimer(option, underlying, total, steps)
        .or_else(|| cox_ross_rubinstein(option, underlying, total, steps))
        .ok_or(OptionError::NotConverged {
            method: "binomial tree with so few steps",
        })?;
    let value = rolled_back(option, exercise, underlying.spot, &step, steps);
    // `max` would hide it.
    if value.is_nan() {
        return Err(OptionError::Overflow);
    }
    Ok(value)
}

/// Probability of up in a binomial distribution of n (odd) steps whose upper tail is N(z) (Peizer and
/// Pratt, second method).
fn inverted(z: f64, n: f64) -> f64 {
    let scaled = z / (n + 1.0 / 3.0 + 0.1 / (n + 1.0));
    let root = (0.25 - 0.25 * (-scaled * scaled * (n + 1.0 / 6.0)).exp()).sqrt();
    0.5 + root.copysign(z)
}

fn step_of(up: f64, down: f64, growth: f64, discount: f64) -> Option<Step> {
    let probability = (growth - down) / (up - down);
    let valid = probability > 0.0 && probability < 1.0 && up.is_finite() && down > 0.0;
    valid.then_some(Step {
        up,
        down,
        up_weight: discount * probability,
        down_weight: discount * (1.0 - probability),
    })
}

fn leisen_reimer(
    option: &Vanilla,
    underlying: &Underlying,
    total: f64,
    steps: u32,
) -> Option<Step> {
    let n = f64::from(steps);
    let carry = (underlying.rate - underlying.dividend_yield) * option.years;
    let forward = (underlying.spot / option.strike).ln() + carry;
    let (d1, d2) = (forward / total + 0.5 * total, forward / total - 0.5 * total);
    let (with_share, plain) = (inverted(d1, n), inverted(d2, n));
    let growth = (carry / n).exp();
    let discount = (-underlying.rate * option.years / n).exp();
    let (up, down) = (
        growth * with_share / plain,
        growth * (1.0 - with_share) / (1.0 - plain),
    );
    step_of(up, down, growth, discount)
}

fn cox_ross_rubinstein(
    option: &Vanilla,
    underlying: &Underlying,
    total: f64,
    steps: u32,
) -> Option<Step> {
    let n = f64::from(steps);
    let up = (total / n.sqrt()).exp();
    let growth = ((underlying.rate - underlying.dividend_yield) * option.years / n).exp();
    let discount = (-underlying.rate * option.years / n).exp();
    step_of(up, 1.0 / up, growth, discount)
}

/// From expiry back to now.
fn rolled_back(
    option: &Vanilla,
    exercise: ExerciseStyle,
    spot: f64,
    step: &Step,
    steps: u32,
) -> f64 {
    let (log_up, log_down) = (step.up.ln(), step.down.ln());
    // Spots at a level, lowest first; from logarithms at expiry, by division on the way back.
    let at_expiry = |ups: u32| {
        let downs = f64::from(steps - ups);
        spot * (f64::from(ups) * log_up + downs * log_down).exp()
    };
    let mut spots: Vec<f64> = (0..=steps).map(at_expiry).collect();
    let mut values: Vec<f64> = spots.iter().map(|spot| option.intrinsic(*spot)).collect();
    for level in (0..steps as usize).rev() {
        for node in 0..=level {
            let held = step.down_weight * values[node] + step.up_weight * values[node + 1];
            values[node] = match exercise {
                ExerciseStyle::European => held,
                ExerciseStyle::American => {
                    spots[node] /= step.down;
                    held.max(option.intrinsic(spots[node]))
                }
            };
        }
    }
    values[0]
}
