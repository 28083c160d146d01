//! A risk policy that lets everything pass except what a test tells it to refuse, and remembers
//! what it was told.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use trader_broker::{
    Assessment, CheckId, CheckRecord, CompliancePolicy, GateEvent, Measure, Proposal, Resize,
    Review, RiskPolicy, Snapshot, Verdict,
};
use trader_domain::{
    OrderId, OrderRequest, PositionEffect, Quantity, ShortMark, Side, TradingState,
};

/// What to refuse, and what was heard.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    /// Verdict on orders that may open.
    pub(crate) openings: Option<Verdict>,
    /// Verdict on reduce-only orders.
    pub(crate) reductions: Option<Verdict>,
    /// Verdict on new terms.
    pub(crate) replacements: Option<Verdict>,
    /// What a review answers.
    pub(crate) allowed: TradingState,
    /// Orders that hold a reservation, with what they reserved.
    pub(crate) reserved: BTreeMap<OrderId, Quantity>,
    /// Reviews asked for.
    pub(crate) reviews: u32,
    /// Trading days begun.
    pub(crate) days: Vec<i32>,
}

/// Test and policy share the rules.
#[derive(Debug, Clone, Default)]
pub(crate) struct Judge(pub(crate) Arc<Mutex<Rules>>);

impl Judge {
    pub(crate) fn set(&self, change: impl FnOnce(&mut Rules)) {
        change(&mut self.0.lock().unwrap());
    }
}

fn record(check: CheckId, verdict: Verdict) -> CheckRecord {
    CheckRecord {
        check,
        verdict,
        measured: Measure::Absent,
        limit: Measure::Absent,
        largest: None,
    }
}

impl RiskPolicy for Judge {
    fn assess(&self, proposal: Proposal<'_>, _snapshot: &Snapshot<'_>, into: &mut Assessment) {
        let rules = self.0.lock().unwrap();
        let (asked, quantity) = match proposal {
            Proposal::New(order) if order.effect == PositionEffect::ReduceOnly => {
                (rules.reductions, order.quantity)
            }
            Proposal::New(order) => (rules.openings, order.quantity),
            Proposal::Replace { terms, .. } => (rules.replacements, terms.quantity),
        };
        let positive = if quantity.is_positive() {
            Verdict::Pass
        } else {
            Verdict::Reject
        };
        into.push(record(CheckId::QuantityPositive, positive));
        into.push(record(CheckId::MaxQuantity, asked.unwrap_or(Verdict::Pass)));
    }

    fn observe(&mut self, event: GateEvent<'_>, _snapshot: &Snapshot<'_>) {
        let mut rules = self.0.lock().unwrap();
        match event {
            GateEvent::Reserve(order) => {
                let request = order.request();
                let twice = rules.reserved.insert(request.id, request.quantity);
                assert_eq!(twice, None, "order {} was reserved for twice", request.id);
            }
            GateEvent::Done { order, .. } => {
                rules.reserved.remove(&order);
            }
            GateEvent::NewDay { day } => rules.days.push(day),
            _ => {}
        }
    }

    fn review(&mut self, snapshot: &Snapshot<'_>) -> Review {
        let mut rules = self.0.lock().unwrap();
        rules.reviews += 1;
        let account = snapshot.account;
        Review {
            state: rules.allowed,
            // Whatever stands worse than now is to be looked at again.
            tolerated_fall: account.peak_equity.checked_sub(account.equity).unwrap(),
        }
    }

    fn resize(&self) -> Resize {
        Resize::Never
    }

    fn hash_state(&self, update: &mut dyn FnMut(&[u8])) {
        for (order, quantity) in &self.0.lock().unwrap().reserved {
            update(&order.0.to_le_bytes());
            update(&quantity.units().to_le_bytes());
        }
    }
}

/// Marks sales long or short by the account's position and refuses nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lenient;

impl CompliancePolicy for Lenient {
    fn mark(&self, request: &OrderRequest, snapshot: &Snapshot<'_>) -> Option<ShortMark> {
        let held = snapshot.holding(request.instrument)?.quantity;
        (request.side == Side::Sell).then_some(if held >= request.quantity {
            ShortMark::Long
        } else {
            ShortMark::Short
        })
    }

    fn assess(&self, _proposal: Proposal<'_>, _snapshot: &Snapshot<'_>, into: &mut Assessment) {
        into.push(record(CheckId::RestrictedList, Verdict::Pass));
    }

    fn observe(&mut self, _event: GateEvent<'_>, _snapshot: &Snapshot<'_>) {}

    fn hash_state(&self, _update: &mut dyn FnMut(&[u8])) {}
}
