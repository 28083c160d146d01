//! R060 to R065: is the stream of orders sane, whatever each one is?

use trader_broker::{Assessment, CheckId, CheckRecord, Figure, Verdict};
use trader_domain::PositionEffect;

use super::View;
use crate::flow::Flow;
use crate::judge::{count, holds, nanos, not_concerned, quantity, unknown};
use crate::parents::Parents;
use crate::subject::Novelty;

/// R060. Equal orders that only take from the position cannot take more than there is, so they are
/// reported, not refused: an exit must not fail because an equal one was sent.
pub(crate) fn duplicate(view: &View<'_>, into: &mut Assessment, flow: &Flow) {
    let check = CheckId::Duplicate;
    if view.subject.novelty == Novelty::Replacement {
        return not_concerned(into, check);
    }
    let window = view.limits.duplicate_window_nanos;
    let age = flow.age_of_equal(view.subject, view.snapshot.now, window);
    let verdict = match (age, view.subject.request.effect) {
        (None, _) => Verdict::Pass,
        (Some(_), PositionEffect::ReduceOnly) => view.relieved(false),
        (Some(_), PositionEffect::Any) => Verdict::Reject,
    };
    into.note(
        check,
        verdict,
        age.map_or(Figure::ABSENT, nanos),
        nanos(window),
    );
}

/// R061.
pub(crate) fn message_rate(view: &View<'_>, into: &mut Assessment, flow: &Flow) {
    let limit = u64::from(view.limits.message_rate.count);
    let found = flow.messages(view.snapshot.now) + 1;
    holds(
        into,
        CheckId::MessageRate,
        found <= limit,
        count(found),
        count(limit),
    );
}

/// R062. Knight sent four million orders for 212 requests: so many orders of one instrument and
/// side in so short a time are no trading. Reducing orders are bounded by the position.
pub(crate) fn loop_throttle(view: &View<'_>, into: &mut Assessment, flow: &Flow) {
    let check = CheckId::LoopThrottle;
    if view.subject.novelty == Novelty::Replacement {
        return not_concerned(into, check);
    }
    let limit = u64::from(view.limits.loop_rate.count);
    let found = flow.orders(
        view.subject.id_of_instrument,
        view.subject.side,
        view.snapshot.now,
    ) + 1;
    let verdict = view.relieved(found <= limit);
    into.note(check, verdict, count(found), count(limit));
}

/// R064. Cancellations of the day against executions; the first ones are free.
pub(crate) fn cancel_ratio(view: &View<'_>, into: &mut Assessment, flow: &Flow) {
    let limit = flow
        .fills_today()
        .saturating_mul(u64::from(view.limits.cancels_per_fill))
        .max(u64::from(view.limits.free_cancels));
    let found = flow.cancels_today();
    let verdict = view.relieved(found <= limit);
    into.note(CheckId::CancelRatio, verdict, count(found), count(limit));
}

/// R065. The children of an execution algorithm together never exceed their parent. Exits carry
/// their entry as parent; they reduce, and the position bounds them.
pub(crate) fn parent_child(view: &View<'_>, into: &mut Assessment, parents: &Parents) {
    let check = CheckId::ParentChild;
    let Some(parent) = view.subject.request.parent else {
        return not_concerned(into, check);
    };
    let Some(parent) = parents.get(parent) else {
        if view.only_reduces() {
            return not_concerned(into, check);
        }
        return unknown(into, check, Figure::ABSENT);
    };
    let own = parents.committed_by(view.subject.id);
    let others = parent.committed.checked_sub(own);
    let with = |open: i64| others?.checked_add(view.sizes.filled)?.checked_add(open);
    let limit = parent.quantity.units();
    let Some(measured) = with(view.sizes.open) else {
        return unknown(into, check, quantity(limit));
    };
    let fits = measured <= limit;
    into.push(CheckRecord {
        check,
        verdict: if fits { Verdict::Pass } else { Verdict::Reject },
        measured: quantity(measured).measure(),
        limit: quantity(limit).measure(),
        largest: if fits {
            None
        } else {
            view.sizes
                .largest(|open| with(open).is_some_and(|sum| sum <= limit))
        },
    });
}
