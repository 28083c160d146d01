//! American and European options on a share with known cash dividends, by finite differences.
//!
//! The model is the *escrowed* one: the share less the present value of the dividends until expiry
//! follows a geometric Brownian motion, and volatility is that of this part. (The other common
//! model lets the whole share move and drop at each dividend; with equal volatility its options
//! are dearer, by about 1 % at the money for two dividends of 0.8 % each.)
//!
//! Grid: uniform in the logarithm, Crank-Nicolson in time with implicit starting steps after expiry
//! and after every dividend, where the obstacle jumps (Rannacher 1984); time steps end exactly on
//! the dividends. Early exercise is imposed during elimination (Brennan and Schwartz 1977).

use trader_domain::{ExerciseStyle, OptionRight};

use super::black_scholes;
use super::terms::{Carried, OptionError, Underlying, Vanilla, finite, not_negative, positive};

/// A cash dividend per share that holders of the share receive and holders of the option do not.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dividend {
    /// Years from now to the ex-dividend date.
    pub years: f64,
    /// Amount per share.
    pub amount: f64,
}

/// Space points: fine enough for 1e-3 on a share of 100.
const POINTS: usize = 801;
/// Time steps over the whole life, shared out between the dividends.
const STEPS: f64 = 600.0;
/// Fully implicit half steps at the start of each stretch.
const STARTING: usize = 4;
/// Half-width of the grid in standard deviations of the final logarithm.
const DEVIATIONS: f64 = 6.0;

/// Value of an option on a share with cash dividends (escrowed model). Dividends at or after expiry
/// and those already paid do not count. `underlying.dividend_yield` applies to the remaining part.
///
/// # Errors
/// [`OptionError::InvalidInput`] also when the dividends are worth the share or more;
/// [`OptionError::Overflow`].
pub fn price(
    option: &Vanilla,
    exercise: ExerciseStyle,
    underlying: &Underlying,
    dividends: &[Dividend],
    volatility: f64,
) -> Result<f64, OptionError> {
    Carried::new(option, underlying)?;
    not_negative("volatility", volatility)?;
    let ahead = dividends_until(dividends, option.years)?;
    let part = Underlying {
        spot: underlying.spot - present_value(&ahead, underlying.rate, 0.0),
        ..*underlying
    };
    positive("spot less the dividends' present value", part.spot)?;
    if exercise == ExerciseStyle::European {
        return black_scholes::price(option, &part, volatility);
    }
    let total = volatility * option.years.sqrt();
    let value = if total <= 0.0 {
        certain(option, &part, &ahead)
    } else {
        Grid::new(option, &part, volatility).solve(&ahead)
    };
    if value.is_finite() {
        Ok(value.max(option.intrinsic(underlying.spot)))
    } else {
        Err(OptionError::Overflow)
    }
}

/// The dividends between now and `years`, by date, one per date.
fn dividends_until(dividends: &[Dividend], years: f64) -> Result<Vec<Dividend>, OptionError> {
    let mut ahead: Vec<Dividend> = Vec::new();
    for dividend in dividends {
        positive("dividend", dividend.amount)?;
        finite("dividend date", dividend.years)?;
        if dividend.years > 0.0 && dividend.years < years {
            ahead.push(*dividend);
        }
    }
    ahead.sort_by(|a, b| a.years.total_cmp(&b.years));
    ahead.dedup_by(|later, earlier| {
        let same = later.years == earlier.years;
        if same {
            earlier.amount += later.amount;
        }
        same
    });
    Ok(ahead)
}

/// Present value at `now` of dividends that lie ahead.
fn present_value(dividends: &[Dividend], rate: f64, now: f64) -> f64 {
    dividends
        .iter()
        .map(|dividend| dividend.amount * (-rate * (dividend.years - now)).exp())
        .sum()
}

/// Without volatility: the best discounted exercise on a fine mesh of the certain path, with the
/// instants before each dividend.
fn certain(option: &Vanilla, part: &Underlying, dividends: &[Dividend]) -> f64 {
    let value = |now: f64| {
        let carry = part.rate - part.dividend_yield;
        let first = dividends.partition_point(|dividend| dividend.years < now);
        let ahead = dividends.get(first..).unwrap_or(&[]);
        let spot = part.spot * (carry * now).exp() + present_value(ahead, part.rate, now);
        option.intrinsic(spot) * (-part.rate * now).exp()
    };
    let mesh = (0..=1000).map(|step| option.years * f64::from(step) / 1000.0);
    let dates = dividends.iter().map(|dividend| dividend.years);
    mesh.chain(dates).map(value).fold(0.0, f64::max)
}

/// The finite-difference grid in x = ln of the share without its dividends.
struct Grid {
    option: Vanilla,
    part: Underlying,
    spots: Vec<f64>,
    /// Coefficients of the generator: V at the point below, here, above.
    generator: [f64; 3],
}

impl Grid {
    fn new(option: &Vanilla, part: &Underlying, volatility: f64) -> Self {
        let variance = volatility * volatility;
        let carry = part.rate - part.dividend_yield;
        let drift = carry - 0.5 * variance;
        let width = DEVIATIONS * volatility * option.years.sqrt() + (drift * option.years).abs();
        // The spot sits on the middle point; the strike must be inside.
        let reach = (option.strike / part.spot).ln().abs();
        let width = width.max(1.25 * reach);
        let dx = 2.0 * width / (POINTS - 1) as f64;
        let middle = (POINTS - 1) as f64 / 2.0;
        let spots = (0..POINTS)
            .map(|i| part.spot * ((i as f64 - middle) * dx).exp())
            .collect();
        let diffusion = 0.5 * variance / (dx * dx);
        let convection = 0.5 * drift / dx;
        Self {
            option: *option,
            part: *part,
            spots,
            generator: [
                diffusion - convection,
                -2.0 * diffusion - part.rate,
                diffusion + convection,
            ],
        }
    }

    /// Backwards from expiry, stretch by stretch between the dividends; the value at the spot.
    fn solve(&self, dividends: &[Dividend]) -> f64 {
        let mut values = self.averaged_payoff();
        let mut end = self.option.years;
        for stretch in (0..=dividends.len()).rev() {
            let start = match stretch {
                0 => 0.0,
                after => dividends[after - 1].years,
            };
            let ahead = &dividends[stretch..];
            let share = STEPS * (end - start) / self.option.years;
            let mut times = Vec::new();
            let steps = share.ceil().max(10.0);
            let length = (end - start) / steps;
            for index in 1..STARTING {
                times.push((end - 0.5 * length * index as f64, 1.0));
            }
            times.push((end - 0.5 * length * STARTING as f64, 1.0));
            let mut index = 0.5 * STARTING as f64 + 1.0;
            while index < steps {
                times.push((end - length * index, 0.5));
                index += 1.0;
            }
            times.push((start, 0.5));
            let mut before = end;
            for (now, implicit) in times {
                let due = present_value(ahead, self.part.rate, now);
                self.step(&mut values, (before, now), implicit, due);
                before = now;
            }
            if stretch > 0 {
                // An instant before the dividend exercise still receives it.
                let due = present_value(&dividends[stretch - 1..], self.part.rate, start);
                for (value, spot) in values.iter_mut().zip(&self.spots) {
                    *value = value.max(self.option.intrinsic(spot + due));
                }
            }
            end = start;
        }
        values[POINTS / 2]
    }

    /// The payoff, averaged over each cell so that it does not matter where the kink lies in one.
    fn averaged_payoff(&self) -> Vec<f64> {
        let ratio = (self.spots[1] / self.spots[0]).sqrt();
        let dx = 2.0 * ratio.ln();
        self.spots
            .iter()
            .map(|spot| {
                let (low, high) = (spot / ratio, spot * ratio);
                let strike = self.option.strike;
                if strike <= low || strike >= high {
                    return self.option.intrinsic(*spot);
                }
                // The integral of the payoff over the cell in ln S.
                match self.option.right {
                    OptionRight::Call => (high - strike - strike * (high / strike).ln()) / dx,
                    OptionRight::Put => (strike * (strike / low).ln() - (strike - low)) / dx,
                }
            })
            .collect()
    }

    /// One step from time `before` back to `now`; `theta` 1 is implicit, 0.5 Crank-Nicolson. `due`
    /// is the value of the dividends that exercise now would still receive.
    fn step(&self, values: &mut [f64], (before, now): (f64, f64), theta: f64, due: f64) {
        let [below, here, above] = self.generator;
        let (dt, last) = (before - now, POINTS - 1);
        let explicit = (1.0 - theta) * dt;
        let mut right = values.to_vec();
        for i in 1..last {
            right[i] = values[i]
                + explicit * (below * values[i - 1] + here * values[i] + above * values[i + 1]);
        }
        // Far out the option is worth what the forward or exercise pays.
        let left = self.option.years - now;
        for edge in [0, last] {
            let share = self.spots[edge] * (-self.part.dividend_yield * left).exp();
            let cash = self.option.strike * (-self.part.rate * left).exp();
            right[edge] = (self.option.sign() * (share - cash))
                .max(self.option.intrinsic(self.spots[edge] + due));
        }
        let implicit = -theta * dt;
        self.project(
            values,
            &right,
            [implicit * below, 1.0 + implicit * here, implicit * above],
            due,
        );
    }

    /// Solves the tridiagonal system under the constraint of early exercise: eliminates from the
    /// side of holding, substitutes from the side of exercise (low spots for a put, high for a call).
    fn project(&self, values: &mut [f64], right: &[f64], row: [f64; 3], due: f64) {
        let last = POINTS - 1;
        let [lower, centre, upper] = row;
        // Position 0 is the exercise side.
        let (at, near, far): (fn(usize) -> usize, f64, f64) = match self.option.right {
            OptionRight::Put => (|position| position, lower, upper),
            OptionRight::Call => (|position| POINTS - 1 - position, upper, lower),
        };
        let mut pivots = vec![1.0; POINTS];
        let mut sums = right.to_vec();
        sums[at(last - 1)] -= far * right[at(last)];
        pivots[last - 1] = centre;
        for position in (1..last - 1).rev() {
            let factor = far / pivots[position + 1];
            pivots[position] = centre - factor * near;
            sums[at(position)] -= factor * sums[at(position + 1)];
        }
        values[at(0)] = right[at(0)];
        values[at(last)] = right[at(last)];
        for position in 1..last {
            let i = at(position);
            let held = (sums[i] - near * values[at(position - 1)]) / pivots[position];
            values[i] = held.max(self.option.intrinsic(self.spots[i] + due));
        }
    }
}
