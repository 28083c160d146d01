//! Trailing stops: parabolic SAR and `SuperTrend`.

use crate::calculator::Kernel;
use crate::error::FeatureError;
use crate::parameter::{Arguments, integer, real};
use crate::registry::{Build, Built, Cost, Definition, Family};
use crate::rolling::smaller;
use crate::state_fields;

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "sar",
        family: Family::Trend,
        outputs: &["sar"],
        parameters: &[
            real(
                "acceleration",
                "step of the acceleration factor",
                (0.0, 10.0),
                0.02,
            ),
            real(
                "maximum",
                "limit of the acceleration factor",
                (0.0, 10.0),
                0.2,
            ),
        ],
        inputs: &["high", "low"],
        cost: Cost::Constant,
        description: "Parabolic stop-and-reverse.",
        convention: "Starts on the side of the larger directional movement of the second bar \
                     (Wilder 1978, TA-Lib SAR).",
        build: Build::Series(|a| {
            let maximum = a.real("maximum")?;
            let acceleration = a.real("acceleration")?.min(maximum);
            Ok(Built::over_sources(
                a,
                ParabolicSar::new(acceleration, maximum),
            ))
        }),
    },
    Definition {
        name: "supertrend",
        family: Family::Trend,
        outputs: &["supertrend", "supertrend_dir"],
        parameters: &[
            integer("length", "window of the ATR, rows", (2, 100_000), 10),
            real("multiplier", "band width in ATRs", (0.0, 1000.0), 3.0),
        ],
        inputs: &["high", "low", "close"],
        cost: Cost::Constant,
        description: "ATR band that trails price; direction +1 or -1.",
        convention: "Middle (high+low)/2, Wilder's ATR, starts long (Seban; TA-Lib SUPERTREND). \
                     Other libraries start short: the first trend may differ.",
        build: Build::Series(supertrend),
    },
];

fn supertrend(a: &Arguments) -> Result<Built, FeatureError> {
    let bar = a.sources();
    let mut sources = bar.to_vec();
    sources.push(format!("atr_{}({})", a.length("length")?, bar.join(",")));
    Ok(Built::reading(
        SuperTrend::new(a.real("multiplier")?),
        sources,
    ))
}

/// Wilder's parabolic stop. The short side is computed as the long side of the mirrored bar.
#[derive(Debug, Clone)]
struct ParabolicSar {
    step: f64,
    limit: f64,
    /// +1 long, -1 short, 0 before the second bar.
    side: f64,
    factor: f64,
    /// Extreme point and stop, mirrored when short.
    extreme: f64,
    stop: f64,
    last: Option<[f64; 2]>,
}

state_fields!(ParabolicSar {
    side,
    factor,
    extreme,
    stop,
    last
});

impl ParabolicSar {
    fn new(step: f64, limit: f64) -> Self {
        Self {
            step,
            limit,
            side: 0.0,
            factor: step,
            extreme: 0.0,
            stop: 0.0,
            last: None,
        }
    }

    /// The bar as the current side sees it: (extreme to follow, low that may break the stop).
    fn seen_from(side: f64, [high, low]: [f64; 2]) -> (f64, f64) {
        if side > 0.0 {
            (high, low)
        } else {
            (-low, -high)
        }
    }
}

impl Kernel<2, 1> for ParabolicSar {
    fn warm_up(&self) -> [usize; 1] {
        [1]
    }

    #[inline]
    fn step(&mut self, bar: [f64; 2]) -> [f64; 1] {
        let Some(mut last) = self.last.replace(bar) else {
            return [f64::NAN];
        };
        if self.side == 0.0 {
            let (up, down) = (bar[0] - last[0], last[1] - bar[1]);
            self.side = if down > 0.0 && up < down { -1.0 } else { 1.0 };
            (self.extreme, _) = Self::seen_from(self.side, bar);
            (_, self.stop) = Self::seen_from(self.side, last);
            last = bar;
        }
        let (high, low) = Self::seen_from(self.side, bar);
        let published;
        if low <= self.stop {
            // Reverse: the old extreme becomes the stop, seen from the other side.
            self.side = -self.side;
            let (high, low) = Self::seen_from(self.side, bar);
            let (_, last_low) = Self::seen_from(self.side, last);
            let stop = smaller(smaller(-self.extreme, last_low), low);
            published = stop;
            self.factor = self.step;
            self.extreme = high;
            self.stop = smaller(
                smaller(stop + self.factor * (self.extreme - stop), last_low),
                low,
            );
        } else {
            let (_, last_low) = Self::seen_from(self.side, last);
            published = self.stop;
            if high > self.extreme {
                self.extreme = high;
                self.factor = smaller(self.factor + self.step, self.limit);
            }
            let next = self.stop + self.factor * (self.extreme - self.stop);
            self.stop = smaller(smaller(next, last_low), low);
        }
        [self.side * published]
    }
}

/// Inputs (high, low, close, ATR); outputs (line, direction).
#[derive(Debug, Clone)]
struct SuperTrend {
    multiplier: f64,
    upper: f64,
    lower: f64,
    direction: f64,
    last_close: f64,
}

state_fields!(SuperTrend {
    upper,
    lower,
    direction,
    last_close
});

impl SuperTrend {
    fn new(multiplier: f64) -> Self {
        Self {
            multiplier,
            upper: f64::INFINITY,
            lower: f64::NEG_INFINITY,
            direction: 1.0,
            last_close: 0.0,
        }
    }
}

impl Kernel<4, 2> for SuperTrend {
    fn warm_up(&self) -> [usize; 2] {
        [0; 2]
    }

    #[inline]
    fn step(&mut self, [high, low, close, atr]: [f64; 4]) -> [f64; 2] {
        let middle = 0.5 * (high + low);
        let upper = middle + self.multiplier * atr;
        let lower = middle - self.multiplier * atr;
        if self.last_close > self.upper || upper < self.upper {
            self.upper = upper;
        }
        if self.last_close < self.lower || lower > self.lower {
            self.lower = lower;
        }
        if self.direction > 0.0 {
            if close < self.lower {
                self.direction = -1.0;
            }
        } else if close > self.upper {
            self.direction = 1.0;
        }
        self.last_close = close;
        let line = if self.direction > 0.0 {
            self.lower
        } else {
            self.upper
        };
        [line, self.direction]
    }
}
