//! Market events become rows, and the order book a shape.

use trader_domain::{
    Book, BookDelta, BookSide, HaltReason, InstrumentId, MarketEvent, Price, Quantity, Quote,
    StatusKind, Timestamp, Trade, TradeConditions, TradingStatus, VendorId,
};
use trader_features::microstructure::{BookShape, Tape, TapeColumns, TapeRow};
use trader_features::{FeatureSet, Registry};

const ID: InstrumentId = InstrumentId(0);
const VENDOR: VendorId = VendorId::INTERNAL;

fn quote(bid: &str, ask: &str) -> MarketEvent {
    MarketEvent::Quote(Quote {
        instrument: ID,
        vendor: VENDOR,
        time: Timestamp::EPOCH,
        received: Timestamp::EPOCH,
        bid: bid.parse().expect("price"),
        bid_size: Quantity::whole(300),
        ask: ask.parse().expect("price"),
        ask_size: Quantity::whole(100),
    })
}

fn trade(price: &str, conditions: TradeConditions) -> MarketEvent {
    MarketEvent::Trade(Trade {
        instrument: ID,
        vendor: VENDOR,
        time: Timestamp::EPOCH,
        received: Timestamp::EPOCH,
        price: price.parse().expect("price"),
        size: Quantity::whole(10),
        conditions,
    })
}

fn status(kind: StatusKind) -> MarketEvent {
    MarketEvent::Status(TradingStatus {
        instrument: ID,
        time: Timestamp::EPOCH,
        received: Timestamp::EPOCH,
        kind,
    })
}

#[test]
fn a_trade_is_joined_with_the_quote_before_it() {
    let mut tape = Tape::new();
    let regular = TradeConditions::REGULAR;
    let alone = tape.apply(&trade("10.05", regular));
    assert!(matches!(alone, Some(TapeRow::Trade { quote, .. }) if quote == [0.0; 4]));
    let market = [10.0, 10.1, 300.0, 100.0];
    assert_eq!(
        tape.apply(&quote("10.00", "10.10")),
        Some(TapeRow::Quote(market))
    );
    assert_eq!(
        tape.apply(&trade("10.10", regular)),
        Some(TapeRow::Trade {
            price: 10.1,
            size: 10.0,
            quote: market
        })
    );
    for passed_over in [
        TradeConditions::CANCELED,
        TradeConditions::OUT_OF_SEQUENCE,
        TradeConditions::AVERAGE_PRICE,
        TradeConditions::ODD_LOT.with(TradeConditions::SUSPICIOUS),
    ] {
        assert_eq!(tape.apply(&trade("9.00", passed_over)), None);
    }
    assert!(
        tape.apply(&trade("10.10", TradeConditions::ODD_LOT))
            .is_some()
    );
}

#[test]
fn a_halt_empties_the_market_and_nothing_is_compared_across_it() {
    let mut tape = Tape::new();
    let mut columns = TapeColumns::default();
    let events = [
        quote("10.00", "10.10"),
        quote("10.01", "10.10"),
        status(StatusKind::Halted(HaltReason::News)),
        quote("12.00", "12.10"),
        trade("12.05", TradeConditions::REGULAR),
        status(StatusKind::Resumed),
        quote("13.00", "13.10"),
        quote("13.00", "13.20"),
        trade("13.00", TradeConditions::REGULAR),
    ];
    for row in events.iter().filter_map(|event| tape.apply(event)) {
        columns.push(row);
    }
    let flow = FeatureSet::new(Registry::standard(), &["ofi_1"]).expect("known");
    let table = flow
        .batch(&columns.quotes().expect("columns"))
        .expect("all");
    let found = &table.columns[0];
    // A better bid of 300; the halt; the first quote after it; an ask that left 100 behind.
    assert_eq!(found.len(), 5);
    assert!(found[0].is_nan() && found[2].is_nan() && found[3].is_nan());
    assert_eq!((found[1], found[4]), (300.0, 100.0));
    let signs = FeatureSet::new(Registry::standard(), &["trade_sign"]).expect("known");
    let table = signs
        .batch(&columns.trades().expect("columns"))
        .expect("all");
    assert_eq!(table.columns[0], [-1.0]);
}

fn book(levels: &[(BookSide, i32, i32)]) -> Book {
    let mut book = Book::default();
    for (side, price, size) in levels {
        book.apply(&BookDelta {
            instrument: ID,
            vendor: VENDOR,
            time: Timestamp::EPOCH,
            received: Timestamp::EPOCH,
            side: *side,
            price: Price::whole(*price),
            size: Quantity::whole(*size),
        });
    }
    book
}

#[test]
fn the_shape_of_a_book_is_read_by_hand() {
    let (bid, ask) = (BookSide::Bid, BookSide::Ask);
    let book = book(&[
        (bid, 99, 100),
        (bid, 98, 300),
        (bid, 97, 900),
        (ask, 101, 200),
        (ask, 103, 200),
    ]);
    let shape = BookShape::of(&book, 2);
    assert_eq!((shape.bid_depth, shape.ask_depth), (400.0, 400.0));
    assert_eq!(shape.bid_concentration, Some(0.25));
    assert_eq!(shape.ask_concentration, Some(0.5));
    // 100 + 300/2 against 200 + 200/2.
    assert!((shape.pressure.expect("levels") - (250.0 - 300.0) / 550.0).abs() < 1e-12);
    // 300 within 1, 200 within 2.
    assert_eq!(shape.slope, Some(200.0));
    let sweep = BookShape::sweep(&book, ask, 300.0).expect("deep enough");
    assert!((sweep.mean_price - (200.0 * 101.0 + 100.0 * 103.0) / 300.0).abs() < 1e-12);
    assert_eq!(sweep.last_price, 103.0);
    assert!((sweep.cost_bps.expect("market") - 100.0 * (sweep.mean_price - 100.0)).abs() < 1e-9);
    let sale = BookShape::sweep(&book, bid, 100.0).expect("deep enough");
    assert!((sale.cost_bps.expect("market") - 100.0).abs() < 1e-9);
    assert_eq!(BookShape::sweep(&book, ask, 401.0), None);
    assert_eq!(BookShape::sweep(&book, ask, f64::NAN), None);
    let empty = BookShape::of(&Book::default(), 5);
    assert_eq!((empty.pressure, empty.slope), (None, None));
}
