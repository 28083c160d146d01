//! Nanoseconds per value beside the `ta-lib` crate: batch over a million bars, streaming per bar.
//!
//! `cargo bench -p trader-features --bench kernels`

#![allow(
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a benchmark fails by panicking"
)]

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ta_lib::{Core, MAType};
use trader_features::{Columns, FeatureSet, Registry, Table};

const ROWS: usize = 1_000_000;

struct Bars {
    open: Vec<f64>,
    high: Vec<f64>,
    low: Vec<f64>,
    close: Vec<f64>,
    volume: Vec<f64>,
}

/// A random walk from a linear congruential generator: the same bars on every run.
fn bars() -> Bars {
    let mut state = 42_u64;
    let mut roll = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut bars = Bars {
        open: Vec::with_capacity(ROWS),
        high: Vec::with_capacity(ROWS),
        low: Vec::with_capacity(ROWS),
        close: Vec::with_capacity(ROWS),
        volume: Vec::with_capacity(ROWS),
    };
    let mut close = 100.0_f64;
    for _ in 0..ROWS {
        let open = close + 0.02 * (roll() - 0.5);
        close = (open + 0.2 * (roll() - 0.5)).max(5.0);
        bars.open.push(open);
        bars.high.push(open.max(close) + 0.05 * roll());
        bars.low.push(open.min(close) - 0.05 * roll());
        bars.close.push(close);
        bars.volume.push((1000.0 * roll()).round() + 1.0);
    }
    bars
}

const COMPARED: &[&str] = &[
    "sma_20",
    "sma_200",
    "ema_20",
    "wma_20",
    "dema_20",
    "tema_20",
    "t3_5",
    "kama_10",
    "mama",
    "hma_20",
    "rsi_14",
    "cmo_14",
    "macd_12_26_9",
    "bb_upper_20_2",
    "stddev_20",
    "linreg_14",
    "atr_14",
    "trange",
    "adx_14",
    "aroon_up_14",
    "sar",
    "supertrend_10_3",
    "donchian_upper_20",
    "cci_20",
    "stoch_k_14_3_3",
    "willr_14",
    "mfi_14",
    "obv",
    "ad",
    "adosc_3_10",
    "cmf_20",
    "roc_10",
    "trix_15",
    "ultosc",
    "vwma_20",
    "cdlengulfing",
    "cdleveningstar",
];

fn talib(name: &str, core: &Core, b: &Bars, out: &mut [Vec<f64>; 3], ints: &mut [i32]) {
    let end = ROWS - 1;
    let [x, y, z] = out;
    let (o, h, l, c, v) = (&b.open, &b.high, &b.low, &b.close, &b.volume);
    let result = match name {
        "sma_20" => core.sma(0, end, c, 20, x),
        "sma_200" => core.sma(0, end, c, 200, x),
        "ema_20" => core.ema(0, end, c, 20, x),
        "wma_20" => core.wma(0, end, c, 20, x),
        "dema_20" => core.dema(0, end, c, 20, x),
        "tema_20" => core.tema(0, end, c, 20, x),
        "t3_5" => core.t3(0, end, c, 5, 0.7, x),
        "kama_10" => core.kama(0, end, c, 10, x),
        "mama" => core.mama(0, end, c, 0.5, 0.05, x, y),
        "hma_20" => core.hma(0, end, c, 20, x),
        "rsi_14" => core.rsi(0, end, c, 14, x),
        "cmo_14" => core.cmo(0, end, c, 14, x),
        "macd_12_26_9" => core.macd(0, end, c, 12, 26, 9, x, y, z),
        "bb_upper_20_2" => core.bbands(0, end, c, 20, 2.0, 2.0, MAType::SMA, x, y, z),
        "stddev_20" => core.stddev(0, end, c, 20, 1.0, x),
        "linreg_14" => core.linearreg(0, end, c, 14, x),
        "atr_14" => core.atr(0, end, h, l, c, 14, x),
        "trange" => core.trange(0, end, h, l, c, x),
        "adx_14" => core.adx(0, end, h, l, c, 14, x),
        "aroon_up_14" => core.aroon(0, end, h, l, 14, x, y),
        "sar" => core.sar(0, end, h, l, 0.02, 0.2, x),
        "supertrend_10_3" => core.supertrend(0, end, h, l, c, 10, 3.0, x, ints),
        "donchian_upper_20" => core.donchian(0, end, h, l, 20, x, y, z),
        "cci_20" => core.cci(0, end, h, l, c, 20, x),
        "stoch_k_14_3_3" => core.stoch(0, end, h, l, c, 14, 3, MAType::SMA, 3, MAType::SMA, x, y),
        "willr_14" => core.willr(0, end, h, l, c, 14, x),
        "mfi_14" => core.mfi(0, end, h, l, c, v, 14, x),
        "obv" => core.obv(0, end, c, v, x),
        "ad" => core.ad(0, end, h, l, c, v, x),
        "adosc_3_10" => core.adosc(0, end, h, l, c, v, 3, 10, x),
        "cmf_20" => core.cmf(0, end, h, l, c, v, 20, x),
        "roc_10" => core.roc(0, end, c, 10, x),
        "trix_15" => core.trix(0, end, c, 15, x),
        "ultosc" => core.ultosc(0, end, h, l, c, 7, 14, 28, x),
        "vwma_20" => core.vwma(0, end, c, v, 20, x),
        "cdlengulfing" => core.cdlengulfing(0, end, o, h, l, c, ints),
        "cdleveningstar" => core.cdleveningstar(0, end, o, h, l, c, 0.3, ints),
        other => panic!("{other} has no counterpart"),
    };
    black_box(result.expect("valid"));
}

fn kernels(criterion: &mut Criterion) {
    let bars = bars();
    let columns =
        Columns::bars(&bars.open, &bars.high, &bars.low, &bars.close, &bars.volume).expect("equal");
    let core = Core::new();
    let mut out = std::array::from_fn(|_| vec![0.0; ROWS]);
    let mut ints = vec![0; ROWS];
    for name in COMPARED {
        let mut group = criterion.benchmark_group(*name);
        group
            .throughput(Throughput::Elements(ROWS as u64))
            .sample_size(10)
            .warm_up_time(Duration::from_millis(100))
            .measurement_time(Duration::from_millis(400));
        group.bench_function("ta-lib", |b| {
            b.iter(|| talib(name, &core, &bars, &mut out, &mut ints));
        });
        let set = FeatureSet::new(Registry::standard(), &[*name]).expect("known");
        let mut table = Table::default();
        group.bench_function("batch", |b| {
            b.iter(|| set.batch_into(&columns, &mut table).expect("columns"));
        });
        let mut set = FeatureSet::new(Registry::standard(), &[*name]).expect("known");
        let inputs: Vec<&[f64]> = set
            .inputs()
            .map(|name| columns.get(name).expect("bar column"))
            .collect();
        let mut row = vec![0.0; inputs.len()];
        group.bench_function("streaming", |b| {
            b.iter(|| {
                for index in 0..ROWS {
                    for (value, input) in row.iter_mut().zip(&inputs) {
                        *value = input[index];
                    }
                    set.update(&row).expect("fits");
                }
                black_box(set.value(0))
            });
        });
        group.finish();
    }
}

criterion_group!(benches, kernels);
criterion_main!(benches);
