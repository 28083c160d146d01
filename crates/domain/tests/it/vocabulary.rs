//! Identifiers, instruments, price grids, quotes, books, sale conditions, signals.

use std::collections::BTreeMap;

use proptest::prelude::*;
use trader_domain::{
    Bar, BarError, Book, BookDelta, BookSide, ClientOrderId, Clock, ExecutionId, Instrument,
    InstrumentError, InstrumentId, Instruments, OrderId, Price, Quantity, Quote, Side,
    SimulatedClock, Symbol, TickRule, Timeframe, Timestamp, TradeConditions, UnitInterval,
    VendorError, VendorId, Vendors, Volume,
};

fn price(text: &str) -> Price {
    text.parse().unwrap()
}

#[test]
fn client_order_ids_have_one_spelling() {
    let id = ClientOrderId {
        run: 0xab,
        order: OrderId(7),
    };
    assert_eq!(id.to_string(), "at-00000000000000ab-7");
    for text in [
        "at-00000000000000AB-7",
        "at-ab-7",
        "at-00000000000000ab-07",
        "at-00000000000000ab-",
        "at-00000000000000ab-+7",
        "at-00000000000000ab-99999999999999999999999",
        "xx-00000000000000ab-7",
        "",
    ] {
        assert!(text.parse::<ClientOrderId>().is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn client_order_ids_read_back(run in any::<u64>(), order in any::<u64>()) {
        let id = ClientOrderId { run, order: OrderId(order) };
        prop_assert_eq!(id.to_string().parse(), Ok(id));
        let json = serde_json::to_string(&id).unwrap();
        prop_assert_eq!(serde_json::from_str::<ClientOrderId>(&json).unwrap(), id);
    }

    #[test]
    fn text_ids_take_printable_ascii_of_their_length(text in "\\PC{0,30}") {
        let fits = (1..=24).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
        prop_assert_eq!(Symbol::new(&text).is_ok(), fits);
        if fits {
            let json = serde_json::to_string(&Symbol::new(&text).unwrap()).unwrap();
            let back: Symbol = serde_json::from_str(&json).unwrap();
            prop_assert_eq!(back.as_str(), text);
        }
    }
}

#[test]
fn simulated_execution_ids_are_distinct() {
    assert_eq!(
        ExecutionId::simulated(u64::MAX).as_str(),
        "sim-18446744073709551615"
    );
    assert_ne!(ExecutionId::simulated(1), ExecutionId::simulated(2));
    assert!(serde_json::from_str::<Symbol>("\"\"").is_err());
}

#[test]
fn price_grids_are_those_of_the_rules() {
    let cases = [
        (TickRule::SubPenny, "1.00", "0.01"),
        (TickRule::SubPenny, "0.9999", "0.0001"),
        (TickRule::SubPenny, "523.17", "0.01"),
        (TickRule::OptionNickelDime, "2.95", "0.05"),
        (TickRule::OptionNickelDime, "3.00", "0.10"),
        (TickRule::OptionPennyNickel, "2.99", "0.01"),
        (TickRule::OptionPennyNickel, "3.00", "0.05"),
        (TickRule::Fixed(price("0.5")), "7", "0.5"),
    ];
    for (rule, at, tick) in cases {
        assert_eq!(rule.tick_at(price(at)), price(tick), "{rule:?} at {at}");
    }
    assert!(TickRule::SubPenny.accepts(price("10.01")));
    assert!(!TickRule::SubPenny.accepts(price("10.001")));
    assert!(TickRule::SubPenny.accepts(price("0.0101")));
    assert!(!TickRule::OptionNickelDime.accepts(price("3.05")));
    assert!(!TickRule::Fixed(Price::ZERO).accepts(price("1")));
}

#[test]
fn instruments_are_found_by_index_and_symbol_and_keep_both_in_step() {
    let symbol = |text: &str| Symbol::new(text).unwrap();
    let mut table = Instruments::new();
    let first = table.add(Instrument::equity(symbol("FB"))).unwrap();
    let second = table.add(Instrument::equity(symbol("META"))).unwrap();
    assert_eq!((first, second), (InstrumentId(0), InstrumentId(1)));
    assert_eq!(
        table.add(Instrument::equity(symbol("FB"))),
        Err(InstrumentError::Duplicate(symbol("FB")))
    );
    assert_eq!(
        table.rename(first, symbol("META")),
        Err(InstrumentError::Duplicate(symbol("META")))
    );
    table.rename(second, symbol("METV")).unwrap();
    table.rename(first, symbol("META")).unwrap();
    assert_eq!(table.find(&symbol("META")), Some(first));
    assert_eq!(table.find(&symbol("FB")), None);
    assert_eq!(
        table.rename(InstrumentId(9), symbol("X")),
        Err(InstrumentError::Unknown(InstrumentId(9)))
    );
    let without_lot = Instrument {
        lot: Quantity::ZERO,
        ..Instrument::equity(symbol("Z"))
    };
    assert!(matches!(
        table.add(without_lot),
        Err(InstrumentError::NotPositive(_))
    ));
    assert_eq!(table.len(), 2);
}

fn quote(bid: &str, ask: &str) -> Quote {
    Quote {
        instrument: InstrumentId(0),
        vendor: VendorId::INTERNAL,
        time: Timestamp::EPOCH,
        received: Timestamp::EPOCH,
        bid: price(bid),
        bid_size: Quantity::ONE,
        ask: price(ask),
        ask_size: Quantity::ONE,
    }
}

#[test]
fn a_midpoint_needs_two_sides_in_order() {
    assert_eq!(quote("10", "10.01").midpoint(), Some(price("10.005")));
    assert_eq!(
        quote("0.000000001", "0.000000002").midpoint(),
        Some(price("0.000000002")),
        "half a unit goes to the even neighbour"
    );
    for (bid, ask) in [("0", "10"), ("10", "0"), ("10.01", "10"), ("10", "10")] {
        assert_eq!(quote(bid, ask).midpoint(), None, "{bid} {ask}");
    }
    assert!(quote("10.01", "10").is_crossed());
    assert!(!quote("10", "10").is_crossed());
    assert!(!quote("10", "0").is_crossed());
    assert!(Price::MAX > price("1"));
    let widest = Quote {
        ask: Price::MAX,
        ..quote("9223372036", "1")
    };
    assert!(widest.midpoint().is_some());
}

fn bar(open: &str, high: &str, low: &str, close: &str) -> Bar {
    Bar {
        instrument: InstrumentId(0),
        vendor: VendorId::INTERNAL,
        timeframe: Timeframe::MINUTE,
        start: Timestamp::from_nanos(0),
        time: Timestamp::from_nanos(60),
        received: Timestamp::from_nanos(60),
        open: price(open),
        high: price(high),
        low: price(low),
        close: price(close),
        volume: Volume::whole(100),
        vwap: None,
        trade_count: None,
    }
}

#[test]
fn a_bar_encloses_its_prices() {
    let good = bar("10", "12", "9", "11");
    assert_eq!(good.validate(), Ok(()));
    for bad in [
        bar("10", "10.5", "9", "11"),
        bar("10", "12", "10.5", "11"),
        bar("10", "9", "12", "11"),
    ] {
        assert!(matches!(bad.validate(), Err(BarError::NotEnclosed { .. })));
    }
    assert!(matches!(
        bar("10", "12", "0", "11").validate(),
        Err(BarError::NotPositive { field: "low", .. })
    ));
    let negative = Bar {
        volume: Volume::whole(-1),
        ..good
    };
    assert!(matches!(
        negative.validate(),
        Err(BarError::NegativeVolume(_))
    ));
    let early = Bar {
        received: Timestamp::from_nanos(59),
        ..good
    };
    assert_eq!(early.validate(), Err(BarError::TimesOutOfOrder));
}

proptest! {
    #[test]
    fn a_book_holds_the_last_size_of_each_level(
        changes in proptest::collection::vec((any::<bool>(), 1_i32..20, -1_i32..5), 0..200),
    ) {
        let mut book = Book::default();
        let mut expected: BTreeMap<(bool, i32), i32> = BTreeMap::new();
        for &(bid, level, size) in &changes {
            book.apply(&BookDelta {
                instrument: InstrumentId(0),
                vendor: VendorId::INTERNAL,
                time: Timestamp::EPOCH,
                received: Timestamp::EPOCH,
                side: if bid { BookSide::Bid } else { BookSide::Ask },
                price: Price::whole(level),
                size: Quantity::whole(size),
            });
            expected.insert((bid, level), size);
        }
        expected.retain(|_, size| *size > 0);
        let side = |bid: bool| -> Vec<(Price, Quantity)> {
            expected
                .iter()
                .filter(|((side, _), _)| *side == bid)
                .map(|((_, level), size)| (Price::whole(*level), Quantity::whole(*size)))
                .collect()
        };
        let mut bids = side(true);
        bids.reverse();
        prop_assert_eq!(book.bids().collect::<Vec<_>>(), bids.clone());
        prop_assert_eq!(book.asks().collect::<Vec<_>>(), side(false));
        prop_assert_eq!(book.best_bid(), bids.first().copied());
        prop_assert_eq!(book.size_at(BookSide::Bid, Price::whole(99)), Quantity::ZERO);
    }
}

#[test]
fn sale_conditions_decide_what_a_print_may_set() {
    // Condition, last, high and low, volume: the consolidated tape's processing guidelines.
    let cases = [
        (TradeConditions::REGULAR, true, true, true),
        (TradeConditions::ODD_LOT, false, false, true),
        (TradeConditions::OUT_OF_SEQUENCE, false, true, true),
        (TradeConditions::AVERAGE_PRICE, false, false, true),
        (TradeConditions::EXTENDED_HOURS, false, false, true),
        (TradeConditions::INTERMARKET_SWEEP, true, true, true),
        (TradeConditions::OPENING, true, true, true),
        (TradeConditions::OFFICIAL, false, false, false),
        (TradeConditions::CANCELED, false, false, false),
    ];
    for (condition, last, high_low, volume) in cases {
        assert_eq!(condition.updates_last(), last, "{condition:?}");
        assert_eq!(condition.updates_high_low(), high_low, "{condition:?}");
        assert_eq!(condition.updates_volume(), volume, "{condition:?}");
        let with_sweep = condition.with(TradeConditions::INTERMARKET_SWEEP);
        assert!(with_sweep.contains(condition));
        assert_eq!(with_sweep.updates_last(), last);
    }
}

#[test]
fn shares_of_one_stay_between_nothing_and_all() {
    assert_eq!(UnitInterval::new(0.25).unwrap().millionths(), 250_000);
    for value in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
        assert!(UnitInterval::new(value).is_err());
    }
    assert!(serde_json::from_str::<UnitInterval>("1000001").is_err());
    assert_eq!(
        serde_json::from_str::<UnitInterval>("1000000").unwrap(),
        UnitInterval::ONE
    );
}

#[test]
fn a_simulated_clock_never_goes_back() {
    let clock = SimulatedClock::at(Timestamp::from_nanos(10));
    clock.advance_to(Timestamp::from_nanos(5));
    assert_eq!(clock.now(), Timestamp::from_nanos(10));
    clock.advance_to(Timestamp::from_nanos(11));
    assert_eq!(clock.now(), Timestamp::from_nanos(11));
}

proptest! {
    #[test]
    fn timestamps_read_back_from_their_text(nanos in any::<i64>()) {
        let time = Timestamp::from_nanos(nanos);
        prop_assert_eq!(time.to_string().parse(), Ok(time));
    }
}

#[test]
fn vendors_have_stable_indexes() {
    let mut vendors = Vendors::new();
    assert_eq!(vendors.find("internal"), Some(VendorId::INTERNAL));
    let id = vendors.add("alpaca-sip").unwrap();
    assert_eq!(vendors.name(id), Some("alpaca-sip"));
    assert_eq!(vendors.name(VendorId(77)), None);
    assert_eq!(
        vendors.add("alpaca-sip"),
        Err(VendorError::Duplicate("alpaca-sip".into()))
    );
    for name in ["", "Has Space", "UPPER", "ä", &"x".repeat(41)] {
        assert!(matches!(vendors.add(name), Err(VendorError::NotAName(_))));
    }
}

#[test]
fn sides_are_opposites() {
    assert_eq!(Side::Buy.opposite(), Side::Sell);
    assert_eq!(Side::Buy.sign() + Side::Sell.sign(), 0);
}
