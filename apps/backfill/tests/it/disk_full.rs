//! A disk that fills up: the error says so, what is stored is whole, and with more room the run completes.

use std::process::Command;

use crate::program::{Scratch, assert_same, files, june, minutes};

/// A small file system in memory, mounted where only this test sees it; then the program, then more room, then the
/// program again.
const SCRIPT: &str = r#"
mount -t tmpfs -o size=96k tmpfs "$2" || exit 42
"$1" run --from-dir in --store "$2/store" 2> full.txt
echo $? > full.code
"$1" verify --store "$2/store" > verified.txt 2>&1
mount -o remount,size=8m "$2" || exit 42
"$1" run --from-dir in --store "$2/store" || exit 1
cp -r "$2/store" copy
"#;

#[test]
fn a_full_disk_is_named_and_leaves_nothing_half_written() {
    let scratch = Scratch::new();
    for symbol in ["AAA", "BBB", "CCC", "DDD"] {
        scratch.file(&format!("in/{symbol}.csv"), minutes(&june(10), 300, 10_000));
    }
    let small = scratch.path().join("small");
    std::fs::create_dir_all(&small).unwrap();
    let output = Command::new("unshare")
        .args(["-rm", "sh", "-c", SCRIPT, "sh"])
        .arg(env!("CARGO_BIN_EXE_backfill"))
        .arg(&small)
        .current_dir(scratch.path())
        .output();
    let output = match output {
        Ok(output) if output.status.success() => output,
        Ok(output)
            if output.status.code() == Some(1) && scratch.path().join("full.code").exists() =>
        {
            panic!("{}", String::from_utf8_lossy(&output.stderr))
        }
        _ => {
            println!("skipped: this system lets tests mount nothing");
            return;
        }
    };
    assert!(output.status.success());
    let read = |name: &str| std::fs::read_to_string(scratch.path().join(name)).unwrap();
    assert_eq!(read("full.code").trim(), "5", "{}", read("full.txt"));
    assert!(
        read("full.txt").contains("no space left"),
        "{}",
        read("full.txt")
    );
    scratch.succeed(&["run", "--from-dir", "in", "--store", "roomy"]);
    assert_same(
        &files(&scratch.path().join("copy")),
        &scratch.store("roomy"),
    );
}
