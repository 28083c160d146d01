//! Options per second on one core: European values with all sensitivities, implied volatility,
//! American values.
//!
//! `cargo bench -p trader-features --bench options`

#![allow(
    clippy::expect_used,
    missing_docs,
    reason = "a benchmark fails by panicking"
)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use trader_domain::OptionRight;
use trader_features::options::{Underlying, Vanilla, american, black_scholes, implied_volatility};

struct Case {
    option: Vanilla,
    share: Underlying,
    volatility: f64,
    price: f64,
}

/// A chain of 1,000 calls and puts, 70 % to 130 % of the spot, a week to two years.
fn chain() -> Vec<Case> {
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

fn options(criterion: &mut Criterion) {
    let chain = chain();
    let mut group = criterion.benchmark_group("options");
    group.throughput(Throughput::Elements(chain.len() as u64));
    group.bench_function("european price", |bencher| {
        bencher.iter(|| {
            for case in black_box(&chain) {
                let _price = black_box(black_scholes::price(
                    &case.option,
                    &case.share,
                    case.volatility,
                ));
            }
        });
    });
    group.bench_function("european price and ten sensitivities", |bencher| {
        bencher.iter(|| {
            for case in black_box(&chain) {
                let _greeks = black_box(black_scholes::greeks(
                    &case.option,
                    &case.share,
                    case.volatility,
                ));
            }
        });
    });
    group.bench_function("implied volatility", |bencher| {
        bencher.iter(|| {
            for case in black_box(&chain) {
                let _implied = black_box(implied_volatility(&case.option, &case.share, case.price));
            }
        });
    });
    group.sample_size(10);
    group.bench_function("american price", |bencher| {
        bencher.iter(|| {
            for case in black_box(&chain) {
                let _price = black_box(american::price(&case.option, &case.share, case.volatility));
            }
        });
    });
    group.finish();
}

criterion_group!(benches, options);
criterion_main!(benches);
