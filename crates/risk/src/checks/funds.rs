//! R030 to R034: can the account pay for it?

use trader_broker::{AccountKind, Assessment, CheckId, CheckRecord, Figure, Unit, Verdict};
use trader_domain::Side;

use super::{After, View};
use crate::judge::{Reading, at_most, not_concerned, share_down};

/// What all purchases, this one included, may cost, and what written options tie up.
fn cost(view: &View<'_>, after: &After) -> Option<i128> {
    let elsewhere = &view.before.elsewhere;
    elsewhere
        .cost
        .checked_add(elsewhere.packages)?
        .checked_add(after.own.buy.cost)?
        .checked_add(after.own.package)?
        .checked_add(after.own.obligation)
}

/// R030. Cash accounts: cash less the buffer covers all purchases. Margin accounts: equity less
/// the buffer covers the initial requirement of all positions and orders.
pub(crate) fn buying_power(view: &View<'_>, into: &mut Assessment) {
    let account = view.snapshot.account;
    let share = view.limits.buying_power_buffer.units();
    let buffer = view
        .before
        .equity
        .and_then(|equity| share_down(equity.max(0), share));
    at_most(
        into,
        (CheckId::BuyingPower, Unit::Money),
        view.sizes,
        view.limits.warn_share,
        |open| {
            let (measured, funds) = view.with(open, |after| {
                Some(match account.kind {
                    AccountKind::Cash => (cost(view, after)?, account.cash.units()),
                    AccountKind::Margin => (after.initial?, after.worst_equity?),
                })
            })?;
            let limit = funds.checked_sub(buffer?)?;
            Some(Reading { measured, limit })
        },
    );
}

/// R031. A cash account pays with settled cash only. What was bought with unsettled proceeds could
/// not be sold before they settle (good-faith violation), and what is not paid for at all must not
/// be sold (free-riding, Regulation T 220.8(c)); neither can arise when nothing is bought so.
pub(crate) fn settled_cash(view: &View<'_>, into: &mut Assessment) {
    let account = view.snapshot.account;
    if account.kind == AccountKind::Margin {
        return not_concerned(into, CheckId::SettledCash);
    }
    let limit = account.settled_cash.units();
    at_most(
        into,
        (CheckId::SettledCash, Unit::Money),
        view.sizes,
        view.limits.warn_share,
        |open| {
            let measured = view.with(open, |after| cost(view, after))?;
            Some(Reading { measured, limit })
        },
    );
}

/// R032. Regulation T, 12 CFR 220.12.
pub(crate) fn initial_margin(view: &View<'_>, into: &mut Assessment) {
    margin(view, into, CheckId::InitialMargin, |after| after.initial);
}

/// R033. FINRA 4210(c), after the trade.
pub(crate) fn maintenance_margin(view: &View<'_>, into: &mut Assessment) {
    margin(view, into, CheckId::MaintenanceMargin, |after| {
        after.maintenance
    });
}

#[inline]
fn margin(
    view: &View<'_>,
    into: &mut Assessment,
    check: CheckId,
    required: impl Fn(&After) -> Option<i128>,
) {
    if view.snapshot.account.kind == AccountKind::Cash {
        return not_concerned(into, check);
    }
    at_most(
        into,
        (check, Unit::Money),
        view.sizes,
        view.limits.warn_share,
        |open| {
            view.with(open, |after| {
                Some(Reading {
                    measured: required(after)?,
                    limit: after.worst_equity?,
                })
            })
        },
    );
}

/// R034. FINRA 4210(b)(4): below $2,000 of equity a margin account may only buy what its cash pays
/// in full. Reducing orders pass.
pub(crate) fn minimum_equity(view: &View<'_>, into: &mut Assessment) {
    let check = CheckId::MinimumEquity;
    if view.snapshot.account.kind == AccountKind::Cash {
        return not_concerned(into, check);
    }
    let minimum = view.limits.margin.minimum_equity.units();
    let limit = Figure::new(Unit::Money, minimum);
    let Some(equity) = view.whole.as_ref().and_then(|after| after.worst_equity) else {
        return into.note(check, view.relieved(false), Figure::ABSENT, limit);
    };
    let measured = Figure::new(Unit::Money, equity);
    if equity >= minimum {
        return into.note(check, Verdict::Pass, measured, limit);
    }
    below_minimum(view, into, (measured, limit), minimum);
}

#[cold]
fn below_minimum(
    view: &View<'_>,
    into: &mut Assessment,
    (measured, limit): (Figure, Figure),
    minimum: i128,
) {
    let cash = view.snapshot.account.cash.units();
    let paid = |open: i64| {
        let allowed = view.with(open, |after| {
            let enough = after.worst_equity.is_some_and(|equity| equity >= minimum);
            let in_full = view.subject.side == Side::Buy
                && after.own.exposure.short == 0
                && cost(view, after).is_some_and(|cost| cost <= cash);
            Some(enough || in_full)
        });
        open <= view.sizes.reducing || allowed == Some(true)
    };
    let passes = paid(view.sizes.open);
    into.push(CheckRecord {
        check: CheckId::MinimumEquity,
        verdict: if passes {
            Verdict::Pass
        } else {
            Verdict::Reject
        },
        measured: measured.measure(),
        limit: limit.measure(),
        largest: if passes {
            None
        } else {
            view.sizes.largest(paid)
        },
    });
}
