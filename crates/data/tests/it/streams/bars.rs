//! Bars of every kind from prints; minute bars against those that ship with the ticks of a LEAN data folder.

use std::collections::BTreeMap;
use std::path::Path;

use trader_data::streams::{
    AggregationError, BarBuilder, BarRule, BuiltBar, SaleRules, Tick, TickEnd,
};
use trader_domain::{Money, NANOS_PER_SECOND, Quantity, Timestamp, TradeConditions, Volume};
use trader_storage::lean::{LeanFolder, LeanRequest, LeanResolution};
use trader_storage::{ReadOptions, collect_series};

use crate::{date, now};

const FOLDER: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../../shared/data/lean/Data"
);

/// Minutes that agree with the shipped file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Agreement {
    volume: usize,
    prices: usize,
    minutes: usize,
}

fn agreement(folder: &LeanFolder, ticker: &str, day: &str, sales: SaleRules) -> Agreement {
    let options = ReadOptions::new(now());
    let ticks = folder.trade_ticks(ticker, date(day), &options).unwrap();
    let mut builder = BarBuilder::new(BarRule::Time { seconds: 60 }, sales).unwrap();
    let mut built: Vec<BuiltBar> = Vec::new();
    for at in 0..ticks.time.len() {
        let tick = Tick {
            time: ticks.time[at],
            price: ticks.price[at],
            size: ticks.size[at],
            conditions: ticks.conditions[at],
        };
        let end = builder.push(&tick, &mut built).unwrap();
        assert_ne!(end, TickEnd::Late, "the file is in order");
    }
    builder.close(&mut built).unwrap();
    let by_start: BTreeMap<Timestamp, BuiltBar> =
        built.into_iter().map(|bar| (bar.start, bar)).collect();
    let request = LeanRequest {
        ticker: ticker.to_owned(),
        as_of: date(day),
        resolution: LeanResolution::Minute,
        from: Some(date(day)),
        to: Some(date(day)),
    };
    let mut bars = folder.bars(&request, &options).unwrap();
    let shipped = collect_series(&mut bars).unwrap().pop().unwrap().columns;
    let mut found = Agreement {
        volume: 0,
        prices: 0,
        minutes: shipped.len(),
    };
    for at in 0..shipped.len() {
        let Some(bar) = by_start.get(&shipped.start[at]) else {
            continue;
        };
        let prices = (bar.open, bar.high, bar.low, bar.close);
        let shipped_prices = (
            shipped.open[at],
            shipped.high[at],
            shipped.low[at],
            shipped.close[at],
        );
        found.volume += usize::from(bar.volume == shipped.volume.as_ref().unwrap()[at]);
        found.prices += usize::from(prices == shipped_prices);
    }
    found
}

#[test]
fn minute_bars_of_ticks_are_the_shipped_ones() {
    if !Path::new(FOLDER).is_dir() {
        println!("skipped: there is no LEAN data folder beside the project");
        return;
    }
    let folder = LeanFolder::open(Path::new(FOLDER)).unwrap();
    for ticker in ["spy", "bac", "ibm", "aig"] {
        for sales in [SaleRules::Lean, SaleRules::Consolidated] {
            let found = agreement(&folder, ticker, "2013-10-07", sales);
            println!(
                "{ticker} 2013-10-07, {sales:?}: volume in {}, prices in {} of {} minutes",
                found.volume, found.prices, found.minutes
            );
            if (ticker, sales) == ("spy", SaleRules::Lean) {
                assert_eq!(
                    found,
                    Agreement {
                        volume: 825,
                        prices: 825,
                        minutes: 828
                    }
                );
            }
            if sales == SaleRules::Lean {
                assert!(
                    found.prices * 100 >= found.minutes * 98,
                    "{ticker}: {found:?}"
                );
            }
        }
    }
}

fn tick(seconds: i64, price: &str, size: i32, conditions: TradeConditions) -> Tick {
    // 15:00 in New York.
    let noon: Timestamp = "2024-06-03T19:00:00Z".parse().unwrap();
    Tick {
        time: noon.saturating_add(seconds * NANOS_PER_SECOND),
        price: price.parse().unwrap(),
        size: Quantity::whole(size),
        conditions,
    }
}

fn build(rule: BarRule, ticks: &[Tick]) -> Vec<BuiltBar> {
    let mut builder = BarBuilder::new(rule, SaleRules::Consolidated).unwrap();
    let mut bars = Vec::new();
    for tick in ticks {
        builder.push(tick, &mut bars).unwrap();
    }
    builder.close(&mut bars).unwrap();
    bars
}

#[test]
fn bars_end_by_time_count_volume_and_money() {
    let regular = TradeConditions::REGULAR;
    let ticks: Vec<Tick> = (0..10)
        .map(|n| tick(n * 20, &format!("{}", 100 + n), 100, regular))
        .collect();
    let volumes =
        |rule| -> Vec<Volume> { build(rule, &ticks).iter().map(|bar| bar.volume).collect() };
    let whole = |list: &[i32]| -> Vec<Volume> { list.iter().map(|n| Volume::whole(*n)).collect() };
    assert_eq!(
        volumes(BarRule::Time { seconds: 60 }),
        whole(&[300, 300, 300, 100])
    );
    assert_eq!(volumes(BarRule::Ticks(4)), whole(&[400, 400, 200]));
    assert_eq!(
        volumes(BarRule::Volume(Volume::whole(250))),
        whole(&[300, 300, 300, 100])
    );
    assert_eq!(
        volumes(BarRule::Dollars(Money::whole(20_000))),
        whole(&[200, 200, 200, 200, 200])
    );
    let first = build(BarRule::Ticks(4), &ticks)[0];
    assert_eq!(first.vwap, Some("101.5".parse().unwrap()));
    assert_eq!((first.start, first.end), (ticks[0].time, ticks[3].time));
    for empty in [
        BarRule::Time { seconds: 0 },
        BarRule::Ticks(0),
        BarRule::Volume(Volume::ZERO),
        BarRule::Dollars(Money::ZERO),
    ] {
        let refused = BarBuilder::new(empty, SaleRules::Lean).unwrap_err();
        assert_eq!(refused, AggregationError::EmptyRule);
    }
}

#[test]
fn sale_conditions_decide_which_prices_count() {
    let ticks = [
        tick(0, "99", 10, TradeConditions::ODD_LOT),
        tick(1, "100", 100, TradeConditions::REGULAR),
        tick(2, "103", 100, TradeConditions::OUT_OF_SEQUENCE),
        tick(3, "150", 100, TradeConditions::AVERAGE_PRICE),
        tick(4, "101", 100, TradeConditions::REGULAR),
        tick(5, "102", 500, TradeConditions::OFFICIAL),
    ];
    let bars = build(BarRule::Time { seconds: 60 }, &ticks);
    let [bar] = bars[..] else { panic!("{bars:?}") };
    let shown = [bar.open, bar.high, bar.low, bar.close].map(|price| price.to_string());
    assert_eq!(shown, ["100.00", "103.00", "100.00", "101.00"]);
    assert_eq!((bar.volume, bar.trades), (Volume::whole(410), 5));
}

#[test]
fn a_print_behind_its_bar_is_counted_as_late_and_changes_nothing() {
    let regular = TradeConditions::REGULAR;
    let mut builder =
        BarBuilder::new(BarRule::Time { seconds: 60 }, SaleRules::Consolidated).unwrap();
    let mut bars = Vec::new();
    builder
        .push(&tick(0, "100", 1, regular), &mut bars)
        .unwrap();
    builder
        .advance(tick(60, "1", 1, regular).time, &mut bars)
        .unwrap();
    assert_eq!(
        bars.len(),
        1,
        "the minute is over, whether or not a print follows"
    );
    let late = builder
        .push(&tick(59, "500", 1, regular), &mut bars)
        .unwrap();
    assert_eq!(late, TickEnd::Late);
    assert_eq!((bars.len(), builder.left_out().late), (1, 1));
    builder
        .push(&tick(70, "7", 5, TradeConditions::ODD_LOT), &mut bars)
        .unwrap();
    builder.close(&mut bars).unwrap();
    assert_eq!((bars.len(), builder.left_out().unpriced), (1, 1));
}
