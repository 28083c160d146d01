//! MESA adaptive moving average (Ehlers, "MESA Adaptive Moving Averages", Stocks & Commodities,
//! September 2001).

use crate::calculator::Kernel;
use crate::error::FeatureError;
use crate::ring::Ring;
use crate::state_fields;

/// Rows of weighted smoothing before the Hilbert transforms start, as in TA-Lib.
const SMOOTHING_ROWS: u64 = 12;
/// Rows before the first output, as in TA-Lib.
const WARM_UP: u64 = 32;

/// Ehlers' discrete Hilbert transform: odd taps over seven values, newest first.
#[derive(Debug, Clone, Default)]
struct Hilbert {
    past: [f64; 6],
}

state_fields!(Hilbert { past });

impl Hilbert {
    #[inline]
    fn next(&mut self, x: f64, gain: f64) -> f64 {
        let [_, two, _, four, _, six] = self.past;
        self.past.rotate_right(1);
        self.past[0] = x;
        gain * (0.0962 * (x - six) + 0.5769 * (two - four))
    }
}

/// MAMA and FAMA: smoothing whose speed follows the rate of change of the dominant cycle's phase.
/// Parameters and seeds (zeros) as in TA-Lib, so the first rows carry the seed.
#[derive(Debug, Clone)]
pub struct Mama {
    fast: f64,
    slow: f64,
    seen: u64,
    prices: Ring,
    detrender: Hilbert,
    quadrature: Hilbert,
    in_phase: [f64; 3],
    advance_i: Hilbert,
    advance_q: Hilbert,
    i2: f64,
    q2: f64,
    re: f64,
    im: f64,
    period: f64,
    phase: f64,
    mama: f64,
    fama: f64,
}

state_fields!(Mama {
    seen,
    prices,
    detrender,
    quadrature,
    in_phase,
    advance_i,
    advance_q,
    i2,
    q2,
    re,
    im,
    period,
    phase,
    mama,
    fama,
});

impl Mama {
    /// `fast` and `slow` bound the smoothing factor, 0.01 to 0.99.
    ///
    /// # Errors
    /// [`FeatureError::InvalidParameter`] when they are out of bounds.
    pub fn new(fast: f64, slow: f64) -> Result<Self, FeatureError> {
        for (parameter, value) in [("fast", fast), ("slow", slow)] {
            if !(0.01..=0.99).contains(&value) {
                return Err(FeatureError::InvalidParameter {
                    feature: "mama".to_owned(),
                    parameter: parameter.to_owned(),
                    reason: format!("is {value}, allowed are 0.01 to 0.99"),
                });
            }
        }
        Ok(Self {
            fast,
            slow,
            seen: 0,
            prices: Ring::new(4),
            detrender: Hilbert::default(),
            quadrature: Hilbert::default(),
            in_phase: [0.0; 3],
            advance_i: Hilbert::default(),
            advance_q: Hilbert::default(),
            i2: 0.0,
            q2: 0.0,
            re: 0.0,
            im: 0.0,
            period: 0.0,
            phase: 0.0,
            mama: 0.0,
            fama: 0.0,
        })
    }

    /// The smoothing factor for this row: fast limit over the phase's rate of change.
    fn speed(&mut self, smoothed: f64) -> f64 {
        let gain = 0.075 * self.period + 0.54;
        let detrended = self.detrender.next(smoothed, gain);
        let q1 = self.quadrature.next(detrended, gain);
        let i1 = self.in_phase[2];
        self.in_phase.rotate_right(1);
        self.in_phase[0] = detrended;
        let advanced_i = self.advance_i.next(i1, gain);
        let advanced_q = self.advance_q.next(q1, gain);
        let q2 = 0.2 * (q1 + advanced_i) + 0.8 * self.q2;
        let i2 = 0.2 * (i1 - advanced_q) + 0.8 * self.i2;
        let phase = if i1 == 0.0 {
            0.0
        } else {
            libm::atan(q1 / i1).to_degrees()
        };
        let turned = self.phase - phase;
        self.phase = phase;
        self.track_period(i2, q2);
        if turned > 1.0 {
            (self.fast / turned).max(self.slow)
        } else {
            self.fast
        }
    }

    /// Homodyne discriminator: the dominant period from the angle between successive phasors.
    fn track_period(&mut self, i2: f64, q2: f64) {
        self.re = 0.2 * (i2 * self.i2 + q2 * self.q2) + 0.8 * self.re;
        self.im = 0.2 * (i2 * self.q2 - q2 * self.i2) + 0.8 * self.im;
        self.q2 = q2;
        self.i2 = i2;
        let before = self.period;
        let mut period = before;
        if self.im != 0.0 && self.re != 0.0 {
            period = 360.0 / libm::atan(self.im / self.re).to_degrees();
        }
        if period > 1.5 * before {
            period = 1.5 * before;
        }
        if period < 0.67 * before {
            period = 0.67 * before;
        }
        self.period = 0.2 * period.clamp(6.0, 50.0) + 0.8 * before;
    }
}

impl Kernel<1, 2> for Mama {
    fn warm_up(&self) -> [usize; 2] {
        [32; 2]
    }

    #[inline]
    fn step(&mut self, [x]: [f64; 1]) -> [f64; 2] {
        self.prices.push(x);
        self.seen = self.seen.saturating_add(1);
        if self.seen <= SMOOTHING_ROWS {
            return [f64::NAN; 2];
        }
        let weights = [1.0, 2.0, 3.0, 4.0];
        let smoothed: f64 = self
            .prices
            .iter()
            .zip(weights)
            .map(|(price, w)| price * w)
            .sum();
        let speed = self.speed(smoothed * 0.1);
        self.mama = (1.0 - speed) * self.mama + speed * x;
        self.fama = (1.0 - 0.5 * speed) * self.fama + 0.5 * speed * self.mama;
        if self.seen > WARM_UP {
            [self.mama, self.fama]
        } else {
            [f64::NAN; 2]
        }
    }
}
