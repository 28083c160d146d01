//! [`OptionChain`]: all listed options of one underlying at one instant.

use chrono::NaiveDate;
use thiserror::Error;

use crate::ids::{Symbol, VendorId};
use crate::money::{Price, Quantity, Rate};
use crate::option_contract::{OptionContract, OptionRight};
use crate::time::Timestamp;

/// One contract's market in a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct OptionQuote {
    /// Which contract.
    pub contract: OptionContract,
    /// Best bid; `None` when there is none.
    pub bid: Option<Price>,
    /// Contracts wanted at the bid.
    pub bid_size: Quantity,
    /// Best offer; `None` when there is none.
    pub ask: Option<Price>,
    /// Contracts offered at the offer.
    pub ask_size: Quantity,
    /// Last traded price of the day.
    pub last: Option<Price>,
    /// Contracts traded today.
    pub volume: u64,
    /// Contracts open at the start of the day.
    pub open_interest: u64,
    /// The vendor's implied volatility a year (0.25 is 25 %), where it gives one.
    pub implied_volatility: Option<Rate>,
}

impl OptionQuote {
    /// The midpoint, rounded half-even at 10⁻⁹, of a two-sided quote that is not crossed.
    pub fn midpoint(&self) -> Option<Price> {
        let (bid, ask) = (self.bid?, self.ask?);
        if bid > ask {
            return None;
        }
        let spread = ask.checked_sub(bid).ok()?;
        let half = spread.scale(1, 2, crate::Rounding::HalfEven).ok()?;
        bid.checked_add(half).ok()
    }
}

/// Why quotes do not make a chain.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OptionChainError {
    /// A contract on something else.
    #[error("the chain of {chain} has a contract on {found}")]
    ForeignContract {
        /// The chain's underlying.
        chain: Symbol,
        /// The contract's.
        found: Symbol,
    },
    /// Two quotes of one contract.
    #[error("{expiry} {strike} {right:?} is in the chain twice")]
    Duplicate {
        /// Expiry.
        expiry: NaiveDate,
        /// Strike.
        strike: Price,
        /// Call or put.
        right: OptionRight,
    },
    /// A price, size or volatility below zero, or a strike that is not positive.
    #[error("{expiry} {strike} {right:?}: {field} is {found}")]
    OutOfRange {
        /// Expiry.
        expiry: NaiveDate,
        /// Strike.
        strike: Price,
        /// Call or put.
        right: OptionRight,
        /// Which field.
        field: &'static str,
        /// Its value.
        found: String,
    },
    /// Received before its time.
    #[error("the chain was received before its own time")]
    ReceivedBeforeTime,
}

/// All listed options of one underlying at one instant, by expiry, strike, call before put.
///
/// Contracts that differ only in style (an index with both) are both kept; adjusted contracts have roots of
/// their own and so chains of their own.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct OptionChain {
    underlying: Symbol,
    vendor: VendorId,
    time: Timestamp,
    received: Timestamp,
    underlying_price: Option<Price>,
    quotes: Vec<OptionQuote>,
}

impl OptionChain {
    /// Checks and sorts the quotes.
    ///
    /// # Errors
    /// [`OptionChainError`].
    pub fn new(
        underlying: Symbol,
        vendor: VendorId,
        (time, received): (Timestamp, Timestamp),
        underlying_price: Option<Price>,
        mut quotes: Vec<OptionQuote>,
    ) -> Result<Self, OptionChainError> {
        if received < time {
            return Err(OptionChainError::ReceivedBeforeTime);
        }
        for quote in &quotes {
            check(underlying, quote)?;
        }
        quotes.sort_by_key(|quote| key(&quote.contract));
        let twice = quotes
            .iter()
            .zip(quotes.iter().skip(1))
            .find(|(one, next)| key(&one.contract) == key(&next.contract));
        if let Some((quote, _)) = twice {
            let OptionContract {
                expiry,
                strike,
                right,
                ..
            } = quote.contract;
            return Err(OptionChainError::Duplicate {
                expiry,
                strike,
                right,
            });
        }
        Ok(Self {
            underlying,
            vendor,
            time,
            received,
            underlying_price,
            quotes,
        })
    }

    /// Options on what.
    pub const fn underlying(&self) -> Symbol {
        self.underlying
    }

    /// Who delivered it.
    pub const fn vendor(&self) -> VendorId {
        self.vendor
    }

    /// Of when it is.
    pub const fn time(&self) -> Timestamp {
        self.time
    }

    /// When we had it.
    pub const fn received(&self) -> Timestamp {
        self.received
    }

    /// The underlying's price at that time, where the vendor gives one.
    pub const fn underlying_price(&self) -> Option<Price> {
        self.underlying_price
    }

    /// All quotes, by expiry, strike, call before put.
    pub fn quotes(&self) -> &[OptionQuote] {
        &self.quotes
    }

    /// The expiries, soonest first.
    pub fn expiries(&self) -> impl Iterator<Item = NaiveDate> {
        self.quotes
            .chunk_by(|one, next| one.contract.expiry == next.contract.expiry)
            .filter_map(|chunk| chunk.first())
            .map(|quote| quote.contract.expiry)
    }

    /// All quotes of one expiry.
    pub fn expiring(&self, expiry: NaiveDate) -> &[OptionQuote] {
        let start = self
            .quotes
            .partition_point(|quote| quote.contract.expiry < expiry);
        let end = self
            .quotes
            .partition_point(|quote| quote.contract.expiry <= expiry);
        self.quotes.get(start..end).unwrap_or_default()
    }

    /// The quote of one contract; where both styles are listed, the American one.
    pub fn find(
        &self,
        expiry: NaiveDate,
        strike: Price,
        right: OptionRight,
    ) -> Option<&OptionQuote> {
        let quotes = self.expiring(expiry);
        let at = quotes.partition_point(|quote| {
            (quote.contract.strike, quote.contract.right) < (strike, right)
        });
        quotes
            .get(at)
            .filter(|quote| quote.contract.strike == strike && quote.contract.right == right)
    }

    /// The strike of an expiry that is nearest to `price`, the lower of two that are equally near.
    pub fn nearest_strike(&self, expiry: NaiveDate, price: Price) -> Option<Price> {
        self.expiring(expiry)
            .iter()
            .map(|quote| quote.contract.strike)
            // Strikes ascend, and the first of two equals is taken: the lower.
            .min_by_key(|strike| {
                let distance = i128::from(strike.units()) - i128::from(price.units());
                distance.abs()
            })
    }
}

fn key(contract: &OptionContract) -> (NaiveDate, Price, OptionRight, crate::ExerciseStyle) {
    (
        contract.expiry,
        contract.strike,
        contract.right,
        contract.style,
    )
}

fn check(underlying: Symbol, quote: &OptionQuote) -> Result<(), OptionChainError> {
    let OptionContract {
        underlying: found,
        expiry,
        strike,
        right,
        ..
    } = quote.contract;
    if found != underlying {
        return Err(OptionChainError::ForeignContract {
            chain: underlying,
            found,
        });
    }
    let refused = |field, found: String| OptionChainError::OutOfRange {
        expiry,
        strike,
        right,
        field,
        found,
    };
    if !strike.is_positive() {
        return Err(refused("strike", strike.to_string()));
    }
    let prices = [("bid", quote.bid), ("ask", quote.ask), ("last", quote.last)];
    for (field, price) in prices {
        if let Some(price) = price.filter(|price| price.is_negative()) {
            return Err(refused(field, price.to_string()));
        }
    }
    for (field, size) in [("bid size", quote.bid_size), ("ask size", quote.ask_size)] {
        if size.is_negative() {
            return Err(refused(field, size.to_string()));
        }
    }
    match quote.implied_volatility {
        Some(volatility) if volatility.is_negative() => {
            Err(refused("implied volatility", volatility.to_string()))
        }
        _ => Ok(()),
    }
}
