//! R040 to R046: weights, utilisation, number of positions, leverage, concentration.

use trader_broker::{Assessment, CheckId, Unit};

use super::View;
use crate::judge::{Reading, Share, at_most, share_at_most};

/// R040.
pub(crate) fn position_weight(view: &View<'_>, into: &mut Assessment) {
    let limit = view.limits.position_weight;
    view.share_of_equity(into, CheckId::PositionWeight, limit, |after| {
        after.own.exposure.gross().checked_add(after.own.package)
    });
}

/// R041. What is paid in full counts whole, what is margined with its initial requirement.
pub(crate) fn utilisation(view: &View<'_>, into: &mut Assessment) {
    let limit = view.limits.utilisation;
    view.share_of_equity(into, CheckId::Utilisation, limit, |after| after.initial);
}

/// R042.
pub(crate) fn max_positions(view: &View<'_>, into: &mut Assessment) {
    let limit = i128::from(view.limits.positions);
    at_most(
        into,
        (CheckId::MaxPositions, Unit::Count),
        view.sizes,
        view.limits.warn_share,
        |open| {
            let new = if view.subject.is_package() {
                view.new_legs(open)
            } else {
                view.with(open, |after| {
                    Some(u64::from(after.own.is_position(view.subject)))
                })?
            };
            let measured = i128::from(view.before.others?.positions.checked_add(new)?);
            Some(Reading { measured, limit })
        },
    );
}

/// R043.
pub(crate) fn gross_leverage(view: &View<'_>, into: &mut Assessment) {
    let limit = view.limits.gross_leverage;
    view.share_of_equity(into, CheckId::GrossLeverage, limit, |after| {
        let others = view.before.others?.gross;
        others.checked_add(after.own.exposure.gross())
    });
}

/// R044. All purchases filled and no sale, or the reverse: whichever ends farther from zero.
pub(crate) fn net_leverage(view: &View<'_>, into: &mut Assessment) {
    let account = view.snapshot.account;
    let elsewhere = &view.before.elsewhere;
    let rates = (view.limits.net_leverage, view.limits.warn_share);
    share_at_most(into, CheckId::NetLeverage, view.sizes, rates, |open| {
        view.with(open, |after| {
            let net = account
                .long_value
                .units()
                .checked_sub(account.short_value.units())?;
            let up = net
                .checked_add(elsewhere.buys)?
                .checked_add(after.own.buy.notional)?;
            let down = net
                .checked_sub(elsewhere.sells)?
                .checked_sub(after.own.sell.notional)?;
            Some(Share {
                part: up.max(down.checked_neg()?),
                whole: after.worst_equity?,
            })
        })
    });
}

/// R045.
pub(crate) fn sector_weight(view: &View<'_>, into: &mut Assessment) {
    let limit = view.limits.sector_weight;
    view.share_of_equity(into, CheckId::SectorWeight, limit, |after| {
        let others = view.before.others?.sector;
        others.checked_add(after.own.exposure.gross())
    });
}

/// R046.
pub(crate) fn industry_weight(view: &View<'_>, into: &mut Assessment) {
    let limit = view.limits.industry_weight;
    view.share_of_equity(into, CheckId::IndustryWeight, limit, |after| {
        let others = view.before.others?.industry;
        others.checked_add(after.own.exposure.gross())
    });
}
