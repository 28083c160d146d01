//! Wrong input ends in a message that says what, where and what to do, an exit code by kind, and
//! nothing half done.

use crate::program::{Scratch, walk};

const HEADER: &str = "timestamp,open,high,low,close,volume\n";

fn refused(content: impl AsRef<[u8]>) -> String {
    let scratch = Scratch::new();
    scratch.file("bars.csv", content);
    let error = scratch.fail(
        3,
        &["run", "--bars", "bars.csv", "--strategy", "buy-and-hold"],
    );
    assert!(
        error.contains("bars.csv"),
        "the message names the file: {error}"
    );
    assert!(scratch.runs().is_empty(), "nothing is written");
    error
}

#[test]
fn faulty_rows_are_named_by_line() {
    let good = "2020-01-02,10,11,9,10,100\n";
    for (fault, row) in [
        ("negative price", "2020-01-03,10,11,-9,10,100\n"),
        ("NaN", "2020-01-03,10,NaN,9,10,100\n"),
        ("infinite", "2020-01-03,10,inf,9,10,100\n"),
        ("high below low", "2020-01-03,10,8,9,10,100\n"),
        ("zero price", "2020-01-03,0,11,9,10,100\n"),
        ("unsorted", "2020-01-01,10,11,9,10,100\n"),
        ("duplicated", "2020-01-02,10,11,9,10,100\n"),
        ("future-dated", "2999-01-02,10,11,9,10,100\n"),
        ("negative volume", "2020-01-03,10,11,9,10,-5\n"),
        ("missing cell", "2020-01-03,10,11,9\n"),
        ("no date", "yesterday,10,11,9,10,100\n"),
    ] {
        let error = refused(format!("{HEADER}{good}{row}"));
        assert!(error.contains('3'), "{fault}: the line is named: {error}");
    }
}

#[test]
fn files_that_are_no_bars_are_refused() {
    refused("");
    refused(HEADER);
    refused("a,b,c\n1,2,3\n");
    refused([0xff, 0xfe, 0x00, 0x41, 0x0a]);
    refused(b"PAR1 this is no parquet file PAR1".as_slice());
    let whole = walk(50, 1);
    refused(&whole[..whole.len() - 12]);
}

#[test]
fn a_missing_file_or_a_folder_is_named() {
    let scratch = Scratch::new();
    let error = scratch.fail(
        3,
        &["run", "--bars", "none.csv", "--strategy", "buy-and-hold"],
    );
    assert!(error.contains("none.csv"), "{error}");
}

#[test]
fn unknown_names_suggest_what_there_is() {
    let scratch = Scratch::new();
    scratch.file("bars.csv", walk(100, 2));
    let run = |rest: &[&str], code| {
        scratch.fail(code, &[&["run", "--bars", "bars.csv"][..], rest].concat())
    };
    assert!(run(&["--strategy", "sma-crosover"], 2).contains("sma-crossover"));
    assert!(run(&["--strategy", "sma-crossover", "--param", "fats=3"], 2).contains("fast"));
    assert!(run(&["--strategy", "sma-crossover", "--param", "fast=x"], 2).contains("whole number"));
    assert!(run(&["--strategy", "sma-crossover", "--param", "fast=50"], 2).contains("slow"));
    assert!(run(&["--strategy", "buy-and-hold", "--symbols", "NONE"], 2).contains("BARS"));
    assert!(
        run(
            &["--strategy", "buy-and-hold", "--set", "risk.postions=3"],
            4
        )
        .contains("risk.positions")
    );
    assert!(
        run(
            &["--strategy", "buy-and-hold", "--set", "risk.positions=-3"],
            4
        )
        .contains("risk.positions")
    );
    assert!(
        run(
            &[
                "--strategy",
                "buy-and-hold",
                "--from",
                "2020-02-01",
                "--to",
                "2020-01-01"
            ],
            2
        )
        .contains("after")
    );
    assert!(run(&[], 2).contains("--strategy"));
    assert!(
        scratch
            .fail(2, &["run", "--strategy", "momentum"])
            .contains("--bars")
    );
    assert!(
        scratch
            .fail(2, &["run", "--sample", "none", "--strategy", "momentum"])
            .contains("stocks-close")
    );
    assert!(scratch.runs().is_empty());
}

#[test]
fn a_run_folder_is_never_overwritten_nor_half_written() {
    let scratch = Scratch::new();
    scratch.file("bars.csv", walk(200, 3));
    // The output place is a file: the folder cannot be made.
    scratch.file("taken", "a file");
    let error = scratch.fail(
        5,
        &[
            "run",
            "--bars",
            "bars.csv",
            "--strategy",
            "buy-and-hold",
            "--out",
            "taken",
        ],
    );
    assert!(error.contains("taken"), "{error}");
    assert_eq!(
        std::fs::read(scratch.path().join("taken")).unwrap(),
        b"a file"
    );
}

/// On Linux a small tmpfs stands for a full disk; elsewhere, and without the right to mount, the
/// test says that it did not run.
#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_leaves_nothing_behind() {
    use std::process::Command;
    let scratch = Scratch::new();
    scratch.file("bars.csv", walk(4_000, 7));
    let small = scratch.path().join("small");
    std::fs::create_dir(&small).unwrap();
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"])
        .arg(&small)
        .output()
        .is_ok_and(|output| output.status.success());
    if !mounted {
        println!("not run: mounting a small file system needs more rights");
        return;
    }
    let output = scratch.run(&[
        "run",
        "--bars",
        "bars.csv",
        "--strategy",
        "sma-crossover",
        "--out",
        "small",
        "--quiet",
    ]);
    let left: Vec<_> = std::fs::read_dir(&small)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    let unmounted = Command::new("umount").arg(&small).status().unwrap();
    assert!(unmounted.success());
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(5), "{error}");
    assert!(left.is_empty(), "left behind: {left:?}");
}
