//! Backups of the database: taken, listed, proven, restored, and refused when they are not what they were.

use std::path::PathBuf;

use crate::program::{Scratch, june, minutes};

const KEY: &str = "a key of the tests with more than 32 characters";

/// A folder with some runs in its database.
fn filled() -> Scratch {
    let scratch = Scratch::new();
    scratch.file("in/ABC.csv", minutes(&june(1), 5, 10_000));
    scratch.succeed(&["run", "--from-dir", "in"]);
    scratch.succeed(&["run", "--from-dir", "in"]);
    scratch
}

fn backup(scratch: &Scratch, arguments: &[&str]) -> (Option<i32>, String, String) {
    let all = [&["backup"], arguments].concat();
    let output = scratch
        .command(&all)
        .env("AI_TRADER_BACKUP__KEY", KEY)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (out, error) = (text(output.stdout), text(output.stderr));
    assert!(!format!("{out}{error}").contains(KEY));
    (output.status.code(), out, error)
}

fn backup_file(scratch: &Scratch) -> PathBuf {
    let files = std::fs::read_dir(scratch.path().join("backups")).unwrap();
    let mut files = files.map(|entry| entry.unwrap().path());
    files
        .find(|path| path.extension().is_some_and(|end| end == "backup"))
        .unwrap()
}

fn runs(scratch: &Scratch) -> usize {
    scratch.json(&["status", "--json"])["history"]
        .as_array()
        .unwrap()
        .len()
}

#[test]
fn a_backup_brings_back_what_was_there_and_keeps_what_it_replaces() {
    let scratch = filled();
    let (code, out, error) = backup(&scratch, &["run", "--json"]);
    assert_eq!(code, Some(0), "{error}");
    let taken: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(taken["status"], "proven");
    let name = taken["name"].as_str().unwrap();
    scratch.succeed(&["run", "--from-dir", "in"]);
    assert_eq!(runs(&scratch), 3);
    assert_eq!(backup(&scratch, &["restore", name, "--dry-run"]).0, Some(0));
    assert_eq!(runs(&scratch), 3);
    let (code, _, error) = backup(&scratch, &["restore", name]);
    assert_eq!(code, Some(0), "{error}");
    assert_eq!(runs(&scratch), 2);
    let aside = format!("trader.db.before-{name}");
    assert!(scratch.path().join(&aside).exists());
    let set = format!("database.file={aside}");
    let before = scratch.json(&["status", "--json", "--set", &set]);
    assert_eq!(before["history"].as_array().unwrap().len(), 3);
}

#[test]
fn a_damaged_backup_is_told_and_not_restored() {
    let scratch = filled();
    assert_eq!(backup(&scratch, &["run"]).0, Some(0));
    assert_eq!(backup(&scratch, &["verify"]).0, Some(0));
    let path = backup_file(&scratch);
    let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
    let whole = std::fs::read(&path).unwrap();
    for place in [0, 20, whole.len() / 2, whole.len() - 1] {
        let mut bad = whole.clone();
        bad[place] ^= 4;
        std::fs::write(&path, &bad).unwrap();
        assert_eq!(
            backup(&scratch, &["verify", &name]).0,
            Some(7),
            "bit of byte {place}"
        );
    }
    let (code, _, error) = backup(&scratch, &["restore", &name]);
    assert_eq!(code, Some(7), "{error}");
    assert_eq!(runs(&scratch), 2);
    std::fs::write(&path, &whole).unwrap();
    let other = scratch
        .command(&["backup", "verify"])
        .env("AI_TRADER_BACKUP__KEY", KEY.to_uppercase())
        .output();
    assert_eq!(
        other.unwrap().status.code(),
        Some(7),
        "another key opens nothing"
    );
}

#[test]
fn the_retention_removes_the_oldest_and_the_list_remembers_them() {
    let scratch = filled();
    for _ in 0..3 {
        assert_eq!(
            backup(&scratch, &["run", "--set", "backup.keep=2"]).0,
            Some(0)
        );
    }
    let (_, out, _) = backup(&scratch, &["list", "--json"]);
    let list: serde_json::Value = serde_json::from_str(&out).unwrap();
    let states: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["status"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["proven", "proven", "removed"]);
}

#[test]
fn without_a_key_nothing_is_written_and_hostile_names_lead_nowhere() {
    let scratch = filled();
    let error = scratch.fail(2, &["backup", "run"]);
    assert!(error.contains("AI_TRADER_BACKUP__KEY__FILE"), "{error}");
    assert!(!scratch.path().join("backups").exists());
    for name in ["../trader", "..", "/etc/passwd", "a/b", "a.b", "%2e%2e"] {
        assert_eq!(backup(&scratch, &["restore", name]).0, Some(2), "{name}");
    }
}
