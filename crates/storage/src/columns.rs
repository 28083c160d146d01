//! The one columnar form that every reader produces, whole or in batches.

use trader_domain::{Price, Symbol, Timestamp, Volume};

/// Bars as columns of equal length.
///
/// `start` is the beginning of each bar's interval; for session bars it is 00:00 UTC of the trading date, which names
/// the date and is not an instant of trading (see [`crate::BarSeries::bars`]).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BarColumns {
    /// Start of the interval, ascending per symbol.
    pub start: Vec<Timestamp>,
    /// First price.
    pub open: Vec<Price>,
    /// Highest price.
    pub high: Vec<Price>,
    /// Lowest price.
    pub low: Vec<Price>,
    /// Last price.
    pub close: Vec<Price>,
    /// Traded volume; `None` when the source has no such column.
    pub volume: Option<Vec<Volume>>,
    /// Volume-weighted average price; `None` when the source has no such column.
    pub vwap: Option<Vec<Option<Price>>>,
    /// Number of trades; `None` when the source has no such column.
    pub trades: Option<Vec<Option<u32>>>,
    /// The vendor's adjusted close beside the raw one; `None` when the source has no such column.
    pub adjusted_close: Option<Vec<Price>>,
}

/// Which optional columns a source has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a set of four independent columns"
)]
pub struct OptionalColumns {
    /// Traded volume.
    pub volume: bool,
    /// Volume-weighted average price.
    pub vwap: bool,
    /// Number of trades.
    pub trades: bool,
    /// Adjusted close beside the raw one.
    pub adjusted_close: bool,
}

impl BarColumns {
    /// Empty columns with the optional ones named.
    pub fn with_optional(optional: OptionalColumns) -> Self {
        Self {
            volume: optional.volume.then(Vec::new),
            vwap: optional.vwap.then(Vec::new),
            trades: optional.trades.then(Vec::new),
            adjusted_close: optional.adjusted_close.then(Vec::new),
            ..Self::default()
        }
    }

    /// Number of bars.
    pub const fn len(&self) -> usize {
        self.start.len()
    }

    /// Whether there are no bars.
    pub const fn is_empty(&self) -> bool {
        self.start.is_empty()
    }

    /// Removes all bars and keeps the memory.
    pub fn clear(&mut self) {
        self.start.clear();
        self.open.clear();
        self.high.clear();
        self.low.clear();
        self.close.clear();
        self.volume.iter_mut().for_each(Vec::clear);
        self.vwap.iter_mut().for_each(Vec::clear);
        self.trades.iter_mut().for_each(Vec::clear);
        self.adjusted_close.iter_mut().for_each(Vec::clear);
    }

    /// Copies all bars of `other` behind these; an optional column missing on either side stays or becomes absent.
    pub fn append(&mut self, other: &Self) {
        if self.is_empty() && self.volume.is_none() {
            self.clone_from(other);
            return;
        }
        self.start.extend_from_slice(&other.start);
        self.open.extend_from_slice(&other.open);
        self.high.extend_from_slice(&other.high);
        self.low.extend_from_slice(&other.low);
        self.close.extend_from_slice(&other.close);
        append_optional(&mut self.volume, other.volume.as_ref());
        append_optional(&mut self.vwap, other.vwap.as_ref());
        append_optional(&mut self.trades, other.trades.as_ref());
        append_optional(&mut self.adjusted_close, other.adjusted_close.as_ref());
    }

    /// Copies bars `from` to `until` (excluded, cut at the end) of `other` behind these; both must have the same
    /// optional columns.
    pub fn append_range(&mut self, other: &Self, from: usize, until: usize) {
        fn copy<T: Clone>(to: &mut Vec<T>, column: &[T], from: usize, until: usize) {
            let part = column.get(from..until.min(column.len()));
            to.extend_from_slice(part.unwrap_or_default());
        }
        fn copy_optional<T: Clone>(
            to: Option<&mut Vec<T>>,
            column: Option<&Vec<T>>,
            from: usize,
            until: usize,
        ) {
            if let (Some(to), Some(column)) = (to, column) {
                copy(to, column, from, until);
            }
        }
        copy(&mut self.start, &other.start, from, until);
        copy(&mut self.open, &other.open, from, until);
        copy(&mut self.high, &other.high, from, until);
        copy(&mut self.low, &other.low, from, until);
        copy(&mut self.close, &other.close, from, until);
        copy_optional(self.volume.as_mut(), other.volume.as_ref(), from, until);
        copy_optional(self.vwap.as_mut(), other.vwap.as_ref(), from, until);
        copy_optional(self.trades.as_mut(), other.trades.as_ref(), from, until);
        copy_optional(
            self.adjusted_close.as_mut(),
            other.adjusted_close.as_ref(),
            from,
            until,
        );
    }

    /// Copies bar `index` of `other` behind these; out of range copies nothing.
    pub fn push_from(&mut self, other: &Self, index: usize) {
        fn copy<T: Copy>(to: &mut Vec<T>, from: &[T], index: usize) {
            to.extend(from.get(index).copied());
        }
        copy(&mut self.start, &other.start, index);
        copy(&mut self.open, &other.open, index);
        copy(&mut self.high, &other.high, index);
        copy(&mut self.low, &other.low, index);
        copy(&mut self.close, &other.close, index);
        if let (Some(to), Some(from)) = (self.volume.as_mut(), other.volume.as_ref()) {
            copy(to, from, index);
        }
        if let (Some(to), Some(from)) = (self.vwap.as_mut(), other.vwap.as_ref()) {
            copy(to, from, index);
        }
        if let (Some(to), Some(from)) = (self.trades.as_mut(), other.trades.as_ref()) {
            copy(to, from, index);
        }
        if let (Some(to), Some(from)) =
            (self.adjusted_close.as_mut(), other.adjusted_close.as_ref())
        {
            copy(to, from, index);
        }
    }

    /// A bar as text, for messages.
    pub(crate) fn row_text(&self, index: usize) -> String {
        match (
            self.start.get(index),
            self.open.get(index),
            self.high.get(index),
            self.low.get(index),
            self.close.get(index),
        ) {
            (Some(start), Some(open), Some(high), Some(low), Some(close)) => {
                format!("{start},{open},{high},{low},{close}")
            }
            _ => String::new(),
        }
    }

    /// The bars from one index up to another, cut at the end.
    pub(crate) fn slice(&self, from: usize, until: usize) -> Self {
        let mut part = Self::with_optional(self.optional());
        part.append_range(self, from, until);
        part
    }

    /// Keeps the bars for which `keep` is true; a bar beyond its end goes.
    pub(crate) fn retain(&mut self, keep: &[bool]) {
        fn filter<T>(column: &mut Vec<T>, keep: &[bool]) {
            let mut flags = keep.iter();
            column.retain(|_| flags.next().copied().unwrap_or(false));
        }
        filter(&mut self.start, keep);
        filter(&mut self.open, keep);
        filter(&mut self.high, keep);
        filter(&mut self.low, keep);
        filter(&mut self.close, keep);
        self.volume
            .iter_mut()
            .for_each(|column| filter(column, keep));
        self.vwap.iter_mut().for_each(|column| filter(column, keep));
        self.trades
            .iter_mut()
            .for_each(|column| filter(column, keep));
        self.adjusted_close
            .iter_mut()
            .for_each(|column| filter(column, keep));
    }

    /// Which optional columns are here.
    pub const fn optional(&self) -> OptionalColumns {
        OptionalColumns {
            volume: self.volume.is_some(),
            vwap: self.vwap.is_some(),
            trades: self.trades.is_some(),
            adjusted_close: self.adjusted_close.is_some(),
        }
    }
}

fn append_optional<T: Clone>(to: &mut Option<Vec<T>>, from: Option<&Vec<T>>) {
    match (to.as_mut(), from) {
        (Some(to), Some(from)) => to.extend_from_slice(from),
        _ => *to = None,
    }
}

/// Some consecutive rows of a stream.
#[derive(Debug, Clone, Default)]
pub struct BarBatch {
    /// The bars.
    pub columns: BarColumns,
    /// Per bar, its symbol as an index into [`BarBatch::symbols`].
    pub symbol: Vec<u32>,
    /// Every symbol seen in the stream so far; indexes never change their meaning.
    pub symbols: Vec<Symbol>,
}

impl BarBatch {
    /// Removes all rows and keeps the symbols and the memory.
    pub(crate) fn clear_rows(&mut self) {
        self.columns.clear();
        self.symbol.clear();
    }
}
