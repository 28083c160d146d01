//! `backfill export`: what is in the store as files; records of the database are `export_records`'s.

use std::path::PathBuf;

use trader_data::export::{Exported, export_records, export_stored, export_ticks, export_view};
use trader_storage::TableFormat;
use trader_storage::store::{
    LabelRange, MarketStore, PriceView, RecordKind, SeriesKey, TickKind, ViewRequest, label_of_date,
};

use crate::cli::{Data, ExportArgs, ExportFormat, Prices};
use crate::failure::Failure;
use crate::licence;
use crate::output::{self, grouped};
use crate::pick::{Picked, Stored, today};
use crate::session::Session;

pub(super) fn export(args: &ExportArgs) -> Result<(), Failure> {
    let session = Session::start(&args.store)?;
    let what = match args.data {
        Data::News | Data::Actions | Data::Reference | Data::Filings | Data::Posts => {
            return super::export_records::export(args, &session);
        }
        Data::Bars => What::Bars,
        Data::Trades => What::Ticks(TickKind::Trades),
        Data::Quotes => What::Ticks(TickKind::Quotes),
        Data::Contracts => What::Options(RecordKind::Contracts),
        Data::Chains => What::Options(RecordKind::Chains),
    };
    what.accepts(args)?;
    let store = session.store()?;
    let picked = Picked::new(&args.pick)?;
    let mut stored = picked.stored(&store, args.vendor.as_deref())?;
    what.keep(&mut stored);
    let vendors = stored.vendors();
    if vendors.is_empty() {
        return Err(Failure::Usage(format!(
            "there are no such {} in {}; see `backfill status`",
            what.name(),
            store.shown()
        )));
    }
    let rules = &session.loaded.config.store.vendors;
    licence::ask(&vendors, rules)?;
    std::fs::create_dir_all(&args.out).map_err(|source| Failure::File {
        path: args.out.display().to_string(),
        action: "creating the folder",
        source,
    })?;
    licence::note(&args.out, &vendors, rules, what.name())?;
    tell(args, &written(args, &store, &stored, &picked)?)
}

/// What of the store is wanted.
#[derive(Clone, Copy)]
enum What {
    Bars,
    Ticks(TickKind),
    Options(RecordKind),
}

impl What {
    const fn name(self) -> &'static str {
        match self {
            Self::Bars => "bars",
            Self::Ticks(kind) => kind.name(),
            Self::Options(kind) => kind.name(),
        }
    }

    /// Refuses what would say nothing about this kind.
    fn accepts(self, args: &ExportArgs) -> Result<(), Failure> {
        let refused = |flag: &str| {
            Err(Failure::Usage(format!(
                "{flag} says nothing about {}; leave it out",
                self.name()
            )))
        };
        if args.known_at.is_some() {
            return refused("--known-at");
        }
        if matches!(self, Self::Bars) {
            return Ok(());
        }
        if args.prices != Prices::Stored || args.as_of.is_some() {
            return refused("--prices or --as-of");
        }
        if args.pick.timeframe.is_some() {
            return refused("--timeframe");
        }
        if matches!(self, Self::Options(_)) && !args.pick.symbols.is_empty() {
            return refused("--symbols (options are kept by vendor and day)");
        }
        Ok(())
    }

    /// Leaves only what is of this kind.
    fn keep(self, stored: &mut Stored) {
        if !matches!(self, Self::Bars) {
            stored.bars.clear();
        }
        stored
            .ticks
            .retain(|key| matches!(self, Self::Ticks(kind) if kind == key.kind()));
        stored
            .records
            .retain(|(_, one)| matches!(self, Self::Options(kind) if kind == *one));
    }
}

fn written(
    args: &ExportArgs,
    store: &MarketStore,
    stored: &Stored,
    picked: &Picked,
) -> Result<Vec<Exported>, Failure> {
    let mut written = Vec::new();
    for key in &stored.bars {
        written.push(one(args, store, key, picked)?);
    }
    for key in &stored.ticks {
        let (format, ending) = format(args);
        let file = args.out.join(format!(
            "{}.{}.{}.{ending}",
            plain(key.symbol().as_str()),
            key.kind().name(),
            key.vendor()
        ));
        let exported = export_ticks(store, key, picked.dates, &file, format);
        written.extend(exported.map_err(Failure::Store)?);
    }
    for (vendor, kind) in &stored.records {
        let file = args.out.join(format!("{}.{vendor}.jsonl", kind.name()));
        let exported = export_records(store, vendor, *kind, picked.dates, &file);
        written.extend(exported.map_err(Failure::Store)?);
    }
    Ok(written)
}

fn tell(args: &ExportArgs, written: &[Exported]) -> Result<(), Failure> {
    if args.store.common.json {
        return output::json(&written);
    }
    if written.is_empty() {
        output::print("there is nothing of these dates\n");
    }
    for one in written {
        output::print(&format!(
            "{}  {} rows  {}\n",
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
    let (format, ending) = format(args);
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
    let symbol = plain(key.symbol().as_str());
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

/// A symbol whose signs that are no part of names become `_`.
fn plain(symbol: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let signs = symbol.chars();
    signs.map(|c| if is_plain(c) { c } else { '_' }).collect()
}

const fn format(args: &ExportArgs) -> (TableFormat, &'static str) {
    match args.format {
        ExportFormat::Csv => (TableFormat::Csv, "csv"),
        ExportFormat::Parquet => (TableFormat::Parquet, "parquet"),
    }
}
