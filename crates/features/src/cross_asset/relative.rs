//! Registry entries of ratios, spreads and relative strength.

use crate::compose::Pointwise;
use crate::parameter::{Arguments, window};
use crate::registry::{Build, Built, Cost, Definition, Family};
use crate::rolling::{CoMoments, Rolling, co_moments, ratio};

pub(super) const BASE: Definition = Definition {
    name: "",
    family: Family::CrossAsset,
    outputs: &[],
    parameters: &[],
    inputs: &["close", "benchmark"],
    cost: Cost::Constant,
    description: "",
    convention: "",
    build: Build::Items,
};

const SIXTY: &[crate::parameter::Parameter] = &[window("length", 2, 60)];

/// `name(first,second)`.
fn over(a: &Arguments, name: &str) -> String {
    format!("{name}({})", a.sources().join(","))
}

/// One name per source: `ret_20(close)`, `ret_20(benchmark)`.
fn each(a: &Arguments, name: &str) -> Vec<String> {
    let one = |source: &String| format!("{name}({source})");
    a.sources().iter().map(one).collect()
}

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "price_ratio",
        outputs: &["price_ratio"],
        description: "The symbol's price as a multiple of the benchmark's.",
        convention: "First over second; missing while the second is zero.",
        build: Build::Series(|a| {
            Ok(Built::over_sources(
                a,
                Pointwise(|[x, y]: [f64; 2]| [ratio(x, y)]),
            ))
        }),
        ..BASE
    },
    Definition {
        name: "price_spread",
        outputs: &["price_spread"],
        description: "The symbol's price less the benchmark's; for yields and rates, the spread in points.",
        convention: "First less second.",
        build: Build::Series(|a| {
            Ok(Built::over_sources(
                a,
                Pointwise(|[x, y]: [f64; 2]| [x - y]),
            ))
        }),
        ..BASE
    },
    Definition {
        name: "log_ratio",
        outputs: &["log_ratio"],
        description: "Logarithm of the symbol's price as a multiple of the benchmark's.",
        convention: "ln(first/second); missing unless both are positive.",
        build: Build::Series(|a| {
            let kernel = Pointwise(|[x, y]: [f64; 2]| {
                [if x > 0.0 && y > 0.0 {
                    x.ln() - y.ln()
                } else {
                    f64::NAN
                }]
            });
            Ok(Built::over_sources(a, kernel))
        }),
        ..BASE
    },
    Definition {
        name: "ratio_z",
        outputs: &["ratio_z"],
        parameters: SIXTY,
        description: "How unusual the ratio to the benchmark is.",
        convention: "z-score (ddof 1) of log_ratio over n rows.",
        build: Build::Series(|a| {
            let name = format!("zscore_{}({})", a.length("length")?, over(a, "log_ratio"));
            Ok(Built::reading(Pointwise(|row: [f64; 1]| row), vec![name]))
        }),
        ..BASE
    },
    Definition {
        name: "spread_z",
        outputs: &["spread_z"],
        parameters: SIXTY,
        description: "How unusual the difference to the benchmark is.",
        convention: "z-score (ddof 1) of price_spread over n rows.",
        build: Build::Series(|a| {
            let name = format!(
                "zscore_{}({})",
                a.length("length")?,
                over(a, "price_spread")
            );
            Ok(Built::reading(Pointwise(|row: [f64; 1]| row), vec![name]))
        }),
        ..BASE
    },
    Definition {
        name: "excess_ret",
        outputs: &["excess_ret"],
        parameters: &[window("length", 1, 20)],
        description: "Return over n rows beyond the benchmark's.",
        convention: "Difference of the simple returns.",
        build: Build::Series(|a| {
            let sources = each(a, &format!("ret_{}", a.length("length")?));
            Ok(Built::reading(
                Pointwise(|[x, y]: [f64; 2]| [x - y]),
                sources,
            ))
        }),
        ..BASE
    },
    Definition {
        name: "rel_strength",
        outputs: &["rel_strength"],
        parameters: &[window("length", 1, 60)],
        description: "Relative strength: change of the ratio to the benchmark over n rows.",
        convention: "(first/then) / (second/then) - 1 (Levy 1967, as a change).",
        build: Build::Series(|a| {
            let sources = each(a, &format!("rocr_{}", a.length("length")?));
            let kernel = Pointwise(|[x, y]: [f64; 2]| [ratio(x, y) - 1.0]);
            Ok(Built::reading(kernel, sources))
        }),
        ..BASE
    },
    Definition {
        name: "rel_strength_mansfield",
        outputs: &["rel_strength_mansfield"],
        parameters: SIXTY,
        description: "Mansfield relative strength: the ratio to the benchmark against its own average, \
                      in percent.",
        convention: "100 (ratio / its simple average over n rows - 1) (Weinstein 1988).",
        build: Build::Series(|a| {
            let price_ratio = over(a, "price_ratio");
            let average = format!("sma_{}({price_ratio})", a.length("length")?);
            let kernel = Pointwise(|[x, mean]: [f64; 2]| [100.0 * (ratio(x, mean) - 1.0)]);
            Ok(Built::reading(kernel, vec![price_ratio, average]))
        }),
        ..BASE
    },
    Definition {
        name: "rate_beta",
        outputs: &["rate_beta"],
        parameters: &[window("length", 3, 60)],
        inputs: &["close", "rate"],
        description: "Sensitivity of the symbol to interest rates: return per point of change.",
        convention: "Slope of simple returns on differences of the rate, over n rows; missing while the \
                     rate stands.",
        build: Build::Series(|a| {
            let [price, rate] = a.sources() else {
                return Err(a.reject("sources", "must be a price and a rate"));
            };
            let kernel = Rolling::<CoMoments, _, _, 2, 8>::new(
                a.length("length")?,
                |row: [f64; 2]| row,
                |acc| {
                    let [_, rate, product] = co_moments(acc);
                    [ratio(product, rate)]
                },
            );
            let sources = vec![format!("ret_1({price})"), format!("mom_1({rate})")];
            Ok(Built::reading(kernel, sources))
        }),
        ..BASE
    },
];
