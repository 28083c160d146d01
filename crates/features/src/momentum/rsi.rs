//! Wilder's relative strength index.

use crate::calculator::Kernel;
use crate::error::FeatureError;
use crate::rolling::{larger, ratio};
use crate::state_fields;
use crate::trend::{Ema, STRETCH};

/// Wilder's averages of upward and of downward moves, seeded with the mean of the first `n`.
#[derive(Debug, Clone)]
pub struct GainsAndLosses {
    length: usize,
    gains: Ema,
    losses: Ema,
    last: f64,
}

state_fields!(GainsAndLosses {
    gains,
    losses,
    last
});

impl GainsAndLosses {
    /// Over `length` moves.
    ///
    /// # Errors
    /// [`FeatureError::InvalidParameter`] for a length of 0.
    pub fn new(length: usize) -> Result<Self, FeatureError> {
        let average = Ema::wilder(length)?;
        Ok(Self {
            length,
            gains: average.clone(),
            losses: average,
            last: f64::NAN,
        })
    }

    /// Consumes a value; NaN until there were `n` moves.
    #[inline]
    pub fn next(&mut self, x: f64) -> (f64, f64) {
        let change = x - std::mem::replace(&mut self.last, x);
        if change.is_nan() {
            return (f64::NAN, f64::NAN);
        }
        (
            self.gains.next(larger(change, 0.0)),
            self.losses.next(larger(-change, 0.0)),
        )
    }

    /// A function of both averages over a column, in short stretches.
    fn run(&mut self, x: &[f64], out: &mut [f64], of: impl Fn(f64, f64) -> f64) {
        let mut head = 0;
        while head < x.len() && !self.losses.is_warm() {
            let (gain, loss) = self.next(x[head]);
            out[head] = of(gain, loss);
            head += 1;
        }
        let mut moves = [[0.0; STRETCH]; 2];
        let mut averages = [[0.0; STRETCH]; 2];
        for (x, out) in x[head..]
            .chunks(STRETCH)
            .zip(out[head..].chunks_mut(STRETCH))
        {
            let [ups, downs] = moves.each_mut().map(|buffer| &mut buffer[..x.len()]);
            for ((x, up), down) in x.iter().zip(&mut *ups).zip(&mut *downs) {
                let change = x - std::mem::replace(&mut self.last, *x);
                *up = larger(change, 0.0);
                *down = larger(-change, 0.0);
            }
            let [gains, losses] = averages.each_mut().map(|buffer| &mut buffer[..x.len()]);
            self.gains.run([ups], [&mut *gains]);
            self.losses.run([downs], [&mut *losses]);
            for ((out, gain), loss) in out.iter_mut().zip(&*gains).zip(&*losses) {
                *out = of(*gain, *loss);
            }
        }
    }
}

/// `100 * gains / (gains + losses)`, 0..100; missing while nothing has moved.
#[derive(Debug, Clone)]
pub struct Rsi {
    averages: GainsAndLosses,
}

state_fields!(Rsi { averages });

impl Rsi {
    /// Over `length` moves.
    ///
    /// # Errors
    /// [`FeatureError::InvalidParameter`] for a length of 0.
    pub fn new(length: usize) -> Result<Self, FeatureError> {
        Ok(Self {
            averages: GainsAndLosses::new(length)?,
        })
    }
}

impl Kernel<1, 1> for Rsi {
    fn warm_up(&self) -> [usize; 1] {
        [self.averages.length]
    }

    #[inline]
    fn step(&mut self, [x]: [f64; 1]) -> [f64; 1] {
        let (gain, loss) = self.averages.next(x);
        [strength(gain, loss)]
    }

    fn run(&mut self, [x]: [&[f64]; 1], [out]: [&mut [f64]; 1]) {
        self.averages.run(x, out, strength);
    }
}

/// Chande's momentum oscillator with Wilder's averages, -100..100; missing while nothing has moved.
#[derive(Debug, Clone)]
pub(super) struct Cmo {
    averages: GainsAndLosses,
}

state_fields!(Cmo { averages });

impl Cmo {
    pub(super) fn new(length: usize) -> Result<Self, FeatureError> {
        Ok(Self {
            averages: GainsAndLosses::new(length)?,
        })
    }
}

impl Kernel<1, 1> for Cmo {
    fn warm_up(&self) -> [usize; 1] {
        [self.averages.length]
    }

    #[inline]
    fn step(&mut self, [x]: [f64; 1]) -> [f64; 1] {
        let (gain, loss) = self.averages.next(x);
        [balance(gain, loss)]
    }

    fn run(&mut self, [x]: [&[f64]; 1], [out]: [&mut [f64]; 1]) {
        self.averages.run(x, out, balance);
    }
}

#[inline]
fn strength(gain: f64, loss: f64) -> f64 {
    100.0 * ratio(gain, gain + loss)
}

#[inline]
fn balance(gain: f64, loss: f64) -> f64 {
    100.0 * ratio(gain - loss, gain + loss)
}
