//! Registry entries that ask whether a correlation is still what it was.

use crate::parameter::{Arguments, integer, real, window};
use crate::regime::hysteresis::{Bands, percentile_bands};
use crate::registry::{Build, Built, Cost, Definition};
use crate::statistics::moments::correlation;
use crate::window::{WindowStatistic, Windowed};

use super::rolling_pairs::{BASE, returns};

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "corr_shift",
        outputs: &["corr_shift", "corr_break"],
        parameters: &[
            window("length", 5, 60),
            real(
                "critical",
                "size of a shift that is a break",
                (0.5, 20.0),
                2.576,
            ),
        ],
        cost: Cost::Linear,
        description: "How far the correlation of the last n returns is from that of the n before, in \
                      standard errors; and 1 where that is a breakdown, else 0.",
        convention: "(atanh r - atanh r') / sqrt(2/(n-3)) over windows that share no row (Fisher 1921; \
                     2.576 is the two-sided 1 % of independent normal returns). Volatile stretches \
                     alone raise sample correlations (Forbes and Rigobon 2002).",
        build: Build::Series(|a| {
            let statistic = Shift {
                length: a.length("length")?,
                critical: a.real("critical")?,
            };
            Ok(Built::reading(Windowed::new(statistic), returns(a)))
        }),
        ..BASE
    },
    Definition {
        name: "corr_regime",
        outputs: &["corr_regime", "corr_regime_conf"],
        parameters: &[
            window("length", 3, 60),
            window("history", 10, 252),
            integer("high", "percentile at which it is high", (51, 99), 80),
            integer("low", "percentile at which it is low", (1, 49), 20),
            integer("margin", "percentiles back before it ends", (1, 25), 10),
        ],
        cost: Cost::Linear,
        description: "Whether the correlation with the benchmark is low (-1), usual (0) or high (1) by \
                      its own history; and how sure that is, 0..1.",
        convention: "Percentile of the rolling correlation among its last `history` values, in bands \
                     with hysteresis (see regime_vol).",
        build: Build::Series(regime),
        ..BASE
    },
];

fn regime(a: &Arguments) -> Result<Built, crate::FeatureError> {
    let bands: Bands = percentile_bands(a)?;
    let source = format!(
        "percentrank_{}(corr_{}({}))",
        a.length("history")?,
        a.length("length")?,
        a.sources().join(",")
    );
    Ok(Built::reading(bands, vec![source]))
}

#[derive(Debug, Clone)]
struct Shift {
    length: usize,
    critical: f64,
}

impl WindowStatistic<2, 2> for Shift {
    type Scratch = ();

    fn length(&self) -> usize {
        2 * self.length
    }

    fn scratch(&self) {}

    fn evaluate(&self, [y, x]: [&[f64]; 2], _scratch: &mut ()) -> [f64; 2] {
        // A perfect correlation has no finite transform.
        let transform = |r: f64| r.clamp(-1.0 + 1e-12, 1.0 - 1e-12).atanh();
        let before = correlation(&y[..self.length], &x[..self.length]);
        let now = correlation(&y[self.length..], &x[self.length..]);
        let error = (2.0 / (self.length as f64 - 3.0)).sqrt();
        let shift = (transform(now) - transform(before)) / error;
        if shift.is_nan() {
            return [f64::NAN; 2];
        }
        [shift, f64::from(u8::from(shift.abs() >= self.critical))]
    }
}
