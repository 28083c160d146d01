//! Registry entries of oscillators made of averages: RSI, CMO, MACD, PPO, APO, TRIX, TSI, Coppock,
//! KST, Awesome.

use super::Rsi;
use super::rsi::Cmo;
use crate::calculator::Kernel;
use crate::compose::{Lagged, Pointwise};
use crate::error::FeatureError;
use crate::parameter::{Arguments, choice, window};
use crate::registry::{Build, Built, Cost, Definition, Family};
use crate::rolling::ratio;
use crate::state_fields;
use crate::trend::{Ema, OfCascade, STRETCH};

const BASE: Definition = Definition {
    name: "",
    family: Family::Momentum,
    outputs: &[],
    parameters: &[window("length", 2, 14)],
    inputs: &["close"],
    cost: Cost::Constant,
    description: "",
    convention: "",
    build: Build::Items,
};

const FAST_SLOW: &[crate::parameter::Parameter] = &[
    window("fast", 1, 12),
    window("slow", 2, 26),
    choice("kind", "moving average", &["ema", "sma"]),
];

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "rsi",
        outputs: &["rsi"],
        description: "Relative strength index, 0..100.",
        convention: "Wilder's averages of gains and losses, seeded with the mean of the first n \
                     (Wilder 1978, TA-Lib RSI); missing while nothing has moved.",
        build: Build::Series(|a| Ok(Built::over_sources(a, Rsi::new(a.length("length")?)?))),
        ..BASE
    },
    Definition {
        name: "cmo",
        outputs: &["cmo"],
        description: "Chande momentum oscillator, -100..100.",
        convention: "With Wilder's averages as in TA-Lib CMO (Chande's own uses plain sums).",
        build: Build::Series(|a| Ok(Built::over_sources(a, Cmo::new(a.length("length")?)?))),
        ..BASE
    },
    Definition {
        name: "macd",
        outputs: &["macd", "macd_signal", "macd_hist"],
        parameters: &[
            window("fast", 1, 12),
            window("slow", 2, 26),
            window("signal", 1, 9),
        ],
        description: "Moving average convergence/divergence, its signal line and their difference.",
        convention: "Both EMAs are seeded so that they start on the same row, all three outputs \
                     start together (TA-Lib MACD; others seed the fast one earlier).",
        build: Build::Series(macd),
        ..BASE
    },
    Definition {
        name: "ppo",
        outputs: &["ppo"],
        parameters: FAST_SLOW,
        description: "Percentage price oscillator.",
        convention: "100 (fast - slow)/slow (TA-Lib PPO).",
        build: Build::Series(|a| oscillator(a, |fast, slow| 100.0 * ratio(fast - slow, slow))),
        ..BASE
    },
    Definition {
        name: "apo",
        outputs: &["apo"],
        parameters: FAST_SLOW,
        description: "Absolute price oscillator.",
        convention: "fast - slow (TA-Lib APO).",
        build: Build::Series(|a| oscillator(a, |fast, slow| fast - slow)),
        ..BASE
    },
    Definition {
        name: "trix",
        outputs: &["trix"],
        parameters: &[window("length", 1, 15)],
        description: "Change of a triple-smoothed average, in percent.",
        convention: "One-row rate of change of three chained EMAs (Hutson; TA-Lib TRIX).",
        build: Build::Series(|a| {
            let source = format!("ema3_{}({})", a.length("length")?, a.sources().join(","));
            let change = Lagged::new(1, |now, then| 100.0 * (ratio(now, then) - 1.0));
            Ok(Built::reading(change, vec![source]))
        }),
        ..BASE
    },
    Definition {
        name: "ema3",
        outputs: &["ema3"],
        parameters: &[window("length", 1, 15)],
        description: "EMA of an EMA of an EMA.",
        convention: "Each seeded with the mean of its first n inputs.",
        build: Build::Series(|a| {
            let kernel = OfCascade::new(a.length("length")?, |[_, _, e3]: [f64; 3]| e3)?;
            Ok(Built::over_sources(a, kernel))
        }),
        ..BASE
    },
    Definition {
        name: "tsi",
        outputs: &["tsi"],
        parameters: &[window("first", 1, 25), window("second", 1, 13)],
        description: "True strength index, -100..100.",
        convention: "Doubly smoothed change over doubly smoothed absolute change, EMAs (Blau 1991, \
                     TA-Lib TSI); missing while nothing has moved.",
        build: Build::Series(|a| {
            let kernel = Tsi::new(a.length("first")?, a.length("second")?)?;
            Ok(Built::over_sources(a, kernel))
        }),
        ..BASE
    },
    Definition {
        name: "coppock",
        outputs: &["coppock"],
        parameters: &[
            window("length", 1, 10),
            window("short", 1, 11),
            window("long", 1, 14),
        ],
        description: "Coppock curve.",
        convention: "WMA of the sum of two rates of change in percent (Coppock 1962, TA-Lib \
                     COPPOCK).",
        build: Build::Series(|a| {
            let of = a.sources().join(",");
            let (short, long) = (a.length("short")?, a.length("long")?);
            let rates = format!("roc_sum_{short}_{long}({of})");
            let source = format!("wma_{}({rates})", a.length("length")?);
            Ok(Built::reading(Pointwise(|row: [f64; 1]| row), vec![source]))
        }),
        ..BASE
    },
    Definition {
        name: "roc_sum",
        outputs: &["roc_sum"],
        parameters: &[window("short", 1, 11), window("long", 1, 14)],
        description: "Sum of two rates of change in percent.",
        convention: "The series that the Coppock curve smooths.",
        build: Build::Series(|a| {
            let of = a.sources().join(",");
            let sources = ["short", "long"]
                .map(|name| a.length(name).map(|length| format!("roc_{length}({of})")));
            let sources = sources.into_iter().collect::<Result<_, _>>()?;
            Ok(Built::reading(
                Pointwise(|[short, long]: [f64; 2]| [short + long]),
                sources,
            ))
        }),
        ..BASE
    },
    Definition {
        name: "kst",
        outputs: &["kst"],
        parameters: &[
            window("roc1", 1, 10),
            window("roc2", 1, 15),
            window("roc3", 1, 20),
            window("roc4", 1, 30),
            window("sma1", 1, 10),
            window("sma2", 1, 10),
            window("sma3", 1, 10),
            window("sma4", 1, 15),
        ],
        description: "Know sure thing; the usual signal line is `sma_9(kst)`.",
        convention: "SMAs of four rates of change in percent, weights 1 to 4 (Pring 1992, TA-Lib \
                     KST).",
        build: Build::Series(kst),
        ..BASE
    },
    Definition {
        name: "ao",
        outputs: &["ao"],
        parameters: &[window("fast", 1, 5), window("slow", 1, 34)],
        inputs: &["high", "low"],
        description: "Awesome oscillator.",
        convention: "SMA minus SMA of (high + low)/2 (Williams 1998, TA-Lib AO).",
        build: Build::Series(|a| {
            let middle = format!("medprice({})", a.sources().join(","));
            let sources = ["fast", "slow"].map(|name| {
                a.length(name)
                    .map(|length| format!("sma_{length}({middle})"))
            });
            let sources = sources.into_iter().collect::<Result<_, _>>()?;
            Ok(Built::reading(
                Pointwise(|[fast, slow]: [f64; 2]| [fast - slow]),
                sources,
            ))
        }),
        ..BASE
    },
];

fn ordered(a: &Arguments) -> Result<(usize, usize), FeatureError> {
    let (fast, slow) = (a.length("fast")?, a.length("slow")?);
    if fast >= slow {
        return Err(a.reject("fast", format!("is {fast}, must be below slow ({slow})")));
    }
    Ok((fast, slow))
}

/// A fast and a slow EMA that give their first value on the same row.
#[derive(Debug, Clone)]
struct AlignedEmas {
    fast: Ema,
    slow: Ema,
    /// Rows that the fast one still skips.
    skip: u64,
}

state_fields!(AlignedEmas { fast, slow, skip });

impl AlignedEmas {
    fn new(fast: usize, slow: usize) -> Result<Self, FeatureError> {
        Ok(Self {
            fast: Ema::new(fast)?,
            slow: Ema::new(slow)?,
            skip: (slow - fast) as u64,
        })
    }

    #[inline]
    fn next(&mut self, x: f64) -> (f64, f64) {
        let fast = if self.skip > 0 {
            self.skip -= 1;
            f64::NAN
        } else {
            self.fast.next(x)
        };
        (fast, self.slow.next(x))
    }
}

fn oscillator(
    a: &Arguments,
    of: impl Fn(f64, f64) -> f64 + Clone + Send + Sync + 'static,
) -> Result<Built, FeatureError> {
    let (fast, slow) = ordered(a)?;
    let (kind, source) = (a.word("kind")?, a.sources().join(","));
    let sources = vec![
        format!("{kind}_{fast}({source})"),
        format!("{kind}_{slow}({source})"),
    ];
    Ok(Built::reading(
        Pointwise(move |[fast, slow]: [f64; 2]| [of(fast, slow)]),
        sources,
    ))
}

/// Outputs (line, signal, histogram).
#[derive(Debug, Clone)]
struct Macd {
    averages: AlignedEmas,
    signal: Ema,
    warm_up: usize,
}

state_fields!(Macd { averages, signal });

fn macd(a: &Arguments) -> Result<Built, FeatureError> {
    let (fast, slow) = ordered(a)?;
    let signal = a.length("signal")?;
    let kernel = Macd {
        averages: AlignedEmas::new(fast, slow)?,
        signal: Ema::new(signal)?,
        warm_up: slow + signal - 2,
    };
    Ok(Built::over_sources(a, kernel))
}

impl Kernel<1, 3> for Macd {
    fn warm_up(&self) -> [usize; 3] {
        [self.warm_up; 3]
    }

    #[inline]
    fn step(&mut self, [x]: [f64; 1]) -> [f64; 3] {
        let (fast, slow) = self.averages.next(x);
        let line = fast - slow;
        if line.is_nan() {
            return [f64::NAN; 3];
        }
        let signal = self.signal.next(line);
        if signal.is_nan() {
            [f64::NAN; 3]
        } else {
            [line, signal, line - signal]
        }
    }
    fn run(&mut self, [x]: [&[f64]; 1], mut out: [&mut [f64]; 3]) {
        let mut head = 0;
        while head < x.len() && !self.signal.is_warm() {
            let values = self.step([x[head]]);
            for (column, value) in out.iter_mut().zip(values) {
                column[head] = value;
            }
            head += 1;
        }
        let x = &x[head..];
        let [line, signal, histogram] = out.map(|column| &mut column[head..]);
        let mut slow = [0.0; STRETCH];
        for from in (0..x.len()).step_by(STRETCH) {
            let part = from..x.len().min(from + STRETCH);
            let (x, slow) = (&x[part.clone()], &mut slow[..part.len()]);
            let (line, signal) = (&mut line[part.clone()], &mut signal[part.clone()]);
            self.averages.fast.run([x], [&mut *line]);
            self.averages.slow.run([x], [&mut *slow]);
            for (line, slow) in line.iter_mut().zip(slow) {
                *line -= *slow;
            }
            self.signal.run([line], [&mut *signal]);
            for ((histogram, line), signal) in histogram[part].iter_mut().zip(line).zip(signal) {
                *histogram = *line - *signal;
            }
        }
    }
}

/// Double smoothing of change and of absolute change.
#[derive(Debug, Clone)]
struct Tsi {
    last: f64,
    change: [Ema; 2],
    size: [Ema; 2],
    warm_up: usize,
}

state_fields!(Tsi { last, change, size });

impl Tsi {
    fn new(first: usize, second: usize) -> Result<Self, FeatureError> {
        let stages = [Ema::new(first)?, Ema::new(second)?];
        Ok(Self {
            last: f64::NAN,
            change: stages.clone(),
            size: stages,
            warm_up: first + second - 1,
        })
    }

    fn smooth([first, second]: &mut [Ema; 2], x: f64) -> f64 {
        let once = first.next(x);
        if once.is_nan() {
            f64::NAN
        } else {
            second.next(once)
        }
    }
}

impl Kernel<1, 1> for Tsi {
    fn warm_up(&self) -> [usize; 1] {
        [self.warm_up]
    }

    #[inline]
    fn step(&mut self, [x]: [f64; 1]) -> [f64; 1] {
        let change = x - std::mem::replace(&mut self.last, x);
        if change.is_nan() {
            return [f64::NAN];
        }
        let signed = Self::smooth(&mut self.change, change);
        let size = Self::smooth(&mut self.size, change.abs());
        [100.0 * ratio(signed, size)]
    }
}

fn kst(a: &Arguments) -> Result<Built, FeatureError> {
    let of = a.sources().join(",");
    let legs = [
        ("roc1", "sma1"),
        ("roc2", "sma2"),
        ("roc3", "sma3"),
        ("roc4", "sma4"),
    ];
    let sources = legs
        .into_iter()
        .map(|(roc, sma)| {
            Ok(format!(
                "sma_{}(roc_{}({of}))",
                a.length(sma)?,
                a.length(roc)?
            ))
        })
        .collect::<Result<_, FeatureError>>()?;
    let weigh = |[one, two, three, four]: [f64; 4]| [one + 2.0 * two + 3.0 * three + 4.0 * four];
    Ok(Built::reading(Pointwise(weigh), sources))
}
