//! What an option is and what it is valued with, checked once for all methods; and the errors of
//! this family.
//!
//! All values are f64 and for analysis: the price of an order is never made here.

use thiserror::Error;
use trader_domain::OptionRight;

/// Why an option has no value, volatility or sensitivity.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[non_exhaustive]
pub enum OptionError {
    /// An input is not finite or outside its range.
    #[error("{input} is {value}: {rule}")]
    InvalidInput {
        /// Which one.
        input: &'static str,
        /// Its value.
        value: f64,
        /// What is allowed.
        rule: &'static str,
    },
    /// There is no time left, so no volatility can explain a price.
    #[error("the option has expired")]
    Expired,
    /// The price leaves an arbitrage: less than what exercise on the forward is worth.
    #[error("price {price} lies below the intrinsic value {intrinsic}")]
    BelowIntrinsic {
        /// The option's price.
        price: f64,
        /// Discounted intrinsic value.
        intrinsic: f64,
    },
    /// The price is the intrinsic value (to rounding): any small enough volatility explains it.
    #[error("price {price} holds no time value above the intrinsic value {intrinsic}")]
    NoTimeValue {
        /// The option's price.
        price: f64,
        /// Discounted intrinsic value.
        intrinsic: f64,
    },
    /// The price leaves an arbitrage: as much as the share (call) or the strike (put), or more.
    #[error("price {price} is not below the maximum {maximum}")]
    AboveMaximum {
        /// The option's price.
        price: f64,
        /// Value at infinite volatility.
        maximum: f64,
    },
    /// At expiry or without volatility the value has a kink.
    #[error("sensitivities are not defined without time or volatility")]
    GreeksUndefined,
    /// The inputs are each valid, but together they leave the range of f64.
    #[error("the value is too large to represent")]
    Overflow,
    /// Early exercise with a negative rate below the dividend yield: exercise between two
    /// boundaries, which no method here treats.
    #[error("exercise would lie between two boundaries (negative carry on both sides)")]
    TwoBoundaries,
    /// An iteration did not settle.
    #[error("{method} did not converge")]
    NotConverged {
        /// The iteration.
        method: &'static str,
    },
    /// A fit has fewer usable points than it needs.
    #[error("{found} usable quotes, {needed} are needed")]
    TooFewQuotes {
        /// Needed.
        needed: usize,
        /// Found.
        found: usize,
    },
}

/// The terms of a vanilla option.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Vanilla {
    /// Call or put.
    pub right: OptionRight,
    /// Strike, in the currency of the spot; positive.
    pub strike: f64,
    /// Time to expiry in years; 0 at expiry.
    pub years: f64,
}

/// The underlying and its carry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Underlying {
    /// Spot price; positive.
    pub spot: f64,
    /// Riskless rate, continuously compounded, per year.
    pub rate: f64,
    /// Dividend yield, continuously compounded, per year.
    pub dividend_yield: f64,
}

impl Vanilla {
    /// +1 for a call, -1 for a put.
    pub(crate) fn sign(&self) -> f64 {
        match self.right {
            OptionRight::Call => 1.0,
            OptionRight::Put => -1.0,
        }
    }

    /// What exercise at `spot` pays, never negative.
    pub fn intrinsic(&self, spot: f64) -> f64 {
        (self.sign() * (spot - self.strike)).max(0.0)
    }
}

/// Checked terms with what every formula needs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Carried {
    /// +1 or -1.
    pub(crate) sign: f64,
    /// Present value of the share without its dividends, S e^(-qT).
    pub(crate) share: f64,
    /// Present value of the strike, K e^(-rT).
    pub(crate) cash: f64,
}

impl Carried {
    pub(crate) fn new(option: &Vanilla, underlying: &Underlying) -> Result<Self, OptionError> {
        positive("spot", underlying.spot)?;
        positive("strike", option.strike)?;
        finite("rate", underlying.rate)?;
        finite("dividend yield", underlying.dividend_yield)?;
        not_negative("years", option.years)?;
        let share = underlying.spot * (-underlying.dividend_yield * option.years).exp();
        let cash = option.strike * (-underlying.rate * option.years).exp();
        // Zero as well as infinity: neither leaves a forward.
        if !(share.is_normal() && cash.is_normal()) {
            return Err(OptionError::Overflow);
        }
        Ok(Self {
            sign: option.sign(),
            share,
            cash,
        })
    }

    /// Discounted intrinsic value of the forward.
    pub(crate) fn intrinsic(&self) -> f64 {
        (self.sign * (self.share - self.cash)).max(0.0)
    }
}

pub(crate) fn positive(input: &'static str, value: f64) -> Result<(), OptionError> {
    if value > 0.0 && value.is_finite() {
        Ok(())
    } else {
        Err(OptionError::InvalidInput {
            input,
            value,
            rule: "must be positive and finite",
        })
    }
}

pub(crate) fn not_negative(input: &'static str, value: f64) -> Result<(), OptionError> {
    if value >= 0.0 && value.is_finite() {
        Ok(())
    } else {
        Err(OptionError::InvalidInput {
            input,
            value,
            rule: "must be finite and not negative",
        })
    }
}

pub(crate) fn finite(input: &'static str, value: f64) -> Result<(), OptionError> {
    if value.is_finite() {
        Ok(())
    } else {
        Err(OptionError::InvalidInput {
            input,
            value,
            rule: "must be finite",
        })
    }
}
