//! R060 to R065: is the stream of orders sane, whatever each one is?

use trader_broker::{CheckId, CheckRecord, Measure, Verdict};
use trader_domain::{PositionEffect, Quantity};

use super::View;
use super::funds::relieved;
use crate::flow::Flow;
use crate::judge::{holds, not_concerned, unknown};
use crate::parents::Parents;
use crate::subject::Novelty;

/// R060. Equal orders that only take from the position cannot take more than there is, so they are
/// reported, not refused: an exit must not fail because an equal one was sent.
pub(crate) fn duplicate(view: &View<'_>, flow: &Flow) -> CheckRecord {
    if view.subject.novelty == Novelty::Replacement {
        return not_concerned(CheckId::Duplicate);
    }
    let window = view.limits.duplicate_window_nanos;
    let age = flow.age_of_equal(view.subject, view.snapshot.now, window);
    let record = holds(
        CheckId::Duplicate,
        age.is_none(),
        age.map_or(Measure::Absent, Measure::Nanos),
        Measure::Nanos(window),
    );
    if view.subject.request.effect == PositionEffect::ReduceOnly {
        relieved(view, record)
    } else {
        record
    }
}

/// R061.
pub(crate) fn message_rate(view: &View<'_>, flow: &Flow) -> CheckRecord {
    let limit = u64::from(view.limits.message_rate.count);
    let count = flow.messages(view.snapshot.now) + 1;
    holds(
        CheckId::MessageRate,
        count <= limit,
        Measure::Count(count),
        Measure::Count(limit),
    )
}

/// R062. Knight sent four million orders for 212 requests: so many orders of one instrument and
/// side in so short a time are no trading. Reducing orders are bounded by the position.
pub(crate) fn loop_throttle(view: &View<'_>, flow: &Flow) -> CheckRecord {
    if view.subject.novelty == Novelty::Replacement {
        return not_concerned(CheckId::LoopThrottle);
    }
    let limit = u64::from(view.limits.loop_rate.count);
    let count = flow.orders(
        view.subject.id_of_instrument,
        view.subject.side,
        view.snapshot.now,
    ) + 1;
    relieved(
        view,
        holds(
            CheckId::LoopThrottle,
            count <= limit,
            Measure::Count(count),
            Measure::Count(limit),
        ),
    )
}

/// R064. Cancellations of the day against executions; the first ones are free.
pub(crate) fn cancel_ratio(view: &View<'_>, flow: &Flow) -> CheckRecord {
    let limit = flow
        .fills_today()
        .saturating_mul(u64::from(view.limits.cancels_per_fill))
        .max(u64::from(view.limits.free_cancels));
    let count = flow.cancels_today();
    relieved(
        view,
        holds(
            CheckId::CancelRatio,
            count <= limit,
            Measure::Count(count),
            Measure::Count(limit),
        ),
    )
}

/// R065. The children of an execution algorithm together never exceed their parent. Exits carry
/// their entry as parent; they reduce, and the position bounds them.
pub(crate) fn parent_child(view: &View<'_>, parents: &Parents) -> CheckRecord {
    let check = CheckId::ParentChild;
    let Some(parent) = view.subject.request.parent else {
        return not_concerned(check);
    };
    if view.only_reduces() && parents.get(parent).is_none() {
        return not_concerned(check);
    }
    let Some(parent) = parents.get(parent) else {
        return unknown(check, Measure::Absent);
    };
    let own = parents.committed_by(view.subject.id);
    let others = parent.committed.checked_sub(own);
    let measured = others.and_then(|others| {
        others
            .checked_add(view.sizes.filled)?
            .checked_add(view.sizes.open)
    });
    let (Some(others), Some(measured)) = (others, measured) else {
        return unknown(check, Measure::Quantity(parent.quantity));
    };
    let limit = parent.quantity.units();
    let fits = measured <= limit;
    CheckRecord {
        check,
        verdict: if fits { Verdict::Pass } else { Verdict::Reject },
        measured: Quantity::from_units(measured).map_or(Measure::Absent, Measure::Quantity),
        limit: Measure::Quantity(parent.quantity),
        largest: if fits {
            None
        } else {
            view.sizes.largest(|open| {
                others
                    .checked_add(view.sizes.filled)
                    .and_then(|sum| sum.checked_add(open))
                    .is_some_and(|sum| sum <= limit)
            })
        },
    }
}
