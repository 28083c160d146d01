//! Side, type, trail, time in force and session of an order.

use crate::money::{Price, Rate};
use crate::time::Timestamp;

/// Buy or sell.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Adds to the position.
    Buy,
    /// Takes from the position.
    Sell,
}

impl Side {
    /// The other side.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Buy => Self::Sell,
            Self::Sell => Self::Buy,
        }
    }

    /// +1 for buy, −1 for sell.
    pub const fn sign(self) -> i64 {
        match self {
            Self::Buy => 1,
            Self::Sell => -1,
        }
    }
}

/// How far a trailing stop stays behind the best price since it became active.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trail {
    /// A fixed distance.
    Amount(Price),
    /// A share of the best price.
    Percent(Rate),
}

/// The order type with the prices it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderKind {
    /// At the best price there is.
    Market,
    /// At `price` or better.
    Limit {
        /// Worst acceptable price.
        price: Price,
    },
    /// A market order once the market trades at or through `trigger`.
    Stop {
        /// Trigger price.
        trigger: Price,
    },
    /// A limit order once the market trades at or through `trigger`.
    StopLimit {
        /// Trigger price.
        trigger: Price,
        /// Worst acceptable price.
        price: Price,
    },
    /// A stop whose trigger follows the market at a distance.
    TrailingStop {
        /// The distance.
        trail: Trail,
    },
    /// At the opening auction's price.
    MarketOnOpen,
    /// At the opening auction's price if it is `price` or better.
    LimitOnOpen {
        /// Worst acceptable price.
        price: Price,
    },
    /// At the closing auction's price.
    MarketOnClose,
    /// At the closing auction's price if it is `price` or better.
    LimitOnClose {
        /// Worst acceptable price.
        price: Price,
    },
}

impl OrderKind {
    /// The worst acceptable price, where the type has one.
    pub const fn limit_price(self) -> Option<Price> {
        match self {
            Self::Limit { price }
            | Self::StopLimit { price, .. }
            | Self::LimitOnOpen { price }
            | Self::LimitOnClose { price } => Some(price),
            Self::Market
            | Self::Stop { .. }
            | Self::TrailingStop { .. }
            | Self::MarketOnOpen
            | Self::MarketOnClose => None,
        }
    }

    /// The trigger price, where the type has a fixed one.
    pub const fn trigger_price(self) -> Option<Price> {
        match self {
            Self::Stop { trigger } | Self::StopLimit { trigger, .. } => Some(trigger),
            _ => None,
        }
    }

    /// A short name for logs, journals and tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Market => "market",
            Self::Limit { .. } => "limit",
            Self::Stop { .. } => "stop",
            Self::StopLimit { .. } => "stop_limit",
            Self::TrailingStop { .. } => "trailing_stop",
            Self::MarketOnOpen => "market_on_open",
            Self::LimitOnOpen { .. } => "limit_on_open",
            Self::MarketOnClose => "market_on_close",
            Self::LimitOnClose { .. } => "limit_on_close",
        }
    }
}

/// How long an order lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeInForce {
    /// Until the end of the session.
    Day,
    /// Until cancelled.
    Gtc,
    /// What fills at once fills, the rest is cancelled.
    Ioc,
    /// All at once or nothing.
    Fok,
    /// Opening auction only.
    Opg,
    /// Closing auction only.
    Cls,
    /// Until the instant given.
    Gtd(Timestamp),
}

/// In which part of the day an order may trade.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Session {
    /// Regular hours only.
    #[default]
    Regular,
    /// Pre-market and after-hours too.
    Extended,
}
