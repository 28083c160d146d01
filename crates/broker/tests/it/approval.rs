//! Approving, refusing and shrinking.

use trader_broker::{
    Account, Assessment, CheckId, CheckRecord, CompliancePolicy, GateEvent, Holdings, MarketPhase,
    Measure, Proposal, Resize, RiskPolicy, Snapshot, Verdict, approve,
};
use trader_domain::{
    AccountId, ClientOrderId, Instrument, InstrumentId, Instruments, OrderId, OrderKind,
    OrderRequest, PositionEffect, Quantity, Session, ShortExemption, ShortMark, Side, StrategyId,
    Symbol, TimeInForce, Timestamp,
};

/// Passes up to a quantity.
struct AtMost(i32, Resize);

impl RiskPolicy for AtMost {
    fn assess(&self, proposal: Proposal<'_>, _: &Snapshot<'_>, into: &mut Assessment) {
        let Proposal::New(request) = proposal else {
            return;
        };
        let limit = Quantity::whole(self.0);
        let passes = request.quantity <= limit;
        into.push(CheckRecord {
            check: CheckId::MaxQuantity,
            verdict: if passes {
                Verdict::Pass
            } else {
                Verdict::Reject
            },
            measured: Measure::Quantity(request.quantity),
            limit: Measure::Quantity(limit),
            largest: (!passes).then_some(limit),
        });
    }
    fn observe(&mut self, _: GateEvent<'_>, _: &Snapshot<'_>) {}
    fn resize(&self) -> Resize {
        self.1
    }
    fn hash_state(&self, _: &mut dyn FnMut(&[u8])) {}
}

/// Marks every order short, and refuses when told to.
struct Marks(Verdict);

impl CompliancePolicy for Marks {
    fn mark(&self, _: &OrderRequest, _: &Snapshot<'_>) -> Option<ShortMark> {
        Some(ShortMark::Short)
    }
    fn assess(&self, _: Proposal<'_>, _: &Snapshot<'_>, into: &mut Assessment) {
        into.push(CheckRecord {
            check: CheckId::RestrictedList,
            verdict: self.0,
            measured: Measure::Absent,
            limit: Measure::Absent,
            largest: None,
        });
    }
    fn observe(&mut self, _: GateEvent<'_>, _: &Snapshot<'_>) {}
    fn hash_state(&self, _: &mut dyn FnMut(&[u8])) {}
}

fn instruments(lot: i32) -> Instruments {
    let mut table = Instruments::new();
    let mut instrument = Instrument::equity(Symbol::new("AAPL").unwrap());
    instrument.lot = Quantity::whole(lot);
    table.add(instrument).unwrap();
    table
}

fn order(quantity: i32) -> OrderRequest {
    OrderRequest {
        id: OrderId(1),
        client_order_id: ClientOrderId {
            run: 1,
            order: OrderId(1),
        },
        strategy: StrategyId(0),
        account: AccountId(0),
        instrument: InstrumentId(0),
        side: Side::Sell,
        quantity: Quantity::whole(quantity),
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
        created: Timestamp::EPOCH,
    }
}

fn judged(
    quantity: i32,
    lot: i32,
    risk: &AtMost,
    compliance: &Marks,
) -> (Result<Quantity, Verdict>, Option<Quantity>, usize) {
    let (table, account) = (instruments(lot), Account::default());
    let snapshot = Snapshot {
        version: 7,
        now: Timestamp::EPOCH,
        taken: Timestamp::EPOCH,
        phase: MarketPhase::Continuous,
        instruments: &table,
        marks: &[],
        holdings: &Holdings::default(),
        account: &account,
    };
    let decision = approve(order(quantity), &snapshot, risk, compliance);
    let checks = decision.assessment.len();
    let outcome = match decision.outcome {
        Ok(approved) => {
            assert_eq!(approved.snapshot_version(), 7);
            assert_eq!(approved.request().short_mark, Some(ShortMark::Short));
            Ok(approved.into_request().quantity)
        }
        Err(refusal) => Err(refusal.verdict),
    };
    (outcome, decision.resized_from, checks)
}

const fn whole(quantity: i32) -> Quantity {
    Quantity::whole(quantity)
}

#[test]
fn what_both_policies_pass_is_approved_and_marked() {
    let found = judged(5, 1, &AtMost(10, Resize::Never), &Marks(Verdict::Pass));
    assert_eq!(found, (Ok(whole(5)), None, 2));
}

#[test]
fn one_policy_is_enough_to_refuse() {
    let found = judged(5, 1, &AtMost(10, Resize::Never), &Marks(Verdict::Reject));
    assert_eq!(found, (Err(Verdict::Reject), None, 2));
    let found = judged(11, 1, &AtMost(10, Resize::Never), &Marks(Verdict::Pass));
    assert_eq!(found, (Err(Verdict::Reject), None, 2));
}

#[test]
fn a_warning_does_not_refuse_and_a_halt_is_passed_on() {
    let risk = AtMost(10, Resize::ToLargestSafe);
    assert_eq!(judged(5, 1, &risk, &Marks(Verdict::Warn)).0, Ok(whole(5)));
    assert_eq!(
        judged(5, 1, &risk, &Marks(Verdict::Halt)).0,
        Err(Verdict::Halt)
    );
}

#[test]
fn an_order_is_shrunk_to_whole_lots_and_the_record_is_of_what_was_approved() {
    let risk = AtMost(10, Resize::ToLargestSafe);
    let found = judged(25, 4, &risk, &Marks(Verdict::Pass));
    assert_eq!(found, (Ok(whole(8)), Some(whole(25)), 2));
}

#[test]
fn an_order_is_not_shrunk_to_nothing_nor_when_compliance_refuses() {
    let risk = AtMost(3, Resize::ToLargestSafe);
    let found = judged(25, 4, &risk, &Marks(Verdict::Pass));
    assert_eq!(found, (Err(Verdict::Reject), None, 2));
    let found = judged(25, 1, &risk, &Marks(Verdict::Reject));
    assert_eq!(found, (Err(Verdict::Reject), None, 2));
}
