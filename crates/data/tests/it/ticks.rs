//! Ticks on their way into the store: real ones of a LEAN data folder, faulty ones, vendors' pages.

use std::path::Path;

use trader_data::record_source::Delivery;
use trader_data::streams::SaleRules;
use trader_data::ticks::{DamagedDays, LeanTicks, bars_of_trades, put_ticks};
use trader_data::vendors::{alpaca_quotes, alpaca_trades, massive_quotes, massive_trades};
use trader_domain::{Quantity, TradeConditions};
use trader_storage::lean::{LeanFolder, LeanRequest, LeanResolution};
use trader_storage::store::{MarketStore, StoredQuote, StoredTrade, TickKind, TickText};
use trader_storage::{ReadOptions, collect_series};

use crate::{date, now, symbol};

const FOLDER: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../../shared/data/lean/Data"
);

#[test]
fn bars_rebuilt_from_stored_trades_are_the_shipped_ones() {
    if !Path::new(FOLDER).is_dir() {
        println!("skipped: there is no LEAN data folder beside the project");
        return;
    }
    let scratch = tempfile::tempdir().unwrap();
    let store = MarketStore::create(scratch.path()).unwrap();
    let options = ReadOptions::new(now());
    let source = LeanTicks::open(Path::new(FOLDER), options.clone()).unwrap();
    let (spy, day) = (symbol("SPY"), date("2013-10-07"));
    assert!(source.days(spy, TickKind::Trades).unwrap().contains(&day));
    let read = || Delivery {
        records: source.trades(spy, day).unwrap(),
        rejects: Vec::new(),
    };
    let put = || {
        put_ticks(
            &store,
            ("lean", spy),
            "SPY 2013-10-07",
            read(),
            (now(), DamagedDays::Refuse),
        )
        .unwrap()
    };
    let first = put();
    println!(
        "{} trades stored, rejected: {:?}",
        first.put.added, first.rejects
    );
    assert_eq!((first.put.added, put().put.added), (first.rows, 0));
    let trades: Vec<StoredTrade> = store.ticks("lean", spy, day).unwrap();
    let built = bars_of_trades(&trades, 60, SaleRules::Lean).unwrap();
    let request = LeanRequest {
        ticker: "spy".to_owned(),
        as_of: day,
        resolution: LeanResolution::Minute,
        from: Some(day),
        to: Some(day),
    };
    let mut bars = LeanFolder::open(Path::new(FOLDER))
        .unwrap()
        .bars(&request, &options)
        .unwrap();
    let shipped = collect_series(&mut bars).unwrap().pop().unwrap().columns;
    let (mut volume, mut prices) = (0, 0);
    for at in 0..shipped.len() {
        let Some(bar) = built.iter().find(|bar| bar.start == shipped.start[at]) else {
            continue;
        };
        volume += usize::from(bar.volume == shipped.volume.as_ref().unwrap()[at]);
        let same = (bar.open, bar.high, bar.low, bar.close)
            == (
                shipped.open[at],
                shipped.high[at],
                shipped.low[at],
                shipped.close[at],
            );
        prices += usize::from(same);
    }
    // As from the tick file itself: what the store keeps is all that bars are made of.
    assert_eq!((volume, prices, shipped.len()), (825, 825, 828));
}

fn text(text: &str) -> TickText {
    TickText::from(text).unwrap()
}

#[test]
fn what_is_not_let_in_is_set_aside_with_its_reason() {
    let scratch = tempfile::tempdir().unwrap();
    let store = MarketStore::create(scratch.path()).unwrap();
    let good = StoredTrade {
        time: "2023-06-05T14:30:00Z".parse().unwrap(),
        received: None,
        price: "5".parse().unwrap(),
        size: Quantity::whole(1),
        exchange: text("P"),
        conditions: TradeConditions::REGULAR,
        codes: text("@"),
        tape: text("A"),
        id: text("1"),
        sequence: None,
        revised: None,
        replaces: TickText::new(),
    };
    let at = |time: &str, id: &str| StoredTrade {
        time: time.parse().unwrap(),
        id: text(id),
        ..good
    };
    let rows = vec![
        good,
        good,
        StoredTrade {
            price: "6".parse().unwrap(),
            ..good
        },
        StoredTrade {
            price: "0".parse().unwrap(),
            id: text("2"),
            ..good
        },
        at("2023-06-05T14:29:59Z", "3"),
        at("2023-06-06T02:00:00Z", "4"),
        at("2030-06-05T14:30:00Z", "5"),
    ];
    let delivery = Delivery {
        records: rows,
        rejects: Vec::new(),
    };
    let put = put_ticks(
        &store,
        ("test", symbol("A")),
        "a day",
        delivery,
        (now(), DamagedDays::Refuse),
    )
    .unwrap();
    assert_eq!((put.rows, put.put.added), (2, 1));
    let reasons: Vec<&str> = put.rejects.keys().map(String::as_str).collect();
    let expected = [
        "duplicate_id",
        "future",
        "off_session",
        "out_of_order",
        "price_not_positive",
    ];
    assert_eq!(reasons, expected);
    let lines = std::fs::read_to_string(put.quarantine.unwrap()).unwrap();
    assert_eq!(lines.lines().count(), 5);
}

/// The example of Alpaca's market-data document, with updates as it describes them.
#[test]
fn alpacas_pages_become_trades_and_quotes() {
    let body = br#"{"symbol":"SPY","next_page_token":"abc","trades":[
        {"c":["@","T"],"i":1,"p":178.26,"s":246,"t":"2022-01-03T09:00:00.086175744Z","x":"P","z":"C"},
        {"c":["@"],"i":2,"p":178.3,"s":1,"t":"2022-01-03T09:00:01Z","x":"P","z":"C","u":"canceled"},
        {"c":["@"],"i":3,"p":178.3,"s":1,"t":"2022-01-03T09:00:01Z","x":"P","z":"C","u":"new"},
        {"c":["@"],"i":4,"p":"x","s":1,"t":"2022-01-03T09:00:01Z","x":"P","z":"C"}]}"#;
    let page = alpaca_trades(body, symbol("SPY")).unwrap();
    assert_eq!(page.next.as_deref(), Some("abc"));
    assert_eq!(
        (page.delivery.records.len(), page.delivery.rejects.len()),
        (2, 2)
    );
    let first = page.delivery.records[0];
    assert_eq!(first.time.to_string(), "2022-01-03T09:00:00.086175744Z");
    assert_eq!(
        (first.price, first.size),
        ("178.26".parse().unwrap(), Quantity::whole(246))
    );
    assert_eq!(
        (first.id, first.codes, first.tape),
        (text("1"), text("@,T"), text("C"))
    );
    assert!(first.conditions.contains(TradeConditions::EXTENDED_HOURS));
    assert!(page.delivery.records[1].is_canceled());
    assert!(
        alpaca_trades(body, symbol("QQQ")).is_err(),
        "a page about another symbol"
    );
    let body =
        br#"{"symbol":"SPY","next_page_token":null,"quotes":[{"ap":387.7,"as":1,"ax":"C","bp":0,
        "bs":0,"bx":" ","c":["R"],"t":"2021-02-06T13:35:08.946977536Z","z":"C"}]}"#;
    let sizes = |day: &str| {
        let page = alpaca_quotes(body, symbol("SPY"), date(day)).unwrap();
        let quote: StoredQuote = page.delivery.records[0];
        assert_eq!(quote.bid, Some(trader_domain::Price::ZERO));
        quote.ask_size
    };
    assert_eq!(
        sizes("2021-02-06"),
        Quantity::whole(100),
        "round lots until November 2025"
    );
    assert_eq!(sizes("2025-11-03"), Quantity::whole(1), "shares since");
}

/// The examples of Massive's document.
#[test]
fn massives_pages_become_trades_and_quotes() {
    let body = br#"{"next_url":"https://api.massive.com/v3/trades/AAPL?cursor=a","status":"OK","results":[
        {"conditions":[12,41],"exchange":11,"id":"1","participant_timestamp":1517562000015577000,
         "price":171.55,"sequence_number":1063,"sip_timestamp":1517562000016036600,"size":100,"tape":3},
        {"correction":8,"exchange":4,"trf_id":201,"id":"2","participant_timestamp":1517562000015577600,
         "price":171.55,"sequence_number":1064,"sip_timestamp":1517562000016038100,"size":100,"tape":3}]}"#;
    let page = massive_trades(body).unwrap();
    assert!(page.next.unwrap().contains("cursor=a"));
    let [first, second] = page.delivery.records[..] else {
        panic!("{:?}", page.delivery)
    };
    assert_eq!(first.time.nanos(), 1_517_562_000_016_036_600);
    assert_eq!(
        (first.exchange, first.tape, first.sequence),
        (text("11"), text("C"), Some(1063))
    );
    assert!(!first.is_canceled() && second.is_canceled());
    assert_eq!(second.exchange, text("4/201"));
    let body = br#"{"status":"OK","results":[{"ask_exchange":0,"ask_price":0,"ask_size":0,"bid_exchange":11,
        "bid_price":102.7,"bid_size":60,"conditions":[1],"participant_timestamp":1517562000065321200,
        "sequence_number":2060,"sip_timestamp":1517562000065700400,"tape":3}]}"#;
    let quote = massive_quotes(body).unwrap().delivery.records[0];
    assert_eq!(
        (quote.bid, quote.bid_size),
        (Some("102.7".parse().unwrap()), Quantity::whole(6000))
    );
    assert_eq!(quote.ask, Some(trader_domain::Price::ZERO));
}
