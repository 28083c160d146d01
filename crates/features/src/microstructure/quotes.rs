//! Registry entries of the best bid and offer alone: spread, middle, pressure at the touch.

use super::middle;
use crate::compose::Pointwise;
use crate::registry::{Build, Built, Cost, Definition, Family};
use crate::rolling::ratio;

pub(crate) const BASE: Definition = Definition {
    name: "",
    family: Family::Microstructure,
    outputs: &[],
    parameters: &[],
    inputs: &["bid", "ask"],
    cost: Cost::Constant,
    description: "",
    convention: "",
    build: Build::Items,
};

const TOUCH: &[&str] = &["bid", "ask", "bid_size", "ask_size"];

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "quoted_spread",
        outputs: &["quoted_spread", "quoted_spread_bps"],
        description: "Best ask less best bid, in currency and in basis points of the middle.",
        convention: "0 when locked; missing when one-sided, empty or crossed.",
        build: Build::Series(|a| {
            let kernel = Pointwise(|[bid, ask]: [f64; 2]| match middle(bid, ask) {
                Some(middle) => [ask - bid, 1e4 * (ask - bid) / middle],
                None => [f64::NAN; 2],
            });
            Ok(Built::over_sources(a, kernel))
        }),
        ..BASE
    },
    Definition {
        name: "quote_mid",
        outputs: &["quote_mid"],
        description: "Middle between best bid and best ask.",
        convention: "(bid + ask) / 2; missing when one-sided, empty or crossed.",
        build: Build::Series(|a| {
            let kernel = Pointwise(|[bid, ask]: [f64; 2]| [middle(bid, ask).unwrap_or(f64::NAN)]);
            Ok(Built::over_sources(a, kernel))
        }),
        ..BASE
    },
    Definition {
        name: "weighted_mid",
        outputs: &["weighted_mid"],
        inputs: TOUCH,
        description: "Middle weighted by the size on the other side: near the side that is thin.",
        convention: "(bid ask_size + ask bid_size) / (bid_size + ask_size) (Gatheral and Oomen 2010); \
                     missing without sizes and when there is no market.",
        build: Build::Series(|a| {
            let kernel = Pointwise(|[bid, ask, bids, asks]: [f64; 4]| {
                let sizes = bids >= 0.0 && asks >= 0.0 && bids + asks > 0.0;
                [if sizes && middle(bid, ask).is_some() {
                    bid + (ask - bid) * (bids / (bids + asks))
                } else {
                    f64::NAN
                }]
            });
            Ok(Built::over_sources(a, kernel))
        }),
        ..BASE
    },
    Definition {
        name: "queue_imbalance",
        outputs: &["queue_imbalance"],
        inputs: &["bid_size", "ask_size"],
        description: "How much longer the queue at the best bid is than that at the best ask, -1..1.",
        convention: "(bid_size - ask_size) / (bid_size + ask_size) (Gould and Bonart 2016); missing \
                     without sizes.",
        build: Build::Series(|a| Ok(Built::over_sources(a, Pointwise(imbalance)))),
        ..BASE
    },
    Definition {
        name: "depth_imbalance",
        outputs: &["depth_imbalance"],
        inputs: &["bid_depth", "ask_depth"],
        description: "How much deeper the book's bid side is than its ask side, -1..1.",
        convention: "(bid_depth - ask_depth) / (bid_depth + ask_depth); the columns come from \
                     `BookShape`, which says over how many levels.",
        build: Build::Series(|a| Ok(Built::over_sources(a, Pointwise(imbalance)))),
        ..BASE
    },
    Definition {
        name: "touch_depth",
        outputs: &["touch_depth", "touch_value"],
        inputs: TOUCH,
        description: "What stands at the best prices: mean size of both sides, and its value.",
        convention: "(bid_size + ask_size) / 2, and (bid bid_size + ask ask_size) / 2 in currency; \
                     missing when there is no market.",
        build: Build::Series(|a| {
            let kernel = Pointwise(|[bid, ask, bids, asks]: [f64; 4]| {
                if middle(bid, ask).is_some() {
                    [0.5 * (bids + asks), 0.5 * (bid * bids + ask * asks)]
                } else {
                    [f64::NAN; 2]
                }
            });
            Ok(Built::over_sources(a, kernel))
        }),
        ..BASE
    },
];

/// (first - second) / (first + second) of two sizes.
fn imbalance([first, second]: [f64; 2]) -> [f64; 1] {
    [if first >= 0.0 && second >= 0.0 {
        ratio(first - second, first + second)
    } else {
        f64::NAN
    }]
}
