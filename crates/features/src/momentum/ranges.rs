//! Registry entries of oscillators that place the close in a range: Stochastics, Williams %R, CCI,
//! Ultimate, balance of power, Fisher, and the price transforms they read.

use super::stochastic::{Fisher, Stochastic, Ultimate};
use crate::compose::Pointwise;
use crate::error::FeatureError;
use crate::parameter::{Arguments, window};
use crate::registry::{Build, Built, Cost, Definition, Family};
use crate::rolling::ratio;
use crate::window::{WindowStatistic, Windowed};

const BASE: Definition = Definition {
    name: "",
    family: Family::Momentum,
    outputs: &[],
    parameters: &[],
    inputs: &["high", "low", "close"],
    cost: Cost::Constant,
    description: "",
    convention: "",
    build: Build::Items,
};

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "stoch",
        outputs: &["stoch_k", "stoch_d"],
        parameters: &[
            window("length", 1, 14),
            window("slow_k", 1, 3),
            window("slow_d", 1, 3),
        ],
        description: "Slow stochastic, 0..100.",
        convention: "%K smoothed by an SMA, %D an SMA of it; both start together (Lane, TA-Lib \
                     STOCH); missing rows where the range is flat are skipped.",
        build: Build::Series(|a| {
            stochastic(
                a,
                a.length("length")?,
                a.length("slow_k")?,
                a.length("slow_d")?,
            )
        }),
        ..BASE
    },
    Definition {
        name: "stochf",
        outputs: &["stochf_k", "stochf_d"],
        parameters: &[window("length", 1, 14), window("d", 1, 3)],
        description: "Fast stochastic, 0..100.",
        convention: "Raw %K and its SMA; both start together (Lane, TA-Lib STOCHF).",
        build: Build::Series(|a| stochastic(a, a.length("length")?, 1, a.length("d")?)),
        ..BASE
    },
    Definition {
        name: "stochrsi",
        outputs: &["stochrsi_k", "stochrsi_d"],
        parameters: &[
            window("rsi", 2, 14),
            window("length", 1, 14),
            window("d", 1, 3),
        ],
        inputs: &["close"],
        description: "Where the RSI stands in its own range, 0..100.",
        convention: "Fast stochastic of the RSI, K not smoothed (Chande and Kroll 1994, TA-Lib \
                     STOCHRSI); other libraries smooth K.",
        build: Build::Series(|a| {
            let rsi = format!("rsi_{}({})", a.length("rsi")?, a.sources().join(","));
            let kernel = Stochastic::new(a.length("length")?, 1, a.length("d")?)?;
            Ok(Built::reading(kernel, vec![rsi.clone(), rsi.clone(), rsi]))
        }),
        ..BASE
    },
    Definition {
        name: "willr",
        outputs: &["willr"],
        parameters: &[window("length", 1, 14)],
        description: "Williams %R, -100..0.",
        convention: "-100 (highest - close)/(highest - lowest) (TA-Lib WILLR); missing on a flat \
                     range.",
        build: Build::Series(willr),
        ..BASE
    },
    Definition {
        name: "cci",
        outputs: &["cci"],
        parameters: &[window("length", 2, 20)],
        cost: Cost::Linear,
        description: "Commodity channel index.",
        convention: "(typical price - its mean)/(0.015 mean absolute deviation) (Lambert 1980, \
                     TA-Lib CCI); missing on a flat window.",
        build: Build::Series(|a| {
            let typical = format!("typprice({})", a.sources().join(","));
            let kernel = Windowed::new(Cci {
                length: a.length("length")?,
            });
            Ok(Built::reading(kernel, vec![typical]))
        }),
        ..BASE
    },
    Definition {
        name: "ultosc",
        outputs: &["ultosc"],
        parameters: &[
            window("short", 1, 7),
            window("middle", 1, 14),
            window("long", 1, 28),
        ],
        description: "Ultimate oscillator, 0..100.",
        convention: "Buying pressure over true range, weights 4, 2, 1 (Williams 1985, TA-Lib \
                     ULTOSC).",
        build: Build::Series(|a| {
            let lengths = [a.length("short")?, a.length("middle")?, a.length("long")?];
            Ok(Built::over_sources(a, Ultimate::new(lengths)))
        }),
        ..BASE
    },
    Definition {
        name: "bop",
        outputs: &["bop"],
        inputs: &["open", "high", "low", "close"],
        description: "Balance of power, -1..1.",
        convention: "(close - open)/(high - low) (TA-Lib BOP gives 0 on a bar without range; here \
                     it is missing).",
        build: Build::Series(|a| {
            let kernel = Pointwise(|[open, high, low, close]: [f64; 4]| {
                [if high > low {
                    (close - open) / (high - low)
                } else {
                    f64::NAN
                }]
            });
            Ok(Built::over_sources(a, kernel))
        }),
        ..BASE
    },
    Definition {
        name: "fisher",
        outputs: &["fisher", "fisher_signal"],
        parameters: &[window("length", 2, 10)],
        inputs: &["high", "low"],
        description: "Fisher transform of the price's place in its range, and the row before.",
        convention: "Position smoothed by 0.33/0.67, clamped to +-0.999, transform smoothed by 0.5, \
                     zero seeds (Ehlers 2002, TA-Lib FISHER); a flat range counts as the middle.",
        build: Build::Series(|a| {
            let middle = format!("medprice({})", a.sources().join(","));
            Ok(Built::reading(
                Fisher::new(a.length("length")?),
                vec![middle],
            ))
        }),
        ..BASE
    },
    Definition {
        name: "typprice",
        outputs: &["typprice"],
        description: "Typical price.",
        convention: "(high + low + close)/3 (TA-Lib TYPPRICE).",
        build: Build::Series(|a| {
            let kernel = Pointwise(|[high, low, close]: [f64; 3]| [(high + low + close) / 3.0]);
            Ok(Built::over_sources(a, kernel))
        }),
        ..BASE
    },
    Definition {
        name: "medprice",
        outputs: &["medprice"],
        inputs: &["high", "low"],
        description: "Middle of the bar.",
        convention: "(high + low)/2 (TA-Lib MEDPRICE).",
        build: Build::Series(|a| {
            Ok(Built::over_sources(
                a,
                Pointwise(|[high, low]: [f64; 2]| [0.5 * (high + low)]),
            ))
        }),
        ..BASE
    },
];

fn stochastic(
    a: &Arguments,
    length: usize,
    slow_k: usize,
    slow_d: usize,
) -> Result<Built, FeatureError> {
    Ok(Built::over_sources(
        a,
        Stochastic::new(length, slow_k, slow_d)?,
    ))
}

fn willr(a: &Arguments) -> Result<Built, FeatureError> {
    let [high, low, close] = a.sources() else {
        return Err(FeatureError::Arity {
            what: "inputs",
            expected: 3,
            found: a.sources().len(),
        });
    };
    let channel = |edge: &str, length: usize| format!("donchian_{edge}_{length}({high},{low})");
    let length = a.length("length")?;
    let sources = vec![
        channel("upper", length),
        channel("lower", length),
        close.clone(),
    ];
    let place = |[upper, lower, close]: [f64; 3]| [-100.0 * ratio(upper - close, upper - lower)];
    Ok(Built::reading(Pointwise(place), sources))
}

/// Over typical prices.
#[derive(Debug, Clone)]
struct Cci {
    length: usize,
}

impl WindowStatistic<1, 1> for Cci {
    type Scratch = ();

    fn length(&self) -> usize {
        self.length
    }

    fn scratch(&self) {}

    fn evaluate(&self, [prices]: [&[f64]; 1], (): &mut ()) -> [f64; 1] {
        let n = prices.len() as f64;
        let last = prices.last().copied().unwrap_or(f64::NAN);
        // Relative to the last price, so that a constant window gives exactly zero.
        let shift = prices.iter().map(|price| price - last).sum::<f64>() / n;
        let spread = prices
            .iter()
            .map(|price| (price - last - shift).abs())
            .sum::<f64>()
            / n;
        [ratio(-shift, 0.015 * spread)]
    }
}
