//! Properties of the parsers over input nobody expects.

use std::sync::OnceLock;

use proptest::prelude::*;
use rust_decimal::Decimal;
use trader_storage::text::decimal::{ExtraDigits, NumberFault, parse_units, prefix_units};
use trader_storage::text::time::{TimeForm, TimeParser};
use trader_storage::text::zone::Zone;
use trader_storage::{
    Existing, SampleSet, TableFormat, float_units, parse_csv_bars, parse_parquet_bars, write_bars,
};

use crate::options;

/// A small valid Parquet file to damage.
fn parquet_file() -> &'static [u8] {
    static FILE: OnceLock<Vec<u8>> = OnceLock::new();
    FILE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("VIX.parquet");
        write_bars(
            &path,
            &SampleSet::IndexClose.load("VIX").unwrap(),
            TableFormat::Parquet,
            Existing::Keep,
        )
        .unwrap();
        std::fs::read(path).unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn numbers_agree_with_rust_decimal(text in "[+-]?[0-9]{0,10}\\.?[0-9]{0,12}") {
        let ours = parse_units(text.as_bytes(), 9, ExtraDigits::Refuse);
        let Ok(theirs) = text.parse::<Decimal>() else {
            prop_assert!(ours.is_err());
            return Ok(());
        };
        match ours {
            Ok(units) => prop_assert_eq!(Decimal::from_i128_with_scale(i128::from(units.value), 9), theirs),
            Err(NumberFault::TooManyDecimals) => prop_assert!(theirs.round_dp(9) != theirs),
            Err(NumberFault::OutOfRange) => prop_assert!(theirs.abs() > Decimal::from_i128_with_scale(i128::from(i64::MAX), 9)),
            Err(fault) => prop_assert!(false, "{fault:?} for `{text}`"),
        }
    }

    #[test]
    fn rounding_agrees_with_rust_decimal(text in "-?[0-9]{1,9}\\.[0-9]{1,14}", decimals in 0_u32..10) {
        let ours = parse_units(text.as_bytes(), decimals, ExtraDigits::RoundHalfEven).unwrap();
        let theirs = text.parse::<Decimal>().unwrap().round_dp(decimals) * Decimal::from(10_u64.pow(decimals));
        prop_assert_eq!(Decimal::from(ours.value), theirs);
    }

    #[test]
    fn the_short_path_gives_the_long_path_s_value(text in "[0-9]{0,11}\\.?[0-9]{0,11}", decimals in 0_u32..10) {
        if let Some((value, used)) = prefix_units(text.as_bytes(), decimals) {
            prop_assert_eq!(used, text.len());
            prop_assert_eq!(parse_units(text.as_bytes(), decimals, ExtraDigits::Refuse).map(|units| units.value), Ok(value));
        }
    }

    #[test]
    fn floats_come_back_as_the_decimal_written(units in -1_000_000_000_000_000_i64..1_000_000_000_000_000) {
        let decimal = Decimal::new(units, 9);
        let float: f64 = decimal.to_string().parse().unwrap();
        prop_assert_eq!(float_units(float, 9, ExtraDigits::Refuse).map(|units| units.value), Ok(units));
    }

    #[test]
    fn instants_printed_are_read_back(nanos in any::<i64>()) {
        let text = trader_domain::Timestamp::from_nanos(nanos).to_string();
        let mut parser = TimeParser::new(Zone::Utc, None);
        let year: i32 = text.get(..4).unwrap().parse().unwrap();
        // Local midnight of 1677-09-21 lies just outside 64 bits.
        prop_assume!(year > 1677);
        prop_assert_eq!(parser.parse(text.as_bytes()), Ok((nanos, TimeForm::Instant)));
    }

    #[test]
    fn new_york_time_and_back_is_the_same_instant(seconds in -700_000_000_i64..4_000_000_000) {
        let utc = seconds * 1_000_000_000;
        let local = Zone::NewYork.from_utc(utc).unwrap();
        if let Ok(back) = Zone::NewYork.to_utc(local) {
            prop_assert_eq!(back, utc);
        }
    }

    #[test]
    fn any_bytes_give_series_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        drop(parse_csv_bars(&bytes, "ABC", &options()));
        drop(parse_parquet_bars(&bytes, "ABC", &options()));
    }

    #[test]
    fn any_rows_below_a_header_give_series_or_an_error(rows in "([0-9:\\-TZ,. \"e+\n]{0,40}\n){0,8}") {
        for header in ["timestamp,open,high,low,close,volume\n", "date,time,close\n", "symbol;date;close;trades\n"] {
            drop(parse_csv_bars(format!("{header}{rows}").as_bytes(), "ABC", &options()));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_parquet_file_gives_series_or_an_error(damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut bytes = parquet_file().to_vec();
        for (at, value) in damage {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        drop(parse_parquet_bars(&bytes, "VIX", &options()));
    }
}
