//! Why a position refuses a change.

use thiserror::Error;

use crate::money::{MoneyError, Quantity};
use crate::position::LotId;

/// A change that a position cannot take; it is as it was before.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PositionError {
    /// A fill of nothing, or of less than nothing.
    #[error("a fill's quantity must be positive, found {0}")]
    QuantityNotPositive(Quantity),
    /// A contract multiplier of zero.
    #[error("a position's multiplier must be positive")]
    ZeroMultiplier,
    /// A lot was named that is not open.
    #[error("lot {0} is not open")]
    UnknownLot(LotId),
    /// A lot was named twice.
    #[error("lot {0} is named twice")]
    DuplicateLot(LotId),
    /// The lots named hold less than is closed.
    #[error("the lots named leave {missing} of the closing quantity uncovered")]
    LotsTooSmall {
        /// What they do not cover.
        missing: Quantity,
    },
    /// A split or merger ratio with a zero in it.
    #[error("a ratio of {to} for {from} is not one")]
    BadRatio {
        /// New shares.
        to: u32,
        /// For old shares.
        from: u32,
    },
    /// The closed lots given are not those that the busted fill closed.
    #[error("the closed lots given do not belong to the busted fill")]
    ForeignLots,
    /// An amount or quantity left its range.
    #[error(transparent)]
    Money(#[from] MoneyError),
}
