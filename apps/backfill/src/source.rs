//! The source that arguments name, and how it is read.

use std::path::Path;

use trader_config::schema::Config;
use trader_data::backfill::{Again, Settings};
use trader_data::{FileSource, HistoricalSource, LeanSource};
use trader_domain::Timeframe;
use trader_storage::lean::{LeanFolder, LeanResolution};
use trader_storage::store::StoredAdjustment;
use trader_storage::{BarLabel, ReadOptions, Zone};

use crate::cli::{AdjustmentFlag, Format, SourceArgs};
use crate::failure::Failure;
use crate::{output, pick};

/// Opens a source; the name is that of its vendor unless the arguments name one.
pub(crate) fn open(
    folder: &Path,
    args: &SourceArgs,
    timeframe: Option<Timeframe>,
) -> Result<(Box<dyn HistoricalSource>, String), Failure> {
    let is_lean = match args.format {
        Format::Lean => true,
        Format::Files => false,
        Format::Auto => folder.is_dir() && LeanFolder::open(folder).is_ok(),
    };
    let named = |default: &str| args.vendor.clone().unwrap_or_else(|| default.to_owned());
    if !is_lean {
        let source = FileSource::open(folder).map_err(Failure::Source)?;
        return Ok((Box::new(source), named("local")));
    }
    let resolution = match timeframe {
        None | Some(Timeframe::Session) => LeanResolution::Daily,
        Some(Timeframe::HOUR) => LeanResolution::Hour,
        Some(Timeframe::MINUTE) => LeanResolution::Minute,
        Some(Timeframe::Seconds(1)) => LeanResolution::Second,
        Some(other) => {
            return Err(Failure::Usage(format!(
                "LEAN folders hold bars of 1d, 1h, 1m and 1s, not {other}"
            )));
        }
    };
    let source = LeanSource::open(folder, resolution).map_err(Failure::Source)?;
    Ok((Box::new(source), named("lean")))
}

/// How a source is read.
pub(crate) fn settings(
    args: &SourceArgs,
    vendor: String,
    config: &Config,
    again: Again,
) -> Result<Settings, Failure> {
    let mut options = ReadOptions::new(output::now());
    if args.new_york_times {
        options.zone = Zone::NewYork;
    }
    if args.bar_end_labels {
        options.label = BarLabel::End;
    }
    if let Some(file) = &args.universe {
        options.universe = Some(pick::symbols_in(file)?.into_iter().collect());
    }
    Ok(Settings {
        vendor,
        adjustment: args.adjustment.map(|flag| match flag {
            AdjustmentFlag::Raw => StoredAdjustment::Raw,
            AdjustmentFlag::Vendor => StoredAdjustment::Vendor,
        }),
        workers: usize::try_from(config.store.workers).unwrap_or(1),
        options,
        again,
    })
}
