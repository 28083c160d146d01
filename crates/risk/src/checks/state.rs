//! R070 to R073: is trading allowed at all?

use trader_broker::{Assessment, CheckId, CheckRecord, Figure, Verdict};
use trader_domain::{Money, Rate, TradingState};

use super::View;
use crate::halt::loss;
use crate::judge::{count, holds, not_concerned, quantity, rate};

/// R070. Reducing takes only what brings a position closer to zero; halted takes nothing.
pub(crate) fn trading_state(
    view: &View<'_>,
    into: &mut Assessment,
    state: TradingState,
    fault: bool,
) {
    let check = CheckId::TradingState;
    if fault {
        return into.note(check, Verdict::Halt, Figure::ABSENT, Figure::ABSENT);
    }
    match state {
        TradingState::Active => not_concerned(into, check),
        TradingState::Halted => holds(into, check, false, Figure::ABSENT, Figure::ABSENT),
        TradingState::Reducing if view.only_reduces() => not_concerned(into, check),
        TradingState::Reducing => {
            let reducing = view.sizes.reducing;
            into.push(CheckRecord {
                check,
                verdict: Verdict::Reject,
                measured: quantity(view.subject.open.units()).measure(),
                limit: quantity(reducing).measure(),
                largest: view.sizes.largest(|open| open <= reducing),
            });
        }
    }
}

/// A loss against its limit: reducing orders are warned of it, all others are refused. The breach
/// also sets the trading state ([`trader_broker::RiskPolicy::review`]), which outlasts a recovery of the equity.
#[inline]
fn fall(view: &View<'_>, into: &mut Assessment, check: CheckId, start: Money, limit: Rate) {
    let Some(share) = loss(view.snapshot.account, start) else {
        return into.note(check, view.relieved(false), Figure::ABSENT, rate(limit));
    };
    let verdict = share
        .within(limit, view.limits.warn_share)
        .unwrap_or_else(|| view.relieved(false));
    into.note_share(check, verdict, (share.part, share.whole), limit);
}

/// R071.
pub(crate) fn daily_loss(view: &View<'_>, into: &mut Assessment) {
    let start = view.snapshot.account.day_start_equity;
    let limit = view.limits.daily_loss;
    fall(view, into, CheckId::DailyLoss, start, limit);
}

/// R072.
pub(crate) fn drawdown(view: &View<'_>, into: &mut Assessment) {
    let peak = view.snapshot.account.peak_equity;
    let limit = view.limits.drawdown;
    fall(view, into, CheckId::Drawdown, peak, limit);
}

/// R073.
pub(crate) fn loss_streak(view: &View<'_>, into: &mut Assessment) {
    let (streak, limit) = (view.snapshot.account.loss_streak, view.limits.loss_streak);
    let verdict = view.relieved(streak < limit);
    let (streak, limit) = (count(u64::from(streak)), count(u64::from(limit)));
    into.note(CheckId::LossStreak, verdict, streak, limit);
}
