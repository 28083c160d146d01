//! Listings, announced corporate actions and filings: what they refuse.

use trader_domain::{
    AnnouncedAction, AnnouncedTerms, Filing, ListedClass, Listing, ListingStatus, Price, Quantity,
    Record, RecordError, Symbol, Timestamp, VendorId,
};

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn action(terms: AnnouncedTerms) -> AnnouncedAction {
    AnnouncedAction {
        id: "1".into(),
        vendor: VendorId(1),
        symbol: Symbol::new("NVDA").unwrap(),
        terms,
        ex_date: "2024-06-10".parse().unwrap(),
        record_date: None,
        payable_date: None,
        declared: None,
        received: time("2024-06-01T00:00:00Z"),
    }
}

#[test]
fn an_action_without_a_meaning_is_refused() {
    let split = |to, from| action(AnnouncedTerms::Split { to, from });
    assert_eq!(split(Quantity::whole(10), Quantity::ONE).validate(), Ok(()));
    assert!(split(Quantity::ZERO, Quantity::ONE).validate().is_err());
    assert!(
        split(Quantity::ONE, Quantity::whole(-1))
            .validate()
            .is_err()
    );
    let dividend = |amount: &str| AnnouncedTerms::CashDividend {
        amount: amount.parse().unwrap(),
        special: false,
    };
    assert_eq!(action(dividend("0.04")).validate(), Ok(()));
    assert!(action(dividend("-0.04")).validate().is_err());
    let merger = |into, cash| AnnouncedTerms::Merger {
        into,
        to: Quantity::ONE,
        from: Quantity::ONE,
        cash,
    };
    assert_eq!(action(merger(None, Price::whole(95))).validate(), Ok(()));
    assert!(action(merger(None, Price::ZERO)).validate().is_err());
    let same = Symbol::new("NVDA").unwrap();
    let renamed = action(AnnouncedTerms::SymbolChange { symbol: same });
    assert!(matches!(
        renamed.validate(),
        Err(RecordError::Contradiction(_))
    ));
}

#[test]
fn a_listing_ends_after_it_began() {
    let listing = Listing {
        id: "b0b6dd9d".into(),
        vendor: VendorId(1),
        symbol: Symbol::new("TWTR").unwrap(),
        name: "Twitter, Inc.".into(),
        exchange: Some("NYSE".into()),
        class: ListedClass::Equity,
        status: ListingStatus::Inactive,
        tradable: Some(false),
        marginable: None,
        shortable: None,
        easy_to_borrow: None,
        fractionable: None,
        cik: Some("0001418091".into()),
        figi: None,
        listed: Some("2013-11-07".parse().unwrap()),
        delisted: Some("2022-10-28".parse().unwrap()),
        received: time("2024-06-01T00:00:00Z"),
    };
    assert_eq!(listing.validate(), Ok(()));
    let reversed = Listing {
        listed: listing.delisted,
        delisted: listing.listed,
        ..listing
    };
    assert!(reversed.validate().is_err());
}

#[test]
fn a_filing_is_known_when_it_was_accepted() {
    let filing = Filing {
        id: "0000320193-24-000069".into(),
        vendor: VendorId(1),
        filer: "0000320193".into(),
        company: "Apple Inc.".into(),
        form: "10-Q".into(),
        published: time("2024-05-02T22:04:25Z"),
        received: time("2024-05-02T22:05:00Z"),
        period: Some("2024-03-30".parse().unwrap()),
        items: Vec::new(),
        symbols: vec![Symbol::new("AAPL").unwrap()],
        url: None,
    };
    assert_eq!(filing.validate(), Ok(()));
    let early = Filing {
        received: time("2024-05-02T22:00:00Z"),
        ..filing.clone()
    };
    assert!(matches!(
        early.validate(),
        Err(RecordError::ReceivedBeforePublished { .. })
    ));
    let nameless = Filing {
        form: " ".into(),
        ..filing
    };
    assert_eq!(
        nameless.validate(),
        Err(RecordError::Empty { field: "form" })
    );
}
