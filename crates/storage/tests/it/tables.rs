//! Tables and bars written to files, and the atomicity of it.

use std::fs;

use proptest::prelude::*;
use trader_domain::{Money, Price, Symbol, Timeframe, Timestamp, Volume};
use trader_storage::{
    Adjustment, AtomicFolder, BarColumns, BarSeries, Cells, ColumnSpec, DataError, Existing,
    Fingerprint, GapPolicy, PriceBasis, ReadOptions, SampleSet, TableFormat, TableWriter,
    load_bars, parse_parquet_bars, write_bars, write_file,
};

use crate::{options, time};

fn fills(rows: std::ops::Range<i64>) -> Vec<Cells> {
    vec![
        Cells::Timestamp(
            rows.clone()
                .map(|row| Some(Timestamp::from_nanos(row * 1_000)))
                .collect(),
        ),
        Cells::Text(
            rows.clone()
                .map(|row| (row % 3 != 0).then(|| format!("a,\"{row}\"")))
                .collect(),
        ),
        Cells::Money(rows.map(|row| Some(Money::cents(row - 50))).collect()),
    ]
}

fn fill_schema() -> Vec<ColumnSpec> {
    vec![
        ColumnSpec::required("time", Cells::Timestamp(Vec::new())),
        ColumnSpec::optional("note", Cells::Text(Vec::new())),
        ColumnSpec::required("profit", Cells::Money(Vec::new())),
    ]
}

#[test]
fn csv_tables_are_plain_text_with_exact_decimals() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fills.csv");
    let mut writer =
        TableWriter::create(&path, fill_schema(), TableFormat::Csv, Existing::Keep).unwrap();
    writer.append(&fills(0..2)).unwrap();
    assert!(!path.exists(), "nothing shows before it is finished");
    let fingerprint = writer.finish().unwrap();
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        "time,note,profit\n1970-01-01T00:00:00Z,,-0.50\n1970-01-01T00:00:00.000001Z,\"a,\"\"1\"\"\",-0.49\n"
    );
    assert_eq!(fingerprint, Fingerprint::of_file(&path).unwrap());
}

#[test]
fn the_same_rows_give_the_same_bytes_however_they_are_cut() {
    let folder = tempfile::tempdir().unwrap();
    for format in [TableFormat::Csv, TableFormat::Parquet] {
        let write = |name: &str, cuts: &[i64]| {
            let mut writer = TableWriter::create(
                &folder.path().join(name),
                fill_schema(),
                format,
                Existing::Replace,
            )
            .unwrap();
            for cut in cuts.windows(2) {
                writer.append(&fills(cut[0]..cut[1])).unwrap();
            }
            writer.finish().unwrap()
        };
        assert_eq!(
            write("one", &[0, 70_000]),
            write("other", &[0, 1, 65_537, 70_000])
        );
    }
}

#[test]
fn chunks_that_do_not_fit_the_columns_are_refused_and_leave_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fills.parquet");
    let mut chunk = fills(0..3);
    chunk[2] = Cells::Money(vec![None; 3]);
    let mut writer =
        TableWriter::create(&path, fill_schema(), TableFormat::Parquet, Existing::Keep).unwrap();
    let message = writer.append(&chunk).unwrap_err().to_string();
    assert!(
        message.contains("column `profit` has an empty cell although none is allowed"),
        "{message}"
    );
    chunk[2] = Cells::Integer(vec![Some(1); 3]);
    assert!(matches!(
        writer.append(&chunk),
        Err(DataError::Table { .. })
    ));
    drop(writer);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn what_exists_is_not_overwritten_unless_asked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("note.txt");
    write_file(&path, b"first", Existing::Keep).unwrap();
    assert!(matches!(
        write_file(&path, b"second", Existing::Keep),
        Err(DataError::AlreadyExists { .. })
    ));
    assert_eq!(fs::read(&path).unwrap(), b"first");
    write_file(&path, b"third", Existing::Replace).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"third");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_run_folder_appears_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("runs/first");
    let given_up = AtomicFolder::create(&target).unwrap();
    write_file(&given_up.path().join("a.txt"), b"a", Existing::Keep).unwrap();
    drop(given_up);
    assert_eq!(fs::read_dir(folder.path().join("runs")).unwrap().count(), 0);
    let run = AtomicFolder::create(&target).unwrap();
    let rival = AtomicFolder::create(&target).unwrap();
    write_file(&run.path().join("a.txt"), b"a", Existing::Keep).unwrap();
    assert!(!target.exists());
    run.commit().unwrap();
    assert_eq!(fs::read(target.join("a.txt")).unwrap(), b"a");
    assert!(matches!(
        rival.commit(),
        Err(DataError::AlreadyExists { .. })
    ));
    assert!(matches!(
        AtomicFolder::create(&target),
        Err(DataError::AlreadyExists { .. })
    ));
}

#[cfg(unix)]
#[test]
fn what_a_killed_process_left_is_removed_and_what_is_at_work_stays() {
    let folder = tempfile::tempdir().unwrap();
    let abandoned = folder.path().join(".yesterday.partial-3");
    fs::create_dir(&abandoned).unwrap();
    fs::write(abandoned.join("orders.csv"), b"half").unwrap();
    for kept in [".yesterday.partial-", ".other", "runs.partial-1"] {
        fs::create_dir(folder.path().join(kept)).unwrap();
    }
    let working = AtomicFolder::create(&folder.path().join("first")).unwrap();
    let second = AtomicFolder::create(&folder.path().join("second")).unwrap();
    assert!(!abandoned.exists());
    assert!(working.path().exists() && second.path().exists());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 5);
}

#[test]
fn the_sample_series_survive_every_format() {
    let folder = tempfile::tempdir().unwrap();
    for series in [
        SampleSet::IndexOhlcv.load("SPX").unwrap(),
        SampleSet::StocksClose.load("XOM").unwrap(),
    ] {
        for (format, ending) in [(TableFormat::Csv, "csv"), (TableFormat::Parquet, "parquet")] {
            let path = folder.path().join(format!("{}.{ending}", series.symbol));
            write_bars(&path, &series, format, Existing::Keep).unwrap();
            let back = load_bars(&path, &options()).unwrap().remove(0);
            assert_eq!(back.fingerprint(), series.fingerprint(), "{ending}");
        }
    }
}

#[test]
fn a_hive_partitioned_folder_reads_as_one_stream() {
    let folder = tempfile::tempdir().unwrap();
    for symbol in ["AAPL", "XOM"] {
        let whole = SampleSet::StocksClose.load(symbol).unwrap();
        for (part, rows) in [
            ("date=2022-12-28", 4_000..8_313),
            ("date=2005-11-10", 0..4_000),
        ] {
            let mut piece = whole.clone();
            piece.columns = BarColumns {
                start: whole.columns.start[rows.clone()].to_vec(),
                open: whole.columns.open[rows.clone()].to_vec(),
                high: whole.columns.high[rows.clone()].to_vec(),
                low: whole.columns.low[rows.clone()].to_vec(),
                close: whole.columns.close[rows].to_vec(),
                ..BarColumns::default()
            };
            let place = folder.path().join(format!("symbol={symbol}/{part}"));
            fs::create_dir_all(&place).unwrap();
            write_bars(
                &place.join("part-0.parquet"),
                &piece,
                TableFormat::Parquet,
                Existing::Keep,
            )
            .unwrap();
        }
    }
    fs::write(folder.path().join("_SUCCESS"), "").unwrap();
    let series = load_bars(folder.path(), &options()).unwrap();
    assert_eq!(series.len(), 2);
    for one in series {
        let whole = SampleSet::StocksClose.load(one.symbol.as_str()).unwrap();
        assert_eq!(one.columns, whole.columns);
    }
}

#[test]
fn a_parquet_file_cut_short_is_called_truncated() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("SPX.parquet");
    write_bars(
        &path,
        &SampleSet::IndexOhlcv.load("SPX").unwrap(),
        TableFormat::Parquet,
        Existing::Keep,
    )
    .unwrap();
    let bytes = fs::read(&path).unwrap();
    for length in [5, 1_000, bytes.len() - 1] {
        let error = parse_parquet_bars(&bytes[..length], "SPX", &options()).unwrap_err();
        assert!(matches!(error, DataError::Truncated { .. }), "{error}");
    }
    assert!(matches!(
        parse_parquet_bars(b"", "SPX", &options()),
        Err(DataError::Empty { .. })
    ));
}

prop_compose! {
    /// A consistent bar's prices and volume.
    fn bar()(low in 1_i64..1_000_000_000_000, a in 0_i64..50_000_000_000, b in 0_i64..50_000_000_000, above in 0_i64..9, volume in 0_i64..1_000_000_000_000_000) -> [i64; 5] {
        [low + a, low + a.max(b) + above, low, low + b, volume]
    }
}

/// Series of any shape that the checks accept.
fn series() -> impl Strategy<Value = BarSeries> {
    (
        proptest::collection::vec((bar(), 1_i64..5, any::<Option<u32>>()), 2..60),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(rows, session, extras)| {
            let timeframe = if session {
                Timeframe::Session
            } else {
                Timeframe::MINUTE
            };
            let mut at = time("1999-12-30T00:00:00Z").nanos();
            let mut columns = BarColumns::with_optional(trader_storage::OptionalColumns {
                volume: true,
                vwap: extras,
                trades: extras,
                adjusted_close: extras && !session,
            });
            for ([open, high, low, close, volume], step, trades) in rows {
                at += step * timeframe.nanos();
                let price = |units: i64| Price::from_units(units).unwrap();
                columns.start.push(Timestamp::from_nanos(at));
                columns.open.push(price(open));
                columns.high.push(price(high));
                columns.low.push(price(low));
                columns.close.push(price(close));
                columns
                    .volume
                    .as_mut()
                    .unwrap()
                    .push(Volume::from_units(volume).unwrap());
                columns
                    .vwap
                    .iter_mut()
                    .for_each(|vwap| vwap.push(trades.map(|_| price(close))));
                columns.trades.iter_mut().for_each(|all| all.push(trades));
                columns
                    .adjusted_close
                    .iter_mut()
                    .for_each(|all| all.push(price(low)));
            }
            BarSeries {
                symbol: Symbol::new("ABC").unwrap(),
                timeframe,
                basis: PriceBasis::Ohlc,
                adjustment: Adjustment::Unknown,
                file: String::new(),
                rounded_values: 0,
                gaps: trader_storage::GapSummary::default(),
                columns,
            }
        })
}

/// Accepts any move and gap, so that only the round trip is tested.
fn lenient(timeframe: Timeframe) -> ReadOptions {
    let mut options = options();
    options.gaps = GapPolicy::Ignore;
    options.plausible.most_move = u32::MAX;
    options.timeframe = Some(timeframe);
    options
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bars_survive_csv_and_parquet_exactly(series in series()) {
        let folder = tempfile::tempdir().unwrap();
        for (format, name) in [(TableFormat::Csv, "ABC.csv"), (TableFormat::Parquet, "ABC.parquet")] {
            let path = folder.path().join(name);
            write_bars(&path, &series, format, Existing::Keep).unwrap();
            let back = load_bars(&path, &lenient(series.timeframe)).unwrap().remove(0);
            prop_assert_eq!(&back.columns, &series.columns);
            prop_assert_eq!(back.fingerprint(), series.fingerprint());
        }
    }
}
