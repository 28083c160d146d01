//! Symbols, dates and lengths of bars from arguments.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::{Days, NaiveDate};
use trader_data::{DateRange, HistoryRequest, SymbolMeaning};
use trader_domain::{Symbol, Timeframe};
use trader_storage::store::{MarketStore, RecordKind, SeriesKey, TickKey, parse_timeframe};

use crate::cli::PickArgs;
use crate::failure::Failure;
use crate::output;

/// What arguments pick.
pub(crate) struct Picked {
    pub(crate) symbols: Vec<Symbol>,
    pub(crate) dates: DateRange,
    pub(crate) timeframe: Option<Timeframe>,
}

impl Picked {
    pub(crate) fn new(args: &PickArgs) -> Result<Self, Failure> {
        if let (Some(from), Some(to)) = (args.from, args.to)
            && from > to
        {
            return Err(Failure::Usage(format!("--from {from} is after --to {to}")));
        }
        let mut symbols = args
            .symbols
            .iter()
            .map(|text| symbol(text))
            .collect::<Result<Vec<_>, _>>()?;
        if let Some(file) = &args.symbols_file {
            symbols.extend(symbols_in(file)?);
        }
        let mut seen = BTreeSet::new();
        symbols.retain(|symbol| seen.insert(*symbol));
        Ok(Self {
            symbols,
            dates: DateRange {
                from: args.from,
                to: args.to,
            },
            timeframe: args.timeframe.as_deref().map(timeframe).transpose()?,
        })
    }

    /// As a request to a source.
    pub(crate) fn request(&self) -> HistoryRequest {
        HistoryRequest {
            symbols: self.symbols.clone(),
            meaning: SymbolMeaning::Securities,
            dates: self.dates,
            timeframe: self.timeframe,
            only: None,
            today: today(),
        }
    }

    /// Whether a series is picked, dates aside.
    pub(crate) fn picks(&self, key: &SeriesKey, vendor: Option<&str>) -> bool {
        (self.symbols.is_empty() || self.symbols.contains(&key.symbol()))
            && vendor.is_none_or(|vendor| vendor == key.vendor())
            && self.timeframe.is_none_or(|one| one == key.timeframe())
    }

    /// The stored series that are picked; an unknown symbol is an error.
    pub(crate) fn series(
        &self,
        store: &MarketStore,
        vendor: Option<&str>,
    ) -> Result<Vec<SeriesKey>, Failure> {
        let all = store.series().map_err(Failure::Store)?;
        for symbol in &self.symbols {
            if !all.iter().any(|key| key.symbol() == *symbol) {
                return Err(nothing_of(*symbol, store));
            }
        }
        let picked: Vec<SeriesKey> = all
            .into_iter()
            .filter(|key| self.picks(key, vendor))
            .collect();
        if picked.is_empty() {
            return Err(Failure::Usage(format!(
                "there is no such series in {}; see `backfill status`",
                store.shown()
            )));
        }
        Ok(picked)
    }
}

/// Stored series of all kinds.
#[derive(Debug, Default)]
pub(crate) struct Stored {
    pub(crate) bars: Vec<SeriesKey>,
    pub(crate) ticks: Vec<TickKey>,
    /// By vendor; records are not kept by symbol.
    pub(crate) records: Vec<(String, RecordKind)>,
}

impl Stored {
    /// The vendors of all of it.
    pub(crate) fn vendors(&self) -> BTreeSet<&str> {
        let bars = self.bars.iter().map(SeriesKey::vendor);
        let ticks = self.ticks.iter().map(TickKey::vendor);
        let records = self.records.iter().map(|(vendor, _)| vendor.as_str());
        bars.chain(ticks).chain(records).collect()
    }
}

impl Picked {
    /// Everything stored that is picked. A length of bars picks bars only, symbols pick no records.
    pub(crate) fn stored(
        &self,
        store: &MarketStore,
        vendor: Option<&str>,
    ) -> Result<Stored, Failure> {
        let mut found = Stored {
            bars: store.series().map_err(Failure::Store)?,
            ..Stored::default()
        };
        if self.timeframe.is_none() {
            found.ticks = store.tick_series().map_err(Failure::Store)?;
            if self.symbols.is_empty() {
                found.records = store.record_series().map_err(Failure::Store)?;
            }
        }
        for symbol in &self.symbols {
            let known = found.bars.iter().any(|key| key.symbol() == *symbol)
                || found.ticks.iter().any(|key| key.symbol() == *symbol);
            if !known {
                return Err(nothing_of(*symbol, store));
            }
        }
        let named = |one: &str| vendor.is_none_or(|vendor| vendor == one);
        found.bars.retain(|key| self.picks(key, vendor));
        found.ticks.retain(|key| {
            (self.symbols.is_empty() || self.symbols.contains(&key.symbol())) && named(key.vendor())
        });
        found.records.retain(|(vendor, _)| named(vendor));
        if found.vendors().is_empty() {
            return Err(Failure::Usage(format!(
                "there is no such series in {}; see `backfill status`",
                store.shown()
            )));
        }
        Ok(found)
    }
}

fn nothing_of(symbol: Symbol, store: &MarketStore) -> Failure {
    Failure::Usage(format!(
        "there is nothing of {symbol} in {}; see `backfill status`",
        store.shown()
    ))
}

/// Today's date.
pub(crate) fn today() -> NaiveDate {
    output::now().utc_date()
}

/// The date so many days ago.
pub(crate) fn days_ago(days: u32) -> Result<NaiveDate, Failure> {
    today()
        .checked_sub_days(Days::new(u64::from(days)))
        .ok_or_else(|| Failure::Usage(format!("there is no date {days} days ago")))
}

/// A symbol as given by a person.
pub(crate) fn symbol(text: &str) -> Result<Symbol, Failure> {
    Symbol::new(text.trim()).map_err(|error| Failure::Usage(error.to_string()))
}

/// A length of bars as given by a person.
pub(crate) fn timeframe(text: &str) -> Result<Timeframe, Failure> {
    parse_timeframe(text).ok_or_else(|| {
        Failure::Usage(format!(
            "`{text}` is no length of bars; write 1d, 1h, 5m, 1m or 1s"
        ))
    })
}

/// Symbols in a file, one a line; `#` begins a comment.
pub(crate) fn symbols_in(file: &Path) -> Result<Vec<Symbol>, Failure> {
    let text = std::fs::read_to_string(file).map_err(|source| Failure::File {
        path: file.display().to_string(),
        action: "reading symbols",
        source,
    })?;
    let mut symbols = Vec::new();
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if !line.is_empty() {
            symbols.push(symbol(line)?);
        }
    }
    if symbols.is_empty() {
        return Err(Failure::Usage(format!(
            "{}: names no symbol; write one a line",
            file.display()
        )));
    }
    Ok(symbols)
}
