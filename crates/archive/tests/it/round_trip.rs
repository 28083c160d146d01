//! What goes out comes back, to the byte, through a folder and through an S3-compatible service.

use trader_archive::{Archive, Archived, Dates};
use trader_testkit_s3::S3Server;

use crate::stand::{BUCKET, bars, date, day, files, key, local, never, now, on_s3, put, store};

fn goes_out_and_comes_back(archive: &Archive) {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path(), &["SPY", "BRK.B", "BTC/USD"]);
    let before = files(folder.path());
    let spy = key("SPY");
    let all = bars(&store, &spy);

    for symbol in ["SPY", "BRK.B", "BTC/USD"] {
        let done = archive
            .run(&store, &key(symbol), date("2024-06-10"), now(), &never)
            .unwrap();
        assert_eq!((done.partitions, done.rows, done.sent), (7, 420, 7));
        assert!(store.check(&key(symbol)).unwrap().is_empty());
    }
    assert_eq!(store.manifest(&spy).unwrap().unwrap().rows(), 180);
    assert_eq!(bars(&store, &spy).start, all.start[420..]);

    let again = archive.run(&store, &spy, date("2024-06-10"), now(), &never);
    assert_eq!(again.unwrap(), Archived::default());

    let records = archive.records(None).unwrap();
    assert_eq!(records.len(), 3);
    let checked = archive.verify(&records, &never).unwrap();
    assert_eq!((checked.whole, checked.faults.len()), (21, 0));

    let two = Dates {
        from: Some(date("2024-06-04")),
        to: Some(date("2024-06-05")),
    };
    let records = archive.records(Some(&spy)).unwrap();
    let restored = archive.restore(&store, &records, two, &never).unwrap();
    assert_eq!((restored.rows, restored.files), (120, 2));
    for symbol in ["SPY", "BRK.B", "BTC/USD"] {
        let records = archive.records(Some(&key(symbol))).unwrap();
        archive
            .restore(&store, &records, Dates::default(), &never)
            .unwrap();
    }
    assert_eq!(files(folder.path()), before);
    let more = archive
        .restore(&store, &records, Dates::default(), &never)
        .unwrap();
    assert_eq!((more.rows, more.files), (0, 0));
}

#[test]
fn through_a_folder_a_store_comes_back_to_the_byte() {
    let cold = tempfile::tempdir().unwrap();
    goes_out_and_comes_back(&local(cold.path()));
}

#[test]
fn through_an_s3_compatible_service_a_store_comes_back_to_the_byte() {
    let server = S3Server::start(&[BUCKET]);
    goes_out_and_comes_back(&on_s3(&server));
}

#[test]
fn bars_that_came_into_an_archived_day_later_are_kept_beside_and_win_on_the_way_back() {
    let (folder, cold) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = store(folder.path(), &["SPY"]);
    let (archive, key) = (local(cold.path()), key("SPY"));
    let run = || archive.run(&store, &key, date("2024-06-10"), now(), &never);
    run().unwrap();
    // A correction of ten minutes and ten more minutes of an archived day.
    put(&store, &key, &[day(2, 50..70, 500)]);
    assert_eq!(run().unwrap().partitions, 1);
    // And another one that is still in the store when everything comes back.
    put(&store, &key, &[day(2, 69..80, 900)]);
    let records = archive.records(Some(&key)).unwrap();
    assert_eq!(records.len(), 2);
    let restored = archive
        .restore(&store, &records, Dates::default(), &never)
        .unwrap();
    assert_eq!(restored.rows, 7 * 60 + 9);
    let back = bars(&store, &key);
    let at = |minute: usize| back.open[120 + minute];
    assert_eq!(at(49), day(2, 49..50, 2).open[0]);
    assert_eq!(at(50), day(2, 50..51, 500).open[0]);
    assert_eq!(at(68), day(2, 68..69, 500).open[0]);
    assert_eq!(at(69), day(2, 69..70, 900).open[0]);
    assert_eq!(back.len(), 600 + 20);
    assert!(store.check(&key).unwrap().is_empty());
}

#[test]
fn a_day_that_was_written_anew_while_it_was_archived_stays_in_the_store() {
    let (folder, cold) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = store(folder.path(), &["SPY"]);
    let (archive, key) = (local(cold.path()), key("SPY"));
    // Between two partitions somebody else writes into the first one.
    let (wrote, writer) = (std::cell::Cell::new(0), store.clone());
    let stop = || {
        wrote.set(wrote.get() + 1);
        if wrote.get() == 2 {
            put(&writer, &key, &[day(0, 60..61, 0)]);
        }
        false
    };
    let done = archive.run(&store, &key, date("2024-06-10"), now(), &stop);
    assert_eq!(done.unwrap().partitions, 6);
    let first = bars(&store, &key);
    assert_eq!(first.start[..61], day(0, 0..61, 0).start);
}
