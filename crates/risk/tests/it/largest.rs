//! The largest passing quantity: never an overestimate, never a lot too small, and what an order is
//! shrunk to passes.

use proptest::prelude::*;
use trader_broker::{AccountKind, Assessment, Proposal, Resize, RiskPolicy as _, Verdict, approve};
use trader_domain::{Money, OrderKind, OrderRequest, Quantity, Rate, Side};

use crate::world::{AAPL, MSFT, NoObjection, World, XOM, price};

#[derive(Debug, Clone)]
struct Case {
    held: i32,
    other: i32,
    working: i32,
    side: Side,
    quantity: i32,
    limit: Option<i32>,
    cash: i64,
    kind: AccountKind,
    weight: i32,
    lot: i32,
}

fn case() -> impl Strategy<Value = Case> {
    (
        -500..500_i32,
        -300..300_i32,
        0..300_i32,
        prop_oneof![Just(Side::Buy), Just(Side::Sell)],
        1..5_000_i32,
        prop::option::of(9_600..10_400_i32),
        1_000..400_000_i64,
        prop_oneof![Just(AccountKind::Margin), Just(AccountKind::Cash)],
        5..100_i32,
        prop_oneof![Just(1), Just(10), Just(7)],
    )
        .prop_map(
            |(held, other, working, side, quantity, limit, cash, kind, weight, lot)| Case {
                held: held / lot * lot,
                other,
                working: working / lot * lot,
                side,
                quantity: (quantity / lot).max(1) * lot,
                limit,
                cash,
                kind,
                weight,
                lot,
            },
        )
}

fn build(case: &Case, resize: Resize) -> (World, OrderRequest) {
    let mut world = World::with(|config| {
        config.resize = resize;
        let limits = &mut config.limits;
        *limits = trader_risk::Limits::default();
        limits.order_quantity = Quantity::whole(2_000);
        limits.order_notional = Money::whole(150_000);
        limits.position_weight = Rate::from_percent(case.weight);
        limits.sector_weight = Rate::from_percent(case.weight + 5);
        limits.adv_share = Some(Rate::from_bps(1));
    });
    world.instrument(|found| found.lot = Quantity::whole(case.lot), AAPL);
    world.account.kind = case.kind;
    world.account.cash = Money::whole(case.cash);
    world.account.settled_cash = Money::whole(case.cash / 2);
    world.hold(AAPL, case.held);
    world.hold(MSFT, case.other);
    world.hold(XOM, 100);
    if case.working > 0 {
        let working = world.limit(AAPL, case.side, case.working, "99.50");
        let _may_be_refused = world.send(&working);
    }
    let mut request = world.order(AAPL, case.side, case.quantity);
    if let Some(cents) = case.limit {
        request.kind = OrderKind::Limit {
            price: price(&format!("{}.{:02}", cents / 100, cents % 100)),
        };
    }
    (world, request)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn the_largest_quantity_of_every_check_passes_it_and_one_lot_more_does_not(case in case()) {
        let (world, request) = build(&case, Resize::Never);
        for found in world.judge(&request).assessment.failures() {
            let Some(largest) = found.largest else { continue };
            prop_assert!(largest < request.quantity, "{:?}", found);
            let verdict = |quantity: Quantity| {
                let other = OrderRequest { quantity, ..request.clone() };
                crate::world::record(&world.judge(&other).assessment, found.check).verdict
            };
            if largest.is_positive() {
                prop_assert!(verdict(largest) < Verdict::Reject, "{:?} at {}", found, largest);
            }
            let more = largest.checked_add(Quantity::whole(case.lot)).unwrap();
            prop_assert!(verdict(more) >= Verdict::Reject, "{:?} at {}", found, more);
        }
    }

    #[test]
    fn what_an_order_is_shrunk_to_is_smaller_and_passes(case in case()) {
        let (world, request) = build(&case, Resize::ToLargestSafe);
        let decision = approve(request.clone(), &world.snapshot(), &world.gate, &NoObjection);
        if let Ok(approved) = &decision.outcome {
            let quantity = approved.request().quantity;
            prop_assert!(quantity.is_positive() && quantity <= request.quantity);
            prop_assert!(quantity.is_multiple_of(Quantity::whole(case.lot)));
            prop_assert_eq!(decision.resized_from.is_some(), quantity < request.quantity);
            if quantity < request.quantity {
                let more = quantity.checked_add(Quantity::whole(case.lot)).unwrap();
                let larger = OrderRequest { quantity: more, ..request };
                // Judged as it is, not shrunk again.
                let mut assessment = Assessment::new();
                let proposal = Proposal::New(&larger);
                world.gate.assess(proposal, &world.snapshot(), &mut assessment);
                let verdict = assessment.verdict();
                prop_assert!(verdict >= Verdict::Reject, "{} and {} pass", quantity, more);
            }
        } else if let Some(largest) = decision.assessment.largest_passing() {
            prop_assert!(false, "refused although {} would pass", largest);
        }
    }
}
