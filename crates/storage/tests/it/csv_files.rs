//! CSV files that are fine.

use std::io::Write as _;

use trader_domain::{InstrumentId, Timeframe, VendorId};
use trader_storage::{
    BarBatch, BarLabel, BarSeries, BarStream as _, CsvBars, ExtraDigits, PriceBasis, Zone,
    load_bars, parse_csv_bars,
};

use crate::{options, time};

fn one(text: &str) -> BarSeries {
    let mut series = parse_csv_bars(text.as_bytes(), "ABC.csv", &options()).unwrap();
    assert_eq!(series.len(), 1);
    series.remove(0)
}

#[test]
fn minute_bars_load_exactly() {
    let series = one("timestamp,open,high,low,close,volume\n\
        2020-01-02 14:30:00,100.01,100.123456789,99.5,100,1500\n\
        2020-01-02 14:31:00,100,101,100,101,0\n\
        2020-01-02 14:33:00,101,101,100.5,100.75,12.5\n");
    assert_eq!(series.timeframe, Timeframe::MINUTE);
    assert_eq!(series.columns.high[0].units(), 100_123_456_789);
    let bars: Vec<_> = series
        .bars(InstrumentId(1), VendorId(2))
        .map(Result::unwrap)
        .collect();
    assert_eq!(
        (bars[2].start, bars[2].time),
        (time("2020-01-02T14:33:00Z"), time("2020-01-02T14:34:00Z"))
    );
    assert_eq!(bars[2].volume, "12.5".parse().unwrap());
}

#[test]
fn separators_quotes_line_ends_case_and_byte_order_marks_do_not_matter() {
    let plain = one(
        "date,open,high,low,close,volume\n2020-01-02,10,12,9,11,5\n2020-01-03,11,12,10,10.5,6\n",
    );
    for text in [
        "\u{FEFF}Date;Open;High;Low;Close;Volume\r\n2020-01-02;10;12;9;11;5\r\n2020-01-03;11;12;10;10.5;6\r\n",
        "DATE\tOPEN\tHIGH\tLOW\tCLOSE\tVOL\n2020-01-02\t10\t12\t9\t11\t5\n\n2020-01-03\t11\t12\t10\t10.5\t6",
        "\"Date\",\"Volume\",\"Close\",\"Low\",\"High\",\"Open\"\n\"2020-01-02\",\"5\",\"11\",\"9\",\"12\",\"10\"\n2020-01-03 , 6, 10.5 ,10,1.2e1,+11\n",
    ] {
        assert_eq!(one(text), plain, "{text}");
    }
}

#[test]
fn daily_rows_labelled_at_midnight_or_at_the_close_are_the_same_sessions() {
    let dates = one("date,close\n2020-03-06,10\n2020-03-09,11\n2020-03-10,12\n").columns;
    for (label, rows) in [
        (
            "midnight in New York",
            [
                "2020-03-06 00:00:00-05:00",
                "2020-03-09 00:00:00-04:00",
                "2020-03-10 00:00:00-04:00",
            ],
        ),
        (
            "midnight UTC",
            [
                "2020-03-06T00:00:00Z",
                "2020-03-09T00:00:00Z",
                "2020-03-10T00:00:00Z",
            ],
        ),
        (
            "the close",
            [
                "2020-03-06T21:00:00Z",
                "2020-03-09T20:00:00Z",
                "2020-03-10T20:00:00Z",
            ],
        ),
    ] {
        let text = format!(
            "timestamp,close\n{},10\n{},11\n{},12\n",
            rows[0], rows[1], rows[2]
        );
        let series = one(&text);
        assert_eq!(series.timeframe, Timeframe::Session, "{label}");
        assert_eq!(series.columns, dates, "{label}");
    }
}

#[test]
fn end_labels_are_turned_into_starts_only_when_told() {
    let text = "timestamp,close\n1577975460,10\n1577975520,11\n";
    assert_eq!(one(text).columns.start[0], time("2020-01-02T14:31:00Z"));
    let mut told = options();
    told.label = BarLabel::End;
    let series = &parse_csv_bars(text.as_bytes(), "ABC", &told).unwrap()[0];
    assert_eq!(series.columns.start[0], time("2020-01-02T14:30:00Z"));
}

#[test]
fn local_times_are_read_in_the_zone_given() {
    let mut new_york = options();
    new_york.zone = Zone::NewYork;
    let text = "date,time,close\n2020-03-06,15:59,10\n2020-03-09,09:30,11\n2020-03-09,09:31,11\n";
    let series = &parse_csv_bars(text.as_bytes(), "ABC", &new_york).unwrap()[0];
    assert_eq!(
        series.columns.start[..2],
        [time("2020-03-06T20:59:00Z"), time("2020-03-09T13:30:00Z")]
    );
}

#[test]
fn a_symbol_column_gives_one_series_per_symbol() {
    let text = "ticker,date,close,n,vw\nB,2020-01-02,1,7,1.5\nA,2020-01-02,10,,\nB,2020-01-03,2,8,\nA,2020-01-03,11,9,10.5\n";
    let series = parse_csv_bars(text.as_bytes(), "many.csv", &options()).unwrap();
    let symbols: Vec<_> = series
        .iter()
        .map(|one| one.symbol.as_str().to_owned())
        .collect();
    assert_eq!(symbols, ["B", "A"]);
    assert_eq!(series[1].columns.trades, Some(vec![None, Some(9)]));
    assert_eq!(
        series[0].columns.vwap,
        Some(vec![Some("1.5".parse().unwrap()), None])
    );
    assert_eq!(series[0].columns.volume, None);
    assert_eq!(series[0].basis, PriceBasis::CloseOnly);
}

#[test]
fn too_many_decimals_are_rounded_only_when_allowed_and_then_counted() {
    let text = "date,close\n2020-01-02,0.1234567895\n2020-01-03,0.1\n";
    assert!(parse_csv_bars(text.as_bytes(), "ABC", &options()).is_err());
    let mut rounding = options();
    rounding.extra_digits = ExtraDigits::RoundHalfEven;
    let series = &parse_csv_bars(text.as_bytes(), "ABC", &rounding).unwrap()[0];
    assert_eq!(series.columns.close[0].units(), 123_456_790);
    assert_eq!(series.rounded_values, 1);
}

#[test]
fn gzipped_files_load_like_plain_ones() {
    let folder = tempfile::tempdir().unwrap();
    let text = "date,close\n2020-01-02,10\n2020-01-03,11\n";
    let plain = folder.path().join("ABC.csv");
    std::fs::write(&plain, text).unwrap();
    let packed = folder.path().join("ABC.csv.gz");
    let mut encoder = flate2::write::GzEncoder::new(
        std::fs::File::create(&packed).unwrap(),
        flate2::Compression::fast(),
    );
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap();
    let (plain, packed) = (
        load_bars(&plain, &options()).unwrap(),
        load_bars(&packed, &options()).unwrap(),
    );
    assert_eq!(plain[0].columns, packed[0].columns);
    assert_eq!(packed[0].symbol.as_str(), "ABC");
}

#[test]
fn batches_join_to_what_is_loaded_at_once() {
    let mut text = "timestamp,close,volume\n".to_owned();
    for minute in 0..100_000_i64 {
        text += &format!(
            "{},{}.25,{}\n",
            1_500_000_000 + minute * 60,
            100 + minute % 50,
            minute
        );
    }
    let whole = one(&text);
    let mut reader = CsvBars::new(text.as_bytes(), "ABC", &options()).unwrap();
    let (mut batch, mut rows, mut largest) = (BarBatch::default(), 0, 0);
    while reader.next_batch(&mut batch).unwrap() {
        let count = batch.columns.len();
        assert_eq!(batch.columns.start, whole.columns.start[rows..rows + count]);
        assert_eq!(batch.columns.close, whole.columns.close[rows..rows + count]);
        (rows, largest) = (rows + count, largest.max(count));
    }
    assert_eq!(rows, 100_000);
    assert!(largest < 20_000, "batches stay small: {largest}");
    assert_eq!(reader.info().rows, 100_000);
}
