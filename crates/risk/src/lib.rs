//! Pre-trade risk: every check, every reservation, the halt state.
