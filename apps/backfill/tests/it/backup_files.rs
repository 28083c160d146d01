//! `backfill backup files|copy|fetch|schedule`: what is kept besides the database, copies elsewhere, times.

use std::collections::BTreeSet;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use trader_testkit_s3::{KEY_ID, S3Server, SECRET};

use crate::program::{Scratch, assert_same, files};

const KEY: &str = "0123456789abcdefghijklmnopqrstuvwxyz";
const CONFIG: &str =
    "[backup]\nfiles = [\"config=conf.toml\", \"journals=journals\", \"runs=runs\"]\n";

/// Files of three parts.
fn filled() -> Scratch {
    let scratch = Scratch::new();
    scratch.file("conf.toml", CONFIG);
    scratch.file("journals/one.journal", b"first");
    scratch.file("journals/deep/two.journal", vec![7; 300_000]);
    scratch.file("runs/a/metrics.json", b"{}");
    scratch.file("runs/b/empty", b"");
    scratch
}

fn command(scratch: &Scratch, args: &[&str]) -> Command {
    let mut command = scratch.command(&[&["backup"], args, &["--config", "conf.toml"]].concat());
    command.env("AI_TRADER_BACKUP__KEY", KEY);
    command
}

fn text(output: &Output) -> (Option<i32>, String) {
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), error)
}

fn json(scratch: &Scratch, args: &[&str]) -> serde_json::Value {
    let output = command(scratch, &[args, &["--json"]].concat())
        .output()
        .unwrap();
    let (code, error) = text(&output);
    assert_eq!(code, Some(0), "{args:?}: {error}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn fail(scratch: &Scratch, code: i32, args: &[&str]) -> String {
    let (found, error) = text(&command(scratch, args).output().unwrap());
    assert_eq!(found, Some(code), "{args:?}: {error}");
    assert!(!error.contains("panicked"), "{error}");
    error
}

#[test]
fn incremental_and_differential_backups_hold_only_what_changed_and_restore_everything() {
    let scratch = filled();
    // Without anything to build on, an incremental one is full.
    let full = json(&scratch, &["files", "incremental"]);
    assert_eq!(
        (&full["scope"], &full["files"]),
        (&"full".into(), &5.into())
    );
    scratch.file("journals/one.journal", b"first and second");
    let one = json(&scratch, &["files"]);
    assert_eq!(
        (&one["scope"], &one["new_files"]),
        (&"incremental".into(), &1.into())
    );
    scratch.file("runs/c/new", b"new");
    let two = json(&scratch, &["files"]);
    assert_eq!(
        (&two["new_files"], &two["parent"]),
        (&1.into(), &one["name"])
    );
    let differential = json(&scratch, &["files", "differential"]);
    assert_eq!(
        (&differential["new_files"], &differential["parent"]),
        (&2.into(), &full["name"])
    );
    let whole = json(&scratch, &["files", "full"]);
    assert_eq!(
        (&whole["new_files"], &whole["parent"]),
        (&6.into(), &serde_json::Value::Null)
    );

    for name in [&two, &differential, &whole].map(|one| one["name"].as_str().unwrap()) {
        json(&scratch, &["restore", name, "--dry-run"]);
        assert!(!scratch.path().join("back").exists());
        json(&scratch, &["restore", name, "--into", "back"]);
        for part in ["journals", "runs"] {
            let back = files(&scratch.path().join("back").join(part));
            assert_same(&back, &files(&scratch.path().join(part)));
        }
        let back = std::fs::read_to_string(scratch.path().join("back/config/conf.toml"));
        assert_eq!(back.unwrap(), CONFIG);
        assert!(fail(&scratch, 5, &["restore", name, "--into", "back"]).contains("already"));
        std::fs::remove_dir_all(scratch.path().join("back")).unwrap();
    }
    let first = full["name"].as_str().unwrap();
    json(&scratch, &["restore", first, "--into", "old"]);
    let old = std::fs::read(scratch.path().join("old/journals/one.journal")).unwrap();
    assert_eq!(old, b"first");
    assert_eq!(json(&scratch, &["verify"]).as_array().unwrap().len(), 5);
}

#[test]
fn a_damaged_missing_or_exchanged_file_is_found_and_nothing_is_restored() {
    let scratch = filled();
    let full = json(&scratch, &["files"]);
    scratch.file("runs/c/new", b"new");
    let later = json(&scratch, &["files"]);
    let name = later["name"].as_str().unwrap();
    let held = scratch
        .path()
        .join("backups/files")
        .join(full["name"].as_str().unwrap());
    let (one, two) = (held.join("00000001.sealed"), held.join("00000002.sealed"));
    let (first, second) = (std::fs::read(&one).unwrap(), std::fs::read(&two).unwrap());
    for place in [0, 20, first.len() / 2, first.len() - 1] {
        let mut bad = first.clone();
        bad[place] ^= 1;
        std::fs::write(&one, bad).unwrap();
        // The later one needs what the earlier one holds.
        assert!(fail(&scratch, 7, &["verify", name]).contains("backups are not"));
        fail(&scratch, 5, &["restore", name, "--into", "back"]);
        assert!(!scratch.path().join("back").exists());
    }
    std::fs::write(&one, &second).unwrap();
    std::fs::write(&two, &first).unwrap();
    fail(&scratch, 7, &["verify", name]);
    std::fs::remove_file(&one).unwrap();
    fail(&scratch, 7, &["verify", name]);
    std::fs::write(&one, &first).unwrap();
    std::fs::write(&two, &second).unwrap();
    json(&scratch, &["verify", name]);
    // No content and no path stands in the clear.
    for (file, bytes) in scratch.store("backups") {
        let shown = String::from_utf8_lossy(&bytes);
        assert!(!shown.contains("journal"), "{file}");
    }
    assert!(fail(&scratch, 2, &["restore", "../x", "--into", "y"]).contains("no name"));
}

#[test]
fn what_is_missing_or_a_link_is_refused_and_leaves_no_backup() {
    let scratch = filled();
    std::os::unix::fs::symlink("/etc/passwd", scratch.path().join("runs/link")).unwrap();
    assert!(fail(&scratch, 5, &["files"]).contains("is a link"));
    std::fs::remove_file(scratch.path().join("runs/link")).unwrap();
    std::fs::remove_dir_all(scratch.path().join("journals")).unwrap();
    assert!(fail(&scratch, 5, &["files"]).contains("journals"));
    assert!(files(&scratch.path().join("backups")).is_empty());
    scratch.file("conf.toml", "");
    assert!(fail(&scratch, 2, &["files"]).contains("backup.files"));
}

#[test]
fn the_retention_keeps_what_a_kept_backup_builds_on() {
    let scratch = filled();
    let keep = [
        "--set",
        "backup.keep=1",
        "--set",
        "backup.keep_weekly=0",
        "--set",
        "backup.keep_monthly=0",
    ];
    let full = json(&scratch, &["files", "full"]);
    for number in 0..3 {
        scratch.file("runs/c/new", format!("{number}"));
        json(&scratch, &[&["files"][..], &keep].concat());
    }
    let left = |scratch: &Scratch| -> BTreeSet<String> {
        let list = json(scratch, &["list"]);
        list.as_array()
            .unwrap()
            .iter()
            .map(|one| one["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let names = left(&scratch);
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(names.contains(full["name"].as_str().unwrap()));
    json(&scratch, &["verify"]);
    let last = json(&scratch, &[&["files", "full"][..], &keep].concat());
    assert_eq!(
        left(&scratch),
        BTreeSet::from([last["name"].as_str().unwrap().to_owned()])
    );
    let folders = std::fs::read_dir(scratch.path().join("backups/files"))
        .unwrap()
        .count();
    assert_eq!(folders, 2, "one manifest, one folder");
}

/// Files that do not compress, so that their upload takes its time.
fn noise(scratch: &Scratch) {
    let mut state = 1_u64;
    for number in 0..40 {
        let noise: Vec<u8> = (0..400_000)
            .map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                state.to_be_bytes()[0]
            })
            .collect();
        scratch.file(&format!("runs/noise/{number}"), noise);
    }
}

/// With copies in a bucket of this server.
fn copying(scratch: &Scratch, server: &S3Server, args: &[&str]) -> Command {
    let endpoint = format!("archive.endpoint={}", server.url());
    let place = ["--set", "backup.copies=s3://cold/b", "--set", &endpoint];
    let mut command = command(
        scratch,
        &[args, &place, &["--set", "archive.patience=2s"]].concat(),
    );
    command
        .env("AI_TRADER_ARCHIVE__ACCESS_KEY_ID", KEY_ID)
        .env("AI_TRADER_ARCHIVE__SECRET_ACCESS_KEY", SECRET);
    command
}

#[test]
fn copies_survive_a_service_killed_during_the_upload_and_the_loss_of_the_machine() {
    let mut server = S3Server::start(&["cold"]);
    let scratch = filled();
    noise(&scratch);
    let taken = json(&scratch, &["files"]);
    let mut copier = copying(&scratch, &server, &["copy"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let at = server.bucket("cold");
    for _ in 0..2_000 {
        if files(&at)
            .keys()
            .filter(|name| name.ends_with(".sealed"))
            .count()
            > 3
        {
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    server.kill();
    let ended = copier.wait().unwrap();
    assert_eq!(
        ended.code(),
        Some(5),
        "an upload that broke off is no success"
    );
    let manifest = format!("b/files/{}.manifest", taken["name"].as_str().unwrap());
    assert!(
        !at.join(&manifest).exists(),
        "what describes others goes last"
    );
    server.restart();
    let done = copying(&scratch, &server, &["copy", "--json"])
        .output()
        .unwrap();
    assert_eq!(text(&done).0, Some(0), "{}", text(&done).1);
    let done: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert!(done["there"].as_u64().unwrap() > 0, "{done}");
    assert!(done["copied"].as_u64().unwrap() > 0, "{done}");
    assert!(at.join(&manifest).exists());

    machine_lost(&scratch, &server, taken["name"].as_str().unwrap());
}

/// The folder of backups is gone with the machine.
fn machine_lost(scratch: &Scratch, server: &S3Server, name: &str) {
    let at = server.bucket("cold");
    let before = scratch.store("backups");
    std::fs::remove_dir_all(scratch.path().join("backups")).unwrap();
    assert_eq!(
        text(&copying(scratch, server, &["fetch"]).output().unwrap()).0,
        Some(0)
    );
    assert_same(&scratch.store("backups"), &before);
    json(scratch, &["restore", name, "--into", "back"]);
    assert_same(
        &files(&scratch.path().join("back/runs")),
        &files(&scratch.path().join("runs")),
    );
    // Taking one copies it at once.
    let next = copying(scratch, server, &["files", "full", "--json"])
        .output()
        .unwrap();
    let next: serde_json::Value = serde_json::from_slice(&next.stdout).unwrap();
    assert!(
        at.join(format!(
            "b/files/{}.manifest",
            next["name"].as_str().unwrap()
        ))
        .exists()
    );
}

#[test]
fn a_schedule_does_its_tasks_and_goes_on_after_a_failure_until_it_is_told_to_stop() {
    let scratch = filled();
    let jobs = "[backup]\nfiles = [\"runs=runs\"]\nschedule = [\"* * * * * *: base\", \"* * * * * *: files incremental\"]\n";
    scratch.file("conf.toml", jobs);
    let next = json(&scratch, &["schedule", "--dry-run"]);
    assert_eq!(next.as_array().unwrap().len(), 2);
    let program = command(&scratch, &["schedule"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let taken = || {
        let files = scratch.store("backups");
        files
            .keys()
            .filter(|name| name.ends_with(".manifest"))
            .count()
    };
    for _ in 0..600 {
        if taken() >= 2 {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(taken() >= 2, "two seconds, two backups");
    let pid = program.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .unwrap()
            .success()
    );
    let (code, error) = text(&program.wait_with_output().unwrap());
    assert_eq!(code, Some(0), "{error}");
    // The embedded database has no base backups: told each time, and the schedule went on.
    assert!(error.contains("a backup on schedule failed"), "{error}");
    json(&scratch, &["verify"]);
}
