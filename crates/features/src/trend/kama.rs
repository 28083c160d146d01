//! Kaufman's adaptive moving average and efficiency ratio.

use crate::calculator::Kernel;
use crate::error::FeatureError;
use crate::parameter::require_length;
use crate::ring::Ring;
use crate::rolling::{Sum, Window, at_most, ratio};
use crate::state_fields;

/// Net move over `n` rows divided by the path travelled, in 0..1 (Kaufman, *Smarter Trading*, 1995).
#[derive(Debug, Clone)]
pub struct EfficiencyRatio {
    past: Ring,
    path: Window<Sum, 1, 1>,
    last: f64,
}

state_fields!(EfficiencyRatio { past, path, last });

impl EfficiencyRatio {
    /// Over `length` rows.
    ///
    /// # Errors
    /// [`FeatureError::InvalidParameter`] for a length of 0.
    pub fn new(length: usize) -> Result<Self, FeatureError> {
        require_length("er", length)?;
        Ok(Self {
            past: Ring::new(length),
            path: Window::new(length),
            last: f64::NAN,
        })
    }
}

impl Kernel<1, 1> for EfficiencyRatio {
    fn warm_up(&self) -> [usize; 1] {
        [self.path.length()]
    }

    #[inline]
    fn step(&mut self, [x]: [f64; 1]) -> [f64; 1] {
        let last = std::mem::replace(&mut self.last, x);
        let then = self.past.push(x);
        if last.is_nan() {
            return [f64::NAN];
        }
        let path = self.path.push([(x - last).abs()]);
        [path.map_or(f64::NAN, |[path]| {
            at_most(ratio((x - then).abs(), path), 1.0)
        })]
    }

    fn run(&mut self, [x]: [&[f64]; 1], [out]: [&mut [f64]; 1]) {
        let length = self.path.length();
        let mut head = 0;
        while head < x.len() && !self.past.is_full() {
            [out[head]] = self.step([x[head]]);
            head += 1;
        }
        let (x, out) = (&x[head..], &mut out[head..]);
        let Some(last) = x.last() else {
            return;
        };
        // With the rows before the first ones, so that every window is a part of one slice.
        let (older, newer) = self.past.parts();
        let joined = [older, newer, x].concat();
        let moves: Vec<[f64; 1]> = joined[length - 1..]
            .windows(2)
            .map(|pair| [(pair[1] - pair[0]).abs()])
            .collect();
        self.path.run_rows(&moves, [&mut *out], |path, _| path);
        for ((path, now), then) in out.iter_mut().zip(x).zip(&joined) {
            *path = at_most(ratio((now - then).abs(), *path), 1.0);
        }
        for value in &x[x.len().saturating_sub(length)..] {
            self.past.push(*value);
        }
        self.last = *last;
    }
}

/// Exponential smoothing whose speed follows the efficiency ratio between EMAs of 2 and 30 rows;
/// seeded with the price before the first value (TA-Lib). Where the window is flat the ratio
/// counts as 1.
#[derive(Debug, Clone)]
pub struct Kama {
    efficiency: EfficiencyRatio,
    value: f64,
}

state_fields!(Kama { efficiency, value });

impl Kama {
    /// With an efficiency ratio over `length` rows.
    ///
    /// # Errors
    /// [`FeatureError::InvalidParameter`] for a length of 0.
    pub fn new(length: usize) -> Result<Self, FeatureError> {
        Ok(Self {
            efficiency: EfficiencyRatio::new(length)?,
            value: f64::NAN,
        })
    }
}

impl Kernel<1, 1> for Kama {
    fn warm_up(&self) -> [usize; 1] {
        self.efficiency.warm_up()
    }

    #[inline]
    fn step(&mut self, [x]: [f64; 1]) -> [f64; 1] {
        let before = self.efficiency.last;
        let ready = self.efficiency.past.is_full();
        let [ratio] = self.efficiency.step([x]);
        if !ready {
            return [f64::NAN];
        }
        let last = if self.value.is_nan() {
            before
        } else {
            self.value
        };
        self.value = smoothed(last, x, speed(ratio));
        [self.value]
    }

    fn run(&mut self, [x]: [&[f64]; 1], [out]: [&mut [f64]; 1]) {
        let mut head = 0;
        while head < x.len() && self.value.is_nan() {
            [out[head]] = self.step([x[head]]);
            head += 1;
        }
        let (x, out) = (&x[head..], &mut out[head..]);
        self.efficiency.run([x], [&mut *out]);
        for ratio in &mut *out {
            *ratio = speed(*ratio);
        }
        let mut value = self.value;
        for (out, x) in out.iter_mut().zip(x) {
            value = smoothed(value, *x, *out);
            *out = value;
        }
        self.value = value;
    }
}

/// Weight of the newest price at an efficiency ratio.
#[inline]
fn speed(ratio: f64) -> f64 {
    let ratio = if ratio.is_nan() { 1.0 } else { ratio };
    let speed = ratio * (2.0 / 3.0 - 2.0 / 31.0) + 2.0 / 31.0;
    speed * speed
}

/// Two operations wait for the value before, not three.
#[inline]
fn smoothed(last: f64, x: f64, weight: f64) -> f64 {
    (1.0 - weight) * last + weight * x
}
