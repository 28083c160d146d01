//! How long a user waits: from starting `backtest` to the end of a small run, and, on request, from an empty cargo
//! cache to the first report.
//!
//! The small run writes nothing and has 400 bars, so its whole wall time, process start to exit, is an upper bound of
//! the time to its first event.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::study::{self, Backtest, median};
use crate::failure::{Failure, Outcome};
use crate::process::{self, cargo};

/// Bars of the small run.
const BARS: u64 = 400;

/// Starts that are timed.
const RUNS: usize = 50;

/// Times the start of the program.
///
/// # Errors
/// When the program fails.
pub(crate) fn run(root: &Path) -> Outcome {
    let backtest = Backtest::build(root)?;
    let bars = study::bars(root, BARS)?;
    let mut milliseconds = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        let mut small = backtest.command();
        small.args([
            "run",
            "--strategy",
            "sma-crossover",
            "--dry-run",
            "--quiet",
            "--bars",
        ]);
        small.arg(&bars);
        let took = timed(|| process::capture(&mut small).map(drop))?;
        milliseconds.push(took.as_secs_f64() * 1e3);
    }
    let slowest = milliseconds.iter().copied().fold(0.0, f64::max);
    println!(
        "\nstart to end of a run of {BARS} bars: median {:.1} ms, slowest {slowest:.1} ms of {RUNS} (wall)",
        median(&milliseconds)
    );
    Ok(())
}

/// Times the README's first command with an empty cargo home and an empty target folder, registry download included.
///
/// # Errors
/// When the command fails, or the folders cannot be made or removed.
pub(crate) fn cold(root: &Path) -> Outcome {
    let folder = std::env::temp_dir().join(format!("trader-cold-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|error| Failure::file("create", &folder, &error))?;
    let manifest = root.join("Cargo.toml");
    let mut first = cargo(root);
    first
        .args(["run", "--release", "--bin", "backtest", "--manifest-path"])
        .arg(manifest)
        .current_dir(&folder)
        .env("CARGO_TARGET_DIR", folder.join("target"));
    // The user's own registry settings stay; only what was downloaded does not count.
    first.env("CARGO_HOME", cargo_home(&folder)?);
    let took = timed(|| process::run(&mut first));
    std::fs::remove_dir_all(&folder).map_err(|error| Failure::file("remove", &folder, &error))?;
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    println!(
        "\nempty cargo cache to the first report: {:.0} s (wall, {cores} cores)",
        took?.as_secs_f64()
    );
    Ok(())
}

/// An empty cargo home that holds nothing but the user's configuration.
fn cargo_home(folder: &Path) -> Outcome<PathBuf> {
    let fresh = folder.join("cargo");
    std::fs::create_dir_all(&fresh).map_err(|error| Failure::file("create", &fresh, &error))?;
    let own = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    for name in ["config.toml", "config", "credentials.toml"] {
        let Some(source) = own.as_ref().map(|own| own.join(name)) else {
            continue;
        };
        if source.is_file() {
            let target = fresh.join(name);
            std::fs::copy(&source, &target)
                .map_err(|error| Failure::file("copy", &source, &error))?;
        }
    }
    Ok(fresh)
}

/// How long it takes until `work` is done.
fn timed(work: impl FnOnce() -> Outcome) -> Outcome<Duration> {
    #[allow(clippy::disallowed_methods, reason = "what a user waits is wall time")]
    let began = Instant::now();
    work()?;
    Ok(began.elapsed())
}
