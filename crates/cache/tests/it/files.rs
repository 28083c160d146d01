//! Files: entries outlive the process, damage is no entry, the folder stays within its bound.

use std::fs;

use trader_cache::{FileTier, Layers, Pattern};

use crate::{ROOM, answer, cache, clock, later};

fn layers(folder: &std::path::Path, bytes: u64) -> Layers {
    Layers {
        files: Some(FileTier::open(folder, bytes).unwrap()),
        ..Layers::default()
    }
}

#[test]
fn what_was_kept_in_files_is_there_for_the_next_process_until_it_ends() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), clock());
    let text = "the same again and again ".repeat(1_000);
    assert!(
        answer(
            &cache(ROOM, layers(folder.path(), 1 << 20), &clock),
            "A",
            text.as_bytes()
        )
        .1
    );
    let file = fs::read_dir(folder.path())
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    assert!(file.metadata().unwrap().len() < 2_000, "compressed");
    let second = cache(ROOM, layers(folder.path(), 1 << 20), &clock);
    assert_eq!(answer(&second, "A", b"other"), (text.into_bytes(), false));
    assert_eq!(second.statistics().files.hits, 1);
    later(&clock, 31 * 86_400);
    let third = cache(ROOM, layers(folder.path(), 1 << 20), &clock);
    assert!(answer(&third, "A", b"new").1);
}

#[test]
fn a_damaged_file_is_no_entry() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), clock());
    answer(
        &cache(ROOM, layers(folder.path(), 1 << 20), &clock),
        "A",
        b"good",
    );
    let path = fs::read_dir(folder.path())
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let good = fs::read(&path).unwrap();
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1 << (at % 8);
        // Damaged before the folder is opened, and after.
        fs::write(&path, &bad).unwrap();
        assert!(
            answer(
                &cache(ROOM, layers(folder.path(), 1 << 20), &clock),
                "A",
                b"new"
            )
            .1
        );
        fs::write(&path, &good).unwrap();
        let opened = cache(ROOM, layers(folder.path(), 1 << 20), &clock);
        fs::write(&path, &good[..at]).unwrap();
        assert!(answer(&opened, "A", b"new").1, "{at}");
    }
}

#[test]
fn the_folder_stays_within_its_bound_and_patterns_reach_it() {
    let (folder, clock) = (tempfile::tempdir().unwrap(), clock());
    let cache = cache(ROOM, layers(folder.path(), 20_000), &clock);
    let size = || -> u64 {
        let files = fs::read_dir(folder.path()).unwrap();
        files
            .map(|file| file.unwrap().metadata().unwrap().len())
            .sum()
    };
    for number in 0..100_u8 {
        answer(&cache, &number.to_string(), &[number; 900]);
        assert!(size() <= 20_000);
    }
    assert!(size() > 10_000);
    cache.invalidate(&Pattern::new("answers:*"));
    assert_eq!(size(), 0);
    assert!(answer(&cache, "99", b"x").1);
    fs::write(folder.path().join("notes.txt"), "mine").unwrap();
    drop(FileTier::open(folder.path(), 1).unwrap());
    assert!(folder.path().join("notes.txt").exists());
}
