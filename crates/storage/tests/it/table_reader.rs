//! Tables read back: every cell as it was written, and damage told from content.

use std::sync::OnceLock;

use bytes::Bytes;
use proptest::prelude::*;
use trader_domain::{NANOS_PER_DAY, Timestamp};
use trader_storage::{
    Cells, ColumnSpec, DataError, Existing, Nulls, TableFormat, TableReader, TableWriter,
};

fn schema() -> Vec<ColumnSpec> {
    vec![
        ColumnSpec::required("time", Cells::Timestamp(Vec::new())),
        ColumnSpec::optional("day", Cells::Date(Vec::new())),
        ColumnSpec::optional("text", Cells::Text(Vec::new())),
        ColumnSpec::optional("count", Cells::Integer(Vec::new())),
        ColumnSpec::optional("flag", Cells::Boolean(Vec::new())),
        ColumnSpec::optional("value", Cells::Float(Vec::new())),
    ]
}

/// Rows of every type; each third cell of an optional column is empty.
fn rows(count: i64) -> Vec<Cells> {
    fn some<T>(row: i64, shift: i64, value: T) -> Option<T> {
        ((row + shift) % 3 != 0).then_some(value)
    }
    let days = |row: i64| Timestamp::from_nanos((row % 20_000) * NANOS_PER_DAY);
    vec![
        Cells::Timestamp(
            (0..count)
                .map(|row| Some(Timestamp::from_nanos(row * 7)))
                .collect(),
        ),
        Cells::Date((0..count).map(|row| some(row, 0, days(row))).collect()),
        Cells::Text(
            (0..count)
                .map(|row| some(row, 1, format!("é{row}")))
                .collect(),
        ),
        Cells::Integer((0..count).map(|row| some(row, 2, row - 5)).collect()),
        Cells::Boolean((0..count).map(|row| some(row, 0, row % 2 == 0)).collect()),
        Cells::Float(
            (0..count)
                .map(|row| some(row, 1, row as f64 / 3.0))
                .collect(),
        ),
    ]
}

fn written(count: i64) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.parquet");
    let mut writer =
        TableWriter::create(&path, schema(), TableFormat::Parquet, Existing::Keep).unwrap();
    writer.append(&rows(count)).unwrap();
    writer.finish().unwrap();
    std::fs::read(path).unwrap()
}

fn read(bytes: &[u8]) -> Result<Vec<Vec<Cells>>, DataError> {
    let mut reader = TableReader::parse(Bytes::copy_from_slice(bytes), "table.parquet")?;
    let mut chunks = Vec::new();
    while let Some(chunk) = reader.next_chunk()? {
        chunks.push(chunk);
    }
    Ok(chunks)
}

#[test]
fn every_cell_comes_back() {
    // More than one row group.
    let bytes = written(70_000);
    let reader = TableReader::parse(Bytes::copy_from_slice(&bytes), "t").unwrap();
    assert_eq!(reader.rows(), 70_000);
    let names: Vec<(&str, Nulls)> = reader
        .columns()
        .iter()
        .map(|column| (column.name.as_str(), column.nulls))
        .collect();
    assert_eq!(names[0], ("time", Nulls::Never));
    assert_eq!(names[5], ("value", Nulls::Allowed));
    let chunks = read(&bytes).unwrap();
    assert_eq!(chunks.len(), 2);
    let expected = rows(70_000);
    let (Cells::Float(all), Cells::Text(texts)) = (&expected[5], &expected[2]) else {
        panic!("kinds");
    };
    let (Cells::Float(first), Cells::Float(second)) = (&chunks[0][5], &chunks[1][5]) else {
        panic!("kinds");
    };
    assert_eq!([first.as_slice(), second].concat(), *all);
    let (Cells::Text(first), Cells::Text(second)) = (&chunks[0][2], &chunks[1][2]) else {
        panic!("kinds");
    };
    assert_eq!([first.as_slice(), second].concat(), *texts);
    assert_eq!(read(&written(50)).unwrap(), [rows(50)]);
}

#[test]
fn decimals_and_cut_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("prices.parquet");
    let columns = vec![ColumnSpec::required("price", Cells::Price(Vec::new()))];
    let writer = TableWriter::create(&path, columns, TableFormat::Parquet, Existing::Keep).unwrap();
    writer.finish().unwrap();
    let error = TableReader::open(&path).err().unwrap();
    assert!(matches!(error, DataError::Unsupported { .. }), "{error}");
    assert_eq!(TableReader::rows_of(&path).unwrap(), 0);
    let whole = written(50);
    assert!(matches!(
        read(&whole[..whole.len() - 1]),
        Err(DataError::Truncated { .. })
    ));
    assert!(matches!(read(b""), Err(DataError::Empty { .. })));
    assert!(matches!(
        read(b"time,value\n1,2\n"),
        Err(DataError::Unsupported { .. })
    ));
}

fn small() -> &'static [u8] {
    static FILE: OnceLock<Vec<u8>> = OnceLock::new();
    FILE.get_or_init(|| written(200))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_tables_are_read_or_refused_without_panic(
        at in any::<prop::sample::Index>(),
        bits in 1_u8..=255,
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = small().to_vec();
        let place = at.index(bytes.len());
        bytes[place] ^= bits;
        drop(read(&bytes));
        drop(read(&small()[..cut.index(small().len())]));
    }
}
