//! Volume profile: where in price the volume of the last n bars lies.

use crate::parameter::{integer, real, window};
use crate::registry::{Build, Built, Cost, Definition, Family};
use crate::window::{WindowStatistic, Windowed};

pub(crate) const DEFINITIONS: &[Definition] = &[Definition {
    name: "volume_profile",
    family: Family::Volume,
    outputs: &["poc", "value_high", "value_low"],
    parameters: &[
        window("length", 1, 60),
        integer("bins", "equal price bins over the range", (1, 1000), 24),
        real(
            "share",
            "share of the volume in the value area",
            (0.01, 1.0),
            0.7,
        ),
    ],
    inputs: &["high", "low", "volume"],
    cost: Cost::Linear,
    description: "Point of control (price with the most volume) and the edges of the value area.",
    convention: "A bar's volume is spread evenly over its range into equal bins between the lowest \
                 low and the highest high; the point of control is the middle of the fullest bin \
                 (of equal ones the lowest); the value area grows from it to the fuller neighbour \
                 (of equal ones the upper) until it holds the share (Steidlmayer's market profile, \
                 CBOT 1985). Missing without volume.",
    build: Build::Series(|a| {
        let profile = VolumeProfile {
            length: a.length("length")?,
            bins: a.length("bins")?,
            share: a.real("share")?,
        };
        Ok(Built::over_sources(a, Windowed::new(profile)))
    }),
}];

/// Inputs (high, low, volume); outputs (point of control, upper and lower edge of the value area).
#[derive(Debug, Clone)]
struct VolumeProfile {
    length: usize,
    bins: usize,
    share: f64,
}

impl VolumeProfile {
    /// Spreads the bars over the bins; positions are in bins from the lowest low.
    fn fill(bins: &mut [f64], window: [&[f64]; 3], lowest: f64, width: f64) {
        bins.fill(0.0);
        let count = bins.len() as f64;
        for ((high, low), volume) in window[0].iter().zip(window[1]).zip(window[2]) {
            let from = ((low - lowest) / width).clamp(0.0, count);
            let to = ((high - lowest) / width).clamp(0.0, count);
            let range = to - from;
            for (index, bin) in bins.iter_mut().enumerate() {
                let edge = index as f64;
                let last = edge + 1.0 >= count;
                if range > 0.0 {
                    *bin += volume * (to.min(edge + 1.0) - from.max(edge)).max(0.0) / range;
                } else if from >= edge && (from < edge + 1.0 || last) {
                    *bin += volume;
                }
            }
        }
    }

    /// The value area around the fullest bin, as bin numbers (first, last).
    fn value_area(&self, bins: &[f64], fullest: usize) -> (usize, usize) {
        let wanted = self.share * bins.iter().sum::<f64>();
        let (mut first, mut last) = (fullest, fullest);
        let mut held = bins[fullest];
        while held < wanted {
            let below = first.checked_sub(1).map(|index| (index, bins[index]));
            let above = bins.get(last + 1).copied();
            match (below, above) {
                (Some((index, below)), above) if above.is_none_or(|above| below > above) => {
                    first = index;
                    held += below;
                }
                (_, Some(above)) => {
                    last += 1;
                    held += above;
                }
                (_, None) => break,
            }
        }
        (first, last)
    }
}

impl WindowStatistic<3, 3> for VolumeProfile {
    type Scratch = Vec<f64>;

    fn length(&self) -> usize {
        self.length
    }

    fn scratch(&self) -> Vec<f64> {
        vec![0.0; self.bins]
    }

    fn evaluate(&self, window: [&[f64]; 3], bins: &mut Vec<f64>) -> [f64; 3] {
        let highest = window[0].iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let lowest = window[1].iter().copied().fold(f64::INFINITY, f64::min);
        let traded = window[2].iter().any(|volume| *volume > 0.0);
        if !traded || highest < lowest {
            return [f64::NAN; 3];
        }
        let width = (highest - lowest) / self.bins as f64;
        if width <= 0.0 {
            return [highest, highest, lowest];
        }
        Self::fill(bins, window, lowest, width);
        let mut fullest = 0;
        for (index, bin) in bins.iter().enumerate() {
            if *bin > bins[fullest] {
                fullest = index;
            }
        }
        let (first, last) = self.value_area(bins, fullest);
        let price = |bin: f64| lowest + width * bin;
        [
            price(fullest as f64 + 0.5),
            price(last as f64 + 1.0),
            price(first as f64),
        ]
    }
}
