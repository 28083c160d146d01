//! Pre-trade compliance policy: restricted list, self-trade prevention, short-sale marking.
//!
//! [`PreTradePolicy`] is the [`trader_broker::CompliancePolicy`] of the system, the second judge of
//! every order beside the risk gate.
//!
//! | module | decides |
//! |---|---|
//! | [`restricted`] | what may not be traded, in which direction, from when to when, and why |
//! | [`self_trade`] | whether an order could trade against one of our own |
//! | [`short_marking`] | the Reg SHO Rule 200(g) mark of a sale |
//! | [`policy`] | the three together, with the list of own working orders |
//!
//! ```
//! use trader_compliance::{ComplianceConfig, PreTradePolicy, Restriction, RestrictionScope};
//! use trader_domain::{InstrumentId, Timestamp};
//!
//! let mut policy = PreTradePolicy::new(ComplianceConfig::default());
//! policy.restrict(Restriction {
//!     instrument: InstrumentId(0),
//!     scope: RestrictionScope::Buys,
//!     from: Timestamp::EPOCH,
//!     until: Timestamp::MAX,
//!     reason: "adviser to the issuer".to_owned(),
//! })?;
//! assert_eq!(policy.restrictions().len(), 1);
//! # Ok::<(), trader_compliance::RestrictionError>(())
//! ```

pub mod policy;
pub mod restricted;
pub mod self_trade;
pub mod short_marking;
mod working;

pub use policy::{ComplianceConfig, PreTradePolicy};
pub use restricted::{Restriction, RestrictionError, RestrictionScope};
pub use self_trade::AccountFamilies;
