//! Kernels that place a price in its recent range.

use crate::calculator::Kernel;
use crate::error::FeatureError;
use crate::rolling::{Extremes, Sum, Window, larger, ratio, smaller};
use crate::state_fields;
use crate::trend::{STRETCH, Sma};

/// Rows that [`Ultimate`] passes from stage to stage at a time.
const PIECE: usize = 512;

/// Inputs (high, low, close); outputs (%K, %D), both from the row on which %D starts.
#[derive(Debug, Clone)]
pub(super) struct Stochastic {
    range: Window<Extremes, 2, 2>,
    slow_k: Sma,
    slow_d: Sma,
    /// Whether both averages are full.
    is_warm: bool,
}

state_fields!(Stochastic {
    range,
    slow_k,
    slow_d,
    is_warm
});

impl Stochastic {
    pub(super) fn new(length: usize, slow_k: usize, slow_d: usize) -> Result<Self, FeatureError> {
        Ok(Self {
            range: Window::new(length),
            slow_k: Sma::new(slow_k)?,
            slow_d: Sma::new(slow_d)?,
            is_warm: false,
        })
    }

    /// Both averages of a raw value.
    #[inline]
    fn smooth(&mut self, raw: f64) -> [f64; 2] {
        if raw.is_nan() {
            return [f64::NAN; 2];
        }
        let [k] = self.slow_k.step([raw]);
        if k.is_nan() {
            return [f64::NAN; 2];
        }
        let [d] = self.slow_d.step([k]);
        self.is_warm = !d.is_nan();
        if self.is_warm { [k, d] } else { [f64::NAN; 2] }
    }
}

impl Kernel<3, 2> for Stochastic {
    fn warm_up(&self) -> [usize; 2] {
        let [k] = self.slow_k.warm_up();
        let [d] = self.slow_d.warm_up();
        [self.range.length() - 1 + k + d; 2]
    }

    #[inline]
    fn step(&mut self, [high, low, close]: [f64; 3]) -> [f64; 2] {
        let Some([highest, lowest]) = self.range.push([high, low]) else {
            return [f64::NAN; 2];
        };
        self.smooth(100.0 * ratio(close - lowest, highest - lowest))
    }

    /// Stage by stage in short stretches; row by row while warming up and after a flat range.
    fn run(&mut self, columns: [&[f64]; 3], mut out: [&mut [f64]; 2]) {
        let rows = columns[2].len();
        let mut edges = [[0.0; STRETCH]; 2];
        for row in (0..rows).step_by(STRETCH) {
            let end = rows.min(row + STRETCH);
            let [high, low, close] = columns.map(|column| &column[row..end]);
            let [k, d] = out.each_mut().map(|column| &mut column[row..end]);
            let [highest, lowest] = edges.each_mut().map(|edge| &mut edge[..end - row]);
            let both = [&mut *highest, &mut *lowest];
            self.range.run_extremes([high, low], both);
            let raw = highest;
            for ((raw, lowest), close) in raw.iter_mut().zip(&*lowest).zip(close) {
                *raw = 100.0 * ratio(close - lowest, *raw - lowest);
            }
            if self.is_warm && raw.iter().all(|value| !value.is_nan()) {
                self.slow_k.run([&*raw], [&mut *k]);
                self.slow_d.run([&*k], [d]);
                continue;
            }
            for (at, raw) in raw.iter().enumerate() {
                [k[at], d[at]] = self.smooth(*raw);
            }
        }
    }
}

/// Inputs (high, low, close).
#[derive(Debug, Clone)]
pub(super) struct Ultimate {
    sums: [Window<Sum, 2, 2>; 3],
    last: f64,
}

state_fields!(Ultimate { sums, last });

impl Ultimate {
    pub(super) fn new(mut lengths: [usize; 3]) -> Self {
        lengths.sort_unstable();
        Self {
            sums: lengths.map(Window::new),
            last: f64::NAN,
        }
    }
}

impl Kernel<3, 1> for Ultimate {
    fn warm_up(&self) -> [usize; 1] {
        [self.sums[2].length()]
    }

    #[inline]
    fn step(&mut self, [high, low, close]: [f64; 3]) -> [f64; 1] {
        let last = std::mem::replace(&mut self.last, close);
        if last.is_nan() {
            return [f64::NAN];
        }
        let true_low = smaller(low, last);
        let row = [close - true_low, larger(high, last) - true_low];
        let [short, middle, long] = self.sums.each_mut().map(|sums| {
            sums.push(row)
                .map_or(f64::NAN, |[pressure, range]| ratio(pressure, range))
        });
        [100.0 * (4.0 * short + 2.0 * middle + long) / 7.0]
    }

    /// Stage by stage in stretches.
    fn run(&mut self, columns: [&[f64]; 3], [out]: [&mut [f64]; 1]) {
        let rows = out.len();
        let mut head = 0;
        if self.last.is_nan() && rows > 0 {
            [out[0]] = self.step(columns.map(|column| column[0]));
            head = 1;
        }
        let mut flows = [[0.0; 2]; PIECE];
        let mut buffers = [[0.0; PIECE]; 3];
        for row in (head..rows).step_by(PIECE) {
            let end = rows.min(row + PIECE);
            let [high, low, close] = columns.map(|column| &column[row..end]);
            let [short, middle, long] = buffers.each_mut().map(|buffer| &mut buffer[..end - row]);
            let flows = &mut flows[..end - row];
            for (at, flow) in flows.iter_mut().enumerate() {
                let last = std::mem::replace(&mut self.last, close[at]);
                let true_low = smaller(low[at], last);
                *flow = [close[at] - true_low, larger(high[at], last) - true_low];
            }
            for (sums, part) in self
                .sums
                .iter_mut()
                .zip([&mut *short, &mut *middle, &mut *long])
            {
                let finish = |[pressure, range]: [f64; 2], _| [ratio(pressure, range)];
                sums.run_rows(flows, [part], finish);
            }
            let parts = short.iter().zip(&*middle).zip(&*long);
            for (out, ((short, middle), long)) in out[row..end].iter_mut().zip(parts) {
                *out = 100.0 * (4.0 * short + 2.0 * middle + long) / 7.0;
            }
        }
    }
}

/// Input: the bar's middle; outputs (transform, transform of the row before).
#[derive(Debug, Clone)]
pub(super) struct Fisher {
    range: Window<Extremes, 2, 2>,
    position: f64,
    value: f64,
}

state_fields!(Fisher {
    range,
    position,
    value
});

impl Fisher {
    pub(super) fn new(length: usize) -> Self {
        Self {
            range: Window::new(length),
            position: 0.0,
            value: 0.0,
        }
    }
}

impl Kernel<1, 2> for Fisher {
    fn warm_up(&self) -> [usize; 2] {
        [self.range.length() - 1; 2]
    }

    #[inline]
    fn step(&mut self, [x]: [f64; 1]) -> [f64; 2] {
        let Some([highest, lowest]) = self.range.push([x, x]) else {
            return [f64::NAN; 2];
        };
        let place = if highest > lowest {
            (x - lowest) / (highest - lowest)
        } else {
            0.5
        };
        let position = 0.66 * (place - 0.5) + 0.67 * self.position;
        self.position = if position > 0.99 {
            0.999
        } else if position < -0.99 {
            -0.999
        } else {
            position
        };
        let before = self.value;
        self.value = libm::atanh(self.position) + 0.5 * before;
        [self.value, before]
    }
}
