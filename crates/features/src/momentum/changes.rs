//! Registry entries of plain changes over n rows.

use crate::calculator::Kernel;
use crate::compose::Lagged;
use crate::error::FeatureError;
use crate::parameter::{require_length, window};
use crate::registry::{Build, Built, Cost, Definition, Family};
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
];

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
