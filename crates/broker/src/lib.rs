//! The door to a market: what a broker is, and the only way an order gets through it.
//!
//! ```text
//! OrderRequest --approve(snapshot, risk, compliance)--> ApprovedOrder --Venue::submit--> market
//! ```
//!
//! [`ApprovedOrder`] has private fields, is neither `Clone` nor `Deserialize`, and only
//! [`approve`] makes one: an order that was not judged by both policies cannot be expressed.
//!
//! Forging one does not compile:
//! ```compile_fail,E0451
//! let forged = trader_broker::ApprovedOrder { request: todo!(), snapshot_version: 0 };
//! ```
//! Using one twice does not compile:
//! ```compile_fail,E0382
//! fn twice(venue: &mut dyn trader_broker::Venue, order: trader_broker::ApprovedOrder,
//!          now: trader_domain::Timestamp, reports: &mut Vec<trader_domain::BrokerReport>) {
//!     venue.submit(order, now, reports);
//!     venue.submit(order, now, reports);
//! }
//! ```
//! Copying one does not compile:
//! ```compile_fail,E0308
//! fn copy(order: &trader_broker::ApprovedOrder) -> trader_broker::ApprovedOrder { order.clone() }
//! ```
//! Submitting what was only requested does not compile:
//! ```compile_fail,E0308
//! fn bypass(venue: &mut dyn trader_broker::Venue, order: trader_domain::OrderRequest,
//!           now: trader_domain::Timestamp, reports: &mut Vec<trader_domain::BrokerReport>) {
//!     venue.submit(order, now, reports);
//! }
//! ```
//! Leaving out a policy does not compile:
//! ```compile_fail,E0061
//! fn no_compliance(order: trader_domain::OrderRequest, snapshot: &trader_broker::Snapshot<'_>,
//!                  risk: &dyn trader_broker::RiskPolicy) {
//!     let _ = trader_broker::approve(order, snapshot, risk);
//! }
//! ```

mod approval;
mod assessment;
mod capabilities;
mod check;
mod holdings;
mod policy;
mod snapshot;
mod venue;

pub use approval::{
    ApprovedOrder, ApprovedReplacement, Decision, Judgement, Refusal, approve, approve_into,
    approve_replacement, approve_replacement_into,
};
pub use assessment::{Assessment, CheckRecord, Figure, Measure, Unit, Verdict};
pub use capabilities::Capabilities;
pub use check::CheckId;
pub use holdings::{Holding, Holdings};
pub use policy::{CompliancePolicy, GateEvent, Proposal, Resize, Review, RiskPolicy};
pub use snapshot::{Account, AccountKind, Mark, MarketPhase, ReferenceError, Snapshot};
pub use venue::Venue;
