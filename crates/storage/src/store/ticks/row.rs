//! What a kind of tick must say of itself to be stored.

use std::fmt::Debug;

use arrayvec::ArrayString;
use trader_domain::{Price, Timestamp};

use super::key::TickKind;
use crate::table::{Cells, ColumnSpec};

/// A short text of a vendor: exchange, codes, identifiers. As long as those of streams.
pub type TickText = ArrayString<24>;

/// Why a tick is not let into the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum TickFault {
    /// A print at zero or below.
    #[error("the price is not above zero")]
    PriceNotPositive,
    /// A size below zero, or a print of nothing.
    #[error("the size is not above zero")]
    SizeNotPositive,
    /// A price of more than ten million.
    #[error("the price is above ten million")]
    PriceTooLarge,
    /// The bid is above the offer.
    #[error("the bid is above the offer")]
    Crossed,
    /// Nothing is said of either side.
    #[error("the quote says nothing of either side")]
    Empty,
    /// Outside 4:00 to 20:00 in New York, or on a day without trading.
    #[error("the exchanges were closed")]
    OffSession,
    /// Later than the time at which it was received or read.
    #[error("it is from the future")]
    Future,
    /// Earlier than the one before in the same file or answer.
    #[error("it is earlier than the one before")]
    OutOfOrder,
    /// A vendor's identifier that came before, with another content.
    #[error("another tick has the same identifier")]
    DuplicateId,
}

impl TickFault {
    /// The word in counts and quarantine files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PriceNotPositive => "price_not_positive",
            Self::SizeNotPositive => "size_not_positive",
            Self::PriceTooLarge => "price_too_large",
            Self::Crossed => "crossed_quote",
            Self::Empty => "empty_quote",
            Self::OffSession => "off_session",
            Self::Future => "future",
            Self::OutOfOrder => "out_of_order",
            Self::DuplicateId => "duplicate_id",
        }
    }
}

/// What makes two ticks the same one, besides which of several alike it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Identity {
    /// The vendor names it: exchange and identifier within a day.
    Named(TickText, TickText),
    /// The vendor numbers it: time and number.
    Numbered(Timestamp, u64),
    /// Nobody names it: everything that it says.
    Content(Timestamp, [i64; 4], [TickText; 3]),
}

/// A kind of tick.
pub trait TickRow: Copy + PartialEq + Debug + Send + Sync + 'static {
    /// Which.
    const KIND: TickKind;

    /// The columns, without the vendor's.
    fn schema() -> Vec<ColumnSpec>;

    /// Rows as columns.
    fn cells(rows: &[Self]) -> Vec<Cells>;

    /// Columns as rows; `None` when they are not those of the schema.
    fn of_cells(cells: &[Cells]) -> Option<Vec<Self>>;

    /// When it happened.
    fn time(&self) -> Timestamp;

    /// The vendor's number, where there is one.
    fn sequence(&self) -> Option<u64>;

    /// What makes it this tick.
    fn identity(&self) -> Identity;

    /// What holds when this one is stored and `new` comes under the same identity.
    #[must_use]
    fn updated(&self, new: &Self) -> Self;

    /// Whether the tick may be stored, as far as it can be told by itself.
    ///
    /// # Errors
    /// The first [`TickFault`].
    fn validate(&self) -> Result<(), TickFault>;
}

/// Prices above this are faults of the source.
pub(super) const MOST: Price = Price::whole(10_000_000);

/// Takes a column apart that has a value in every row.
pub(super) fn whole<T: Copy>(cells: &[Option<T>]) -> Option<Vec<T>> {
    cells.iter().copied().collect()
}

pub(super) fn texts(values: impl Iterator<Item = TickText>) -> Cells {
    Cells::Text(values.map(|text| Some(text.to_string())).collect())
}

pub(super) fn of_texts(cells: &Cells) -> Option<Vec<TickText>> {
    let Cells::Text(cells) = cells else {
        return None;
    };
    cells
        .iter()
        .map(|text| TickText::from(text.as_deref()?).ok())
        .collect()
}

pub(super) fn numbers(values: impl Iterator<Item = Option<u64>>) -> Cells {
    // A number beyond 63 bits is no number of a vendor's feed: it is left out rather than changed.
    Cells::Integer(
        values
            .map(|number| number.and_then(|number| i64::try_from(number).ok()))
            .collect(),
    )
}

pub(super) fn of_numbers(cells: &Cells) -> Option<Vec<Option<u64>>> {
    let Cells::Integer(cells) = cells else {
        return None;
    };
    cells
        .iter()
        .map(|number| match number {
            None => Some(None),
            Some(number) => u64::try_from(*number).ok().map(Some),
        })
        .collect()
}
