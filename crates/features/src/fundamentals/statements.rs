//! What statements said at an instant: balances, flows of the last twelve months, and both a year ago.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};

use super::fact::Fact;
use super::item::Item;
use crate::as_of::Known;

/// Ends and starts of periods that lie this many days apart are the same (52- and 53-week years).
const SLACK: i64 = 10;
/// Figures whose period ended longer ago than this say nothing about now.
const STALE_DAYS: i64 = 550;
/// Days of a fiscal year.
const YEAR: std::ops::RangeInclusive<i64> = 350..=380;
/// Days of a fiscal quarter.
const QUARTER: std::ops::RangeInclusive<i64> = 80..=100;

/// Days of a period from its first to its last.
fn length(start: NaiveDate, end: NaiveDate) -> i64 {
    (end - start).num_days() + 1
}

fn near(a: NaiveDate, b: NaiveDate) -> bool {
    (a - b).num_days().abs() <= SLACK
}

/// A year before; the date itself at the beginning of time.
fn year_before(date: NaiveDate) -> NaiveDate {
    date.checked_sub_days(Days::new(365)).unwrap_or(date)
}

/// The figures that could be known at an instant, each in the version received last.
#[derive(Debug, Clone, Copy)]
pub struct Statements<'a> {
    known: Known<'a>,
}

impl<'a> Statements<'a> {
    /// Of what is known.
    pub fn new(known: &Known<'a>) -> Self {
        Self { known: *known }
    }

    /// The figures of a line by period: by the best tag, of its versions the last.
    fn figures(&self, item: Item) -> BTreeMap<(NaiveDate, Option<NaiveDate>), f64> {
        let mut best: BTreeMap<(NaiveDate, Option<NaiveDate>), Fact> = BTreeMap::new();
        for fact in self.known.facts.iter().filter(|fact| fact.item == item) {
            let held = best.entry((fact.end, fact.start)).or_insert(*fact);
            // Facts come in the order received.
            if fact.rank <= held.rank {
                *held = *fact;
            }
        }
        best.into_iter()
            .map(|(period, fact)| (period, fact.value))
            .collect()
    }

    fn is_fresh(&self, end: NaiveDate) -> bool {
        (self.known.time.utc_date() - end).num_days() <= STALE_DAYS
    }

    /// The last balance and its date; `None` when there is none, or none that is not stale.
    pub fn balance(&self, item: Item) -> Option<(NaiveDate, f64)> {
        let ((end, _), value) = self.figures(item).into_iter().next_back()?;
        self.is_fresh(end).then_some((end, value))
    }

    /// The last balance, and the one a year before it.
    pub fn balance_and_year_before(&self, item: Item) -> Option<(f64, f64)> {
        let (end, now) = self.balance(item)?;
        Some((now, self.balance_near(item, year_before(end))?))
    }

    /// The balance nearest to a date, at most ten days from it.
    pub fn balance_near(&self, item: Item, date: NaiveDate) -> Option<f64> {
        self.figures(item)
            .into_iter()
            .filter(|((end, _), _)| near(*end, date))
            .min_by_key(|((end, _), _)| (*end - date).num_days().abs())
            .map(|(_, value)| value)
    }

    /// A flow over the last twelve months for which there are figures, and the last of their days.
    ///
    /// In this order: a full year as filed; the last full year plus the current year to date less the
    /// same stretch of the year before; four quarters.
    pub fn trailing_year(&self, item: Item) -> Option<(NaiveDate, f64)> {
        let flows = Flows(self.figures(item));
        let mut ends: Vec<NaiveDate> = flows.0.keys().map(|(end, _)| *end).collect();
        ends.dedup();
        // A last quarter without the year around it (a figure in a registration statement) gives
        // nothing; the newest end that does counts.
        ends.into_iter()
            .rev()
            .take_while(|end| self.is_fresh(*end))
            .find_map(|end| Some((end, flows.year_to(end)?)))
    }

    /// A flow over the last twelve months, and over the twelve before.
    pub fn trailing_and_year_before(&self, item: Item) -> Option<(f64, f64)> {
        let flows = Flows(self.figures(item));
        let (end, now) = self.trailing_year(item)?;
        Some((now, flows.year_to(year_before(end))?))
    }

    /// A mean of a period that ends near a date (of shares, say): that of the shortest period.
    pub fn mean_to(&self, item: Item, end: NaiveDate) -> Option<f64> {
        Flows(self.figures(item))
            .iter()
            .filter(|(_, stop, _)| near(*stop, end))
            .min_by_key(|(start, stop, _)| length(*start, *stop))
            .map(|(_, _, value)| value)
    }

    /// A flow over the twelve months that end near a date.
    pub fn year_to(&self, item: Item, end: NaiveDate) -> Option<f64> {
        Flows(self.figures(item)).year_to(end)
    }
}

/// A flow by (end, start).
struct Flows(BTreeMap<(NaiveDate, Option<NaiveDate>), f64>);

impl Flows {
    fn iter(&self) -> impl DoubleEndedIterator<Item = (NaiveDate, NaiveDate, f64)> + '_ {
        self.0
            .iter()
            .filter_map(|((end, start), value)| Some(((*start)?, *end, *value)))
    }

    /// Twelve months up to near `end`.
    fn year_to(&self, end: NaiveDate) -> Option<f64> {
        let filed = self
            .iter()
            .rev()
            .find(|(start, stop, _)| near(*stop, end) && YEAR.contains(&length(*start, *stop)));
        filed
            .map(|(_, _, value)| value)
            .or_else(|| self.by_year_to_date(end))
            .or_else(|| self.by_quarters(end))
    }

    fn by_year_to_date(&self, end: NaiveDate) -> Option<f64> {
        // The longest stretch to `end` begins with the fiscal year.
        let (start, end, so_far) = self
            .iter()
            .filter(|(start, stop, _)| near(*stop, end) && length(*start, *stop) < *YEAR.start())
            .max_by_key(|(start, stop, _)| length(*start, *stop))?;
        let (year_start, _, year) = self.iter().rev().find(|(from, stop, _)| {
            near(stop.checked_add_days(Days::new(1)).unwrap_or(*stop), start)
                && YEAR.contains(&length(*from, *stop))
        })?;
        let stretch = length(start, end);
        let (_, _, then) = self.iter().find(|(from, stop, _)| {
            near(*from, year_start) && (length(*from, *stop) - stretch).abs() <= SLACK
        })?;
        Some(year + so_far - then)
    }

    fn by_quarters(&self, end: NaiveDate) -> Option<f64> {
        let mut sum = 0.0;
        let mut wanted = end;
        for _ in 0..4 {
            let (start, _, value) = self.iter().rev().find(|(start, stop, _)| {
                near(*stop, wanted) && QUARTER.contains(&length(*start, *stop))
            })?;
            sum += value;
            wanted = start.checked_sub_days(Days::new(1))?;
        }
        Some(sum)
    }
}
