//! Calling the program in a folder of its own, and sources for it to read.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use chrono::NaiveDate;

/// A scratch folder in which the program is run.
pub(crate) struct Scratch(tempfile::TempDir);

impl Scratch {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file, with its folders, and gives its path.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    /// The program, to be run here without variables of the tester's own.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_backfill"));
        command.args(arguments).current_dir(self.path()).env_clear();
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
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

    /// Every file of a store with its content.
    pub(crate) fn store(&self, name: &str) -> BTreeMap<String, Vec<u8>> {
        files(&self.path().join(name))
    }
}

/// Every file below a folder with its content; nothing when there is no folder.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fn visit(root: &Path, at: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
        let Ok(entries) = std::fs::read_dir(at) else {
            return;
        };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                visit(root, &path, found);
            } else {
                let name = path.strip_prefix(root).unwrap().display().to_string();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    visit(folder, folder, &mut found);
    found
}

/// Fails on the first file that differs, by name.
pub(crate) fn assert_same(found: &BTreeMap<String, Vec<u8>>, expected: &BTreeMap<String, Vec<u8>>) {
    assert!(
        found.keys().eq(expected.keys()),
        "found {:#?}, expected {:#?}",
        found.keys(),
        expected.keys()
    );
    for (name, bytes) in found {
        assert!(*bytes == expected[name], "{name} differs");
    }
}

/// The project's own sample data.
pub(crate) fn sample(set: &str) -> String {
    format!("{}/../../data/sample/{set}", env!("CARGO_MANIFEST_DIR"))
}

/// The first trading days of June 2024.
pub(crate) fn june(count: usize) -> Vec<NaiveDate> {
    let days = [3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 17, 18, 20];
    days.iter()
        .take(count)
        .map(|day| NaiveDate::from_ymd_opt(2024, 6, *day).unwrap())
        .collect()
}

/// Minute bars of some days, from 13:30 UTC on, as CSV.
pub(crate) fn minutes(days: &[NaiveDate], a_day: u32, cents: u32) -> String {
    let mut text = "timestamp,open,high,low,close,volume\n".to_owned();
    for (number, day) in (0_u32..).zip(days) {
        for minute in 0..a_day {
            let (hour, rest) = (13 + (30 + minute) / 60, (30 + minute) % 60);
            let base = cents + (minute * 7 + number * 13) % 41;
            let price = |cents: u32| format!("{}.{:02}", cents / 100, cents % 100);
            writeln!(
                text,
                "{day} {hour:02}:{rest:02}:00,{},{},{},{},{}",
                price(base),
                price(base + 3),
                price(base - 2),
                price(base + 1),
                100 + minute
            )
            .unwrap();
        }
    }
    text
}
