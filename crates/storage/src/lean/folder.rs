//! Finding files in a LEAN folder and following securities through their renames.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use trader_domain::{OptionContract, Symbol, Timeframe};

use super::archive::{for_each_entry, only_entry};
use super::bars::{LeanBars, Part, parse_lean_bars};
use super::context::{LeanContext, LeanPrices};
use super::factor_file::FactorFile;
use super::map_file::{MapFile, MapInterval, is_ticker, lean_date, map_naming};
use super::option_name::option_from_entry;
use super::quote_bars::{
    OpenInterest, QuoteBarColumns, parse_lean_open_interest, parse_lean_quote_bars,
};
use super::ticks::{
    QuoteTickColumns, TradeTickColumns, parse_lean_quote_ticks, parse_lean_trade_ticks,
};
use crate::error::DataError;
use crate::options::ReadOptions;
use crate::series::BarSeries;
use crate::store::ReferenceFiles;

/// The resolutions of LEAN's bar files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeanResolution {
    /// One file a security.
    Daily,
    /// One file a security.
    Hour,
    /// One file a day.
    Minute,
    /// One file a day.
    Second,
}

impl LeanResolution {
    /// The folder's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Hour => "hour",
            Self::Minute => "minute",
            Self::Second => "second",
        }
    }

    /// The length of a bar.
    pub const fn timeframe(self) -> Timeframe {
        match self {
            Self::Daily => Timeframe::Session,
            Self::Hour => Timeframe::HOUR,
            Self::Minute => Timeframe::MINUTE,
            Self::Second => Timeframe::Seconds(1),
        }
    }

    pub(super) const fn is_one_file(self) -> bool {
        matches!(self, Self::Daily | Self::Hour)
    }
}

/// Which bars of which security.
#[derive(Debug, Clone)]
pub struct LeanRequest {
    /// The ticker, as it was on `as_of`.
    pub ticker: String,
    /// The date on which the ticker names the security; the same letters may name others at other times.
    pub as_of: NaiveDate,
    /// Length of bars.
    pub resolution: LeanResolution,
    /// First date wanted; from listing when `None`.
    pub from: Option<NaiveDate>,
    /// Last date wanted; up to `as_of` when `None`.
    pub to: Option<NaiveDate>,
}

/// A security as its map and factor files describe it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Security {
    /// The ticker asked for, in capitals.
    pub symbol: Symbol,
    /// Names over time; `None` when the folder has no map file for it.
    pub map: Option<MapFile>,
    /// Adjustment factors; `None` when the folder has no factor file for it.
    pub factors: Option<FactorFile>,
}

/// A folder with LEAN's layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeanFolder {
    pub(super) root: PathBuf,
}

impl LeanFolder {
    /// Opens the folder that holds `equity`, `option` or `index`, or the one above it (named `Data`).
    ///
    /// # Errors
    /// [`DataError::NoFiles`] when neither is one.
    pub fn open(path: &Path) -> Result<Self, DataError> {
        let candidates = [path.to_owned(), path.join("Data")];
        let is_root = |root: &PathBuf| {
            ["equity", "option", "index"]
                .iter()
                .any(|kind| root.join(kind).is_dir())
        };
        let root = candidates.into_iter().find(is_root);
        root.map(|root| Self { root })
            .ok_or_else(|| DataError::NoFiles {
                file: path.display().to_string(),
                kind: "LEAN folder (equity, option or index)",
            })
    }

    /// The security that a ticker named on a date. Without any map file for the ticker, the ticker stands for itself.
    ///
    /// # Errors
    /// [`DataError`] when a map or factor file is unreadable, or [`DataError::UnknownSymbol`] when map files know the
    /// ticker but not on that date.
    pub fn security(&self, ticker: &str, as_of: NaiveDate) -> Result<Security, DataError> {
        let ticker = checked_ticker(ticker)?;
        let symbol = Symbol::new(&ticker.to_ascii_uppercase())
            .map_err(|_not_text| unknown(&ticker, String::new()))?;
        let maps = self.map_files()?;
        let known: Vec<&MapFile> = maps.iter().collect();
        let found = map_naming(&known, &ticker, as_of)?;
        let map = found.and_then(|at| maps.into_iter().nth(at));
        let permanent = map.as_ref().map_or(&ticker, |map| &map.permanent);
        let factors = self.factor_file(permanent)?;
        Ok(Security {
            symbol,
            map,
            factors,
        })
    }

    /// The map and factor files of every security that was ever called one of these tickers, in the order of permanent
    /// names. A ticker without map file stands for itself.
    ///
    /// # Errors
    /// [`DataError`] when a file is unreadable.
    pub fn references(&self, tickers: &BTreeSet<String>) -> Result<Vec<ReferenceFiles>, DataError> {
        let text = |folder: &str, name: &str| -> Result<Option<String>, DataError> {
            let path = self.root.join(format!("equity/usa/{folder}/{name}.csv"));
            match fs::read_to_string(&path) {
                Ok(text) => Ok(Some(text)),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(DataError::from_io(&path, "reading", error)),
            }
        };
        let mut wanted = tickers.clone();
        for map in self.map_files()? {
            let intervals = map.intervals();
            if intervals.iter().any(|one| tickers.contains(&one.ticker)) {
                wanted.insert(map.permanent);
            }
        }
        let mut found = Vec::new();
        for permanent in wanted {
            let permanent = checked_ticker(&permanent)?;
            let (map, factors) = (
                text("map_files", &permanent)?,
                text("factor_files", &permanent)?,
            );
            if map.is_some() || factors.is_some() {
                found.push(ReferenceFiles {
                    permanent,
                    map,
                    factors,
                });
            }
        }
        Ok(found)
    }

    /// Opens the raw trade bars of an equity, across its renames.
    ///
    /// # Errors
    /// [`DataError`] when the security is not known on the date, or none of its files is there.
    pub fn bars(
        &self,
        request: &LeanRequest,
        options: &ReadOptions,
    ) -> Result<LeanBars, DataError> {
        let security = self.security(&request.ticker, request.as_of)?;
        let (from, to) = (
            request.from.unwrap_or(NaiveDate::MIN),
            request.to.unwrap_or(request.as_of),
        );
        let intervals = match &security.map {
            Some(map) => map.intervals(),
            None => vec![MapInterval {
                ticker: security.symbol.as_str().to_ascii_lowercase(),
                from: NaiveDate::MIN,
                to: NaiveDate::MAX,
            }],
        };
        let resolution = request.resolution;
        let (mut parts, mut missing) = (Vec::new(), Vec::new());
        for interval in intervals {
            let (from, to) = (interval.from.max(from), interval.to.min(to));
            if from > to {
                continue;
            }
            let place = self.root.join("equity/usa").join(resolution.name());
            let found = if resolution.is_one_file() {
                one_file(
                    &place.join(format!("{}.zip", interval.ticker)),
                    resolution,
                    from,
                    to,
                )?
            } else {
                daily_files(&place.join(&interval.ticker), resolution, from, to)?
            };
            match found {
                Found::Parts(found) => parts.extend(found),
                Found::Missing(path) => missing.push(path),
            }
        }
        let name = format!(
            "{} {} in {}",
            security.symbol,
            resolution.name(),
            self.root.display()
        );
        if parts.is_empty() {
            return Err(DataError::NoFiles {
                file: name,
                kind: "bar files of that security and time",
            });
        }
        Ok(LeanBars::new(
            parts,
            missing,
            security.symbol,
            &name,
            resolution.timeframe(),
            options,
        ))
    }

    /// The days for which there are files of trades or quotes, ascending.
    ///
    /// # Errors
    /// [`DataError`] when the folder cannot be listed.
    pub fn tick_days(&self, ticker: &str, kind: &str) -> Result<Vec<NaiveDate>, DataError> {
        let folder = self
            .root
            .join("equity/usa/tick")
            .join(checked_ticker(ticker)?);
        let suffix = format!("_{kind}.zip");
        Ok(dated_files(&folder, &suffix)?
            .into_iter()
            .map(|(date, _)| date)
            .collect())
    }

    /// All trades of a day.
    ///
    /// # Errors
    /// [`DataError`] with the first faulty lines, or why the file cannot be read.
    pub fn trade_ticks(
        &self,
        ticker: &str,
        day: NaiveDate,
        options: &ReadOptions,
    ) -> Result<TradeTickColumns, DataError> {
        let (path, context) = self.tick_file(ticker, day, "trade")?;
        let entry = only_entry(&path)?;
        parse_lean_trade_ticks(
            &entry.bytes,
            &format!("{}#{}", path.display(), entry.name),
            &context,
            options,
        )
    }

    /// All quotes of a day, each one side.
    ///
    /// # Errors
    /// As [`Self::trade_ticks`].
    pub fn quote_ticks(
        &self,
        ticker: &str,
        day: NaiveDate,
        options: &ReadOptions,
    ) -> Result<QuoteTickColumns, DataError> {
        let (path, context) = self.tick_file(ticker, day, "quote")?;
        let entry = only_entry(&path)?;
        parse_lean_quote_ticks(
            &entry.bytes,
            &format!("{}#{}", path.display(), entry.name),
            &context,
            options,
        )
    }

    /// The quote bars of an equity on a day.
    ///
    /// # Errors
    /// As [`Self::trade_ticks`].
    pub fn quote_bars(
        &self,
        ticker: &str,
        resolution: LeanResolution,
        day: NaiveDate,
        options: &ReadOptions,
    ) -> Result<QuoteBarColumns, DataError> {
        let name = format!("{}_quote.zip", day.format("%Y%m%d"));
        let path = self
            .root
            .join("equity/usa")
            .join(resolution.name())
            .join(checked_ticker(ticker)?)
            .join(name);
        let context = equity_context(resolution.timeframe(), Some(day));
        let entry = only_entry(&path)?;
        parse_lean_quote_bars(
            &entry.bytes,
            &format!("{}#{}", path.display(), entry.name),
            &context,
            options,
        )
    }

    /// The bars of an index; prices are plain decimals there.
    ///
    /// # Errors
    /// As [`Self::trade_ticks`]. Minute files need the day, hourly and daily files hold all days.
    pub fn index_bars(
        &self,
        ticker: &str,
        resolution: LeanResolution,
        day: Option<NaiveDate>,
        options: &ReadOptions,
    ) -> Result<BarSeries, DataError> {
        let ticker = checked_ticker(ticker)?;
        let place = self.root.join("index/usa").join(resolution.name());
        let path = match day {
            Some(day) => place
                .join(&ticker)
                .join(format!("{}_trade.zip", day.format("%Y%m%d"))),
            None => place.join(format!("{ticker}.zip")),
        };
        let context = LeanContext {
            prices: LeanPrices::Plain,
            timeframe: resolution.timeframe(),
            day,
        };
        let symbol = Symbol::new(&ticker.to_ascii_uppercase())
            .map_err(|_not_text| unknown(&ticker, String::new()))?;
        let entry = only_entry(&path)?;
        parse_lean_bars(
            &entry.bytes,
            &format!("{}#{}", path.display(), entry.name),
            symbol,
            &context,
            options,
        )
    }

    /// The minute trade bars of every option contract on an underlying on a day. Contracts come in the archive's order.
    ///
    /// # Errors
    /// As [`Self::trade_ticks`].
    pub fn option_bars(
        &self,
        underlying: &str,
        day: NaiveDate,
        options: &ReadOptions,
    ) -> Result<Vec<(OptionContract, BarSeries)>, DataError> {
        let context = equity_context(Timeframe::MINUTE, Some(day));
        self.option_files(underlying, day, "trade", |contract, file, bytes| {
            let symbol = contract
                .occ_symbol()
                .map_err(|error| DataError::Unsupported {
                    file: file.to_owned(),
                    detail: error.to_string(),
                })?;
            parse_lean_bars(bytes, file, symbol, &context, options)
        })
    }

    /// The minute quote bars of every option contract on an underlying on a day.
    ///
    /// # Errors
    /// As [`Self::trade_ticks`].
    pub fn option_quote_bars(
        &self,
        underlying: &str,
        day: NaiveDate,
        options: &ReadOptions,
    ) -> Result<Vec<(OptionContract, QuoteBarColumns)>, DataError> {
        let context = equity_context(Timeframe::MINUTE, Some(day));
        self.option_files(underlying, day, "quote", |_, file, bytes| {
            parse_lean_quote_bars(bytes, file, &context, options)
        })
    }

    /// The open interest of every option contract on an underlying on a day.
    ///
    /// # Errors
    /// As [`Self::trade_ticks`].
    pub fn option_open_interest(
        &self,
        underlying: &str,
        day: NaiveDate,
        options: &ReadOptions,
    ) -> Result<Vec<(OptionContract, OpenInterest)>, DataError> {
        let context = equity_context(Timeframe::MINUTE, Some(day));
        self.option_files(underlying, day, "openinterest", |_, file, bytes| {
            parse_lean_open_interest(bytes, file, &context, options)
        })
    }

    fn option_files<T>(
        &self,
        underlying: &str,
        day: NaiveDate,
        kind: &str,
        parse: impl Fn(&OptionContract, &str, &[u8]) -> Result<T, DataError>,
    ) -> Result<Vec<(OptionContract, T)>, DataError> {
        let folder = self
            .root
            .join("option/usa/minute")
            .join(checked_ticker(underlying)?);
        let day = day.format("%Y%m%d");
        let american = folder.join(format!("{day}_{kind}_american.zip"));
        let european = folder.join(format!("{day}_{kind}_european.zip"));
        let path = if european.exists() && !american.exists() {
            european
        } else {
            american
        };
        let mut found = Vec::new();
        for_each_entry(&path, |name, bytes| {
            let contract = option_from_entry(&name, &path.display().to_string())?;
            let file = format!("{}#{name}", path.display());
            found.push((contract, parse(&contract, &file, &bytes)?));
            Ok(())
        })?;
        Ok(found)
    }

    fn tick_file(
        &self,
        ticker: &str,
        day: NaiveDate,
        kind: &str,
    ) -> Result<(PathBuf, LeanContext), DataError> {
        let name = format!("{}_{kind}.zip", day.format("%Y%m%d"));
        let path = self
            .root
            .join("equity/usa/tick")
            .join(checked_ticker(ticker)?)
            .join(name);
        Ok((path, equity_context(Timeframe::Seconds(1), Some(day))))
    }

    fn map_files(&self) -> Result<Vec<MapFile>, DataError> {
        let folder = self.root.join("equity/usa/map_files");
        let mut files = Vec::new();
        if !folder.is_dir() {
            return Ok(files);
        }
        for path in listed(&folder)? {
            let stem = path.file_stem().and_then(|stem| stem.to_str());
            let is_csv = path.extension().is_some_and(|extension| extension == "csv");
            if let (Some(stem), true) = (stem, is_csv) {
                let bytes =
                    fs::read(&path).map_err(|error| DataError::from_io(&path, "reading", error))?;
                files.push(MapFile::parse(&bytes, &path.display().to_string(), stem)?);
            }
        }
        Ok(files)
    }

    fn factor_file(&self, permanent: &str) -> Result<Option<FactorFile>, DataError> {
        let path = self
            .root
            .join("equity/usa/factor_files")
            .join(format!("{permanent}.csv"));
        if !path.is_file() {
            return Ok(None);
        }
        let bytes = fs::read(&path).map_err(|error| DataError::from_io(&path, "reading", error))?;
        FactorFile::parse(&bytes, &path.display().to_string()).map(Some)
    }
}

/// Files of one interval of a security's history.
pub(super) enum Found {
    Parts(Vec<Part>),
    Missing(PathBuf),
}

pub(super) fn one_file(
    path: &Path,
    resolution: LeanResolution,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Found, DataError> {
    let there = path
        .try_exists()
        .map_err(|error| DataError::from_io(path, "looking for the file", error))?;
    if !there {
        return Ok(Found::Missing(path.to_owned()));
    }
    Ok(Found::Parts(vec![Part {
        path: path.to_owned(),
        context: equity_context(resolution.timeframe(), None),
        from,
        to,
    }]))
}

pub(super) fn daily_files(
    folder: &Path,
    resolution: LeanResolution,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Found, DataError> {
    if !folder.is_dir() {
        return Ok(Found::Missing(folder.to_owned()));
    }
    let files = dated_files(folder, "_trade.zip")?;
    let wanted = files
        .into_iter()
        .filter(|(day, _)| from <= *day && *day <= to);
    Ok(Found::Parts(
        wanted
            .map(|(day, path)| Part {
                path,
                context: equity_context(resolution.timeframe(), Some(day)),
                from: day,
                to: day,
            })
            .collect(),
    ))
}

pub(super) const fn equity_context(timeframe: Timeframe, day: Option<NaiveDate>) -> LeanContext {
    LeanContext {
        prices: LeanPrices::DeciCents,
        timeframe,
        day,
    }
}

/// Files named `YYYYMMDD` and a suffix, by date.
fn dated_files(folder: &Path, suffix: &str) -> Result<Vec<(NaiveDate, PathBuf)>, DataError> {
    let mut files = Vec::new();
    for path in listed(folder)? {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let date = name
            .strip_suffix(suffix)
            .and_then(|date| lean_date(date.as_bytes()).ok());
        if let Some(date) = date {
            files.push((date, path));
        }
    }
    files.sort();
    Ok(files)
}

/// The entries of a folder, sorted by name: the order of the system's own listing is arbitrary.
pub(super) fn listed(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let failed = |error| DataError::from_io(folder, "listing the folder", error);
    let entries = fs::read_dir(folder).map_err(failed)?;
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed)?;
    paths.sort();
    Ok(paths)
}

pub(super) fn checked_ticker(ticker: &str) -> Result<String, DataError> {
    let lower = ticker.to_ascii_lowercase();
    if is_ticker(&lower) {
        Ok(lower)
    } else {
        Err(unknown(
            ticker,
            "tickers of letters, digits and . - _ $ ^".to_owned(),
        ))
    }
}

fn unknown(ticker: &str, known: String) -> DataError {
    DataError::UnknownSymbol {
        symbol: crate::error::excerpt(ticker.as_bytes(), 40),
        known,
    }
}
