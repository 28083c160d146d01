//! One event of every kind and shape that can enter the core, so that the journal's encoding is
//! tried on all of them.

use std::sync::Arc;

use trader_domain::*;

use crate::world::{A, B, OPEN, bar, fill, price, shares};

fn order_kinds() -> Vec<OrderKind> {
    let (price, trigger) = (price("100.01"), price("99.5"));
    vec![
        OrderKind::Market,
        OrderKind::Limit { price },
        OrderKind::Stop { trigger },
        OrderKind::StopLimit { trigger, price },
        OrderKind::TrailingStop {
            trail: Trail::Amount(price),
        },
        OrderKind::TrailingStop {
            trail: Trail::Percent(Rate::from_percent(5)),
        },
        OrderKind::MarketOnOpen,
        OrderKind::LimitOnOpen { price },
        OrderKind::MarketOnClose,
        OrderKind::LimitOnClose { price },
    ]
}

fn times_in_force() -> [TimeInForce; 7] {
    [
        TimeInForce::Day,
        TimeInForce::Gtc,
        TimeInForce::Ioc,
        TimeInForce::Fok,
        TimeInForce::Opg,
        TimeInForce::Cls,
        TimeInForce::Gtd(OPEN),
    ]
}

fn reports() -> Vec<ReportKind> {
    let order = OrderId(u64::MAX);
    let replaced = order_kinds().into_iter().flat_map(|kind| {
        times_in_force().map(|time_in_force| {
            ReportKind::Replaced(ReplaceRequest {
                order,
                quantity: Quantity::MAX,
                kind,
                time_in_force,
            })
        })
    });
    let causes = [
        CancelCause::Requested,
        CancelCause::NotFilledAtOnce,
        CancelCause::Oco,
        CancelCause::Delisted,
        CancelCause::Broker,
        CancelCause::CorporateAction,
    ];
    let reasons = [
        RejectReason::InsufficientFunds,
        RejectReason::UnknownInstrument,
        RejectReason::Halted,
        RejectReason::MarketClosed,
        RejectReason::Unsupported,
        RejectReason::InvalidPrice,
        RejectReason::InvalidQuantity,
        RejectReason::DuplicateId,
        RejectReason::UnknownOrder,
        RejectReason::TooLate,
        RejectReason::NoPrice,
        RejectReason::NoBorrow,
        RejectReason::Other,
    ];
    let rebate = Fill {
        commission: Money::cents(-3),
        fees: Money::MAX,
        leg: 3,
        ..fill(u64::MAX, shares(1), price("0.0001"))
    };
    let simple = [
        ReportKind::Accepted {
            broker_order: BrokerOrderId::new("9f0b-77").unwrap(),
        },
        ReportKind::Filled(rebate),
        ReportKind::Busted {
            execution: ExecutionId::simulated(1),
        },
        ReportKind::Expired,
        ReportKind::Suspended,
    ];
    simple
        .into_iter()
        .chain(replaced)
        .chain(causes.map(ReportKind::Canceled))
        .chain(reasons.map(ReportKind::Rejected))
        .chain(reasons.map(ReportKind::ReplaceRejected))
        .chain(reasons.map(ReportKind::CancelRejected))
        .collect()
}

fn actions() -> Vec<CorporateActionKind> {
    vec![
        CorporateActionKind::Split {
            to: 3,
            from: 2,
            cash_in_lieu: Some(price("7")),
        },
        CorporateActionKind::CashDividend {
            amount: price("0.0625"),
            payable: OPEN,
        },
        CorporateActionKind::Merger {
            into: Some(B),
            to: 1,
            from: 2,
            cash: Price::ZERO,
        },
        CorporateActionKind::SymbolChange {
            symbol: Symbol::new("BRK.B").unwrap(),
        },
        CorporateActionKind::Delisting { value: Price::ZERO },
    ]
}

fn book() -> [MarketEvent; 2] {
    let (time, received) = (OPEN, OPEN);
    [BookSide::Bid, BookSide::Ask].map(|side| {
        MarketEvent::Book(BookDelta {
            instrument: A,
            vendor: VendorId(3),
            time,
            received,
            side,
            price: price("1"),
            size: Quantity::ZERO,
        })
    })
}

fn statuses() -> [MarketEvent; 5] {
    let (time, received) = (OPEN, OPEN);
    let bands = LuldBands {
        lower: price("95"),
        upper: price("105"),
    };
    let states = [
        StatusKind::Halted(HaltReason::MarketWide),
        StatusKind::Resumed,
        StatusKind::Bands(bands),
        StatusKind::ShortSaleRestricted,
        StatusKind::ShortSaleUnrestricted,
    ];
    states.map(|kind| {
        MarketEvent::Status(TradingStatus {
            instrument: A,
            time,
            received,
            kind,
        })
    })
}

fn news() -> NewsItem {
    NewsItem {
        id: "17".to_owned(),
        vendor: VendorId(1),
        published: OPEN,
        received: OPEN,
        headline: "Größer als erwartet 📈".to_owned(),
        body: None,
        source: String::new(),
        symbols: vec![Symbol::new("AAPL").unwrap()],
        url: Some("https://example.com".to_owned()),
    }
}

fn market_data() -> Vec<MarketEvent> {
    let (time, received) = (OPEN, OPEN);
    let full_bar = Bar {
        timeframe: Timeframe::Session,
        vwap: Some(price("99.987654321")),
        trade_count: Some(u32::MAX),
        ..bar(B, OPEN, price("100"))
    };
    let news = Arc::new(news());
    let single = [
        MarketEvent::Bar(bar(A, OPEN, price("100"))),
        MarketEvent::Bar(full_bar),
        MarketEvent::Quote(Quote {
            instrument: A,
            vendor: VendorId::INTERNAL,
            time,
            received,
            bid: price("99"),
            bid_size: shares(1),
            ask: price("101"),
            ask_size: shares(2),
        }),
        MarketEvent::Trade(Trade {
            instrument: A,
            vendor: VendorId::INTERNAL,
            time,
            received,
            price: price("100"),
            size: shares(5),
            conditions: TradeConditions::ODD_LOT.with(TradeConditions::EXTENDED_HOURS),
        }),
        MarketEvent::News(news),
    ];
    let corporate = actions().into_iter().map(|kind| {
        MarketEvent::CorporateAction(CorporateAction {
            instrument: A,
            effective: time,
            kind,
        })
    });
    single
        .into_iter()
        .chain(book())
        .chain(statuses())
        .chain(corporate)
        .collect()
}

/// All of them.
pub(crate) fn all() -> Vec<Event> {
    let commands = [
        OperatorCommand::SetTradingState(TradingState::Reducing),
        OperatorCommand::Cancel(OrderId(5)),
        OperatorCommand::CancelAll,
        OperatorCommand::Flatten,
        OperatorCommand::PauseStrategy(StrategyId(1)),
        OperatorCommand::ResumeStrategy(StrategyId(1)),
        OperatorCommand::Restrict(A),
        OperatorCommand::Unrestrict(A),
    ];
    let signal = Signal {
        instrument: A,
        direction: Direction::Short,
        strength: UnitInterval::ONE,
        confidence: UnitInterval::ZERO,
        created: OPEN,
        horizon_nanos: -1,
        expires: Timestamp::MAX,
        source: "model".to_owned(),
        reasons: vec!["because".to_owned(), String::new()],
    };
    let from_broker = reports().into_iter().map(|kind| {
        Event::Broker(BrokerReport {
            order: OrderId(1),
            time: Timestamp::MIN,
            received: Timestamp::MAX,
            kind,
        })
    });
    market_data()
        .into_iter()
        .map(Event::Market)
        .chain(from_broker)
        .chain(commands.map(Event::Command))
        .chain([
            Event::Signal(signal),
            Event::Timer(TimerId(9)),
            Event::Clock,
        ])
        .collect()
}
