//! The simulated exchange: matching, fills, slippage, latency, fees.
