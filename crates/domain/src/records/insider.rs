//! Trades of insiders, from SEC Form 4.

use chrono::NaiveDate;

use crate::ids::{Symbol, VendorId};
use crate::money::{Money, Price, Quantity};
use crate::order::Side;
use crate::records::{Record, RecordError, error};
use crate::time::Timestamp;

/// The reporting person's relation to the company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InsiderRole {
    /// Member of the board.
    Director,
    /// Officer.
    Officer,
    /// Holder of more than ten percent.
    TenPercentOwner,
    /// Any other relation.
    Other,
}

/// The transaction code of Form 4 (general instruction 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransactionCode {
    /// P: bought in the market or privately.
    Purchase,
    /// S: sold in the market or privately.
    Sale,
    /// A: grant or award.
    Award,
    /// D: sold back to the issuer.
    Disposition,
    /// F: shares withheld for tax or the exercise price.
    TaxWithholding,
    /// M: exercise or conversion of a derivative.
    Exercise,
    /// C: conversion of a derivative security.
    Conversion,
    /// G: gift.
    Gift,
    /// Any other code, as the letter filed.
    Other(char),
}

impl TransactionCode {
    /// From the letter on the form.
    ///
    /// # Errors
    /// [`RecordError::OutOfRange`] for anything but a capital letter.
    pub fn from_letter(letter: char) -> Result<Self, RecordError> {
        error::range("transaction code", &letter, letter.is_ascii_uppercase())?;
        Ok(match letter {
            'P' => Self::Purchase,
            'S' => Self::Sale,
            'A' => Self::Award,
            'D' => Self::Disposition,
            'F' => Self::TaxWithholding,
            'M' => Self::Exercise,
            'C' => Self::Conversion,
            'G' => Self::Gift,
            other => Self::Other(other),
        })
    }

    /// Whether the insider decided to trade at the market's price, which is what studies look at.
    pub const fn is_open_market(self) -> bool {
        matches!(self, Self::Purchase | Self::Sale)
    }
}

/// One line of a Form 4.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct InsiderTrade {
    /// The issuer.
    pub symbol: Symbol,
    /// Who delivered it.
    pub vendor: VendorId,
    /// When the form was filed: before it, nobody outside could know.
    pub published: Timestamp,
    /// When we had it.
    pub received: Timestamp,
    /// The filing's accession number.
    pub accession: String,
    /// The reporting person.
    pub insider: String,
    /// Relation to the issuer.
    pub role: InsiderRole,
    /// When the trade was made.
    pub traded: NaiveDate,
    /// Transaction code.
    pub code: TransactionCode,
    /// Acquired or disposed of.
    pub side: Side,
    /// How many shares; positive.
    pub quantity: Quantity,
    /// Price a share, where there was one.
    pub price: Option<Price>,
    /// Shares owned after it, where given.
    pub owned_after: Option<Quantity>,
}

impl InsiderTrade {
    /// What was paid or received, where there was a price.
    pub fn value(&self) -> Option<Money> {
        self.price.map(|price| price.notional(self.quantity))
    }
}

impl Record for InsiderTrade {
    fn vendor(&self) -> VendorId {
        self.vendor
    }

    fn published(&self) -> Timestamp {
        self.published
    }

    fn received(&self) -> Timestamp {
        self.received
    }

    fn validate(&self) -> Result<(), RecordError> {
        error::times(self.published, self.received)?;
        error::name("accession number", &self.accession)?;
        error::name("insider", &self.insider)?;
        error::range("quantity", &self.quantity, self.quantity.is_positive())?;
        if let Some(price) = self.price {
            error::range("price", &price, !price.is_negative())?;
        }
        if let Some(owned) = self.owned_after {
            error::range("shares owned", &owned, !owned.is_negative())?;
        }
        if self.traded > self.published.utc_date() {
            return Err(RecordError::Contradiction(
                "the trade is dated after its filing",
            ));
        }
        let wrong_side = matches!(
            (self.code, self.side),
            (TransactionCode::Purchase, Side::Sell) | (TransactionCode::Sale, Side::Buy)
        );
        if wrong_side {
            return Err(RecordError::Contradiction(
                "the transaction code and the acquired/disposed flag contradict each other",
            ));
        }
        Ok(())
    }
}
