//! Where bars come from, batch by batch: files read whole, or folders partitioned by symbol of which
//! only the symbols at work are in memory.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use trader_domain::Symbol;
use trader_storage::{
    BarSeries, DataError, ParquetBars, PartitionedFile, ReadOptions, TableReader, collect_series,
    load_bars, partitioned_files,
};

use crate::budget::{MemoryBudget, Shape};
use crate::error::StoreError;

/// Bars to compute on.
#[derive(Debug)]
pub struct BarSource {
    /// Series in memory.
    loaded: Vec<BarSeries>,
    /// Files of symbols that are read when their turn comes, with the rows they claim.
    waiting: BTreeMap<Symbol, (Vec<PartitionedFile>, u64)>,
    options: ReadOptions,
    name: String,
}

impl BarSource {
    /// Opens files: a folder whose Parquet files lie in `symbol=` folders is read symbol by symbol,
    /// anything else at once. Only `symbols` where some are named.
    ///
    /// # Errors
    /// [`DataError`] as the readers; [`DataError::UnknownSymbol`] for a symbol that no file has.
    pub fn open(
        paths: &[PathBuf],
        symbols: &[Symbol],
        options: &ReadOptions,
    ) -> Result<Self, DataError> {
        let mut source = Self {
            loaded: Vec::new(),
            waiting: BTreeMap::new(),
            options: options.clone(),
            name: names(paths),
        };
        for path in paths {
            source.add(path)?;
        }
        source.select(symbols)?;
        Ok(source)
    }

    /// Series that are in memory already; `name` says in messages and lineage where they come from.
    pub fn loaded(series: Vec<BarSeries>, name: &str, options: &ReadOptions) -> Self {
        Self {
            loaded: series,
            waiting: BTreeMap::new(),
            options: options.clone(),
            name: name.to_owned(),
        }
    }

    fn add(&mut self, path: &Path) -> Result<(), DataError> {
        if path.is_dir() {
            let files = partitioned_files(path, None, None, None)?;
            if files.iter().all(|file| file.symbol.is_some()) {
                for file in files {
                    let rows = TableReader::rows_of(&file.path)?;
                    let Some(symbol) = file.symbol else { continue };
                    let waiting = self.waiting.entry(symbol).or_default();
                    waiting.0.push(file);
                    waiting.1 += rows;
                }
                return Ok(());
            }
        }
        self.loaded.extend(load_bars(path, &self.options)?);
        Ok(())
    }

    /// Keeps only `symbols`; all when none is named.
    ///
    /// # Errors
    /// [`DataError::UnknownSymbol`].
    pub fn select(&mut self, symbols: &[Symbol]) -> Result<(), DataError> {
        if symbols.is_empty() {
            return Ok(());
        }
        let all = self.symbols();
        if let Some(unknown) = symbols.iter().find(|symbol| !all.contains(symbol)) {
            let known: Vec<String> = all.iter().take(20).map(ToString::to_string).collect();
            return Err(DataError::UnknownSymbol {
                symbol: unknown.to_string(),
                known: known.join(", "),
            });
        }
        self.loaded
            .retain(|series| symbols.contains(&series.symbol));
        self.waiting.retain(|symbol, _| symbols.contains(symbol));
        Ok(())
    }

    /// What the bars were read from, for lineage.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// All symbols, those in memory first.
    pub fn symbols(&self) -> Vec<Symbol> {
        let loaded = self.loaded.iter().map(|series| series.symbol);
        loaded.chain(self.waiting.keys().copied()).collect()
    }

    /// Rows of all series, as the files claim.
    pub fn rows(&self) -> u64 {
        let loaded: u64 = self.loaded.iter().map(|one| one.columns.len() as u64).sum();
        loaded + self.waiting.values().map(|(_, rows)| rows).sum::<u64>()
    }

    /// Bytes that the series in memory take at most.
    pub(crate) fn resident(&self) -> u64 {
        let rows: u64 = self.loaded.iter().map(|one| one.columns.len() as u64).sum();
        MemoryBudget::series_bytes(rows)
    }

    /// One symbol's bars; the one in memory is copied.
    ///
    /// # Errors
    /// As [`BarSource::open`].
    pub fn series(&self, symbol: Symbol) -> Result<BarSeries, DataError> {
        if let Some(series) = self.loaded.iter().find(|series| series.symbol == symbol) {
            return Ok(series.clone());
        }
        let mut found = self.read(symbol)?;
        found.pop().ok_or_else(|| DataError::UnknownSymbol {
            symbol: symbol.to_string(),
            known: self.name.clone(),
        })
    }

    fn read(&self, symbol: Symbol) -> Result<Vec<BarSeries>, DataError> {
        let Some((files, _)) = self.waiting.get(&symbol) else {
            return Ok(Vec::new());
        };
        let name = format!("{} ({symbol})", self.name);
        collect_series(&mut ParquetBars::open_partitioned(
            files.clone(),
            &name,
            &self.options,
        )?)
    }

    /// Every series, those that are in memory borrowed.
    ///
    /// # Errors
    /// As [`BarSource::open`].
    pub(crate) fn all(&self) -> Result<Vec<Cow<'_, BarSeries>>, DataError> {
        let mut all: Vec<_> = self.loaded.iter().map(Cow::Borrowed).collect();
        for symbol in self.waiting.keys() {
            all.extend(self.read(*symbol)?.into_iter().map(Cow::Owned));
        }
        Ok(all)
    }

    /// Hands every series to `visit`, in batches that fit the budget beside the work on a set of
    /// this shape.
    ///
    /// # Errors
    /// [`StoreError::Memory`] when a series does not fit, reading errors, and what `visit` returns.
    pub(crate) fn each(
        &self,
        shape: Shape,
        budget: MemoryBudget,
        extra: u64,
        mut visit: impl FnMut(&BarSeries, usize) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let resident = self.resident().saturating_add(extra);
        let chunk = budget.chunk_rows(shape, resident, "the bars in memory")?;
        for series in &self.loaded {
            visit(series, chunk)?;
        }
        let waiting: Vec<(Symbol, u64)> = self
            .waiting
            .iter()
            .map(|(symbol, (_, rows))| (*symbol, *rows))
            .collect();
        for batch in budget.batches(shape, resident, &waiting)? {
            let mut held = Vec::with_capacity(batch.len());
            for symbol in batch {
                held.extend(self.read(symbol)?);
            }
            let rows: u64 = held.iter().map(|one| one.columns.len() as u64).sum();
            let bytes = resident.saturating_add(MemoryBudget::series_bytes(rows));
            let chunk = budget.chunk_rows(shape, bytes, "a batch of symbols")?;
            for series in &held {
                visit(series, chunk)?;
            }
        }
        Ok(())
    }
}

fn names(paths: &[PathBuf]) -> String {
    let names: Vec<String> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    names.join(", ")
}
