//! R001 to R008.

use crate::world::{AAPL, World, allowed, approved, price, rate, record, refused, shares};
use trader_broker::{CheckId, MarketPhase, Measure, Verdict};
use trader_domain::{
    InstrumentId, OrderKind, OrderRequest, PositionEffect, Price, Quantity, ReplaceRequest,
    Session, Side, TimeInForce, Trail,
};

#[test]
fn an_order_for_nothing_is_refused() {
    let mut world = World::new();
    let request = world.buy(AAPL, 0);
    let zero = Measure::Quantity(Quantity::ZERO);
    refused(
        &world,
        &request,
        CheckId::QuantityPositive,
        zero,
        zero,
        None,
    );
}

#[test]
fn new_terms_below_what_has_filled_are_refused() {
    let mut world = World::new();
    let working = world.limit(AAPL, Side::Buy, 100, "99");
    world.sent(&working);
    world.fill(&working, shares(60), price("99"));
    let terms = ReplaceRequest {
        order: working.id,
        quantity: shares(60),
        kind: working.kind,
        time_in_force: working.time_in_force,
    };
    let assessment = world.replace(&working, shares(60), terms);
    let found = record(&assessment, CheckId::QuantityPositive);
    assert_eq!(found.verdict, Verdict::Reject);
    assert_eq!(found.measured, Measure::Quantity(Quantity::ZERO));
}

#[test]
fn a_negative_price_is_refused() {
    let mut world = World::new();
    let request = world.limit(AAPL, Side::Buy, 10, "-1");
    refused(
        &world,
        &request,
        CheckId::PricePositive,
        Measure::Price(price("-1")),
        Measure::Price(Price::ZERO),
        None,
    );
}

#[test]
fn a_trail_of_the_whole_price_is_refused() {
    let mut world = World::new();
    let kind = OrderKind::TrailingStop {
        trail: Trail::Percent(rate("1")),
    };
    let request = OrderRequest {
        kind,
        ..world.sell(AAPL, 10)
    };
    let found = record(&world.judge(&request).assessment, CheckId::PricePositive);
    assert_eq!(found.verdict, Verdict::Reject);
}

#[test]
fn a_price_between_ticks_is_refused() {
    let mut world = World::new();
    let request = world.limit(AAPL, Side::Buy, 10, "99.995");
    refused(
        &world,
        &request,
        CheckId::Tick,
        Measure::Price(price("99.995")),
        Measure::Price(price("0.01")),
        None,
    );
}

#[test]
fn a_broken_lot_is_refused_and_the_whole_lots_below_pass() {
    let mut world = World::new();
    world.instrument(|found| found.lot = shares(100), AAPL);
    let request = world.buy(AAPL, 250);
    refused(
        &world,
        &request,
        CheckId::Lot,
        Measure::Quantity(shares(250)),
        Measure::Quantity(shares(100)),
        Some(shares(200)),
    );
}

#[test]
fn an_unknown_an_untradable_and_a_delisted_instrument_are_refused() {
    let mut world = World::new();
    let absent = Measure::Absent;
    let unknown = world.buy(InstrumentId(99), 10);
    refused(&world, &unknown, CheckId::Tradable, absent, absent, None);
    let request = world.buy(AAPL, 10);
    world.mark_mut(AAPL).delisted = true;
    refused(&world, &request, CheckId::Tradable, absent, absent, None);
    world.mark_mut(AAPL).delisted = false;
    world.instrument(|found| found.tradable = false, AAPL);
    refused(&world, &request, CheckId::Tradable, absent, absent, None);
}

#[test]
fn what_must_trade_at_once_is_refused_while_the_market_is_closed() {
    let mut world = World::new();
    world.phase = MarketPhase::Closed;
    let request = OrderRequest {
        time_in_force: TimeInForce::Ioc,
        ..world.buy(AAPL, 10)
    };
    refused(
        &world,
        &request,
        CheckId::SessionOpen,
        Measure::Absent,
        Measure::Absent,
        None,
    );
    let queued = OrderRequest {
        time_in_force: TimeInForce::Gtc,
        ..request
    };
    allowed(&world, &queued, CheckId::SessionOpen);
}

#[test]
fn an_opening_auction_that_is_over_takes_nothing() {
    let mut world = World::new();
    let request = OrderRequest {
        kind: OrderKind::MarketOnOpen,
        time_in_force: TimeInForce::Opg,
        ..world.buy(AAPL, 10)
    };
    let found = record(&world.judge(&request).assessment, CheckId::SessionOpen);
    assert_eq!(found.verdict, Verdict::Reject);
    world.phase = MarketPhase::PreMarket;
    approved(&world, &request);
}

#[test]
fn terms_that_contradict_each_other_are_refused() {
    let mut world = World::new();
    let stop_at_once = OrderRequest {
        kind: OrderKind::Stop {
            trigger: price("99"),
        },
        time_in_force: TimeInForce::Fok,
        ..world.sell(AAPL, 10)
    };
    let market_in_extended_hours = OrderRequest {
        session: Session::Extended,
        ..world.buy(AAPL, 10)
    };
    let good_till_yesterday = OrderRequest {
        time_in_force: TimeInForce::Gtd(world.now),
        ..world.limit(AAPL, Side::Buy, 10, "99")
    };
    let auction_until_cancelled = OrderRequest {
        kind: OrderKind::MarketOnClose,
        time_in_force: TimeInForce::Gtc,
        ..world.buy(AAPL, 10)
    };
    for request in [
        stop_at_once,
        market_in_extended_hours,
        good_till_yesterday,
        auction_until_cancelled,
    ] {
        refused(
            &world,
            &request,
            CheckId::OrderTerms,
            Measure::Absent,
            Measure::Absent,
            None,
        );
    }
}

#[test]
fn a_reduce_only_order_is_refused_beyond_what_is_left_to_reduce() {
    let mut world = World::new();
    world.hold(AAPL, 100);
    let exit = world.limit(AAPL, Side::Sell, 40, "110");
    world.sent(&exit);
    let request = OrderRequest {
        effect: PositionEffect::ReduceOnly,
        ..world.sell(AAPL, 80)
    };
    refused(
        &world,
        &request,
        CheckId::ReduceOnly,
        Measure::Quantity(shares(80)),
        Measure::Quantity(shares(60)),
        Some(shares(60)),
    );
}
