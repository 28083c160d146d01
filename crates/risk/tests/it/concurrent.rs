//! Ten thousand proposals at once: judged one by one, together never above a limit.

use std::sync::{Mutex, mpsc};

use crate::world::{AAPL, MSFT, SPARE, World, XOM};
use trader_domain::{InstrumentId, Money, Rate, Side};

const PROPOSALS: usize = 10_000;
const THREADS: usize = 8;

fn limited() -> World {
    let mut world = World::wide(|limits| {
        limits.position_weight = Rate::from_percent(20);
        limits.gross_leverage = Rate::from_percent(50);
        limits.open_orders = 1_000;
        limits.basket_notional = Money::whole(450_000);
    });
    world.phase = trader_broker::MarketPhase::Continuous;
    world
}

fn propose(world: &mut World, number: usize) {
    let ids = [AAPL, MSFT, XOM, SPARE];
    let side = if number.is_multiple_of(3) {
        Side::Sell
    } else {
        Side::Buy
    };
    let quantity = i32::try_from(number % 97).unwrap() + 1;
    let request = world.order(ids[number % ids.len()], side, quantity);
    world.now = world.now.saturating_add(1);
    world.taken = world.now;
    let _decision = world.send(&request);
}

fn check(world: &World) {
    let reserved = world.gate.reserved_cash();
    assert!(reserved <= Money::whole(450_000), "{reserved}");
    assert!(world.gate.working_orders() > 20);
    for id in 0..5 {
        let (buys, sells) = world.gate.working(InstrumentId(id));
        let last = world.marks[id as usize].last.unwrap();
        for quantity in [buys, sells] {
            assert!(last.notional(quantity) <= Money::whole(200_000));
        }
    }
}

#[test]
fn ten_thousand_simultaneous_proposals_through_a_lock_never_exceed_a_limit() {
    let world = Mutex::new(limited());
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let world = &world;
            scope.spawn(move || {
                for number in (thread..PROPOSALS).step_by(THREADS) {
                    propose(&mut world.lock().unwrap(), number);
                }
            });
        }
    });
    check(&world.into_inner().unwrap());
}

#[test]
fn ten_thousand_simultaneous_proposals_through_a_channel_never_exceed_a_limit() {
    let (sender, receiver) = mpsc::channel();
    let mut world = limited();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let sender = sender.clone();
            scope.spawn(move || {
                for number in (thread..PROPOSALS).step_by(THREADS) {
                    sender.send(number).unwrap();
                }
            });
        }
        drop(sender);
        for number in receiver {
            propose(&mut world, number);
        }
    });
    check(&world);
}
