//! One print on the tape.

use crate::ids::{InstrumentId, VendorId};
use crate::money::{Price, Quantity};
use crate::time::Timestamp;

/// SIP sale conditions as a set: which prints may set last, high/low and volume.
///
/// The bits follow the CTA/UTP rules for consolidated processing of sale conditions.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct TradeConditions(pub u32);

impl TradeConditions {
    /// A regular sale.
    pub const REGULAR: Self = Self(0);
    /// Fewer shares than a round lot: counts for volume only.
    pub const ODD_LOT: Self = Self(1);
    /// Sold out of sequence: counts for volume, not for last.
    pub const OUT_OF_SEQUENCE: Self = Self(1 << 1);
    /// Average-price trade: counts for volume only.
    pub const AVERAGE_PRICE: Self = Self(1 << 2);
    /// Derivatively priced: counts for volume, not for last.
    pub const DERIVATIVELY_PRICED: Self = Self(1 << 3);
    /// Extended-hours (form T): counts for volume only.
    pub const EXTENDED_HOURS: Self = Self(1 << 4);
    /// Opening auction print.
    pub const OPENING: Self = Self(1 << 5);
    /// Closing auction print.
    pub const CLOSING: Self = Self(1 << 6);
    /// Intermarket sweep.
    pub const INTERMARKET_SWEEP: Self = Self(1 << 7);
    /// Contingent or qualified contingent trade: counts for volume only.
    pub const CONTINGENT: Self = Self(1 << 8);
    /// Prior reference price: counts for volume, not for last.
    pub const PRIOR_REFERENCE: Self = Self(1 << 9);
    /// Market-center official open or close: changes neither volume nor last.
    pub const OFFICIAL: Self = Self(1 << 10);
    /// Canceled or corrected away: counts for nothing.
    pub const CANCELED: Self = Self(1 << 11);
    /// Flagged as suspicious by the vendor.
    pub const SUSPICIOUS: Self = Self(1 << 12);

    /// Both sets.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of `other` is in here.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    const fn intersects(self, other: u32) -> bool {
        self.0 & other != 0
    }

    /// Whether the print updates the last price.
    pub const fn updates_last(self) -> bool {
        !self.intersects(
            Self::ODD_LOT.0
                | Self::OUT_OF_SEQUENCE.0
                | Self::AVERAGE_PRICE.0
                | Self::DERIVATIVELY_PRICED.0
                | Self::EXTENDED_HOURS.0
                | Self::CONTINGENT.0
                | Self::PRIOR_REFERENCE.0
                | Self::OFFICIAL.0
                | Self::CANCELED.0
                | Self::SUSPICIOUS.0,
        )
    }

    /// Whether the print updates the session's high and low.
    pub const fn updates_high_low(self) -> bool {
        !self.intersects(
            Self::ODD_LOT.0
                | Self::AVERAGE_PRICE.0
                | Self::EXTENDED_HOURS.0
                | Self::CONTINGENT.0
                | Self::OFFICIAL.0
                | Self::CANCELED.0
                | Self::SUSPICIOUS.0,
        )
    }

    /// Whether the print counts for volume.
    pub const fn updates_volume(self) -> bool {
        !self.intersects(Self::OFFICIAL.0 | Self::CANCELED.0)
    }
}

/// One print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Trade {
    /// What traded.
    pub instrument: InstrumentId,
    /// Who delivered it.
    pub vendor: VendorId,
    /// When it traded.
    pub time: Timestamp,
    /// When we had it.
    pub received: Timestamp,
    /// At what price.
    pub price: Price,
    /// How much.
    pub size: Quantity,
    /// Sale conditions.
    pub conditions: TradeConditions,
}
