//! LEAN data folders: a unit of work is one ticker and a stretch of time.
//!
//! Bars are stored under the ticker that they traded under; map and factor files go along, so that the store can follow
//! a security through its renames as of any date.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{Datelike as _, NaiveDate};
use trader_domain::Symbol;
use trader_storage::lean::{LeanFile, LeanFolder, LeanResolution};
use trader_storage::store::{ReferenceFiles, StoredAdjustment};
use trader_storage::{DataError, Fingerprint, ReadOptions};

use crate::file_source::fingerprint_of;
use crate::source::{
    Capabilities, DateRange, HistoricalSource, HistoryRequest, Opened, SymbolMeaning, WorkUnit,
};

/// A LEAN data folder at one resolution.
#[derive(Debug, Clone)]
pub struct LeanSource {
    folder: LeanFolder,
    shown: String,
    resolution: LeanResolution,
}

impl LeanSource {
    /// The folder that holds `equity`, or the one above it.
    ///
    /// # Errors
    /// [`DataError::NoFiles`] when neither is a LEAN folder.
    pub fn open(root: &Path, resolution: LeanResolution) -> Result<Self, DataError> {
        Ok(Self {
            folder: LeanFolder::open(root)?,
            shown: root.display().to_string(),
            resolution,
        })
    }

    /// The tickers that a request is about with the dates on which they name what is wanted.
    fn wanted(&self, request: &HistoryRequest) -> Result<Vec<(String, DateRange)>, DataError> {
        let clipped = |from: NaiveDate, to: NaiveDate| {
            let from = request.dates.from.map_or(from, |first| first.max(from));
            let to = request.as_of().min(to);
            (from <= to).then_some(DateRange {
                from: Some(from),
                to: Some(to),
            })
        };
        let mut wanted = Vec::new();
        if request.symbols.is_empty() {
            for ticker in self.folder.tickers(self.resolution)? {
                wanted.extend(clipped(NaiveDate::MIN, NaiveDate::MAX).map(|dates| (ticker, dates)));
            }
            return Ok(wanted);
        }
        for symbol in &request.symbols {
            if request.meaning == SymbolMeaning::Names {
                let dates = clipped(NaiveDate::MIN, NaiveDate::MAX);
                wanted.extend(dates.map(|dates| (symbol.as_str().to_ascii_lowercase(), dates)));
                continue;
            }
            let security = self.folder.security(symbol.as_str(), request.as_of())?;
            let ticker = symbol.as_str().to_ascii_lowercase();
            match security.map {
                None => {
                    let dates = clipped(NaiveDate::MIN, NaiveDate::MAX);
                    wanted.extend(dates.map(|dates| (ticker, dates)));
                }
                Some(map) => {
                    for one in map.intervals() {
                        let dates = clipped(one.from, one.to);
                        wanted.extend(dates.map(|dates| (one.ticker, dates)));
                    }
                }
            }
        }
        Ok(wanted)
    }
}

impl HistoricalSource for LeanSource {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            name: format!("LEAN folder {} ({})", self.shown, self.resolution.name()),
            timeframes: vec![self.resolution.timeframe()],
            adjustment: Some(StoredAdjustment::Raw),
            has_references: true,
        }
    }

    fn plan(&self, request: &HistoryRequest) -> Result<Vec<WorkUnit>, DataError> {
        let mut units = Vec::new();
        for (ticker, dates) in self.wanted(request)? {
            let upper = ticker.to_ascii_uppercase();
            let symbol = Symbol::new(&upper).map_err(|error| DataError::Unsupported {
                file: upper.clone(),
                detail: error.to_string(),
            })?;
            let (Some(from), Some(to)) = (dates.from, dates.to) else {
                continue;
            };
            let files = self.folder.bar_files(&ticker, self.resolution, from, to)?;
            let mut stretches: BTreeMap<String, Vec<LeanFile>> = BTreeMap::new();
            for file in files {
                let stretch = match self.resolution {
                    LeanResolution::Daily | LeanResolution::Hour => String::new(),
                    LeanResolution::Minute | LeanResolution::Second => {
                        format!(" {}-{:02}", file.from.year(), file.from.month())
                    }
                };
                stretches.entry(stretch).or_default().push(file);
            }
            for (stretch, files) in stretches {
                let files: Vec<LeanFile> = files
                    .into_iter()
                    .filter(|file| is_missing(request, symbol, file))
                    .collect();
                units.extend(self.unit(symbol, &stretch, &files)?);
            }
        }
        Ok(units)
    }

    fn fingerprint(&self, unit: &WorkUnit) -> Result<Fingerprint, DataError> {
        fingerprint_of(&unit.files)
    }

    fn open(&self, unit: &WorkUnit, options: &ReadOptions) -> Result<Opened, DataError> {
        let (Some(symbol), Some(from), Some(to)) = (unit.symbol, unit.dates.from, unit.dates.to)
        else {
            return Err(DataError::NoRows {
                file: unit.name.clone(),
            });
        };
        let mut files = self
            .folder
            .bar_files(symbol.as_str(), self.resolution, from, to)?;
        files.retain(|file| unit.files.contains(&file.path));
        let bars = self.folder.bars_in(files, symbol, self.resolution, options);
        Ok(Opened::of_the_run(Box::new(bars)))
    }

    fn references(&self, request: &HistoryRequest) -> Result<Vec<ReferenceFiles>, DataError> {
        let tickers: BTreeSet<String> = self
            .wanted(request)?
            .into_iter()
            .map(|(ticker, _)| ticker)
            .collect();
        self.folder.references(&tickers)
    }
}

impl LeanSource {
    fn unit(
        &self,
        symbol: Symbol,
        stretch: &str,
        files: &[LeanFile],
    ) -> Result<Option<WorkUnit>, DataError> {
        let (Some(first), Some(last)) = (files.first(), files.last()) else {
            return Ok(None);
        };
        let paths: Vec<PathBuf> = files.iter().map(|file| file.path.clone()).collect();
        let mut bytes = 0_u64;
        for path in &paths {
            let metadata = fs::metadata(path)
                .map_err(|error| DataError::from_io(path, "looking at the file", error))?;
            bytes = bytes.saturating_add(metadata.len());
        }
        // A security may bear a name twice: QQQ, QQQQ, QQQ.
        let since = if stretch.is_empty() && first.from > NaiveDate::MIN {
            format!(" from {}", first.from)
        } else {
            String::new()
        };
        Ok(Some(WorkUnit {
            name: format!("{symbol} {}{stretch}{since}", self.resolution.name()),
            symbol: Some(symbol),
            dates: DateRange {
                from: Some(first.from),
                to: Some(last.to),
            },
            files: paths,
            bytes,
        }))
    }
}

/// Whether a file holds a date that is asked for.
fn is_missing(request: &HistoryRequest, symbol: Symbol, file: &LeanFile) -> bool {
    match &request.only {
        None => true,
        Some(only) => only
            .get(&symbol)
            .is_some_and(|dates| dates.range(file.from..=file.to).next().is_some()),
    }
}
