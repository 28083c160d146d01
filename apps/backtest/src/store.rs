//! History from the market-data store: followed through renames as of the end of the run, raw or adjusted.

use std::collections::BTreeSet;
use std::path::Path;

use trader_domain::{CorporateAction, InstrumentId, MarketCalendar, Symbol, Timeframe, Timestamp};
use trader_research::run::corporate_actions;
use trader_storage::store::{MarketStore, PriceView, SeriesKey, ViewRequest};
use trader_storage::{Adjustment, BarSeries, DataError};

use crate::cli::{Adjust, Resolution, SourceArgs};
use crate::data::date_of;
use crate::failure::Failure;

/// What was read of a store.
pub(crate) struct Stored {
    pub(crate) series: Vec<BarSeries>,
    pub(crate) actions: Vec<CorporateAction>,
    pub(crate) vendor: String,
    pub(crate) description: String,
}

/// Reads the symbols asked for, or all that the vendor has at the resolution.
pub(crate) fn load(
    args: &SourceArgs,
    folder: &Path,
    (from, to): (Timestamp, Timestamp),
    now: Timestamp,
) -> Result<Stored, Failure> {
    let timeframe = match args.resolution {
        Resolution::Daily => Timeframe::Session,
        Resolution::Hour => Timeframe::HOUR,
        Resolution::Minute => Timeframe::MINUTE,
        Resolution::Second => Timeframe::Seconds(1),
        Resolution::Tick => {
            return Err(Failure::Usage(
                "a store holds bars, no ticks; choose another --resolution, or --lean".to_owned(),
            ));
        }
    };
    let store = MarketStore::open(folder).map_err(|error| match error {
        DataError::NotFound { .. } => Failure::Usage(format!(
            "{}: there is no market-data store; fill one with `backfill run`",
            folder.display()
        )),
        error => Failure::Data(error),
    })?;
    let vendor = vendor(args, &store, timeframe)?;
    let symbols = symbols(args, &store, &vendor, timeframe)?;
    let as_of = date_of(to.min(now)).unwrap_or_else(|| now.utc_date());
    let calendar = MarketCalendar::us_equities();
    let (mut series, mut actions) = (Vec::new(), Vec::new());
    for (id, symbol) in (0_u32..).zip(symbols) {
        let viewed = store.view(&ViewRequest {
            vendor: vendor.clone(),
            symbol,
            timeframe,
            as_of,
            from: date_of(from),
            prices: match args.adjust {
                Adjust::Raw => PriceView::Stored,
                Adjust::Total => PriceView::SplitsAndDividends,
            },
        })?;
        // Prices that are adjusted already must not meet their splits and dividends once more.
        if viewed.series.adjustment == Adjustment::Raw {
            let found = corporate_actions(
                &viewed.security,
                InstrumentId(id),
                &viewed.series,
                &calendar,
            )
            .map_err(|error| Failure::Usage(format!("{symbol}: {error}")))?;
            actions.extend(found);
        }
        series.push(viewed.series);
    }
    Ok(Stored {
        description: format!("store {} ({vendor}, {timeframe})", folder.display()),
        series,
        actions,
        vendor,
    })
}

/// The vendor asked for, or the only one that has such bars.
fn vendor(args: &SourceArgs, store: &MarketStore, timeframe: Timeframe) -> Result<String, Failure> {
    if let Some(vendor) = &args.vendor {
        return Ok(vendor.clone());
    }
    let keys = store.series()?;
    let vendors: BTreeSet<&str> = keys
        .iter()
        .filter(|key| key.timeframe() == timeframe)
        .map(SeriesKey::vendor)
        .collect();
    let mut each = vendors.iter();
    match (each.next(), each.next()) {
        (Some(only), None) => Ok((*only).to_owned()),
        (None, _) => Err(Failure::Usage(format!(
            "{} holds no bars of {timeframe}; see `backfill status`, or choose another --resolution",
            store.shown()
        ))),
        (Some(_), Some(_)) => Err(Failure::Usage(format!(
            "{} holds data of several vendors; choose one with --vendor: {}",
            store.shown(),
            vendors.into_iter().collect::<Vec<_>>().join(", ")
        ))),
    }
}

fn symbols(
    args: &SourceArgs,
    store: &MarketStore,
    vendor: &str,
    timeframe: Timeframe,
) -> Result<Vec<Symbol>, Failure> {
    if !args.symbols.is_empty() {
        let parse = |text: &String| {
            Symbol::new(text).map_err(|error| Failure::Usage(format!("--symbols {text}: {error}")))
        };
        return args.symbols.iter().map(parse).collect();
    }
    let all: BTreeSet<Symbol> = store
        .series()?
        .iter()
        .filter(|key| key.vendor() == vendor && key.timeframe() == timeframe)
        .map(SeriesKey::symbol)
        .collect();
    if all.is_empty() {
        return Err(Failure::Usage(format!(
            "{} holds nothing of `{vendor}` at {timeframe}; see `backfill status`",
            store.shown()
        )));
    }
    Ok(all.into_iter().collect())
}
