//! A store that is brought up to date holds what computing anew would give, says what it did, and tells
//! damage from content.

use std::ops::ControlFlow;
use std::path::PathBuf;

use trader_domain::{Price, Timestamp};
use trader_feature_store::{
    Action, BarSource, Clean, Companions, FeatureStore, Job, Kept, MemoryBudget, Scope, StoreError,
    SymbolReport, clean, precompute, verify,
};
use trader_features::SetDefinition;
use trader_storage::BarSeries;

use crate::bars::{minutes, options};

pub(crate) struct Place {
    folder: tempfile::TempDir,
    definition: SetDefinition,
}

impl Place {
    pub(crate) fn new() -> Self {
        let text = "mine@1: sma_20; rsi_14; wide = high - low > atr_14";
        Self {
            folder: tempfile::tempdir().unwrap(),
            definition: SetDefinition::parse(text).unwrap(),
        }
    }

    pub(crate) fn store(&self) -> FeatureStore {
        FeatureStore::new(self.folder.path())
    }

    pub(crate) fn with<T>(
        &self,
        series: &[BarSeries],
        scope: Scope,
        now: i64,
        work: impl FnOnce(&FeatureStore, &Job<'_>) -> T,
    ) -> T {
        let source = BarSource::loaded(series.to_vec(), "bars.csv", &options());
        let job = Job {
            definition: &self.definition,
            source: &source,
            companions: &Companions::default(),
            budget: MemoryBudget::new(1 << 30),
            now: Timestamp::from_nanos(now),
            program: "test",
            scope,
        };
        work(&self.store(), &job)
    }

    pub(crate) fn compute(
        &self,
        series: &[BarSeries],
        scope: Scope,
        now: i64,
    ) -> Result<Vec<SymbolReport>, StoreError> {
        self.with(series, scope, now, |store, job| {
            precompute(store, job, &mut go)
        })
    }

    pub(crate) fn update(&self, series: &BarSeries, now: i64) -> (Action, u64) {
        let one = std::slice::from_ref(series);
        let report = self.compute(one, Scope::Changed, now).unwrap();
        (report[0].action, report[0].computed)
    }

    pub(crate) fn kept(&self, series: &BarSeries) -> Result<Kept, StoreError> {
        self.store().read("mine@1", series.timeframe, series.symbol)
    }

    pub(crate) fn parity(&self, series: &BarSeries) -> bool {
        let one = std::slice::from_ref(series);
        let found = self.with(one, Scope::Changed, 0, |store, job| {
            verify(store, job, &mut go)
        });
        found.unwrap()[0].holds()
    }

    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let folder = self.folder.path().join("mine@1/1m/symbol=ABC");
        let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        files
    }
}

pub(crate) fn go(_rows: u64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

pub(crate) fn first(series: &BarSeries, rows: usize) -> BarSeries {
    let mut part = series.clone();
    let columns = &mut part.columns;
    columns.start.truncate(rows);
    columns.volume.as_mut().unwrap().truncate(rows);
    for prices in [
        &mut columns.open,
        &mut columns.high,
        &mut columns.low,
        &mut columns.close,
    ] {
        prices.truncate(rows);
    }
    part
}

#[test]
fn only_what_changed_is_computed() {
    let place = Place::new();
    let series = minutes("ABC", 500, 1);
    assert_eq!(place.update(&first(&series, 300), 1), (Action::New, 300));
    assert_eq!(place.update(&first(&series, 300), 2), (Action::UpToDate, 0));
    assert_eq!(
        place.update(&first(&series, 400), 3),
        (Action::Extended, 100)
    );
    assert_eq!(place.update(&series, 4), (Action::Extended, 100));
    assert!(place.parity(&series));
    // A bar of the last part is corrected: the parts before it stay.
    let mut corrected = series.clone();
    corrected.columns.close[450] = Price::from_units(50_000_000_000).unwrap();
    assert!(!place.parity(&corrected));
    assert_eq!(place.update(&corrected, 5), (Action::InputsChanged, 100));
    assert!(place.parity(&corrected));
    // What the set does not read changes nothing.
    let mut volume = corrected.clone();
    volume.columns.volume.as_mut().unwrap()[3] = trader_domain::Volume::ZERO;
    assert_eq!(place.update(&volume, 6), (Action::UpToDate, 0));
    // Fewer bars than are kept.
    assert_eq!(
        place.update(&first(&corrected, 350), 7).0,
        Action::InputsChanged
    );
    assert_eq!(place.kept(&series).unwrap().start.len(), 350);
    // Nothing is left that no manifest names: rows and state of two parts, and the manifest.
    assert_eq!(place.files().len(), 5);
    // Other prices, though the numbers are the same.
    let mut adjusted = first(&corrected, 350);
    adjusted.adjustment = trader_storage::Adjustment::Vendor;
    assert_eq!(place.update(&adjusted, 8), (Action::LineageChanged, 350));
}

#[test]
fn continued_values_are_those_of_one_run() {
    let (grown, whole) = (Place::new(), Place::new());
    let series = minutes("ABC", 400, 2);
    for (now, rows) in [(1, 1), (2, 2), (3, 17), (4, 250), (5, 400)] {
        grown.update(&first(&series, rows), now);
    }
    whole.update(&series, 1);
    let (grown, whole) = (grown.kept(&series).unwrap(), whole.kept(&series).unwrap());
    assert_eq!(
        (&grown.start, &grown.available),
        (&whole.start, &whole.available)
    );
    for (a, b) in grown.columns.iter().zip(&whole.columns) {
        let same =
            |(a, b): (&f64, &f64)| (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-9 * a.abs();
        assert!(a.iter().zip(b).all(same));
    }
    assert_eq!(grown.manifest.parts.len(), 5);
    assert_eq!(grown.manifest.parts[0].source, "bars.csv");
}

#[test]
fn a_version_keeps_its_content() {
    let mut place = Place::new();
    let series = minutes("ABC", 50, 3);
    place.update(&series, 1);
    place.definition = SetDefinition::parse("mine@1: sma_21").unwrap();
    let one = std::slice::from_ref(&series);
    let refused = place.compute(one, Scope::Changed, 2);
    assert!(
        matches!(refused, Err(StoreError::SetChanged { .. })),
        "{refused:?}"
    );
    place.definition = SetDefinition::parse("mine@2: sma_21").unwrap();
    assert_eq!(place.update(&series, 3), (Action::New, 50));
}

#[test]
fn damage_is_told_and_mended_by_computing_anew() {
    let place = Place::new();
    let series = minutes("ABC", 120, 4);
    place.update(&series, 1);
    let one = std::slice::from_ref(&series);
    for file in place.files() {
        let whole = std::fs::read(&file).unwrap();
        for damage in 0..3 {
            let mut bytes = whole.clone();
            match damage {
                0 => bytes.truncate(whole.len() / 2),
                1 => bytes[whole.len() / 2] ^= 4,
                _ => bytes.clear(),
            }
            std::fs::write(&file, &bytes).unwrap();
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            if name.starts_with("state") {
                let longer = minutes("ABC", 130, 4);
                let refused = place.compute(&[longer], Scope::Changed, 2);
                assert!(
                    matches!(refused, Err(StoreError::Damaged { .. })),
                    "{refused:?}"
                );
            } else {
                let refused = place.kept(&series);
                assert!(
                    matches!(refused, Err(StoreError::Damaged { .. })),
                    "{name}: {refused:?}"
                );
            }
        }
        std::fs::write(&file, &whole).unwrap();
    }
    std::fs::write(&place.files()[0], "{}").unwrap();
    let report = place.compute(one, Scope::Everything, 9).unwrap();
    assert_eq!(report[0].rows, 120);
    assert!(place.parity(&series));
}

#[test]
fn a_row_is_seen_when_its_bar_has_ended() {
    let place = Place::new();
    let series = minutes("ABC", 30, 5);
    place.update(&series, 1);
    let kept = place.kept(&series).unwrap();
    let end = kept.available[10];
    let before = Timestamp::from_nanos(end.nanos() - 1);
    assert_eq!(kept.as_of(&[before, end], None), [Some(9), Some(10)]);
    let late = Timestamp::from_nanos(kept.available[29].nanos() + 3_600_000_000_000);
    assert_eq!(kept.as_of(&[late], Some(60_000_000_000)), [None]);
}

#[test]
fn what_is_old_or_left_over_is_removed() {
    let place = Place::new();
    let series = minutes("ABC", 30, 6);
    place.update(&series, 100);
    let leftover = place.files()[0].with_file_name("rows-0-9-1.parquet");
    std::fs::write(&leftover, "interrupted").unwrap();
    let store = place.store();
    let at = Timestamp::from_nanos;
    let preview = clean(&store, at(100), Clean::Preview).unwrap();
    assert_eq!(
        (preview.old.len(), preview.leftovers.clone()),
        (0, vec![leftover.clone()])
    );
    assert!(leftover.exists());
    assert_eq!(clean(&store, at(100), Clean::Remove).unwrap(), preview);
    assert!(!leftover.exists() && place.kept(&series).is_ok());
    assert_eq!(clean(&store, at(101), Clean::Remove).unwrap().old.len(), 1);
    let gone = place.kept(&series);
    assert!(matches!(gone, Err(StoreError::Unknown { .. })), "{gone:?}");
    assert!(!place.folder.path().join("mine@1").exists());
}
