//! The embedded series: what README.md in `data/` promises.

use trader_domain::{InstrumentId, Timeframe, VendorId};
use trader_storage::{Adjustment, PriceBasis, SampleSet};

use crate::time;

#[test]
fn every_series_loads_and_passes_the_checks() {
    for set in SampleSet::ALL {
        let series = set.load_all().unwrap();
        assert_eq!(series.len(), set.symbols().count());
        for one in &series {
            assert_eq!(one.timeframe, Timeframe::Session);
            for bar in one.bars(InstrumentId(0), VendorId::INTERNAL) {
                bar.unwrap().validate().unwrap();
            }
        }
    }
}

#[test]
fn index_levels_are_those_of_the_source() {
    let series = SampleSet::IndexOhlcv.load("SPX").unwrap();
    assert_eq!(
        (series.basis, series.adjustment),
        (PriceBasis::Ohlc, Adjustment::Unknown)
    );
    assert_eq!(series.columns.len(), 5_031);
    let bars: Vec<_> = series
        .bars(InstrumentId(7), VendorId(3))
        .map(Result::unwrap)
        .collect();
    let last = bars.last().unwrap();
    assert_eq!(
        (last.start, last.time),
        (time("2018-12-31T14:30:00Z"), time("2018-12-31T21:00:00Z"))
    );
    assert_eq!(last.close, "2506.85".parse().unwrap());
    assert_eq!(last.volume, "3442870000".parse().unwrap());
}

#[test]
fn closes_alone_are_flagged_as_closes_alone() {
    let apple = SampleSet::StocksClose.load("AAPL").unwrap();
    assert_eq!(
        (apple.basis, apple.adjustment),
        (PriceBasis::CloseOnly, Adjustment::Vendor)
    );
    assert_eq!(apple.columns.len(), 8_313);
    assert_eq!(
        apple.columns.close.last(),
        Some(&"125.674".parse().unwrap())
    );
    assert_eq!(apple.columns.high, apple.columns.close);
    assert_eq!(apple.columns.volume, None);
}

#[test]
fn no_trading_day_is_missing_by_the_exchanges_calendar() {
    for set in [
        SampleSet::IndexOhlcv,
        SampleSet::StocksClose,
        SampleSet::FactorEtfsClose,
    ] {
        for series in set.load_all().unwrap() {
            assert_eq!(series.gaps.first, [], "{}", series.symbol);
        }
    }
}

#[test]
fn a_session_bar_ends_when_the_session_did() {
    let series = SampleSet::IndexOhlcv.load("SPX").unwrap();
    let bars = series
        .bars(InstrumentId(0), VendorId::INTERNAL)
        .map(Result::unwrap);
    let ends: Vec<_> = bars.map(|bar| bar.time).collect();
    // The day after Thanksgiving 2018 closed at 13:00.
    assert!(ends.contains(&time("2018-11-23T18:00:00Z")));
    assert!(ends.contains(&time("2018-11-26T21:00:00Z")));
}

#[test]
fn an_unknown_symbol_is_refused_with_those_that_exist() {
    let message = SampleSet::FactorEtfsClose
        .load("SPY")
        .unwrap_err()
        .to_string();
    assert_eq!(
        message,
        "no data for `SPY`; there is data for MTUM, QUAL, SIZE, USMV, VLUE"
    );
}
