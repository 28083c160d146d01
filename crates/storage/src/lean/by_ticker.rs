//! Bars under the ticker they traded under, for copying a folder: renames are not followed here.

use std::path::PathBuf;

use chrono::NaiveDate;
use trader_domain::Symbol;

use super::bars::{LeanBars, Part};
use super::folder::{
    Found, LeanFolder, LeanResolution, checked_ticker, daily_files, equity_context, listed,
    one_file,
};
use crate::error::DataError;
use crate::options::ReadOptions;

/// A file of bars and the dates (inclusive) that are wanted of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeanFile {
    /// The archive.
    pub path: PathBuf,
    /// First date.
    pub from: NaiveDate,
    /// Last date.
    pub to: NaiveDate,
}

impl LeanFolder {
    /// Every ticker with equity bars at a resolution, sorted, lower case.
    ///
    /// # Errors
    /// [`DataError`] when the folder cannot be listed.
    pub fn tickers(&self, resolution: LeanResolution) -> Result<Vec<String>, DataError> {
        let folder = self.root.join("equity/usa").join(resolution.name());
        let mut tickers = Vec::new();
        for path in listed(&folder)? {
            let is_archive = path.extension().is_some_and(|end| end == "zip");
            let stem = if resolution.is_one_file() {
                path.file_stem().filter(|_| is_archive)
            } else {
                path.file_name().filter(|_| path.is_dir())
            };
            let ticker = stem.and_then(|stem| checked_ticker(stem.to_str()?).ok());
            tickers.extend(ticker);
        }
        Ok(tickers)
    }

    /// The files with a ticker's trade bars between two dates, in the order of time; none when there are none.
    ///
    /// # Errors
    /// [`DataError`] when the ticker is none or a folder cannot be listed.
    pub fn bar_files(
        &self,
        ticker: &str,
        resolution: LeanResolution,
        from: NaiveDate,
        to: NaiveDate,
    ) -> Result<Vec<LeanFile>, DataError> {
        let ticker = checked_ticker(ticker)?;
        let place = self.root.join("equity/usa").join(resolution.name());
        let found = if resolution.is_one_file() {
            one_file(&place.join(format!("{ticker}.zip")), resolution, from, to)?
        } else {
            daily_files(&place.join(&ticker), resolution, from, to)?
        };
        Ok(match found {
            Found::Missing(_) => Vec::new(),
            Found::Parts(parts) => parts
                .into_iter()
                .map(|part| LeanFile {
                    path: part.path,
                    from: part.from,
                    to: part.to,
                })
                .collect(),
        })
    }

    /// Opens the bars in some of the files that [`Self::bar_files`] named.
    pub fn bars_in(
        &self,
        files: Vec<LeanFile>,
        symbol: Symbol,
        resolution: LeanResolution,
        options: &ReadOptions,
    ) -> LeanBars {
        let day = |file: &LeanFile| (!resolution.is_one_file()).then_some(file.from);
        let parts = files
            .into_iter()
            .map(|file| Part {
                context: equity_context(resolution.timeframe(), day(&file)),
                path: file.path,
                from: file.from,
                to: file.to,
            })
            .collect();
        let name = format!("{symbol} {} in {}", resolution.name(), self.root.display());
        LeanBars::new(
            parts,
            Vec::new(),
            symbol,
            &name,
            resolution.timeframe(),
            options,
        )
    }
}
