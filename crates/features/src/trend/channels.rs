//! Channels: registry entries of Donchian and Ichimoku, Keltner.

use super::{Donchian, Ema};
use crate::calculator::Kernel;
use crate::compose::{Lagged, Pointwise};
use crate::error::FeatureError;
use crate::parameter::{Arguments, integer, real, window};
use crate::registry::{Build, Built, Cost, Definition, Family};
use crate::state_fields;
use crate::volatility::Atr;

const BASE: Definition = Definition {
    name: "",
    family: Family::Trend,
    outputs: &[],
    parameters: &[window("length", 1, 20)],
    inputs: &["high", "low"],
    cost: Cost::Constant,
    description: "",
    convention: "",
    build: Build::Items,
};

/// The middle of the range of the last `length` rows, shared with the Donchian channel.
fn middle_of_range(a: &Arguments) -> Result<Built, FeatureError> {
    let length = a.length("length")?;
    let source = format!("donchian_mid_{length}({})", a.sources().join(","));
    Ok(Built::reading(Pointwise(|row: [f64; 1]| row), vec![source]))
}

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "donchian",
        outputs: &["donchian_upper", "donchian_mid", "donchian_lower"],
        description: "Highest high, lowest low and their middle; the current bar included.",
        convention: "Donchian; TA-Lib DONCHIAN. A breakout test compares with the row before.",
        build: Build::Series(|a| Ok(Built::over_sources(a, Donchian::new(a.length("length")?)?))),
        ..BASE
    },
    Definition {
        name: "midprice",
        outputs: &["midprice"],
        parameters: &[window("length", 1, 14)],
        description: "Middle between the highest high and the lowest low.",
        convention: "TA-Lib MIDPRICE.",
        build: Build::Series(middle_of_range),
        ..BASE
    },
    Definition {
        name: "ichi_tenkan",
        outputs: &["ichi_tenkan"],
        parameters: &[window("length", 1, 9)],
        description: "Ichimoku conversion line.",
        convention: "Middle of the range of n rows (Hosoda 1969).",
        build: Build::Series(middle_of_range),
        ..BASE
    },
    Definition {
        name: "ichi_kijun",
        outputs: &["ichi_kijun"],
        parameters: &[window("length", 1, 26)],
        description: "Ichimoku base line.",
        convention: "Middle of the range of n rows (Hosoda 1969).",
        build: Build::Series(middle_of_range),
        ..BASE
    },
    Definition {
        name: "ichi_span_a",
        outputs: &["ichi_span_a"],
        parameters: &[window("tenkan", 1, 9), window("kijun", 1, 26)],
        description: "Ichimoku leading span A, at the bar that computes it.",
        convention: "Mean of tenkan and kijun, not shifted (Hosoda 1969).",
        build: Build::Series(|a| {
            let of = a.sources().join(",");
            let sources = vec![
                format!("donchian_mid_{}({of})", a.length("tenkan")?),
                format!("donchian_mid_{}({of})", a.length("kijun")?),
            ];
            Ok(Built::reading(
                Pointwise(|[t, k]: [f64; 2]| [0.5 * (t + k)]),
                sources,
            ))
        }),
        ..BASE
    },
    Definition {
        name: "ichi_span_b",
        outputs: &["ichi_span_b"],
        parameters: &[window("length", 1, 52)],
        description: "Ichimoku leading span B, at the bar that computes it.",
        convention: "Middle of the range of n rows, not shifted (Hosoda 1969).",
        build: Build::Series(middle_of_range),
        ..BASE
    },
    Definition {
        name: "ichi_span_a_at_bar",
        outputs: &["ichi_span_a_at_bar"],
        parameters: &[
            window("tenkan", 1, 9),
            window("kijun", 1, 26),
            integer(
                "shift",
                "rows that the cloud is drawn ahead",
                (1, 10_000),
                26,
            ),
        ],
        description: "Edge A of the Ichimoku cloud that a chart shows at this bar.",
        convention: "Span A of `shift` rows ago; knows nothing later than its bar.",
        build: Build::Series(|a| {
            let (tenkan, kijun) = (a.length("tenkan")?, a.length("kijun")?);
            let source = format!("ichi_span_a_{tenkan}_{kijun}({})", a.sources().join(","));
            Ok(Built::reading(
                Lagged::new(a.length("shift")?, |_, then| then),
                vec![source],
            ))
        }),
        ..BASE
    },
    Definition {
        name: "ichi_span_b_at_bar",
        outputs: &["ichi_span_b_at_bar"],
        parameters: &[
            window("length", 1, 52),
            integer(
                "shift",
                "rows that the cloud is drawn ahead",
                (1, 10_000),
                26,
            ),
        ],
        description: "Edge B of the Ichimoku cloud that a chart shows at this bar.",
        convention: "Span B of `shift` rows ago; knows nothing later than its bar.",
        build: Build::Series(|a| {
            let length = a.length("length")?;
            let source = format!("donchian_mid_{length}({})", a.sources().join(","));
            Ok(Built::reading(
                Lagged::new(a.length("shift")?, |_, then| then),
                vec![source],
            ))
        }),
        ..BASE
    },
    Definition {
        name: "kc",
        outputs: &["kc_upper", "kc_mid", "kc_lower"],
        parameters: &[
            window("length", 1, 20),
            window("atr", 1, 10),
            real("multiplier", "band width in ATRs", (0.0, 1000.0), 2.0),
        ],
        inputs: &["high", "low", "close"],
        description: "Keltner channel.",
        convention: "EMA of the typical price plus and minus a multiple of Wilder's ATR (TA-Lib KC); \
                     the longer one starts at once, the other is seeded so that both have their \
                     first value on the same row. Other libraries centre on the close.",
        build: Build::Series(|a| {
            let kernel = Keltner::new(a.length("length")?, a.length("atr")?, a.real("multiplier")?);
            Ok(Built::over_sources(a, kernel?))
        }),
        ..BASE
    },
];

/// Inputs (high, low, close); outputs (upper, middle, lower).
#[derive(Debug, Clone)]
struct Keltner {
    average: Ema,
    range: Atr,
    /// Rows that the shorter one of the two still skips.
    skip_average: u64,
    skip_range: u64,
    multiplier: f64,
    warm_up: usize,
}

state_fields!(Keltner {
    average,
    range,
    skip_average,
    skip_range
});

impl Keltner {
    fn new(length: usize, atr: usize, multiplier: f64) -> Result<Self, FeatureError> {
        let average = length - 1;
        Ok(Self {
            average: Ema::new(length)?,
            range: Atr::new(atr)?,
            skip_average: atr.saturating_sub(average) as u64,
            skip_range: average.saturating_sub(atr) as u64,
            multiplier,
            warm_up: average.max(atr),
        })
    }
}

impl Kernel<3, 3> for Keltner {
    fn warm_up(&self) -> [usize; 3] {
        [self.warm_up; 3]
    }

    #[inline]
    fn step(&mut self, bar: [f64; 3]) -> [f64; 3] {
        let mut middle = f64::NAN;
        if self.skip_average > 0 {
            self.skip_average -= 1;
        } else {
            middle = self.average.next((bar[0] + bar[1] + bar[2]) / 3.0);
        }
        let mut range = [f64::NAN];
        if self.skip_range > 0 {
            self.skip_range -= 1;
        } else {
            range = self.range.step(bar);
        }
        let half = self.multiplier * range[0];
        [
            middle + half,
            if half.is_nan() { half } else { middle },
            middle - half,
        ]
    }
}
