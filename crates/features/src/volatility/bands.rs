//! Registry entries of true range, dispersion and bands.

use super::{StandardDeviation, TrueRange, ZScore};
use crate::compose::Pointwise;
use crate::parameter::{Arguments, real, window};
use crate::registry::{Build, Built, Cost, Definition, Family};
use crate::rolling::{Moments, Rolling, Sum, moments, ratio};
use crate::trend::Ema;

const BASE: Definition = Definition {
    name: "",
    family: Family::Volatility,
    outputs: &[],
    parameters: &[window("length", 1, 20)],
    inputs: &["close"],
    cost: Cost::Constant,
    description: "",
    convention: "",
    build: Build::Items,
};

const BAR: &[&str] = &["high", "low", "close"];
const BAND: &[crate::parameter::Parameter] = &[
    window("length", 2, 20),
    real(
        "width",
        "half width in standard deviations",
        (0.0, 1000.0),
        2.0,
    ),
];

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "trange",
        outputs: &["trange"],
        parameters: &[],
        inputs: BAR,
        description: "True range.",
        convention: "Missing on the first row, which has no last close (TA-Lib TRANGE).",
        build: Build::Series(|a| Ok(Built::over_sources(a, TrueRange::new()))),
        ..BASE
    },
    Definition {
        name: "atr",
        outputs: &["atr"],
        parameters: &[window("length", 1, 14)],
        inputs: BAR,
        description: "Average true range.",
        convention: "Wilder's average, seeded with the mean of the first n true ranges (Wilder \
                     1978, TA-Lib ATR).",
        build: Build::Series(|a| {
            let range = format!("trange({})", a.sources().join(","));
            Ok(Built::reading(
                Ema::wilder(a.length("length")?)?,
                vec![range],
            ))
        }),
        ..BASE
    },
    Definition {
        name: "natr",
        outputs: &["natr"],
        parameters: &[window("length", 1, 14)],
        inputs: BAR,
        description: "Average true range in percent of the close.",
        convention: "100 ATR/close (TA-Lib NATR).",
        build: Build::Series(|a| {
            let range = format!("atr_{}({})", a.length("length")?, a.sources().join(","));
            let close = a.sources().last().cloned().unwrap_or_default();
            let share = Pointwise(|[range, close]: [f64; 2]| [100.0 * ratio(range, close)]);
            Ok(Built::reading(share, vec![range, close]))
        }),
        ..BASE
    },
    Definition {
        name: "mean_std",
        outputs: &["mean", "stddev"],
        description: "Rolling mean and population standard deviation.",
        convention: "ddof 0 (TA-Lib STDDEV with one deviation).",
        build: Build::Series(|a| {
            Ok(Built::over_sources(
                a,
                StandardDeviation::new(a.length("length")?)?,
            ))
        }),
        ..BASE
    },
    Definition {
        name: "var",
        outputs: &["var"],
        description: "Rolling population variance.",
        convention: "ddof 0 (TA-Lib VAR).",
        build: Build::Series(|a| {
            let length = a.length("length")?;
            let share = 1.0 / length as f64;
            let kernel = Rolling::<Moments, _, _, 1, 4>::new(
                length,
                |row: [f64; 1]| row,
                move |acc| [moments(acc, share).1 * share],
            );
            Ok(Built::over_sources(a, kernel))
        }),
        ..BASE
    },
    Definition {
        name: "zscore",
        outputs: &["zscore"],
        parameters: &[window("length", 2, 20)],
        description: "Distance from the rolling mean in standard deviations.",
        convention: "ddof 1, the row itself in the window; missing on a constant window.",
        build: Build::Series(|a| Ok(Built::over_sources(a, ZScore::new(a.length("length")?)?))),
        ..BASE
    },
    Definition {
        name: "bb",
        outputs: &["bb_upper", "bb_mid", "bb_lower"],
        parameters: BAND,
        description: "Bollinger bands.",
        convention: "SMA and population standard deviation (Bollinger, TA-Lib BBANDS).",
        build: Build::Series(|a| {
            let width = a.real("width")?;
            let bands = move |[mean, deviation]: [f64; 2]| {
                let half = width * deviation;
                [mean + half, mean, mean - half]
            };
            Ok(Built::reading(
                Pointwise(bands),
                vec![spread(a, "mean")?, spread(a, "stddev")?],
            ))
        }),
        ..BASE
    },
    Definition {
        name: "bb_bandwidth",
        outputs: &["bb_bandwidth"],
        parameters: BAND,
        description: "Width of the Bollinger bands as a share of the middle.",
        convention: "(upper - lower)/middle.",
        build: Build::Series(|a| {
            let width = a.real("width")?;
            let share = move |[mean, deviation]: [f64; 2]| [ratio(2.0 * width * deviation, mean)];
            Ok(Built::reading(
                Pointwise(share),
                vec![spread(a, "mean")?, spread(a, "stddev")?],
            ))
        }),
        ..BASE
    },
    Definition {
        name: "bb_pctb",
        outputs: &["bb_pctb"],
        parameters: BAND,
        description: "Place of the price in the Bollinger bands: 0 at the lower, 1 at the upper.",
        convention: "(price - lower)/(upper - lower); missing on a constant window.",
        build: Build::Series(|a| {
            let width = a.real("width")?;
            let place = move |[price, mean, deviation]: [f64; 3]| {
                let half = width * deviation;
                [ratio(price - mean + half, 2.0 * half)]
            };
            let mut sources = a.sources().to_vec();
            sources.extend([spread(a, "mean")?, spread(a, "stddev")?]);
            Ok(Built::reading(Pointwise(place), sources))
        }),
        ..BASE
    },
    Definition {
        name: "massi",
        outputs: &["massi"],
        parameters: &[window("fast", 1, 9), window("slow", 1, 25)],
        inputs: &["high", "low"],
        description: "Mass index: widening of the range.",
        convention: "Sum over `slow` rows of EMA(range)/EMA(EMA(range)) (Dorsey 1992, TA-Lib \
                     MASSI); rows without any range are skipped.",
        build: Build::Series(|a| {
            let fast = a.length("fast")?;
            let once = format!("ema_{fast}(bar_range({}))", a.sources().join(","));
            let twice = format!("ema_{fast}({once})");
            let kernel = Rolling::<Sum, _, _, 1, 1>::new(
                a.length("slow")?,
                |[once, twice]: [f64; 2]| [ratio(once, twice)],
                |sum| sum,
            );
            Ok(Built::reading(kernel, vec![once, twice]))
        }),
        ..BASE
    },
    Definition {
        name: "bar_range",
        outputs: &["bar_range"],
        parameters: &[],
        inputs: &["high", "low"],
        description: "Range of the bar.",
        convention: "high - low.",
        build: Build::Series(|a| {
            Ok(Built::over_sources(
                a,
                Pointwise(|[high, low]: [f64; 2]| [high - low]),
            ))
        }),
        ..BASE
    },
];

/// The name of an output of the shared mean and deviation over this calculator's sources.
fn spread(a: &Arguments, output: &str) -> Result<String, crate::FeatureError> {
    Ok(format!(
        "{output}_{}({})",
        a.length("length")?,
        a.sources().join(",")
    ))
}
