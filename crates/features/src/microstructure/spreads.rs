//! Registry entries of what trading cost: effective and realised spread, Roll's estimate.

use super::middle;
use super::quotes::BASE;
use crate::calculator::Kernel;
use crate::compose::Pointwise;
use crate::parameter::{Arguments, window};
use crate::registry::{Build, Built, Definition};
use crate::ring::Ring;
use crate::rolling::{CoMoments, Window, co_moments};
use crate::state_fields;

/// The sign of the trade, then (trade price, bid, ask).
fn signed(a: &Arguments) -> Vec<String> {
    let own = a.sources();
    std::iter::once(format!("trade_sign({})", own.join(",")))
        .chain(own.iter().cloned())
        .collect()
}

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "effective_spread",
        outputs: &["effective_spread", "effective_spread_bps"],
        inputs: &["trade_price", "bid", "ask"],
        description: "Twice the distance of a trade from the middle it met, against the one who asked for \
                      it; in currency and in basis points.",
        convention: "2 D (P - M), D by Lee and Ready, M the middle that prevailed (Huang and Stoll \
                     1996); missing when there was no market.",
        build: Build::Series(|a| {
            let kernel = Pointwise(|[sign, price, bid, ask]: [f64; 4]| match middle(bid, ask) {
                Some(middle) => {
                    let spread = 2.0 * sign * (price - middle);
                    [spread, 1e4 * spread / middle]
                }
                None => [f64::NAN; 2],
            });
            Ok(Built::reading(kernel, signed(a)))
        }),
        ..BASE
    },
    Definition {
        name: "realised_spread",
        outputs: &["realised_spread", "price_impact"],
        parameters: &[window("lag", 1, 20)],
        inputs: &["trade_price", "bid", "ask"],
        description: "What the other side of the trade `lag` rows ago has kept of the spread, and what \
                      the price has moved with the trade; currency.",
        convention: "2 D (P - M') and 2 D (M' - M), M' the middle now, D, P, M of the trade `lag` \
                     signed trades before: it becomes known only now (Huang and Stoll 1996). Their sum \
                     is the effective spread. Missing while there is no market now.",
        build: Build::Series(|a| {
            let kernel = Realised::new(a.length("lag")?);
            Ok(Built::reading(kernel, signed(a)))
        }),
        ..BASE
    },
    Definition {
        name: "roll_spread",
        outputs: &["roll_spread"],
        parameters: &[window("length", 3, 60)],
        inputs: &["close"],
        description: "Spread that the bounce of prices between bid and ask implies, currency.",
        convention: "2 sqrt(-cov) of neighbouring price changes over the last n pairs, ddof 1 (Roll \
                     1984); missing where the covariance is not negative.",
        build: Build::Series(|a| {
            let kernel = Roll::new(a.length("length")?);
            Ok(Built::over_sources(a, kernel))
        }),
        ..BASE
    },
];

/// Inputs (sign, trade price, bid, ask).
#[derive(Debug, Clone)]
struct Realised {
    signs: Ring,
    prices: Ring,
    middles: Ring,
}

state_fields!(Realised {
    signs,
    prices,
    middles
});

impl Realised {
    fn new(lag: usize) -> Self {
        Self {
            signs: Ring::new(lag),
            prices: Ring::new(lag),
            middles: Ring::new(lag),
        }
    }
}

impl Kernel<4, 2> for Realised {
    fn warm_up(&self) -> [usize; 2] {
        [self.signs.capacity(); 2]
    }

    #[inline]
    fn step(&mut self, [sign, price, bid, ask]: [f64; 4]) -> [f64; 2] {
        let now = middle(bid, ask).unwrap_or(f64::NAN);
        let sign = self.signs.push(sign);
        let price = self.prices.push(price);
        let then = self.middles.push(now);
        [2.0 * sign * (price - now), 2.0 * sign * (now - then)]
    }
}

/// Input: prices.
#[derive(Debug, Clone)]
struct Roll {
    last: Option<f64>,
    change: Option<f64>,
    pairs: Window<CoMoments, 2, 8>,
}

state_fields!(Roll {
    last,
    change,
    pairs
});

impl Roll {
    fn new(length: usize) -> Self {
        Self {
            last: None,
            change: None,
            pairs: Window::new(length),
        }
    }
}

impl Kernel<1, 1> for Roll {
    fn warm_up(&self) -> [usize; 1] {
        [self.pairs.length() + 1]
    }

    #[inline]
    fn step(&mut self, [price]: [f64; 1]) -> [f64; 1] {
        let change = self.last.replace(price).map(|last| price - last);
        let before = std::mem::replace(&mut self.change, change);
        let (Some(change), Some(before)) = (change, before) else {
            return [f64::NAN];
        };
        let Some(acc) = self.pairs.push([change, before]) else {
            return [f64::NAN];
        };
        let [_, _, product] = co_moments(acc);
        let covariance = product / (acc[0] - 1.0);
        [if covariance < 0.0 {
            2.0 * (-covariance).sqrt()
        } else {
            f64::NAN
        }]
    }
}
