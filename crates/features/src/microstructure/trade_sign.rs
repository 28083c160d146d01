//! Registry entries that tell buyers' from sellers' trades, and what follows from it.

use super::middle;
use super::quotes::BASE;
use crate::calculator::Kernel;
use crate::compose::Pointwise;
use crate::error::FeatureError;
use crate::parameter::{Arguments, window};
use crate::registry::{Build, Built, Definition};
use crate::rolling::{Rolling, Sum, ratio};
use crate::state_fields;

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "tick_sign",
        outputs: &["tick_sign"],
        inputs: &["trade_price"],
        description: "Side of a trade by the tick test: 1 bought, -1 sold.",
        convention: "Sign of the last change of the price, whatever lies in between (zero ticks keep \
                     it); missing before the first change.",
        build: Build::Series(|a| Ok(Built::over_sources(a, TickTest::default()))),
        ..BASE
    },
    Definition {
        name: "trade_sign",
        outputs: &["trade_sign"],
        inputs: &["trade_price", "bid", "ask"],
        description: "Side of a trade by Lee and Ready's rule: 1 bought, -1 sold.",
        convention: "Above the middle of the quote that prevailed 1, below it -1; at the middle, and \
                     when there is no market, the tick test (Lee and Ready 1991, without their five \
                     seconds: today's clocks agree); missing where neither decides.",
        build: Build::Series(|a| Ok(Built::over_sources(a, LeeReady::default()))),
        ..BASE
    },
    Definition {
        name: "signed_volume",
        outputs: &["signed_volume"],
        inputs: &["trade_price", "bid", "ask", "trade_size"],
        description: "Size of a trade, positive when bought, negative when sold.",
        convention: "`trade_sign` times size.",
        build: Build::Series(|a| {
            let [price, bid, ask, size] = four(a)?;
            let kernel = Pointwise(|[sign, size]: [f64; 2]| [sign * size]);
            let sign = format!("trade_sign({price},{bid},{ask})");
            Ok(Built::reading(kernel, vec![sign, size]))
        }),
        ..BASE
    },
    Definition {
        name: "trade_imbalance",
        outputs: &["trade_imbalance"],
        parameters: &[window("length", 1, 50)],
        inputs: &["signed_volume"],
        description: "Net share of the last trades that was bought, -1..1.",
        convention: "Sum of signed sizes over sum of sizes; missing without volume.",
        build: Build::Series(|a| {
            let kernel = Rolling::<Sum, _, _, 2, 2>::new(
                a.length("length")?,
                |[signed]: [f64; 1]| [signed, signed.abs()],
                |[net, all]: [f64; 2]| [ratio(net, all)],
            );
            Ok(Built::over_sources(a, kernel))
        }),
        ..BASE
    },
];

/// The four sources of a definition that reads four.
fn four(a: &Arguments) -> Result<[String; 4], FeatureError> {
    a.sources()
        .to_vec()
        .try_into()
        .map_err(|found: Vec<String>| FeatureError::Arity {
            what: "inputs",
            expected: 4,
            found: found.len(),
        })
}

/// Sign of the last change of a price; 0 before the first.
#[derive(Debug, Clone, Default)]
pub(crate) struct TickTest {
    last: Option<f64>,
    sign: f64,
}

state_fields!(TickTest { last, sign });

impl TickTest {
    fn sign(&mut self, price: f64) -> f64 {
        if let Some(last) = self.last.replace(price)
            && price != last
        {
            self.sign = if price > last { 1.0 } else { -1.0 };
        }
        self.sign
    }
}

/// NaN for an undecided sign.
fn decided(sign: f64) -> f64 {
    if sign == 0.0 { f64::NAN } else { sign }
}

impl Kernel<1, 1> for TickTest {
    fn warm_up(&self) -> [usize; 1] {
        [1]
    }

    #[inline]
    fn step(&mut self, [price]: [f64; 1]) -> [f64; 1] {
        [decided(self.sign(price))]
    }
}

/// Inputs (trade price, bid, ask).
#[derive(Debug, Clone, Default)]
struct LeeReady {
    ticks: TickTest,
}

state_fields!(LeeReady { ticks });

impl Kernel<3, 1> for LeeReady {
    fn warm_up(&self) -> [usize; 1] {
        [0]
    }

    #[inline]
    fn step(&mut self, [price, bid, ask]: [f64; 3]) -> [f64; 1] {
        let tick = self.ticks.sign(price);
        [match middle(bid, ask) {
            Some(middle) if price > middle => 1.0,
            Some(middle) if price < middle => -1.0,
            _ => decided(tick),
        }]
    }
}
