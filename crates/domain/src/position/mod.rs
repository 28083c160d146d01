//! Positions: what is held, at what cost, and what closing it has earned.
//!
//! A [`Position`] holds one instrument, long or short, as a queue of tax [`Lot`]s. The core's
//! portfolio applies fills, busts and corporate actions to it. Three promises:
//!
//! - **Exact.** A lot's cost is the total that was paid. What a part of it costs is the difference
//!   of what remained before and after, so that no unit of 10⁻¹⁸ is lost or counted twice, however
//!   a lot is taken apart.
//! - **Conserved.** `cash flows + cost of what is open + costs of what is open = realised profit`
//!   after any sequence of fills (for shorts, the cost of what is open counts negative).
//! - **Flat.** A fill costs amortised constant time and memory does not grow with closed lots:
//!   those go to the caller's list.
//!
//! An operation that returns an error has changed nothing.

mod bust;
mod corporate;
mod error;
mod holding;
mod lot;

pub use bust::BustedFill;
pub use corporate::{CorporateEffect, MergerTerms};
pub use error::PositionError;
pub use holding::{FillEffect, Position, PositionFill};
pub use lot::{ClosedLot, Lot, LotId, LotMethod, LotSelection};
