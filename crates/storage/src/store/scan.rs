//! Reading a series back: a time range, the columns asked for, one partition in memory at a time.

use std::collections::VecDeque;

use trader_domain::Timestamp;

use super::codec::Projection;
use super::key::{Partition, SeriesKey};
use super::manifest::{Entry, Manifest};
use super::market_store::MarketStore;
use super::pages::Unpacker;
use crate::bar_check::GapSummary;
use crate::columns::{BarBatch, BarColumns};
use crate::error::DataError;
use crate::series::{BarSeries, BarStream, StreamInfo, collect_series};

/// Labels wanted: from the first on, before the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LabelRange {
    /// First label wanted.
    pub from: Timestamp,
    /// First label not wanted.
    pub until: Timestamp,
}

impl LabelRange {
    /// Everything.
    pub const ALL: Self = Self {
        from: Timestamp::MIN,
        until: Timestamp::MAX,
    };
}

/// Streams one series, partition by partition. Files outside the range are not opened; each that is read is checked
/// against its digest first.
#[derive(Debug)]
pub struct SeriesScan {
    store: MarketStore,
    manifest: Manifest,
    waiting: VecDeque<(Partition, Entry)>,
    range: LabelRange,
    projection: Projection,
    unpacker: Unpacker,
    rows: u64,
}

impl MarketStore {
    /// Starts reading a series.
    ///
    /// # Errors
    /// [`DataError::UnknownSymbol`] when the store has nothing of it.
    pub fn scan(
        &self,
        key: &SeriesKey,
        range: LabelRange,
        projection: Projection,
    ) -> Result<SeriesScan, DataError> {
        let Some(manifest) = self.manifest(key)? else {
            return Err(DataError::UnknownSymbol {
                symbol: key.to_string(),
                known: self.known()?,
            });
        };
        let waiting = manifest
            .entries
            .iter()
            .filter(|(_, entry)| entry.last >= range.from && entry.first < range.until)
            .map(|(partition, entry)| (*partition, entry.clone()))
            .collect();
        Ok(SeriesScan {
            store: self.clone(),
            manifest,
            waiting,
            range,
            projection,
            unpacker: Unpacker::default(),
            rows: 0,
        })
    }

    /// Reads a series into memory.
    ///
    /// # Errors
    /// As [`Self::scan`]; [`DataError::NoRows`] when nothing is in the range.
    pub fn load(&self, key: &SeriesKey, range: LabelRange) -> Result<BarSeries, DataError> {
        let mut scan = self.scan(key, range, Projection::All)?;
        let name = scan.info().file;
        let series = collect_series(&mut scan)?.pop();
        series.ok_or(DataError::NoRows { file: name })
    }

    /// The first few symbols, for messages.
    pub(super) fn known(&self) -> Result<String, DataError> {
        let keys = self.series()?;
        let mut names: Vec<&str> = Vec::new();
        let symbols: Vec<_> = keys.iter().map(SeriesKey::symbol).collect();
        for symbol in &symbols {
            if !names.contains(&symbol.as_str()) && names.len() < 20 {
                names.push(symbol.as_str());
            }
        }
        Ok(if names.is_empty() {
            "nothing: the store is empty".to_owned()
        } else {
            names.join(", ")
        })
    }
}

impl SeriesScan {
    /// Replaces `columns` with the next partition's; false at the end. Columns that were not asked for stay empty.
    ///
    /// # Errors
    /// [`DataError::Damaged`] when a file is missing or not what was written.
    pub fn next_columns(&mut self, columns: &mut BarColumns) -> Result<bool, DataError> {
        while let Some((partition, entry)) = self.waiting.pop_front() {
            self.store.read_columns(
                &self.manifest,
                partition,
                &entry,
                &self.projection,
                &mut self.unpacker,
                columns,
            )?;
            let from = columns
                .start
                .partition_point(|label| *label < self.range.from);
            let until = columns
                .start
                .partition_point(|label| *label < self.range.until);
            if from >= until {
                continue;
            }
            if (from, until) != (0, columns.len()) {
                *columns = columns.slice(from, until);
            }
            self.rows += columns.len() as u64;
            return Ok(true);
        }
        columns.clear();
        Ok(false)
    }
}

impl BarStream for SeriesScan {
    fn next_batch(&mut self, batch: &mut BarBatch) -> Result<bool, DataError> {
        if batch.symbols.is_empty() {
            batch.columns = BarColumns::with_optional(self.manifest.optional());
            batch.symbols.push(self.manifest.key().symbol());
        }
        let more = self.next_columns(&mut batch.columns)?;
        batch.symbol.clear();
        batch.symbol.resize(batch.columns.len(), 0);
        Ok(more)
    }

    fn info(&self) -> StreamInfo {
        let key = self.manifest.key();
        StreamInfo {
            file: format!("{key} in {}", self.store.shown()),
            timeframe: Some(key.timeframe()),
            basis: key.basis(),
            adjustment: key.adjustment().as_read(),
            optional: self.manifest.optional(),
            rows: self.rows,
            rounded_values: 0,
            gaps: GapSummary::default(),
        }
    }
}
