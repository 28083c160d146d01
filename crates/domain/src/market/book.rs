//! The visible order book, by price level (L2).

use std::collections::BTreeMap;

use crate::ids::{InstrumentId, VendorId};
use crate::money::{Price, Quantity};
use crate::time::Timestamp;

/// Which side of the book.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum BookSide {
    /// Buyers.
    Bid,
    /// Sellers.
    Ask,
}

/// The new size of one price level; zero removes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct BookDelta {
    /// Whose book.
    pub instrument: InstrumentId,
    /// Who delivered it.
    pub vendor: VendorId,
    /// When it changed.
    pub time: Timestamp,
    /// When we had it.
    pub received: Timestamp,
    /// Which side.
    pub side: BookSide,
    /// Which level.
    pub price: Price,
    /// Its size from now on.
    pub size: Quantity,
}

/// All visible levels of one instrument.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Book {
    bids: BTreeMap<Price, Quantity>,
    asks: BTreeMap<Price, Quantity>,
}

impl Book {
    /// Applies one change.
    pub fn apply(&mut self, delta: &BookDelta) {
        let levels = match delta.side {
            BookSide::Bid => &mut self.bids,
            BookSide::Ask => &mut self.asks,
        };
        if delta.size.is_positive() {
            levels.insert(delta.price, delta.size);
        } else {
            levels.remove(&delta.price);
        }
    }

    /// Forgets all levels (before a snapshot).
    pub fn clear(&mut self) {
        self.bids.clear();
        self.asks.clear();
    }

    /// Bid levels, best first.
    pub fn bids(&self) -> impl Iterator<Item = (Price, Quantity)> {
        self.bids.iter().rev().map(|(&price, &size)| (price, size))
    }

    /// Ask levels, best first.
    pub fn asks(&self) -> impl Iterator<Item = (Price, Quantity)> {
        self.asks.iter().map(|(&price, &size)| (price, size))
    }

    /// The best bid.
    pub fn best_bid(&self) -> Option<(Price, Quantity)> {
        self.bids().next()
    }

    /// The best offer.
    pub fn best_ask(&self) -> Option<(Price, Quantity)> {
        self.asks().next()
    }

    /// The size shown at one level; zero where there is none.
    pub fn size_at(&self, side: BookSide, price: Price) -> Quantity {
        let levels = match side {
            BookSide::Bid => &self.bids,
            BookSide::Ask => &self.asks,
        };
        levels.get(&price).copied().unwrap_or(Quantity::ZERO)
    }
}
