//! Registry entries of the moving averages.

use super::kama::EfficiencyRatio;
use super::{Ema, Kama, Mama, OfCascade, Sma};
use crate::calculator::Kernel;
use crate::compose::Pointwise;
use crate::error::FeatureError;
use crate::parameter::{Arguments, real, window};
use crate::registry::{Build, Built, Cost, Definition, Family};
use crate::rolling::{Rolling, Sum, Weighted, Window, ratio};
use crate::state_fields;

const BASE: Definition = Definition {
    name: "",
    family: Family::Trend,
    outputs: &[],
    parameters: &[window("length", 1, 20)],
    inputs: &["close"],
    cost: Cost::Constant,
    description: "",
    convention: "",
    build: Build::Items,
};

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "sma",
        outputs: &["sma"],
        description: "Simple moving average.",
        convention: "Arithmetic mean of the last n rows (TA-Lib SMA).",
        build: Build::Series(|a| Ok(Built::over_sources(a, Sma::new(a.length("length")?)?))),
        ..BASE
    },
    Definition {
        name: "ema",
        outputs: &["ema"],
        description: "Exponential moving average.",
        convention: "a = 2/(n+1), seeded with the mean of the first n rows (TA-Lib EMA).",
        build: Build::Series(|a| Ok(Built::over_sources(a, Ema::new(a.length("length")?)?))),
        ..BASE
    },
    Definition {
        name: "rma",
        outputs: &["rma"],
        parameters: &[window("length", 1, 14)],
        description: "Wilder's smoothed moving average.",
        convention: "a = 1/n, seeded with the mean of the first n rows (Wilder 1978, TA-Lib RMA).",
        build: Build::Series(|a| Ok(Built::over_sources(a, Ema::wilder(a.length("length")?)?))),
        ..BASE
    },
    Definition {
        name: "wma",
        outputs: &["wma"],
        description: "Linearly weighted moving average.",
        convention: "Weights 1 (oldest) to n (newest) (TA-Lib WMA).",
        build: Build::Series(|a| Ok(Built::over_sources(a, Wma::new(a.length("length")?)))),
        ..BASE
    },
    Definition {
        name: "dema",
        outputs: &["dema"],
        description: "Double exponential moving average.",
        convention: "2 e1 - e2, e2 the EMA of e1 (Mulloy 1994, TA-Lib DEMA).",
        build: Build::Series(|a| {
            let kernel = OfCascade::new(a.length("length")?, |[e1, e2]: [f64; 2]| 2.0 * e1 - e2)?;
            Ok(Built::over_sources(a, kernel))
        }),
        ..BASE
    },
    Definition {
        name: "tema",
        outputs: &["tema"],
        description: "Triple exponential moving average.",
        convention: "3 e1 - 3 e2 + e3 (Mulloy 1994, TA-Lib TEMA).",
        build: Build::Series(|a| {
            let finish = |[e1, e2, e3]: [f64; 3]| 3.0 * (e1 - e2) + e3;
            Ok(Built::over_sources(
                a,
                OfCascade::new(a.length("length")?, finish)?,
            ))
        }),
        ..BASE
    },
    Definition {
        name: "t3",
        outputs: &["t3"],
        parameters: &[
            window("length", 2, 5),
            real("factor", "volume factor", (0.0, 1.0), 0.7),
        ],
        description: "Tillson's T3 average.",
        convention: "Six chained EMAs combined with the volume factor (Tillson 1998, TA-Lib T3).",
        build: Build::Series(t3),
        ..BASE
    },
    Definition {
        name: "trima",
        outputs: &["trima"],
        parameters: &[window("length", 2, 20)],
        description: "Triangular moving average.",
        convention: "SMA of an SMA: lengths (n+1)/2 twice for odd n, n/2 and n/2+1 for even n \
                     (TA-Lib TRIMA).",
        build: Build::Series(|a| {
            let length = a.length("length")?;
            let inner = format!("sma_{}({})", length / 2 + 1, a.sources().join(","));
            Ok(Built::reading(Sma::new(length.div_ceil(2))?, vec![inner]))
        }),
        ..BASE
    },
    Definition {
        name: "hma",
        outputs: &["hma"],
        parameters: &[window("length", 2, 20)],
        description: "Hull moving average.",
        convention: "WMA over floor(sqrt n) of 2 WMA(n/2) - WMA(n), integer halves (Hull 2005, \
                     TA-Lib HMA).",
        build: Build::Series(|a| {
            let length = a.length("length")?;
            Ok(Built::reading(
                Wma::new(length.isqrt()),
                vec![format!("hma_raw_{}{}", length, nested(a))],
            ))
        }),
        ..BASE
    },
    Definition {
        name: "hma_raw",
        outputs: &["hma_raw"],
        parameters: &[window("length", 2, 20)],
        description: "The de-lagged average that the Hull moving average smooths.",
        convention: "2 WMA(n/2) - WMA(n) (Hull 2005).",
        build: Build::Series(|a| {
            let length = a.length("length")?;
            let of = nested(a);
            let sources = vec![
                format!("wma_{}{of}", length / 2),
                format!("wma_{length}{of}"),
            ];
            let combine = Pointwise(|[half, whole]: [f64; 2]| [2.0 * half - whole]);
            Ok(Built::reading(combine, sources))
        }),
        ..BASE
    },
    Definition {
        name: "kama",
        outputs: &["kama"],
        parameters: &[window("length", 2, 10)],
        description: "Kaufman's adaptive moving average.",
        convention: "Efficiency ratio over n, speeds 2/3 and 2/31, seeded with the price before \
                     the first value (Kaufman 1995, TA-Lib KAMA).",
        build: Build::Series(|a| Ok(Built::over_sources(a, Kama::new(a.length("length")?)?))),
        ..BASE
    },
    Definition {
        name: "er",
        outputs: &["er"],
        parameters: &[window("length", 1, 10)],
        description: "Kaufman's efficiency ratio.",
        convention: "|net move| over the sum of |moves|, 0..1; missing on a flat window \
                     (TA-Lib ER gives 1 there).",
        build: Build::Series(|a| {
            Ok(Built::over_sources(
                a,
                EfficiencyRatio::new(a.length("length")?)?,
            ))
        }),
        ..BASE
    },
    Definition {
        name: "mama",
        outputs: &["mama", "fama"],
        parameters: &[
            real("fast", "largest smoothing factor", (0.01, 0.99), 0.5),
            real("slow", "smallest smoothing factor", (0.01, 0.99), 0.05),
        ],
        description: "MESA adaptive moving average and its follower.",
        convention: "Hilbert-transform phase rate, zero seeds (Ehlers 2001, TA-Lib MAMA).",
        build: Build::Series(|a| {
            Ok(Built::over_sources(
                a,
                Mama::new(a.real("fast")?, a.real("slow")?)?,
            ))
        }),
        ..BASE
    },
    Definition {
        name: "vwma",
        outputs: &["vwma"],
        inputs: &["close", "volume"],
        description: "Volume-weighted moving average.",
        convention: "Sum of price * volume over sum of volume, n rows (TA-Lib VWMA); missing \
                     without volume.",
        build: Build::Series(|a| {
            let kernel = Rolling::<Sum, _, _, 2, 2>::new(
                a.length("length")?,
                |[price, volume]: [f64; 2]| [price * volume, volume],
                |[paid, volume]: [f64; 2]| [ratio(paid, volume)],
            );
            Ok(Built::over_sources(a, kernel))
        }),
        ..BASE
    },
    Definition {
        name: "midpoint",
        outputs: &["midpoint"],
        parameters: &[window("length", 2, 14)],
        description: "Middle between the highest and the lowest value.",
        convention: "TA-Lib MIDPOINT.",
        build: Build::Series(|a| {
            let (length, of) = (a.length("length")?, a.sources().join(","));
            let source = format!("donchian_mid_{length}({of},{of})");
            Ok(Built::reading(Pointwise(|row: [f64; 1]| row), vec![source]))
        }),
        ..BASE
    },
];

/// The sources in parentheses, to build the name of a feature over the same ones.
fn nested(a: &Arguments) -> String {
    format!("({})", a.sources().join(","))
}

/// Linearly weighted average.
#[derive(Debug, Clone)]
struct Wma {
    window: Window<Weighted, 1, 4>,
    /// One over the sum of the weights.
    share: f64,
}

state_fields!(Wma { window });

impl Wma {
    fn new(length: usize) -> Self {
        let n = length as f64;
        Self {
            window: Window::new(length),
            share: 2.0 / (n * (n + 1.0)),
        }
    }

    #[inline]
    fn mean([_, base, _, weighted]: [f64; 4], share: f64) -> f64 {
        base + weighted * share
    }
}

impl Kernel<1, 1> for Wma {
    fn warm_up(&self) -> [usize; 1] {
        [self.window.length() - 1]
    }

    #[inline]
    fn step(&mut self, row: [f64; 1]) -> [f64; 1] {
        let acc = self.window.push(row);
        [acc.map_or(f64::NAN, |acc| Self::mean(acc, self.share))]
    }

    fn run(&mut self, [x]: [&[f64]; 1], out: [&mut [f64]; 1]) {
        let share = self.share;
        let (rows, _none) = x.as_chunks();
        let finish = |acc, _| [Self::mean(acc, share)];
        self.window.run_rows(rows, out, finish);
    }
}

fn t3(a: &Arguments) -> Result<Built, FeatureError> {
    let v = a.real("factor")?;
    let (v2, v3) = (v * v, v * v * v);
    let weights = [
        -v3,
        3.0 * (v2 + v3),
        -6.0 * v2 - 3.0 * (v + v3),
        1.0 + 3.0 * (v + v2) + v3,
    ];
    let finish = move |[_, _, e3, e4, e5, e6]: [f64; 6]| {
        weights[0] * e6 + weights[1] * e5 + weights[2] * e4 + weights[3] * e3
    };
    Ok(Built::over_sources(
        a,
        OfCascade::new(a.length("length")?, finish)?,
    ))
}
