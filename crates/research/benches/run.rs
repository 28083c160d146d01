//! Speed of a run: the feed alone, one symbol's minutes, and five hundred symbols' days.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    reason = "a benchmark stops by panicking, and Criterion's macros document nothing"
)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use trader_brokers_backtest::{ExchangeConfig, FeeModel, Slippage};
use trader_compliance::{ComplianceConfig, PreTradePolicy};
use trader_domain::{
    Bar, Instrument, InstrumentId, Instruments, MarketCalendar, Money, OrderIntent, Quantity, Side,
    Symbol, Timeframe, Timestamp, VendorId,
};
use trader_engine::driver::backtest::MarketFeed;
use trader_engine::strategy::{DataKinds, DataNeeds, RestoreError};
use trader_engine::{AccountConfig, Context, SessionCalendar, Strategy};
use trader_research::run::{HistoryFeed, RunRules, Source, VenueHours, run};
use trader_risk::GateConfig;
use trader_storage::{Adjustment, BarColumns, BarSeries, GapSummary, PriceBasis};
use trader_testkit::market::MinuteBars;

fn series(name: &str, timeframe: Timeframe, columns: BarColumns) -> BarSeries {
    BarSeries {
        symbol: Symbol::new(name).unwrap(),
        timeframe,
        basis: PriceBasis::Ohlc,
        adjustment: Adjustment::Raw,
        file: name.to_owned(),
        rounded_values: 0,
        gaps: GapSummary::default(),
        columns,
    }
}

fn push(columns: &mut BarColumns, start: Timestamp, bar: &Bar) {
    columns.start.push(start);
    columns.open.push(bar.open);
    columns.high.push(bar.high);
    columns.low.push(bar.low);
    columns.close.push(bar.close);
    columns.volume.get_or_insert_default().push(bar.volume);
}

/// Minutes of one symbol.
fn minutes(count: usize) -> Vec<BarSeries> {
    let mut columns = BarColumns::default();
    for bar in MinuteBars::from_seed(1).take(count) {
        push(&mut columns, bar.start, &bar);
    }
    vec![series("M", Timeframe::MINUTE, columns)]
}

/// Ten years of days of many symbols.
fn days(symbols: u32) -> Vec<BarSeries> {
    let calendar = MarketCalendar::us_equities();
    let (first, last) = ("2010-01-04".parse().unwrap(), "2019-12-31".parse().unwrap());
    let dates: Vec<Timestamp> = calendar
        .trading_days(first, last)
        .map(|day| format!("{}T00:00:00Z", day.unwrap()).parse().unwrap())
        .collect();
    (0..symbols)
        .map(|number| {
            let mut columns = BarColumns::default();
            for (start, bar) in dates.iter().zip(MinuteBars::from_seed(u64::from(number))) {
                push(&mut columns, *start, &bar);
            }
            series(&format!("S{number}"), Timeframe::Session, columns)
        })
        .collect()
}

fn feed_of(all: &[BarSeries]) -> HistoryFeed<'_> {
    let mut feed = HistoryFeed::new(Timestamp::MIN, Timestamp::MAX);
    for (id, one) in (0_u32..).zip(all) {
        feed.add(InstrumentId(id), VendorId::INTERNAL, Source::Memory(one));
    }
    feed
}

fn bars(all: &[BarSeries]) -> u64 {
    all.iter().map(|one| one.columns.len() as u64).sum()
}

/// Every `every` bars of an instrument, buys or sells `size` shares of it in turn.
#[derive(Debug)]
struct Turn {
    every: u32,
    size: Quantity,
    seen: Vec<u32>,
}

impl Turn {
    fn new(every: u32, size: i32, instruments: usize) -> Self {
        Self {
            every,
            size: Quantity::whole(size),
            seen: vec![0; instruments],
        }
    }
}

impl Strategy for Turn {
    fn needs(&self) -> DataNeeds {
        DataNeeds {
            instruments: None,
            kinds: DataKinds::BARS,
            warm_up: 0,
        }
    }

    #[inline]
    fn on_bar(&mut self, bar: &Bar, context: &mut Context<'_>) {
        let Some(seen) = self.seen.get_mut(bar.instrument.index()) else {
            return;
        };
        *seen += 1;
        if seen.is_multiple_of(self.every) {
            let side = if context.position(bar.instrument).is_zero() {
                Side::Buy
            } else {
                Side::Sell
            };
            context.submit(OrderIntent::market(bar.instrument, side, self.size));
        }
    }

    fn snapshot(&self, _out: &mut Vec<u8>) {}

    fn restore(&mut self, _bytes: &[u8]) -> Result<(), RestoreError> {
        Ok(())
    }
}

fn run_all(all: &[BarSeries], every: u32) -> u128 {
    let mut instruments = Instruments::new();
    for one in all {
        instruments.add(Instrument::equity(one.symbol)).unwrap();
    }
    let rules = RunRules {
        account: AccountConfig::margin(Money::whole(100_000_000)),
        exchange: ExchangeConfig {
            participation: None,
            slippage: Slippage::None,
            fees: FeeModel::Alpaca,
            ..ExchangeConfig::default()
        },
        gate: GateConfig::research(),
        calendar: SessionCalendar::UsEquities,
        hours: VenueHours::Data,
    };
    let strategy = Turn::new(every, 10, all.len());
    let policy = Box::new(PreTradePolicy::new(ComplianceConfig::default()));
    let outcome = run(
        &rules,
        instruments,
        vec![Box::new(strategy)],
        policy,
        &mut feed_of(all),
        &|| false,
    )
    .unwrap();
    assert!(outcome.counts.fills > 0);
    outcome.state_hash
}

fn drain(all: &[BarSeries]) -> u64 {
    let mut feed = feed_of(all);
    let mut count = 0;
    while let Some(event) = feed.next_event().unwrap() {
        count += u64::from(black_box(&event).received() > Timestamp::MIN);
    }
    count
}

fn benches(criterion: &mut Criterion) {
    let minutes = minutes(1_000_000);
    let days = days(500);
    let mut feed = criterion.benchmark_group("feed");
    feed.sample_size(10);
    feed.throughput(Throughput::Elements(bars(&minutes)));
    feed.bench_function("1 symbol, 1 M minutes", |b| b.iter(|| drain(&minutes)));
    feed.throughput(Throughput::Elements(bars(&days)));
    feed.bench_function("500 symbols, 10 years of days", |b| b.iter(|| drain(&days)));
    feed.finish();
    let mut whole = criterion.benchmark_group("run");
    whole.sample_size(10);
    whole.throughput(Throughput::Elements(bars(&minutes)));
    whole.bench_function("1 symbol, 1 M minutes, an order every 100", |b| {
        b.iter(|| run_all(&minutes, 100));
    });
    whole.bench_function("1 symbol, 1 M minutes, an order every 100,000", |b| {
        b.iter(|| run_all(&minutes, 100_000));
    });
    whole.throughput(Throughput::Elements(bars(&days)));
    whole.bench_function("500 symbols, 10 years of days, an order a month", |b| {
        b.iter(|| run_all(&days, 21));
    });
    whole.finish();
}

criterion_group!(group, benches);
criterion_main!(group);
