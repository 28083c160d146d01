//! Registry entries of channels: Donchian, Ichimoku, Keltner.

use super::Donchian;
use crate::compose::{Lagged, Pointwise};
use crate::parameter::{integer, real, window};
use crate::registry::{Build, Built, Cost, Definition, Family};

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
        build: Build::Series(|a| {
            let source = format!(
                "donchian_mid_{}({})",
                a.length("length")?,
                a.sources().join(",")
            );
            Ok(Built::reading(Pointwise(|row: [f64; 1]| row), vec![source]))
        }),
        ..BASE
    },
    Definition {
        name: "ichi_tenkan",
        outputs: &["ichi_tenkan"],
        parameters: &[window("length", 1, 9)],
        description: "Ichimoku conversion line.",
        convention: "Middle of the range of n rows (Hosoda 1969).",
        build: Build::Series(|a| {
            let source = format!(
                "donchian_mid_{}({})",
                a.length("length")?,
                a.sources().join(",")
            );
            Ok(Built::reading(Pointwise(|row: [f64; 1]| row), vec![source]))
        }),
        ..BASE
    },
    Definition {
        name: "ichi_kijun",
        outputs: &["ichi_kijun"],
        parameters: &[window("length", 1, 26)],
        description: "Ichimoku base line.",
        convention: "Middle of the range of n rows (Hosoda 1969).",
        build: Build::Series(|a| {
            let source = format!(
                "donchian_mid_{}({})",
                a.length("length")?,
                a.sources().join(",")
            );
            Ok(Built::reading(Pointwise(|row: [f64; 1]| row), vec![source]))
        }),
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
        build: Build::Series(|a| {
            let source = format!(
                "donchian_mid_{}({})",
                a.length("length")?,
                a.sources().join(",")
            );
            Ok(Built::reading(Pointwise(|row: [f64; 1]| row), vec![source]))
        }),
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
        convention: "EMA of the typical price plus and minus a multiple of Wilder's ATR (Raschke's \
                     form with Wilder's ATR, TA-Lib KC); other libraries centre on the close.",
        build: Build::Series(|a| {
            let of = a.sources().join(",");
            let multiplier = a.real("multiplier")?;
            let sources = vec![
                format!("ema_{}(typprice({of}))", a.length("length")?),
                format!("atr_{}({of})", a.length("atr")?),
            ];
            let bands =
                move |[mid, atr]: [f64; 2]| [mid + multiplier * atr, mid, mid - multiplier * atr];
            Ok(Built::reading(Pointwise(bands), sources))
        }),
        ..BASE
    },
];
