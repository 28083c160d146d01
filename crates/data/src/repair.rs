//! Filling what is missing in a store, and only that: days without bars, and partitions that are damaged.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use trader_domain::{MarketCalendar, Symbol};
use trader_storage::store::{MarketStore, Partition, SeriesKey, trading_date};

use crate::backfill::{self, Again, Observer, Settings, Summary};
use crate::completeness::completeness;
use crate::error::BackfillError;
use crate::source::{DateRange, HistoricalSource, HistoryRequest, SymbolMeaning};

/// What is missing of some series.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Missing {
    /// Trading days without a bar, damaged ones included.
    pub days: BTreeMap<Symbol, BTreeSet<NaiveDate>>,
    /// Partitions whose files are not as they were written.
    pub damaged: Vec<(SeriesKey, Vec<Partition>)>,
    /// Series whose manifest is not as it was written: nothing of them can be used.
    pub lost: Vec<SeriesKey>,
}

impl Missing {
    /// Whether nothing is missing.
    pub fn is_nothing(&self) -> bool {
        self.days.is_empty() && self.damaged.is_empty() && self.lost.is_empty()
    }

    /// Trading days without a bar, over all symbols.
    pub fn day_count(&self) -> usize {
        self.days.values().map(BTreeSet::len).sum()
    }
}

/// Looks for what is missing; changes nothing.
///
/// # Errors
/// [`BackfillError::Store`] when files cannot be read at all.
pub fn find(
    store: &MarketStore,
    series: &[SeriesKey],
    dates: DateRange,
    calendar: &MarketCalendar,
) -> Result<Missing, BackfillError> {
    let mut missing = Missing::default();
    for key in series {
        let found = store.check(key).map_err(BackfillError::Store)?;
        if found.iter().any(|damage| damage.partition.is_none()) {
            missing.lost.push(key.clone());
            continue;
        }
        let damaged: Vec<Partition> = found.iter().filter_map(|damage| damage.partition).collect();
        let mut days = BTreeSet::new();
        if damaged.is_empty() {
            days.extend(completeness(store, key, dates, calendar)?.missing_days);
        } else {
            for partition in &damaged {
                days.extend(trading_days(store, key, *partition, dates, calendar)?);
            }
            missing.damaged.push((key.clone(), damaged));
        }
        if !days.is_empty() {
            missing.days.entry(key.symbol()).or_default().extend(days);
        }
    }
    Ok(missing)
}

/// The trading days that a partition had bars of.
fn trading_days(
    store: &MarketStore,
    key: &SeriesKey,
    partition: Partition,
    dates: DateRange,
    calendar: &MarketCalendar,
) -> Result<Vec<NaiveDate>, BackfillError> {
    let manifest = store.manifest(key).map_err(BackfillError::Store)?;
    let entry = manifest.as_ref().and_then(|m| m.entries().get(&partition));
    let ends = entry.and_then(|entry| {
        trading_date(entry.first, key.timeframe()).zip(trading_date(entry.last, key.timeframe()))
    });
    let Some((first, last)) = ends else {
        return Ok(Vec::new());
    };
    let mut days = Vec::new();
    for date in first.iter_days().take_while(|date| *date <= last) {
        // Before 1990 the calendar does not say: every day may have had bars.
        if dates.contains(date) && calendar.is_trading_day(date).unwrap_or(true) {
            days.push(date);
        }
    }
    Ok(days)
}

/// Takes damaged partitions out of the store and fills everything missing from a source.
///
/// # Errors
/// As [`backfill::run`].
pub fn fill(
    source: &dyn HistoricalSource,
    store: &MarketStore,
    missing: &Missing,
    request: &HistoryRequest,
    settings: &Settings,
    observer: &dyn Observer,
) -> Result<Vec<Summary>, BackfillError> {
    for (key, partitions) in &missing.damaged {
        store
            .forget(key, partitions)
            .map_err(BackfillError::Store)?;
    }
    for key in &missing.lost {
        store
            .forget_damaged_manifest(key)
            .map_err(BackfillError::Store)?;
    }
    let settings = Settings {
        again: Again::Always,
        ..settings.clone()
    };
    // What is missing is known by the names that it is stored under.
    let request = HistoryRequest {
        meaning: SymbolMeaning::Names,
        ..request.clone()
    };
    let mut parts = Vec::new();
    if !missing.days.is_empty() {
        parts.push(HistoryRequest {
            symbols: missing.days.keys().copied().collect(),
            only: Some(missing.days.clone()),
            ..request.clone()
        });
    }
    if !missing.lost.is_empty() {
        let symbols: BTreeSet<Symbol> = missing.lost.iter().map(SeriesKey::symbol).collect();
        parts.push(HistoryRequest {
            symbols: symbols.into_iter().collect(),
            only: None,
            ..request.clone()
        });
    }
    parts
        .iter()
        .map(|part| backfill::run(source, store, part, &settings, observer))
        .collect()
}
