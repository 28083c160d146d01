//! Bodies of vendors: the first byte chooses the decoder, the rest is the body.
#![allow(
    clippy::panic,
    clippy::expect_used,
    reason = "a target reports a broken invariant by panicking"
)]

use trader_data::http::Url;
use trader_data::record_source::{Delivery, Stamp};
use trader_data::resilience::jwt_expiry;
use trader_data::vendors::{
    Alpaca, AlpacaFeed, AlphaVantage, BarAsk, BarVendor, Edgar, Finnhub, Massive, Next, Page,
    PageFault, Rows, Yahoo, alpaca_account, alpaca_actions, alpaca_assets, alpaca_calendar,
    alpaca_chain, alpaca_contracts, alpaca_news, benzinga_news, edgar_companies, edgar_submissions,
    finnhub_news, finnhub_symbols, massive_chain, massive_contracts, massive_dividends,
    massive_news, massive_splits, massive_tickers, reddit_posts, yahoo_actions,
};
use trader_domain::{Symbol, Timeframe, Timestamp, VendorId};

use crate::Verdict;

const STAMP: Stamp = Stamp {
    vendor: VendorId(1),
    received: Timestamp::from_nanos(1_900_000_000_000_000_000),
};

fn base() -> Url {
    Url::parse("https://vendor.example").expect("a constant address")
}

fn apple() -> Symbol {
    Symbol::new("AAPL").expect("a constant symbol")
}

/// Any page is refused or read; what is rejected keeps a bounded text.
fn page<T>(read: Result<Page<T>, PageFault>) -> Verdict {
    read.map_or(Verdict::Refused, |page| delivered(&page.delivery))
}

fn delivered<T>(delivery: &Delivery<T>) -> Verdict {
    for reject in &delivery.rejects {
        assert!(
            reject.raw.len() <= 2_000,
            "a reject of {} bytes",
            reject.raw.len()
        );
    }
    Verdict::Accepted
}

/// Rows stay rows: as many lines as bars, each with all its fields.
fn bars(vendor: &impl BarVendor, timeframe: Timeframe, body: &[u8]) -> Verdict {
    let date = |text: &str| text.parse().expect("a constant date");
    let ask = BarAsk {
        symbol: apple(),
        timeframe,
        from: date("2023-01-03"),
        to: date("2024-01-31"),
    };
    let asked = vendor.first(&ask).expect("a question that can be asked");
    let mut rows = Rows::new();
    let outcome = vendor.page(&ask, &asked, body, &mut rows);
    let count = rows.count();
    let text = String::from_utf8(rows.into_bytes()).expect("rows are text");
    assert_eq!(text.lines().count(), count + 1, "a row became several");
    for line in text.lines() {
        assert_eq!(
            line.matches(',').count(),
            7,
            "a row with other fields: {line}"
        );
    }
    match outcome {
        Ok(Next::At(next)) => {
            assert_eq!(next.host(), asked.host(), "another host");
            Verdict::Accepted
        }
        Ok(Next::End) => Verdict::Accepted,
        Err(_) => Verdict::Refused,
    }
}

/// Every decoder of a vendor's body.
pub fn vendors(data: &[u8]) -> Verdict {
    let Some((&choice, body)) = data.split_first() else {
        return Verdict::Refused;
    };
    let (day, minute) = (Timeframe::Session, Timeframe::MINUTE);
    match choice % 28 {
        0 => bars(&Alpaca::new(base(), AlpacaFeed::Sip), minute, body),
        1 => bars(&Massive::new(base()), day, body),
        2 => bars(&Finnhub::new(base()), day, body),
        3 => bars(&Finnhub::new(base()), minute, body),
        4 => bars(&AlphaVantage::new(base(), "KEY"), day, body),
        5 => bars(&AlphaVantage::new(base(), "KEY"), minute, body),
        6 => bars(&Yahoo::new(base()), day, body),
        7 => page(alpaca_news(body, STAMP)),
        8 => page(alpaca_actions(body, STAMP)),
        9 => page(alpaca_assets(body, STAMP)),
        10 => page(alpaca_calendar(body)),
        11 => page(alpaca_contracts(body)),
        12 => page(alpaca_chain(body)),
        13 => page(massive_news(body, STAMP)),
        14 => page(massive_tickers(body, STAMP)),
        15 => page(massive_splits(body, STAMP)),
        16 => page(massive_dividends(body, STAMP)),
        17 => page(massive_contracts(body)),
        18 => page(massive_chain(body)),
        19 => page(finnhub_news(body, STAMP)),
        20 => page(finnhub_symbols(body, STAMP)),
        21 => page(benzinga_news(body, STAMP)),
        22 => page(yahoo_actions(body, apple(), STAMP)),
        23 => page(reddit_posts(body, apple(), STAMP)),
        24 => {
            let edgar = Edgar::new(base(), base());
            edgar_submissions(&edgar, body, STAMP)
                .map_or(Verdict::Refused, |found| delivered(&found.delivery))
        }
        25 => accepted(edgar_companies(body).is_ok()),
        26 => accepted(alpaca_account(body).is_ok()),
        _ => accepted(std::str::from_utf8(body).is_ok_and(|text| jwt_expiry(text).is_some())),
    }
}

fn accepted(is: bool) -> Verdict {
    if is {
        Verdict::Accepted
    } else {
        Verdict::Refused
    }
}

/// Recorded and made-up bodies, each after the byte of its decoder.
pub(super) fn vendor_seeds() -> Vec<Vec<u8>> {
    macro_rules! recorded {
        ($($choice:literal => $file:literal),* $(,)?) => {
            vec![$(($choice, &include_bytes!(concat!("../../../crates/data/tests/data/", $file))[..])),*]
        };
    }
    let mut seeds: Vec<(u8, &[u8])> = recorded![
        7 => "alpaca_news.json",
        8 => "alpaca_actions.json",
        9 => "alpaca_assets.json",
        11 => "alpaca_contracts.json",
        12 => "alpaca_chain.json",
        13 => "massive_news.json",
        14 => "massive_tickers.json",
        15 => "massive_splits.json",
        16 => "massive_dividends.json",
        17 => "massive_contracts.json",
        18 => "massive_chain.json",
        24 => "edgar_submissions.json",
    ];
    seeds.extend([
        (0, &br#"{"symbol":"AAPL","bars":[{"t":"2023-01-03T14:30:00Z","o":1,"h":2,"l":1,"c":1.5,"v":3}],"next_page_token":"x"}"#[..]),
        (1, br#"{"ticker":"AAPL","adjusted":false,"status":"OK","results":[{"t":1672722000000,"o":1,"h":2,"l":1,"c":1,"v":1.1e+08}],"next_url":"https://other.example/x"}"#),
        (2, br#"{"s":"ok","t":[1672722000],"o":[1],"h":[2],"l":[1],"c":[1.5],"v":[3]}"#),
        (6, br#"{"chart":{"result":[{"meta":{"symbol":"AAPL","dataGranularity":"1d"},"timestamp":[1672756200],"indicators":{"quote":[{"open":[1],"high":[2],"low":[1],"close":[189.99000549316406],"volume":[3]}]}}],"error":null}}"#),
        (10, br#"[{"date":"2023-11-24","open":"09:30","close":"13:00"}]"#),
        (19, br#"[{"datetime":1672756200,"headline":"h","id":1,"related":"AAPL","source":"s"}]"#),
        (20, br#"[{"symbol":"SPY","description":"x","type":"ETP"}]"#),
        (21, br#"[{"id":1,"created":"Wed, 17 May 2017 14:20:15 -0400","title":"t","stocks":[{"name":"AAPL"}]}]"#),
        (22, br#"{"chart":{"result":[{"meta":{"symbol":"AAPL"},"events":{"dividends":{"1":{"amount":0.205,"date":1596807000}},"splits":{"3":{"date":1598880600,"numerator":4,"denominator":1}}}}],"error":null}}"#),
        (23, br#"{"data":{"after":"t3_b","children":[{"kind":"t3","data":{"id":"a","author":"a","title":"AAPL","created_utc":1672756200.0,"ups":1,"num_comments":2}}]}}"#),
        (25, br#"{"0":{"cik_str":1,"ticker":"AAPL","title":"x"}}"#),
        (26, br#"{"status":"ACTIVE"}"#),
        (27, b"e30.eyJleHAiOjEzMDA4MTkzODB9.x"),
    ]);
    let intraday = include_str!("../../../crates/data/tests/data/alpha_vantage_intraday.json");
    let intraday = intraday.replace("MSFT", "AAPL");
    seeds.push((5, intraday.as_bytes()));
    let with_choice = |(choice, body): (u8, &[u8])| [&[choice], body].concat();
    seeds.into_iter().map(with_choice).collect()
}
