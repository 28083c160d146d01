//! Texts and the companies they are about.

use proptest::prelude::*;
use trader_domain::Symbol;
use trader_features::news::{Company, Evidence, Linker, LinkerError};

fn symbol(text: &str) -> Symbol {
    Symbol::new(text).expect("symbol")
}

fn company(ticker: &str, names: &[&str]) -> Company {
    Company {
        symbol: symbol(ticker),
        names: names.iter().map(|name| (*name).to_owned()).collect(),
    }
}

fn linker() -> Linker {
    Linker::new(&[
        company("AAPL", &["Apple"]),
        company("TGT", &["Target"]),
        company("BRK.B", &["Berkshire Hathaway"]),
        company("T", &["AT&T"]),
        company("IT", &["Gartner"]),
        company("UAL", &["United Airlines", "United"]),
        company("UPS", &["United Parcel Service", "United"]),
        company("MSFT", &["Microsoft"]),
    ])
    .expect("a list of companies")
}

fn links(text: &str) -> Vec<(String, Evidence)> {
    let linked = linker().link(text, &[]);
    linked
        .links
        .iter()
        .map(|link| (link.symbol.to_string(), link.evidence))
        .collect()
}

fn one(ticker: &str, evidence: Evidence) -> Vec<(String, Evidence)> {
    vec![(ticker.to_owned(), evidence)]
}

#[test]
fn cashtags_exchange_tags_names_and_tickers_are_found() {
    assert_eq!(
        links("loading up on $aapl today"),
        one("AAPL", Evidence::Cashtag)
    );
    assert_eq!(
        links("Apple Inc. (NASDAQ: AAPL) reports"),
        one("AAPL", Evidence::ExchangeTag)
    );
    assert_eq!(
        links("Microsoft's cloud grows"),
        one("MSFT", Evidence::Name)
    );
    assert_eq!(
        links("Microsoft Corp cuts jobs"),
        one("MSFT", Evidence::FullName)
    );
    assert_eq!(links("Why MSFT fell"), one("MSFT", Evidence::Ticker));
    assert_eq!(
        links("Shares of BRK.B and AT&T rose"),
        [
            ("BRK.B".to_owned(), Evidence::Ticker),
            ("T".to_owned(), Evidence::Name),
        ]
    );
    assert_eq!(
        links("Berkshire Hathaway, up"),
        one("BRK.B", Evidence::Name)
    );
    let vendor = linker().link("Chip stocks rally", &[symbol("NVDA")]);
    assert_eq!(vendor.links[0].evidence, Evidence::Vendor);
}

#[test]
fn words_that_happen_to_be_names_or_tickers_are_not_companies() {
    for text in [
        "Target price raised to $50",
        "apple harvest falls",
        "Analysts cut their target",
        "IT spending grows",
        "A T in the road",
        "ALL CAPS MSFT SHOUTING",
        "microsoft word",
    ] {
        assert_eq!(links(text), [], "{text}");
    }
    assert_eq!(
        links("Shoppers return to Target"),
        one("TGT", Evidence::Name)
    );
    assert_eq!(links("Target Corp beats"), one("TGT", Evidence::FullName));
    assert_eq!(links("Profit jumps at Apple"), one("AAPL", Evidence::Name));
}

#[test]
fn a_shared_name_is_ambiguous_until_the_text_decides() {
    let open = linker().link("Strike looms at United", &[]);
    assert_eq!(open.links, []);
    assert_eq!(
        open.ambiguous,
        [("United".to_owned(), vec![symbol("UAL"), symbol("UPS")])]
    );
    let decided = linker().link("United says $UAL bookings rise", &[]);
    assert_eq!(decided.ambiguous, []);
    assert_eq!(decided.links[0].symbol, symbol("UAL"));
    // The longer name wins.
    assert_eq!(
        links("United Airlines adds flights"),
        one("UAL", Evidence::Name)
    );
}

#[test]
fn wrong_lists_are_refused() {
    assert_eq!(
        Linker::new(&[company("A", &["x"]), company("A", &["y"])]).unwrap_err(),
        LinkerError::Duplicate(symbol("A"))
    );
    assert!(matches!(
        Linker::new(&[company("A", &["--"])]),
        Err(LinkerError::EmptyName { .. })
    ));
}

proptest! {
    #[test]
    fn any_text_is_linked_without_panic_to_known_companies(text in "\\PC{0,60}|((\\$|NASDAQ: ?|)(AAPL|Apple|United|Target|T|'s|\\.|Inc) ?){0,10}") {
        for link in linker().link(&text, &[]).links {
            prop_assert!(link.evidence.confidence() > 0.0);
            prop_assert!(["AAPL", "TGT", "BRK.B", "T", "IT", "UAL", "UPS", "MSFT"].contains(&link.symbol.as_str()));
        }
    }
}
