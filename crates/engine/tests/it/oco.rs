//! Two orders of which one execution reduces the other, at a venue that does not link them.

use trader_broker::Verdict;
use trader_domain::*;

use crate::puppet::Ask;
use crate::world::*;

fn pair(world: &mut World) -> [OrderId; 2] {
    let held = world.submit(buy(100));
    world.fill(held, 100, "100");
    world.ask(Ask::Oco(Box::new([
        OrderIntent::limit(A, Side::Sell, shares(100), price("110")),
        sell(100).with_kind(OrderKind::Stop {
            trigger: price("90"),
        }),
    ])));
    let ids: [OrderId; 2] = world.notes(0).orders[1..].try_into().unwrap();
    for id in ids {
        world.accept(id);
    }
    world.wanted();
    ids
}

#[test]
fn both_carry_the_same_group() {
    let mut world = World::new();
    let ids = pair(&mut world);
    let groups: Vec<_> = world
        .core
        .working_orders()
        .map(|o| (o.request.id, o.request.oco))
        .collect();
    assert_eq!(groups[0].0, ids[0]);
    assert_eq!(groups[0].1, groups[1].1);
    assert!(groups[0].1.is_some());
}

#[test]
fn a_part_of_one_shrinks_the_other_and_the_rest_cancels_it() {
    let mut world = World::new();
    let [first, second] = pair(&mut world);
    world.fill(first, 30, "110");
    let asked = terms(&world, second, 70);
    assert_eq!(world.wanted(), [Wanted::Replace(asked)]);
    world.report(second, ReportKind::Replaced(asked));
    world.fill(first, 70, "110");
    assert_eq!(world.wanted(), [Wanted::Cancel(second)]);
}

#[test]
fn parts_that_come_while_a_change_is_on_its_way_are_added_up() {
    let mut world = World::new();
    let [first, second] = pair(&mut world);
    world.fill(second, 10, "90");
    let asked = terms(&world, first, 90);
    world.fill(second, 20, "90");
    world.fill(second, 30, "90");
    assert_eq!(world.wanted(), [Wanted::Replace(asked)]);
    world.report(first, ReportKind::Replaced(asked));
    assert_eq!(world.wanted(), [Wanted::Replace(terms(&world, first, 40))]);
}

#[test]
fn an_order_that_cannot_be_shrunk_is_cancelled() {
    let refusals: [fn(&mut World, OrderId); 2] = [
        |world, _| {
            world
                .judge
                .set(|rules| rules.replacements = Some(Verdict::Reject));
        },
        |_, _| {},
    ];
    for (number, refuse) in refusals.into_iter().enumerate() {
        let mut world = World::new();
        let [first, second] = pair(&mut world);
        refuse(&mut world, second);
        world.fill(first, 30, "110");
        if number == 1 {
            world.wanted();
            world.report(
                second,
                ReportKind::ReplaceRejected(RejectReason::Unsupported),
            );
        }
        assert_eq!(world.wanted(), [Wanted::Cancel(second)]);
    }
}

#[test]
fn a_linking_venue_reports_what_it_did_and_the_core_sends_nothing() {
    let mut world = World::linking();
    let [first, second] = pair(&mut world);
    world.fill(first, 30, "110");
    let reduced = terms(&world, second, 70);
    world.report(second, ReportKind::Replaced(reduced));
    world.report(second, ReportKind::Replaced(reduced));
    assert_eq!(world.working(), [(first, shares(70)), (second, shares(70))]);
    assert_eq!((world.wanted(), world.alerts()), (vec![], vec![]));
    assert_eq!(world.notes(0).seen.1, shares(-140));
}
