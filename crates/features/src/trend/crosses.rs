//! Distances, crosses and slopes of moving averages (usual lengths 5, 10, 20, 50, 200).

use crate::calculator::Kernel;
use crate::compose::{Lagged, Pointwise};
use crate::error::FeatureError;
use crate::parameter::{Arguments, choice, integer, window};
use crate::registry::{Build, Built, Cost, Definition, Family};
use crate::rolling::ratio;
use crate::state_fields;

const KINDS: &[&str] = &["sma", "ema"];

const BASE: Definition = Definition {
    name: "",
    family: Family::Trend,
    outputs: &[],
    parameters: &[
        window("fast", 1, 20),
        window("slow", 1, 50),
        choice("kind", "moving average", KINDS),
    ],
    inputs: &["close"],
    cost: Cost::Constant,
    description: "",
    convention: "",
    build: Build::Items,
};

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "ma_gap",
        outputs: &["ma_gap"],
        description: "Distance of a fast from a slow moving average, as a share of the slow one.",
        convention: "fast / slow - 1.",
        build: Build::Series(|a| {
            let gap = Pointwise(|[fast, slow]: [f64; 2]| [ratio(fast, slow) - 1.0]);
            Ok(Built::reading(gap, pair(a)?))
        }),
        ..BASE
    },
    Definition {
        name: "ma_cross",
        outputs: &["ma_cross"],
        description: "+1 on the row where the fast average crosses above the slow one, -1 where \
                      it crosses below, else 0.",
        convention: "A touch is no cross: the side changes when the difference changes sign.",
        build: Build::Series(|a| Ok(Built::reading(Cross { side: 0.0 }, pair(a)?))),
        ..BASE
    },
    Definition {
        name: "ma_slope",
        outputs: &["ma_slope"],
        parameters: &[
            window("length", 1, 20),
            integer("lag", "rows over which the slope is taken", (1, 10_000), 1),
            choice("kind", "moving average", KINDS),
        ],
        description: "Relative change of a moving average per row.",
        convention: "(now / then - 1) / lag.",
        build: Build::Series(|a| {
            let lag = a.length("lag")?;
            let source = average(a, a.length("length")?)?;
            let slope = Lagged::new(lag, move |now, then| (ratio(now, then) - 1.0) / lag as f64);
            Ok(Built::reading(slope, vec![source]))
        }),
        ..BASE
    },
    Definition {
        name: "ma_distance",
        outputs: &["ma_distance"],
        parameters: &[
            window("length", 1, 20),
            choice("kind", "moving average", KINDS),
        ],
        description: "Distance of the price from its moving average, as a share of the average.",
        convention: "price / average - 1.",
        build: Build::Series(|a| {
            let mut sources = a.sources().to_vec();
            sources.push(average(a, a.length("length")?)?);
            let distance = Pointwise(|[price, mean]: [f64; 2]| [ratio(price, mean) - 1.0]);
            Ok(Built::reading(distance, sources))
        }),
        ..BASE
    },
];

fn average(a: &Arguments, length: usize) -> Result<String, FeatureError> {
    Ok(format!(
        "{}_{length}({})",
        a.word("kind")?,
        a.sources().join(",")
    ))
}

fn pair(a: &Arguments) -> Result<Vec<String>, FeatureError> {
    let (fast, slow) = (a.length("fast")?, a.length("slow")?);
    if fast >= slow {
        return Err(a.reject("fast", format!("is {fast}, must be below slow ({slow})")));
    }
    Ok(vec![average(a, fast)?, average(a, slow)?])
}

/// Inputs (fast, slow).
#[derive(Debug, Clone)]
struct Cross {
    /// Sign of the last difference that was not zero.
    side: f64,
}

state_fields!(Cross { side });

impl Kernel<2, 1> for Cross {
    fn warm_up(&self) -> [usize; 1] {
        [0]
    }

    #[inline]
    fn step(&mut self, [fast, slow]: [f64; 2]) -> [f64; 1] {
        let difference = fast - slow;
        if difference == 0.0 {
            return [0.0];
        }
        let before = std::mem::replace(&mut self.side, difference.signum());
        [if before == 0.0 || before == self.side {
            0.0
        } else {
            self.side
        }]
    }
}
