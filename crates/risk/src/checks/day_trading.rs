//! R035: the day-trading rule in force on the day.

use trader_broker::{AccountKind, Assessment, CheckId, CheckRecord, Figure, Unit, Verdict};

use super::View;
use crate::day_trading::{DAY_TRADES, DayTradeRecord, DayTradingRule, PATTERN_EQUITY};
use crate::judge::{Reading, at_most, count, not_concerned, unknown};

/// R035. An order that opens is refused when closing everything opened today could break the rule;
/// so an exit is never refused by it.
pub(crate) fn day_trading(
    view: &View<'_>,
    into: &mut Assessment,
    rule: DayTradingRule,
    record: &DayTradeRecord,
    may_open: impl FnOnce() -> u32,
) {
    let check = CheckId::DayTrading;
    if view.snapshot.account.kind == AccountKind::Cash || view.only_reduces() {
        return not_concerned(into, check);
    }
    match rule {
        DayTradingRule::IntradayMargin => {
            let verdict = view.relieved(!record.is_restricted());
            into.note(check, verdict, Figure::ABSENT, Figure::ABSENT);
        }
        DayTradingRule::PatternDayTrader
            if view.snapshot.account.day_start_equity >= PATTERN_EQUITY =>
        {
            within_buying_power(view, into, record);
        }
        DayTradingRule::PatternDayTrader => few_day_trades(view, into, record, may_open()),
    }
}

/// FINRA 4210(f)(8)(B). With $25,000 or more at the last close, everything open together stays
/// within four times the maintenance excess of that close.
fn within_buying_power(view: &View<'_>, into: &mut Assessment, record: &DayTradeRecord) {
    let check = CheckId::DayTrading;
    let Some(limit) = record.buying_power() else {
        // The first day of the run: there was no close from which buying power is counted, and
        // Regulation T (half of it) holds by its own check.
        return not_concerned(into, check);
    };
    at_most(
        into,
        (check, Unit::Money),
        view.sizes,
        view.limits.warn_share,
        |open| {
            let own = view.with(open, |after| Some(after.own.exposure.gross()))?;
            let measured = view.before.others?.gross.checked_add(own)?;
            Some(Reading { measured, limit })
        },
    );
}

/// FINRA 4210(f)(8)(B). With less, at most three day trades in five business days can come about.
fn few_day_trades(view: &View<'_>, into: &mut Assessment, record: &DayTradeRecord, may_open: u32) {
    let check = CheckId::DayTrading;
    let instrument = view.subject.id_of_instrument;
    let one = u32::from(!record.opened_today(instrument));
    let found = record
        .count()
        .checked_add(record.opened())
        .and_then(|sum| sum.checked_add(may_open))
        .and_then(|sum| sum.checked_add(one));
    let limit = count(u64::from(DAY_TRADES));
    let Some(found) = found else {
        return unknown(into, check, limit);
    };
    let holds = found <= DAY_TRADES;
    let reducing = view.sizes.reducing;
    into.push(CheckRecord {
        check,
        verdict: if holds {
            Verdict::Pass
        } else {
            Verdict::Reject
        },
        measured: count(u64::from(found)).measure(),
        limit: limit.measure(),
        largest: if holds || reducing <= 0 {
            None
        } else {
            view.sizes.largest(|open| open <= reducing)
        },
    });
}
