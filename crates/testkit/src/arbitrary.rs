//! Proptest strategies for the domain's types: sound values by default, edges included.

use proptest::prelude::*;
use trader_domain::{
    Bar, InstrumentId, Money, OrderIntent, OrderKind, Price, Quantity, Rate, Side, Symbol,
    TimeInForce, Timestamp, Trail,
};

use crate::market::MinuteBars;

/// A price on the cent grid, from 1.00 to 10,000.00.
pub fn price() -> impl Strategy<Value = Price> {
    (100_i64..=1_000_000).prop_map(cents)
}

/// Any price the type holds.
pub fn any_price() -> impl Strategy<Value = Price> {
    any::<i64>().prop_filter_map("outside the range of prices", |units| {
        Price::from_units(units).ok()
    })
}

/// A whole number of shares, from 1 to 10,000.
pub fn shares() -> impl Strategy<Value = Quantity> {
    (1_i32..=10_000).prop_map(Quantity::whole)
}

/// Any quantity the type holds.
pub fn any_quantity() -> impl Strategy<Value = Quantity> {
    any::<i64>().prop_filter_map("outside the range of quantities", |units| {
        Quantity::from_units(units).ok()
    })
}

/// An amount of whole cents, from minus to plus a hundred million.
pub fn money() -> impl Strategy<Value = Money> {
    (-10_000_000_000_i64..=10_000_000_000).prop_map(Money::cents)
}

/// Buy or sell.
pub fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Buy), Just(Side::Sell)]
}

/// A symbol of one to five capital letters.
pub fn symbol() -> impl Strategy<Value = Symbol> {
    "[A-Z]{1,5}".prop_filter_map("no symbol", |text| Symbol::new(&text).ok())
}

/// An instant from 1990 to 2050.
pub fn time() -> impl Strategy<Value = Timestamp> {
    (631_152_000_000_000_000_i64..2_524_608_000_000_000_000).prop_map(Timestamp::from_nanos)
}

/// Every order type, with prices on the cent grid.
pub fn order_kind() -> impl Strategy<Value = OrderKind> {
    prop_oneof![
        4 => Just(OrderKind::Market),
        4 => price().prop_map(|price| OrderKind::Limit { price }),
        2 => price().prop_map(|trigger| OrderKind::Stop { trigger }),
        2 => (price(), price()).prop_map(|(trigger, price)| OrderKind::StopLimit { trigger, price }),
        1 => (1_i64..=1_000).prop_map(|distance| OrderKind::TrailingStop { trail: Trail::Amount(cents(distance)) }),
        1 => (1_i32..=50).prop_map(|percent| OrderKind::TrailingStop { trail: Trail::Percent(Rate::from_percent(percent)) }),
        1 => Just(OrderKind::MarketOnOpen),
        1 => price().prop_map(|price| OrderKind::LimitOnOpen { price }),
        1 => Just(OrderKind::MarketOnClose),
        1 => price().prop_map(|price| OrderKind::LimitOnClose { price }),
    ]
}

/// Every time in force.
pub fn time_in_force() -> impl Strategy<Value = TimeInForce> {
    prop_oneof![
        4 => Just(TimeInForce::Day),
        2 => Just(TimeInForce::Gtc),
        1 => Just(TimeInForce::Ioc),
        1 => Just(TimeInForce::Fok),
        1 => Just(TimeInForce::Opg),
        1 => Just(TimeInForce::Cls),
        1 => time().prop_map(TimeInForce::Gtd),
    ]
}

/// An intent to trade one of the first `instruments` instruments; type and time in force are drawn
/// apart, so that combinations that make no sense occur too.
///
/// # Panics
/// When there are no instruments.
pub fn intent(instruments: u32) -> impl Strategy<Value = OrderIntent> {
    assert!(instruments > 0, "an intent needs an instrument");
    (
        0..instruments,
        side(),
        shares(),
        order_kind(),
        time_in_force(),
    )
        .prop_map(|(instrument, side, quantity, kind, tif)| {
            OrderIntent::market(InstrumentId(instrument), side, quantity)
                .with_kind(kind)
                .with_time_in_force(tif)
        })
}

/// A sound series of minute bars of the given length.
pub fn minute_bars(
    length: impl Into<proptest::collection::SizeRange>,
) -> impl Strategy<Value = Vec<Bar>> {
    let length = length.into();
    (any::<u64>(), length.start()..=length.end_incl())
        .prop_map(|(seed, length)| MinuteBars::from_seed(seed).take(length).collect())
}

fn cents(count: i64) -> Price {
    Price::from_units(count * 10_000_000).unwrap_or_else(|error| panic!("{count} cents: {error}"))
}
