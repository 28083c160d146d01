//! R020 to R022, R047, R063, R066: is one order, or all of them together, too large?

use trader_broker::{CheckId, CheckRecord, Measure};

use super::View;
use crate::judge::{RATE_SCALE, Reading, Sizes, Unit, at_most, not_concerned, ratio_up, unknown};

/// R020.
pub(crate) fn max_quantity(view: &View<'_>) -> CheckRecord {
    let limit = i128::from(view.limits.order_quantity.units());
    at_most(
        CheckId::MaxQuantity,
        Unit::Quantity,
        view.strict_sizes(),
        view.limits.warn_share,
        |open| {
            let measured = i128::from(open.checked_add(view.sizes.filled)?);
            Some(Reading { measured, limit })
        },
    )
}

/// R021. At the worst price, or the reference where that is higher.
pub(crate) fn max_notional(view: &View<'_>) -> CheckRecord {
    let limit = view.limits.order_notional.units();
    at_most(
        CheckId::MaxNotional,
        Unit::Money,
        view.strict_sizes(),
        view.limits.warn_share,
        |open| {
            let worst = view.subject.worst?.price;
            let price = if view.subject.is_package() {
                worst
            } else {
                worst.max(view.subject.reference.ok()?)
            };
            let unit =
                i128::from(price.units()).checked_mul(i128::from(view.subject.multiplier))?;
            let total = open.checked_add(view.sizes.filled)?;
            let measured = unit.checked_mul(i128::from(total))?;
            Some(Reading { measured, limit })
        },
    )
}

/// Average daily volume in units of 10⁻⁹.
fn daily_volume(view: &View<'_>) -> Option<i128> {
    let volume = view.subject.mark?.average_daily_volume?;
    volume
        .is_positive()
        .then(|| i128::from(volume.units()) * 1_000)
}

/// R022.
pub(crate) fn adv_share(view: &View<'_>) -> CheckRecord {
    let Some(limit) = view.limits.adv_share else {
        return not_concerned(CheckId::AdvShare);
    };
    let Some(volume) = daily_volume(view) else {
        return unknown(CheckId::AdvShare, Measure::Rate(limit));
    };
    let limit = i128::from(limit.units());
    at_most(
        CheckId::AdvShare,
        Unit::Rate,
        view.strict_sizes(),
        view.limits.warn_share,
        |open| {
            let total = open.checked_add(view.sizes.filled)?;
            let measured = ratio_up(i128::from(total), volume)?;
            Some(Reading { measured, limit })
        },
    )
}

/// R047. Days to leave the largest position that can come of it.
pub(crate) fn liquidity(view: &View<'_>) -> CheckRecord {
    let Some(limit) = view.limits.liquidity_days else {
        return not_concerned(CheckId::Liquidity);
    };
    if view.only_reduces() {
        return not_concerned(CheckId::Liquidity);
    }
    let volume = daily_volume(view).and_then(|volume| {
        let share = volume.checked_mul(i128::from(view.limits.participation.units()))?;
        Some(share.div_euclid(RATE_SCALE))
    });
    let Some(volume) = volume else {
        return unknown(CheckId::Liquidity, Measure::Rate(limit));
    };
    let limit = i128::from(limit.units());
    at_most(
        CheckId::Liquidity,
        Unit::Rate,
        view.sizes,
        view.limits.warn_share,
        |open| {
            view.with_own(open, |own| {
                let held = view.subject.holding.quantity.units();
                let long = held.checked_add(own.buy.quantity)?;
                let short = own.sell.quantity.checked_sub(held)?;
                let measured = ratio_up(i128::from(long.max(short).max(0)), volume)?;
                Some(Reading { measured, limit })
            })
        },
    )
}

/// R063. A replacement takes the place of its order.
pub(crate) fn open_orders(view: &View<'_>) -> CheckRecord {
    let limit = u64::from(view.limits.open_orders);
    let Some(base) = view.subject.base else {
        return unknown(CheckId::OpenOrders, Measure::Count(limit));
    };
    let count = u64::from(base.orders) + 1;
    crate::judge::holds(
        CheckId::OpenOrders,
        count <= limit,
        Measure::Count(count),
        Measure::Count(limit),
    )
}

/// R066. All working orders together: a basket is as dangerous as its sum.
pub(crate) fn basket_notional(view: &View<'_>) -> CheckRecord {
    let limit = view.limits.basket_notional.units();
    at_most(
        CheckId::BasketNotional,
        Unit::Money,
        Sizes {
            // Exits count like any order: together they are as large.
            reducing: 0,
            ..view.sizes
        },
        view.limits.warn_share,
        |open| {
            let working = view.with_own(open, |own| {
                own.package
                    .checked_add(own.buy.notional)?
                    .checked_add(own.sell.notional)
            })?;
            let measured = view
                .elsewhere
                .buys
                .checked_add(view.elsewhere.sells)?
                .checked_add(view.elsewhere.packages)?
                .checked_add(working)?;
            Some(Reading { measured, limit })
        },
    )
}
