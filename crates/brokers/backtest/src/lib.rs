//! The simulated exchange behind the broker door, driven by history.
