//! All statistics of a tear sheet over ten years of daily data.

#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark, not an API")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use trader_research::metrics::{
    Conventions, Observations, Statistics, TradeOutcome, Trials, Turnover, drawdown_episodes,
    rolling_beta, rolling_sharpe, rolling_volatility,
};

const DAYS: u32 = 2_520;

fn wave(step: f64) -> Vec<f64> {
    (0..DAYS)
        .map(|i| {
            let x = f64::from(i);
            0.000_4 + 0.008 * (x * step).sin() + 0.004 * (x * x * 0.37).cos()
        })
        .collect()
}

fn tearsheet(criterion: &mut Criterion) {
    let (returns, benchmark) = (wave(1.7), wave(0.9));
    let trades: Vec<TradeOutcome> = returns
        .iter()
        .step_by(5)
        .map(|r| TradeOutcome {
            profit: r * 1e5,
            return_on_entry: *r,
            adverse_excursion: Some(-r.abs()),
            favourable_excursion: Some(2.0 * r.abs()),
            initial_risk: None,
        })
        .collect();
    let (long, short) = (vec![50_000.0; returns.len()], vec![10_000.0; returns.len()]);
    let equity = vec![100_000.0; returns.len()];
    let observations = Observations {
        returns: &returns,
        benchmark: Some((&returns, &benchmark)),
        trades: &trades,
        exposure: Some((&long, &short, &equity)),
        turnover: Some(Turnover {
            bought: 5e6,
            sold: 5e6,
            mean_equity: 1e5,
            observations: returns.len(),
        }),
        participation: None,
        trials: Some(Trials {
            count: 100,
            sharpe_variance: 0.001,
        }),
    };
    let daily = Conventions::daily();
    criterion.bench_function("tearsheet_statistics_2520_days", |bencher| {
        bencher.iter(|| {
            let statistics = Statistics::compute(black_box(&observations), &daily);
            let episodes = drawdown_episodes(&returns).unwrap();
            let sharpe = rolling_sharpe(&returns, 126, &daily).unwrap();
            let volatility = rolling_volatility(&returns, 126, &daily).unwrap();
            let beta = rolling_beta(&returns, &benchmark, 126).unwrap();
            (statistics, episodes, sharpe, volatility, beta)
        });
    });
}

criterion_group!(benches, tearsheet);
criterion_main!(benches);
