//! Registry entries of plain changes over n rows.

use crate::calculator::Kernel;
use crate::compose::Lagged;
use crate::error::FeatureError;
use crate::parameter::{integer, require_length, window};
use crate::registry::{Build, Built, Cost, Definition, Family};
use crate::ring::Ring;
use crate::rolling::ratio;
use crate::state_fields;

const BASE: Definition = Definition {
    name: "",
    family: Family::Momentum,
    outputs: &[],
    parameters: &[window("length", 1, 10)],
    inputs: &["close"],
    cost: Cost::Constant,
    description: "",
    convention: "",
    build: Build::Items,
};

const ONE: &[crate::parameter::Parameter] = &[window("length", 1, 1)];

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "mom",
        outputs: &["mom"],
        description: "Change over n rows.",
        convention: "now - then (TA-Lib MOM).",
        build: Build::Series(|a| {
            let kernel = Lagged::new(a.length("length")?, |now, then| now - then);
            Ok(Built::over_sources(a, kernel))
        }),
        ..BASE
    },
    Definition {
        name: "roc",
        outputs: &["roc"],
        description: "Change over n rows in percent.",
        convention: "100 (now/then - 1) (TA-Lib ROC).",
        build: Build::Series(|a| {
            let kernel = Lagged::new(a.length("length")?, percent);
            Ok(Built::over_sources(a, kernel))
        }),
        ..BASE
    },
    Definition {
        name: "rocp",
        outputs: &["rocp"],
        description: "Change over n rows as a share.",
        convention: "(now - then)/then (TA-Lib ROCP).",
        build: Build::Series(|a| {
            let kernel = Lagged::new(a.length("length")?, |now, then| ratio(now - then, then));
            Ok(Built::over_sources(a, kernel))
        }),
        ..BASE
    },
    Definition {
        name: "rocr",
        outputs: &["rocr"],
        description: "Value as a multiple of the one n rows ago.",
        convention: "now/then (TA-Lib ROCR).",
        build: Build::Series(|a| {
            let kernel = Lagged::new(a.length("length")?, ratio);
            Ok(Built::over_sources(a, kernel))
        }),
        ..BASE
    },
    Definition {
        name: "ret",
        outputs: &["ret"],
        parameters: ONE,
        description: "Simple return over n rows.",
        convention: "now/then - 1.",
        build: Build::Series(|a| {
            let kernel = Lagged::new(a.length("length")?, |now, then| ratio(now, then) - 1.0);
            Ok(Built::over_sources(a, kernel))
        }),
        ..BASE
    },
    Definition {
        name: "logret",
        outputs: &["logret"],
        parameters: ONE,
        description: "Logarithmic return over n rows.",
        convention: "ln(now/then); missing unless both are positive.",
        build: Build::Series(|a| {
            let kernel = Lagged::new(a.length("length")?, log_return);
            Ok(Built::over_sources(a, kernel))
        }),
        ..BASE
    },
    Definition {
        name: "ret_skip",
        outputs: &["ret_skip"],
        parameters: &[
            window("length", 1, 252),
            integer("skip", "most recent rows left out", (0, 100_000), 21),
        ],
        description: "Simple return over n rows without the most recent ones (momentum 12-1).",
        convention: "Value `skip` rows ago over the one n rows ago, less 1 (Jegadeesh and Titman 1993; \
                     the skipped month of Asness, Moskowitz and Pedersen 2013).",
        build: Build::Series(|a| {
            let kernel = SkippedReturn::new(a.length("length")?, a.length("skip")?)?;
            Ok(Built::over_sources(a, kernel))
        }),
        ..BASE
    },
];

/// Return over `n` rows that ends some rows ago.
///
/// ```
/// use trader_features::{Streaming, momentum::SkippedReturn};
///
/// let mut past = Streaming::new(SkippedReturn::new(3, 1)?);
/// let values = [100.0, 110.0, 120.0, 500.0].map(|price| past.next(price));
/// assert!((values[3].unwrap() - 0.2).abs() < 1e-12); // 120 over 100
/// # Ok::<(), trader_features::FeatureError>(())
/// ```
#[derive(Debug, Clone)]
pub struct SkippedReturn {
    past: Ring,
    skip: usize,
}

state_fields!(SkippedReturn { past });

impl SkippedReturn {
    /// From `length` rows ago until `skip` rows ago.
    ///
    /// # Errors
    /// [`FeatureError::InvalidParameter`] unless `skip` is below `length`.
    pub fn new(length: usize, skip: usize) -> Result<Self, FeatureError> {
        if skip >= length {
            return Err(FeatureError::InvalidParameter {
                feature: "ret_skip".to_owned(),
                parameter: "skip".to_owned(),
                reason: format!("is {skip}, must be below the length ({length})"),
            });
        }
        Ok(Self {
            past: Ring::new(length),
            skip,
        })
    }
}

impl Kernel<1, 1> for SkippedReturn {
    fn warm_up(&self) -> [usize; 1] {
        [self.past.capacity()]
    }

    #[inline]
    fn step(&mut self, [x]: [f64; 1]) -> [f64; 1] {
        let then = self.past.push(x);
        let now = self.past.iter().rev().nth(self.skip).unwrap_or(f64::NAN);
        [ratio(now, then) - 1.0]
    }
}

#[inline]
pub(crate) fn log_return(now: f64, then: f64) -> f64 {
    if now > 0.0 && then > 0.0 {
        (now / then).ln()
    } else {
        f64::NAN
    }
}

/// Rate of change over `n` rows in percent.
#[derive(Debug, Clone)]
pub struct Roc {
    change: Lagged<fn(f64, f64) -> f64>,
}

state_fields!(Roc { change });

impl Roc {
    /// Over `length` rows.
    ///
    /// # Errors
    /// [`FeatureError::InvalidParameter`] for a length of 0.
    pub fn new(length: usize) -> Result<Self, FeatureError> {
        require_length("roc", length)?;
        Ok(Self {
            change: Lagged::new(length, percent),
        })
    }
}

fn percent(now: f64, then: f64) -> f64 {
    100.0 * (ratio(now, then) - 1.0)
}

impl Kernel<1, 1> for Roc {
    fn warm_up(&self) -> [usize; 1] {
        self.change.warm_up()
    }

    #[inline]
    fn step(&mut self, row: [f64; 1]) -> [f64; 1] {
        self.change.step(row)
    }
}
