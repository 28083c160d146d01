//! Bars made up for tests.

use trader_domain::{Price, Symbol, Timeframe, Timestamp, Volume};
use trader_storage::{Adjustment, BarColumns, BarSeries, GapSummary, PriceBasis, ReadOptions};

/// Minute bars on a random walk in cents, the same for the same seed.
pub(crate) fn minutes(symbol: &str, rows: usize, seed: u64) -> BarSeries {
    let mut state = seed;
    let mut next = move |below: i64| {
        // SplitMix64 (Steele, Lea, Flood 2014).
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        i64::try_from((z ^ (z >> 31)) % below.unsigned_abs()).unwrap()
    };
    let cents = |value: i64| Price::from_units(value * 10_000_000).unwrap();
    let mut columns = BarColumns {
        volume: Some(Vec::new()),
        ..BarColumns::default()
    };
    let mut price = 10_000_i64;
    // 2020-01-02 14:30 UTC, the open in New York.
    let first = 1_577_975_400_000_000_000_i64;
    for row in 0..rows {
        let open = price;
        price = (price + next(41) - 20).max(500);
        columns.start.push(Timestamp::from_nanos(
            first + i64::try_from(row).unwrap() * 60_000_000_000,
        ));
        columns.open.push(cents(open));
        columns.high.push(cents(open.max(price) + next(6)));
        columns.low.push(cents(open.min(price) - next(6)));
        columns.close.push(cents(price));
        if let Some(volume) = &mut columns.volume {
            volume.push(Volume::from_units((1_000 + next(9_000)) * 1_000_000).unwrap());
        }
    }
    BarSeries {
        symbol: Symbol::new(symbol).unwrap(),
        timeframe: Timeframe::MINUTE,
        basis: PriceBasis::Ohlc,
        adjustment: Adjustment::Raw,
        file: format!("{symbol}.csv"),
        rounded_values: 0,
        gaps: GapSummary::default(),
        columns,
    }
}

pub(crate) fn options() -> ReadOptions {
    ReadOptions::new("2030-01-01T00:00:00Z".parse().unwrap())
}
