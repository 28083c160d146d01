//! What feeds the core and carries its commands out.
//!
//! The backtest driver is a tight loop over history with a synchronous venue; the replay driver
//! reads a journal. The live driver, which is asynchronous, lives with the live trader.

pub mod backtest;
pub mod replay;
