//! Bars of a vendor as a source of history: units of a month or a few years, pages until the last one.

use std::collections::BTreeMap;
use std::io::{self, Cursor};
use std::sync::Arc;

use chrono::{Datelike, Days, NaiveDate};
use reqwest::Url;
use trader_cache::{Cache, Key, Kind};
use trader_domain::{Symbol, Timeframe, Timestamp};
use trader_storage::store::{ReferenceFiles, StoredAdjustment};
use trader_storage::{
    Adjustment, BarBatch, BarStream, CsvBars, DataError, Fingerprint, GapSummary, OptionalColumns,
    PriceBasis, ReadOptions, Rejected, StreamInfo,
};

use super::failover::Watched;
use super::link::{AskError, Next, PageFault, VendorLink};
use super::rows::Rows;
use crate::resilience::Health;
use crate::source::{Capabilities, DateRange, HistoricalSource, HistoryRequest, Opened, WorkUnit};

/// Years of daily bars in a unit.
const YEARS_OF_DAYS: i32 = 5;

/// Days that a vendor may still correct: units that reach into them are asked for again on a later day.
const DAYS_TO_SETTLE: u64 = 2;

/// What is asked of a vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BarAsk {
    /// The symbol, as it is on the last date.
    pub symbol: Symbol,
    /// Length of the bars.
    pub timeframe: Timeframe,
    /// First date in New York.
    pub from: NaiveDate,
    /// Last date in New York.
    pub to: NaiveDate,
}

/// How one vendor's addresses and pages look.
pub trait BarVendor: Send + Sync {
    /// The vendor in one word, as in the store.
    fn name(&self) -> &'static str;

    /// Lengths of bars that it has.
    fn timeframes(&self) -> Vec<Timeframe>;

    /// How the prices of such bars are adjusted.
    fn adjustment(&self, timeframe: Timeframe) -> StoredAdjustment;

    /// What the answer depends on besides [`BarAsk`], such as the feed.
    fn variant(&self) -> String;

    /// The address of the first page.
    ///
    /// # Errors
    /// What is wrong with the configured address or the question.
    fn first(&self, ask: &BarAsk) -> Result<Url, String>;

    /// Takes the rows of a page; `asked` is its address.
    ///
    /// # Errors
    /// What is wrong with the page as a whole. Faulty rows are not its business.
    fn page(
        &self,
        ask: &BarAsk,
        asked: &Url,
        body: &[u8],
        rows: &mut Rows,
    ) -> Result<Next, PageFault>;
}

/// A vendor's bars behind the trait that the backfill asks.
#[derive(Debug)]
pub struct VendorBars<V> {
    vendor: V,
    timeframe: Timeframe,
    link: Arc<VendorLink>,
    cache: Option<Arc<Cache>>,
}

impl<V: BarVendor> VendorBars<V> {
    /// A source of bars of one length.
    ///
    /// # Errors
    /// [`DataError::Unsupported`] when the vendor has no such bars.
    pub fn new(vendor: V, link: Arc<VendorLink>, timeframe: Timeframe) -> Result<Self, DataError> {
        let known = vendor.timeframes();
        if !known.contains(&timeframe) {
            let names: Vec<String> = known.iter().map(Timeframe::to_string).collect();
            return Err(DataError::Unsupported {
                file: vendor.name().to_owned(),
                detail: format!("has no bars of {timeframe}; it has {}", names.join(", ")),
            });
        }
        Ok(Self {
            vendor,
            timeframe,
            link,
            cache: None,
        })
    }

    /// The same source, which takes what it asked before about settled days from a cache, so that neither time nor
    /// quota goes into it twice. What the vendor corrects later is not seen until the entry has ended.
    #[must_use]
    pub fn with_cache(mut self, cache: Arc<Cache>) -> Self {
        self.cache = Some(cache);
        self
    }

    /// The rows of an answer as CSV with a header, before any check.
    fn text(&self, ask: &BarAsk, now: Timestamp) -> Result<Vec<u8>, AskError> {
        let settled = now.utc_date().checked_sub_days(Days::new(DAYS_TO_SETTLE));
        let is_settled = settled.is_some_and(|settled| ask.to <= settled);
        let load = || self.rows(ask).map(Rows::into_bytes);
        match (&self.cache, self.cache_key(ask)) {
            (Some(cache), Some(key)) if is_settled => {
                cache.get_answer(&key, load).map(Arc::unwrap_or_clone)
            }
            _ => load(),
        }
    }

    /// The name of an answer; none for symbols that no name can hold, which are asked for each time.
    fn cache_key(&self, ask: &BarAsk) -> Option<Key> {
        let variant = Fingerprint::of_bytes(self.vendor.variant().as_bytes()).to_string();
        let parts = [
            self.vendor.name(),
            ask.symbol.as_str(),
            &ask.timeframe.to_string(),
            &ask.from.to_string(),
            &ask.to.to_string(),
            variant.get(..16)?,
        ];
        Key::new(Kind::Answers, &parts).ok()
    }

    fn ask(&self, unit: &WorkUnit) -> Result<BarAsk, DataError> {
        match (unit.symbol, unit.dates.from, unit.dates.to) {
            (Some(symbol), Some(from), Some(to)) => Ok(BarAsk {
                symbol,
                timeframe: self.timeframe,
                from,
                to,
            }),
            _ => Err(self.unsupported("this unit of work has no symbol or no dates")),
        }
    }

    fn rows(&self, ask: &BarAsk) -> Result<Rows, AskError> {
        let mut rows = Rows::new();
        self.link.pages(self.vendor.first(ask), |url, body| {
            self.vendor.page(ask, url, body, &mut rows)
        })?;
        Ok(rows)
    }

    fn unsupported(&self, detail: &str) -> DataError {
        DataError::Unsupported {
            file: self.vendor.name().to_owned(),
            detail: detail.to_owned(),
        }
    }
}

impl<V: BarVendor> HistoricalSource for VendorBars<V> {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            name: self.vendor.name().to_owned(),
            timeframes: vec![self.timeframe],
            adjustment: Some(self.vendor.adjustment(self.timeframe)),
            has_references: false,
        }
    }

    fn plan(&self, request: &HistoryRequest) -> Result<Vec<WorkUnit>, DataError> {
        if request
            .timeframe
            .is_some_and(|wanted| wanted != self.timeframe)
        {
            return Err(self.unsupported("was opened for bars of another length"));
        }
        let timeframe = self.timeframe;
        if request.symbols.is_empty() {
            return Err(self.unsupported("must be told which symbols"));
        }
        let Some(from) = request.dates.from else {
            return Err(self.unsupported("must be told the first date"));
        };
        let to = request.as_of();
        let mut symbols = request.symbols.clone();
        symbols.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
        symbols.dedup();
        let mut units = Vec::new();
        for symbol in symbols {
            for (name, dates) in stretches(timeframe, from, to) {
                let Some((from, to)) = narrowed(request, symbol, dates) else {
                    continue;
                };
                let settled = request.today.checked_sub_days(Days::new(DAYS_TO_SETTLE));
                let as_of = if settled.is_some_and(|settled| to <= settled) {
                    String::new()
                } else {
                    format!(" as of {}", request.today)
                };
                units.push(WorkUnit {
                    name: format!("{symbol} {timeframe} {name}{as_of}"),
                    symbol: Some(symbol),
                    dates: DateRange {
                        from: Some(from),
                        to: Some(to),
                    },
                    files: Vec::new(),
                    bytes: 0,
                });
            }
        }
        Ok(units)
    }

    /// A vendor's answer has no digest before it is asked for; the question has. What is not settled yet carries the
    /// day on which it was asked in its name.
    fn fingerprint(&self, unit: &WorkUnit) -> Result<Fingerprint, DataError> {
        let text = format!(
            "{}\n{}\n{}\n{:?}",
            self.vendor.name(),
            self.vendor.variant(),
            unit.name,
            unit.dates
        );
        Ok(Fingerprint::of_bytes(text.as_bytes()))
    }

    fn open(&self, unit: &WorkUnit, options: &ReadOptions) -> Result<Opened, DataError> {
        let ask = self.ask(unit)?;
        let text = self
            .text(&ask, options.now)
            .map_err(|error| DataError::Io {
                file: unit.name.clone(),
                doing: "asking the vendor",
                source: io::Error::other(error),
            })?;
        let options = ReadOptions {
            symbol: Some(ask.symbol),
            timeframe: Some(ask.timeframe),
            ..options.clone()
        };
        let stream: Box<dyn BarStream> = if is_header_only(&text) {
            Box::new(Nothing::new(&unit.name, ask.timeframe))
        } else {
            Box::new(CsvBars::new(Cursor::new(text), &unit.name, &options)?)
        };
        Ok(Opened {
            stream: Box::new(Declared {
                stream,
                adjustment: self.vendor.adjustment(ask.timeframe).as_read(),
            }),
            vendor: Some(self.vendor.name().to_owned()),
        })
    }

    fn references(&self, _request: &HistoryRequest) -> Result<Vec<ReferenceFiles>, DataError> {
        Ok(Vec::new())
    }
}

impl<V: BarVendor> Watched for VendorBars<V> {
    fn vendor(&self) -> &str {
        self.vendor.name()
    }

    fn health(&self) -> Health {
        self.link.health()
    }

    fn now(&self) -> Timestamp {
        self.link.now()
    }
}

/// Rows whose adjustment the vendor's documents tell.
struct Declared {
    stream: Box<dyn BarStream>,
    adjustment: Adjustment,
}

impl BarStream for Declared {
    fn next_batch(&mut self, batch: &mut BarBatch) -> Result<bool, DataError> {
        self.stream.next_batch(batch)
    }

    fn take_rejects(&mut self) -> Vec<Rejected> {
        self.stream.take_rejects()
    }

    fn info(&self) -> StreamInfo {
        StreamInfo {
            adjustment: self.adjustment,
            ..self.stream.info()
        }
    }
}

/// Whether a text has no line but its first.
fn is_header_only(text: &[u8]) -> bool {
    text.iter().filter(|byte| **byte == b'\n').count() <= 1
}

/// A unit in which the vendor has no bar: a holiday, a stock not yet listed.
struct Nothing(StreamInfo);

impl Nothing {
    fn new(name: &str, timeframe: Timeframe) -> Self {
        Self(StreamInfo {
            file: name.to_owned(),
            timeframe: Some(timeframe),
            basis: PriceBasis::Ohlc,
            adjustment: Adjustment::Raw,
            optional: OptionalColumns::default(),
            rows: 0,
            rounded_values: 0,
            gaps: GapSummary::default(),
        })
    }
}

impl BarStream for Nothing {
    fn next_batch(&mut self, _batch: &mut BarBatch) -> Result<bool, DataError> {
        Ok(false)
    }

    fn info(&self) -> StreamInfo {
        self.0.clone()
    }
}

/// The dates of a request cut into units of work, with names.
fn stretches(
    timeframe: Timeframe,
    from: NaiveDate,
    to: NaiveDate,
) -> Vec<(String, (NaiveDate, NaiveDate))> {
    let mut parts: BTreeMap<String, (NaiveDate, NaiveDate)> = BTreeMap::new();
    let days = from.iter_days().take_while(|day| *day <= to);
    for day in days {
        let name = match timeframe {
            Timeframe::Session => {
                let first = day.year() - day.year().rem_euclid(YEARS_OF_DAYS);
                format!("{first}-{}", first + YEARS_OF_DAYS - 1)
            }
            Timeframe::Seconds(_) => format!("{}-{:02}", day.year(), day.month()),
        };
        parts
            .entry(name)
            .and_modify(|part| part.1 = day)
            .or_insert((day, day));
    }
    parts.into_iter().collect()
}

/// The part of these dates in which something is wanted.
fn narrowed(
    request: &HistoryRequest,
    symbol: Symbol,
    (from, to): (NaiveDate, NaiveDate),
) -> Option<(NaiveDate, NaiveDate)> {
    let Some(only) = &request.only else {
        return Some((from, to));
    };
    let mut wanted = only.get(&symbol)?.range(from..=to);
    let first = *wanted.next()?;
    Some((first, wanted.next_back().copied().unwrap_or(first)))
}
