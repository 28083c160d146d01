//! What a strategy asks for ([`OrderIntent`]) and the numbered order the core makes of it
//! ([`OrderRequest`]). Neither can reach a broker: only `broker::ApprovedOrder` does.

use arrayvec::ArrayVec;

use crate::ids::{
    AccountId, ClientOrderId, InstrumentId, LocateId, OcoGroupId, OrderId, StrategyId,
};
use crate::money::{Money, Price, Quantity};
use crate::order::{OrderKind, Session, Side, TimeInForce, Trail};
use crate::time::Timestamp;

/// How much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderSize {
    /// Shares, contracts or coins; positive.
    Quantity(Quantity),
    /// A cash amount to spend or raise; positive. The core turns it into a quantity at the
    /// current price, rounded down to the lot, before the gate sees it.
    Notional(Money),
}

/// What the order is meant to do to the position.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum PositionEffect {
    /// Open, close or flip, as it comes.
    #[default]
    Any,
    /// May only reduce: refused or shrunk when it would open or flip.
    ReduceOnly,
}

/// Reg SHO Rule 200(g) marking of a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShortMark {
    /// The seller owns the shares.
    Long,
    /// The seller does not own the shares.
    Short,
    /// Short and exempt from the Rule 201 price test.
    ShortExempt,
}

/// What brackets do when one exit leg trades.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExitMode {
    /// Take profit at a limit.
    TakeProfit {
        /// Limit price.
        price: Price,
    },
    /// Stop loss at a trigger, optionally with a limit.
    StopLoss {
        /// Trigger price.
        trigger: Price,
        /// Limit price, where the stop should not become a market order.
        limit: Option<Price>,
    },
    /// Trailing stop.
    Trailing {
        /// Distance.
        trail: Trail,
    },
}

/// Exits attached to an entry: one is OTO, two are a bracket (OCO between them).
///
/// They are sized to the filled quantity of the entry and live until the position they protect
/// is closed.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize,
)]
pub struct ContingentExits {
    /// The first exit.
    pub first: Option<ExitMode>,
    /// The second; each cancels the other.
    pub second: Option<ExitMode>,
}

impl ContingentExits {
    /// No exits.
    pub const NONE: Self = Self {
        first: None,
        second: None,
    };

    /// A take-profit limit and a stop loss.
    pub const fn bracket(take_profit: Price, stop_loss: Price) -> Self {
        Self {
            first: Some(ExitMode::StopLoss {
                trigger: stop_loss,
                limit: None,
            }),
            second: Some(ExitMode::TakeProfit { price: take_profit }),
        }
    }

    /// Whether there is any.
    pub const fn is_none(&self) -> bool {
        self.first.is_none() && self.second.is_none()
    }

    /// The exits there are.
    pub fn iter(&self) -> impl Iterator<Item = ExitMode> {
        self.first.into_iter().chain(self.second)
    }
}

/// One leg of a multi-leg option order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Leg {
    /// Which contract (or the stock, in a buy-write).
    pub instrument: InstrumentId,
    /// Buy or sell when the whole order is bought.
    pub side: Side,
    /// How many for one unit of the order; positive.
    pub ratio: u16,
}

/// What a strategy proposes; the core numbers it, the gate decides.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct OrderIntent {
    /// What to trade; for a multi-leg order, the underlying.
    pub instrument: InstrumentId,
    /// Buy or sell.
    pub side: Side,
    /// How much.
    pub size: OrderSize,
    /// Order type.
    pub kind: OrderKind,
    /// Time in force.
    pub time_in_force: TimeInForce,
    /// Session.
    pub session: Session,
    /// May it open a position?
    pub effect: PositionEffect,
    /// Exits to attach.
    pub exits: ContingentExits,
    /// Legs of a multi-leg order; empty for a single instrument.
    pub legs: ArrayVec<Leg, 4>,
    /// The parent order of an execution algorithm's child.
    pub parent: Option<OrderId>,
    /// A borrow confirmation for a short sale.
    pub locate: Option<LocateId>,
    /// Rule 201 exemption claimed for a short sale.
    pub short_exempt: ShortExemption,
}

/// Whether a short sale claims the Rule 201 exemption.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum ShortExemption {
    /// No exemption.
    #[default]
    None,
    /// Claimed (Rule 201(c) or (d)).
    Claimed,
}

impl OrderIntent {
    /// A market order for the day in regular hours.
    pub fn market(instrument: InstrumentId, side: Side, quantity: Quantity) -> Self {
        Self {
            instrument,
            side,
            size: OrderSize::Quantity(quantity),
            kind: OrderKind::Market,
            time_in_force: TimeInForce::Day,
            session: Session::Regular,
            effect: PositionEffect::Any,
            exits: ContingentExits::NONE,
            legs: ArrayVec::new(),
            parent: None,
            locate: None,
            short_exempt: ShortExemption::None,
        }
    }

    /// A limit order for the day in regular hours.
    pub fn limit(instrument: InstrumentId, side: Side, quantity: Quantity, price: Price) -> Self {
        Self {
            kind: OrderKind::Limit { price },
            ..Self::market(instrument, side, quantity)
        }
    }

    /// The same with another order type.
    #[must_use]
    pub fn with_kind(self, kind: OrderKind) -> Self {
        Self { kind, ..self }
    }

    /// The same with another time in force.
    #[must_use]
    pub fn with_time_in_force(self, time_in_force: TimeInForce) -> Self {
        Self {
            time_in_force,
            ..self
        }
    }

    /// The same with exits attached.
    #[must_use]
    pub fn with_exits(self, exits: ContingentExits) -> Self {
        Self { exits, ..self }
    }

    /// The same, only ever reducing the position.
    #[must_use]
    pub fn reduce_only(self) -> Self {
        Self {
            effect: PositionEffect::ReduceOnly,
            ..self
        }
    }
}

/// A numbered order, as the gate judges it and the journal keeps it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct OrderRequest {
    /// Its number.
    pub id: OrderId,
    /// The id under which the broker knows it.
    pub client_order_id: ClientOrderId,
    /// Whose idea it was.
    pub strategy: StrategyId,
    /// For which account.
    pub account: AccountId,
    /// What to trade; for a multi-leg order, the underlying.
    pub instrument: InstrumentId,
    /// Buy or sell.
    pub side: Side,
    /// How much; positive.
    pub quantity: Quantity,
    /// Order type.
    pub kind: OrderKind,
    /// Time in force.
    pub time_in_force: TimeInForce,
    /// Session.
    pub session: Session,
    /// May it open a position?
    pub effect: PositionEffect,
    /// Legs of a multi-leg order; empty for a single instrument.
    pub legs: ArrayVec<Leg, 4>,
    /// The entry (bracket child) or parent (algorithm child) this order belongs to.
    pub parent: Option<OrderId>,
    /// Orders of which one execution reduces the others.
    pub oco: Option<OcoGroupId>,
    /// A borrow confirmation for a short sale.
    pub locate: Option<LocateId>,
    /// Rule 201 exemption claimed.
    pub short_exempt: ShortExemption,
    /// Reg SHO marking; set on sales by the core from the net position.
    pub short_mark: Option<ShortMark>,
    /// When the core made it.
    pub created: Timestamp,
}

/// New terms for a working order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ReplaceRequest {
    /// Which order.
    pub order: OrderId,
    /// New total quantity (filled part included).
    pub quantity: Quantity,
    /// New order type and prices.
    pub kind: OrderKind,
    /// New time in force.
    pub time_in_force: TimeInForce,
}
