//! Exact money: fixed-point newtypes for price, quantity, cash, volume and ratios.
//!
//! | type | integer inside | one unit is | largest magnitude |
//! |---|---|---|---|
//! | [`Price`] | `i64` | 10⁻⁹ currency units a share | 9.2 × 10⁹ |
//! | [`Quantity`] | `i64` | 10⁻⁹ shares, contracts or coins | 9.2 × 10⁹ |
//! | [`Volume`] | `i64` | 10⁻⁶ shares (a market statistic) | 9.2 × 10¹² |
//! | [`Money`] | `i128` | 10⁻¹⁸ currency units | 1.7 × 10²⁰ |
//! | [`Rate`] | `i64` | 10⁻⁹ (0.25 is 25 %) | 9.2 × 10⁹ |
//!
//! `Price × Quantity` is a [`Money`] without any rounding, because 10⁻⁹ × 10⁻⁹ = 10⁻¹⁸: sums of
//! fills are exact and independent of their order, and a position's cost is the sum of what was
//! paid. Rounding happens only where a name says so ([`Rounding`]). Everything that can overflow
//! is checked and returns [`MoneyError`]; there is no operator that wraps, saturates or panics.
//! Binary floats come in only through [`Price::from_f64_rounded`] and its kin, and go out only
//! through `to_f64_lossy`, whose names say what they do.

mod cash;
mod decimal;
mod error;
mod fixed;
mod fixed_point;
mod price;
mod quantity;
mod rate;
mod rounding;
mod volume;

pub use cash::Money;
pub use error::MoneyError;
pub use fixed::{PRICE_SCALE, QUANTITY_SCALE, parse_fixed};
pub use price::Price;
pub use quantity::Quantity;
pub use rate::Rate;
pub use rounding::Rounding;
pub use volume::Volume;
