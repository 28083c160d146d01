//! Series, rules and small strategies for tests of whole runs.

use std::path::PathBuf;

use trader_brokers_backtest::{ExchangeConfig, FeeModel, Slippage};
use trader_compliance::{ComplianceConfig, PreTradePolicy};
use trader_domain::{
    Bar, Instrument, InstrumentId, Instruments, Money, OrderIntent, Price, Quantity, Rounding,
    Side, Symbol, Timeframe, Timestamp, VendorId, Volume,
};
use trader_engine::strategy::{DataKinds, DataNeeds, RestoreError};
use trader_engine::{AccountConfig, Context, SessionCalendar, Strategy};
use trader_research::run::{HistoryFeed, RunOutcome, RunRules, Source, VenueHours, run};
use trader_risk::GateConfig;
use trader_storage::{Adjustment, BarColumns, BarSeries, GapSummary, PriceBasis};

pub(crate) fn symbol(text: &str) -> Symbol {
    Symbol::new(text).unwrap()
}

pub(crate) fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn date(text: &str) -> chrono::NaiveDate {
    text.parse().unwrap()
}

pub(crate) fn price(text: &str) -> Price {
    text.parse().unwrap()
}

pub(crate) fn shares(count: i32) -> Quantity {
    Quantity::whole(count)
}

/// Instruments of these names, in this order.
pub(crate) fn equities(names: &[&str]) -> Instruments {
    let mut instruments = Instruments::new();
    for name in names {
        instruments.add(Instrument::equity(symbol(name))).unwrap();
    }
    instruments
}

pub(crate) fn series(name: &str, timeframe: Timeframe, columns: BarColumns) -> BarSeries {
    BarSeries {
        symbol: symbol(name),
        timeframe,
        basis: PriceBasis::Ohlc,
        adjustment: Adjustment::Raw,
        file: format!("{name}.csv"),
        rounded_values: 0,
        gaps: GapSummary::default(),
        columns,
    }
}

/// Session bars labelled by these dates, all four prices the same.
pub(crate) fn flat_days(name: &str, days: &[(&str, &str)]) -> BarSeries {
    let mut columns = BarColumns {
        volume: Some(Vec::new()),
        ..BarColumns::default()
    };
    for (day, close) in days {
        push(
            &mut columns,
            instant(&format!("{day}T00:00:00Z")),
            [price(close); 4],
        );
    }
    series(name, Timeframe::Session, columns)
}

/// Adds a bar of a million shares.
pub(crate) fn push(columns: &mut BarColumns, start: Timestamp, prices: [Price; 4]) {
    let [open, high, low, close] = prices;
    columns.start.push(start);
    columns.open.push(open);
    columns.high.push(high);
    columns.low.push(low);
    columns.close.push(close);
    if let Some(volume) = &mut columns.volume {
        volume.push(Volume::whole(1_000_000));
    }
}

/// No costs, no limits but the research ones, US hours.
pub(crate) fn free_rules(cash: i64) -> RunRules {
    RunRules {
        account: AccountConfig::margin(Money::whole(cash)),
        exchange: ExchangeConfig {
            participation: None,
            slippage: Slippage::None,
            fees: FeeModel::Free,
            ..ExchangeConfig::default()
        },
        gate: GateConfig::research(),
        calendar: SessionCalendar::UsEquities,
        hours: VenueHours::Data,
    }
}

pub(crate) fn policy() -> Box<PreTradePolicy> {
    Box::new(PreTradePolicy::new(ComplianceConfig::default()))
}

/// Runs one strategy over a feed.
pub(crate) fn run_one(
    rules: &RunRules,
    instruments: Instruments,
    strategy: impl Strategy + 'static,
    feed: &mut HistoryFeed<'_>,
) -> RunOutcome {
    run(
        rules,
        instruments,
        vec![Box::new(strategy)],
        policy(),
        feed,
        &|| false,
    )
    .unwrap()
}

/// A feed over series in memory, instrument by instrument.
pub(crate) fn feed_of(series: &[BarSeries]) -> HistoryFeed<'_> {
    let mut feed = HistoryFeed::new(Timestamp::MIN, Timestamp::MAX);
    for (id, one) in (0_u32..).zip(series) {
        feed.add(InstrumentId(id), VendorId::INTERNAL, Source::Memory(one));
    }
    feed
}

pub(crate) fn bars_of_all(warm_up: usize) -> DataNeeds {
    DataNeeds {
        instruments: None,
        kinds: DataKinds::BARS,
        warm_up,
    }
}

/// Buy and hold with dividends reinvested: puts 95 % of the cash that is there into the instrument of each
/// bar, so that a gap up to the fill does not borrow.
#[derive(Debug, Default)]
pub(crate) struct Reinvest;

impl Strategy for Reinvest {
    fn needs(&self) -> DataNeeds {
        bars_of_all(0)
    }

    fn on_bar(&mut self, bar: &Bar, context: &mut Context<'_>) {
        if !context.pending(bar.instrument).is_zero() || !context.account().cash.is_positive() {
            return;
        }
        let quantity = context
            .account()
            .cash
            .scale(95, 100, Rounding::Floor)
            .unwrap()
            .quantity_at(bar.close, Rounding::TowardsZero)
            .and_then(|exact| exact.round_to(shares(1), Rounding::Floor))
            .unwrap();
        if quantity.is_positive() {
            context.submit(OrderIntent::market(bar.instrument, Side::Buy, quantity));
        }
    }

    fn snapshot(&self, _out: &mut Vec<u8>) {}

    fn restore(&mut self, _bytes: &[u8]) -> Result<(), RestoreError> {
        Ok(())
    }
}

/// A folder of the shared reference data; `None` (with a message) where it is not there.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/"));
    let found = Some(root.join(path)).filter(|path| path.exists());
    if found.is_none() {
        println!("skipped: ../shared/{path} is not there");
    }
    found
}
