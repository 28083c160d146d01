//! Runs the fuzz targets on the stable compiler; `cargo xtask fuzz` calls it.
//!
//! Targets share the time budget one after another on one thread: the memory of each input is
//! measured for the whole process.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for developers: it measures wall time, ends a process that hangs, and talks to a terminal"
)]

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use clap::Parser;
use peak_alloc::PeakAlloc;
use trader_fuzz::hammer::{Broken, Budget, Gauge, Tally, feed, hammer};
use trader_fuzz::{Target, targets};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// An input that takes this long is a hang: the process is ended from outside the target.
const HANG: Duration = Duration::from_secs(10);

/// Feeds the fuzz targets.
#[derive(Debug, Parser)]
struct Cli {
    /// Seconds for each target.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Inputs for each target, instead of seconds.
    #[arg(long)]
    inputs: Option<u64>,
    /// Where the mutations start from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only the targets whose name contains this.
    #[arg(long, default_value = "")]
    target: String,
    /// Feed this file to the targets and stop.
    #[arg(long)]
    replay: Option<PathBuf>,
}

/// The input being fed, and since when.
type Current = Arc<Mutex<Option<(Instant, &'static str, Vec<u8>)>>>;

struct Process {
    start: Instant,
    current: Current,
}

impl Gauge for Process {
    fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    fn reset_memory_peak(&self) -> usize {
        MEMORY.reset_peak_usage();
        MEMORY.current_usage()
    }

    fn memory_peak(&self) -> usize {
        MEMORY.peak_usage()
    }

    fn feeding(&self, target: &'static str, input: &[u8]) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        *current = Some((Instant::now(), target, input.to_vec()));
    }
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let chosen: Vec<&Target> = targets::ALL
        .iter()
        .filter(|target| target.name.contains(&cli.target))
        .collect();
    if chosen.is_empty() {
        let names: Vec<&str> = targets::ALL.iter().map(|target| target.name).collect();
        eprintln!(
            "no target is named like `{}`; there are: {}",
            cli.target,
            names.join(", ")
        );
        return ExitCode::FAILURE;
    }
    let gauge = Process {
        start: Instant::now(),
        current: Arc::default(),
    };
    watch(Arc::clone(&gauge.current));
    // The panic of a target is reported with its input, not by the default hook.
    std::panic::set_hook(Box::new(|_| {}));
    let broken = chosen
        .into_iter()
        .filter(|target| !run(target, &cli, &gauge))
        .count();
    if broken == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Whether the target held.
fn run(target: &Target, cli: &Cli, gauge: &Process) -> bool {
    let budget = cli.inputs.map_or(
        Budget::Time(Duration::from_secs(cli.seconds)),
        Budget::Inputs,
    );
    let start = Instant::now();
    let outcome = match &cli.replay {
        Some(file) => replay(target, file, gauge),
        None => hammer(target, cli.seed, budget, gauge),
    };
    match outcome {
        Ok(tally) => {
            println!(
                "{:<14} {:>10} inputs, {:>8} accepted, slowest {:>9.3?}, largest {:>8} bytes, {:>6.1} s, seed {}",
                target.name,
                tally.fed,
                tally.accepted,
                tally.slowest,
                tally.largest,
                start.elapsed().as_secs_f64(),
                cli.seed
            );
            true
        }
        Err(broken) => {
            report(target.name, &broken.what, &broken.input, cli.seed);
            false
        }
    }
}

fn replay(target: &Target, file: &PathBuf, gauge: &Process) -> Result<Tally, Broken> {
    let input = std::fs::read(file).map_err(|error| Broken {
        what: format!("cannot read {}: {error}", file.display()),
        input: Vec::new(),
    })?;
    let mut tally = Tally::default();
    let verdict = feed(target, &input, gauge, &mut tally)?;
    println!("{}: {verdict:?}", target.name);
    Ok(tally)
}

/// Keeps the input and says how to feed it again.
fn report(target: &str, what: &str, input: &[u8], seed: u64) {
    let folder = PathBuf::from("fuzz/artifacts").join(target);
    let file = folder.join(format!("seed-{seed}-{:08x}", fingerprint(input)));
    eprintln!("{target}: BROKEN: {what}");
    match std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&file, input)) {
        Ok(()) => {
            eprintln!(
                "{target}: {} bytes kept: cargo xtask fuzz --target {target} --replay {}",
                input.len(),
                file.display()
            );
        }
        Err(error) => eprintln!("{target}: cannot keep the input ({error}): {input:02x?}"),
    }
}

/// FNV-1a, to tell kept inputs apart.
fn fingerprint(input: &[u8]) -> u32 {
    input.iter().fold(0x811c_9dc5, |hash: u32, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    })
}

/// Ends the process when one input never comes back.
fn watch(current: Current) {
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_secs(1));
            let stuck = current.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((since, target, input)) = stuck.as_ref()
                && since.elapsed() > HANG
            {
                report(
                    target,
                    &format!("hangs: no answer within {HANG:?}"),
                    input,
                    0,
                );
                std::process::exit(1);
            }
        }
    });
}
