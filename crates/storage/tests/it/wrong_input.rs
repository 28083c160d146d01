//! Files that are not fine: each ends in a message that says where, what and what to do.

use std::path::Path;

use trader_domain::NANOS_PER_DAY;
use trader_storage::{DataError, GapPolicy, GapRule, load_bars, parse_csv_bars};

use crate::options;

const HEADER: &str = "date,open,high,low,close,volume\n2020-01-02,10,12,9,11,5\n";

/// The message for these lines behind one good row.
fn message(lines: &str) -> String {
    failure(&format!("{HEADER}{lines}").into_bytes())
}

fn failure(bytes: &[u8]) -> String {
    parse_csv_bars(bytes, "x/ABC.csv", &options())
        .unwrap_err()
        .to_string()
}

/// Asserts that the only problem is this one.
fn assert_problem(lines: &str, expected: &str) {
    let found = message(lines);
    let wanted = format!("1 problem in the data, nothing was loaded\n  x/ABC.csv: {expected}");
    assert_eq!(found, wanted);
}

#[test]
fn files_that_cannot_be_opened_say_why() {
    let folder = tempfile::tempdir().unwrap();
    let error = |path: &Path| load_bars(path, &options()).unwrap_err();
    assert!(matches!(
        error(&folder.path().join("none.csv")),
        DataError::NotFound { .. }
    ));
    assert!(matches!(error(folder.path()), DataError::NoFiles { .. }));
    let empty = folder.path().join("empty.csv");
    std::fs::write(&empty, "").unwrap();
    assert!(matches!(error(&empty), DataError::Empty { .. }));
}

#[test]
fn a_header_without_rows_is_refused() {
    assert_eq!(
        failure(b"date,close\n"),
        "x/ABC.csv: has a header but no rows"
    );
    assert_eq!(failure(b"\n\n"), "x/ABC.csv: the file is empty");
}

#[test]
fn bad_numbers_name_line_column_and_remedy() {
    assert_problem(
        "2020-01-03,10,12,9,abc,5\n",
        "line 3, column `close`: `abc` is not a number; write plain decimals such as 101.25",
    );
    assert_problem(
        "2020-01-03,10,NaN,9,11,5\n",
        "line 3, column `high`: `NaN` is not a finite number; fill in the value or remove the row",
    );
    assert_problem(
        "2020-01-03,10,12,9,,5\n",
        "line 3, column `close`: the value is missing; fill in the value or remove the row",
    );
    assert_problem(
        "2020-01-03,10,12,9,11.0000000001,5\n",
        "line 3, column `close`: `11.0000000001` has more than 9 decimals; round the source, or allow rounding explicitly",
    );
    assert_problem(
        "2020-01-03,10,12,9,11,1e300\n",
        "line 3, column `volume`: `1e300` is too large; correct the value or its unit",
    );
}

#[test]
fn impossible_bars_are_refused() {
    assert_problem(
        "2020-01-03,10,9,9,11,5\n",
        "line 3: high 9.00 and low 9.00 do not enclose open 10.00 and close 11.00; correct or remove the row",
    );
    assert_problem(
        "2020-01-03,10,12,-9,11,5\n",
        "line 3, column `low`: price -9.00 is not above zero; correct or remove the row",
    );
    assert_problem(
        "2020-01-03,0,12,0,11,5\n",
        "line 3, column `open`: price 0.00 is not above zero; correct or remove the row",
    );
    assert_problem(
        "2020-01-03,10,12,9,11,-5\n",
        "line 3, column `volume`: volume -5 is negative; correct or remove the row",
    );
    assert!(
        message("2020-01-03,10,99999999,9,11,5\n")
            .contains("column `high`: price 99999999.00 is above 10000000.00")
    );
    assert!(
        message("2020-01-03,2000,2000,2000,2000,5\n")
            .contains("close moves from 11.00 to 2000.00, more than 100-fold")
    );
}

#[test]
fn times_that_cannot_be_are_refused() {
    assert_problem(
        "2020-01-01,10,12,9,11,5\n",
        "line 3: 2020-01-01T00:00:00Z comes after 2020-01-02T00:00:00Z: not sorted by time; sort the rows by time",
    );
    assert_problem(
        "2020-01-02,10,12,9,11,5\n",
        "line 3: 2020-01-02T00:00:00Z appears twice; remove one of the rows",
    );
    assert_problem(
        "2024-01-02,10,12,9,11,5\n",
        "line 3: 2024-01-02T00:00:00Z is in the future (now is 2024-01-01T00:00:00Z); check the epoch unit, the zone and the clock",
    );
    assert_problem(
        "3/1/2020,10,12,9,11,5\n",
        "line 3, column `date`: `3/1/2020` is not a time; write 2020-01-31, 2020-01-31T14:30:00Z or epoch numbers",
    );
    assert!(
        message("2020-01-03 10:00,10,12,9,11,5\n").contains("dates and times of day are mixed")
    );
    assert!(
        failure(b"date,close\n1900-01-02,5\n")
            .contains("1900-01-02T00:00:00Z is before 1946-01-01T00:00:00Z")
    );
}

#[test]
fn a_file_cut_in_the_middle_of_a_row_is_called_truncated() {
    assert_problem(
        "2020-01-03,10,12",
        "line 3: the last line ends in the middle of the row; the file was cut off: copy or download it again",
    );
    assert_problem(
        "2020-01-03,10,12\n",
        "line 3: 3 fields, the header has 6; complete or remove the row",
    );
    assert_problem(
        "2020-01-03,10,12,9,11,5,6\n",
        "line 3: 7 fields, the header has 6; complete or remove the row",
    );
}

#[test]
fn a_gzip_cut_short_is_called_truncated() {
    use std::io::Write as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ABC.csv.gz");
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    encoder.write_all(HEADER.as_bytes()).unwrap();
    let bytes = encoder.finish().unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 9]).unwrap();
    assert!(matches!(
        load_bars(&path, &options()),
        Err(DataError::Truncated { .. })
    ));
}

#[test]
fn text_in_another_encoding_is_refused() {
    assert!(failure(b"date,close,note\n2020-01-02,5,caf\xE9\n").contains("line 2 is not UTF-8"));
    assert!(failure(b"\xFF\xFEd\0a\0t\0e\0").contains("it looks like UTF-16"));
    assert!(failure(b"PK\x03\x04\0\0\0\0").contains("is not a CSV file"));
}

#[test]
fn unknown_symbols_are_refused_when_the_universe_is_given() {
    let mut known = options();
    known.universe = Some(["AAA".parse().unwrap()].into());
    let text = b"symbol,date,close\nAAA,2020-01-02,5\nBBB,2020-01-02,5\n";
    let found = parse_csv_bars(text, "x.csv", &known)
        .unwrap_err()
        .to_string();
    assert!(
        found.contains("line 3, column `symbol`: unknown symbol `BBB`"),
        "{found}"
    );
}

#[test]
fn gaps_are_reported_or_refused_as_told() {
    let text = b"date,close\n2020-01-02,5\n2020-01-03,5\n2020-02-03,5\n";
    let series = &parse_csv_bars(text, "ABC", &options()).unwrap()[0];
    assert_eq!(series.gaps.count, 1);
    let mut strict = options();
    strict.gaps = GapPolicy::Reject(GapRule::LongerThan(4 * NANOS_PER_DAY));
    let found = parse_csv_bars(text, "ABC", &strict)
        .unwrap_err()
        .to_string();
    assert!(
        found.contains("line 4: no rows between 2020-01-03T00:00:00Z and 2020-02-03T00:00:00Z"),
        "{found}"
    );
}

#[test]
fn weekly_bars_are_not_taken_for_daily_ones() {
    let text =
        b"date,close\n2020-01-03,5\n2020-01-10,5\n2020-01-17,5\n2020-01-24,5\n2020-01-31,5\n";
    assert!(failure(text).contains("weekly and monthly bars are not supported"));
}

#[test]
fn the_first_twenty_problems_come_together_and_reading_stops() {
    let bad: String = (1..=28)
        .map(|day| format!("2020-02-{day:02},10,12,9,x,5\n"))
        .collect();
    let found = message(&bad);
    assert!(
        found.starts_with("at least 20 problems in the data, nothing was loaded\n"),
        "{found}"
    );
    assert_eq!(found.matches("is not a number").count(), 20);
    assert!(found.contains("line 22, column `close`") && !found.contains("line 23,"));
}
