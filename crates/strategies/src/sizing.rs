//! How much to trade: a fixed quantity, or a share of equity.

use trader_domain::{InstrumentId, Money, Price, Quantity, Rate, Rounding};
use trader_engine::Context;

use crate::parameter::{ParameterKind, ParameterSpec, Parameters};

/// The parameter of a fixed quantity.
pub(crate) const QUANTITY: ParameterSpec = ParameterSpec {
    name: "quantity",
    description: "shares in each position; when not given, `weight` decides",
    kind: ParameterKind::Quantity,
    default: None,
};

/// The parameter of a share of equity.
pub(crate) const WEIGHT: ParameterSpec = ParameterSpec {
    name: "weight",
    description: "share of equity invested when all instruments are held",
    kind: ParameterKind::Decimal {
        min: Rate::from_bps(1),
        max: Rate::from_percent(200),
    },
    default: Some("0.9"),
};

/// A rule for position sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sizing {
    /// Always this many.
    Fixed(Quantity),
    /// This share of the current equity, split over `slots` positions.
    Weight {
        /// Of equity, in all positions together.
        weight: Rate,
        /// How many positions share it.
        slots: i64,
    },
}

impl Sizing {
    /// From `quantity` or `weight` for `slots` instruments.
    pub(crate) fn from_parameters(parameters: &Parameters, slots: usize) -> Self {
        let slots = i64::try_from(slots.max(1)).unwrap_or(i64::MAX);
        match parameters.quantity(QUANTITY.name) {
            Some(quantity) => Self::Fixed(quantity),
            None => Self::Weight {
                weight: parameters.decimal(WEIGHT.name),
                slots,
            },
        }
    }

    /// The quantity of a full position in whole lots; `None` when the price or the equity gives none.
    pub(crate) fn target(
        self,
        instrument: InstrumentId,
        context: &Context<'_>,
    ) -> Option<Quantity> {
        match self {
            Self::Fixed(quantity) => Some(quantity),
            Self::Weight { weight, slots } => {
                let share = context
                    .account()
                    .equity
                    .at_rate(weight, Rounding::TowardsZero)
                    .ok()?;
                let budget = share.scale(1, slots, Rounding::TowardsZero).ok()?;
                lots_for(budget, instrument, context)
            }
        }
    }
}

/// How many whole lots `budget` buys at the last price.
pub(crate) fn lots_for(
    budget: Money,
    instrument: InstrumentId,
    context: &Context<'_>,
) -> Option<Quantity> {
    let price: Price = context.mark(instrument)?.last?;
    let terms = context.instruments().get(instrument)?;
    let one = price
        .scale(i64::from(terms.multiplier), 1, Rounding::HalfEven)
        .ok()?;
    let quantity = budget.quantity_at(one, Rounding::TowardsZero).ok()?;
    let lots = quantity.round_to(terms.lot, Rounding::TowardsZero).ok()?;
    lots.is_positive().then_some(lots)
}
