//! Registry entries of volume-weighted average prices.

use crate::calculator::Kernel;
use crate::compose::Total;
use crate::parameter::window;
use crate::registry::{Build, Built, Cost, Definition, Family};
use crate::rolling::{Rolling, Sum, ratio};
use crate::state_fields;

const BASE: Definition = Definition {
    name: "",
    family: Family::Volume,
    outputs: &[],
    parameters: &[],
    inputs: &["high", "low", "close", "volume"],
    cost: Cost::Constant,
    description: "",
    convention: "",
    build: Build::Items,
};

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "vwap_cum",
        outputs: &["vwap_cum"],
        description: "Volume-weighted average price since the first row.",
        convention: "Typical price (H+L+C)/3 (TA-Lib VWAP); missing until there is volume; \
                     compensated sums.",
        build: Build::Series(|a| Ok(Built::over_sources(a, Vwap::<4>::default()))),
        ..BASE
    },
    Definition {
        name: "vwap_session",
        outputs: &["vwap_session"],
        inputs: &["high", "low", "close", "volume", "session"],
        description: "Volume-weighted average price of the session.",
        convention: "Typical price (H+L+C)/3; restarts on the row where `session` changes.",
        build: Build::Series(|a| Ok(Built::over_sources(a, Vwap::<5>::default()))),
        ..BASE
    },
    Definition {
        name: "vwap_month",
        outputs: &["vwap_month"],
        inputs: &["high", "low", "close", "volume", "month"],
        description: "Volume-weighted average price of the calendar month.",
        convention: "Typical price (H+L+C)/3; restarts on the row where `month` changes. Any other \
                     anchor: name a column of your own, `vwap_session(high,low,close,volume,x)`.",
        build: Build::Series(|a| Ok(Built::over_sources(a, Vwap::<5>::default()))),
        ..BASE
    },
    Definition {
        name: "vwap_roll",
        outputs: &["vwap_roll"],
        parameters: &[window("length", 1, 20)],
        description: "Volume-weighted average price of the last n rows.",
        convention: "Typical price (H+L+C)/3; missing without volume.",
        build: Build::Series(|a| {
            let kernel = Rolling::<Sum, _, _, 2, 2>::new(
                a.length("length")?,
                |[high, low, close, volume]: [f64; 4]| {
                    [(high + low + close) / 3.0 * volume, volume]
                },
                |[paid, volume]: [f64; 2]| [ratio(paid, volume)],
            );
            Ok(Built::over_sources(a, kernel))
        }),
        ..BASE
    },
];

/// Inputs (high, low, close, volume) and, with five, an anchor: the sums restart when it changes.
#[derive(Debug, Clone, Default)]
struct Vwap<const I: usize> {
    paid: Total,
    volume: Total,
    anchor: f64,
}

state_fields!(Vwap<4> { paid, volume, anchor });
state_fields!(Vwap<5> { paid, volume, anchor });

impl<const I: usize> Kernel<I, 1> for Vwap<I>
where
    Self: crate::snapshot::State,
{
    fn warm_up(&self) -> [usize; 1] {
        [0]
    }

    #[inline]
    fn step(&mut self, row: [f64; I]) -> [f64; 1] {
        let [high, low, close, volume] = std::array::from_fn(|i| row[i]);
        if let Some(anchor) = row.get(4)
            && *anchor != std::mem::replace(&mut self.anchor, *anchor)
        {
            self.paid = Total::default();
            self.volume = Total::default();
        }
        let paid = self.paid.add((high + low + close) / 3.0 * volume);
        [ratio(paid, self.volume.add(volume))]
    }
}
