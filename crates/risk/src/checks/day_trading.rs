//! R035: the day-trading rule in force on the day.

use trader_broker::{AccountKind, CheckId, CheckRecord, Measure};

use super::View;
use super::funds::relieved;
use crate::day_trading::{DAY_TRADES, DayTradeRecord, DayTradingRule, PATTERN_EQUITY};
use crate::judge::{Reading, Unit, at_most, holds, not_concerned, unknown};

/// R035. An order that opens is refused when closing everything opened today could break the rule;
/// so an exit is never refused by it.
pub(crate) fn day_trading(
    view: &View<'_>,
    rule: DayTradingRule,
    record: &DayTradeRecord,
    may_open: u32,
) -> CheckRecord {
    let check = CheckId::DayTrading;
    if view.snapshot.account.kind == AccountKind::Cash || view.only_reduces() {
        return not_concerned(check);
    }
    match rule {
        DayTradingRule::IntradayMargin => relieved(
            view,
            holds(
                check,
                !record.is_restricted(),
                Measure::Absent,
                Measure::Absent,
            ),
        ),
        DayTradingRule::PatternDayTrader => pattern(view, record, may_open),
    }
}

/// FINRA 4210(f)(8)(B). With $25,000 or more at the last close, everything open together stays
/// within four times the maintenance excess of that close; with less, at most three day trades in
/// five business days can come about.
fn pattern(view: &View<'_>, record: &DayTradeRecord, may_open: u32) -> CheckRecord {
    let check = CheckId::DayTrading;
    if view.snapshot.account.day_start_equity >= PATTERN_EQUITY {
        let Some(limit) = record.buying_power() else {
            // The first day of the run: there was no close from which buying power is counted, and
            // Regulation T (half of it) holds by its own check.
            return not_concerned(check);
        };
        return at_most(
            check,
            Unit::Money,
            view.sizes,
            view.limits.warn_share,
            |open| {
                let own = view.with_own(open, |own| Some(own.exposure.gross()))?;
                let measured = view.others?.gross.checked_add(own)?;
                Some(Reading { measured, limit })
            },
        );
    }
    let instrument = view.subject.id_of_instrument;
    let one = u32::from(!record.opened_today(instrument));
    let count = record
        .count()
        .checked_add(record.opened())
        .and_then(|sum| sum.checked_add(may_open))
        .and_then(|sum| sum.checked_add(one));
    let limit = Measure::Count(u64::from(DAY_TRADES));
    let Some(count) = count else {
        return unknown(check, limit);
    };
    let mut refused = holds(
        check,
        count <= DAY_TRADES,
        Measure::Count(u64::from(count)),
        limit,
    );
    if count > DAY_TRADES && view.sizes.reducing > 0 {
        refused.largest = view.sizes.largest(|open| open <= view.sizes.reducing);
    }
    refused
}
