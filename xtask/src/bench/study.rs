//! The study that is measured: its data, our program's answer, and the exact result.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::failure::{Failure, Outcome};
use crate::process::{capture, cargo};

/// The seed of the synthetic bars.
const SEED: &str = "42";

/// What one run of the study says.
#[derive(Clone, Debug)]
pub(crate) struct Answer(Value);

impl Answer {
    /// Reads the JSON object that a program printed.
    pub(crate) fn parse(text: &str) -> Outcome<Self> {
        let value: Value = serde_json::from_str(text.trim())
            .map_err(|error| Failure::new(format!("no JSON object: {error}: {}", text.trim())))?;
        Ok(Self(value))
    }

    /// A count.
    pub(crate) fn count(&self, field: &str) -> Outcome<u64> {
        self.0[field].as_u64().ok_or_else(|| self.lacks(field))
    }

    /// A number of seconds.
    pub(crate) fn seconds(&self, field: &str) -> Outcome<f64> {
        self.0[field].as_f64().ok_or_else(|| self.lacks(field))
    }

    /// A list.
    pub(crate) fn list(&self, field: &str) -> Outcome<&[Value]> {
        let list = self.0[field].as_array();
        list.map(Vec::as_slice).ok_or_else(|| self.lacks(field))
    }

    /// Text, or a number as it is written.
    pub(crate) fn text(&self, field: &str) -> Outcome<String> {
        match &self.0[field] {
            Value::String(text) => Ok(text.clone()),
            Value::Number(number) => Ok(number.to_string()),
            _ => Err(self.lacks(field)),
        }
    }

    /// An object within it.
    pub(crate) fn within(&self, field: &str) -> Outcome<Self> {
        match &self.0[field] {
            object @ Value::Object(_) => Ok(Self(object.clone())),
            _ => Err(self.lacks(field)),
        }
    }

    fn lacks(&self, field: &str) -> Failure {
        Failure::new(format!("the answer lacks `{field}`: {}", self.0))
    }
}

/// Where data and virtual environments are kept: outside the checkout, reused from run to run.
pub(crate) fn cache() -> Outcome<PathBuf> {
    let base = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")))
        .ok_or_else(|| {
            Failure::new(
                "neither XDG_CACHE_HOME nor HOME is set: nowhere to keep the benchmark's data",
            )
        })?;
    let folder = base.join("ai-trader-bench");
    std::fs::create_dir_all(&folder).map_err(|error| Failure::file("create", &folder, &error))?;
    Ok(folder)
}

/// A file of that many synthetic minute bars; made anew each time, since the generator may change.
pub(crate) fn bars(root: &Path, count: u64) -> Outcome<PathBuf> {
    let file = cache()?.join(format!("minute-{count}.csv"));
    let mut command = cargo(root);
    command.args([
        "run",
        "--quiet",
        "--package",
        "trader-testkit",
        "--bin",
        "make-bars",
        "--",
    ]);
    capture(command.args([&count.to_string(), SEED]).arg(&file))?;
    Ok(file)
}

/// The last program that Cargo says it built.
pub(crate) fn executable(messages: &str) -> Option<PathBuf> {
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|message| message["executable"].as_str().map(PathBuf::from))
        .next_back()
}

/// Our program, built as it is shipped.
#[derive(Clone, Debug)]
pub(crate) struct Backtest(PathBuf);

impl Backtest {
    /// Builds it.
    pub(crate) fn build(root: &Path) -> Outcome<Self> {
        let mut command = cargo(root);
        command.args([
            "build",
            "--release",
            "--bin",
            "backtest",
            "--message-format",
            "json-render-diagnostics",
        ]);
        let messages = capture(&mut command)?;
        executable(&messages)
            .map(Self)
            .ok_or_else(|| Failure::new("cargo built no `backtest`"))
    }

    /// The program, without arguments.
    pub(crate) fn command(&self) -> Command {
        Command::new(&self.0)
    }

    /// Runs the crossover study over a file of bars.
    pub(crate) fn crossover(&self, bars: &Path, fast: u32, slow: u32) -> Outcome<Answer> {
        let mut command = self.command();
        command
            .args(["run", "--bars"])
            .arg(bars)
            .args(["--strategy", "sma-crossover"]);
        command.args([
            "--param",
            &format!("fast={fast}"),
            "--param",
            &format!("slow={slow}"),
        ]);
        command.args([
            "--param",
            "quantity=100",
            "--cash",
            "1000000",
            "--costs",
            "none",
        ]);
        command.args(["--fill", "next-open", "--json"]);
        // A run folder may be written beside the data: keep it out of the checkout.
        command.current_dir(cache()?);
        Answer::parse(&capture(&mut command)?)
    }
}

/// The exact result over the first `count` bars, computed in integers by another program.
pub(crate) fn reference(root: &Path, bars: &Path, count: u64) -> Outcome<Answer> {
    let script = root.join("xtask/peers/reference.py");
    Answer::parse(&capture(
        Command::new("python3")
            .arg("-B")
            .arg(script)
            .arg(bars)
            .arg(count.to_string()),
    )?)
}

/// One figure of each answer.
pub(crate) fn seconds(answers: &[Answer], field: &str) -> Outcome<Vec<f64>> {
    answers.iter().map(|answer| answer.seconds(field)).collect()
}

/// The middle of the values; of an even number, the lower one.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
        .get(sorted.len().saturating_sub(1) / 2)
        .copied()
        .unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_ignores_order_and_outliers() {
        assert!((median(&[9.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median(&[4.0, 1.0]) - 1.0).abs() < f64::EPSILON);
        assert!(median(&[]).is_nan());
    }

    #[test]
    fn an_answer_that_lacks_a_field_is_an_error() {
        let answer = Answer::parse("{\"bars\": 3, \"final_equity\": \"1.00\"}\n").unwrap();
        assert_eq!(answer.count("bars").unwrap(), 3);
        assert_eq!(answer.text("final_equity").unwrap(), "1.00");
        assert!(answer.seconds("run_cpu_seconds").is_err());
        assert!(Answer::parse("not json").is_err());
    }
}
