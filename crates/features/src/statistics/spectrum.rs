//! Cycles: the power spectrum of the window's returns by Fourier transform, and the energy of their
//! wavelet scales.

use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

use crate::parameter::{integer, window};
use crate::registry::{Build, Built, Cost, Definition};
use crate::window::{WindowStatistic, Windowed};

use super::memory::deviation;
use super::moments::{BASE, log_returns};

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "fft",
        outputs: &["fft_period", "fft_peak", "fft_entropy", "fft_centroid"],
        parameters: &[window("length", 8, 64)],
        cost: Cost::Linearithmic,
        description: "Spectrum of the log returns: period of the strongest cycle in rows, its share of \
                      the power, spectral entropy (0 one cycle, 1 noise), mean frequency in cycles per \
                      row.",
        convention: "Squared Fourier amplitudes of the demeaned window under a Hann taper, frequencies \
                     1/n to 1/2, shares of their sum (Welch 1967, one segment); missing on a constant \
                     window.",
        build: Build::Series(|a| {
            let statistic = Summary {
                length: a.length("length")?,
            };
            Ok(Built::reading(Windowed::new(statistic), log_returns(a)))
        }),
        ..BASE
    },
    Definition {
        name: "fft_band",
        outputs: &["fft_band"],
        parameters: &[
            window("length", 8, 64),
            integer("shortest", "rows, inclusive", (2, 100_000), 8),
            integer("longest", "rows, inclusive", (2, 100_000), 32),
        ],
        cost: Cost::Linearithmic,
        description: "Share of the log returns' power in cycles of `shortest` to `longest` rows.",
        convention: "Of the spectrum that `fft` reads; missing on a constant window.",
        build: Build::Series(|a| {
            let statistic = Band {
                length: a.length("length")?,
                shortest: a.length("shortest")?,
                longest: a.length("longest")?,
            };
            if statistic.shortest > statistic.longest {
                return Err(a.reject("longest", "must not be below the shortest period"));
            }
            Ok(Built::reading(Windowed::new(statistic), log_returns(a)))
        }),
        ..BASE
    },
    Definition {
        name: "wavelet",
        outputs: &[
            "wavelet_d1",
            "wavelet_d2",
            "wavelet_d3",
            "wavelet_d4",
            "wavelet_s4",
        ],
        parameters: &[window("length", 2, 64)],
        description: "Shares of the log returns' energy by scale: changes over 1, 2, 4 and 8 rows (d1 to \
                      d4), and averages over 16 (s4).",
        convention: "Maximal overlap discrete wavelet transform with the Haar filter, energies of the \
                     last n coefficients that no edge touches, so n + 15 returns are needed (Percival \
                     and Walden 2000, chapter 5).",
        build: Build::Series(|a| {
            let statistic = Scales {
                length: a.length("length")?,
            };
            Ok(Built::reading(Windowed::new(statistic), log_returns(a)))
        }),
        ..BASE
    },
];

/// Power at the frequencies 1/n, 2/n, ... up to 1/2 cycles per row, as shares of their sum: squared
/// Fourier amplitudes of the demeaned values under a Hann taper. Empty for fewer than 8 values or a
/// constant series.
pub fn power_spectrum(x: &[f64]) -> Vec<f64> {
    if x.len() < 8 {
        return Vec::new();
    }
    let mut scratch = Transform::new(x.len());
    if scratch.run(x) {
        scratch.power
    } else {
        Vec::new()
    }
}

/// A planned transform with its buffers.
#[derive(Clone)]
struct Transform {
    plan: Arc<dyn RealToComplex<f64>>,
    taper: Vec<f64>,
    values: Vec<f64>,
    amplitudes: Vec<Complex<f64>>,
    work: Vec<Complex<f64>>,
    power: Vec<f64>,
}

impl Transform {
    fn new(length: usize) -> Self {
        let plan = RealFftPlanner::new().plan_fft_forward(length);
        let turn = 2.0 * std::f64::consts::PI / length as f64;
        let amplitudes = plan.make_output_vec();
        Self {
            taper: (0..length)
                .map(|i| 0.5 - 0.5 * (turn * (i as f64 + 0.5)).cos())
                .collect(),
            values: plan.make_input_vec(),
            work: plan.make_scratch_vec(),
            power: vec![0.0; amplitudes.len().saturating_sub(1)],
            amplitudes,
            plan,
        }
    }

    /// Fills `power` with shares; false when the values do not vary.
    fn run(&mut self, x: &[f64]) -> bool {
        if deviation(x) == 0.0 {
            return false;
        }
        let mean = x.iter().sum::<f64>() / x.len() as f64;
        for ((value, x), weight) in self.values.iter_mut().zip(x).zip(&self.taper) {
            *value = (x - mean) * weight;
        }
        let done =
            self.plan
                .process_with_scratch(&mut self.values, &mut self.amplitudes, &mut self.work);
        if done.is_err() {
            return false;
        }
        for (power, amplitude) in self.power.iter_mut().zip(self.amplitudes.iter().skip(1)) {
            *power = amplitude.norm_sqr();
        }
        let total: f64 = self.power.iter().sum();
        self.power.iter_mut().for_each(|power| *power /= total);
        total > 0.0
    }
}

/// Period and share of the strongest line, entropy, mean frequency.
fn summary(power: &[f64], n: f64) -> [f64; 4] {
    let (mut peak, mut share) = (0, 0.0);
    let (mut entropy, mut centroid) = (0.0, 0.0);
    for (index, power) in power.iter().enumerate() {
        if *power > share {
            (peak, share) = (index, *power);
        }
        if *power > 0.0 {
            entropy -= power * power.ln();
        }
        centroid += power * (index + 1) as f64 / n;
    }
    let most = (power.len() as f64).ln();
    [n / (peak + 1) as f64, share, entropy / most, centroid]
}

#[derive(Debug, Clone)]
struct Summary {
    length: usize,
}

impl WindowStatistic<1, 4> for Summary {
    type Scratch = Transform;

    fn length(&self) -> usize {
        self.length
    }

    fn scratch(&self) -> Transform {
        Transform::new(self.length)
    }

    fn evaluate(&self, [x]: [&[f64]; 1], transform: &mut Transform) -> [f64; 4] {
        if transform.run(x) {
            summary(&transform.power, x.len() as f64)
        } else {
            [f64::NAN; 4]
        }
    }
}

/// Periods in rows, both inclusive.
#[derive(Debug, Clone)]
struct Band {
    length: usize,
    shortest: usize,
    longest: usize,
}

impl WindowStatistic<1, 1> for Band {
    type Scratch = Transform;

    fn length(&self) -> usize {
        self.length
    }

    fn scratch(&self) -> Transform {
        Transform::new(self.length)
    }

    fn evaluate(&self, [x]: [&[f64]; 1], transform: &mut Transform) -> [f64; 1] {
        if !transform.run(x) {
            return [f64::NAN];
        }
        let periods = self.shortest as f64..=self.longest as f64;
        let inside = |index: usize| periods.contains(&(x.len() as f64 / (index + 1) as f64));
        let shares = transform.power.iter().enumerate();
        [shares.filter(|(i, _)| inside(*i)).map(|(_, p)| p).sum()]
    }
}

/// Levels of the wavelet transform; the coarsest spans 2 to this power rows.
const LEVELS: usize = 4;

/// Rows before the first coefficient that no edge touches.
const SPAN: usize = (1 << LEVELS) - 1;

/// Energy of the Haar wavelet coefficients at changes over 1, 2, 4 and 8 rows and of the averages over
/// 16, of all rows but the first 15, as shares of their sum; `None` for 15 values or fewer, or all 0.
pub fn wavelet_energies(x: &[f64]) -> Option<[f64; LEVELS + 1]> {
    if x.len() <= SPAN {
        return None;
    }
    let mut smooth = x.to_vec();
    let mut energies = [0.0; LEVELS + 1];
    energies_of(&mut smooth, &mut energies).then_some(energies)
}

fn energies_of(smooth: &mut [f64], energies: &mut [f64; LEVELS + 1]) -> bool {
    let size = smooth.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
    if size <= 0.0 {
        return false;
    }
    smooth.iter_mut().for_each(|x| *x /= size);
    for (level, energy) in energies.iter_mut().take(LEVELS).enumerate() {
        let stride = 1 << level;
        *energy = 0.0;
        // From the end, so that the rows before are still those of the level above.
        for row in (stride..smooth.len()).rev() {
            let (now, before) = (smooth[row], smooth[row - stride]);
            smooth[row] = 0.5 * (now + before);
            if row >= SPAN {
                *energy += 0.25 * (now - before) * (now - before);
            }
        }
    }
    energies[LEVELS] = smooth.iter().skip(SPAN).map(|x| x * x).sum();
    let total: f64 = energies.iter().sum();
    energies.iter_mut().for_each(|energy| *energy /= total);
    total > 0.0
}

#[derive(Debug, Clone)]
struct Scales {
    length: usize,
}

impl WindowStatistic<1, { LEVELS + 1 }> for Scales {
    type Scratch = Vec<f64>;

    fn length(&self) -> usize {
        self.length + SPAN
    }

    fn scratch(&self) -> Vec<f64> {
        vec![0.0; self.length + SPAN]
    }

    fn evaluate(&self, [x]: [&[f64]; 1], smooth: &mut Vec<f64>) -> [f64; LEVELS + 1] {
        smooth.copy_from_slice(x);
        let mut energies = [0.0; LEVELS + 1];
        if energies_of(smooth, &mut energies) {
            energies
        } else {
            [f64::NAN; LEVELS + 1]
        }
    }
}
