//! A process that archives or restores, killed at any instant and run again: nothing is lost, nothing is there twice.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use trader_archive::{Archive, Dates};
use trader_storage::store::MarketStore;
use trader_testkit::{Killer, Tier};
use trader_testkit_s3::{S3Server, SECRET};

use crate::stand::{BUCKET, date, files, key, never, now, on_s3, opened, store};

const WORK: &str = "ARCHIVER_WORK";
const STORE: &str = "ARCHIVER_STORE";
const URL: &str = "ARCHIVER_URL";
const SYMBOLS: [&str; 3] = ["AAA", "BBB", "CCC"];

/// The body of the process that is killed.
pub(crate) fn archive_when_asked() {
    #[allow(clippy::disallowed_methods, reason = "how the parent process asks")]
    let [work, folder, url] = [WORK, STORE, URL].map(|name| std::env::var(name).ok());
    let (Some(work), Some(folder), Some(url)) = (work, folder, url) else {
        return;
    };
    let store = MarketStore::open(Path::new(&folder)).unwrap();
    let archive = opened(&url, BUCKET, SECRET).unwrap();
    for symbol in SYMBOLS {
        if work == "out" {
            out(&archive, &store, symbol);
        } else {
            back(&archive, &store, symbol);
        }
    }
}

fn out(archive: &Archive, store: &MarketStore, symbol: &str) {
    archive
        .run(store, &key(symbol), date("2024-06-11"), now(), &never)
        .unwrap();
}

fn back(archive: &Archive, store: &MarketStore, symbol: &str) {
    let records = archive.records(Some(&key(symbol))).unwrap();
    archive
        .restore(store, &records, Dates::default(), &never)
        .unwrap();
}

fn start(work: &str, folder: &Path, url: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["archiver_process", "--exact", "--nocapture"])
        .env(WORK, work)
        .env(STORE, folder)
        .env(URL, url)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn torture_an_archiver_killed_at_any_instant_and_run_again_loses_nothing_and_keeps_nothing_twice() {
    let kills = Tier::current().pick(20, 200);
    let server = S3Server::start(&[BUCKET]);
    let folder = tempfile::tempdir().unwrap();
    store(folder.path(), &SYMBOLS);
    let whole = files(folder.path());
    let archive = on_s3(&server);
    #[allow(clippy::disallowed_methods, reason = "how long the real process takes")]
    let began = Instant::now();
    assert!(
        start("out", folder.path(), &server.url())
            .wait()
            .unwrap()
            .success()
    );
    let time = began.elapsed();
    let (cold, objects) = (files(folder.path()), files(&server.bucket(BUCKET)));
    let names: Vec<&String> = objects
        .keys()
        .filter(|name| !name.contains("_records"))
        .collect();
    assert_eq!(names.len(), 24);
    let mut killer = Killer::new(5, kills, time);
    let mut number = 0;
    while killer.goes_on() {
        number += 1;
        // By turns everything is brought back and sent out again, to an archive that was emptied.
        let work = if number % 2 == 1 { "back" } else { "out" };
        if work == "out" {
            std::fs::remove_dir_all(server.bucket(BUCKET)).unwrap();
            std::fs::create_dir(server.bucket(BUCKET)).unwrap();
        }
        for _ in 0..=killer.random().below(2) {
            killer.kill(start(work, folder.path(), &server.url()));
        }
        // As a process that starts anew.
        let store = MarketStore::open(folder.path()).unwrap();
        for symbol in SYMBOLS {
            if work == "out" {
                out(&archive, &store, symbol);
            } else {
                back(&archive, &store, symbol);
            }
        }
        let expected = if work == "out" { &cold } else { &whole };
        let found = files(folder.path());
        assert!(found.keys().eq(expected.keys()), "{work} {number}");
        assert!(&found == expected, "{work} {number}: contents");
        let kept = files(&server.bucket(BUCKET));
        let kept: Vec<&String> = kept
            .keys()
            .filter(|name| {
                name.ends_with(".parquet") && !name.contains("/.") && !name.starts_with('.')
            })
            .collect();
        let wanted: Vec<&String> = objects
            .keys()
            .filter(|name| name.ends_with(".parquet"))
            .collect();
        assert_eq!(kept, wanted, "{work} {number}");
        let records = archive.records(None).unwrap();
        assert!(archive.verify(&records, &never).unwrap().faults.is_empty());
        for symbol in SYMBOLS {
            assert!(store.check(&key(symbol)).unwrap().is_empty());
        }
    }
}
