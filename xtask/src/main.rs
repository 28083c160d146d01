//! The project's own tasks, run as `cargo xtask TASK`.
//!
//! `test` is all that passing means and all that CI runs; the others are its parts, and what a
//! developer needs beside it. Nothing here is part of the product, and no crate depends on it.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for developers: it reads its environment, measures wall time, and talks to a terminal"
)]

mod bench;
mod docs;
mod failure;
mod first_run;
mod fuzz;
mod layers;
mod process;
mod setup;
mod test;
mod tidy;
mod torture;
mod workspace;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use failure::{Failure, Outcome};
use workspace::Network;

/// The project's own tasks.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// All that passing means, the fast checks first; or only the steps named.
    Test {
        /// Only these steps.
        steps: Vec<test::Step>,
    },
    /// What CI runs: the same as `test`.
    Ci,
    /// Install what the other tasks need and this machine lacks.
    Setup,
    /// The layer law and the crate graph.
    Layers(Place),
    /// The rules of the house.
    Tidy(Place),
    /// Write the documents that are generated.
    Docs,
    /// Feed every parser of outside bytes with mutated real input.
    Fuzz(fuzz::Budget),
    /// How fast it is: Criterion benches, cost per fill, peers on the same data.
    Bench {
        /// Only this part.
        #[command(subcommand)]
        part: Option<bench::Part>,
    },
    /// Crash, fault and simulation experiments.
    Torture {
        /// The full numbers; hours.
        #[arg(long)]
        long: bool,
    },
}

/// Which workspace to judge.
#[derive(Debug, Args)]
struct Place {
    /// The workspace's folder; the one around the current folder when left out.
    #[arg(long)]
    root: Option<PathBuf>,
    /// Use no network.
    #[arg(long)]
    offline: bool,
}

impl Place {
    fn root(&self) -> Outcome<PathBuf> {
        self.root.clone().map_or_else(find_root, Ok)
    }

    fn network(&self) -> Network {
        if self.offline {
            Network::Offline
        } else {
            Network::Online
        }
    }
}

fn main() -> ExitCode {
    match perform(Cli::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task) -> Outcome {
    match task {
        Task::Test { steps } => test::run(&find_root()?, &steps),
        Task::Ci => test::run(&find_root()?, &[]),
        Task::Setup => setup::all(),
        Task::Layers(place) => layers::check(&place.root()?, place.network()),
        Task::Tidy(place) => tidy::check(&place.root()?, place.network()),
        Task::Docs => docs::write(&find_root()?),
        Task::Fuzz(budget) => fuzz::run(&find_root()?, &budget),
        Task::Bench { part } => bench::run(&find_root()?, part),
        Task::Torture { long } => torture::run(
            &find_root()?,
            if long {
                torture::Tier::Long
            } else {
                torture::Tier::Short
            },
        ),
    }
}

/// The nearest folder upwards that holds this project's workspace.
fn find_root() -> Outcome<PathBuf> {
    let here =
        std::env::current_dir().map_err(|error| Failure::file("find", Path::new("."), &error))?;
    here.ancestors()
        .find(|folder| folder.join("xtask/Cargo.toml").is_file())
        .map(Path::to_path_buf)
        .ok_or_else(|| Failure::new("run this inside the project"))
}
