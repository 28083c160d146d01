//! OCC option symbols: round trips, real contracts, and text that is not one.

use chrono::NaiveDate;
use proptest::prelude::*;
use trader_domain::{
    ExerciseStyle, MarketCalendar, OccError, OptionContract, OptionQuote, OptionRight, Price,
    Quantity, Symbol, Timestamp, VendorId,
};

fn parse(text: &str) -> Result<OptionContract, OccError> {
    OptionContract::parse_occ(text, ExerciseStyle::American)
}

#[test]
fn listed_contracts_read_as_their_terms() {
    // The last is SPX with a European style, which the symbol does not say.
    let cases = [
        (
            "AAPL  240621C00190000",
            "AAPL",
            "2024-06-21",
            "190",
            OptionRight::Call,
        ),
        (
            "AAPL240621P00187500",
            "AAPL",
            "2024-06-21",
            "187.5",
            OptionRight::Put,
        ),
        (
            "BRKB  250117C00400000",
            "BRKB",
            "2025-01-17",
            "400",
            OptionRight::Call,
        ),
        (
            "SPXW  231229P04765000",
            "SPXW",
            "2023-12-29",
            "4765",
            OptionRight::Put,
        ),
        (
            "F     260116C00000500",
            "F",
            "2026-01-16",
            "0.5",
            OptionRight::Call,
        ),
        (
            "GOOG1 151219C00750000",
            "GOOG1",
            "2015-12-19",
            "750",
            OptionRight::Call,
        ),
    ];
    for (text, root, expiry, strike, right) in cases {
        let contract = parse(text).unwrap();
        assert_eq!(contract.underlying.as_str(), root);
        assert_eq!(contract.expiry, expiry.parse::<NaiveDate>().unwrap());
        assert_eq!(contract.strike, strike.parse::<Price>().unwrap());
        assert_eq!(contract.right, right);
        assert_eq!(contract.occ_symbol().unwrap().as_str().len(), 21);
        assert_eq!(
            parse(contract.occ_symbol().unwrap().as_str()).unwrap(),
            contract
        );
    }
}

#[test]
fn text_that_is_not_an_occ_symbol_is_refused() {
    let corpus = [
        "",
        "AAPL",
        "240621C00190000",
        "AAPL  240621X00190000",
        "AAPL  240631C00190000",
        "AAPL  241321C00190000",
        "AAPL  240600C00190000",
        "AAPL  240621C00000000",
        "AAPL  240621C0019000",
        "AAPL  240621C001900000",
        "AAPL  240621c00190000",
        "aapl  240621C00190000",
        "ABCDEFG240621C00190000",
        "AA PL 240621C00190000",
        " AAPL 240621C00190000",
        "AAPL  24062 C00190000",
        "AAPL  240621C-0190000",
        "AAPL  240621C+0190000",
        "AAPL  240621C0019000O",
        "AAPL  2406２1C00190000",
        "ÄAPL  240621C00190000",
        "AAPL\t 240621C00190000",
        "AAPL\0 240621C00190000",
        "      240621C00190000",
    ];
    for text in corpus {
        assert!(
            matches!(parse(text), Err(OccError::Malformed(_))),
            "{text:?}"
        );
    }
    assert!(parse("230229C00190000A").is_err());
}

#[test]
fn terms_that_21_characters_cannot_hold_have_no_symbol() {
    let good = parse("AAPL  240621C00190000").unwrap();
    let cases = [
        OptionContract {
            strike: "190.0005".parse().unwrap(),
            ..good
        },
        OptionContract {
            strike: Price::whole(100_000),
            ..good
        },
        OptionContract {
            strike: Price::ZERO,
            ..good
        },
        OptionContract {
            expiry: "1999-12-18".parse().unwrap(),
            ..good
        },
        OptionContract {
            underlying: Symbol::new("TOOLONG").unwrap(),
            ..good
        },
    ];
    for contract in cases {
        assert!(matches!(
            contract.occ_symbol(),
            Err(OccError::NotExpressible(_))
        ));
    }
}

fn contract() -> impl Strategy<Value = OptionContract> {
    (
        "[A-Z][A-Z0-9.]{0,5}",
        (2000_i32..2100, 1_u32..13, 1_u32..29),
        1_i64..100_000_000,
        any::<bool>(),
    )
        .prop_map(
            |(root, (year, month, day), thousandths, calls)| OptionContract {
                underlying: Symbol::new(&root).unwrap(),
                expiry: NaiveDate::from_ymd_opt(year, month, day).unwrap(),
                strike: Price::from_units(thousandths * 1_000_000).unwrap(),
                right: if calls {
                    OptionRight::Call
                } else {
                    OptionRight::Put
                },
                style: ExerciseStyle::American,
            },
        )
}

proptest! {
    #[test]
    fn a_contract_reads_back_from_its_symbol(contract in contract()) {
        let symbol = contract.occ_symbol().unwrap();
        prop_assert_eq!(parse(symbol.as_str()), Ok(contract));
        let compact: String = symbol.as_str().chars().filter(|c| *c != ' ').collect();
        prop_assert_eq!(parse(&compact), Ok(contract));
        let json = serde_json::to_string(&contract).unwrap();
        prop_assert_eq!(serde_json::from_str::<OptionContract>(&json).unwrap(), contract);
    }

    #[test]
    fn any_text_is_refused_or_reads_back(text in "\\PC{0,30}", near in "[A-Z ]{1,6}[0-9]{6}[CPX][0-9]{8}") {
        for text in [text, near] {
            if let Ok(contract) = parse(&text) {
                prop_assert_eq!(parse(contract.occ_symbol().unwrap().as_str()), Ok(contract));
            }
        }
    }
}

/// Every contract of LEAN's option universes, where the machine has them: symbols round-trip, the
/// rows make chains, and expiries are days that the calendar knows.
#[test]
fn real_universes_make_symbols_and_chains() {
    let root = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/data/lean/Data/option/usa/universes"
    );
    let Ok(folders) = std::fs::read_dir(root) else {
        println!("skipped: no {root}");
        return;
    };
    let mut contracts = 0;
    for folder in folders {
        let folder = folder.unwrap();
        let name = folder.file_name().to_str().unwrap().to_uppercase();
        let underlying = Symbol::new(&name).unwrap();
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            let quotes: Vec<OptionQuote> = text
                .lines()
                .filter_map(|line| quote(underlying, line))
                .collect();
            contracts += quotes.len();
            check_universe(underlying, quotes);
        }
    }
    assert!(contracts > 10_000, "{contracts}");
}

fn quote(underlying: Symbol, line: &str) -> Option<OptionQuote> {
    let fields: Vec<&str> = line.split(',').collect();
    let expiry = NaiveDate::parse_from_str(fields.first()?, "%Y%m%d").ok()?;
    Some(OptionQuote {
        contract: OptionContract {
            underlying,
            expiry,
            strike: fields[1].parse().unwrap(),
            right: if fields[2] == "C" {
                OptionRight::Call
            } else {
                OptionRight::Put
            },
            style: ExerciseStyle::American,
        },
        bid: None,
        bid_size: Quantity::ZERO,
        ask: None,
        ask_size: Quantity::ZERO,
        last: fields[6].parse().ok(),
        volume: fields[7].parse().unwrap_or(0),
        open_interest: fields[8].parse().unwrap_or(0),
        implied_volatility: fields[9].parse().ok(),
    })
}

fn check_universe(underlying: Symbol, quotes: Vec<OptionQuote>) {
    let calendar = MarketCalendar::us_equities();
    let count = quotes.len();
    for quote in &quotes {
        let symbol = quote.contract.occ_symbol().unwrap();
        assert_eq!(parse(symbol.as_str()).unwrap(), quote.contract);
        let last = calendar
            .last_option_trading_day(quote.contract.expiry)
            .unwrap();
        let apart = quote.contract.expiry.signed_duration_since(last).num_days();
        assert!((0..=2).contains(&apart), "{symbol}");
    }
    let times = (Timestamp::EPOCH, Timestamp::EPOCH);
    let chain =
        trader_domain::OptionChain::new(underlying, VendorId(1), times, None, quotes).unwrap();
    let by_expiry: usize = chain
        .expiries()
        .map(|expiry| chain.expiring(expiry).len())
        .sum();
    assert_eq!(by_expiry, count);
    for quote in chain.quotes() {
        let OptionContract {
            expiry,
            strike,
            right,
            ..
        } = quote.contract;
        assert_eq!(chain.find(expiry, strike, right), Some(quote));
    }
}
