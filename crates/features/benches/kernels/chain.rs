//! A chain of a thousand calls and puts, 70 % to 130 % of the spot, a week to two years.

use trader_domain::OptionRight;
use trader_features::options::{Underlying, Vanilla, black_scholes, implied_volatility};

/// An option with its volatility and its value.
pub(crate) struct Case {
    pub(crate) option: Vanilla,
    pub(crate) share: Underlying,
    pub(crate) volatility: f64,
    pub(crate) price: f64,
}

/// Every option whose value still tells its volatility.
pub(crate) fn chain() -> Vec<Case> {
    let mut cases = Vec::new();
    for strike in 0..50 {
        for expiry in 0..10 {
            for right in [OptionRight::Call, OptionRight::Put] {
                let option = Vanilla {
                    right,
                    strike: 70.0 + 1.2 * f64::from(strike),
                    years: 0.02 + 0.2 * f64::from(expiry),
                };
                let share = Underlying {
                    spot: 100.0,
                    rate: 0.045,
                    dividend_yield: 0.015,
                };
                let volatility = 0.2 + 0.004 * f64::from((strike - 25_i32).abs());
                let price = black_scholes::price(&option, &share, volatility).expect("valid");
                if implied_volatility(&option, &share, price).is_ok() {
                    cases.push(Case {
                        option,
                        share,
                        volatility,
                        price,
                    });
                }
            }
        }
    }
    cases
}
