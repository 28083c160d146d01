//! Registry entries that look for the symbol that moves first.

use crate::parameter::{integer, window};
use crate::registry::{Build, Built, Cost, Definition};
use crate::statistics::moments::correlation;
use crate::window::{WindowStatistic, Windowed};

use super::rolling_pairs::{BASE, returns};

pub(crate) const DEFINITIONS: &[Definition] = &[Definition {
    name: "lead_lag",
    outputs: &["lead_lag", "lead_lag_corr"],
    parameters: &[
        window("length", 3, 60),
        integer("reach", "largest lag either way, rows", (1, 250), 5),
    ],
    cost: Cost::Linear,
    description: "The lag at which the symbol's and the benchmark's returns go together best, and \
                  their correlation there. Positive: the benchmark moves first.",
    convention: "Largest |Pearson correlation| over lags of -reach..reach rows, each of n pairs that \
                 end at the newest row of the one that lags; n + reach returns are needed. Of equal \
                 ones the shortest lag, then the positive one.",
    build: Build::Series(|a| {
        let statistic = BestLag {
            length: a.length("length")?,
            reach: a.length("reach")?,
        };
        Ok(Built::reading(Windowed::new(statistic), returns(a)))
    }),
    ..BASE
}];

#[derive(Debug, Clone)]
struct BestLag {
    length: usize,
    reach: usize,
}

impl WindowStatistic<2, 2> for BestLag {
    type Scratch = ();

    fn length(&self) -> usize {
        self.length + self.reach
    }

    fn scratch(&self) {}

    fn evaluate(&self, [y, x]: [&[f64]; 2], _scratch: &mut ()) -> [f64; 2] {
        // The newest n values, and the n values `lag` rows before them.
        let newest = |series: &'_ [f64], lag: usize| {
            let from = self.reach - lag;
            from..series.len() - lag
        };
        let mut best = [f64::NAN; 2];
        let mut consider = |lag: f64, found: f64| {
            if best[1].is_nan() || found.abs() > best[1].abs() {
                best = if found.is_nan() { best } else { [lag, found] };
            }
        };
        for lag in 0..=self.reach {
            let now = newest(y, 0);
            let leading = correlation(&y[now.clone()], &x[newest(x, lag)]);
            consider(lag as f64, leading);
            if lag > 0 {
                consider(-(lag as f64), correlation(&y[newest(y, lag)], &x[now]));
            }
        }
        best
    }
}
