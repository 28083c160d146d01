//! A small account and market around a gate: proposes, reserves, fills and cancels as the core does.

use trader_broker::{
    Account, AccountKind, ApprovedOrder, Assessment, CheckId, CheckRecord, CompliancePolicy,
    Decision, GateEvent, Holding, Holdings, Mark, MarketPhase, Measure, Proposal, RiskPolicy,
    Snapshot, Verdict, approve, approve_replacement,
};
use trader_domain::{
    AccountId, ClientOrderId, ExerciseStyle, Instrument, InstrumentId, Instruments, Money,
    OptionContract, OrderId, OrderKind, OrderRequest, PositionEffect, Price, Quantity, Rate,
    ReplaceRequest, Session, ShortExemption, ShortMark, Side, StrategyId, Symbol, TimeInForce,
    Timestamp, Volume,
};
use trader_risk::{Gate, GateConfig, Limits};

/// 2024-06-03T14:30:00Z, half past ten in New York.
pub(crate) const NOW: Timestamp = Timestamp::from_nanos(1_717_425_000_000_000_000);

pub(crate) const AAPL: InstrumentId = InstrumentId(0);
pub(crate) const MSFT: InstrumentId = InstrumentId(1);
pub(crate) const XOM: InstrumentId = InstrumentId(2);
pub(crate) const PENNY: InstrumentId = InstrumentId(3);
pub(crate) const SPARE: InstrumentId = InstrumentId(4);

/// Stands beside the gate and has no objections: what is judged here is risk alone.
pub(crate) struct NoObjection;

impl CompliancePolicy for NoObjection {
    fn mark(&self, _: &OrderRequest, _: &Snapshot<'_>) -> Option<ShortMark> {
        None
    }
    fn assess(&self, _: Proposal<'_>, _: &Snapshot<'_>, _: &mut Assessment) {}
    fn observe(&mut self, _: GateEvent<'_>, _: &Snapshot<'_>) {}
    fn hash_state(&self, _: &mut dyn FnMut(&[u8])) {}
}

pub(crate) struct World {
    pub(crate) gate: Gate,
    pub(crate) instruments: Instruments,
    pub(crate) marks: Vec<Mark>,
    pub(crate) holdings: Holdings,
    pub(crate) account: Account,
    pub(crate) phase: MarketPhase,
    pub(crate) now: Timestamp,
    pub(crate) taken: Timestamp,
    pub(crate) version: u64,
    next_order: u64,
}

pub(crate) fn price(text: &str) -> Price {
    text.parse().unwrap()
}

pub(crate) fn money(text: &str) -> Money {
    text.parse().unwrap()
}

pub(crate) fn rate(text: &str) -> Rate {
    text.parse().unwrap()
}

pub(crate) fn shares(whole: i32) -> Quantity {
    Quantity::whole(whole)
}

pub(crate) fn symbol(text: &str) -> Symbol {
    Symbol::new(text).unwrap()
}

impl World {
    /// One million in cash, five stocks (AAPL and MSFT of one sector), default limits but for what
    /// `change` does to them.
    pub(crate) fn with(change: impl FnOnce(&mut GateConfig)) -> Self {
        let mut config = GateConfig::default();
        change(&mut config);
        let mut instruments = Instruments::new();
        for (name, sector, industry) in [
            ("AAPL", 1, 10),
            ("MSFT", 1, 11),
            ("XOM", 2, 20),
            ("PENNY", 3, 30),
            ("SPARE", 4, 40),
        ] {
            let mut instrument = Instrument::equity(symbol(name));
            instrument.sector = Some(trader_domain::SectorId(sector));
            instrument.industry = Some(trader_domain::SectorId(industry));
            instruments.add(instrument).unwrap();
        }
        let mut world = Self {
            gate: Gate::new(config, instruments.len()).unwrap(),
            marks: vec![Mark::default(); instruments.len()],
            holdings: Holdings::with_instruments(instruments.len()),
            instruments,
            account: Account {
                kind: AccountKind::Margin,
                cash: Money::whole(1_000_000),
                settled_cash: Money::whole(1_000_000),
                equity: Money::whole(1_000_000),
                day_start_equity: Money::whole(1_000_000),
                peak_equity: Money::whole(1_000_000),
                ..Account::default()
            },
            phase: MarketPhase::Regular,
            now: NOW,
            taken: NOW,
            version: 1,
            next_order: 1,
        };
        for (id, last) in [
            (AAPL, "100"),
            (MSFT, "200"),
            (XOM, "50"),
            (PENNY, "2"),
            (SPARE, "10"),
        ] {
            world.set_price(id, last);
        }
        world
    }

    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn limited(change: impl FnOnce(&mut Limits)) -> Self {
        Self::with(|config| change(&mut config.limits))
    }

    /// As `limited`, without the table's limits in the way.
    pub(crate) fn wide(change: impl FnOnce(&mut Limits)) -> Self {
        Self::limited(|limits| {
            *limits = Limits {
                market_reserve: Rate::from_percent(5),
                ..Limits::research()
            };
            change(limits);
        })
    }

    pub(crate) fn set_price(&mut self, id: InstrumentId, last: &str) {
        let last = price(last);
        let now = self.now;
        let mark = self.mark_mut(id);
        mark.last = Some(last);
        mark.last_time = now;
        mark.previous_close = Some(last);
        mark.average_daily_volume = Some(Volume::from_whole(10_000_000).unwrap());
        let quantity = self.held(id);
        self.hold_at(id, quantity, last);
    }

    pub(crate) fn mark_mut(&mut self, id: InstrumentId) -> &mut Mark {
        &mut self.marks[id.index()]
    }

    pub(crate) fn instrument(&mut self, change: impl Fn(&mut Instrument), which: InstrumentId) {
        let mut table = Instruments::new();
        for (id, instrument) in self.instruments.iter() {
            let mut instrument = instrument.clone();
            if id == which {
                change(&mut instrument);
            }
            table.add(instrument).unwrap();
        }
        self.instruments = table;
        // A run's table does not change; here the gate must look again.
        self.holdings.change(which).unwrap();
    }

    /// Adds an option series, marked at `last`.
    pub(crate) fn option(&mut self, occ: &str, last: &str) -> InstrumentId {
        let contract = OptionContract::parse_occ(occ, ExerciseStyle::American).unwrap();
        let id = self
            .instruments
            .add(Instrument {
                class: trader_domain::AssetClass::Option(contract),
                multiplier: 100,
                marginable: false,
                luld: trader_domain::LuldTier::None,
                ..Instrument::equity(symbol(occ))
            })
            .unwrap();
        self.marks.push(Mark::default());
        self.holdings.add_instrument();
        self.set_price(id, last);
        id
    }

    /// Gives the account a position that was there before, at the last price, paid from outside.
    pub(crate) fn hold(&mut self, id: InstrumentId, quantity: i32) {
        let last = self.marks[id.index()].last.unwrap();
        self.hold_at(id, shares(quantity), last);
        self.account.day_start_equity = self.account.equity;
        self.account.peak_equity = self.account.equity;
    }

    fn hold_at(&mut self, id: InstrumentId, quantity: Quantity, last: Price) {
        let value = self
            .instruments
            .get(id)
            .unwrap()
            .notional(last, quantity)
            .unwrap();
        let holding = self.holdings.change(id).unwrap();
        holding.quantity = quantity;
        holding.market_value = value;
        self.revalue();
    }

    pub(crate) fn revalue(&mut self) {
        let sum = |pick: fn(&Holding) -> bool| {
            Money::total(
                self.holdings
                    .iter()
                    .filter(|holding| pick(holding))
                    .map(|holding| holding.market_value),
            )
            .unwrap()
        };
        let long = sum(|holding| holding.quantity.is_positive());
        let short = sum(|holding| holding.quantity.is_negative()).negated();
        self.account.long_value = long;
        self.account.short_value = short;
        self.account.equity = self
            .account
            .cash
            .checked_add(long)
            .unwrap()
            .checked_sub(short)
            .unwrap();
        let held = self.holdings.iter().filter(|h| !h.quantity.is_zero());
        self.account.positions = u32::try_from(held.count()).unwrap();
    }

    pub(crate) fn order(&mut self, id: InstrumentId, side: Side, quantity: i32) -> OrderRequest {
        let order = OrderId(self.next_order);
        self.next_order += 1;
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
            legs: Default::default(),
            parent: None,
            oco: None,
            locate: None,
            short_exempt: ShortExemption::None,
            short_mark: None,
            created: self.now,
        }
    }

    pub(crate) fn buy(&mut self, id: InstrumentId, quantity: i32) -> OrderRequest {
        self.order(id, Side::Buy, quantity)
    }

    pub(crate) fn sell(&mut self, id: InstrumentId, quantity: i32) -> OrderRequest {
        self.order(id, Side::Sell, quantity)
    }

    pub(crate) fn limit(
        &mut self,
        id: InstrumentId,
        side: Side,
        quantity: i32,
        at: &str,
    ) -> OrderRequest {
        let kind = OrderKind::Limit { price: price(at) };
        OrderRequest {
            kind,
            ..self.order(id, side, quantity)
        }
    }

    pub(crate) fn snapshot(&self) -> Snapshot<'_> {
        Snapshot {
            version: self.version,
            now: self.now,
            taken: self.taken,
            phase: self.phase,
            instruments: &self.instruments,
            marks: &self.marks,
            holdings: &self.holdings,
            account: &self.account,
        }
    }

    pub(crate) fn judge(&self, request: &OrderRequest) -> Decision<ApprovedOrder> {
        approve(request.clone(), &self.snapshot(), &self.gate, &NoObjection)
    }

    /// Judges an order and reserves for it when it is approved.
    pub(crate) fn send(&mut self, request: &OrderRequest) -> Decision<ApprovedOrder> {
        self.catch_up(request.instrument);
        let decision = self.judge(request);
        if let Ok(order) = &decision.outcome {
            self.version += 1;
            self.tell_reserve(order);
        }
        decision
    }

    pub(crate) fn held(&self, id: InstrumentId) -> Quantity {
        self.holdings.get(id).unwrap().quantity
    }

    /// As the core does before an order is judged.
    pub(crate) fn catch_up(&mut self, id: InstrumentId) {
        let mut gate = self.gate.clone();
        gate.catch_up(id, &self.snapshot());
        self.gate = gate;
    }

    fn tell_reserve(&mut self, order: &ApprovedOrder) {
        let mut gate = self.gate.clone();
        gate.observe(GateEvent::Reserve(order), &self.snapshot());
        self.gate = gate;
    }

    pub(crate) fn sent(&mut self, request: &OrderRequest) -> OrderId {
        let decision = self.send(request);
        assert!(
            decision.outcome.is_ok(),
            "{:?}",
            decision.assessment.failures().collect::<Vec<_>>()
        );
        request.id
    }

    pub(crate) fn replace(
        &mut self,
        working: &OrderRequest,
        filled: Quantity,
        terms: ReplaceRequest,
    ) -> Assessment {
        let decision = approve_replacement(
            working,
            filled,
            terms,
            &self.snapshot(),
            &self.gate,
            &NoObjection,
        );
        if let Ok(replacement) = &decision.outcome {
            self.version += 1;
            let mut gate = self.gate.clone();
            gate.observe(GateEvent::ReserveReplacement(replacement), &self.snapshot());
            self.gate = gate;
        }
        decision.assessment
    }

    pub(crate) fn tell(&mut self, event: GateEvent<'_>) {
        let mut gate = self.gate.clone();
        gate.observe(event, &self.snapshot());
        self.gate = gate;
    }

    pub(crate) fn done(&mut self, order: OrderId) {
        let now = self.now;
        self.tell(GateEvent::Done { order, now });
    }

    /// A part of an order trades: cash and position move, then the gate hears of it.
    pub(crate) fn fill(&mut self, request: &OrderRequest, quantity: Quantity, at: Price) {
        self.trade(request.instrument, request.side, quantity, at);
        let now = self.now;
        self.tell(GateEvent::Filled {
            order: request.id,
            instrument: request.instrument,
            side: request.side,
            quantity,
            price: at,
            now,
        });
    }

    pub(crate) fn fill_all(&mut self, request: &OrderRequest) {
        let last = self.marks[request.instrument.index()].last.unwrap();
        self.fill(request, request.quantity, last);
        self.done(request.id);
    }

    /// Moves cash and position; the position keeps being valued at the mark.
    pub(crate) fn trade(&mut self, id: InstrumentId, side: Side, quantity: Quantity, at: Price) {
        let instrument = self.instruments.get(id).unwrap().clone();
        let paid = instrument.notional(at, quantity).unwrap();
        let signed = match side {
            Side::Buy => quantity,
            Side::Sell => quantity.negated(),
        };
        let account = &mut self.account;
        let flow = match side {
            Side::Buy => paid.negated(),
            Side::Sell => paid,
        };
        account.cash = account.cash.checked_add(flow).unwrap();
        if side == Side::Buy {
            account.settled_cash = account.settled_cash.checked_sub(paid).unwrap();
        }
        let after = self.held(id).checked_add(signed).unwrap();
        let last = self.marks[id.index()].last.unwrap();
        self.hold_at(id, after, last);
    }

    pub(crate) fn hash(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.gate
            .hash_state(&mut |part| bytes.extend_from_slice(part));
        bytes
    }
}

/// The record of one check.
pub(crate) fn record(assessment: &Assessment, check: CheckId) -> CheckRecord {
    assessment
        .get(check)
        .unwrap_or_else(|| panic!("{check:?} did not run"))
}

/// Asserts that an order is refused by a check with these figures.
pub(crate) fn refused(
    world: &World,
    request: &OrderRequest,
    check: CheckId,
    measured: Measure,
    limit: Measure,
    largest: Option<Quantity>,
) {
    let decision = world.judge(request);
    let found = record(&decision.assessment, check);
    let expected = CheckRecord {
        check,
        verdict: Verdict::Reject,
        measured,
        limit,
        largest,
    };
    assert_eq!(found, expected, "{}", check.code());
    assert!(decision.outcome.is_err());
}

/// Asserts that one check has nothing against an order.
pub(crate) fn allowed(world: &World, request: &OrderRequest, check: CheckId) {
    let decision = world.judge(request);
    let found = record(&decision.assessment, check);
    assert!(found.verdict <= Verdict::Warn, "{found:?}");
}

/// Asserts that all checks let an order through.
pub(crate) fn approved(world: &World, request: &OrderRequest) {
    let decision = world.judge(request);
    assert!(
        decision.outcome.is_ok(),
        "{:?}",
        decision.assessment.failures().collect::<Vec<_>>()
    );
}
