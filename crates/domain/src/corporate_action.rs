//! Splits, dividends, mergers, renames and delistings, as events that change the ledger.

use crate::ids::{InstrumentId, Symbol};
use crate::money::{Money, Price};
use crate::time::Timestamp;

/// One corporate action at the moment it takes effect (the open of the ex-date).
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CorporateAction {
    /// Whose.
    pub instrument: InstrumentId,
    /// When positions and orders change.
    pub effective: Timestamp,
    /// What happens.
    pub kind: CorporateActionKind,
}

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum CorporateActionKind {
    /// `to` new shares for every `from` old ones; a reverse split has `to < from`. Also stock dividends.
    Split {
        /// New shares.
        to: u32,
        /// For old shares.
        from: u32,
        /// Cash paid for one old share's worth of fraction, where fractions are not held.
        cash_in_lieu: Option<Price>,
    },
    /// Cash a share, owed on the ex-date (received by longs, paid by shorts).
    CashDividend {
        /// Amount a share.
        amount: Price,
        /// When the cash arrives; the entitlement is fixed now.
        payable: Timestamp,
    },
    /// Shares turn into `to/from` shares of another instrument and/or cash a share.
    Merger {
        /// The acquirer's instrument, where shares are paid.
        into: Option<InstrumentId>,
        /// Shares of the acquirer received …
        to: u32,
        /// … for this many old shares.
        from: u32,
        /// Cash for each old share.
        cash: Price,
    },
    /// A new symbol; the instrument's index stays.
    SymbolChange {
        /// The new symbol.
        symbol: Symbol,
    },
    /// Trading ends; what is still held is valued at `value` a share and taken off the books.
    Delisting {
        /// Last value of a share; zero when worthless.
        value: Price,
    },
}

/// A dividend that is owed but not yet paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct DividendReceivable {
    /// From which instrument.
    pub instrument: InstrumentId,
    /// When it is paid.
    pub payable: Timestamp,
    /// How much; negative is owed by a short.
    pub amount: Money,
}
