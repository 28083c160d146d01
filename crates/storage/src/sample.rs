//! The price series that ship inside the program, so that the first backtest needs neither network nor files.
//!
//! Origin, licences and limits of the data are in `data/README.md`. Every series is a gzipped CSV and goes through the
//! same reader and checks as a user's file.

use trader_domain::{Symbol, Timeframe, Timestamp};

use crate::csv::{CsvBars, maybe_gzip};
use crate::error::DataError;
use crate::options::ReadOptions;
use crate::series::{BarSeries, collect_series};

/// A group of series of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SampleSet {
    /// S&P 500 (`SPX`) and NASDAQ Composite (`IXIC`), daily open to close and volume, 1999 to 2018.
    IndexOhlcv,
    /// S&P 500 (`SP500`), 1990 to 2022, and Cboe volatility index (`VIX`), 2014 to 2018, daily closes.
    IndexClose,
    /// Twenty US stocks, daily adjusted closes, 1990 to 2022.
    StocksClose,
    /// Five US factor funds, daily adjusted closes, 2014 to 2022.
    FactorEtfsClose,
}

impl SampleSet {
    /// All sets.
    pub const ALL: [Self; 4] = [
        Self::IndexOhlcv,
        Self::IndexClose,
        Self::StocksClose,
        Self::FactorEtfsClose,
    ];

    /// The set's folder in `data/sample`, also its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::IndexOhlcv => "index-ohlcv",
            Self::IndexClose => "index-close",
            Self::StocksClose => "stocks-close",
            Self::FactorEtfsClose => "factor-etfs-close",
        }
    }

    /// Where the data comes from, for reports.
    pub const fn origin(self) -> &'static str {
        match self {
            Self::IndexOhlcv => "PyPI arch 8.0.0 (NCSA licence)",
            Self::IndexClose => "PyPI arch 8.0.0 (NCSA licence) and skfolio 1.12.2 (BSD-3-Clause)",
            Self::StocksClose | Self::FactorEtfsClose => "PyPI skfolio 1.12.2 (BSD-3-Clause)",
        }
    }

    /// The symbols in it.
    pub fn symbols(self) -> impl Iterator<Item = &'static str> {
        self.files().iter().map(|(symbol, _)| *symbol)
    }

    const fn files(self) -> &'static [(&'static str, &'static [u8])] {
        match self {
            Self::IndexOhlcv => &INDEX_OHLCV,
            Self::IndexClose => &INDEX_CLOSE,
            Self::StocksClose => &STOCKS_CLOSE,
            Self::FactorEtfsClose => &FACTOR_ETFS_CLOSE,
        }
    }

    /// One series.
    ///
    /// # Errors
    /// [`DataError::UnknownSymbol`]; anything else would mean that the program file is damaged.
    pub fn load(self, symbol: &str) -> Result<BarSeries, DataError> {
        let unknown = || DataError::UnknownSymbol {
            symbol: symbol.to_owned(),
            known: self.symbols().collect::<Vec<_>>().join(", "),
        };
        let (name, bytes) = self
            .files()
            .iter()
            .find(|(name, _)| *name == symbol)
            .ok_or_else(unknown)?;
        let file = format!("data/sample/{}/{name}.csv.gz", self.name());
        // Embedded history is not checked against the clock: a wrong clock must not make it unreadable.
        let mut options = ReadOptions::new(Timestamp::MAX);
        options.symbol = Symbol::new(name).ok();
        options.timeframe = Some(Timeframe::Session);
        let source = maybe_gzip(*bytes)
            .map_err(|error| DataError::from_io_named(&file, "unpacking", error))?;
        let mut reader = CsvBars::new(source, &file, &options)?;
        collect_series(&mut reader)?.pop().ok_or_else(unknown)
    }

    /// All series of the set, in the order of [`Self::symbols`].
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn load_all(self) -> Result<Vec<BarSeries>, DataError> {
        self.symbols().map(|symbol| self.load(symbol)).collect()
    }
}

macro_rules! embedded {
    ($folder:literal: $($symbol:literal)+) => {
        [$((
            $symbol,
            include_bytes!(concat!("../../../data/sample/", $folder, "/", $symbol, ".csv.gz")).as_slice(),
        )),+]
    };
}

static INDEX_OHLCV: [(&str, &[u8]); 2] = embedded!("index-ohlcv": "SPX" "IXIC");
static INDEX_CLOSE: [(&str, &[u8]); 2] = embedded!("index-close": "SP500" "VIX");
static STOCKS_CLOSE: [(&str, &[u8]); 20] = embedded!(
    "stocks-close":
    "AAPL" "AMD" "BAC" "BBY" "CVX" "GE" "HD" "JNJ" "JPM" "KO"
    "LLY" "MRK" "MSFT" "PEP" "PFE" "PG" "RRC" "UNH" "WMT" "XOM"
);
static FACTOR_ETFS_CLOSE: [(&str, &[u8]); 5] =
    embedded!("factor-etfs-close": "MTUM" "QUAL" "SIZE" "USMV" "VLUE");
