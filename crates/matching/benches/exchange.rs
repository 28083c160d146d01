//! What the exchange costs by event and by order. Criterion reports time per iteration; where an
//! iteration is many events, the throughput line counts them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark stops by panicking"
)]

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use trader_domain::{
    AccountId, Bar, BookDelta, BookSide, BrokerReport, ClientOrderId, Instrument, InstrumentId,
    Instruments, NANOS_PER_SECOND, OrderId, OrderKind, OrderRequest, PositionEffect, Price,
    Quantity, Quote, Session, ShortExemption, Side, StrategyId, Symbol, TimeInForce, Timeframe,
    Timestamp, Trade, TradeConditions, VendorId, Volume,
};
use trader_matching::{Exchange, ExchangeConfig, FeeModel};

const A: InstrumentId = InstrumentId(0);
const MINUTE: i64 = 60 * NANOS_PER_SECOND;

fn exchange(config: ExchangeConfig) -> Exchange {
    let mut instruments = Instruments::new();
    instruments
        .add(Instrument::equity(Symbol::new("AAA").unwrap()))
        .unwrap();
    Exchange::new(&instruments, config).unwrap()
}

fn order(id: u64, side: Side, kind: OrderKind, time_in_force: TimeInForce) -> OrderRequest {
    OrderRequest {
        id: OrderId(id),
        client_order_id: ClientOrderId::default(),
        strategy: StrategyId(0),
        account: AccountId(0),
        instrument: A,
        side,
        quantity: Quantity::whole(100),
        kind,
        time_in_force,
        session: Session::Regular,
        effect: PositionEffect::Any,
        legs: Default::default(),
        parent: None,
        oco: None,
        locate: None,
        short_exempt: ShortExemption::None,
        short_mark: None,
        created: Timestamp::EPOCH,
    }
}

fn bar(minute: i64) -> Bar {
    let start = Timestamp::from_nanos(minute * MINUTE);
    let end = start.saturating_add(MINUTE);
    Bar {
        instrument: A,
        vendor: VendorId::INTERNAL,
        timeframe: Timeframe::MINUTE,
        start,
        time: end,
        received: end,
        open: Price::whole(100),
        high: Price::whole(101),
        low: Price::whole(99),
        close: Price::whole(100),
        volume: Volume::whole(100_000),
        vwap: None,
        trade_count: None,
    }
}

fn quote(nanos: i64) -> Quote {
    let time = Timestamp::from_nanos(nanos);
    Quote {
        instrument: A,
        vendor: VendorId::INTERNAL,
        time,
        received: time,
        bid: Price::from_small_units(2_000_000_000),
        bid_size: Quantity::whole(500),
        ask: Price::from_small_units(2_010_000_000),
        ask_size: Quantity::whole(400 + i32::try_from(nanos % 7).unwrap()),
    }
}

fn trade(nanos: i64) -> Trade {
    let time = Timestamp::from_nanos(nanos);
    Trade {
        instrument: A,
        vendor: VendorId::INTERNAL,
        time,
        received: time,
        price: Price::from_small_units(2_000_000_000),
        size: Quantity::whole(100),
        conditions: TradeConditions::REGULAR,
    }
}

/// `count` limit orders far below the market.
fn rest(exchange: &mut Exchange, count: u64, reports: &mut Vec<BrokerReport>) {
    let price = Price::ONE;
    for id in 1..=count {
        let request = order(id, Side::Buy, OrderKind::Limit { price }, TimeInForce::Gtc);
        exchange.submit(&request, Timestamp::EPOCH, reports);
    }
    reports.clear();
}

fn events(c: &mut Criterion) {
    const EVENTS: i64 = 10_000;
    let mut group = c.benchmark_group("event");
    group.throughput(Throughput::Elements(EVENTS.unsigned_abs()));
    let mut reports = Vec::new();
    for (name, resting) in [
        ("no orders", 0),
        ("1 resting order", 1),
        ("10 resting orders", 10),
    ] {
        let mut idle = exchange(ExchangeConfig::default());
        rest(&mut idle, resting, &mut reports);
        let bars: Vec<Bar> = (0..EVENTS).map(bar).collect();
        group.bench_function(format!("bar, {name}"), |b| {
            b.iter(|| {
                for bar in &bars {
                    idle.on_bar(black_box(bar), &mut reports);
                }
            });
        });
        let quotes: Vec<Quote> = (0..EVENTS).map(quote).collect();
        let mut quoted = exchange(ExchangeConfig::default());
        rest(&mut quoted, resting, &mut reports);
        group.bench_function(format!("quote, {name}"), |b| {
            b.iter(|| {
                for quote in &quotes {
                    quoted.on_quote(black_box(quote), &mut reports);
                }
            });
        });
        let trades: Vec<Trade> = (0..EVENTS).map(trade).collect();
        group.bench_function(format!("trade, {name}"), |b| {
            b.iter(|| {
                for trade in &trades {
                    quoted.on_trade(black_box(trade), &mut reports);
                }
            });
        });
        let deltas: Vec<BookDelta> = (0..EVENTS).map(delta).collect();
        let mut booked = exchange(ExchangeConfig::default());
        rest(&mut booked, resting, &mut reports);
        group.bench_function(format!("book change, {name}"), |b| {
            b.iter(|| {
                for delta in &deltas {
                    booked.on_book(black_box(delta), &mut reports);
                }
            });
        });
    }
    group.finish();
}

/// Changes at the ten levels next to the best on both sides.
fn delta(nanos: i64) -> BookDelta {
    let time = Timestamp::from_nanos(nanos);
    let level = i32::try_from(nanos * 7 % 10).unwrap();
    let (side, price) = if nanos % 2 == 0 {
        (BookSide::Bid, 200 - level)
    } else {
        (BookSide::Ask, 201 + level)
    };
    BookDelta {
        instrument: A,
        vendor: VendorId::INTERNAL,
        time,
        received: time,
        side,
        price: Price::from_small_units(price * 10_000_000),
        size: Quantity::whole(i32::try_from(nanos % 5).unwrap()),
    }
}

/// Market orders, one a bar: submit, fill, and the bar itself.
fn round_trips(exchange: &mut Exchange, count: i64, first: i64, reports: &mut Vec<BrokerReport>) {
    for minute in first..first + count {
        let id = u64::try_from(minute).unwrap() + 1;
        let side = if minute % 2 == 0 {
            Side::Buy
        } else {
            Side::Sell
        };
        let request = order(id, side, OrderKind::Market, TimeInForce::Day);
        let now = Timestamp::from_nanos(minute * MINUTE);
        exchange.submit(&request, now, reports);
        exchange.on_bar(&bar(minute), reports);
        black_box(&reports);
        reports.clear();
    }
}

fn orders(c: &mut Criterion) {
    let mut group = c.benchmark_group("order");
    let mut reports = Vec::with_capacity(64);
    for (name, fees) in [
        ("free", FeeModel::Free),
        ("alpaca", FeeModel::Alpaca),
        ("ib fixed", FeeModel::IbFixed),
    ] {
        let config = ExchangeConfig {
            fees,
            ..ExchangeConfig::default()
        };
        let mut venue = exchange(config);
        let mut minute = 0;
        group.bench_function(format!("submit and fill at the next bar, {name}"), |b| {
            b.iter(|| {
                round_trips(&mut venue, 1, minute, &mut reports);
                minute += 1;
            });
        });
    }
    group.finish();
}

fn growth(c: &mut Criterion) {
    let mut group = c.benchmark_group("fills in a row");
    group.sample_size(10);
    let mut reports = Vec::with_capacity(64);
    for count in [1_000, 10_000, 100_000, 1_000_000] {
        group.throughput(Throughput::Elements(count));
        let count = i64::try_from(count).unwrap();
        group.bench_function(count.to_string(), |b| {
            b.iter_batched_ref(
                || exchange(ExchangeConfig::default()),
                |venue| round_trips(venue, count, 0, &mut reports),
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, events, orders, growth);
criterion_main!(benches);
