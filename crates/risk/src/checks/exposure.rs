//! R040 to R046: weights, utilisation, number of positions, leverage, concentration.

use trader_broker::{CheckId, CheckRecord};

use super::View;
use crate::judge::{Reading, Unit, at_most, ratio_up};

/// R040.
pub(crate) fn position_weight(view: &View<'_>) -> CheckRecord {
    view.share_of_equity(
        CheckId::PositionWeight,
        view.limits.position_weight,
        |own| own.exposure.gross().checked_add(own.package),
    )
}

/// R041. What is paid in full counts whole, what is margined with its initial requirement.
pub(crate) fn utilisation(view: &View<'_>) -> CheckRecord {
    view.share_of_equity(CheckId::Utilisation, view.limits.utilisation, |own| {
        view.initial(own, view.snapshot.account.kind)
    })
}

/// R042.
pub(crate) fn max_positions(view: &View<'_>) -> CheckRecord {
    let limit = i128::from(view.limits.positions);
    at_most(
        CheckId::MaxPositions,
        Unit::Count,
        view.sizes,
        view.limits.warn_share,
        |open| {
            let new = if view.subject.is_package() {
                view.new_legs(open)
            } else {
                view.with_own(open, |own| Some(u64::from(own.is_position(view.subject))))?
            };
            let measured = i128::from(view.others?.positions.checked_add(new)?);
            Some(Reading { measured, limit })
        },
    )
}

/// R043.
pub(crate) fn gross_leverage(view: &View<'_>) -> CheckRecord {
    view.share_of_equity(CheckId::GrossLeverage, view.limits.gross_leverage, |own| {
        view.others?.gross.checked_add(own.exposure.gross())
    })
}

/// R044. All purchases filled and no sale, or the reverse: whichever ends farther from zero.
pub(crate) fn net_leverage(view: &View<'_>) -> CheckRecord {
    let account = view.snapshot.account;
    let limit = i128::from(view.limits.net_leverage.units());
    at_most(
        CheckId::NetLeverage,
        Unit::Rate,
        view.sizes,
        view.limits.warn_share,
        |open| {
            view.with_own(open, |own| {
                let net = account
                    .long_value
                    .units()
                    .checked_sub(account.short_value.units())?;
                let up = net
                    .checked_add(view.elsewhere.buys)?
                    .checked_add(own.buy.notional)?;
                let down = net
                    .checked_sub(view.elsewhere.sells)?
                    .checked_sub(own.sell.notional)?;
                let worst = up.max(down.checked_neg()?);
                let measured = ratio_up(worst, view.worst_equity(own)?)?;
                Some(Reading { measured, limit })
            })
        },
    )
}

/// R045.
pub(crate) fn sector_weight(view: &View<'_>) -> CheckRecord {
    view.share_of_equity(CheckId::SectorWeight, view.limits.sector_weight, |own| {
        view.others?.sector.checked_add(own.exposure.gross())
    })
}

/// R046.
pub(crate) fn industry_weight(view: &View<'_>) -> CheckRecord {
    view.share_of_equity(
        CheckId::IndustryWeight,
        view.limits.industry_weight,
        |own| view.others?.industry.checked_add(own.exposure.gross()),
    )
}
