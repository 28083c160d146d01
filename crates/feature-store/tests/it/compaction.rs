//! Compaction changes neither values nor origins, whenever it is killed and whoever reads meanwhile.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use trader_domain::{Price, Timestamp};
use trader_feature_store::{
    Action, Clean, Compacted, Kept, Origin, Part, StoreError, clean, compact,
};
use trader_storage::BarSeries;

use crate::bars::minutes;
use crate::kept::{Place, first, go};

/// A store of five parts, its bars, and what it holds.
fn five_parts() -> (Place, BarSeries, Kept) {
    let place = Place::new();
    let series = minutes("ABC", 400, 7);
    for (now, rows) in [(10, 100), (20, 101), (30, 200), (40, 290), (50, 300)] {
        place.update(&first(&series, rows), now);
    }
    let kept = place.kept(&series).unwrap();
    assert_eq!(kept.manifest.parts.len(), 5);
    (place, series, kept)
}

/// Rows, times at which they could be known, and values, bit for bit.
fn assert_same_rows(found: &Kept, expected: &Kept) {
    assert_eq!(found.start, expected.start);
    assert_eq!(found.available, expected.available);
    let bits = |kept: &Kept| -> Vec<Vec<u64>> {
        let columns = kept.columns.iter();
        columns
            .map(|column| column.iter().map(|value| value.to_bits()).collect())
            .collect()
    };
    assert_eq!(bits(found), bits(expected));
}

fn origins(kept: &Kept) -> Vec<Origin> {
    kept.manifest.parts.iter().flat_map(Part::origins).collect()
}

fn merged(place: &Place, keep: usize) -> Vec<Compacted> {
    compact(&place.store(), keep, &mut go).unwrap()
}

/// The bytes of every file.
fn bytes(place: &Place) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = place.files().into_iter();
    files
        .map(|file| (file.clone(), std::fs::read(file).unwrap()))
        .collect()
}

#[test]
fn parts_become_one_with_the_same_rows_and_origins() {
    let (place, series, before) = five_parts();
    let report = merged(&place, 0);
    assert_eq!(
        (report[0].before, report[0].after, report[0].rows),
        (5, 1, 300)
    );
    let after = place.kept(&series).unwrap();
    assert_same_rows(&after, &before);
    assert_eq!(origins(&after), origins(&before));
    assert_eq!(origins(&after)[3].computed, 40);
    assert_eq!(after.manifest.lineage, before.manifest.lineage);
    assert_eq!(after.manifest.computed(), before.manifest.computed());
    // Rows, state, manifest; nothing left over, and nothing to do a second time.
    assert_eq!(place.files().len(), 3);
    assert_eq!(merged(&place, 0), []);
    let start = &before.start;
    let instants: Vec<Timestamp> = start
        .iter()
        .map(|at| at.saturating_add(90_000_000_000))
        .collect();
    assert_eq!(after.as_of(&instants, None), before.as_of(&instants, None));
}

#[test]
fn updates_go_on_behind_a_compacted_part() {
    let (place, series, _) = five_parts();
    merged(&place, 0);
    assert_eq!(
        place.update(&first(&series, 300), 60),
        (Action::UpToDate, 0)
    );
    assert_eq!(place.update(&series, 70), (Action::Extended, 100));
    assert!(place.parity(&series));
    // Merged once more: the origins of both merges, in order.
    merged(&place, 0);
    let computed: Vec<i64> = origins(&place.kept(&series).unwrap())
        .iter()
        .map(|origin| origin.computed)
        .collect();
    assert_eq!(computed, [10, 20, 30, 40, 50, 70]);
    assert!(place.parity(&series));
}

#[test]
fn the_newest_parts_can_stay_apart() {
    let (place, series, before) = five_parts();
    let report = merged(&place, 2);
    assert_eq!(
        (report[0].before, report[0].after, report[0].rows),
        (5, 3, 200)
    );
    assert_same_rows(&place.kept(&series).unwrap(), &before);
    // A correction within them leaves the merged part alone.
    let mut corrected = first(&series, 300);
    corrected.columns.close[295] = Price::from_units(50_000_000_000).unwrap();
    assert_eq!(place.update(&corrected, 60), (Action::InputsChanged, 10));
    assert!(place.parity(&corrected));
    assert_eq!(merged(&place, 5), []);
}

#[test]
fn killed_at_any_point_the_store_reads_as_before() {
    let (place, series, before) = five_parts();
    let files = bytes(&place);
    // Before the new file is whole: nothing has changed.
    for stop_at in [0, 1, 150, 299] {
        let mut stop = |rows: u64| {
            if rows >= stop_at {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        let stopped = compact(&place.store(), 0, &mut stop);
        if matches!(stopped, Err(StoreError::Interrupted)) {
            assert_eq!(bytes(&place), files, "stopped at {stop_at}");
        } else {
            // The last part begins at row 290: nobody asked after it.
            assert_eq!(stop_at, 299);
        }
    }
    let compacted = bytes(&place);
    assert_eq!(compacted.len(), 3);
    let manifest = place.files()[0].with_file_name("manifest.json");
    // After the new file and before the manifest: the old one rules, and the next run does the work.
    for (file, old) in &files {
        std::fs::write(file, old).unwrap();
    }
    assert_same_rows(&place.kept(&series).unwrap(), &before);
    assert_eq!(merged(&place, 0)[0].before, 5);
    assert_eq!(bytes(&place), compacted);
    // After the manifest and before the old files are gone: leftovers, which cleaning removes.
    for (file, old) in files.iter().filter(|(file, _)| **file != manifest) {
        std::fs::write(file, old).unwrap();
    }
    assert_same_rows(&place.kept(&series).unwrap(), &before);
    let removed = clean(&place.store(), Timestamp::from_nanos(0), Clean::Remove).unwrap();
    assert_eq!(removed.leftovers.len(), files.len() - 2);
    assert_eq!(bytes(&place), compacted);
}

#[test]
fn a_damaged_part_is_not_merged() {
    let (place, _, before) = five_parts();
    let part = place.files()[0].with_file_name(&before.manifest.parts[2].file);
    let mut damaged = std::fs::read(&part).unwrap();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    std::fs::write(&part, damaged).unwrap();
    let files = bytes(&place);
    let refused = compact(&place.store(), 0, &mut go);
    assert!(
        matches!(refused, Err(StoreError::Damaged { .. })),
        "{refused:?}"
    );
    assert_eq!(bytes(&place), files);
}

#[test]
fn a_reader_meanwhile_sees_one_state_or_the_other() {
    let (place, series, _) = five_parts();
    let ended = AtomicBool::new(false);
    let whole = {
        let other = Place::new();
        other.update(&series, 1);
        other.kept(&series).unwrap()
    };
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut reads = 0_u32;
            while reads < 3 || !ended.load(Ordering::Acquire) {
                let kept = place.kept(&series).unwrap();
                assert!(kept.start.len() >= 300);
                assert_eq!(kept.start, whole.start[..kept.start.len()]);
                assert_eq!(kept.available, whole.available[..kept.start.len()]);
                reads += 1;
            }
        });
        for round in 0..20_usize {
            place.update(
                &first(&series, 301 + 5 * round),
                100 + i64::try_from(round).unwrap(),
            );
            compact(&place.store(), round % 3, &mut go).unwrap();
        }
        ended.store(true, Ordering::Release);
        reader.join().unwrap();
    });
}
