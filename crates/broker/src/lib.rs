//! The door to a market: what a broker is, and the only way an order gets through it.
