//! What strategies are told, and when.

use trader_domain::*;
use trader_engine::DataKinds;

use crate::puppet::{Ask, Puppet};
use crate::world::*;

fn world_of(puppets: Vec<Puppet>) -> World {
    World::with_puppets(config(margin(1_000_000)), puppets)
}

fn calls(world: &World, strategy: usize) -> Vec<String> {
    world.notes(strategy).calls.clone()
}

#[test]
fn a_strategy_gets_only_the_kinds_and_instruments_that_it_declared() {
    let mut world = world_of(vec![
        Puppet::wanting(DataKinds::BARS, Some(vec![B])),
        Puppet::wanting(DataKinds::QUOTES.and(DataKinds::NEWS), None),
        Puppet::wanting(DataKinds::TRADES, Some(vec![A])),
    ]);
    let now = world.now;
    world.bar(A, "100");
    world.bar(B, "50");
    world.market(MarketEvent::Quote(Quote {
        instrument: A,
        vendor: VendorId::INTERNAL,
        time: now,
        received: now,
        bid: price("99"),
        bid_size: shares(1),
        ask: price("101"),
        ask_size: shares(1),
    }));
    world.market(MarketEvent::Trade(Trade {
        instrument: A,
        vendor: VendorId::INTERNAL,
        time: now,
        received: now,
        price: price("100"),
        size: shares(5),
        conditions: TradeConditions::REGULAR,
    }));
    assert_eq!(calls(&world, 0), ["start", "bar 1"]);
    assert_eq!(calls(&world, 1), ["start", "quote"]);
    assert_eq!(calls(&world, 2), ["start", "trade"]);
}

#[test]
fn bars_complete_is_called_once_an_instant_and_only_when_there_were_bars() {
    let kinds = DataKinds::BARS.and(DataKinds::BATCHES);
    let mut world = world_of(vec![Puppet::wanting(kinds, Some(vec![A, B]))]);
    assert!(world.core.wants_batches());
    world.bar(A, "100");
    world.bar(B, "50");
    world.event(Event::Clock);
    world.event(Event::Clock);
    world.bar(InstrumentId(2), "10");
    world.event(Event::Clock);
    assert_eq!(
        calls(&world, 0),
        ["start", "bar 0", "bar 1", "bars complete"]
    );
}

#[test]
fn a_timer_fires_once_for_the_strategy_that_set_it() {
    let mut world = World::with(config(margin(1_000_000)), 2);
    let due = world.now.saturating_add(5);
    world.ask_of(1, Ask::Timer(due));
    let timer = world.notes(1).timers_set[0];
    assert_eq!(world.wanted(), [Wanted::Timer(timer, due)]);
    world.advance(1);
    world.event(Event::Timer(timer));
    world.event(Event::Timer(timer));
    world.event(Event::Timer(TimerId(999)));
    assert_eq!(calls(&world, 0), ["start", "signal"]);
    assert_eq!(calls(&world, 1), ["start", "signal", "timer 1"]);
}

#[test]
fn a_stale_signal_reaches_nobody() {
    let mut world = World::new();
    let expired = world.signal(world.now);
    world.event(Event::Signal(expired));
    assert_eq!(calls(&world, 0), ["start"]);
    let fresh = world.signal(world.now.saturating_add(1));
    world.event(Event::Signal(fresh));
    assert_eq!(calls(&world, 0), ["start", "signal"]);
}

#[test]
fn an_order_asked_for_at_the_start_leaves_with_the_start() {
    let puppet = Puppet::new();
    puppet
        .notes
        .lock()
        .unwrap()
        .queue
        .push_back(Ask::Submit(buy(1)));
    let mut world = world_of(vec![puppet]);
    assert_eq!(world.sent().len(), 1);
}

#[test]
fn a_fill_is_told_with_the_position_it_led_to_and_pending_is_what_still_works() {
    let mut world = World::with(config(margin(1_000_000)), 2);
    let other = world.submit_of(1, sell(500));
    world.fill(other, 500, "100");
    let id = world.submit_of(0, buy(100));
    world.fill(id, 30, "100");
    let notice = *world.notes(0).fills.last().unwrap();
    assert_eq!((notice.order, notice.position), (id, shares(30)));
    assert_eq!(world.notes(0).seen, (shares(30), shares(70)));
    assert_eq!(world.notes(1).fills.len(), 1);
    assert_eq!(world.position(), shares(-470));
}

#[test]
fn a_split_is_told_before_the_next_price() {
    let mut world = World::new();
    let kind = CorporateActionKind::Split {
        to: 3,
        from: 2,
        cash_in_lieu: None,
    };
    world.action(A, kind);
    assert_eq!(calls(&world, 0), ["start", "split 3:2"]);
}
