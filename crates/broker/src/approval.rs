//! [`approve`]: the only maker of [`ApprovedOrder`].

use trader_domain::{OrderId, OrderRequest, Quantity, ReplaceRequest, Rounding};

use crate::assessment::{Assessment, Verdict};
use crate::policy::{CompliancePolicy, Proposal, Resize, RiskPolicy};
use crate::snapshot::Snapshot;

/// One order that both policies approved against one snapshot; consumed when submitted.
#[derive(Debug)]
#[must_use = "an approved order that is dropped keeps its reservation: submit it"]
pub struct ApprovedOrder {
    request: OrderRequest,
    snapshot_version: u64,
}

impl ApprovedOrder {
    /// The approved terms.
    pub const fn request(&self) -> &OrderRequest {
        &self.request
    }

    /// The version of the snapshot it was judged against. The core refuses to submit it when any
    /// other reservation was made since.
    pub const fn snapshot_version(&self) -> u64 {
        self.snapshot_version
    }

    /// Gives up the approval for the plain terms (a venue does this when it books the order).
    pub fn into_request(self) -> OrderRequest {
        self.request
    }
}

/// New terms for a working order that both policies approved.
#[derive(Debug)]
#[must_use = "approved terms that are dropped keep their reservation: submit them"]
pub struct ApprovedReplacement {
    terms: ReplaceRequest,
    snapshot_version: u64,
}

impl ApprovedReplacement {
    /// The approved terms.
    pub const fn terms(&self) -> &ReplaceRequest {
        &self.terms
    }

    /// As [`ApprovedOrder::snapshot_version`].
    pub const fn snapshot_version(&self) -> u64 {
        self.snapshot_version
    }
}

/// The refused proposal: nothing reaches the broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Which order.
    pub order: OrderId,
    /// Whether trading must stop, not only this order.
    pub verdict: Verdict,
}

/// What a judgement comes to; its record is where [`approve_into`] was told to put it.
#[derive(Debug)]
pub struct Judgement<T> {
    /// What may be submitted, or the refusal.
    pub outcome: Result<T, Refusal>,
    /// The quantity asked for, where the gate shrank the order.
    pub resized_from: Option<Quantity>,
}

/// A judgement with its full record.
#[derive(Debug)]
pub struct Decision<T> {
    /// What may be submitted, or the refusal.
    pub outcome: Result<T, Refusal>,
    /// Every check of the final judgement.
    pub assessment: Assessment,
    /// The quantity asked for, where the gate shrank the order.
    pub resized_from: Option<Quantity>,
}

impl<T> Decision<T> {
    fn of(judge: impl FnOnce(&mut Assessment) -> Judgement<T>) -> Self {
        let mut assessment = Assessment::new();
        let Judgement {
            outcome,
            resized_from,
        } = judge(&mut assessment);
        Self {
            outcome,
            assessment,
            resized_from,
        }
    }
}

/// Judges an order by both policies against one snapshot.
///
/// All checks of both policies run. When the risk policy allows it, an order that fails only for
/// its size is shrunk to the largest quantity that passes (a whole number of lots) and judged
/// again; it is never grown.
pub fn approve(
    request: OrderRequest,
    snapshot: &Snapshot<'_>,
    risk: &dyn RiskPolicy,
    compliance: &dyn CompliancePolicy,
) -> Decision<ApprovedOrder> {
    Decision::of(|record| approve_into(request, snapshot, risk, compliance, record))
}

/// As [`approve`], with the record of the judgement in the place of an earlier one.
#[inline] // an order is moved fewer times
pub fn approve_into(
    mut request: OrderRequest,
    snapshot: &Snapshot<'_>,
    risk: &dyn RiskPolicy,
    compliance: &dyn CompliancePolicy,
    record: &mut Assessment,
) -> Judgement<ApprovedOrder> {
    assess_order(&mut request, snapshot, risk, compliance, record);
    let mut resized_from = None;
    if record.verdict() == Verdict::Reject
        && risk.resize() == Resize::ToLargestSafe
        && let Some(smaller) = safe_quantity(record, &request, snapshot)
    {
        resized_from = Some(request.quantity);
        request.quantity = smaller;
        assess_order(&mut request, snapshot, risk, compliance, record);
    }
    let verdict = record.verdict();
    let outcome = if verdict >= Verdict::Reject {
        Err(Refusal {
            order: request.id,
            verdict,
        })
    } else {
        Ok(ApprovedOrder {
            request,
            snapshot_version: snapshot.version,
        })
    };
    Judgement {
        outcome,
        resized_from,
    }
}

fn assess_order(
    request: &mut OrderRequest,
    snapshot: &Snapshot<'_>,
    risk: &dyn RiskPolicy,
    compliance: &dyn CompliancePolicy,
    record: &mut Assessment,
) {
    record.clear();
    request.short_mark = compliance.mark(request, snapshot);
    risk.assess(Proposal::New(request), snapshot, record);
    compliance.assess(Proposal::New(request), snapshot, record);
}

/// The largest passing quantity in whole lots, strictly below what was asked.
fn safe_quantity(
    assessment: &Assessment,
    request: &OrderRequest,
    snapshot: &Snapshot<'_>,
) -> Option<Quantity> {
    let lot = snapshot.instruments.get(request.instrument)?.lot;
    let largest = assessment.largest_passing()?;
    let whole_lots = largest.round_to(lot, Rounding::Floor).ok()?;
    (whole_lots.is_positive() && whole_lots < request.quantity).then_some(whole_lots)
}

/// Judges new terms for a working order.
pub fn approve_replacement(
    working: &OrderRequest,
    filled: Quantity,
    terms: ReplaceRequest,
    snapshot: &Snapshot<'_>,
    risk: &dyn RiskPolicy,
    compliance: &dyn CompliancePolicy,
) -> Decision<ApprovedReplacement> {
    Decision::of(|record| {
        let change = (working, filled, terms);
        approve_replacement_into(change, snapshot, risk, compliance, record)
    })
}

/// As [`approve_replacement`], with the record of the judgement in the place of an earlier one. A
/// change is the working order, what of it has filled, and the new terms.
pub fn approve_replacement_into(
    (working, filled, terms): (&OrderRequest, Quantity, ReplaceRequest),
    snapshot: &Snapshot<'_>,
    risk: &dyn RiskPolicy,
    compliance: &dyn CompliancePolicy,
    record: &mut Assessment,
) -> Judgement<ApprovedReplacement> {
    let proposal = Proposal::Replace {
        working,
        filled,
        terms: &terms,
    };
    record.clear();
    risk.assess(proposal, snapshot, record);
    compliance.assess(proposal, snapshot, record);
    let verdict = record.verdict();
    let outcome = if verdict >= Verdict::Reject {
        Err(Refusal {
            order: working.id,
            verdict,
        })
    } else {
        Ok(ApprovedReplacement {
            terms,
            snapshot_version: snapshot.version,
        })
    };
    Judgement {
        outcome,
        resized_from: None,
    }
}
