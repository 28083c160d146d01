//! Best bid and offer.

use crate::ids::{InstrumentId, VendorId};
use crate::money::{Price, Quantity};
use crate::time::Timestamp;

/// The best bid and offer at an instant (NBBO or one venue's).
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Quote {
    /// What is quoted.
    pub instrument: InstrumentId,
    /// Who delivered it.
    pub vendor: VendorId,
    /// When it was set.
    pub time: Timestamp,
    /// When we had it.
    pub received: Timestamp,
    /// Best bid; zero means no bid.
    pub bid: Price,
    /// Size at the bid.
    pub bid_size: Quantity,
    /// Best offer; zero means no offer.
    pub ask: Price,
    /// Size at the offer.
    pub ask_size: Quantity,
}

impl Quote {
    /// Whether both sides are there and bid < ask.
    pub fn is_two_sided(&self) -> bool {
        self.bid.is_positive() && self.ask > self.bid
    }

    /// Whether both sides are there and bid > ask (crossed); equal is locked.
    pub fn is_crossed(&self) -> bool {
        self.ask.is_positive() && self.bid > self.ask
    }

    /// The midpoint of a two-sided quote, rounded half-even at 10⁻⁹.
    pub fn midpoint(&self) -> Option<Price> {
        if !self.is_two_sided() {
            return None;
        }
        let sum = i128::from(self.bid.units()) + i128::from(self.ask.units());
        let half = crate::Rounding::HalfEven.divide(sum, 2).ok()?;
        i64::try_from(half)
            .ok()
            .and_then(|units| Price::from_units(units).ok())
    }
}
