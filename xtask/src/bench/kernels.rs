//! The kernels of `trader-features` beside TA-Lib C and `QuantLib`, function by function in turn, on
//! the same bars and the same options.
//!
//! Both sides write into memory that is there already; figures are the CPU nanoseconds of the best
//! of many rounds. TA-Lib's C library is called directly; that of `QuantLib` (C++) only through its
//! Python binding, whose own cost per call is shown beside it.

use std::path::Path;
use std::process::Command;

use super::process_lines::Lines;
use super::study::{self, Answer};
use super::worker;
use crate::failure::{Failure, Outcome};
use crate::process::{capture, cargo};
use crate::setup::{self, Tool};

const PACKAGES: &[&str] = &["TA-Lib==0.8.2", "QuantLib==1.44", "numpy==2.4.6"];

/// Rounds of each function on each side, in turn; the best counts.
const ROUNDS: usize = 4;

/// Installs, runs, prints.
///
/// # Errors
/// When a side cannot be built, installed or run, or one does not know a function.
pub(crate) fn run(root: &Path) -> Outcome {
    setup::ensure(&[Tool::Python])?;
    let mut ours = Lines::start(Command::new(build(root)?).arg("worker"))?;
    let list = ours.ask("list")?;
    let folder = study::cache()?;
    let (bars, chain) = (
        folder.join("kernel-bars.f64"),
        folder.join("kernel-chain.f64"),
    );
    let rows = ours
        .ask(&format!("bars {}", bars.display()))?
        .count("rows")?;
    ours.ask(&format!("chain {}", chain.display()))?;

    let python = worker::environment("kernels", PACKAGES)?;
    let script = |name: &str, file: &Path, count: &str| {
        let mut command = Command::new(&python);
        command.arg("-B").arg(root.join("xtask/peers").join(name));
        command.arg(file).arg(count);
        Lines::start(&mut command)
    };
    let mut talib = script("talib_run.py", &bars, &rows.to_string())?;
    let version = talib.greeting()?.text("version")?;
    println!("\nbatch over {rows} bars, CPU ns per bar (* rolling window)");
    println!(
        "{:<18} {:>8} {:>8} {:>14}",
        "", "ours", "TA-Lib C", "ours / theirs"
    );
    let rolling = list.words("rolling")?;
    for name in list.words("shared")? {
        let [own, theirs] = in_turn(&mut ours, &mut talib, &name)?;
        let mark = if rolling.contains(&name) { '*' } else { ' ' };
        println!(
            "{name:<17}{mark} {own:>8.2} {theirs:>8.2} {:>14.2}",
            own / theirs
        );
    }
    println!("(TA-Lib C {version})");

    let mut quantlib = script("quantlib_run.py", &chain, "8")?;
    let hello = quantlib.greeting()?;
    println!("\noptions, CPU ns each");
    println!(
        "{:<20} {:>10} {:>10} {:>14}",
        "", "ours", "QuantLib", "ours / theirs"
    );
    for name in list.words("options")? {
        let [own, theirs] = in_turn(&mut ours, &mut quantlib, &name)?;
        println!(
            "{name:<20} {own:>10.0} {theirs:>10.0} {:>14.2}",
            own / theirs
        );
    }
    println!(
        "(QuantLib {} through its Python binding, of which {:.0} ns are a call that does nothing)",
        hello.text("version")?,
        hello.seconds("call_nanoseconds")?
    );
    Ok(())
}

/// Best nanoseconds of each side.
fn in_turn(ours: &mut Lines, theirs: &mut Lines, name: &str) -> Outcome<[f64; 2]> {
    let mut best = [f64::INFINITY; 2];
    for _ in 0..ROUNDS {
        for (best, side) in best.iter_mut().zip([&mut *ours, &mut *theirs]) {
            *best = best.min(side.ask(name)?.seconds("nanoseconds")?);
        }
    }
    Ok(best)
}

/// The bench that answers for our side.
fn build(root: &Path) -> Outcome<std::path::PathBuf> {
    let mut command = cargo(root);
    command.args([
        "bench",
        "--package",
        "trader-features",
        "--bench",
        "kernels",
    ]);
    command.args(["--no-run", "--message-format", "json-render-diagnostics"]);
    study::executable(&capture(&mut command)?)
        .ok_or_else(|| Failure::new("cargo built no `kernels`"))
}

impl Answer {
    /// A list of names.
    fn words(&self, field: &str) -> Outcome<Vec<String>> {
        let list = self.list(field)?;
        Ok(list
            .iter()
            .filter_map(|word| word.as_str().map(str::to_owned))
            .collect())
    }
}
