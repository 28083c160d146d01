//! R009 to R015.

use crate::world::{AAPL, NOW, World, allowed, approved, price, rate, record, refused};
use trader_broker::{CheckId, Measure, Verdict};
use trader_domain::{
    HaltReason, LuldBands, NANOS_PER_SECOND, OrderKind, OrderRequest, Side, Timestamp, Trail,
};

#[test]
fn an_old_snapshot_is_refused_and_one_from_the_future_too() {
    let mut world = World::new();
    let request = world.buy(AAPL, 10);
    let limit = Measure::Nanos(NANOS_PER_SECOND);
    for age in [NANOS_PER_SECOND + 1, -1] {
        world.taken = NOW.saturating_add(-age);
        refused(
            &world,
            &request,
            CheckId::SnapshotFresh,
            Measure::Nanos(age),
            limit,
            None,
        );
    }
}

#[test]
fn without_any_price_an_order_is_refused() {
    let mut world = World::new();
    world.mark_mut(AAPL).last = None;
    let request = world.buy(AAPL, 10);
    let absent = Measure::Absent;
    refused(
        &world,
        &request,
        CheckId::ReferencePresent,
        absent,
        absent,
        None,
    );
    // Whatever rests on a price is refused too, and nothing passes for want of one.
    let assessment = world.judge(&request).assessment;
    for check in [
        CheckId::PriceCollar,
        CheckId::MaxNotional,
        CheckId::BuyingPower,
        CheckId::PositionWeight,
    ] {
        let found = record(&assessment, check);
        assert_eq!(
            (found.verdict, found.measured),
            (Verdict::Reject, absent),
            "{check:?}"
        );
    }
}

#[test]
fn a_price_older_than_a_second_is_refused() {
    let mut world = World::new();
    let age = NANOS_PER_SECOND + 1;
    world.mark_mut(AAPL).last_time = Timestamp::from_nanos(NOW.nanos() - age);
    let request = world.buy(AAPL, 10);
    refused(
        &world,
        &request,
        CheckId::ReferenceFresh,
        Measure::Nanos(age),
        Measure::Nanos(NANOS_PER_SECOND),
        None,
    );
}

#[test]
fn a_crossed_quote_is_refused() {
    let mut world = World::new();
    let mark = world.mark_mut(AAPL);
    (mark.bid, mark.ask, mark.quote_time) = (Some(price("100.02")), Some(price("100.01")), NOW);
    let request = world.buy(AAPL, 10);
    refused(
        &world,
        &request,
        CheckId::QuoteNotCrossed,
        Measure::Price(price("100.02")),
        Measure::Price(price("100.01")),
        None,
    );
}

#[test]
fn an_aggressive_limit_beyond_the_collar_is_refused() {
    let mut world = World::new();
    let collar = Measure::Rate(rate("0.05"));
    let over = world.limit(AAPL, Side::Buy, 10, "105.01");
    let measured = Measure::Rate(rate("0.0501"));
    refused(&world, &over, CheckId::PriceCollar, measured, collar, None);
    let under = world.limit(AAPL, Side::Sell, 10, "94.99");
    refused(&world, &under, CheckId::PriceCollar, measured, collar, None);
    // Passive limits may be farther away, but not by a slipped decimal.
    let passive = world.limit(AAPL, Side::Buy, 10, "90");
    approved(&world, &passive);
    let slipped = world.limit(AAPL, Side::Buy, 10, "10");
    refused(
        &world,
        &slipped,
        CheckId::PriceCollar,
        Measure::Rate(rate("0.9")),
        Measure::Rate(rate("0.5")),
        None,
    );
}

#[test]
fn triggers_and_trails_have_a_collar_too() {
    let mut world = World::new();
    for kind in [
        OrderKind::Stop {
            trigger: price("49.99"),
        },
        OrderKind::TrailingStop {
            trail: Trail::Amount(price("50.01")),
        },
        OrderKind::StopLimit {
            trigger: price("95"),
            price: price("90"),
        },
    ] {
        let request = OrderRequest {
            kind,
            ..world.sell(AAPL, 10)
        };
        let found = record(&world.judge(&request).assessment, CheckId::PriceCollar);
        assert_eq!(found.verdict, Verdict::Reject, "{kind:?}");
    }
}

#[test]
fn near_the_collar_a_limit_is_warned_of() {
    let mut world = World::new();
    let request = world.limit(AAPL, Side::Buy, 10, "104.50");
    let found = record(&world.judge(&request).assessment, CheckId::PriceCollar);
    assert_eq!(found.verdict, Verdict::Warn);
    assert_eq!(found.measured, Measure::Rate(rate("0.045")));
}

#[test]
fn a_limit_outside_the_bands_is_refused_and_computed_bands_stand_in_for_official_ones() {
    let mut world = World::new();
    world.mark_mut(AAPL).luld = Some(LuldBands {
        lower: price("98"),
        upper: price("102"),
    });
    let request = world.limit(AAPL, Side::Buy, 10, "102.01");
    refused(
        &world,
        &request,
        CheckId::LuldBand,
        Measure::Price(price("102.01")),
        Measure::Price(price("102")),
        None,
    );
    world.mark_mut(AAPL).luld = None;
    allowed(&world, &request, CheckId::LuldBand);
    let outside = world.limit(AAPL, Side::Buy, 10, "105.01");
    refused(
        &world,
        &outside,
        CheckId::LuldBand,
        Measure::Price(price("105.01")),
        Measure::Price(price("105")),
        None,
    );
}

#[test]
fn a_halted_instrument_is_refused() {
    let mut world = World::new();
    world.mark_mut(AAPL).halted = Some(HaltReason::LuldPause);
    let request = world.buy(AAPL, 10);
    let absent = Measure::Absent;
    refused(&world, &request, CheckId::NotHalted, absent, absent, None);
}
