//! A run killed at any instant: no half-written folder, a journal that can be read up to its torn end, and a next
//! run that gives the very bytes of an undisturbed one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use trader_testkit::{Killer, Tier};

use crate::program::{Scratch, walk};

const STUDY: [&str; 6] = [
    "run",
    "--bars",
    "bars.csv",
    "--strategy",
    "sma-crossover",
    "--quiet",
];

/// The runs that a user sees in a folder.
fn visible(runs: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(runs) else {
        return Vec::new();
    };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .filter(|path| !path.file_name().unwrap().to_string_lossy().starts_with('.'))
        .collect()
}

/// Every file of the one run in a folder.
fn contents(runs: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let found = visible(runs);
    assert_eq!(found.len(), 1, "{found:?}");
    let files = std::fs::read_dir(&found[0]).unwrap();
    files
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = PathBuf::from(path.file_name().unwrap());
            (name, std::fs::read(&path).unwrap())
        })
        .collect()
}

fn assert_same(found: &BTreeMap<PathBuf, Vec<u8>>, expected: &BTreeMap<PathBuf, Vec<u8>>) {
    assert!(found.keys().eq(expected.keys()), "{:?}", found.keys());
    for (name, bytes) in found {
        assert!(*bytes == expected[name], "{} differs", name.display());
    }
}

fn start(scratch: &Scratch, journal: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_backtest"))
        .args(STUDY)
        .args(["--out", "killed", "--journal", journal])
        .current_dir(scratch.path())
        .env_clear()
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// The journal holds what had been written when the process died: it replays to its torn end, or there was not even
/// a header yet; damage is never reported.
fn journal_is_readable(scratch: &Scratch, journal: &str) {
    if !scratch.path().join(journal).exists() {
        return;
    }
    let replay = scratch.run(&[&STUDY[..], &["--dry-run", "--replay", journal]].concat());
    let said = String::from_utf8_lossy(&replay.stderr);
    match replay.status.code() {
        Some(0) => {}
        Some(5) => assert!(
            said.contains("header") || said.contains("no record"),
            "{said}"
        ),
        other => panic!("{other:?}: {said}"),
    }
}

#[test]
fn torture_a_run_killed_at_any_instant_leaves_nothing_half_done() {
    let kills = Tier::current().pick(50, 2_000);
    let scratch = Scratch::new();
    let folder = |name: &str| scratch.path().join(name);
    scratch.file("bars.csv", walk(6_000, 5));
    #[allow(clippy::disallowed_methods, reason = "how long the real process takes")]
    let began = Instant::now();
    scratch.succeed(&[&STUDY[..], &["--out", "whole"]].concat());
    let whole = began.elapsed();
    let expected = contents(&folder("whole"));
    let mut killer = Killer::new(7, kills, whole);
    let mut round = 0;
    while killer.goes_on() {
        round += 1;
        let journal = format!("{round}.journal");
        let finished = killer.kill(start(&scratch, &journal));
        let left = visible(&folder("killed"));
        assert!(!finished || left.len() == 1, "round {round}: no folder");
        if let Some(run) = left.first() {
            assert_same(&contents(&folder("killed")), &expected);
            std::fs::remove_dir_all(run).unwrap();
        }
        journal_is_readable(&scratch, &journal);
        drop(std::fs::remove_file(folder(&journal)));
    }
    scratch.succeed(&[&STUDY[..], &["--out", "killed"]].concat());
    assert_same(&contents(&folder("killed")), &expected);
    let left = std::fs::read_dir(folder("killed")).unwrap().count();
    assert_eq!(left, 1, "what the killed runs left is gone");
}
