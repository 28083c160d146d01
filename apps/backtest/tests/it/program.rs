//! Calling the program in a folder of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A scratch folder in which the program is run.
pub(crate) struct Scratch(tempfile::TempDir);

impl Scratch {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file and gives its path.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// Runs the program here, without variables of the tester's own.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_backtest"))
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .output()
            .unwrap()
    }

    /// Runs the program and expects success; gives standard output.
    pub(crate) fn succeed(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?} failed: {error}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs the program and expects JSON.
    pub(crate) fn json(&self, arguments: &[&str]) -> serde_json::Value {
        serde_json::from_str(&self.succeed(arguments)).unwrap()
    }

    /// Runs the program and expects this exit code; gives standard error.
    pub(crate) fn fail(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {error}");
        assert!(!error.contains("panicked"), "{error}");
        error
    }

    /// Names of what is in the folder `runs`; empty when it is not there.
    pub(crate) fn runs(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.path().join("runs")) else {
            return Vec::new();
        };
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

/// Bars on a random walk in cents, as CSV with minute times; the same for the same seed.
pub(crate) fn walk(rows: usize, seed: u64) -> String {
    let mut state = seed;
    let mut next = move || {
        // SplitMix64 (Steele, Lea, Flood 2014).
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    let cents = |value: i64| format!("{}.{:02}", value / 100, value % 100);
    let mut text = String::from("timestamp,open,high,low,close,volume\n");
    let mut price = 10_000_i64;
    for row in 0..rows {
        let open = price;
        price = (price + (next() % 41).cast_signed() - 20).max(500);
        let high = open.max(price) + (next() % 6).cast_signed();
        let low = open.min(price) - (next() % 6).cast_signed();
        let (minute, hour, day) = (row % 60, (row / 60) % 24, row / 1_440);
        let date =
            chrono::NaiveDate::from_ymd_opt(2020, 1, 1).unwrap() + chrono::Days::new(day as u64);
        text.push_str(&format!(
            "{date} {hour:02}:{minute:02}:00,{},{},{},{},{}\n",
            cents(open),
            cents(high),
            cents(low),
            cents(price),
            1_000 + next() % 9_000
        ));
    }
    text
}
