//! R035: the day-trading rules by date.

use crate::world::{AAPL, MSFT, SPARE, World, XOM, allowed, approved, money, record, refused};
use chrono::{Datelike as _, NaiveDate};
use trader_broker::{CheckId, GateEvent, Measure, Verdict};
use trader_domain::{InstrumentId, Money, Rate};
use trader_risk::DayTradingSchedule;

fn day(year: i32, month: u32, day: u32) -> i32 {
    NaiveDate::from_ymd_opt(year, month, day)
        .unwrap()
        .num_days_from_ce()
        - 719_163
}

/// An account with $20,000 on the given day.
fn small(first: i32) -> World {
    let mut world = World::wide(|_| {});
    world.account.cash = Money::whole(20_000);
    world.revalue();
    world.account.day_start_equity = world.account.equity;
    world.account.peak_equity = world.account.equity;
    world.tell(GateEvent::NewDay { day: first });
    world
}

fn round_trip(world: &mut World, id: InstrumentId) {
    let entry = world.buy(id, 10);
    world.sent(&entry);
    world.fill_all(&entry);
    let exit = world.sell(id, 10);
    world.sent(&exit);
    world.fill_all(&exit);
}

#[test]
fn until_june_2026_a_small_account_makes_three_day_trades_in_five_days() {
    let mut world = small(day(2026, 5, 26));
    for id in [AAPL, MSFT, XOM] {
        round_trip(&mut world, id);
    }
    let fourth = world.buy(SPARE, 10);
    refused(
        &world,
        &fourth,
        CheckId::DayTrading,
        Measure::Count(4),
        Measure::Count(3),
        None,
    );
    // Five business days later the first three no longer count.
    for next in [27, 28, 29] {
        world.tell(GateEvent::NewDay {
            day: day(2026, 5, next),
        });
        let found = record(&world.judge(&fourth).assessment, CheckId::DayTrading);
        assert_eq!(found.verdict, Verdict::Reject);
    }
    for next in [1, 2] {
        world.tell(GateEvent::NewDay {
            day: day(2026, 6, next),
        });
    }
    allowed(&world, &fourth, CheckId::DayTrading);
}

#[test]
fn an_exit_is_never_refused_as_a_day_trade_because_entries_count_in_advance() {
    let mut world = small(day(2026, 5, 26));
    for id in [AAPL, MSFT] {
        round_trip(&mut world, id);
    }
    let third = world.buy(XOM, 10);
    world.sent(&third);
    world.fill_all(&third);
    let fourth = world.buy(SPARE, 10);
    let found = record(&world.judge(&fourth).assessment, CheckId::DayTrading);
    assert_eq!(found.measured, Measure::Count(4));
    assert_eq!(found.verdict, Verdict::Reject);
    let exit = world.sell(XOM, 10);
    approved(&world, &exit);
    // Kept overnight it is no day trade.
    world.tell(GateEvent::NewDay {
        day: day(2026, 5, 27),
    });
    allowed(&world, &fourth, CheckId::DayTrading);
}

#[test]
fn several_closings_after_one_opening_are_one_day_trade() {
    let mut world = small(day(2026, 5, 26));
    let entry = world.buy(AAPL, 30);
    world.sent(&entry);
    world.fill_all(&entry);
    for _ in 0..3 {
        let exit = world.sell(AAPL, 10);
        world.now = world.now.saturating_add(1_000_000_000);
        world.taken = world.now;
        world.set_price(AAPL, "100");
        world.sent(&exit);
        world.fill_all(&exit);
    }
    let next = world.buy(MSFT, 10);
    world.set_price(MSFT, "200");
    let found = record(&world.judge(&next).assessment, CheckId::DayTrading);
    assert_eq!(found.measured, Measure::Count(2));
}

#[test]
fn what_was_held_overnight_may_be_sold_freely() {
    let mut world = small(day(2026, 5, 26));
    world.hold(AAPL, 30);
    let exit = world.sell(AAPL, 30);
    world.sent(&exit);
    world.fill_all(&exit);
    let next = world.buy(MSFT, 10);
    let found = record(&world.judge(&next).assessment, CheckId::DayTrading);
    assert_eq!(found.measured, Measure::Count(1));
}

#[test]
fn a_large_account_stays_within_four_times_its_maintenance_excess() {
    let mut world = World::wide(|limits| {
        limits.gross_leverage = Rate::from_percent(1_000);
        limits.position_weight = Rate::from_percent(1_000);
    });
    world.account.cash = Money::whole(30_000);
    world.revalue();
    world.account.day_start_equity = world.account.equity;
    world.tell(GateEvent::NewDay {
        day: day(2026, 5, 26),
    });
    let request = world.limit(AAPL, trader_domain::Side::Buy, 1_201, "100");
    refused(
        &world,
        &request,
        CheckId::DayTrading,
        Measure::Money(money("120100")),
        Measure::Money(money("120000")),
        Some(crate::world::shares(1_200)),
    );
}

#[test]
fn from_june_2026_day_trades_are_not_counted() {
    let mut world = small(day(2026, 6, 4));
    for id in [AAPL, MSFT, XOM, SPARE] {
        round_trip(&mut world, id);
    }
}

#[test]
fn a_broker_that_phases_in_later_counts_them_longer() {
    let later = NaiveDate::from_ymd_opt(2027, 1, 4).unwrap();
    let mut world = World::with(|config| {
        config.limits = trader_risk::Limits::research();
        config.day_trading = DayTradingSchedule::changing_on(later).unwrap();
    });
    world.account.cash = Money::whole(20_000);
    world.revalue();
    world.account.day_start_equity = world.account.equity;
    world.tell(GateEvent::NewDay {
        day: day(2026, 12, 31),
    });
    for id in [AAPL, MSFT, XOM] {
        round_trip(&mut world, id);
    }
    let fourth = world.buy(SPARE, 10);
    let found = record(&world.judge(&fourth).assessment, CheckId::DayTrading);
    assert_eq!(found.verdict, Verdict::Reject);
    world.tell(GateEvent::NewDay {
        day: day(2027, 1, 4),
    });
    allowed(&world, &fourth, CheckId::DayTrading);
}

#[test]
fn an_intraday_deficit_that_is_not_met_by_the_fifth_day_restricts_for_ninety() {
    let mut world = World::wide(|_| {});
    world.hold(MSFT, 400);
    // Equity 15,000 against 20,000 of maintenance.
    world.account.cash = Money::whole(-65_000);
    world.revalue();
    let first = day(2026, 7, 6);
    for business_day in 0..5 {
        world.tell(GateEvent::NewDay {
            day: first + business_day,
        });
    }
    let request = world.buy(AAPL, 1);
    allowed(&world, &request, CheckId::DayTrading);
    world.tell(GateEvent::NewDay { day: first + 7 });
    let absent = Measure::Absent;
    refused(&world, &request, CheckId::DayTrading, absent, absent, None);
    let exit = world.sell(MSFT, 400);
    allowed(&world, &exit, CheckId::DayTrading);
    // Met or not: the restriction lasts.
    world.account.cash = Money::whole(1_000_000);
    world.revalue();
    world.tell(GateEvent::NewDay { day: first + 96 });
    refused(&world, &request, CheckId::DayTrading, absent, absent, None);
    world.tell(GateEvent::NewDay { day: first + 97 });
    allowed(&world, &request, CheckId::DayTrading);
}
