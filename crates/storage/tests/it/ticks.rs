//! Trades and quotes in the store.

use std::fs;
use std::path::{Path, PathBuf};

use trader_domain::{Quantity, Symbol, TradeConditions};
use trader_storage::Fingerprint;
use trader_storage::store::{
    Effect, MarketStore, Provenance, Revision, StoredQuote, StoredTrade, TickFault, TickKey,
    TickKind, TickRow as _, TickText,
};

use crate::time;

fn text(text: &str) -> TickText {
    TickText::from(text).unwrap()
}

fn spy() -> Symbol {
    Symbol::new("SPY").unwrap()
}

fn provenance() -> Provenance {
    Provenance {
        run: "0123456789abcdef".to_owned(),
        source: Fingerprint::of_bytes(b"test"),
    }
}

fn trade(at: &str, price: &str, id: &str) -> StoredTrade {
    StoredTrade {
        time: time(&format!("2024-06-{at}Z")),
        received: Some(time(&format!("2024-06-{at}Z")).saturating_add(1_000)),
        price: price.parse().unwrap(),
        size: Quantity::whole(100),
        exchange: text("P"),
        conditions: TradeConditions::REGULAR,
        codes: text("@,F"),
        tape: text("B"),
        id: text(id),
        sequence: None,
        revised: None,
        replaces: TickText::new(),
    }
}

fn quote(bid: Option<&str>, ask: Option<&str>) -> StoredQuote {
    StoredQuote {
        time: time("2024-06-03T14:30:00Z"),
        received: None,
        bid: bid.map(|price| price.parse().unwrap()),
        bid_size: Quantity::whole(1),
        bid_exchange: text("Q"),
        ask: ask.map(|price| price.parse().unwrap()),
        ask_size: Quantity::whole(2),
        ask_exchange: text("Z"),
        codes: text("R"),
        tape: text("C"),
        sequence: Some(7),
    }
}

fn commit(store: &MarketStore, rows: &[StoredTrade]) -> (u64, u64) {
    let done = store
        .commit_ticks("alpaca", spy(), rows, &provenance())
        .unwrap();
    (done.added, done.replaced)
}

fn read(store: &MarketStore, day: &str) -> Vec<StoredTrade> {
    store.ticks("alpaca", spy(), day.parse().unwrap()).unwrap()
}

fn key() -> TickKey {
    TickKey::new("alpaca", TickKind::Trades, spy()).unwrap()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

#[test]
fn ticks_read_back_as_they_were_and_the_same_again_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = MarketStore::create(folder.path()).unwrap();
    // 00:30 UTC of the 4th is the 3rd in New York.
    let rows = [
        trade("03T14:30:00.000000001", "527.123456789", "1"),
        trade("04T00:30:00", "0.0001", "2"),
        trade("04T14:30:00", "528", "3"),
    ];
    assert_eq!(commit(&store, &rows), (3, 0));
    assert_eq!(read(&store, "2024-06-03"), rows[..2]);
    assert_eq!(read(&store, "2024-06-04"), rows[2..]);
    let before = files(folder.path());
    assert_eq!(commit(&store, &rows), (0, 0));
    assert_eq!(files(folder.path()), before);
    let quotes = [quote(Some("1.5"), None), quote(Some("0"), Some("2"))];
    let quotes = [
        quotes[0],
        StoredQuote {
            sequence: Some(8),
            ..quotes[1]
        },
    ];
    store
        .commit_ticks("alpaca", spy(), &quotes, &provenance())
        .unwrap();
    let day = "2024-06-03".parse().unwrap();
    assert_eq!(
        store.ticks::<StoredQuote>("alpaca", spy(), day).unwrap(),
        quotes
    );
    assert_eq!(store.tick_series().unwrap().len(), 2);
    assert!(store.series().unwrap().is_empty(), "ticks are no bars");
}

#[test]
fn prints_alike_that_nobody_names_are_counted_and_named_ones_are_stored_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = MarketStore::create(folder.path()).unwrap();
    let plain = trade("03T14:30:00", "5", "");
    assert_eq!(commit(&store, &[plain, plain]), (2, 0));
    assert_eq!(commit(&store, &[plain, plain]), (0, 0));
    let named = trade("03T14:31:00", "5", "9");
    assert_eq!(commit(&store, &[named, named]), (1, 0));
    let other = StoredTrade {
        price: "6".parse().unwrap(),
        received: None,
        ..named
    };
    assert_eq!(commit(&store, &[other]), (0, 1));
    let stored = read(&store, "2024-06-03");
    assert_eq!((stored.len(), stored[2].price), (3, other.price));
    assert_eq!(
        stored[2].received, named.received,
        "the first reception stays"
    );
}

#[test]
fn every_truncation_and_flipped_bit_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let store = MarketStore::create(folder.path()).unwrap();
    commit(
        &store,
        &[
            trade("03T14:30:00", "5", "1"),
            trade("03T14:30:01", "6", "2"),
        ],
    );
    assert!(store.check_ticks(&key()).unwrap().is_empty());
    let series = folder.path().join(key().folder());
    for file in files(&series) {
        let bytes = fs::read(&file).unwrap();
        for cut in 0..bytes.len() {
            fs::write(&file, &bytes[..cut]).unwrap();
            assert_eq!(
                store.check_ticks(&key()).unwrap().len(),
                1,
                "{file:?} cut at {cut}"
            );
        }
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << (at % 8);
            fs::write(&file, &damaged).unwrap();
            assert_eq!(
                store.check_ticks(&key()).unwrap().len(),
                1,
                "{file:?} flipped at {at}"
            );
        }
        fs::write(&file, &bytes).unwrap();
    }
    assert!(store.check_ticks(&key()).unwrap().is_empty());
    fs::remove_file(series.join("_manifest.jsonl")).unwrap();
    assert_eq!(store.check_ticks(&key()).unwrap().len(), 1);
}

#[test]
fn revisions_mark_what_was_wrong_and_history_does_not_bring_it_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = MarketStore::create(folder.path()).unwrap();
    let rows = [
        trade("03T14:30:00", "5", "1"),
        trade("03T14:30:30", "600", "2"),
    ];
    commit(&store, &rows);
    let (said, known) = (time("2024-06-04T12:00:00Z"), time("2024-06-04T12:00:01Z"));
    let cancel = Revision::Cancel {
        id: text("1"),
        price: rows[0].price,
        size: rows[0].size,
    };
    let correct = Revision::Correct {
        id: text("2"),
        corrected: trade("04T12:00:00", "6", "3"),
    };
    let missing = Revision::Cancel {
        id: text("77"),
        price: rows[0].price,
        size: rows[0].size,
    };
    let revisions = [cancel, correct, missing].map(|revision| (said, known, revision));
    let revise = || {
        store
            .revise_trades("alpaca", spy(), &revisions, &provenance())
            .unwrap()
    };
    let done = revise();
    assert_eq!((done.applied, done.known, done.unmatched), (2, 0, 1));
    assert_eq!(done.times.len(), 2);
    let stored = read(&store, "2024-06-03");
    assert_eq!(stored.len(), 3);
    assert!(stored[0].is_canceled() && stored[1].is_canceled());
    assert_eq!(stored[0].revised, Some(known));
    let right = stored[2];
    assert_eq!(
        (right.price, right.time),
        ("6".parse().unwrap(), rows[1].time)
    );
    assert_eq!((right.replaces, right.received), (text("2"), Some(known)));
    assert_eq!(commit(&store, &rows), (0, 0), "the same prints again");
    let again = revise();
    assert_eq!((again.applied, again.known, again.unmatched), (0, 2, 1));
    assert_eq!(read(&store, "2024-06-03"), stored);
}

#[test]
fn pruning_takes_days_and_implausible_ticks_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = MarketStore::create(folder.path()).unwrap();
    commit(
        &store,
        &[
            trade("03T14:30:00", "5", "1"),
            trade("04T14:30:00", "6", "2"),
        ],
    );
    let day = "2024-06-04".parse().unwrap();
    let preview = store.prune_ticks(&key(), day, Effect::Preview).unwrap();
    let done = store.prune_ticks(&key(), day, Effect::Apply).unwrap();
    assert_eq!((preview, done.rows), (done, 1));
    assert!(read(&store, "2024-06-03").is_empty());
    assert_eq!(read(&store, "2024-06-04").len(), 1);
    let fault = |row: StoredTrade| row.validate().unwrap_err();
    let good = trade("03T14:30:00", "5", "1");
    assert_eq!(
        fault(trade("03T14:30:00", "0", "1")),
        TickFault::PriceNotPositive
    );
    assert_eq!(
        fault(StoredTrade {
            size: Quantity::ZERO,
            ..good
        }),
        TickFault::SizeNotPositive
    );
    let early = good.time.saturating_add(-1);
    assert_eq!(
        fault(StoredTrade {
            received: Some(early),
            ..good
        }),
        TickFault::Future
    );
    assert_eq!(
        quote(Some("2"), Some("1")).validate(),
        Err(TickFault::Crossed)
    );
    assert_eq!(quote(None, None).validate(), Err(TickFault::Empty));
    assert_eq!(quote(Some("2"), Some("0")).validate(), Ok(()), "no offer");
}
