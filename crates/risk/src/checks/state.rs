//! R070 to R073: is trading allowed at all?

use trader_broker::{CheckId, CheckRecord, Measure, Verdict};
use trader_domain::{Rate, TradingState};

use super::View;
use crate::halt::LossReading;
use crate::judge::{holds, not_concerned, unknown};

use super::funds::relieved;

/// R070. Reducing takes only what brings a position closer to zero; halted takes nothing.
pub(crate) fn trading_state(view: &View<'_>, state: TradingState, fault: bool) -> CheckRecord {
    let check = CheckId::TradingState;
    if fault {
        return CheckRecord {
            verdict: Verdict::Halt,
            ..unknown(check, Measure::Absent)
        };
    }
    match state {
        TradingState::Active => not_concerned(check),
        TradingState::Halted => holds(check, false, Measure::Absent, Measure::Absent),
        TradingState::Reducing if view.only_reduces() => not_concerned(check),
        TradingState::Reducing => CheckRecord {
            check,
            verdict: Verdict::Reject,
            measured: Measure::Quantity(view.subject.open),
            limit: trader_domain::Quantity::from_units(view.sizes.reducing)
                .map_or(Measure::Absent, Measure::Quantity),
            largest: view.sizes.largest(|open| open <= view.sizes.reducing),
        },
    }
}

/// A loss against its limit: reducing orders are warned of it, all others are refused. The breach
/// also sets the trading state ([`trader_broker::RiskPolicy::review`]), which outlasts a recovery of the equity.
fn loss(view: &View<'_>, check: CheckId, reading: Option<LossReading>, limit: Rate) -> CheckRecord {
    let shown = Measure::Rate(limit);
    let Some(reading) = reading else {
        return relieved(view, unknown(check, shown));
    };
    let measured = Rate::from_units(reading.share).map_or(Measure::Absent, Measure::Rate);
    let near = i128::from(reading.share) * crate::judge::RATE_SCALE
        > i128::from(limit.units()) * i128::from(view.limits.warn_share.units());
    let verdict = if !reading.breached {
        if near { Verdict::Warn } else { Verdict::Pass }
    } else if view.only_reduces() {
        Verdict::Warn
    } else {
        Verdict::Reject
    };
    CheckRecord {
        check,
        verdict,
        measured,
        limit: shown,
        largest: None,
    }
}

/// R071.
pub(crate) fn daily_loss(view: &View<'_>) -> CheckRecord {
    let limit = view.limits.daily_loss;
    let reading = LossReading::of(
        view.snapshot.account,
        view.snapshot.account.day_start_equity,
        limit,
    );
    loss(view, CheckId::DailyLoss, reading, limit)
}

/// R072.
pub(crate) fn drawdown(view: &View<'_>) -> CheckRecord {
    let limit = view.limits.drawdown;
    let reading = LossReading::of(
        view.snapshot.account,
        view.snapshot.account.peak_equity,
        limit,
    );
    loss(view, CheckId::Drawdown, reading, limit)
}

/// R073.
pub(crate) fn loss_streak(view: &View<'_>) -> CheckRecord {
    let (streak, limit) = (view.snapshot.account.loss_streak, view.limits.loss_streak);
    relieved(
        view,
        holds(
            CheckId::LossStreak,
            streak < limit,
            Measure::Count(u64::from(streak)),
            Measure::Count(u64::from(limit)),
        ),
    )
}
