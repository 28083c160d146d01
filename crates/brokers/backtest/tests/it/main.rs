//! The venue passes approved orders to the exchange and its reports back.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use trader_broker::{
    Account, ApprovedOrder, Assessment, CheckId, CheckRecord, CompliancePolicy, GateEvent,
    Holdings, Mark, MarketPhase, Measure, Proposal, Resize, RiskPolicy, Snapshot, Venue, Verdict,
    approve, approve_replacement,
};
use trader_brokers_backtest::{BacktestVenue, ExchangeConfig};
use trader_domain::*;

/// Approves everything.
struct Anything;

fn pass(into: &mut Assessment) {
    into.push(CheckRecord {
        check: CheckId::QuantityPositive,
        verdict: Verdict::Pass,
        measured: Measure::Absent,
        limit: Measure::Absent,
        largest: None,
    });
}

impl RiskPolicy for Anything {
    fn assess(&self, _: Proposal<'_>, _: &Snapshot<'_>, into: &mut Assessment) {
        pass(into);
    }

    fn observe(&mut self, _: GateEvent<'_>, _: &Snapshot<'_>) {}

    fn resize(&self) -> Resize {
        Resize::Never
    }

    fn hash_state(&self, _: &mut dyn FnMut(&[u8])) {}
}

impl CompliancePolicy for Anything {
    fn mark(&self, _: &OrderRequest, _: &Snapshot<'_>) -> Option<ShortMark> {
        None
    }

    fn assess(&self, _: Proposal<'_>, _: &Snapshot<'_>, into: &mut Assessment) {
        pass(into);
    }

    fn observe(&mut self, _: GateEvent<'_>, _: &Snapshot<'_>) {}

    fn hash_state(&self, _: &mut dyn FnMut(&[u8])) {}
}

fn instruments() -> Instruments {
    let mut instruments = Instruments::new();
    instruments
        .add(Instrument::equity(Symbol::new("AAA").unwrap()))
        .unwrap();
    instruments
}

fn with_snapshot<T>(judge: impl FnOnce(&Snapshot<'_>) -> T) -> T {
    let (instruments, account) = (instruments(), Account::default());
    judge(&Snapshot {
        version: 1,
        now: Timestamp::EPOCH,
        taken: Timestamp::EPOCH,
        phase: MarketPhase::Continuous,
        instruments: &instruments,
        marks: &[Mark::default()],
        holdings: &Holdings::with_instruments(1),
        account: &account,
    })
}

fn request(id: u64, kind: OrderKind) -> OrderRequest {
    OrderRequest {
        id: OrderId(id),
        client_order_id: ClientOrderId::default(),
        strategy: StrategyId(0),
        account: AccountId(0),
        instrument: InstrumentId(0),
        side: Side::Buy,
        quantity: Quantity::whole(10),
        kind,
        time_in_force: TimeInForce::Gtc,
        session: Session::Regular,
        effect: PositionEffect::Any,
        legs: Default::default(),
        parent: None,
        oco: None,
        locate: None,
        short_exempt: ShortExemption::None,
        short_mark: None,
        created: Timestamp::EPOCH,
    }
}

fn approved(request: OrderRequest) -> ApprovedOrder {
    with_snapshot(|snapshot| approve(request, snapshot, &Anything, &Anything).outcome).unwrap()
}

fn bar(minute: i64, open: i32) -> MarketEvent {
    let start = Timestamp::from_nanos(minute * 60 * NANOS_PER_SECOND);
    let end = start.saturating_add(60 * NANOS_PER_SECOND);
    let price = Price::whole(open);
    MarketEvent::Bar(Bar {
        instrument: InstrumentId(0),
        vendor: VendorId::INTERNAL,
        timeframe: Timeframe::MINUTE,
        start,
        time: end,
        received: end,
        open: price,
        high: price,
        low: price,
        close: price,
        volume: Volume::whole(1_000),
        vwap: None,
        trade_count: None,
    })
}

fn venue() -> BacktestVenue {
    BacktestVenue::new(&instruments(), ExchangeConfig::default()).unwrap()
}

#[test]
fn an_approved_order_is_accepted_and_fills_at_the_next_bar() {
    let (mut venue, mut reports) = (venue(), Vec::new());
    let order = approved(request(1, OrderKind::Market));
    venue.submit(order, Timestamp::EPOCH, &mut reports);
    assert!(matches!(reports[0].kind, ReportKind::Accepted { .. }));
    reports.clear();
    venue.on_market(&bar(0, 100), &mut reports);
    assert!(matches!(
        reports[..],
        [BrokerReport { kind: ReportKind::Filled(fill), .. }] if fill.price == Price::whole(100)
    ));
    reports.clear();
    venue.settle(&mut reports);
    venue.on_time(Timestamp::MAX, &mut reports);
    assert_eq!(reports, []);
}

#[test]
fn replacements_and_cancellations_reach_the_exchange() {
    let (mut venue, mut reports) = (venue(), Vec::new());
    let limit = |price| OrderKind::Limit {
        price: Price::whole(price),
    };
    let working = request(1, limit(90));
    venue.submit(approved(working.clone()), Timestamp::EPOCH, &mut reports);
    let terms = ReplaceRequest {
        order: OrderId(1),
        quantity: Quantity::whole(5),
        kind: limit(91),
        time_in_force: TimeInForce::Gtc,
    };
    let terms = with_snapshot(|snapshot| {
        approve_replacement(
            &working,
            Quantity::ZERO,
            terms,
            snapshot,
            &Anything,
            &Anything,
        )
        .outcome
    });
    venue.replace(terms.unwrap(), Timestamp::EPOCH, &mut reports);
    venue.cancel(OrderId(1), Timestamp::EPOCH, &mut reports);
    let kinds: Vec<&str> = reports
        .iter()
        .map(|report| match report.kind {
            ReportKind::Accepted { .. } => "accepted",
            ReportKind::Replaced(_) => "replaced",
            ReportKind::Canceled(CancelCause::Requested) => "canceled",
            _ => "other",
        })
        .collect();
    assert_eq!(kinds, ["accepted", "replaced", "canceled"]);
    assert_eq!(venue.exchange().working_orders(), 0);
}

#[test]
fn what_it_says_it_accepts_is_what_it_accepts() {
    let price = Price::whole(100);
    let trail = Trail::Percent(Rate::from_percent(1));
    let kinds = [
        OrderKind::Market,
        OrderKind::Limit { price },
        OrderKind::Stop { trigger: price },
        OrderKind::StopLimit {
            trigger: price,
            price,
        },
        OrderKind::TrailingStop { trail },
        OrderKind::MarketOnOpen,
        OrderKind::LimitOnOpen { price },
        OrderKind::MarketOnClose,
        OrderKind::LimitOnClose { price },
    ];
    let times_in_force = [
        TimeInForce::Day,
        TimeInForce::Gtc,
        TimeInForce::Ioc,
        TimeInForce::Fok,
        TimeInForce::Opg,
        TimeInForce::Cls,
        TimeInForce::Gtd(Timestamp::MAX),
    ];
    let (mut venue, mut number) = (venue(), 0);
    let accepts = venue.capabilities().accepts;
    for kind in kinds {
        for time_in_force in times_in_force {
            for session in [Session::Regular, Session::Extended] {
                number += 1;
                let mut reports = Vec::new();
                let order = approved(OrderRequest {
                    time_in_force,
                    session,
                    ..request(number, kind)
                });
                venue.submit(order, Timestamp::EPOCH, &mut reports);
                let accepted = matches!(reports[0].kind, ReportKind::Accepted { .. });
                assert_eq!(
                    accepted,
                    accepts(kind, time_in_force, session),
                    "{kind:?} {time_in_force:?} {session:?}"
                );
            }
        }
    }
}
