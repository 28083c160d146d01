//! Records to keep.

use trader_domain::{
    AnnouncedAction, AnnouncedTerms, Filing, ListedClass, Listing, ListingStatus, NewsItem, Price,
    SocialPost, Symbol, Timestamp, VendorId, Vendors,
};

pub(crate) fn vendors() -> Vendors {
    let mut vendors = Vendors::new();
    for name in ["alpaca", "massive", "reddit", "sec"] {
        vendors.add(name).unwrap();
    }
    vendors
}

/// A time in seconds.
pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_nanos(second * 1_000_000_000)
}

pub(crate) fn symbol(text: &str) -> Symbol {
    Symbol::new(text).unwrap()
}

pub(crate) fn news(id: &str, published: i64, headline: &str) -> NewsItem {
    NewsItem {
        id: id.into(),
        vendor: VendorId(1),
        published: at(published),
        received: at(published + 1),
        headline: headline.into(),
        body: Some("body".into()),
        source: "wire".into(),
        symbols: vec![symbol("AAPL"), symbol("MSFT"), symbol("AAPL")],
        url: None,
    }
}

pub(crate) fn post(id: &str, text: &str) -> SocialPost {
    SocialPost {
        id: id.into(),
        vendor: VendorId(3),
        platform: "reddit".into(),
        author: "someone".into(),
        published: at(5),
        received: at(6),
        text: text.into(),
        symbols: vec![symbol("GME")],
        likes: u64::MAX,
        shares: 0,
        replies: 1,
        followers: None,
    }
}

pub(crate) fn filing(id: &str) -> Filing {
    Filing {
        id: id.into(),
        vendor: VendorId(4),
        filer: "0000320193".into(),
        company: "Apple Inc.".into(),
        form: "8-K".into(),
        published: at(7),
        received: at(9),
        period: Some("2024-03-30".parse().unwrap()),
        items: vec!["2.02".into(), "9.01".into()],
        symbols: vec![symbol("AAPL")],
        url: Some("https://www.sec.gov/x".into()),
    }
}

pub(crate) fn listing(id: &str) -> Listing {
    Listing {
        id: id.into(),
        vendor: VendorId(2),
        symbol: symbol("BRK.B"),
        name: "Berkshire".into(),
        exchange: Some("XNYS".into()),
        class: ListedClass::Equity,
        status: ListingStatus::Active,
        tradable: Some(true),
        marginable: None,
        shortable: Some(false),
        easy_to_borrow: None,
        fractionable: None,
        cik: None,
        figi: None,
        listed: Some("1996-05-09".parse().unwrap()),
        delisted: None,
        received: at(3),
    }
}

pub(crate) fn action(id: &str) -> AnnouncedAction {
    AnnouncedAction {
        id: id.into(),
        vendor: VendorId(1),
        symbol: symbol("AAPL"),
        terms: AnnouncedTerms::CashDividend {
            amount: "0.123456789".parse::<Price>().unwrap(),
            special: false,
        },
        ex_date: "2024-05-10".parse().unwrap(),
        record_date: None,
        payable_date: Some("2024-05-16".parse().unwrap()),
        declared: None,
        received: at(2),
    }
}
