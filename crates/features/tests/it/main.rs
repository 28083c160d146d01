//! Behaviour of the feature calculators, one module per subject.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod bounds;
mod catalogue;
mod correlation;
mod cross_asset;
mod expression;
mod formulas;
mod garch;
mod golden;
mod golden_definitions;
mod golden_talib;
mod known;
mod laws;
mod lean;
mod market;
mod microstructure;
mod names;
mod news;
mod options;
mod panel;
mod point_in_time;
mod preparation;
mod regime;
mod rolling_tests;
mod samples;
mod shape_of_paths;
mod state_models;
mod statistics;
mod stats_golden;
mod talib_crate;
