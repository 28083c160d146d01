//! Text to exact values: decimal numbers and instants, straight from bytes, without floats.
//!
//! Called by the CSV and LEAN readers for every field of every row, so both modules have a short path for what
//! nearly all files contain and a complete path for the rest. Neither ever guesses: a field is read exactly or refused.

pub mod decimal;
pub mod time;
pub mod zone;
