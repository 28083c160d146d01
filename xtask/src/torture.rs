//! `cargo xtask torture`: the crash, fault and simulation experiments.
//!
//! They are ordinary tests whose name starts with `torture_`; `.config/nextest.toml` keeps them out
//! of the plain run and gives them a profile of their own. A test asks `trader_testkit::Tier` how
//! many seeds to try; this task sets the environment variable it reads.

use std::path::Path;

use crate::failure::Outcome;
use crate::process::{self, cargo};
use crate::setup::{self, Tool};

/// How long the experiments run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tier {
    /// What every change must survive.
    Short,
    /// The full numbers; hours.
    Long,
}

/// Runs the experiments.
///
/// # Errors
/// When one of them fails.
pub(crate) fn run(root: &Path, tier: Tier) -> Outcome {
    setup::ensure(&[Tool::Nextest, Tool::Postgres])?;
    let word = match tier {
        Tier::Short => "short",
        Tier::Long => "long",
    };
    process::run(
        cargo(root)
            .args([
                "nextest",
                "run",
                "--workspace",
                "--profile",
                "torture",
                "--no-tests",
                "pass",
            ])
            .env("TRADER_TORTURE", word),
    )
}
