//! R070 to R073: trading states, loss limits, restart.

use crate::world::{AAPL, MSFT, World, allowed, approved, rate, record, refused, shares};
use trader_broker::{CheckId, GateEvent, Measure, RiskPolicy as _, Verdict};
use trader_domain::{Money, OperatorCommand, TradingState};
use trader_risk::HaltState;

fn order(world: &mut World, state: TradingState) {
    let command = OperatorCommand::SetTradingState(state);
    world.tell(GateEvent::Command(command));
}

#[test]
fn halted_takes_nothing_and_reducing_only_what_reduces() {
    let mut world = World::new();
    world.hold(AAPL, 100);
    order(&mut world, TradingState::Halted);
    let absent = Measure::Absent;
    let exit = world.sell(AAPL, 100);
    refused(&world, &exit, CheckId::TradingState, absent, absent, None);
    order(&mut world, TradingState::Reducing);
    approved(&world, &exit);
    let flip = world.sell(AAPL, 150);
    refused(
        &world,
        &flip,
        CheckId::TradingState,
        Measure::Quantity(shares(150)),
        Measure::Quantity(shares(100)),
        Some(shares(100)),
    );
    order(&mut world, TradingState::Active);
    allowed(&world, &flip, CheckId::TradingState);
}

#[test]
fn a_daily_loss_above_the_limit_refuses_what_opens_and_holds_for_the_day() {
    let mut world = World::new();
    world.hold(AAPL, 10);
    world.account.day_start_equity = Money::whole(1_000_000);
    world.account.equity = Money::whole(969_999);
    let request = world.buy(MSFT, 1);
    refused(
        &world,
        &request,
        CheckId::DailyLoss,
        Measure::Rate(rate("0.030001")),
        Measure::Rate(rate("0.03")),
        None,
    );
    let exit = world.sell(AAPL, 10);
    approved(&world, &exit);

    // The breach sets the state, which outlasts a recovery but not the day.
    let mut gate = world.gate.clone();
    assert_eq!(gate.review(&world.snapshot()).state, TradingState::Reducing);
    world.gate = gate;
    world.account.equity = Money::whole(1_000_000);
    let refusal = record(&world.judge(&request).assessment, CheckId::TradingState);
    assert_eq!(refusal.verdict, Verdict::Reject);
    world.tell(GateEvent::NewDay { day: 19_878 });
    approved(&world, &request);
}

#[test]
fn a_drawdown_above_the_limit_refuses_what_opens_until_an_operator_releases_it() {
    let mut world = World::new();
    world.account.peak_equity = Money::whole(2_000_000);
    world.account.equity = Money::whole(1_699_000);
    world.account.day_start_equity = world.account.equity;
    let request = world.buy(MSFT, 1);
    refused(
        &world,
        &request,
        CheckId::Drawdown,
        Measure::Rate(rate("0.1505")),
        Measure::Rate(rate("0.15")),
        None,
    );
    world.tell(GateEvent::NewDay { day: 19_878 });
    world.account.equity = Money::whole(2_000_000);
    assert_eq!(world.gate.trading_state(), TradingState::Reducing);
    world.tell(GateEvent::NewDay { day: 19_879 });
    assert_eq!(world.gate.trading_state(), TradingState::Reducing);
    order(&mut world, TradingState::Active);
    assert_eq!(world.gate.trading_state(), TradingState::Active);
}

#[test]
fn a_losing_streak_refuses_what_opens() {
    let mut world = World::new();
    world.account.loss_streak = 10;
    let request = world.buy(MSFT, 1);
    refused(
        &world,
        &request,
        CheckId::LossStreak,
        Measure::Count(10),
        Measure::Count(10),
        None,
    );
}

#[test]
fn what_was_stopped_starts_stopped() {
    let mut world = World::new();
    order(&mut world, TradingState::Halted);
    let kept = world.gate.halt_state();
    let mut restarted = World::new();
    restarted.gate.restore_halt_state(kept);
    let request = restarted.buy(AAPL, 1);
    let found = record(&restarted.judge(&request).assessment, CheckId::TradingState);
    assert_eq!(found.verdict, Verdict::Reject);
    assert_ne!(kept, HaltState::default());
}
