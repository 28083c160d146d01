//! Sessions, halts, loss limits, and what the core refuses to process at all.

use trader_domain::*;
use trader_engine::{Alert, CoreError, Effects};

use crate::world::*;

#[test]
fn the_gate_is_told_of_every_trading_day_the_first_included() {
    let mut world = World::new();
    world.clock("2024-06-03T22:00:00Z");
    world.clock("2024-06-04T13:30:00Z");
    world.clock("2024-06-07T23:59:00Z");
    world.clock("2024-06-10T13:30:00Z");
    let days = world.judge.0.lock().unwrap().days.clone();
    // Days since 1970-01-01 of Monday the 3rd, Tuesday, Friday (after its close the market belongs
    // to Monday already) and Monday.
    assert_eq!(days.first(), Some(&19_877));
    assert!(days.windows(2).all(|pair| pair[0] < pair[1]), "{days:?}");
    assert_eq!(days.last(), Some(&19_884));
}

#[test]
fn equity_that_falls_without_an_order_is_held_against_the_loss_limits() {
    let mut world = World::new();
    let id = world.submit(buy(100));
    world.fill(id, 100, "100");
    world.alerts();
    let reviews = |world: &World| world.judge.0.lock().unwrap().reviews;
    world.bar(A, "101");
    let before = reviews(&world);
    world.bar(A, "100.50");
    assert_eq!(reviews(&world), before + 1, "worse than at the last review");
    world.bar(A, "100.70");
    assert_eq!(reviews(&world), before + 1, "not worse");
    world
        .judge
        .set(|rules| rules.allowed = TradingState::Reducing);
    world.bar(A, "80");
    assert_eq!(
        world.alerts(),
        [Alert::TradingState(TradingState::Reducing)]
    );
    assert_eq!(world.core.trading_state(), TradingState::Reducing);
    world.bar(A, "79");
    assert_eq!(world.alerts(), [], "told once");
}

#[test]
fn a_core_without_positions_is_not_reviewed_at_every_bar() {
    let mut world = World::new();
    world.bar(A, "100");
    let before = world.judge.0.lock().unwrap().reviews;
    for close in ["99", "50", "200"] {
        world.bar(A, close);
    }
    assert_eq!(world.judge.0.lock().unwrap().reviews, before);
}

#[test]
fn an_operator_s_trading_state_is_not_reported_as_the_gate_s_doing() {
    let mut world = World::new();
    world
        .judge
        .set(|rules| rules.allowed = TradingState::Halted);
    world.command(OperatorCommand::SetTradingState(TradingState::Halted));
    assert_eq!(world.alerts(), []);
}

#[test]
fn an_event_out_of_sequence_or_time_or_about_nothing_known_is_refused_and_changes_nothing() {
    let mut world = World::new();
    world.bar(A, "100");
    let (hash, sequence) = (world.core.state_hash(), world.core.sequence());
    let mut effects = Effects::new();
    let mut refused = |sequence, time, event| {
        let input = SequencedEvent {
            sequence,
            time,
            event,
        };
        world.core.process(&input, &mut effects).unwrap_err()
    };
    let now = OPEN;
    assert_eq!(
        refused(sequence, now, Event::Clock),
        CoreError::Sequence {
            expected: sequence + 1,
            found: sequence
        }
    );
    assert!(matches!(
        refused(sequence + 2, now, Event::Clock),
        CoreError::Sequence { .. }
    ));
    assert!(matches!(
        refused(sequence + 1, OPEN.saturating_add(-1), Event::Clock),
        CoreError::TimeWentBack { .. }
    ));
    let stranger = InstrumentId(77);
    let unknown_bar = MarketEvent::Bar(bar(stranger, now, price("1")));
    let unknown_acquirer = MarketEvent::CorporateAction(CorporateAction {
        instrument: A,
        effective: now,
        kind: CorporateActionKind::Merger {
            into: Some(stranger),
            to: 1,
            from: 1,
            cash: Price::ZERO,
        },
    });
    for event in [unknown_bar, unknown_acquirer] {
        assert!(matches!(
            refused(sequence + 1, now, Event::Market(event)),
            CoreError::UnknownInstrument { .. }
        ));
    }
    assert_eq!(world.core.state_hash(), hash);
}

#[test]
fn a_halt_reaches_the_gate_s_snapshot_and_its_end_too() {
    // The real gate refuses while the instrument is halted; see `real_exchange`. Here: the state
    // behind the snapshot changes, so that nothing is approved against the old one.
    let mut world = World::new();
    world.bar(A, "100");
    let before = world.core.state_hash();
    world.status(StatusKind::Halted(HaltReason::News));
    let halted = world.core.state_hash();
    world.status(StatusKind::Resumed);
    assert_ne!(before, halted);
    assert_ne!(halted, world.core.state_hash());
}
