//! Options: values, sensitivities, implied volatility.
//!
//! - [`black_scholes`]: European options with a dividend yield, all Greeks.
//! - [`implied_volatility`]: the volatility of a price, or why there is none.
//! - [`american`]: early exercise with a dividend yield.
//! - [`cash_dividends`]: early exercise with known cash dividends (escrowed model).
//! - [`binomial`]: both styles on a tree.
//! - [`smile`], [`svi`], [`surface`]: the volatility surface of a chain, without arbitrage.
//! - [`chain`]: put/call ratios, max pain, gamma exposure, expected move, skew, term structure of a
//!   whole chain; [`ChainSnapshot`] brings one into [`crate::Knowledge`], and the registry has them by
//!   name; rank and percentile of implied volatility are in the registry.
//!
//! Everything here is a pure function of numbers; quotes and chains come from the caller, and no
//! result is a price for an order.

pub mod american;
mod arbitrage;
pub mod binomial;
pub mod black_scholes;
pub mod cash_dividends;
pub mod chain;
mod chain_snapshot;
mod implied;
pub(crate) mod known_chain;
pub(crate) mod series;
mod simplex;
pub mod smile;
pub mod surface;
pub mod svi;
mod terms;

pub use american::AmericanGreeks;
pub use black_scholes::Greeks;
pub use cash_dividends::Dividend;
pub use chain_snapshot::ChainSnapshot;
pub use implied::implied_volatility;
pub use terms::{OptionError, Underlying, Vanilla};
