//! Series that features read beside a symbol's own: the benchmark, those of other symbols
//! (`close@SPY`), and those that stand for a column of the market (`vix`, `rate`, `sector`).
//!
//! A row sees of them what was known when its own bar was complete and nothing later: a bar counts from
//! its end, however long it is, so daily rates stand beside minute bars without looking ahead. The
//! benchmark alone is joined bar by bar (same start, same length).

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use trader_domain::{Symbol, Timestamp};
use trader_features::alignment::{LatestKnown, other_symbol};
use trader_storage::{BarSeries, Fingerprint, interval};

use crate::budget::MemoryBudget;
use crate::error::StoreError;
use crate::inputs::bar_column;
use crate::source::BarSource;

/// Columns about the market that a series of the data may stand for.
pub const MARKET_COLUMNS: &[&str] = &["sector", "vix", "rate"];

/// Which series are wanted beside the symbols' own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    /// The symbol whose closes are the column `benchmark`.
    pub benchmark: Option<Symbol>,
    /// The symbols whose closes are columns of [`MARKET_COLUMNS`].
    pub market: BTreeMap<String, Symbol>,
    /// How old what was known may be, nanoseconds; `None`: as old as it is.
    pub max_age: Option<i64>,
}

impl Wanted {
    /// All symbols that a set of these inputs reads beside its own.
    ///
    /// # Errors
    /// [`StoreError::Companion`] for a symbol that none can have.
    pub fn symbols<'a>(
        &self,
        inputs: impl IntoIterator<Item = &'a str>,
    ) -> Result<Vec<Symbol>, StoreError> {
        let mut found: Vec<Symbol> = self.benchmark.into_iter().collect();
        for input in inputs {
            found.extend(self.symbol_of(input)?.map(|(_, symbol)| symbol));
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// The column of which symbol an input is; `None` for one of the row's own.
    fn symbol_of<'n>(&self, input: &'n str) -> Result<Option<(&'n str, Symbol)>, StoreError> {
        if let Some((column, symbol)) = other_symbol(input) {
            let symbol = Symbol::new(symbol).map_err(|error| StoreError::Companion {
                column: input.to_owned(),
                reason: error.to_string(),
            })?;
            return Ok(Some((column, symbol)));
        }
        if !MARKET_COLUMNS.contains(&input) {
            return Ok(None);
        }
        let symbol = self
            .market
            .get(input)
            .ok_or_else(|| StoreError::Companion {
                column: input.to_owned(),
                reason: format!(
                    "no symbol stands for it; name one of the data: --market {input}=SYMBOL"
                ),
            })?;
        Ok(Some(("close", *symbol)))
    }
}

/// The series, in memory.
#[derive(Debug, Clone, Default)]
pub struct Companions {
    wanted: Wanted,
    benchmark: Option<BarSeries>,
    others: BTreeMap<Symbol, Companion>,
}

#[derive(Debug, Clone)]
struct Companion {
    series: BarSeries,
    /// When each bar was complete.
    known: Vec<Timestamp>,
}

impl Companions {
    /// Takes from `source` what a set of these `inputs` reads beside the symbols' own bars.
    ///
    /// # Errors
    /// [`StoreError::Companion`] for a symbol that the source lacks, with what it has, and why its bars
    /// could not be read.
    pub fn gather<'a>(
        wanted: &Wanted,
        inputs: impl IntoIterator<Item = &'a str>,
        source: &BarSource,
    ) -> Result<Self, StoreError> {
        let known = source.symbols();
        let series = |column: &str, symbol: Symbol| {
            if !known.contains(&symbol) {
                let shown: Vec<String> = known.iter().take(20).map(ToString::to_string).collect();
                return Err(StoreError::Companion {
                    column: column.to_owned(),
                    reason: format!(
                        "the data has no bars of {symbol}, it has {}; add a file with them",
                        shown.join(", ")
                    ),
                });
            }
            Ok(source.series(symbol)?)
        };
        let mut companions = Self {
            wanted: wanted.clone(),
            benchmark: match wanted.benchmark {
                Some(symbol) => Some(series("benchmark", symbol)?),
                None => None,
            },
            others: BTreeMap::new(),
        };
        for input in inputs {
            let Some((_, symbol)) = wanted.symbol_of(input)? else {
                continue;
            };
            if let Entry::Vacant(place) = companions.others.entry(symbol) {
                place.insert(Companion::new(series(input, symbol)?)?);
            }
        }
        Ok(companions)
    }

    /// The benchmark alone.
    pub fn of_benchmark(series: BarSeries) -> Self {
        Self {
            benchmark: Some(series),
            ..Self::default()
        }
    }

    /// The benchmark's bars.
    pub fn benchmark(&self) -> Option<&BarSeries> {
        self.benchmark.as_ref()
    }

    /// Which symbols stand for the columns about the market, and how old what they say may be, in words
    /// for the lineage of a set of these inputs.
    pub(crate) fn lineage<'a>(&self, inputs: impl IntoIterator<Item = &'a str>) -> Vec<String> {
        let mut lines = Vec::new();
        let mut any = false;
        for input in inputs {
            any |= other_symbol(input).is_some();
            if let Some(symbol) = self.wanted.market.get(input) {
                lines.push(format!("{input} is close@{symbol}"));
            }
        }
        if let Some(age) = self.wanted.max_age.filter(|_| any || !lines.is_empty()) {
            lines.push(format!("known for at most {age} ns"));
        }
        lines.sort();
        lines.dedup();
        lines
    }

    /// Fingerprints of all of them.
    pub(crate) fn fingerprints(&self) -> Vec<Fingerprint> {
        let all = self.others.values().map(|one| &one.series);
        all.chain(&self.benchmark)
            .map(BarSeries::fingerprint)
            .collect()
    }

    /// Bytes that all of them take at most.
    pub fn bytes(&self) -> u64 {
        let all = self.others.values().map(|one| &one.series);
        all.chain(&self.benchmark)
            .map(|series| MemoryBudget::series_bytes(series.columns.len() as u64))
            .fold(0, u64::saturating_add)
    }

    /// The values of an input at rows that were complete at `available`, ascending; `None` when it is
    /// none of another symbol, or that symbol's bars lack it.
    pub(crate) fn column(&self, input: &str, available: &[Timestamp]) -> Option<Vec<f64>> {
        let (column, symbol) = self.wanted.symbol_of(input).ok().flatten()?;
        let other = self.others.get(&symbol)?;
        let first = available.first().copied().unwrap_or(Timestamp::MAX);
        let last = available.last().copied().unwrap_or(Timestamp::MIN);
        let to = other.known.partition_point(|known| *known <= last);
        let known_first = other.known.partition_point(|known| *known <= first);
        let mut from = known_first.saturating_sub(1).min(to);
        let missing = |at: usize| {
            let value = bar_column(column, &other.series, at..at + 1);
            value.is_none_or(|value| value.first().is_none_or(|value| value.is_nan()))
        };
        // A missing value does not hide the one before it.
        while from > 0 && missing(from) {
            from -= 1;
        }
        let values = bar_column(column, &other.series, from..to)?;
        let mut latest = LatestKnown::new(self.wanted.max_age);
        let mut coming = other.known.iter().skip(from).zip(&values).peekable();
        let joined = available.iter().map(|time| {
            while let Some((since, value)) = coming.next_if(|(since, _)| *since <= time) {
                latest.observe(since.nanos(), *value);
            }
            latest.at(time.nanos())
        });
        Some(joined.collect())
    }
}

impl Companion {
    fn new(series: BarSeries) -> Result<Self, StoreError> {
        let known = series
            .columns
            .start
            .iter()
            .map(|label| {
                interval(*label, series.timeframe)
                    .map(|(_, end)| end)
                    .map_err(|_before_1946| StoreError::Time {
                        symbol: series.symbol.to_string(),
                        time: *label,
                    })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { series, known })
    }
}
