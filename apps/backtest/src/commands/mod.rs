//! One file a command.

mod compare;
mod feature_store;
mod features;
mod list;
mod report;
mod run;

use crate::cli::{Cli, Command};
use crate::failure::Failure;

pub(crate) use run::output_folder;

/// Carries a command out.
pub(crate) fn run(cli: Cli) -> Result<(), Failure> {
    match cli.command {
        None => run::run(&cli.run),
        Some(Command::Run(args)) => run::run(&args),
        Some(Command::Compare(args)) => compare::compare(&args),
        Some(Command::Report(args)) => report::report(&args),
        Some(Command::FeatureStore(command)) => feature_store::feature_store(&command),
        Some(Command::Features(args)) => features::features(&args),
        Some(Command::List(args)) => list::list(&args),
    }
}
