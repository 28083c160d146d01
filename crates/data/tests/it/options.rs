//! Recorded options of Alpaca and Massive: contracts, chains, what is not let in.

use trader_data::record_source::{OptionsSource, RecordRequest};
use trader_data::vendors::{
    Massive, VendorRecords, alpaca_chain, alpaca_contracts, massive_chain, massive_contracts,
};
use trader_domain::{OptionRight, VendorId};
use trader_testkit::http_server::{HttpServer, Reply};

use crate::vendors::{base, link};
use crate::{date, symbol};

const CHAIN: &str = include_str!("../data/massive_chain.json");

#[test]
fn contracts_of_both_vendors_have_the_same_form() {
    let alpaca = alpaca_contracts(include_bytes!("../data/alpaca_contracts.json")).unwrap();
    let apple = alpaca.delivery.records[0];
    assert_eq!(apple.contract.expiry, date("2023-11-03"));
    assert_eq!(apple.contract.right, OptionRight::Call);
    assert_eq!((apple.multiplier, apple.open_interest), (100, Some(0)));
    let body = include_str!("../data/massive_contracts.json");
    let massive = massive_contracts(body.as_bytes()).unwrap();
    let agilent = massive.delivery.records[0];
    assert_eq!(agilent.symbol.as_str(), "A     220520C00065000");
    assert_eq!(
        (agilent.underlying, agilent.open_interest),
        (symbol("A"), None)
    );
    assert_eq!(massive.delivery.rejects.len(), 0);
    // A strike that the symbol contradicts, and a style that nobody knows.
    for (from, to) in [
        ("\"strike_price\": 65", "\"strike_price\": 66"),
        ("\"american\"", "\"asian\""),
    ] {
        let bad = body.replacen(from, to, 1);
        let rejected = massive_contracts(bad.as_bytes()).unwrap().delivery.rejects;
        assert_eq!(rejected.len(), 1, "{to}");
    }
}

#[test]
fn quotes_keep_sizes_times_and_volatility() {
    let page = alpaca_chain(include_bytes!("../data/alpaca_chain.json")).unwrap();
    let (quote, time) = page.delivery.records[0];
    assert_eq!(quote.bid.unwrap().to_string(), "0.32");
    assert_eq!(quote.ask_size.to_string(), "119");
    assert_eq!(time, "2024-04-25T20:00:00.259610112Z".parse().unwrap());
    assert_eq!(quote.implied_volatility.unwrap().to_string(), "0.458447844");
    let page = massive_chain(CHAIN.as_bytes()).unwrap();
    let (quote, time) = page.delivery.records[0];
    assert_eq!((quote.open_interest, quote.volume), (8133, 8));
    assert_eq!(time.nanos(), 1_651_254_260_800_059_648);
    // A side without a quote is zero on the wire; no quote at all is no reject.
    let none = CHAIN.replace("\"bid\": 28.9", "\"bid\": 0");
    let page = massive_chain(none.as_bytes()).unwrap();
    assert_eq!(page.delivery.records[0].0.bid, None);
    let none = CHAIN.replace("\"last_quote\"", "\"x\"");
    let delivery = massive_chain(none.as_bytes()).unwrap().delivery;
    assert_eq!((delivery.records.len(), delivery.rejects.len()), (0, 0));
}

#[test]
fn a_chain_is_put_together_and_foreign_contracts_rejected() {
    let with_adjusted = {
        let mut chain: serde_json::Value = serde_json::from_str(CHAIN).unwrap();
        let mut adjusted = chain["results"][0].clone();
        adjusted["details"]["ticker"] = "O:AAPL1230616C00150000".into();
        let twice = chain["results"][0].clone();
        chain["results"]
            .as_array_mut()
            .unwrap()
            .extend([adjusted, twice]);
        chain.to_string()
    };
    let server = HttpServer::start(move |_, _| Reply::json(with_adjusted.clone())).unwrap();
    let source = VendorRecords::new(Massive::new(base(&server)), link("massive"));
    let (chain, rejects) = source.chain(symbol("AAPL"), VendorId(3)).unwrap();
    assert_eq!(chain.quotes().len(), 1);
    assert_eq!(chain.time().nanos(), 1_651_254_260_800_059_648);
    assert_eq!(rejects.len(), 2, "{rejects:?}");
    assert_eq!(
        server.requests()[0].target,
        "/v3/snapshot/options/AAPL?limit=250"
    );
    let other = source.chain(symbol("MSFT"), VendorId(3)).unwrap_err();
    assert!(
        other.to_string().contains("no usable option quote"),
        "{other}"
    );
    let request = RecordRequest {
        symbols: vec![],
        from: date("2024-01-01"),
        to: date("2024-02-01"),
    };
    let nobody = source.contracts(&request).unwrap_err();
    assert!(nobody.to_string().contains("which symbols"));
}
