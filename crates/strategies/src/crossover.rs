//! Moving-average crossover, simple (in exact arithmetic) and exponential.
//!
//! Rule: buy when fast > slow now and fast <= slow one bar ago; sell what is held when fast < slow
//! now and fast >= slow one bar ago. Both averages must have been defined one bar ago.

use std::cmp::Ordering;

use trader_domain::{Bar, Instruments};
use trader_engine::{RestoreError, Strategy};
use trader_features::trend::Ema;

use crate::parameter::{ParameterError, ParameterKind, ParameterSpec, Parameters};
use crate::rule::{Opinion, Rule, contradiction, strategy};
use crate::scaled::{SavedScaled, Scaled};
use crate::sizing::{QUANTITY, WEIGHT};
use crate::state;

const WINDOW: ParameterKind = ParameterKind::Integer {
    min: 1,
    max: 100_000,
};

pub(crate) const PARAMETERS: &[ParameterSpec] = &[
    ParameterSpec {
        name: "fast",
        description: "bars in the fast average",
        kind: WINDOW,
        default: Some("10"),
    },
    ParameterSpec {
        name: "slow",
        description: "bars in the slow average; more than in the fast one",
        kind: WINDOW,
        default: Some("30"),
    },
    QUANTITY,
    WEIGHT,
];

fn lengths(parameters: &Parameters) -> Result<(usize, usize), ParameterError> {
    let (fast, slow) = (parameters.length("fast"), parameters.length("slow"));
    if fast >= slow {
        return Err(ParameterError::Contradiction(format!(
            "parameter `fast` ({fast}) must be below `slow` ({slow})"
        )));
    }
    Ok((fast, slow))
}

pub(crate) fn build_simple(
    parameters: &Parameters,
    instruments: &Instruments,
) -> Result<Box<dyn Strategy>, ParameterError> {
    let (fast, slow) = lengths(parameters)?;
    Ok(strategy(
        Simple::new(fast, slow),
        slow + 1,
        parameters,
        instruments,
    ))
}

pub(crate) fn build_exponential(
    parameters: &Parameters,
    instruments: &Instruments,
) -> Result<Box<dyn Strategy>, ParameterError> {
    let (fast, slow) = lengths(parameters)?;
    let rule = Exponential::new(fast, slow).map_err(contradiction)?;
    Ok(strategy(rule, slow + 1, parameters, instruments))
}

/// What a change of the comparison between two bars calls for.
fn crossing(before: Option<Ordering>, now: Option<Ordering>) -> Opinion {
    match (before, now) {
        (Some(Ordering::Less | Ordering::Equal), Some(Ordering::Greater)) => Opinion::Enter,
        (Some(Ordering::Greater | Ordering::Equal), Some(Ordering::Less)) => Opinion::Exit,
        _ => Opinion::Nothing,
    }
}

/// Two simple averages over one ring of closes, compared as integers: `Σfast·slow ⋛ Σslow·fast`, of
/// which only the difference is kept.
#[derive(Debug, Clone)]
struct Simple {
    fast: usize,
    slow: usize,
    /// The same two lengths, as factors.
    factors: (i64, i64),
    /// The last `slow` closes in units of 10⁻⁹, oldest at `next`.
    closes: Vec<i64>,
    next: usize,
    /// Where the close stands that leaves the fast window next.
    next_fast: usize,
    /// How many closes are still to come before the slow average is defined.
    missing: usize,
    /// `Σfast·slow − Σslow·fast`. Sums of at most 10⁵ closes below 2⁶³, times 10⁵: below 2⁹⁸.
    difference: i128,
    before: Option<Ordering>,
}

#[inline]
fn product(left: i64, right: i64) -> i128 {
    i128::from(left) * i128::from(right)
}

impl Simple {
    fn new(fast: usize, slow: usize) -> Self {
        // Lengths are at most 10⁵.
        let factor = |length| i64::try_from(length).unwrap_or(i64::MAX);
        Self {
            fast,
            slow,
            factors: (factor(fast), factor(slow)),
            closes: vec![0; slow],
            next: 0,
            next_fast: slow.saturating_sub(fast),
            missing: slow,
            difference: 0,
            before: None,
        }
    }

    #[inline]
    fn push(&mut self, close: i64) {
        let left_fast = self.closes.get(self.next_fast).copied().unwrap_or(0);
        let left_slow = match self.closes.get_mut(self.next) {
            Some(place) => std::mem::replace(place, close),
            None => 0,
        };
        let (fast, slow) = self.factors;
        // The close enters both sums, each of the others leaves one of them.
        self.difference +=
            product(close, slow - fast) - product(left_fast, slow) + product(left_slow, fast);
        self.next = self.after(self.next);
        self.next_fast = self.after(self.next_fast);
        self.missing = self.missing.saturating_sub(1);
    }

    #[inline]
    fn after(&self, place: usize) -> usize {
        let next = place + 1;
        if next < self.closes.len() { next } else { 0 }
    }

    /// The closes in the window, oldest first.
    fn window(&self) -> Vec<i64> {
        let (newest, oldest) = self.closes.split_at(self.next);
        // What has not come yet would be the oldest.
        let window = oldest.iter().chain(newest).copied();
        window.skip(self.missing).collect()
    }

    fn refill(&mut self, closes: impl IntoIterator<Item = i64>, before: Option<Ordering>) {
        *self = Self::new(self.fast, self.slow);
        for close in closes {
            self.push(close);
        }
        self.before = before;
    }
}

impl Rule for Simple {
    /// Closes (oldest first) and the last comparison.
    type Saved = (Vec<i64>, Option<i8>);

    #[inline]
    fn judge(&mut self, bar: &Bar) -> Opinion {
        self.push(bar.close.units());
        if self.missing > 0 {
            return Opinion::Nothing;
        }
        let now = Some(self.difference.cmp(&0));
        if now == self.before {
            return Opinion::Nothing;
        }
        crossing(std::mem::replace(&mut self.before, now), now)
    }

    fn split(&mut self, to: u32, from: u32) {
        let scaled = |close: i64| {
            let units = i128::from(close) * i128::from(from) / i128::from(to.max(1));
            i64::try_from(units).unwrap_or(close)
        };
        let closes: Vec<i64> = self.window().into_iter().map(scaled).collect();
        self.refill(closes, self.before);
    }

    fn save(&self) -> Self::Saved {
        (self.window(), self.before.map(|ordering| ordering as i8))
    }

    fn load(&mut self, (closes, before): Self::Saved) -> Result<(), RestoreError> {
        state::expect_shape(closes.len() <= self.slow, "the slow window")?;
        self.refill(closes, before.map(|sign| sign.cmp(&0)));
        Ok(())
    }
}

/// Two exponential averages (smoothing `2 / (n + 1)`, seeded with the simple mean).
#[derive(Debug, Clone)]
struct Exponential {
    fast: Scaled<Ema, 1, 1>,
    slow: Scaled<Ema, 1, 1>,
    before: Option<Ordering>,
}

impl Exponential {
    fn new(fast: usize, slow: usize) -> Result<Self, trader_features::FeatureError> {
        Ok(Self {
            fast: Scaled::new(Ema::new(fast)?),
            slow: Scaled::new(Ema::new(slow)?),
            before: None,
        })
    }
}

impl Rule for Exponential {
    type Saved = (SavedScaled, SavedScaled, Option<i8>);

    fn judge(&mut self, bar: &Bar) -> Opinion {
        let ([fast], [slow]) = (self.fast.next([bar.close]), self.slow.next([bar.close]));
        // NaN while warming up compares to nothing.
        let now = fast.partial_cmp(&slow);
        crossing(std::mem::replace(&mut self.before, now), now)
    }

    fn split(&mut self, to: u32, from: u32) {
        self.fast.split(to, from);
        self.slow.split(to, from);
    }

    fn save(&self) -> Self::Saved {
        let before = self.before.map(|ordering| ordering as i8);
        (self.fast.save(), self.slow.save(), before)
    }

    fn load(&mut self, (fast, slow, before): Self::Saved) -> Result<(), RestoreError> {
        let mut loaded = self.clone();
        loaded.fast.load(fast)?;
        loaded.slow.load(slow)?;
        loaded.before = before.map(|sign| sign.cmp(&0));
        *self = loaded;
        Ok(())
    }
}
