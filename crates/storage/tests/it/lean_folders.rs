//! LEAN folders: one built here, and `QuantConnect`'s own where it lies beside the project.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use proptest::prelude::*;
use trader_domain::{OptionRight, Price, Timeframe, TradeConditions};
use trader_storage::lean::{
    AdjustmentMode, FactorFile, LeanContext, LeanFolder, LeanPrices, LeanRequest, LeanResolution,
    MapFile, option_from_entry, parse_archive, parse_lean_bars, parse_lean_open_interest,
    parse_lean_quote_bars, parse_lean_quote_ticks, parse_lean_trade_ticks,
};
use trader_storage::{Adjustment, BarSeries, BarStream as _, DataError, collect_series, load_bars};

use crate::{options, time};

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn price(text: &str) -> Price {
    text.parse().unwrap()
}

/// Writes an archive with these files.
fn zip_file(path: &Path, files: &[(&str, &str)]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut archive = zip::ZipWriter::new(fs::File::create(path).unwrap());
    for (name, content) in files {
        archive
            .start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        archive.write_all(content.as_bytes()).unwrap();
    }
    archive.finish().unwrap();
}

/// A security that was OLD until 2014-06-06 and NEW after, with a 7:1 split over that week-end; and a second OLD.
fn renamed() -> (tempfile::TempDir, LeanFolder) {
    let folder = tempfile::tempdir().unwrap();
    let usa = folder.path().join("Data/equity/usa");
    zip_file(
        &usa.join("daily/old.zip"),
        &[(
            "old.csv",
            "20140605 00:00,6400000,6500000,6390000,6473500,1000\n20140606 00:00,6499000,6510000,6440000,6455700,700\n\
             20140609 00:00,70000,70000,70000,70000,5\n",
        )],
    );
    zip_file(
        &usa.join("daily/new.zip"),
        &[(
            "new.csv",
            "20140609 00:00,927000,938800,917500,937000,7007\n",
        )],
    );
    zip_file(
        &usa.join("minute/new/20140609_trade.zip"),
        &[(
            "20140609_new_minute_trade.csv",
            "34200000,927000,927100,926900,927050,100\n34260000,927050,927050,927050,927050,50\n",
        )],
    );
    fs::create_dir_all(usa.join("map_files")).unwrap();
    fs::create_dir_all(usa.join("factor_files")).unwrap();
    fs::write(
        usa.join("map_files/new.csv"),
        "20140101,old,Q\n20140606,old,Q\n20501231,new,Q\n",
    )
    .unwrap();
    fs::write(
        usa.join("map_files/old.csv"),
        "20140607,old,Q\n20140610,old,Q\n",
    )
    .unwrap();
    fs::write(
        usa.join("factor_files/new.csv"),
        "20140101,0.9,0.1428571,1\n20140606,0.9,0.1428571,645.57\n20501231,1,1,0\n",
    )
    .unwrap();
    let lean = LeanFolder::open(folder.path()).unwrap();
    (folder, lean)
}

fn request(ticker: &str, as_of: &str, resolution: LeanResolution) -> LeanRequest {
    LeanRequest {
        ticker: ticker.to_owned(),
        as_of: date(as_of),
        resolution,
        from: None,
        to: None,
    }
}

fn load(lean: &LeanFolder, request: &LeanRequest) -> BarSeries {
    collect_series(&mut lean.bars(request, &options()).unwrap())
        .unwrap()
        .remove(0)
}

#[test]
fn a_renamed_security_is_one_series_without_the_other_one_of_its_old_name() {
    let (_folder, lean) = renamed();
    let series = load(&lean, &request("NEW", "2014-06-30", LeanResolution::Daily));
    assert_eq!(series.adjustment, Adjustment::Raw);
    assert_eq!(
        series.columns.close,
        [price("647.35"), price("645.57"), price("93.70")]
    );
    let other = load(&lean, &request("old", "2014-06-09", LeanResolution::Daily));
    assert_eq!(other.columns.close, [price("7")]);
    let old_name = load(&lean, &request("old", "2014-06-06", LeanResolution::Daily));
    assert_eq!(
        old_name.columns.close,
        [price("647.35"), price("645.57")],
        "nothing after the date asked for"
    );
}

#[test]
fn a_ticker_is_unknown_on_dates_when_it_named_nothing() {
    let (_folder, lean) = renamed();
    let message = lean
        .security("new", date("2014-06-06"))
        .unwrap_err()
        .to_string();
    assert!(
        message.starts_with("no data for `new`; there is data for it from 2014-06-07 to"),
        "{message}"
    );
    let old = lean.security("old", date("2014-06-09")).unwrap();
    assert_eq!(old.map.unwrap().delisted(), Some(date("2014-06-10")));
    assert!(matches!(
        lean.security("../../etc", date("2014-06-09")),
        Err(DataError::UnknownSymbol { .. })
    ));
}

#[test]
fn an_adjusted_view_knows_only_what_was_known_on_its_date() {
    let (_folder, lean) = renamed();
    let raw = load(&lean, &request("new", "2014-06-30", LeanResolution::Daily));
    let factors = lean
        .security("new", date("2014-06-30"))
        .unwrap()
        .factors
        .unwrap();
    let before = factors
        .adjusted(&raw, date("2014-06-06"), AdjustmentMode::Splits)
        .unwrap();
    assert_eq!(
        before.columns.close[..2],
        raw.columns.close[..2],
        "the split is not visible yet"
    );
    let after = factors
        .adjusted(&raw, date("2014-06-09"), AdjustmentMode::Splits)
        .unwrap();
    // 645.57 x 0.1428571 = 92.224258047 exactly.
    assert_eq!(after.columns.close[1], price("92.224258047"));
    assert_eq!(after.columns.close[2], price("93.70"));
    // 700 / 0.1428571, rounded half to even at six decimals.
    assert_eq!(
        after.columns.volume.as_ref().unwrap()[1],
        "4900.001470".parse().unwrap()
    );
    let total = factors
        .adjusted(&raw, date("2014-06-09"), AdjustmentMode::SplitsAndDividends)
        .unwrap();
    assert_eq!(total.columns.close[1], price("83.001832242"));
    assert!(
        factors
            .adjusted(&after, date("2014-06-09"), AdjustmentMode::Splits)
            .is_err(),
        "adjusting twice is refused"
    );
}

#[test]
fn an_archive_named_by_path_is_read_by_its_place() {
    let (folder, _lean) = renamed();
    let path = folder.path().join("Data/equity/usa/daily/old.zip");
    let series = load_bars(&path, &options()).unwrap().remove(0);
    assert_eq!((series.symbol.as_str(), series.columns.len()), ("OLD", 3));
    let minutes = load_bars(
        &folder
            .path()
            .join("Data/equity/usa/minute/new/20140609_trade.zip"),
        &options(),
    )
    .unwrap();
    assert_eq!(minutes[0].columns.start[1], time("2014-06-09T13:31:00Z"));
    let elsewhere = folder.path().join("old.zip");
    fs::copy(&path, &elsewhere).unwrap();
    let message = load_bars(&elsewhere, &options()).unwrap_err().to_string();
    assert!(message.contains("outside LEAN's layout"), "{message}");
}

#[test]
fn minute_files_are_in_new_york_time() {
    let (_folder, lean) = renamed();
    let series = load(&lean, &request("new", "2014-06-30", LeanResolution::Minute));
    assert_eq!(series.timeframe, Timeframe::MINUTE);
    assert_eq!(series.columns.start[0], time("2014-06-09T13:30:00Z"));
    let mut bars = lean
        .bars(
            &request("new", "2014-06-30", LeanResolution::Minute),
            &options(),
        )
        .unwrap();
    assert_eq!(
        bars.missing().len(),
        1,
        "the folder of the old name is not there"
    );
    let mut batch = trader_storage::BarBatch::default();
    assert!(bars.next_batch(&mut batch).unwrap());
    assert_eq!(batch.columns.close[0], price("92.705"));
}

#[test]
fn ticks_keep_the_vendor_s_conditions_and_the_domain_s_meaning() {
    let day = LeanContext {
        prices: LeanPrices::DeciCents,
        timeframe: Timeframe::Seconds(1),
        day: Some(date("2013-10-07")),
    };
    let trades = parse_lean_trade_ticks(
        b"14400614,139400,500,P,20002020,0\n14400614.367,139500,20,D,80000000,1\n",
        "t.csv",
        &day,
        &options(),
    )
    .unwrap();
    assert_eq!(trades.time[1], time("2013-10-07T08:00:00.614367Z"));
    assert_eq!(trades.vendor_conditions[0], 0x2000_2020);
    assert!(
        trades.conditions[0]
            .contains(TradeConditions::EXTENDED_HOURS.with(TradeConditions::INTERMARKET_SWEEP))
    );
    assert!(
        trades.conditions[1].contains(TradeConditions::ODD_LOT.with(TradeConditions::SUSPICIOUS))
    );
    let quotes = parse_lean_quote_ticks(
        b"14400151,0,0,140200,500,Q,1,0\n14400554,138400,700,0,0,P,1,0\n",
        "q.csv",
        &day,
        &options(),
    )
    .unwrap();
    assert_eq!(
        (quotes.bid[0], quotes.ask[0]),
        (Price::ZERO, price("14.02"))
    );
    let message = parse_lean_trade_ticks(
        b"2,139400,500,P,0,0\n1,139400,500,P,0,0\n2,0,5,P,0,0\n2,139400,5,P",
        "t.csv",
        &day,
        &options(),
    )
    .unwrap_err()
    .to_string();
    assert!(
        message.contains("t.csv: line 2: 2013-10-07T04:00:00.001Z comes after"),
        "{message}"
    );
    assert!(
        message.contains("line 3: price 0.00 is not above zero")
            && message.contains("line 4: the last line ends"),
        "{message}"
    );
}

#[test]
fn quote_bars_may_lack_a_side_but_not_half_of_one() {
    let day = LeanContext {
        prices: LeanPrices::DeciCents,
        timeframe: Timeframe::MINUTE,
        day: Some(date("2015-12-24")),
    };
    let bars = parse_lean_quote_bars(
        b"34200000,,,,,0,21500,21500,5000,5000,19\n",
        "q.csv",
        &day,
        &options(),
    )
    .unwrap();
    assert_eq!(bars.bid[0], [Price::ZERO; 4]);
    assert_eq!(bars.ask[0][2], price("0.50"));
    assert!(
        parse_lean_quote_bars(
            b"34200000,1,,1,1,0,21500,21500,5000,5000,19\n",
            "q.csv",
            &day,
            &options()
        )
        .is_err()
    );
    let interest = parse_lean_open_interest(b"23460000,52", "o.csv", &day, &options()).unwrap();
    assert_eq!(interest.contracts[0], "52".parse().unwrap());
}

#[test]
fn damaged_archives_and_wrong_folders_say_so() {
    let (folder, lean) = renamed();
    let path = folder.path().join("Data/equity/usa/daily/new.zip");
    let bytes = fs::read(&path).unwrap();
    for length in [0, 10, bytes.len() / 2, bytes.len() - 4] {
        assert!(parse_archive(&bytes[..length], "new.zip").is_err());
    }
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let error = collect_series(
        &mut lean
            .bars(
                &request("new", "2014-06-30", LeanResolution::Daily),
                &options(),
            )
            .unwrap(),
    )
    .unwrap_err();
    assert!(
        matches!(
            error,
            DataError::Corrupt { .. } | DataError::Truncated { .. }
        ),
        "{error}"
    );
    assert!(matches!(
        LeanFolder::open(&folder.path().join("nowhere")),
        Err(DataError::NoFiles { .. })
    ));
    let absent = lean
        .trade_ticks("new", date("2014-06-09"), &options())
        .unwrap_err();
    assert!(matches!(absent, DataError::NotFound { .. }));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_give_records_or_an_error(bytes in "([0-9,.:a-f -]{0,60}\n?){0,6}", raw in proptest::collection::vec(any::<u8>(), 0..300)) {
        for bytes in [bytes.as_bytes(), raw.as_slice()] {
            for day in [None, Some(date("2014-03-09")), Some(NaiveDate::MIN)] {
                let context = LeanContext { prices: LeanPrices::DeciCents, timeframe: Timeframe::MINUTE, day };
                drop(parse_lean_bars(bytes, "x", "X".parse().unwrap(), &context, &options()));
                drop(parse_lean_quote_bars(bytes, "x", &context, &options()));
                drop(parse_lean_trade_ticks(bytes, "x", &context, &options()));
                drop(parse_lean_quote_ticks(bytes, "x", &context, &options()));
                drop(parse_lean_open_interest(bytes, "x", &context, &options()));
            }
            drop(MapFile::parse(bytes, "x", "x"));
            drop(FactorFile::parse(bytes, "x"));
            drop(parse_archive(bytes, "x"));
            drop(option_from_entry(&String::from_utf8_lossy(bytes), "x"));
        }
    }
}

/// `QuantConnect`'s data beside the project; tests that need it say so and pass without it.
fn shared() -> Option<LeanFolder> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/lean/Data");
    if !path.is_dir() {
        println!("skipped: no LEAN folder at ../shared/data/lean (QuantConnect/Lean, Apache-2.0)");
        return None;
    }
    Some(LeanFolder::open(&path).unwrap())
}

#[test]
fn daily_bars_of_quantconnect_load_whole() {
    let Some(lean) = shared() else { return };
    for ticker in ["aapl", "ibm", "aig", "spy"] {
        let series = load(&lean, &request(ticker, "2021-03-31", LeanResolution::Daily));
        assert_eq!(series.columns.len(), 5_849, "{ticker}");
        assert_eq!(series.columns.start[0], time("1998-01-02T00:00:00Z"));
    }
    let apple = load(&lean, &request("AAPL", "2021-03-31", LeanResolution::Daily));
    assert_eq!(apple.columns.close[0], price("16.25"));
    let hours = load(&lean, &request("spy", "2021-03-31", LeanResolution::Hour));
    assert_eq!(hours.timeframe, Timeframe::HOUR);
    assert_eq!(hours.columns.start[0], time("1998-01-02T14:00:00Z"));
}

#[test]
fn renames_of_quantconnect_are_followed() {
    let Some(lean) = shared() else { return };
    let google = load(
        &lean,
        &request("googl", "2021-03-31", LeanResolution::Daily),
    );
    let at = google
        .columns
        .start
        .partition_point(|start| *start < time("2014-04-03T00:00:00Z"));
    assert_eq!(
        google.columns.start[0],
        time("2004-08-19T00:00:00Z"),
        "as GOOG"
    );
    assert_eq!(google.columns.open[at], price("573.39"), "as GOOGL");
    let class_c = load(&lean, &request("goog", "2021-03-31", LeanResolution::Daily));
    assert_eq!(
        class_c.columns.start[0],
        time("2014-03-27T00:00:00Z"),
        "as GOOCV"
    );
    let waste = load(&lean, &request("wm", "2021-03-31", LeanResolution::Daily));
    assert_eq!(
        waste.columns.start[0],
        time("1998-01-02T00:00:00Z"),
        "as UW"
    );
    let old_facebook = lean.security("fb", date("2003-03-01")).unwrap();
    assert_eq!(
        old_facebook.map.unwrap().delisted(),
        Some(date("2003-03-28"))
    );
    assert!(matches!(
        lean.security("fb", date("2010-01-04")),
        Err(DataError::UnknownSymbol { .. })
    ));
}

#[test]
fn apple_s_split_of_2014_is_seen_only_from_its_day_on() {
    let Some(lean) = shared() else { return };
    let raw = load(&lean, &request("aapl", "2014-06-30", LeanResolution::Daily));
    let factors = lean
        .security("aapl", date("2014-06-30"))
        .unwrap()
        .factors
        .unwrap();
    let close_on = |series: &BarSeries, day: &str| {
        let at = series
            .columns
            .start
            .iter()
            .position(|start| *start == time(day))
            .unwrap();
        series.columns.close[at]
    };
    let friday = "2014-06-06T00:00:00Z";
    assert_eq!(close_on(&raw, friday), price("645.57"));
    let before = factors
        .adjusted(&raw, date("2014-06-06"), AdjustmentMode::Splits)
        .unwrap();
    assert_eq!(close_on(&before, friday), price("645.57"));
    let after = factors
        .adjusted(&raw, date("2014-06-09"), AdjustmentMode::Splits)
        .unwrap();
    // 645.57 x 0.0357143 / 0.25.
    assert_eq!(close_on(&after, friday), price("92.224322604"));
}

#[test]
fn intraday_files_of_quantconnect_load_whole() {
    let Some(lean) = shared() else { return };
    let minutes = load(&lean, &request("spy", "2013-10-11", LeanResolution::Minute));
    assert_eq!(minutes.columns.start[0], time("2013-10-04T08:06:00Z"));
    let seconds = load(&lean, &request("ibm", "2013-10-11", LeanResolution::Second));
    assert!(seconds.columns.len() > 3_000 && seconds.timeframe == Timeframe::Seconds(1));
    let half_day = load(
        &lean,
        &request("goog", "2015-12-24", LeanResolution::Minute),
    );
    assert!(half_day.columns.len() > 226);
    // Two days around the change of clocks.
    let clocks = load(&lean, &request("shy", "2008-03-10", LeanResolution::Minute));
    assert!(clocks.columns.len() > 200);
    let quotes = lean
        .quote_bars(
            "aapl",
            LeanResolution::Minute,
            date("2014-06-05"),
            &options(),
        )
        .unwrap();
    assert_eq!(quotes.ask[0][0], price("646.00"));
    let index = lean
        .index_bars(
            "spx",
            LeanResolution::Minute,
            Some(date("2023-06-26")),
            &options(),
        )
        .unwrap();
    assert_eq!(index.columns.open[0], price("4343.63"));
}

#[test]
fn ticks_of_quantconnect_load_whole() {
    let Some(lean) = shared() else { return };
    let days = lean.tick_days("spy", "trade").unwrap();
    assert_eq!(days.first(), Some(&date("2013-10-07")));
    let trades = lean.trade_ticks("spy", days[0], &options()).unwrap();
    assert_eq!(trades.time.len(), 250_601);
    let quotes = lean
        .quote_ticks("ibm", date("2013-10-07"), &options())
        .unwrap();
    assert!(quotes.time.len() > 100_000);
    let one_sided = quotes
        .bid
        .iter()
        .zip(&quotes.ask)
        .all(|(bid, ask)| bid.is_zero() || ask.is_zero());
    assert!(one_sided);
}

#[test]
fn option_archives_of_quantconnect_load_whole() {
    let Some(lean) = shared() else { return };
    let day = date("2015-12-24");
    let quotes = lean.option_quote_bars("goog", day, &options()).unwrap();
    assert_eq!(quotes.len(), 2_192);
    assert_eq!(
        quotes
            .iter()
            .map(|(_, bars)| bars.start.len())
            .sum::<usize>(),
        275_552
    );
    assert!(
        quotes
            .iter()
            .any(|(contract, _)| contract.right == OptionRight::Put)
    );
    let trades = lean
        .option_bars("aapl", date("2014-06-06"), &options())
        .unwrap();
    assert_eq!(
        trades
            .iter()
            .map(|(_, series)| series.columns.len())
            .sum::<usize>(),
        22_067
    );
    assert!(
        !lean
            .option_open_interest("goog", day, &options())
            .unwrap()
            .is_empty()
    );
}
