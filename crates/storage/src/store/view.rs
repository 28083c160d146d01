//! A security's history as it looked on a date: followed through its renames, in prices of that date if wanted.

use chrono::NaiveDate;
use trader_domain::{Symbol, Timeframe, Timestamp};

use super::key::{SeriesKey, StoredAdjustment, label_of_date};
use super::market_store::MarketStore;
use super::scan::LabelRange;
use crate::error::DataError;
use crate::lean::{AdjustmentMode, MapInterval, Security};
use crate::series::{BarSeries, PriceBasis};

/// In which prices a history is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PriceView {
    /// As stored.
    Stored,
    /// Splits up to the date of the view folded in.
    Splits,
    /// Splits and dividends up to the date of the view folded in.
    SplitsAndDividends,
}

/// What to read.
#[derive(Debug, Clone)]
pub struct ViewRequest {
    /// Whose data.
    pub vendor: String,
    /// The symbol, as it was on `as_of`.
    pub symbol: Symbol,
    /// Length of bars.
    pub timeframe: Timeframe,
    /// The date of the view: nothing later is seen, neither bars nor splits nor names.
    pub as_of: NaiveDate,
    /// First date wanted; from listing when `None`.
    pub from: Option<NaiveDate>,
    /// In which prices.
    pub prices: PriceView,
}

/// What was read.
#[derive(Debug, Clone)]
pub struct Viewed {
    /// The bars.
    pub series: BarSeries,
    /// The security behind the symbol.
    pub security: Security,
    /// The series that the bars are from, in the order of time.
    pub from: Vec<SeriesKey>,
}

impl MarketStore {
    /// Reads a history as of a date.
    ///
    /// # Errors
    /// [`DataError::UnknownSymbol`] when there is none, [`DataError::Unsupported`] when prices cannot be adjusted: they
    /// are not raw, or no factors are stored.
    pub fn view(&self, request: &ViewRequest) -> Result<Viewed, DataError> {
        let security = self.security(&request.vendor, request.symbol, request.as_of)?;
        let intervals = match &security.map {
            Some(map) => map.intervals(),
            None => vec![MapInterval {
                ticker: request.symbol.as_str().to_owned(),
                from: NaiveDate::MIN,
                to: NaiveDate::MAX,
            }],
        };
        let mut parts: Vec<(SeriesKey, BarSeries)> = Vec::new();
        for interval in intervals {
            let symbol = match security.map {
                Some(_) => renamed(&interval.ticker)?,
                None => request.symbol,
            };
            let Some(key) = self.pick(&request.vendor, symbol, request.timeframe)? else {
                continue;
            };
            let from = request
                .from
                .map_or(interval.from, |from| from.max(interval.from));
            let range = labels(from, interval.to.min(request.as_of), request.timeframe);
            let Some(range) = range else { continue };
            match self.load(&key, range) {
                Ok(series) => parts.push((key, series)),
                Err(DataError::NoRows { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let (series, from) = self.joined(parts, request)?;
        let series = match request.prices {
            PriceView::Stored => series,
            PriceView::Splits => adjusted(&series, &security, request, AdjustmentMode::Splits)?,
            PriceView::SplitsAndDividends => adjusted(
                &series,
                &security,
                request,
                AdjustmentMode::SplitsAndDividends,
            )?,
        };
        Ok(Viewed {
            series,
            security,
            from,
        })
    }

    /// The series of a vendor's symbol: whole bars before closes, raw before adjusted prices.
    fn pick(
        &self,
        vendor: &str,
        symbol: Symbol,
        timeframe: Timeframe,
    ) -> Result<Option<SeriesKey>, DataError> {
        for basis in [PriceBasis::Ohlc, PriceBasis::CloseOnly] {
            for adjustment in [
                StoredAdjustment::Raw,
                StoredAdjustment::Unknown,
                StoredAdjustment::Vendor,
            ] {
                let key = SeriesKey::new(vendor, basis, timeframe, adjustment, symbol)?;
                let manifest = self.manifest(&key)?;
                if manifest.is_some_and(|manifest| manifest.rows() > 0) {
                    return Ok(Some(key));
                }
            }
        }
        Ok(None)
    }

    fn joined(
        &self,
        parts: Vec<(SeriesKey, BarSeries)>,
        request: &ViewRequest,
    ) -> Result<(BarSeries, Vec<SeriesKey>), DataError> {
        let mut parts = parts.into_iter();
        let Some((key, mut series)) = parts.next() else {
            return Err(DataError::UnknownSymbol {
                symbol: format!("{} {}", request.symbol, request.timeframe),
                known: self.known()?,
            });
        };
        let mut keys = vec![key];
        for (key, part) in parts {
            if part.adjustment != series.adjustment
                || part.basis != series.basis
                || part.columns.optional() != series.columns.optional()
            {
                return Err(DataError::Unsupported {
                    file: key.to_string(),
                    detail: format!(
                        "is stored in another form than {} before the rename; import both alike",
                        series.symbol
                    ),
                });
            }
            series.columns.append(&part.columns);
            keys.push(key);
        }
        series.symbol = request.symbol;
        series.file = format!(
            "{} {} ({}) in {}",
            request.symbol,
            request.timeframe,
            request.vendor,
            self.shown()
        );
        Ok((series, keys))
    }
}

fn adjusted(
    series: &BarSeries,
    security: &Security,
    request: &ViewRequest,
    mode: AdjustmentMode,
) -> Result<BarSeries, DataError> {
    let factors = security
        .factors
        .as_ref()
        .ok_or_else(|| DataError::Unsupported {
            file: series.file.clone(),
            detail: "has no factor file in the store, so its prices cannot be adjusted; \
                     read them as stored, or import a folder that has factor files"
                .to_owned(),
        })?;
    factors.adjusted(series, request.as_of, mode)
}

fn renamed(ticker: &str) -> Result<Symbol, DataError> {
    let upper = ticker.to_ascii_uppercase();
    Symbol::new(&upper).map_err(|error| DataError::Unsupported {
        file: upper,
        detail: error.to_string(),
    })
}

/// The labels of some dates, inclusive; `None` when there is none.
fn labels(from: NaiveDate, to: NaiveDate, timeframe: Timeframe) -> Option<LabelRange> {
    if from > to {
        return None;
    }
    let range = LabelRange {
        from: label_of_date(from, timeframe).unwrap_or(Timestamp::MIN),
        until: to
            .succ_opt()
            .and_then(|next| label_of_date(next, timeframe))
            .unwrap_or(Timestamp::MAX),
    };
    Some(range)
}
