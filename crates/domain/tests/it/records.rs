//! Records from vendors, option chains and portfolio snapshots: what they refuse and compute.

use chrono::NaiveDate;
use proptest::prelude::*;
use trader_domain::{
    AccountId, AnalystRating, EarningsEvent, EconomicRelease, ExerciseStyle, FiscalPeriod,
    Fundamentals, Importance, InsiderRole, InsiderTrade, InstrumentId, MarginRequirement, Money,
    OptionChain, OptionChainError, OptionContract, OptionQuote, OptionRight, PortfolioParts,
    PortfolioSnapshot, Position, PositionFill, PositionSnapshot, Price, Quantity, Rating,
    RatingAction, Record, RecordError, ReportTime, SectorId, Side, SocialPost, StatementPeriod,
    Symbol, Timestamp, TransactionCode, VendorId,
};

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn aapl() -> Symbol {
    Symbol::new("AAPL").unwrap()
}

const PUBLISHED: &str = "2024-05-02T20:30:00Z";
const RECEIVED: &str = "2024-05-02T20:30:01Z";

fn earnings() -> EarningsEvent {
    EarningsEvent {
        symbol: aapl(),
        vendor: VendorId(1),
        published: time(PUBLISHED),
        received: time(RECEIVED),
        period: FiscalPeriod {
            year: 2024,
            quarter: Some(2),
        },
        report_date: date("2024-05-02"),
        report_time: ReportTime::AfterClose,
        eps_estimate: Some("1.50".parse().unwrap()),
        eps_actual: Some("1.53".parse().unwrap()),
        revenue_estimate: None,
        revenue_actual: Some(Money::whole(90_753_000_000)),
    }
}

#[test]
fn an_earnings_surprise_is_relative_to_what_was_expected() {
    let event = earnings();
    assert_eq!(event.validate(), Ok(()));
    assert!(event.is_reported());
    assert_eq!(event.eps_surprise().unwrap(), Some("0.02".parse().unwrap()));
    let loss = EarningsEvent {
        eps_estimate: Some("-0.50".parse().unwrap()),
        eps_actual: Some("-0.25".parse().unwrap()),
        ..event.clone()
    };
    assert_eq!(loss.eps_surprise().unwrap(), Some("0.5".parse().unwrap()));
    let none = EarningsEvent {
        eps_estimate: Some(Price::ZERO),
        ..event.clone()
    };
    assert_eq!(none.eps_surprise().unwrap(), None);
    let fifth = EarningsEvent {
        period: FiscalPeriod {
            year: 2024,
            quarter: Some(5),
        },
        ..event
    };
    assert!(matches!(
        fifth.validate(),
        Err(RecordError::OutOfRange {
            field: "quarter",
            ..
        })
    ));
}

#[test]
fn a_record_cannot_be_received_before_it_was_published() {
    let early = EarningsEvent {
        received: time("2024-05-02T20:29:59Z"),
        ..earnings()
    };
    assert!(matches!(
        early.validate(),
        Err(RecordError::ReceivedBeforePublished { .. })
    ));
}

#[test]
fn records_read_back_from_their_json() {
    let event = earnings();
    let json = serde_json::to_string(&event).unwrap();
    assert!(json.contains("\"eps_actual\":\"1.53\""), "{json}");
    assert_eq!(serde_json::from_str::<EarningsEvent>(&json).unwrap(), event);
}

#[test]
fn an_upgrade_goes_up() {
    let upgrade = AnalystRating {
        symbol: aapl(),
        vendor: VendorId(1),
        published: time(PUBLISHED),
        received: time(RECEIVED),
        firm: "Example Securities".into(),
        analyst: None,
        action: RatingAction::Upgraded,
        rating: Some(Rating::Buy),
        previous_rating: Some(Rating::Hold),
        target: Some(Price::whole(210)),
        previous_target: None,
    };
    assert_eq!(upgrade.validate(), Ok(()));
    let wrong = AnalystRating {
        rating: Some(Rating::Sell),
        ..upgrade.clone()
    };
    assert!(matches!(
        wrong.validate(),
        Err(RecordError::Contradiction(_))
    ));
    let unchanged = AnalystRating {
        rating: upgrade.previous_rating,
        ..upgrade.clone()
    };
    assert!(unchanged.validate().is_err(), "an upgrade to the same step");
    let nameless = AnalystRating {
        firm: " ".into(),
        ..upgrade.clone()
    };
    assert_eq!(
        nameless.validate(),
        Err(RecordError::Empty { field: "firm" })
    );
    let free = AnalystRating {
        target: Some(Price::ZERO),
        ..upgrade
    };
    assert!(free.validate().is_err());
}

#[test]
fn an_insider_trade_agrees_with_its_code_and_filing() {
    let sale = InsiderTrade {
        symbol: aapl(),
        vendor: VendorId(1),
        published: time(PUBLISHED),
        received: time(RECEIVED),
        accession: "0000320193-24-000069".into(),
        insider: "Example Person".into(),
        role: InsiderRole::Officer,
        traded: date("2024-04-30"),
        code: TransactionCode::from_letter('S').unwrap(),
        side: Side::Sell,
        quantity: Quantity::whole(1_000),
        price: Some("170.25".parse().unwrap()),
        owned_after: Some(Quantity::whole(5_000)),
    };
    assert_eq!(sale.validate(), Ok(()));
    assert_eq!(sale.value(), Some(Money::whole(170_250)));
    assert!(sale.code.is_open_market());
    let wrong_side = InsiderTrade {
        side: Side::Buy,
        ..sale.clone()
    };
    assert!(matches!(
        wrong_side.validate(),
        Err(RecordError::Contradiction(_))
    ));
    let later = InsiderTrade {
        traded: date("2024-05-03"),
        ..sale
    };
    assert!(later.validate().is_err());
    assert!(TransactionCode::from_letter('s').is_err());
    assert_eq!(
        TransactionCode::from_letter('W').unwrap(),
        TransactionCode::Other('W')
    );
}

#[test]
fn a_release_to_come_is_known_before_it_is_made() {
    let to_come = EconomicRelease {
        indicator: "CPI YoY".into(),
        country: "US".into(),
        vendor: VendorId(1),
        period_start: date("2024-04-01"),
        published: time("2024-05-15T12:30:00Z"),
        received: time("2024-05-01T00:00:00Z"),
        actual: None,
        forecast: Some("3.4".parse().unwrap()),
        previous: Some("3.5".parse().unwrap()),
        revised: None,
        unit: "%".into(),
        importance: Importance::High,
    };
    assert_eq!(to_come.validate(), Ok(()));
    assert_eq!(to_come.surprise(), None);
    let clairvoyant = EconomicRelease {
        actual: Some("3.4".parse().unwrap()),
        ..to_come.clone()
    };
    assert!(matches!(
        clairvoyant.validate(),
        Err(RecordError::ReceivedBeforePublished { .. })
    ));
    let nowhere = EconomicRelease {
        country: "usa".into(),
        ..to_come
    };
    assert!(nowhere.validate().is_err());
}

#[test]
fn fundamentals_hold_the_largest_companies() {
    let filed = Fundamentals {
        symbol: aapl(),
        vendor: VendorId(1),
        published: time(PUBLISHED),
        received: time(RECEIVED),
        period: StatementPeriod {
            fiscal: FiscalPeriod {
                year: 2024,
                quarter: Some(2),
            },
            start: date("2023-12-31"),
            end: date("2024-03-30"),
        },
        revenue: Some(Money::whole(90_753_000_000)),
        gross_profit: None,
        operating_income: None,
        net_income: Some(Money::whole(23_636_000_000)),
        diluted_eps: Some("1.53".parse().unwrap()),
        operating_cash_flow: Some(Money::whole(22_690_000_000)),
        capital_expenditure: Some(Money::whole(1_996_000_000)),
        total_assets: None,
        total_liabilities: None,
        cash: None,
        debt: None,
        equity: None,
        shares_outstanding: Some("15334082000".parse().unwrap()),
    };
    assert_eq!(filed.validate(), Ok(()));
    assert_eq!(
        filed.free_cash_flow().unwrap(),
        Some(Money::whole(20_694_000_000))
    );
    assert_eq!(
        filed.market_capitalisation(Price::whole(200)).unwrap(),
        Some(Money::whole(3_066_816_400_000))
    );
    let early = Fundamentals {
        period: StatementPeriod {
            end: date("2024-06-30"),
            ..filed.period
        },
        ..filed
    };
    assert!(matches!(
        early.validate(),
        Err(RecordError::Contradiction(_))
    ));
}

#[test]
fn a_post_has_an_author_and_a_text() {
    let post = SocialPost {
        id: "t3_abc".into(),
        vendor: VendorId(1),
        platform: "reddit".into(),
        author: "someone".into(),
        published: time(PUBLISHED),
        received: time(RECEIVED),
        text: "to the moon".into(),
        symbols: vec![aapl()],
        likes: 3,
        shares: 0,
        replies: 1,
        followers: None,
    };
    assert_eq!(post.validate(), Ok(()));
    let endless = SocialPost {
        text: "x".repeat(200_000),
        ..post
    };
    assert!(matches!(
        endless.validate(),
        Err(RecordError::TooLong { .. })
    ));
}

fn option(strike: i32, right: OptionRight) -> OptionQuote {
    OptionQuote {
        contract: OptionContract {
            underlying: aapl(),
            expiry: date("2024-06-21"),
            strike: Price::whole(strike),
            right,
            style: ExerciseStyle::American,
        },
        bid: Some("1.00".parse().unwrap()),
        bid_size: Quantity::ONE,
        ask: Some("1.05".parse().unwrap()),
        ask_size: Quantity::ONE,
        last: None,
        volume: 0,
        open_interest: 0,
        implied_volatility: None,
    }
}

fn chain(quotes: Vec<OptionQuote>) -> Result<OptionChain, OptionChainError> {
    let times = (time(PUBLISHED), time(RECEIVED));
    OptionChain::new(aapl(), VendorId(1), times, None, quotes)
}

#[test]
fn a_chain_is_sorted_and_searched() {
    let found = chain(vec![
        option(200, OptionRight::Put),
        option(190, OptionRight::Call),
        option(200, OptionRight::Call),
    ])
    .unwrap();
    let expiry = date("2024-06-21");
    assert_eq!(found.expiries().collect::<Vec<_>>(), [expiry]);
    let strikes: Vec<_> = found.quotes().iter().map(|q| q.contract.strike).collect();
    assert_eq!(strikes, [190, 200, 200].map(Price::whole));
    let put = found
        .find(expiry, Price::whole(200), OptionRight::Put)
        .unwrap();
    assert_eq!(put.midpoint(), Some("1.025".parse().unwrap()));
    assert_eq!(
        found.find(expiry, Price::whole(195), OptionRight::Put),
        None
    );
    assert_eq!(
        found.nearest_strike(expiry, Price::whole(195)),
        Some(Price::whole(190))
    );
    assert_eq!(found.nearest_strike(date("2025-01-17"), Price::ONE), None);
}

#[test]
fn a_chain_refuses_what_does_not_belong() {
    let call = option(190, OptionRight::Call);
    assert!(matches!(
        chain(vec![call, call]),
        Err(OptionChainError::Duplicate { .. })
    ));
    let mut foreign = call;
    foreign.contract.underlying = Symbol::new("MSFT").unwrap();
    assert!(matches!(
        chain(vec![foreign]),
        Err(OptionChainError::ForeignContract { .. })
    ));
    let negative = OptionQuote {
        bid: Some("-0.01".parse().unwrap()),
        ..call
    };
    assert!(matches!(
        chain(vec![negative]),
        Err(OptionChainError::OutOfRange { field: "bid", .. })
    ));
    let times = (time(RECEIVED), time(PUBLISHED));
    assert_eq!(
        OptionChain::new(aapl(), VendorId(1), times, None, Vec::new()),
        Err(OptionChainError::ReceivedBeforeTime)
    );
    let crossed = OptionQuote {
        bid: Some("1.10".parse().unwrap()),
        ..call
    };
    assert_eq!(crossed.midpoint(), None);
}

proptest! {
    #[test]
    fn a_snapshot_adds_up(
        holdings in proptest::collection::vec((any::<bool>(), 1_i32..1_000, 1_i32..500, 0_u16..4), 0..12),
        cash in -1_000_000_i64..1_000_000,
    ) {
        let mut positions = Vec::new();
        let mut worth = 0_i64;
        for (number, &(long, quantity, price, sector)) in (0_u32..).zip(&holdings) {
            let mut position = Position::new(InstrumentId(number), 1).unwrap();
            let fill = PositionFill {
                time: Timestamp::EPOCH,
                side: if long { Side::Buy } else { Side::Sell },
                quantity: Quantity::whole(quantity),
                price: Price::whole(7),
                costs: Money::ZERO,
            };
            let _ = position
                .apply_fill(&fill, trader_domain::LotSelection::FIFO, &mut Vec::new())
                .unwrap();
            let sector = (sector > 0).then_some(SectorId(sector));
            let valued = PositionSnapshot::value(&position, sector, Price::whole(price)).unwrap();
            positions.push(valued.unwrap());
            worth += i64::from(quantity) * i64::from(price) * if long { 1 } else { -1 };
        }
        positions.reverse();
        let snapshot = PortfolioSnapshot::new(PortfolioParts {
            time: Timestamp::EPOCH,
            account: AccountId(0),
            cash: Money::whole(cash),
            settled_cash: Money::whole(cash),
            buying_power: Money::ZERO,
            day_trade_buying_power: Money::ZERO,
            margin: MarginRequirement { initial: Money::ZERO, maintenance: Money::whole(5) },
            positions,
        })
        .unwrap();
        prop_assert_eq!(snapshot.equity(), Money::whole(cash + worth));
        let by_sector = snapshot
            .sectors()
            .iter()
            .flat_map(|sector| [sector.long, sector.short]);
        prop_assert_eq!(Money::total(by_sector).unwrap(), Money::whole(worth));
        prop_assert_eq!(snapshot.excess_liquidity().unwrap(), Money::whole(cash + worth - 5));
        for number in 0..u32::try_from(holdings.len()).unwrap() {
            let position = snapshot.position(InstrumentId(number)).unwrap();
            prop_assert_eq!(position.instrument, InstrumentId(number));
        }
        prop_assert_eq!(snapshot.position(InstrumentId(99)), None);
        prop_assert_eq!(snapshot.gross_leverage().unwrap().is_some(), cash + worth > 0);
    }
}
