//! `backfill export`: stored series as files.

use std::collections::BTreeSet;
use std::path::PathBuf;

use trader_data::export::{Exported, export_stored, export_view};
use trader_storage::TableFormat;
use trader_storage::store::{
    LabelRange, MarketStore, PriceView, SeriesKey, ViewRequest, label_of_date,
};

use crate::cli::{Data, ExportArgs, ExportFormat, Prices};
use crate::failure::Failure;
use crate::licence;
use crate::output::{self, grouped};
use crate::pick::{Picked, today};
use crate::session::Session;

pub(super) fn export(args: &ExportArgs) -> Result<(), Failure> {
    let session = Session::start(&args.store)?;
    if args.data != Data::Bars {
        return super::export_records::export(args, &session);
    }
    if args.known_at.is_some() {
        return Err(Failure::Usage(
            "--known-at is for records; bars have --as-of".to_owned(),
        ));
    }
    let store = session.store()?;
    let picked = Picked::new(&args.pick)?;
    let keys = picked.series(&store, args.vendor.as_deref())?;
    let vendors: BTreeSet<&str> = keys.iter().map(SeriesKey::vendor).collect();
    let rules = &session.loaded.config.store.vendors;
    licence::ask(&vendors, rules)?;
    std::fs::create_dir_all(&args.out).map_err(|source| Failure::File {
        path: args.out.display().to_string(),
        action: "creating the folder",
        source,
    })?;
    licence::note(&args.out, &vendors, rules, "bars")?;
    let mut written = Vec::new();
    for key in &keys {
        written.push(one(args, &store, key, &picked)?);
    }
    if args.store.common.json {
        return output::json(&written);
    }
    for one in &written {
        output::print(&format!(
            "{}  {} bars  {}\n",
            one.blake3.get(..16).unwrap_or_default(),
            grouped(one.rows),
            one.file.display()
        ));
    }
    Ok(())
}

fn one(
    args: &ExportArgs,
    store: &MarketStore,
    key: &SeriesKey,
    picked: &Picked,
) -> Result<Exported, Failure> {
    let (format, ending) = match args.format {
        ExportFormat::Csv => (TableFormat::Csv, "csv"),
        ExportFormat::Parquet => (TableFormat::Parquet, "parquet"),
    };
    let file = file(args, key, ending);
    let prices = match args.prices {
        Prices::Stored => {
            let range = LabelRange {
                from: picked
                    .dates
                    .from
                    .and_then(|from| label_of_date(from, key.timeframe()))
                    .unwrap_or(LabelRange::ALL.from),
                until: picked
                    .dates
                    .to
                    .and_then(|to| to.succ_opt())
                    .and_then(|next| label_of_date(next, key.timeframe()))
                    .unwrap_or(LabelRange::ALL.until),
            };
            return export_stored(store, key, range, &file, format).map_err(Failure::Store);
        }
        Prices::Splits => PriceView::Splits,
        Prices::Total => PriceView::SplitsAndDividends,
    };
    let request = ViewRequest {
        vendor: key.vendor().to_owned(),
        symbol: key.symbol(),
        timeframe: key.timeframe(),
        as_of: args.as_of.or(picked.dates.to).unwrap_or_else(today),
        from: picked.dates.from,
        prices,
    };
    export_view(store, &request, &file, format).map_err(Failure::Store)
}

/// A name that tells symbol, length, vendor and adjustment; signs that are no part of names become `_`.
fn file(args: &ExportArgs, key: &SeriesKey, ending: &str) -> PathBuf {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let symbol: String = key
        .symbol()
        .as_str()
        .chars()
        .map(|c| if plain(c) { c } else { '_' })
        .collect();
    let prices = match args.prices {
        Prices::Stored => key.adjustment().name(),
        Prices::Splits => "splits",
        Prices::Total => "total",
    };
    args.out.join(format!(
        "{symbol}.{}.{}.{}.{prices}.{ending}",
        key.timeframe(),
        key.kind(),
        key.vendor()
    ))
}
