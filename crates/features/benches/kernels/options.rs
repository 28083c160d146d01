//! Options per second on one core, beside the `implied-vol` crate.

use std::hint::black_box;

use implied_vol::{DefaultSpecialFn, ImpliedBlackVolatility};
use trader_domain::OptionRight;
use trader_features::options::{american, black_scholes, implied_volatility};

use crate::chain::{Case, chain};
use crate::measure;

/// What is measured of the chain, named as in `xtask/peers/quantlib_run.py`.
pub(crate) const MEASURED: &[&str] = &[
    "european_price",
    "european_greeks",
    "implied_volatility",
    "american_price",
];

/// Best nanoseconds per option.
pub(crate) fn ours(name: &str, chain: &[Case], rounds: usize) -> f64 {
    let mut run = || {
        for case in black_box(chain) {
            let (option, share, volatility) = (&case.option, &case.share, case.volatility);
            match name {
                "european_price" => {
                    let _price = black_box(black_scholes::price(option, share, volatility));
                }
                "european_greeks" => {
                    let _greeks = black_box(black_scholes::greeks(option, share, volatility));
                }
                "implied_volatility" => {
                    let _implied = black_box(implied_volatility(option, share, case.price));
                }
                "american_price" => {
                    let _price = black_box(american::price(option, share, volatility));
                }
                other => panic!("{other} is not measured"),
            }
        }
    };
    let [best] = measure::best(rounds, chain.len(), [&mut run]);
    best
}

/// Prints our figures and the crate's.
pub(crate) fn print() {
    let chain = chain();
    println!("options, ns each ({} calls and puts)", chain.len());
    for name in MEASURED {
        let rounds = if *name == "american_price" { 3 } else { 50 };
        let ours = ours(name, &chain, rounds);
        println!("{name:<20} {ours:>10.1} {:>10.2} M/s", 1e3 / ours);
    }
    let mut theirs = || {
        for case in black_box(&chain) {
            let (option, share) = (&case.option, &case.share);
            let growth = ((share.rate - share.dividend_yield) * option.years).exp();
            let undiscounted = case.price * (share.rate * option.years).exp();
            let inversion = ImpliedBlackVolatility::builder()
                .option_price(undiscounted)
                .forward(share.spot * growth)
                .strike(option.strike)
                .expiry(option.years)
                .is_call(option.right == OptionRight::Call)
                .build();
            let _implied = black_box(inversion.and_then(|it| it.calculate::<DefaultSpecialFn>()));
        }
    };
    let [theirs] = measure::best(50, chain.len(), [&mut theirs]);
    println!(
        "{:<20} {theirs:>10.1} {:>10.2} M/s",
        "implied-vol crate",
        1e3 / theirs
    );
}
