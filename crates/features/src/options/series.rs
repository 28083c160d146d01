//! Registry entries that follow one underlying's option market from bar to bar.

use crate::calculator::Kernel;
use crate::compose::Pointwise;
use crate::parameter::window;
use crate::registry::{Build, Built, Cost, Definition, Family};
use crate::rolling::{Extremes, Window, ratio};
use crate::state_fields;
use crate::window::{WindowStatistic, Windowed};

const BASE: Definition = Definition {
    name: "",
    family: Family::Options,
    outputs: &[],
    parameters: &[window("length", 2, 252)],
    inputs: &["implied_vol"],
    cost: Cost::Constant,
    description: "",
    convention: "",
    build: Build::Items,
};

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "iv_rank",
        outputs: &["iv_rank"],
        description: "Where the implied volatility lies between its lowest and highest, 0..100.",
        convention: "100 (IV - lowest) / (highest - lowest) over the last n rows, the present one \
                     included; missing while it does not move.",
        build: Build::Series(|a| Ok(Built::over_sources(a, Rank::new(a.length("length")?)))),
        ..BASE
    },
    Definition {
        name: "iv_percentile",
        outputs: &["iv_percentile"],
        cost: Cost::Linear,
        description: "Share of past implied volatilities below the present one, 0..100.",
        convention: "100 times the share of the previous n-1 rows that are strictly lower.",
        build: Build::Series(|a| {
            let statistic = PercentBelow {
                length: a.length("length")?,
            };
            Ok(Built::over_sources(a, Windowed::new(statistic)))
        }),
        ..BASE
    },
    Definition {
        name: "pcr_volume",
        outputs: &["pcr_volume"],
        parameters: &[],
        inputs: &["put_volume", "call_volume"],
        description: "Put/call ratio by contracts traded.",
        convention: "Puts over calls; missing when no call traded.",
        build: Build::Series(put_call_ratio),
        ..BASE
    },
    Definition {
        name: "pcr_open_interest",
        outputs: &["pcr_open_interest"],
        parameters: &[],
        inputs: &["put_open_interest", "call_open_interest"],
        description: "Put/call ratio by open interest.",
        convention: "Puts over calls; missing when no call is open.",
        build: Build::Series(put_call_ratio),
        ..BASE
    },
    Definition {
        name: "pcr_premium",
        outputs: &["pcr_premium"],
        parameters: &[],
        inputs: &["put_premium", "call_premium"],
        description: "Put/call ratio by premium traded.",
        convention: "Puts over calls; missing when no call traded.",
        build: Build::Series(put_call_ratio),
        ..BASE
    },
];

fn put_call_ratio(a: &crate::parameter::Arguments) -> Result<Built, crate::FeatureError> {
    let kernel = Pointwise(|[puts, calls]: [f64; 2]| [ratio(puts, calls)]);
    Ok(Built::over_sources(a, kernel))
}

#[derive(Debug, Clone)]
struct Rank {
    window: Window<Extremes, 2, 2>,
}

state_fields!(Rank { window });

impl Rank {
    fn new(length: usize) -> Self {
        Self {
            window: Window::new(length),
        }
    }
}

impl Kernel<1, 1> for Rank {
    fn warm_up(&self) -> [usize; 1] {
        [self.window.length() - 1]
    }

    #[inline]
    fn step(&mut self, [x]: [f64; 1]) -> [f64; 1] {
        let extremes = self.window.push([x, x]);
        [extremes.map_or(f64::NAN, |[high, low]| 100.0 * ratio(x - low, high - low))]
    }
}

/// Share of the earlier rows of the window that lie below the last one, in percent.
#[derive(Debug, Clone)]
pub(crate) struct PercentBelow {
    /// Rows, the last one included; at least 2.
    pub(crate) length: usize,
}

/// Values this close, as a share of the last one, are the same.
const TIE: f64 = 1e-9;

impl WindowStatistic<1, 1> for PercentBelow {
    type Scratch = ();

    fn length(&self) -> usize {
        self.length
    }

    fn scratch(&self) {}

    fn evaluate(&self, [x]: [&[f64]; 1], _scratch: &mut ()) -> [f64; 1] {
        let Some((last, earlier)) = x.split_last() else {
            return [f64::NAN];
        };
        // Values that are equal but for rounding, such as volatilities of the same returns summed in
        // another order, are equal: else the last bit would decide the rank.
        let clearly_below = last - TIE * last.abs();
        let below = earlier
            .iter()
            .filter(|value| **value < clearly_below)
            .count();
        [100.0 * ratio(below as f64, earlier.len() as f64)]
    }
}
