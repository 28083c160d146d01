//! Services that fail, keys that are wrong, objects that rot: what is said, and that nothing is lost.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use trader_archive::{ArchiveError, Dates, Place};
use trader_testkit_s3::{KEY_ID, S3Server, SECRET};

use crate::stand::{
    BUCKET, bars, date, files, key, local, never, now, on_s3, opened, settings, store,
};

#[test]
fn wrong_keys_and_buckets_are_named() {
    let server = S3Server::start(&[BUCKET]);
    let wrong = opened(&server.url(), BUCKET, "another-secret").unwrap_err();
    assert!(matches!(wrong, ArchiveError::Refused { .. }), "{wrong}");
    assert!(wrong.to_string().contains("archive.secret_access_key"));
    assert!(!wrong.to_string().contains("another-secret"), "{wrong}");
    let none = opened(&server.url(), "nowhere", SECRET).unwrap_err();
    assert!(matches!(none, ArchiveError::NoBucket { .. }), "{none}");
    let mut keyless = settings(&server.url(), KEY_ID, SECRET);
    keyless.keys = None;
    let keyless = Place::open("s3://cold", &keyless).unwrap_err();
    assert!(
        keyless
            .to_string()
            .contains("AI_TRADER_ARCHIVE__ACCESS_KEY_ID"),
        "{keyless}"
    );
    for url in [
        "cold",
        "s3://",
        "file://cold",
        "ftp://cold/",
        "s3://cold/a//b",
    ] {
        let error = Place::open(url, &settings(&server.url(), KEY_ID, SECRET)).unwrap_err();
        assert!(
            matches!(error, ArchiveError::Address { .. }),
            "{url}: {error}"
        );
    }
}

#[test]
fn a_service_that_dies_or_freezes_at_any_point_loses_nothing_and_a_repetition_completes() {
    let mut server = S3Server::start(&[BUCKET]);
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path(), &["SPY"]);
    let (before, key) = (files(folder.path()), key("SPY"));
    let archive = on_s3(&server);
    for (round, at) in [1, 3, 5, 7].into_iter().enumerate() {
        let asked = std::cell::Cell::new(0);
        let frozen = round % 2 == 0;
        let server_at = std::cell::RefCell::new(&mut server);
        let stop = || {
            asked.set(asked.get() + 1);
            if asked.get() == at && frozen {
                server_at.borrow_mut().freeze();
            } else if asked.get() == at {
                server_at.borrow_mut().kill();
            }
            false
        };
        let error = archive
            .run(&store, &key, date("2024-06-10"), now(), &stop)
            .unwrap_err();
        assert!(matches!(error, ArchiveError::Unreachable { .. }), "{error}");
        assert_eq!(files(folder.path()), before, "everything is still here");
        if frozen {
            server.thaw();
        } else {
            server.restart();
        }
    }
    let done = archive
        .run(&store, &key, date("2024-06-10"), now(), &never)
        .unwrap();
    assert_eq!(done.partitions, 7);
    assert_eq!(done.sent, 1, "what had arrived is not sent twice");
    let records = archive.records(None).unwrap();
    server.kill();
    let error = archive.restore(&store, &records, Dates::default(), &never);
    assert!(
        matches!(error, Err(ArchiveError::Unreachable { .. })),
        "{error:?}"
    );
    assert_eq!(store.manifest(&key).unwrap().unwrap().rows(), 180);
    server.restart();
    std::thread::sleep(Duration::from_millis(50));
    archive
        .restore(&store, &records, Dates::default(), &never)
        .unwrap();
    assert_eq!(files(folder.path()), before);
}

/// Objects of the archive in a folder, without records.
fn objects(folder: &std::path::Path) -> Vec<PathBuf> {
    let names = files(folder).into_keys();
    let objects = names.filter(|name| name.ends_with(".parquet"));
    objects.map(|name| folder.join(name)).collect()
}

#[test]
fn every_kind_of_damage_to_an_object_is_found_and_never_gets_into_the_store() {
    let (folder, cold) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = store(folder.path(), &["SPY"]);
    let (archive, key) = (local(cold.path()), key("SPY"));
    archive
        .run(&store, &key, date("2024-06-10"), now(), &never)
        .unwrap();
    let records = archive.records(None).unwrap();
    let victim = objects(cold.path()).swap_remove(3);
    let good = fs::read(&victim).unwrap();
    let mut flipped = good.clone();
    flipped[good.len() / 2] ^= 4;
    let longer = [&good[..], b"x"].concat();
    for bad in [&flipped[..], &good[..good.len() - 1], &longer, &[]] {
        fs::write(&victim, bad).unwrap();
        let checked = archive.verify(&records, &never).unwrap();
        assert_eq!((checked.whole, checked.faults.len()), (6, 1));
        let error = archive
            .restore(&store, &records, Dates::default(), &never)
            .unwrap_err();
        assert!(matches!(error, ArchiveError::Damaged { .. }), "{error}");
        assert!(
            error
                .to_string()
                .contains(victim.file_name().unwrap().to_str().unwrap())
        );
        assert_eq!(bars(&store, &key).len(), 180);
        assert!(store.check(&key).unwrap().is_empty());
    }
    fs::remove_file(&victim).unwrap();
    let checked = archive.verify(&records, &never).unwrap();
    assert!(matches!(checked.faults[..], [ArchiveError::Missing { .. }]));
    let error = archive
        .restore(&store, &records, Dates::default(), &never)
        .unwrap_err();
    assert!(matches!(error, ArchiveError::Missing { .. }), "{error}");
    fs::write(&victim, good).unwrap();
    archive
        .restore(&store, &records, Dates::default(), &never)
        .unwrap();
    assert_eq!(bars(&store, &key).len(), 600);
}

#[test]
fn every_truncation_and_bit_of_a_record_is_noticed() {
    let (folder, cold) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = store(folder.path(), &["SPY"]);
    let archive = local(cold.path());
    archive
        .run(&store, &key("SPY"), date("2024-06-05"), now(), &never)
        .unwrap();
    let names = files(cold.path());
    let name = names
        .keys()
        .find(|name| name.starts_with("_records"))
        .unwrap();
    let good = &names[name];
    let path = cold.path().join(name);
    for length in (0..good.len()).step_by(7) {
        fs::write(&path, &good[..length]).unwrap();
        assert!(archive.records(None).is_err(), "{length}");
    }
    for at in (0..good.len()).step_by(11) {
        let mut bad = good.clone();
        bad[at] ^= 1 << (at % 8);
        fs::write(&path, bad).unwrap();
        assert!(archive.records(None).is_err(), "byte {at}");
    }
    // Even a record that is whole in itself is not taken under another's name.
    fs::write(
        path.with_file_name(format!("{}.jsonl", "0".repeat(32))),
        good,
    )
    .unwrap();
    fs::write(&path, good).unwrap();
    assert!(archive.records(None).is_err());
}

#[test]
fn a_damaged_file_of_the_store_is_not_archived_and_stays() {
    let (folder, cold) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = store(folder.path(), &["SPY"]);
    let victim = objects(folder.path()).swap_remove(2);
    let mut bytes = fs::read(&victim).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&victim, &bytes).unwrap();
    let archive = local(cold.path());
    let error = archive.run(&store, &key("SPY"), date("2024-06-10"), now(), &never);
    assert!(matches!(error, Err(ArchiveError::Store(_))), "{error:?}");
    assert_eq!(fs::read(&victim).unwrap(), bytes);
    assert_eq!(store.manifest(&key("SPY")).unwrap().unwrap().rows(), 600);
}
