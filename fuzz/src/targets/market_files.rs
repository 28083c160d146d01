//! Market data as others write it: bars in Parquet, LEAN's zipped CSV.

use trader_domain::{Price, Quantity, Symbol, Timeframe, Timestamp};
use trader_storage::lean::{
    FactorFile, LeanContext, LeanPrices, MapFile, option_from_entry, parse_archive,
    parse_lean_bars, parse_lean_open_interest, parse_lean_quote_bars, parse_lean_quote_ticks,
    parse_lean_trade_ticks,
};
use trader_storage::store::{
    Manifest, MarketStore, Provenance, SeriesKey, StoredAdjustment, StoredQuote, TickKey,
    TickManifest, TickText,
};
use trader_storage::{
    Existing, Fingerprint, SampleSet, TableFormat, parse_csv_bars, parse_parquet_bars, write_bars,
};

use super::files::{assert_sound, strict};
use super::{any, texts};
use crate::Verdict;

/// Bars in Parquet.
///
/// # Panics
/// When bars that were accepted are not sound.
pub fn parquet_bars(data: &[u8]) -> Verdict {
    let parsed = parse_parquet_bars(data, "FUZZED", &strict());
    if let Ok(series) = &parsed {
        series.iter().for_each(assert_sound);
    }
    Verdict::from(&parsed)
}

/// The manifest of a stored series: as it comes, and under a seal that fits, since the digest keeps everything else out.
///
/// # Panics
/// When a manifest that was accepted names a file outside its series.
pub fn series_manifest(data: &[u8]) -> Verdict {
    let seal = format!("{{\"blake3\":\"{}\"}}\n", Fingerprint::of_bytes(data));
    let sealed = [data, seal.as_bytes()].concat();
    let verdicts = [data, &sealed].map(|bytes| {
        let parsed = Manifest::parse(bytes, "fuzzed.jsonl");
        if let Ok(manifest) = &parsed {
            assert!(
                manifest.rows() >= manifest.entries().len() as u64 && manifest.bytes() < 1 << 60
            );
        }
        if let Ok(manifest) = &parsed {
            for (partition, entry) in manifest.entries() {
                assert!(!partition.to_string().contains(['/', '\\']));
                assert!(entry.rows > 0 && entry.blake3.len() == 64);
            }
        }
        Verdict::from(&parsed)
    });
    any(&verdicts)
}

/// The manifest of stored trades or quotes, likewise.
///
/// # Panics
/// When a manifest that was accepted contradicts itself.
pub fn tick_manifest(data: &[u8]) -> Verdict {
    let seal = format!("{{\"blake3\":\"{}\"}}\n", Fingerprint::of_bytes(data));
    let sealed = [data, seal.as_bytes()].concat();
    let verdicts = [data, &sealed].map(|bytes| {
        let parsed = TickManifest::parse(bytes, "fuzzed.jsonl");
        if let Ok(manifest) = &parsed {
            let entries = manifest.entries();
            assert!(manifest.rows() >= entries.len() as u64 && manifest.bytes() < 1 << 60);
            for (day, entry) in entries {
                assert_eq!(TickKey::day_of(entry.first), Some(*day));
                assert!(entry.first <= entry.last && !entry.file().contains(['/', '\\']));
            }
        }
        Verdict::from(&parsed)
    });
    any(&verdicts)
}

/// The archive around LEAN's files.
pub fn lean_archive(data: &[u8]) -> Verdict {
    Verdict::from(&parse_archive(data, "fuzzed.zip"))
}

/// Each kind of text in a LEAN folder, intraday and daily.
///
/// # Panics
/// When bars that were accepted are not sound.
pub fn lean_text(data: &[u8]) -> Verdict {
    let options = strict();
    let day = strict().now.utc_date().pred_opt();
    let intraday = LeanContext {
        prices: LeanPrices::DeciCents,
        timeframe: Timeframe::MINUTE,
        day,
    };
    let daily = LeanContext {
        prices: LeanPrices::Plain,
        timeframe: Timeframe::Session,
        day: None,
    };
    let mut verdicts = Vec::new();
    for context in [&intraday, &daily] {
        let bars = Symbol::new("FUZZED")
            .map(|symbol| parse_lean_bars(data, "fuzzed.csv", symbol, context, &options));
        if let Ok(Ok(series)) = &bars {
            assert_sound(series);
        }
        verdicts.push(bars.map_or(Verdict::Refused, |bars| Verdict::from(&bars)));
        verdicts.push(Verdict::from(&parse_lean_quote_bars(
            data,
            "fuzzed.csv",
            context,
            &options,
        )));
        verdicts.push(Verdict::from(&parse_lean_open_interest(
            data,
            "fuzzed.csv",
            context,
            &options,
        )));
        verdicts.push(Verdict::from(&parse_lean_trade_ticks(
            data,
            "fuzzed.csv",
            context,
            &options,
        )));
        verdicts.push(Verdict::from(&parse_lean_quote_ticks(
            data,
            "fuzzed.csv",
            context,
            &options,
        )));
    }
    verdicts.push(Verdict::from(&FactorFile::parse(data, "fuzzed.csv")));
    verdicts.push(Verdict::from(&MapFile::parse(data, "fuzzed.csv", "fuzzed")));
    if let Ok(name) = std::str::from_utf8(data) {
        verdicts.push(Verdict::from(&option_from_entry(name, "fuzzed.zip")));
    }
    any(&verdicts)
}

/// Small, so that a change often hits something that matters.
const THREE_BARS: &[u8] = b"date,open,high,low,close,volume\n2020-01-02,10,12,9.5,11,100\n\
    2020-01-03,11,11.5,10,10.25,80\n2020-01-06,10.25,10.5,10,10.5,60\n";

/// A file of our own writer; the writer needs a folder.
pub(super) fn parquet_seeds() -> Vec<Vec<u8>> {
    let written = || {
        let folder = tempfile::tempdir().ok()?;
        let path = folder.path().join("SPX.parquet");
        let series = parse_csv_bars(THREE_BARS, "SPX.csv", &strict())
            .ok()?
            .pop()?;
        write_bars(&path, &series, TableFormat::Parquet, Existing::Keep).ok()?;
        std::fs::read(path).ok()
    };
    written().into_iter().collect()
}

/// The manifest that a store writes, without its last line, the seal.
pub(super) fn manifest_seeds() -> Vec<Vec<u8>> {
    let written = || {
        let folder = tempfile::tempdir().ok()?;
        let series = SampleSet::IndexOhlcv.load("SPX").ok()?;
        let adjustment = StoredAdjustment::of(series.adjustment)?;
        let (basis, timeframe) = (series.basis, series.timeframe);
        let key = SeriesKey::new("fuzz", basis, timeframe, adjustment, series.symbol).ok()?;
        let origin = Provenance {
            run: "0000000000000001".to_owned(),
            source: Fingerprint::of_bytes(b"fuzz"),
        };
        let store = MarketStore::create(folder.path()).ok()?;
        store.commit(&key, &[series.columns], &origin).ok()?;
        let path =
            "vendor=fuzz/kind=bars/timeframe=1d/adjustment=unknown/symbol=SPX/_manifest.jsonl";
        let text = std::fs::read_to_string(folder.path().join(path)).ok()?;
        let (lines, _seal) = text.trim_end().rsplit_once('\n')?;
        Some(format!("{lines}\n").into_bytes())
    };
    written().into_iter().collect()
}

/// The manifest of two days of quotes, without its seal.
pub(super) fn tick_manifest_seeds() -> Vec<Vec<u8>> {
    let written = || {
        let folder = tempfile::tempdir().ok()?;
        let store = MarketStore::create(folder.path()).ok()?;
        let bid = Price::from_units(100).ok()?;
        let size = Quantity::from_units(1).ok()?;
        let quote = |day: i64| StoredQuote {
            time: Timestamp::from_nanos((19_637 + day) * 86_400_000_000_000 + 54_000_000_000_000),
            received: None,
            bid: Some(bid),
            bid_size: size,
            bid_exchange: TickText::new(),
            ask: None,
            ask_size: size,
            ask_exchange: TickText::new(),
            codes: TickText::new(),
            tape: TickText::new(),
            sequence: None,
        };
        let origin = Provenance {
            run: "0000000000000001".to_owned(),
            source: Fingerprint::of_bytes(b"fuzz"),
        };
        let symbol = Symbol::new("SPX").ok()?;
        store
            .commit_ticks("fuzz", symbol, &[quote(0), quote(1)], &origin)
            .ok()?;
        let path = "vendor=fuzz/kind=quotes/symbol=SPX/_manifest.jsonl";
        let text = std::fs::read_to_string(folder.path().join(path)).ok()?;
        let (lines, _seal) = text.trim_end().rsplit_once('\n')?;
        Some(format!("{lines}\n").into_bytes())
    };
    written().into_iter().collect()
}

pub(super) fn archive_seeds() -> Vec<Vec<u8>> {
    vec![include_bytes!("../../seeds/lean-minute.zip").to_vec()]
}

/// Rows as LEAN's folders hold them, one kind each.
pub(super) fn lean_seeds() -> Vec<Vec<u8>> {
    texts(&[
        "34200000,927000,938800,917500,937000,7007\n34260000,937000,938000,936500,937500,1200\n",
        "20140605 00:00,6400000,6500000,6390000,6473500,1000\n20140606 00:00,6499000,6510000,6440000,6455700,700\n",
        "34200000,1000,1100,900,1000,10,1100,1200,1000,1100,20\n34260000,1000,1100,900,1000,10,1100,1200,1000,1100,20\n",
        "34200000,1452300,100,P,00000000,0\n34200001,1452400,200,Q,00000004,1\n",
        "34200000,1452300,100,1452400,200,P,00000001,0\n34200001,0,0,1452400,200,Q,00000001,0\n",
        "0,1523\n",
        "19980102,0.8893653,0.25,1\n20140606,0.9304792,0.1428571,6\n20501231,1,1,0\n",
        "19980102,old,Q\n20140606,old,Q\n20501231,new,Q\n",
        "20140606_aapl_minute_trade_american_call_6400000_20140621.csv",
    ])
}
