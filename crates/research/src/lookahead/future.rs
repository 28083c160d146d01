//! Prices whose future can be taken away: bars and ticks.

use trader_domain::{InstrumentId, Price, Timestamp, VendorId};
use trader_storage::BarSeries;
use trader_storage::lean::{QuoteTickColumns, TradeTickColumns};

use crate::assemble::bar_ends;
use crate::run::{HistoryFeed, Source, TickSeries};

/// What stood in the place of the future.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Future {
    /// Nothing.
    Absent,
    /// Other prices and volumes.
    Replaced,
}

/// One instrument's history, as a look-ahead check needs it.
pub trait Prices: Sized {
    /// When its bars end, ascending.
    fn bar_ends(&self) -> Vec<Timestamp>;

    /// The history as it would have been at the cut: what is later is gone or another.
    #[must_use]
    fn without_future(&self, cut: Timestamp, future: Future) -> Self;

    /// Adds the history to a feed.
    fn feed<'a>(&'a self, instrument: InstrumentId, feed: &mut HistoryFeed<'a>);
}

impl Prices for BarSeries {
    fn bar_ends(&self) -> Vec<Timestamp> {
        bar_ends(self).collect()
    }

    fn without_future(&self, cut: Timestamp, future: Future) -> Self {
        let known = bar_ends(self).take_while(|end| *end <= cut).count();
        let mut changed = self.clone();
        match future {
            Future::Absent => truncate(&mut changed, known),
            Future::Replaced => replace(&mut changed, known),
        }
        changed
    }

    fn feed<'a>(&'a self, instrument: InstrumentId, feed: &mut HistoryFeed<'a>) {
        feed.add(instrument, VendorId::INTERNAL, Source::Memory(self));
    }
}

impl Prices for TickSeries {
    fn bar_ends(&self) -> Vec<Timestamp> {
        Self::bar_ends(self)
    }

    fn without_future(&self, cut: Timestamp, future: Future) -> Self {
        // The mirror: the last price that was known.
        let known = self
            .trades
            .iter()
            .flat_map(|day| day.time.iter().zip(&day.price));
        let mirror = known
            .clone()
            .take_while(|(time, _)| **time <= cut)
            .last()
            .or_else(|| known.clone().next())
            .map(|(_, price)| *price);
        let mut changed = self.clone();
        for day in &mut changed.trades {
            let known = day.time.partition_point(|time| *time <= cut);
            match (future, mirror) {
                (Future::Replaced, Some(mirror)) => replace_trades(day, known, mirror),
                _ => truncate_trades(day, known),
            }
        }
        for day in &mut changed.quotes {
            let known = day.time.partition_point(|time| *time <= cut);
            match (future, mirror) {
                (Future::Replaced, Some(mirror)) => replace_quotes(day, known, mirror),
                _ => truncate_quotes(day, known),
            }
        }
        changed
    }

    fn feed<'a>(&'a self, instrument: InstrumentId, feed: &mut HistoryFeed<'a>) {
        Self::feed(self, instrument, feed);
    }
}

fn truncate_trades(day: &mut TradeTickColumns, known: usize) {
    day.time.truncate(known);
    day.price.truncate(known);
    day.size.truncate(known);
    day.exchange.truncate(known);
    day.conditions.truncate(known);
    day.vendor_conditions.truncate(known);
}

fn replace_trades(day: &mut TradeTickColumns, known: usize, mirror: Price) {
    for price in day.price.iter_mut().skip(known) {
        *price = mirrored(*price, mirror);
    }
    if let Some(later) = day.size.get_mut(known..) {
        later.reverse();
    }
}

fn truncate_quotes(day: &mut QuoteTickColumns, known: usize) {
    day.time.truncate(known);
    day.bid.truncate(known);
    day.bid_size.truncate(known);
    day.ask.truncate(known);
    day.ask_size.truncate(known);
    day.exchange.truncate(known);
    day.vendor_conditions.truncate(known);
    day.suspicious.truncate(known);
}

fn replace_quotes(day: &mut QuoteTickColumns, known: usize, mirror: Price) {
    // What was asked is bid in the mirror; a side that a tick says nothing of stays empty.
    let sides = day.bid.iter_mut().zip(&mut day.ask).skip(known);
    for (bid, ask) in sides {
        std::mem::swap(bid, ask);
        for price in [bid, ask] {
            if price.is_positive() {
                *price = mirrored(*price, mirror);
            }
        }
    }
    let sizes = day.bid_size.iter_mut().zip(&mut day.ask_size).skip(known);
    for (bid, ask) in sizes {
        std::mem::swap(bid, ask);
    }
}

fn truncate(series: &mut BarSeries, known: usize) {
    let columns = &mut series.columns;
    columns.start.truncate(known);
    columns.open.truncate(known);
    columns.high.truncate(known);
    columns.low.truncate(known);
    columns.close.truncate(known);
    columns.volume.iter_mut().for_each(|c| c.truncate(known));
    columns.vwap.iter_mut().for_each(|c| c.truncate(known));
    columns.trades.iter_mut().for_each(|c| c.truncate(known));
    columns
        .adjusted_close
        .iter_mut()
        .for_each(|c| c.truncate(known));
}

fn replace(series: &mut BarSeries, known: usize) {
    let columns = &mut series.columns;
    let last_known = known
        .checked_sub(1)
        .and_then(|last| columns.close.get(last));
    let Some(mirror) = last_known.or(columns.open.first()).copied() else {
        return;
    };
    let reflect = |prices: &mut Vec<Price>| {
        for price in prices.iter_mut().skip(known) {
            *price = mirrored(*price, mirror);
        }
    };
    for prices in [&mut columns.open, &mut columns.close] {
        reflect(prices);
    }
    columns.adjusted_close.iter_mut().for_each(reflect);
    // What was the highest is the lowest in the mirror.
    std::mem::swap(&mut columns.high, &mut columns.low);
    for prices in [&mut columns.high, &mut columns.low] {
        reflect(prices);
    }
    if let (Some(high), Some(low)) = (columns.high.get_mut(..known), columns.low.get_mut(..known)) {
        high.swap_with_slice(low);
    }
    if let Some(later) = columns.volume.as_mut().and_then(|c| c.get_mut(known..)) {
        later.reverse();
    }
    if let Some(later) = columns.trades.as_mut().and_then(|c| c.get_mut(known..)) {
        later.reverse();
    }
    for price in columns.vwap.iter_mut().flatten().skip(known).flatten() {
        *price = mirrored(*price, mirror);
    }
}

/// `mirror² / price`: as far below as it was above, in ratio; the mirror itself where that leaves the range.
fn mirrored(price: Price, mirror: Price) -> Price {
    mirror
        .scale(
            mirror.units(),
            price.units(),
            trader_domain::Rounding::HalfEven,
        )
        .ok()
        .filter(|price| price.is_positive())
        .unwrap_or(mirror)
}
