//! What the single-instrument strategies share: being long one full position or flat.

use trader_domain::{InstrumentId, OrderIntent, Quantity, Side, TimeInForce};
use trader_engine::Context;

use crate::sizing::Sizing;

/// Buys a full position when there is none and none on its way.
#[inline(never)] // one bar in many
pub(crate) fn enter_long(instrument: InstrumentId, sizing: Sizing, context: &mut Context<'_>) {
    if !context.position(instrument).is_zero() || !context.pending(instrument).is_zero() {
        return;
    }
    if let Some(quantity) = sizing.target(instrument, context) {
        order(instrument, Side::Buy, quantity, context);
    }
}

/// Sells what is held, unless a sale is on its way.
#[inline(never)]
pub(crate) fn exit_long(instrument: InstrumentId, context: &mut Context<'_>) {
    let held = context.position(instrument);
    if held.is_positive() && context.pending(instrument).is_zero() {
        order(instrument, Side::Sell, held, context);
    }
}

/// Good till cancelled, so that the decision stands however long the market takes to open.
fn order(instrument: InstrumentId, side: Side, quantity: Quantity, context: &mut Context<'_>) {
    context.submit(
        OrderIntent::market(instrument, side, quantity).with_time_in_force(TimeInForce::Gtc),
    );
}
