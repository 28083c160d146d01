//! The bars that features are computed on, and what is read beside them, as the arguments name them.

use std::collections::{BTreeMap, BTreeSet};

use trader_config::schema::Config;
use trader_domain::{CorporateAction, Symbol, Timestamp};
use trader_feature_store::{BarSource, Companions, MARKET_COLUMNS, Wanted};
use trader_storage::DataError;

use crate::cli::{BarArgs, Resolution, SourceArgs};
use crate::failure::Failure;
use crate::{data, output, store};

/// Bars to compute on.
pub(crate) struct Opened {
    pub(crate) source: BarSource,
    pub(crate) companions: Companions,
}

/// Opens what the arguments name, for features that read these columns. What is read beside the
/// symbols' own bars may be left out of `--symbols`.
pub(crate) fn open(args: &BarArgs, config: &Config, inputs: &[String]) -> Result<Opened, Failure> {
    let wanted = wanted(args)?;
    let beside = wanted.symbols(inputs.iter().map(String::as_str))?;
    let mut source = read(&args.source, config, &beside)?;
    let companions = Companions::gather(&wanted, inputs.iter().map(String::as_str), &source)?;
    let chosen = symbols(&args.source)?;
    source.select(&chosen).map_err(unknown_symbol)?;
    Ok(Opened { source, companions })
}

/// What is wanted beside the symbols' own bars.
fn wanted(args: &BarArgs) -> Result<Wanted, Failure> {
    let mut market = BTreeMap::new();
    for text in &args.market {
        let (column, name) = text.split_once('=').ok_or_else(|| {
            Failure::Usage(format!(
                "--market {text}: write it as COLUMN=SYMBOL, vix=VIX"
            ))
        })?;
        if !MARKET_COLUMNS.contains(&column) {
            return Err(Failure::Usage(format!(
                "--market {text}: `{column}` is no column about the market; there is {}",
                MARKET_COLUMNS.join(", ")
            )));
        }
        if market.insert(column.to_owned(), symbol(name)?).is_some() {
            return Err(Failure::Usage(format!("--market {column} is given twice")));
        }
    }
    Ok(Wanted {
        benchmark: args.benchmark.as_deref().map(symbol).transpose()?,
        market,
        max_age: i64::try_from(args.max_age.nanoseconds()).ok(),
    })
}

/// Everything the arguments name, and the symbols `beside` theirs where only some are read.
fn read(args: &SourceArgs, config: &Config, beside: &[Symbol]) -> Result<BarSource, Failure> {
    let now = output::now();
    let options = data::options(&args.times, now);
    if args.vendor.is_some() && args.store.is_none() {
        return Err(Failure::Usage(
            "--vendor goes with --store: other sources do not record whose data it is".to_owned(),
        ));
    }
    if args.lean.is_some() || args.store.is_some() {
        if args.resolution == Resolution::Tick {
            return Err(Failure::Usage(
                "features are computed on bars, not ticks; choose another --resolution".to_owned(),
            ));
        }
        let (series, actions, name) = named(args, config, beside, now)?;
        warn_of_actions(&actions);
        return Ok(BarSource::loaded(series, &name, &options));
    }
    if let Some(name) = &args.sample {
        let (series, description) = data::sample(name)?;
        return Ok(BarSource::loaded(series, &description, &options));
    }
    if args.bars.is_empty() {
        return Err(Failure::Usage(
            "which data? name it with --bars, --store, --lean or --sample (`backtest list data`)"
                .to_owned(),
        ));
    }
    Ok(BarSource::open(&args.bars, &[], &options)?)
}

/// Series of a LEAN folder or a store, what became of the securities, and the source in words.
fn named(
    args: &SourceArgs,
    config: &Config,
    beside: &[Symbol],
    now: Timestamp,
) -> Result<(Vec<trader_storage::BarSeries>, Vec<CorporateAction>, String), Failure> {
    let everything = (Timestamp::MIN, Timestamp::MAX);
    let mut args = args.clone();
    if let Some(folder) = args.lean.clone() {
        data::require_symbols(&args)?;
        add(&mut args.symbols, beside);
        let mut actions = Vec::new();
        let (series, name) = data::lean(&args, &folder, everything, now, &mut actions)?;
        return Ok((series, actions, name));
    }
    if !args.symbols.is_empty() {
        add(&mut args.symbols, beside);
    }
    let folder = args.store.clone().flatten();
    let folder = folder.unwrap_or_else(|| config.store.folder.as_path().to_owned());
    let stored = store::load(&args, &folder, everything, now)?;
    Ok((stored.series, stored.actions, stored.description))
}

/// Adds the symbols that are not among those named, whatever the case they are written in.
fn add(names: &mut Vec<String>, beside: &[Symbol]) {
    for symbol in beside {
        if !names
            .iter()
            .any(|name| name.eq_ignore_ascii_case(symbol.as_str()))
        {
            names.push(symbol.to_string());
        }
    }
}

/// Raw prices jump at splits and dividends, and features take that for a move.
fn warn_of_actions(actions: &[CorporateAction]) {
    if !actions.is_empty() {
        let instruments: BTreeSet<_> = actions.iter().map(|action| action.instrument).collect();
        output::warning(&format!(
            "{} splits, dividends and the like of {} symbols are in these raw prices as moves; \
             --adjust total takes them out",
            actions.len(),
            instruments.len()
        ));
    }
}

/// The symbols to compute on; none means all.
fn symbols(args: &SourceArgs) -> Result<Vec<Symbol>, Failure> {
    let upper = args.lean.is_some();
    let names = args.symbols.iter().map(|name| {
        if upper {
            symbol(&name.to_ascii_uppercase())
        } else {
            symbol(name)
        }
    });
    names.collect()
}

/// A symbol that the data lacks is a wrong argument, as it is for `run`.
fn unknown_symbol(error: DataError) -> Failure {
    match error {
        DataError::UnknownSymbol { .. } => Failure::Usage(error.to_string()),
        other => Failure::Data(other),
    }
}

fn symbol(text: &str) -> Result<Symbol, Failure> {
    Symbol::new(text).map_err(|error| Failure::Usage(format!("{text}: {error}")))
}
