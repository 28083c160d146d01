//! R030 to R034: can the account pay for it?

use trader_broker::{AccountKind, CheckId, CheckRecord, Measure};
use trader_domain::Side;

use super::{View, share_down};
use crate::exposure::Own;
use crate::judge::{Reading, Unit, at_most, holds, not_concerned, unknown};

/// What all purchases, this one included, may cost, and what written options tie up.
fn cost(view: &View<'_>, own: &Own) -> Option<i128> {
    view.elsewhere
        .cost
        .checked_add(view.elsewhere.packages)?
        .checked_add(own.buy.cost)?
        .checked_add(own.package)?
        .checked_add(own.obligation)
}

/// R030. Cash accounts: cash less the buffer covers all purchases. Margin accounts: equity less
/// the buffer covers the initial requirement of all positions and orders.
pub(crate) fn buying_power(view: &View<'_>) -> CheckRecord {
    let account = view.snapshot.account;
    let buffer = || {
        let share = i128::from(view.limits.buying_power_buffer.units());
        share_down(view.equity?.max(0), share)
    };
    at_most(
        CheckId::BuyingPower,
        Unit::Money,
        view.sizes,
        view.limits.warn_share,
        |open| {
            let (measured, funds) = view.with_own(open, |own| {
                Some(match account.kind {
                    AccountKind::Cash => (cost(view, own)?, account.cash.units()),
                    AccountKind::Margin => {
                        (view.initial(own, account.kind)?, view.worst_equity(own)?)
                    }
                })
            })?;
            let limit = funds.checked_sub(buffer()?)?;
            Some(Reading { measured, limit })
        },
    )
}

/// R031. A cash account pays with settled cash only. What was bought with unsettled proceeds could
/// not be sold before they settle (good-faith violation), and what is not paid for at all must not
/// be sold (free-riding, Regulation T 220.8(c)); neither can arise when nothing is bought so.
pub(crate) fn settled_cash(view: &View<'_>) -> CheckRecord {
    let account = view.snapshot.account;
    if account.kind == AccountKind::Margin {
        return not_concerned(CheckId::SettledCash);
    }
    let limit = account.settled_cash.units();
    at_most(
        CheckId::SettledCash,
        Unit::Money,
        view.sizes,
        view.limits.warn_share,
        |open| {
            let measured = view.with_own(open, |own| cost(view, own))?;
            Some(Reading { measured, limit })
        },
    )
}

/// R032. Regulation T, 12 CFR 220.12.
pub(crate) fn initial_margin(view: &View<'_>) -> CheckRecord {
    if view.snapshot.account.kind == AccountKind::Cash {
        return not_concerned(CheckId::InitialMargin);
    }
    margin(view, CheckId::InitialMargin, |own| {
        view.initial(own, AccountKind::Margin)
    })
}

/// R033. FINRA 4210(c), after the trade.
pub(crate) fn maintenance_margin(view: &View<'_>) -> CheckRecord {
    if view.snapshot.account.kind == AccountKind::Cash {
        return not_concerned(CheckId::MaintenanceMargin);
    }
    margin(view, CheckId::MaintenanceMargin, |own| {
        view.maintenance(own)
    })
}

fn margin(view: &View<'_>, check: CheckId, required: impl Fn(&Own) -> Option<i128>) -> CheckRecord {
    at_most(
        check,
        Unit::Money,
        view.sizes,
        view.limits.warn_share,
        |open| {
            view.with_own(open, |own| {
                Some(Reading {
                    measured: required(own)?,
                    limit: view.worst_equity(own)?,
                })
            })
        },
    )
}

/// R034. FINRA 4210(b)(4): below $2,000 of equity a margin account may only buy what its cash pays
/// in full. Reducing orders pass.
pub(crate) fn minimum_equity(view: &View<'_>) -> CheckRecord {
    let account = view.snapshot.account;
    if account.kind == AccountKind::Cash {
        return not_concerned(CheckId::MinimumEquity);
    }
    let minimum = view.limits.margin.minimum_equity;
    let limit = Measure::Money(minimum);
    let worst = view.own.as_ref().and_then(|own| view.worst_equity(own));
    let Some(equity) = worst.and_then(|units| trader_domain::Money::from_units(units).ok()) else {
        return relieved(view, unknown(CheckId::MinimumEquity, limit));
    };
    let measured = Measure::Money(equity);
    if equity >= minimum {
        return holds(CheckId::MinimumEquity, true, measured, limit);
    }
    let paid = |open: i64| {
        let allowed = view.with_own(open, |own| {
            let enough = view
                .worst_equity(own)
                .is_some_and(|equity| equity >= minimum.units());
            let in_full = view.subject.side == Side::Buy
                && own.exposure.short == 0
                && cost(view, own).is_some_and(|cost| cost <= account.cash.units());
            Some(enough || in_full)
        });
        open <= view.sizes.reducing || allowed == Some(true)
    };
    let mut record = holds(
        CheckId::MinimumEquity,
        paid(view.sizes.open),
        measured,
        limit,
    );
    if !paid(view.sizes.open) {
        record.largest = view.sizes.largest(paid);
    }
    record
}

/// A reducing order needs no equity figure; what is missing is recorded as a warning.
pub(crate) fn relieved(view: &View<'_>, record: CheckRecord) -> CheckRecord {
    if view.only_reduces() && record.verdict == trader_broker::Verdict::Reject {
        CheckRecord {
            verdict: trader_broker::Verdict::Warn,
            ..record
        }
    } else {
        record
    }
}
