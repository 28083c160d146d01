//! History read in batches: the same run as from memory, in memory that does not grow with its length.

use trader_domain::{InstrumentId, MarketEvent, Price, Symbol, Timeframe, Timestamp, VendorId};
use trader_engine::driver::backtest::MarketFeed;
use trader_research::run::{FeedError, HistoryFeed, Source};
use trader_storage::{
    Adjustment, BarBatch, BarColumns, BarSeries, BarStream, DataError, GapSummary, OptionalColumns,
    PriceBasis, StreamInfo,
};

use crate::run_fixture::{Reinvest, equities, feed_of, free_rules, push, run_one, series, symbol};

/// Rows of a batch.
const BATCH: i64 = 4_096;
const MINUTE: i64 = 60_000_000_000;

/// Bars made up as they are asked for.
struct Generated {
    next: i64,
    end: i64,
    symbols: Vec<Symbol>,
}

impl Generated {
    fn new(bars: i64, symbols: &[&str]) -> Self {
        Self {
            next: 0,
            end: bars,
            symbols: symbols.iter().map(|name| symbol(name)).collect(),
        }
    }

    fn rows(&mut self) -> BarColumns {
        let mut columns = BarColumns {
            volume: Some(Vec::new()),
            ..BarColumns::default()
        };
        let until = self.end.min(self.next + BATCH);
        for row in self.next..until {
            let close = Price::whole(i32::try_from(100 + row * 7 % 13).unwrap());
            push(
                &mut columns,
                Timestamp::from_nanos(row * MINUTE),
                [close; 4],
            );
        }
        self.next = until;
        columns
    }
}

impl BarStream for Generated {
    fn next_batch(&mut self, batch: &mut BarBatch) -> Result<bool, DataError> {
        batch.columns = self.rows();
        batch.symbol = vec![0; batch.columns.len()];
        batch.symbols.clone_from(&self.symbols);
        Ok(!batch.columns.is_empty())
    }

    fn info(&self) -> StreamInfo {
        StreamInfo {
            file: "generated".to_owned(),
            timeframe: Some(Timeframe::MINUTE),
            basis: PriceBasis::Ohlc,
            adjustment: Adjustment::Raw,
            optional: OptionalColumns::default(),
            rows: 0,
            rounded_values: 0,
            gaps: GapSummary::default(),
        }
    }
}

fn stream_feed(stream: Generated) -> HistoryFeed<'static> {
    let mut feed = HistoryFeed::new(Timestamp::MIN, Timestamp::MAX);
    feed.add(
        InstrumentId(0),
        VendorId::INTERNAL,
        Source::Stream(Box::new(stream)),
    );
    feed
}

#[test]
fn a_stream_gives_the_run_that_the_same_bars_in_memory_give() {
    let bars = 10_000;
    let mut whole = BarColumns::default();
    let mut stream = Generated::new(bars, &["X"]);
    while i64::try_from(whole.len()).unwrap() < bars {
        whole.append(&stream.rows());
    }
    let memory: [BarSeries; 1] = [series("X", Timeframe::MINUTE, whole)];
    let rules = free_rules(100_000);
    let from_memory = run_one(&rules, equities(&["X"]), Reinvest, &mut feed_of(&memory));
    let mut feed = stream_feed(Generated::new(bars, &["X"]));
    let from_stream = run_one(&rules, equities(&["X"]), Reinvest, &mut feed);
    assert_eq!(from_stream.counts.bars, 10_000);
    assert_eq!(from_stream.state_hash, from_memory.state_hash);
}

/// A month has 43,200 such minutes: two million are almost four years around the clock.
#[test]
fn the_record_of_two_million_bars_is_as_small_as_that_of_a_tenth_of_them() {
    let points = |bars: i64| {
        let mut feed = stream_feed(Generated::new(bars, &["X"]));
        let outcome = run_one(&free_rules(100_000), equities(&["X"]), Reinvest, &mut feed);
        assert_eq!(outcome.counts.bars, u64::try_from(bars).unwrap());
        let record = outcome.record;
        let days = i64::try_from(record.daily_equity().len()).unwrap();
        assert!(days <= bars / 1_440 + 2, "{days}");
        assert!(record.orders.len() < 100 && record.fills.len() < 100);
        record.fine_equity().len()
    };
    assert!(points(200_000) <= 8_193);
    assert!(points(2_000_000) <= 8_193);
}

#[test]
fn a_stream_of_several_symbols_is_refused() {
    let mut feed = stream_feed(Generated::new(10, &["X", "Y"]));
    let told = feed.next_event().unwrap_err();
    assert!(matches!(told, FeedError::SeveralSymbols { .. }));
    assert!(told.to_string().contains("holds X and Y"), "{told}");
}

#[test]
fn a_feed_gives_what_lies_between_its_ends() {
    let mut whole = Generated::new(100, &["X"]);
    let memory = [series("X", Timeframe::MINUTE, whole.rows())];
    let ends = |from: i64, to: i64| {
        let at = |minute: i64| Timestamp::from_nanos(minute * MINUTE);
        let mut feed = HistoryFeed::new(at(from), at(to));
        feed.add(
            InstrumentId(0),
            VendorId::INTERNAL,
            Source::Memory(&memory[0]),
        );
        let mut minutes = Vec::new();
        while let Some(MarketEvent::Bar(bar)) = feed.next_event().unwrap() {
            minutes.push(bar.received.nanos() / MINUTE);
        }
        minutes
    };
    assert_eq!(ends(10, 14), [10, 11, 12, 13]);
    assert_eq!(ends(99, 1_000), [99, 100]);
    assert_eq!(ends(500, 1_000), Vec::<i64>::new());
    assert_eq!(ends(0, 1), Vec::<i64>::new());
}
