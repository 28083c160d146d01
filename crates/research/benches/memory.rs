//! Memory of a run over a streamed file, for histories of several lengths: the most bytes that were
//! ever allocated at once. It must not grow with the length; what is kept of the run grows with its
//! trades, so each length trades the same number of times.
//!
//! Not a Criterion bench, because what it measures is not time; it prints one line a file.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark prints its result and stops by panicking"
)]

use std::path::Path;

use peak_alloc::PeakAlloc;
use trader_brokers_backtest::ExchangeConfig;
use trader_compliance::{ComplianceConfig, PreTradePolicy};
use trader_domain::{
    Bar, Instrument, InstrumentId, Instruments, Money, OrderIntent, Quantity, Side, Symbol,
    Timeframe, Timestamp, VendorId,
};
use trader_engine::strategy::{DataKinds, DataNeeds, RestoreError};
use trader_engine::{AccountConfig, Context, SessionCalendar, Strategy};
use trader_research::run::{HistoryFeed, RunRules, Source, VenueHours, run};
use trader_risk::GateConfig;
use trader_storage::{
    Adjustment, BarColumns, BarSeries, Existing, GapSummary, PriceBasis, ReadOptions, TableFormat,
    TableWriter, bar_chunk, bar_columns, open_bars,
};
use trader_testkit::market::MinuteBars;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Bars of each history.
const LENGTHS: [usize; 3] = [200_000, 1_000_000, 2_000_000];

/// Orders in each.
const ORDERS: usize = 20;

/// Rows written at a time.
const ROWS: usize = 100_000;

/// The most that two lengths may differ by.
const FLAT_WITHIN: usize = 1 << 20;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    for format in [TableFormat::Csv, TableFormat::Parquet] {
        let mut peaks = Vec::new();
        for length in LENGTHS {
            let path = folder.path().join(match format {
                TableFormat::Csv => "bars.csv",
                TableFormat::Parquet => "bars.parquet",
            });
            write(&path, format, length);
            MEMORY.reset_peak_usage();
            let before = MEMORY.current_usage();
            let bars = stream(&path, length / ORDERS);
            let peak = MEMORY.peak_usage() - before;
            println!("{format:?}, {bars:>9} bars streamed: at most {peak:>10} bytes allocated");
            peaks.push(peak);
        }
        let (least, most) = (peaks.iter().min().unwrap(), peaks.iter().max().unwrap());
        assert!(most - least < FLAT_WITHIN, "memory grows with the history");
    }
}

fn write(path: &Path, format: TableFormat, length: usize) {
    let mut bars = MinuteBars::from_seed(1).take(length);
    let mut part = next_part(&mut bars);
    let optional = part.columns.optional();
    let schema = bar_columns(part.timeframe, part.basis, part.adjustment, optional);
    let mut writer = TableWriter::create(path, schema, format, Existing::Replace).unwrap();
    while !part.columns.is_empty() {
        writer.append(&bar_chunk(&part)).unwrap();
        part = next_part(&mut bars);
    }
    writer.finish().unwrap();
}

fn next_part(bars: &mut impl Iterator<Item = Bar>) -> BarSeries {
    let mut columns = BarColumns::default();
    for bar in bars.take(ROWS) {
        columns.start.push(bar.start);
        columns.open.push(bar.open);
        columns.high.push(bar.high);
        columns.low.push(bar.low);
        columns.close.push(bar.close);
        columns.volume.get_or_insert_default().push(bar.volume);
    }
    BarSeries {
        symbol: Symbol::new("M").unwrap(),
        timeframe: Timeframe::MINUTE,
        basis: PriceBasis::Ohlc,
        adjustment: Adjustment::Raw,
        file: "M".to_owned(),
        rounded_values: 0,
        gaps: GapSummary::default(),
        columns,
    }
}

/// Runs over the file; gives the bars.
fn stream(path: &Path, every: usize) -> u64 {
    let options = ReadOptions::new("2100-01-01T00:00:00Z".parse().unwrap());
    let mut feed = HistoryFeed::new(Timestamp::MIN, Timestamp::MAX);
    let source = Source::Stream(open_bars(path, &options).unwrap());
    feed.add(InstrumentId(0), VendorId::INTERNAL, source);
    let mut instruments = Instruments::new();
    let symbol = Symbol::new("M").unwrap();
    instruments.add(Instrument::equity(symbol)).unwrap();
    let rules = RunRules {
        account: AccountConfig::margin(Money::whole(1_000_000)),
        exchange: ExchangeConfig::default(),
        gate: GateConfig::research(),
        calendar: SessionCalendar::UsEquities,
        hours: VenueHours::Data,
    };
    let policy = Box::new(PreTradePolicy::new(ComplianceConfig::default()));
    let strategy = Box::new(Turn { every, seen: 0 });
    let outcome = run(
        &rules,
        instruments,
        vec![strategy],
        policy,
        &mut feed,
        &|| false,
    )
    .unwrap();
    assert!(outcome.counts.fills > 0);
    outcome.counts.bars
}

/// Every so many bars, buys or sells in turn.
struct Turn {
    every: usize,
    seen: usize,
}

impl Strategy for Turn {
    fn needs(&self) -> DataNeeds {
        DataNeeds {
            instruments: None,
            kinds: DataKinds::BARS,
            warm_up: 0,
        }
    }

    fn on_bar(&mut self, bar: &Bar, context: &mut Context<'_>) {
        self.seen += 1;
        if self.seen.is_multiple_of(self.every) {
            let side = if context.position(bar.instrument).is_zero() {
                Side::Buy
            } else {
                Side::Sell
            };
            let intent = OrderIntent::market(bar.instrument, side, Quantity::whole(10));
            context.submit(intent);
        }
    }

    fn snapshot(&self, _out: &mut Vec<u8>) {}

    fn restore(&mut self, _bytes: &[u8]) -> Result<(), RestoreError> {
        Ok(())
    }
}
