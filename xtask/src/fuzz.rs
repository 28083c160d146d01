//! `cargo xtask fuzz`: feeds every parser of outside bytes with mutated real input.
//!
//! The targets and the loop are in the `trader-fuzz` crate, which runs them on the stable compiler
//! from a seed; `cargo +nightly fuzz run NAME --features libfuzzer` runs the same functions under
//! libFuzzer.

use std::path::Path;

use crate::failure::Outcome;
use crate::process::{self, cargo};

/// How much to feed, and to whom.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Budget {
    /// Seconds for each target.
    #[arg(long, default_value_t = 60, conflicts_with = "inputs")]
    seconds: u64,
    /// Inputs for each target, instead of seconds.
    #[arg(long)]
    inputs: Option<u64>,
    /// Where the mutations start from; the same seed gives the same inputs.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only the targets whose name contains this.
    #[arg(long)]
    target: Option<String>,
    /// Feed this one file to the named target and stop.
    #[arg(long, requires = "target")]
    replay: Option<String>,
}

impl Budget {
    /// What every change must survive.
    pub(crate) fn smoke() -> Self {
        Self {
            seconds: 60,
            inputs: None,
            seed: 1,
            target: None,
            replay: None,
        }
    }
}

/// Feeds the targets.
///
/// # Errors
/// When a target panics, hangs or allocates without bound; the input is kept and named.
pub(crate) fn run(root: &Path, budget: &Budget) -> Outcome {
    let mut command = cargo(root);
    command.args(["run", "--package", "trader-fuzz", "--profile", "fuzz", "--"]);
    match budget.inputs {
        Some(inputs) => command.args(["--inputs", &inputs.to_string()]),
        None => command.args(["--seconds", &budget.seconds.to_string()]),
    };
    command.args(["--seed", &budget.seed.to_string()]);
    if let Some(target) = &budget.target {
        command.args(["--target", target]);
    }
    if let Some(file) = &budget.replay {
        command.args(["--replay", file]);
    }
    process::run(&mut command)
}
