//! `QuantConnect`'s own LEAN folder, where it lies beside the project.

use std::path::PathBuf;

use trader_data::LeanSource;
use trader_domain::{Price, Rounding, Timeframe};
use trader_storage::lean::{LeanFolder, LeanRequest, LeanResolution};
use trader_storage::store::{MarketStore, PriceView, ViewRequest};
use trader_storage::{ReadOptions, collect_series};

use crate::{date, fill, now, request, symbol};

fn lean() -> Option<PathBuf> {
    let path = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/data/lean"
    ));
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: there is no LEAN folder at {}", path.display());
    None
}

/// What LEAN's universe file of 2014-03-24 says (`fundamental/coarse/20140324.csv` in QuantConnect/Lean at 24863901deff,
/// Apache-2.0): name today, close, price factor and split factor in 10⁻⁷.
const PUBLISHED: [(&str, &str, i128, i128); 5] = [
    ("AAPL", "539.1", 8_961_764, 357_143),
    ("AIG", "49.71", 8_490_797, 10_000_000),
    ("IBM", "188.25", 7_545_881, 10_000_000),
    ("BAC", "17.37", 8_843_633, 10_000_000),
    ("SPY", "185.4", 8_732_290, 10_000_000),
];

#[test]
fn adjusted_prices_agree_with_the_published_factors() {
    let Some(folder) = lean() else { return };
    let scratch = tempfile::tempdir().unwrap();
    let store = MarketStore::create(scratch.path()).unwrap();
    let source = LeanSource::open(&folder, LeanResolution::Daily).unwrap();
    let names = PUBLISHED.map(|(name, ..)| name);
    let summary = fill(&source, &store, &request(&names));
    assert!(
        summary.failures.is_empty() && summary.rejects.is_empty(),
        "{summary:?}"
    );
    for (name, close, dividends, splits) in PUBLISHED {
        let view = |prices| {
            let asked = ViewRequest {
                vendor: "lean".to_owned(),
                symbol: symbol(name),
                timeframe: Timeframe::Session,
                as_of: date("2023-12-31"),
                from: Some(date("2014-03-24")),
                prices,
            };
            store.view(&asked).unwrap().series.columns.close[0]
        };
        let raw: Price = close.parse().unwrap();
        assert_eq!(view(PriceView::Stored), raw, "{name}");
        let scaled = |factor: i128, one: i128| {
            let units = Rounding::HalfEven
                .divide(i128::from(raw.units()) * factor, one)
                .unwrap();
            Price::from_units(i64::try_from(units).unwrap()).unwrap()
        };
        let one = 10_i128.pow(7);
        assert_eq!(view(PriceView::Splits), scaled(splits, one), "{name}");
        assert_eq!(
            view(PriceView::SplitsAndDividends),
            scaled(dividends * splits, one * one),
            "{name}"
        );
    }
}

#[test]
fn a_store_gives_the_bars_of_the_folder_it_was_filled_from() {
    let Some(folder) = lean() else { return };
    let scratch = tempfile::tempdir().unwrap();
    let store = MarketStore::create(scratch.path()).unwrap();
    let direct = LeanFolder::open(&folder).unwrap();
    for (resolution, name, as_of) in [
        (LeanResolution::Daily, "GOOGL", "2021-03-31"),
        (LeanResolution::Daily, "QQQ", "2021-03-31"),
        (LeanResolution::Hour, "SPY", "2021-03-31"),
        (LeanResolution::Minute, "SPY", "2013-10-11"),
        (LeanResolution::Second, "AIG", "2013-10-11"),
    ] {
        let mut wanted = request(&[name]);
        wanted.dates.to = Some(date(as_of));
        let source = LeanSource::open(&folder, resolution).unwrap();
        let summary = fill(&source, &store, &wanted);
        assert!(
            summary.failures.is_empty(),
            "{name}: {:?}",
            summary.failures
        );
        let asked = LeanRequest {
            ticker: name.to_owned(),
            as_of: date(as_of),
            resolution,
            from: None,
            to: None,
        };
        let mut stream = direct.bars(&asked, &ReadOptions::new(now())).unwrap();
        let theirs = collect_series(&mut stream).unwrap().remove(0);
        let viewed = store
            .view(&ViewRequest {
                vendor: "lean".to_owned(),
                symbol: symbol(name),
                timeframe: resolution.timeframe(),
                as_of: date(as_of),
                from: None,
                prices: PriceView::Stored,
            })
            .unwrap();
        assert!(
            viewed.series.fingerprint() == theirs.fingerprint(),
            "{name} {}: {} stored, {} in the folder",
            resolution.name(),
            viewed.series.columns.len(),
            theirs.columns.len()
        );
        println!(
            "{name} {}: {} bars from {} series",
            resolution.name(),
            theirs.columns.len(),
            viewed.from.len()
        );
    }
}
