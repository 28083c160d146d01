//! A desk around the policy: sends orders as the core does, with a risk policy that has no objections.

use trader_broker::{
    Account, ApprovedOrder, Assessment, CheckId, CheckRecord, CompliancePolicy as _, Decision,
    GateEvent, Holdings, Mark, MarketPhase, Measure, Proposal, Resize, RiskPolicy, Snapshot,
    Verdict, approve, approve_replacement,
};
use trader_compliance::{ComplianceConfig, PreTradePolicy};
use trader_domain::{
    AccountId, ClientOrderId, Instrument, InstrumentId, Instruments, OrderId, OrderKind,
    OrderRequest, PositionEffect, Price, Quantity, ReplaceRequest, Session, ShortExemption, Side,
    StrategyId, Symbol, TimeInForce, Timestamp,
};

pub(crate) const AAPL: InstrumentId = InstrumentId(0);
pub(crate) const MSFT: InstrumentId = InstrumentId(1);
pub(crate) const NOW: Timestamp = Timestamp::from_nanos(1_717_425_000_000_000_000);

struct NoObjection;

impl RiskPolicy for NoObjection {
    fn assess(&self, _: Proposal<'_>, _: &Snapshot<'_>, _: &mut Assessment) {}
    fn observe(&mut self, _: GateEvent<'_>, _: &Snapshot<'_>) {}
    fn resize(&self) -> Resize {
        Resize::Never
    }
    fn hash_state(&self, _: &mut dyn FnMut(&[u8])) {}
}

pub(crate) struct Desk {
    pub(crate) policy: PreTradePolicy,
    instruments: Instruments,
    pub(crate) marks: Vec<Mark>,
    pub(crate) holdings: Holdings,
    pub(crate) now: Timestamp,
    next: u64,
}

pub(crate) fn price(text: &str) -> Price {
    text.parse().unwrap()
}

pub(crate) fn shares(whole: i32) -> Quantity {
    Quantity::whole(whole)
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self::with(ComplianceConfig::default())
    }

    pub(crate) fn with(config: ComplianceConfig) -> Self {
        let mut instruments = Instruments::new();
        for symbol in ["AAPL", "MSFT"] {
            let symbol = Symbol::new(symbol).unwrap();
            instruments.add(Instrument::equity(symbol)).unwrap();
        }
        let mark = Mark {
            last: Some(price("100")),
            last_time: NOW,
            bid: Some(price("99.99")),
            ask: Some(price("100.01")),
            quote_time: NOW,
            ..Mark::default()
        };
        Self {
            policy: PreTradePolicy::new(config),
            instruments,
            marks: vec![mark; 2],
            holdings: Holdings::with_instruments(2),
            now: NOW,
            next: 1,
        }
    }

    pub(crate) fn hold(&mut self, id: InstrumentId, quantity: i32) {
        self.holdings.change(id).unwrap().quantity = shares(quantity);
    }

    pub(crate) fn order(&mut self, id: InstrumentId, side: Side, quantity: i32) -> OrderRequest {
        let order = OrderId(self.next);
        self.next += 1;
        OrderRequest {
            id: order,
            client_order_id: ClientOrderId { run: 1, order },
            strategy: StrategyId(0),
            account: AccountId(0),
            instrument: id,
            side,
            quantity: shares(quantity),
            kind: OrderKind::Market,
            time_in_force: TimeInForce::Day,
            session: Session::Regular,
            effect: PositionEffect::Any,
            legs: arrayvec::ArrayVec::new(),
            parent: None,
            oco: None,
            locate: None,
            short_exempt: ShortExemption::None,
            short_mark: None,
            created: self.now,
        }
    }

    pub(crate) fn limit(
        &mut self,
        id: InstrumentId,
        side: Side,
        quantity: i32,
        at: &str,
    ) -> OrderRequest {
        OrderRequest {
            kind: OrderKind::Limit { price: price(at) },
            ..self.order(id, side, quantity)
        }
    }

    fn account() -> &'static Account {
        const ACCOUNT: Account = Account {
            kind: trader_broker::AccountKind::Margin,
            cash: trader_domain::Money::ZERO,
            settled_cash: trader_domain::Money::ZERO,
            long_value: trader_domain::Money::ZERO,
            short_value: trader_domain::Money::ZERO,
            equity: trader_domain::Money::ZERO,
            day_start_equity: trader_domain::Money::ZERO,
            peak_equity: trader_domain::Money::ZERO,
            positions: 0,
            loss_streak: 0,
            unpriced_positions: 0,
        };
        &ACCOUNT
    }

    pub(crate) fn snapshot(&self) -> Snapshot<'_> {
        Snapshot {
            version: 1,
            now: self.now,
            taken: self.now,
            phase: MarketPhase::Regular,
            instruments: &self.instruments,
            marks: &self.marks,
            holdings: &self.holdings,
            account: Self::account(),
        }
    }

    pub(crate) fn judge(&self, request: &OrderRequest) -> Decision<ApprovedOrder> {
        approve(
            request.clone(),
            &self.snapshot(),
            &NoObjection,
            &self.policy,
        )
    }

    /// Judges an order that must pass, and works it; returns it as approved.
    pub(crate) fn sent(&mut self, request: &OrderRequest) -> OrderRequest {
        let decision = self.judge(request);
        let approved = decision.outcome.unwrap();
        let mut policy = self.policy.clone();
        policy.observe(GateEvent::Reserve(&approved), &self.snapshot());
        self.policy = policy;
        approved.into_request()
    }

    pub(crate) fn replace(&mut self, working: &OrderRequest, terms: ReplaceRequest) -> Assessment {
        let decision = approve_replacement(
            working,
            Quantity::ZERO,
            terms,
            &self.snapshot(),
            &NoObjection,
            &self.policy,
        );
        if let Ok(replacement) = &decision.outcome {
            let mut policy = self.policy.clone();
            policy.observe(GateEvent::ReserveReplacement(replacement), &self.snapshot());
            self.policy = policy;
        }
        decision.assessment
    }

    pub(crate) fn tell(&mut self, event: GateEvent<'_>) {
        let mut policy = self.policy.clone();
        policy.observe(event, &self.snapshot());
        self.policy = policy;
    }

    pub(crate) fn done(&mut self, request: &OrderRequest) {
        let now = self.now;
        self.tell(GateEvent::Done {
            order: request.id,
            now,
        });
    }
}

pub(crate) fn record(assessment: &Assessment, check: CheckId) -> CheckRecord {
    assessment
        .get(check)
        .unwrap_or_else(|| panic!("{check:?} did not run"))
}

pub(crate) fn refused(
    desk: &Desk,
    request: &OrderRequest,
    check: CheckId,
    measured: Measure,
    limit: Measure,
) {
    let decision = desk.judge(request);
    let expected = CheckRecord {
        check,
        verdict: Verdict::Reject,
        measured,
        limit,
        largest: None,
    };
    assert_eq!(record(&decision.assessment, check), expected);
    assert!(decision.outcome.is_err());
}

pub(crate) fn approved(desk: &Desk, request: &OrderRequest) {
    let decision = desk.judge(request);
    assert!(decision.outcome.is_ok(), "{:?}", decision.assessment);
}
