//! The deterministic core, its order manager, portfolio, journal and drivers.
