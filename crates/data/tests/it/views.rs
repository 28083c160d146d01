//! A security followed through a rename, a split and its delisting, seen from different dates.

use chrono::NaiveDate;
use trader_domain::{Price, Timeframe, Timestamp, Volume};
use trader_storage::store::{
    MarketStore, PriceView, Provenance, ReferenceFiles, SeriesKey, StoredAdjustment, ViewRequest,
    label_of_date,
};
use trader_storage::{BarColumns, DataError, Fingerprint, OptionalColumns, PriceBasis};

use crate::{date, symbol};

fn closes(rows: &[(&str, &str)]) -> BarColumns {
    let mut columns = BarColumns::with_optional(OptionalColumns {
        volume: true,
        ..OptionalColumns::default()
    });
    for (day, close) in rows {
        let close: Price = close.parse().unwrap();
        columns
            .start
            .push(label_of_date(date(day), Timeframe::Session).unwrap());
        for column in [
            &mut columns.open,
            &mut columns.high,
            &mut columns.low,
            &mut columns.close,
        ] {
            column.push(close);
        }
        let volume = Volume::from_units(700_000_000).unwrap();
        columns.volume.get_or_insert_default().push(volume);
    }
    columns
}

fn put(store: &MarketStore, name: &str, rows: &[(&str, &str)]) {
    let key = SeriesKey::new(
        "lean",
        PriceBasis::Ohlc,
        Timeframe::Session,
        StoredAdjustment::Raw,
        symbol(name),
    )
    .unwrap();
    let origin = Provenance {
        run: "0000000000000001".to_owned(),
        source: Fingerprint::of_bytes(b"test"),
    };
    store.commit(&key, &[closes(rows)], &origin).unwrap();
}

/// NEW was called OLD until 2014-06-06, split 7:1 over that week-end, and was delisted on 2014-06-12. Another company
/// took the name OLD on 2014-06-09.
fn store(folder: &std::path::Path) -> MarketStore {
    let store = MarketStore::create(folder).unwrap();
    put(
        &store,
        "OLD",
        &[
            ("2014-06-05", "647.35"),
            ("2014-06-06", "645.57"),
            ("2014-06-09", "7"),
        ],
    );
    put(
        &store,
        "NEW",
        &[
            ("2014-06-09", "93.70"),
            ("2014-06-10", "94.25"),
            ("2014-06-12", "90"),
        ],
    );
    let security = |permanent: &str, map: &str, factors: Option<&str>| ReferenceFiles {
        permanent: permanent.to_owned(),
        map: Some(map.to_owned()),
        factors: factors.map(str::to_owned),
    };
    let new = security(
        "new",
        "20140101,old,Q\n20140606,old,Q\n20140612,new,Q\n",
        Some("20140101,0.9,0.1428571429,1\n20140606,1,0.1428571429,645.57\n20501231,1,1,0\n"),
    );
    let old = security("old", "20140607,old,Q\n20501231,old,Q\n", None);
    store.put_reference("lean", &new).unwrap();
    store.put_reference("lean", &old).unwrap();
    store
}

fn ask(name: &str, as_of: &str, prices: PriceView) -> ViewRequest {
    ViewRequest {
        vendor: "lean".to_owned(),
        symbol: symbol(name),
        timeframe: Timeframe::Session,
        as_of: date(as_of),
        from: None,
        prices,
    }
}

fn shown(
    store: &MarketStore,
    name: &str,
    as_of: &str,
    prices: PriceView,
) -> Vec<(NaiveDate, String)> {
    let series = store.view(&ask(name, as_of, prices)).unwrap().series;
    series
        .columns
        .start
        .iter()
        .map(|start: &Timestamp| start.utc_date())
        .zip(series.columns.close.iter().map(Price::to_string))
        .collect()
}

fn rows(rows: &[(&str, &str)]) -> Vec<(NaiveDate, String)> {
    rows.iter()
        .map(|(day, close)| (date(day), (*close).to_owned()))
        .collect()
}

#[test]
fn before_the_rename_the_old_name_means_the_security_and_nothing_later_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let before = rows(&[("2014-06-05", "647.35"), ("2014-06-06", "645.57")]);
    assert_eq!(
        shown(&store, "OLD", "2014-06-06", PriceView::Stored),
        before
    );
    assert_eq!(
        shown(&store, "OLD", "2014-06-06", PriceView::Splits),
        before,
        "the split is not yet known"
    );
    assert!(matches!(
        store.view(&ask("NEW", "2014-06-06", PriceView::Stored)),
        Err(DataError::UnknownSymbol { .. })
    ));
}

#[test]
fn after_the_rename_the_history_goes_on_and_the_old_name_is_another_company() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    assert_eq!(
        shown(&store, "NEW", "2014-06-10", PriceView::Stored),
        rows(&[
            ("2014-06-05", "647.35"),
            ("2014-06-06", "645.57"),
            ("2014-06-09", "93.70"),
            ("2014-06-10", "94.25")
        ])
    );
    assert_eq!(
        shown(&store, "OLD", "2014-06-10", PriceView::Stored),
        rows(&[("2014-06-09", "7.00")])
    );
    let split = shown(&store, "NEW", "2014-06-10", PriceView::Splits);
    assert_eq!(split[0].1, "92.478571456", "647.35 / 7");
    assert_eq!(split[3].1, "94.25");
    let total = shown(&store, "NEW", "2014-06-10", PriceView::SplitsAndDividends);
    assert_eq!(
        total[0].1, "92.478571456",
        "no dividend between the two dates"
    );
}

#[test]
fn a_delisted_security_is_unknown_afterwards_and_keeps_its_history() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    assert_eq!(
        shown(&store, "NEW", "2014-06-12", PriceView::Stored).len(),
        5
    );
    let error = store
        .view(&ask("NEW", "2014-06-13", PriceView::Stored))
        .unwrap_err();
    assert!(error.to_string().contains("2014-06-12"), "{error}");
}
