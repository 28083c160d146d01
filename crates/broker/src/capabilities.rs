//! What a venue can do, asked before an order is built instead of found out by a refusal.

use trader_domain::{OrderKind, Session, TimeInForce};

/// What a venue supports.
#[derive(Debug, Clone, Copy)]
pub struct Capabilities {
    /// Order types by predicate, so that a venue can refuse combinations.
    pub accepts: fn(OrderKind, TimeInForce, Session) -> bool,
    /// Whether it links OCO orders itself; where not, the core keeps the link.
    pub native_oco: bool,
    /// Whether it takes fractions of a lot.
    pub fractional: bool,
}
