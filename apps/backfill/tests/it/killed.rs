//! A backfill that is killed or interrupted at any instant and run again ends in the very bytes of an undisturbed one.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use trader_testkit::{Killer, Tier};

use crate::program::{Scratch, assert_same, june, minutes};

const RUN: [&str; 4] = ["run", "--from-dir", "in", "--quiet"];

/// Several files that meet in the same partitions, disagree in places, and hold faulty rows.
fn source(scratch: &Scratch) {
    for (number, symbol) in (0_u32..).zip(["AAA", "BBB", "CCC", "DDD"]) {
        let text = minutes(&june(8), 60, 10_000 + number * 1_000);
        scratch.file(
            &format!("in/{symbol}.csv"),
            text.replacen(",100.", ",x.", 3),
        );
    }
    let mut mixed = "symbol,timestamp,open,high,low,close,volume\n".to_owned();
    for line in minutes(&june(5), 20, 10_050).lines().skip(1) {
        for symbol in ["AAA", "CCC", "EEE"] {
            mixed.push_str(&format!("{symbol},{line}\n"));
        }
    }
    scratch.file("in/z-corrections.csv", mixed);
}

fn start(scratch: &Scratch, store: &str) -> Child {
    scratch
        .command(&[&RUN[..], &["--store", store]].concat())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn undisturbed(scratch: &Scratch) -> Duration {
    #[allow(clippy::disallowed_methods, reason = "how long the real process takes")]
    let began = Instant::now();
    scratch.succeed(&[&RUN[..], &["--store", "whole"]].concat());
    began.elapsed()
}

#[test]
fn torture_a_backfill_killed_at_any_instant_and_run_again_is_complete_and_the_same_to_the_byte() {
    let kills = Tier::current().pick(20, 200);
    let scratch = Scratch::new();
    source(&scratch);
    let whole = undisturbed(&scratch);
    let expected = scratch.store("whole");
    let mut killer = Killer::new(11, kills, whole);
    while killer.goes_on() {
        // The same store is killed up to three times before it may finish.
        for _ in 0..=killer.random().below(3) {
            killer.kill(start(&scratch, "killed"));
        }
        scratch.succeed(&[&RUN[..], &["--store", "killed"]].concat());
        assert_same(&scratch.store("killed"), &expected);
        scratch.succeed(&[
            "verify",
            "--store",
            "killed",
            "--symbols",
            "AAA,BBB,CCC,DDD,EEE",
        ]);
        std::fs::remove_dir_all(scratch.path().join("killed")).unwrap();
    }
}

#[test]
fn an_interrupted_backfill_says_so_and_goes_on_when_run_again() {
    let scratch = Scratch::new();
    source(&scratch);
    let whole = undisturbed(&scratch);
    let mut interrupted = 0;
    for part in 1..6 {
        let mut child = start(&scratch, "interrupted");
        std::thread::sleep(whole * part / 8);
        let signal = Command::new("kill")
            .args(["-INT", &child.id().to_string()])
            .status();
        assert!(signal.unwrap().success() || child.try_wait().unwrap().is_some());
        let code = child.wait().unwrap().code();
        // Before the program watches for signals, the system's own way of ending it shows no code.
        assert!(matches!(code, Some(0 | 130) | None), "{code:?}");
        interrupted += u32::from(code == Some(130));
    }
    println!("{interrupted} of 5 were interrupted at work");
    scratch.succeed(&[&RUN[..], &["--store", "interrupted"]].concat());
    assert_same(&scratch.store("interrupted"), &scratch.store("whole"));
}
