//! R020 to R022, R047, R063, R066: is one order, or all of them together, too large?

use trader_broker::{Assessment, CheckId, Unit};
use trader_domain::Rate;

use super::View;
use crate::judge::{
    Reading, Share, Sizes, at_most, count, holds, not_concerned, rate, share_at_most, share_down,
    unknown,
};

/// R020.
pub(crate) fn max_quantity(view: &View<'_>, into: &mut Assessment) {
    let limit = i128::from(view.limits.order_quantity.units());
    at_most(
        into,
        (CheckId::MaxQuantity, Unit::Quantity),
        view.strict_sizes(),
        view.limits.warn_share,
        |open| {
            let measured = i128::from(open.checked_add(view.sizes.filled)?);
            Some(Reading { measured, limit })
        },
    );
}

/// R021. At the worst price, or the reference where that is higher.
pub(crate) fn max_notional(view: &View<'_>, into: &mut Assessment) {
    let limit = view.limits.order_notional.units();
    let unit = || {
        let worst = view.subject.worst?.price;
        let price = if view.subject.is_package() {
            worst
        } else {
            worst.max(view.subject.reference.ok()?)
        };
        // 64 by 64 bits always fits into 128.
        Some(i128::from(price.units()) * i128::from(view.subject.multiplier))
    };
    let unit = unit();
    at_most(
        into,
        (CheckId::MaxNotional, Unit::Money),
        view.strict_sizes(),
        view.limits.warn_share,
        |open| {
            let total = open.checked_add(view.sizes.filled)?;
            let measured = match i64::try_from(unit?) {
                Ok(unit) => i128::from(unit) * i128::from(total),
                Err(_wide) => unit?.checked_mul(i128::from(total))?,
            };
            Some(Reading { measured, limit })
        },
    );
}

/// Average daily volume in units of 10⁻⁹.
fn daily_volume(view: &View<'_>) -> Option<i128> {
    let volume = view.subject.mark?.average_daily_volume?;
    volume
        .is_positive()
        .then(|| i128::from(volume.units()) * 1_000)
}

/// R022.
pub(crate) fn adv_share(view: &View<'_>, into: &mut Assessment) {
    let check = CheckId::AdvShare;
    let Some(limit) = view.limits.adv_share else {
        return not_concerned(into, check);
    };
    let Some(whole) = daily_volume(view) else {
        return unknown(into, check, rate(limit));
    };
    let rates = (limit, view.limits.warn_share);
    share_at_most(into, check, view.strict_sizes(), rates, |open| {
        let total = open.checked_add(view.sizes.filled)?;
        Some(Share {
            part: total.into(),
            whole,
        })
    });
}

/// R047. Days to leave the largest position that can come of it.
pub(crate) fn liquidity(view: &View<'_>, into: &mut Assessment) {
    match view.limits.liquidity_days {
        Some(limit) if !view.only_reduces() => days_to_leave(view, into, limit),
        _ => not_concerned(into, CheckId::Liquidity),
    }
}

fn days_to_leave(view: &View<'_>, into: &mut Assessment, limit: Rate) {
    let check = CheckId::Liquidity;
    let participation = view.limits.participation.units();
    let Some(whole) = daily_volume(view).and_then(|volume| share_down(volume, participation))
    else {
        return unknown(into, check, rate(limit));
    };
    let rates = (limit, view.limits.warn_share);
    share_at_most(into, check, view.sizes, rates, |open| {
        view.with(open, |after| {
            let held = view.subject.holding.quantity.units();
            let long = held.checked_add(after.own.buy.quantity)?;
            let short = after.own.sell.quantity.checked_sub(held)?;
            Some(Share {
                part: long.max(short).max(0).into(),
                whole,
            })
        })
    });
}

/// R063. A replacement takes the place of its order.
pub(crate) fn open_orders(view: &View<'_>, into: &mut Assessment) {
    let limit = u64::from(view.limits.open_orders);
    let Some(base) = &view.subject.base else {
        return unknown(into, CheckId::OpenOrders, count(limit));
    };
    let orders = u64::from(base.orders) + 1;
    holds(
        into,
        CheckId::OpenOrders,
        orders <= limit,
        count(orders),
        count(limit),
    );
}

/// R066. All working orders together: a basket is as dangerous as its sum.
pub(crate) fn basket_notional(view: &View<'_>, into: &mut Assessment) {
    let limit = view.limits.basket_notional.units();
    let elsewhere = &view.before.elsewhere;
    at_most(
        into,
        (CheckId::BasketNotional, Unit::Money),
        Sizes {
            // Exits count like any order: together they are as large.
            reducing: view.sizes.lowered,
            ..view.sizes
        },
        view.limits.warn_share,
        |open| {
            let working = view.with(open, |after| {
                let own = &after.own;
                own.package
                    .checked_add(own.buy.notional)?
                    .checked_add(own.sell.notional)
            })?;
            let measured = elsewhere
                .buys
                .checked_add(elsewhere.sells)?
                .checked_add(elsewhere.packages)?
                .checked_add(working)?;
            Some(Reading { measured, limit })
        },
    );
}
