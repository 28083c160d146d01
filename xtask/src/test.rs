//! `cargo xtask test`: all that passing means, the fast checks first.
//!
//! The run stops at the first step that fails. A step that could not do all of its work says what
//! it left out, and the summary repeats it. The last line is the test runner's own summary.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::failure::{Failure, Outcome};
use crate::process::{self, cargo};
use crate::setup::{self, Tool};
use crate::workspace::Network;
use crate::{first_run, fuzz, layers, tidy, torture};

/// One part of the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Step {
    /// Formatting.
    Fmt,
    /// The rules of the house.
    Tidy,
    /// The layer law and the crate graph.
    Layers,
    /// Licences, bans, sources, advisories.
    Deny,
    /// Lints on every target.
    Clippy,
    /// Unit, behaviour and property tests.
    Nextest,
    /// Examples in the documentation, and code that must not compile.
    Doctest,
    /// The documentation builds without a warning.
    Rustdoc,
    /// Every parser of outside bytes, for a minute each.
    Fuzz,
    /// Crash, fault and simulation experiments, short tier.
    Torture,
    /// The README's first command, from an empty folder to a report.
    FirstRun,
}

/// Every step, in order.
const ALL: &[Step] = &[
    Step::Fmt,
    Step::Tidy,
    Step::Layers,
    Step::Deny,
    Step::Clippy,
    Step::Nextest,
    Step::Doctest,
    Step::Rustdoc,
    Step::Fuzz,
    Step::Torture,
    Step::FirstRun,
];

/// What a step that passed has to add to the summary.
#[derive(Debug, Default)]
struct Report {
    /// Work it could not do, and why.
    left_out: Option<String>,
    /// The line that ends the whole run.
    last_line: Option<String>,
}

/// Runs the named steps, or all.
///
/// # Errors
/// Names the step that failed; what it found is on the terminal.
pub(crate) fn run(root: &Path, named: &[Step]) -> Outcome {
    let steps: Vec<Step> = ALL
        .iter()
        .copied()
        .filter(|step| named.is_empty() || named.contains(step))
        .collect();
    setup::ensure(&[
        Tool::Git,
        Tool::CCompiler,
        Tool::Nextest,
        Tool::Deny,
        Tool::Postgres,
    ])?;
    let mut summary = Vec::new();
    let mut last_line = None;
    for step in steps {
        println!("\n== {}", name(step));
        let start = Instant::now();
        let report = perform(root, step)
            .map_err(|error| Failure::new(format!("{}: {error}", name(step))))?;
        let seconds = start.elapsed().as_secs_f64();
        let left_out = report
            .left_out
            .map(|why| format!("  NOT RUN: {why}"))
            .unwrap_or_default();
        summary.push(format!(
            "{:<10} passed {seconds:>8.1} s{left_out}",
            name(step)
        ));
        last_line = report.last_line.or(last_line);
    }
    println!("\n== summary\n{}", summary.join("\n"));
    if let Some(line) = last_line {
        println!("{line}");
    }
    Ok(())
}

fn name(step: Step) -> String {
    clap::ValueEnum::to_possible_value(&step)
        .map_or_else(String::new, |value| value.get_name().to_owned())
}

fn perform(root: &Path, step: Step) -> Outcome<Report> {
    let plain = |outcome: Outcome| outcome.map(|()| Report::default());
    match step {
        Step::Fmt => plain(process::run(cargo(root).args(["fmt", "--all", "--check"]))),
        Step::Tidy => plain(tidy::check(root, Network::Online)),
        Step::Layers => plain(layers::check(root, Network::Online)),
        Step::Deny => deny(root),
        Step::Clippy => plain(process::run(cargo(root).args([
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ]))),
        Step::Nextest => nextest(root),
        Step::Doctest => plain(process::run(cargo(root).args([
            "test",
            "--doc",
            "--workspace",
        ]))),
        Step::Rustdoc => plain(process::run(
            cargo(root)
                .args(["doc", "--workspace", "--no-deps"])
                .env("RUSTDOCFLAGS", "-D warnings"),
        )),
        Step::Fuzz => plain(fuzz::run(root, &fuzz::Budget::smoke())),
        Step::Torture => plain(torture::run(root, torture::Tier::Short)),
        Step::FirstRun => plain(first_run::check(root)),
    }
}

fn nextest(root: &Path) -> Outcome<Report> {
    let mut summary = None;
    process::run_watching(
        cargo(root).args(["nextest", "run", "--workspace"]),
        |line| {
            if line.trim_start().starts_with("Summary ") {
                summary = Some(line.to_owned());
            }
        },
    )?;
    let last_line =
        summary.ok_or_else(|| Failure::new("the test runner printed no summary line"))?;
    Ok(Report {
        last_line: Some(last_line),
        left_out: None,
    })
}

/// How long the advisory database may take to arrive.
const DATABASE_PATIENCE: Duration = Duration::from_secs(60);

fn deny(root: &Path) -> Outcome<Report> {
    process::run(cargo(root).args([
        "deny",
        "--all-features",
        "check",
        "bans",
        "licenses",
        "sources",
    ]))?;
    if let Err(why) = fetch_advisories(root) {
        let left_out = format!("advisories: the database could not be had ({why})");
        println!("{left_out}");
        return Ok(Report {
            left_out: Some(left_out),
            last_line: None,
        });
    }
    process::run(cargo(root).args([
        "deny",
        "--all-features",
        "check",
        "--disable-fetch",
        "advisories",
    ]))?;
    Ok(Report::default())
}

/// Brings the advisory database onto this machine; the answer says why it cannot.
fn fetch_advisories(root: &Path) -> Result<(), String> {
    let mut command = cargo(root);
    command
        .args(["deny", "fetch", "db"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    let start = Instant::now();
    while child
        .try_wait()
        .map_err(|error| error.to_string())?
        .is_none()
    {
        if start.elapsed() > DATABASE_PATIENCE {
            child.kill().map_err(|error| error.to_string())?;
            return Err(format!(
                "no answer within {} s",
                DATABASE_PATIENCE.as_secs()
            ));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    let output = child
        .wait_with_output()
        .map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let reason = said.lines().rfind(|line| !line.trim().is_empty());
    Err(reason
        .unwrap_or("the fetch failed without a word")
        .to_owned())
}
