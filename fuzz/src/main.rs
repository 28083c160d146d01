//! Runs the fuzz targets on the stable compiler; `cargo xtask fuzz` calls it.
//!
//! Each target gets a process of its own, as many at a time as there are cores: the memory of an input
//! is measured for the whole process.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for developers: it measures wall time, ends a process that hangs, and talks to a terminal"
)]

use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use clap::Parser;
use cpu_time::ThreadTime;
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
    /// Only the target of this name, or those whose name contains it.
    #[arg(long, default_value = "", overrides_with = "target")]
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

    fn worked(&self) -> Duration {
        ThreadTime::now().as_duration()
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
    let chosen = choose(&cli.target);
    let held = match chosen.as_slice() {
        [] => {
            let names: Vec<&str> = targets::ALL.iter().map(|target| target.name).collect();
            eprintln!(
                "no target is named like `{}`; there are: {}",
                cli.target,
                names.join(", ")
            );
            false
        }
        [target] => alone(target, &cli),
        several => side_by_side(several),
    };
    if held {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// The target of that name, or else all whose name contains it.
fn choose(name: &str) -> Vec<&'static Target> {
    let exact = targets::ALL.iter().find(|target| target.name == name);
    exact.map_or_else(
        || {
            targets::ALL
                .iter()
                .filter(|target| target.name.contains(name))
                .collect()
        },
        |target| vec![target],
    )
}

/// Runs one target in this process; whether it held.
fn alone(target: &Target, cli: &Cli) -> bool {
    let gauge = Process {
        start: Instant::now(),
        current: Arc::default(),
    };
    watch(Arc::clone(&gauge.current));
    // The panic of a target is reported with its input, not by the default hook.
    std::panic::set_hook(Box::new(|_| {}));
    run(target, cli, &gauge)
}

/// Runs this program once for each target, with the same arguments; whether all held.
fn side_by_side(chosen: &[&Target]) -> bool {
    let waiting: Mutex<Vec<&str>> =
        Mutex::new(chosen.iter().rev().map(|target| target.name).collect());
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let one = |name: &str| {
        let program = std::env::current_exe()?;
        let mut command = Command::new(program);
        command
            .args(std::env::args_os().skip(1))
            .args(["--target", name]);
        command.status()
    };
    let worker = || {
        let mut held = true;
        while let Some(name) = next() {
            held &= match one(name) {
                Ok(status) => status.success(),
                Err(error) => {
                    eprintln!("{name}: cannot be run: {error}");
                    false
                }
            };
        }
        held
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(worker)).collect();
        workers
            .into_iter()
            .all(|worker| worker.join().unwrap_or(false))
    })
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
