//! Map files: which ticker a security traded under on which date, when it was listed and delisted.
//!
//! A row `20140402,goog,Q` says: up to and including that date, the security was called GOOG. The first row is the
//! first day of trading, the last one the last; 2050 stands for "still trading".

use chrono::{Datelike as _, NaiveDate};

use super::context::for_each_row;
use crate::error::{DataError, excerpt};
use crate::problem::ProblemKind;
use crate::text::time::TimeFault;

/// The names of one security over time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapFile {
    /// The permanent name: the file's, such as `goog` or `fb.1`.
    pub permanent: String,
    rows: Vec<(NaiveDate, String)>,
}

/// A ticker and the dates (inclusive) on which it named the security.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapInterval {
    /// The ticker, lower case.
    pub ticker: String,
    /// First date.
    pub from: NaiveDate,
    /// Last date.
    pub to: NaiveDate,
}

impl MapFile {
    /// Reads a map file. Any bytes give a file or an error, never a panic.
    ///
    /// # Errors
    /// [`DataError`] naming the line at fault.
    pub fn parse(bytes: &[u8], file: &str, permanent: &str) -> Result<Self, DataError> {
        let mut rows: Vec<(NaiveDate, String)> = Vec::new();
        for_each_row(bytes, file, 20, |line, _, _| {
            let mut parts = line.split(|byte| *byte == b',');
            let date = lean_date(parts.next().unwrap_or_default())?;
            let ticker = parts
                .next()
                .unwrap_or_default()
                .trim_ascii()
                .to_ascii_lowercase();
            let ticker = String::from_utf8(ticker)
                .ok()
                .filter(|ticker| is_ticker(ticker));
            let ticker = ticker.ok_or_else(|| ProblemKind::Symbol {
                found: excerpt(line, 40),
            })?;
            if rows.last().is_some_and(|(last, _)| *last > date) {
                return Err(time_problem(line));
            }
            rows.push((date, ticker));
            Ok(())
        })?;
        Ok(Self {
            permanent: permanent.to_ascii_lowercase(),
            rows,
        })
    }

    /// The ticker on a date, `None` before listing and after delisting.
    pub fn ticker_on(&self, date: NaiveDate) -> Option<&str> {
        let (listed, _) = self.rows.first()?;
        if date < *listed {
            return None;
        }
        self.rows
            .iter()
            .find(|(until, _)| *until >= date)
            .map(|(_, ticker)| ticker.as_str())
    }

    /// First day of trading.
    pub fn listed(&self) -> Option<NaiveDate> {
        self.rows.first().map(|(date, _)| *date)
    }

    /// Last day of trading; `None` while the security trades.
    pub fn delisted(&self) -> Option<NaiveDate> {
        self.rows
            .last()
            .map(|(date, _)| *date)
            .filter(|date| date.year() < 2050)
    }

    /// The tickers in order with the dates each was in force.
    pub fn intervals(&self) -> Vec<MapInterval> {
        let mut intervals: Vec<MapInterval> = Vec::new();
        for (index, (to, ticker)) in self.rows.iter().enumerate() {
            // The first row only names the day of listing, unless it is the only one.
            let from = match intervals.last() {
                Some(last) => last.to.succ_opt(),
                None => self.listed(),
            };
            let is_start = index == 0 && self.rows.len() > 1;
            let Some(from) = from.filter(|from| !is_start && from <= to) else {
                continue;
            };
            match intervals.last_mut().filter(|last| last.ticker == *ticker) {
                Some(last) => last.to = *to,
                None => intervals.push(MapInterval {
                    ticker: ticker.clone(),
                    from,
                    to: *to,
                }),
            }
        }
        intervals
    }
}

/// Which of the files names a security that was called `ticker` on a date; `None` when no file knows the ticker.
///
/// # Errors
/// [`DataError::UnknownSymbol`] when files know the ticker, but not on that date.
pub(crate) fn map_naming(
    maps: &[&MapFile],
    ticker: &str,
    as_of: NaiveDate,
) -> Result<Option<usize>, DataError> {
    let now = maps
        .iter()
        .position(|map| map.ticker_on(as_of) == Some(ticker));
    if now.is_some() {
        return Ok(now);
    }
    let at_other_times: Vec<String> = maps
        .iter()
        .flat_map(|map| map.intervals())
        .filter(|interval| interval.ticker == ticker)
        .map(|interval| format!("{} to {}", interval.from, interval.to))
        .collect();
    if at_other_times.is_empty() {
        return Ok(None);
    }
    Err(DataError::UnknownSymbol {
        symbol: excerpt(ticker.as_bytes(), 40),
        known: format!(
            "it from {}, not on {as_of}",
            at_other_times.join(" and from ")
        ),
    })
}

/// A ticker that can safely be part of a path.
pub(crate) fn is_ticker(text: &str) -> bool {
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'$' | b'^');
    (1..=24).contains(&text.len()) && text.bytes().all(plain) && !text.starts_with('.')
}

/// `20131001`.
pub(super) fn lean_date(field: &[u8]) -> Result<NaiveDate, ProblemKind> {
    let field = field.trim_ascii();
    let text = std::str::from_utf8(field)
        .ok()
        .filter(|text| text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()));
    text.and_then(|text| NaiveDate::parse_from_str(text, "%Y%m%d").ok())
        .ok_or_else(|| time_problem(field))
}

fn time_problem(text: &[u8]) -> ProblemKind {
    ProblemKind::Time {
        found: excerpt(text, 40),
        fault: TimeFault::NotATime,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        lean_date(text.as_bytes()).unwrap()
    }

    fn map(text: &str) -> MapFile {
        MapFile::parse(text.as_bytes(), "map.csv", "x").unwrap()
    }

    #[test]
    fn a_ticker_holds_up_to_and_including_its_date() {
        // QQQ's map file in QuantConnect/Lean (Apache-2.0).
        let qqq = map("19990310,qqq,Q\n20041130,qqq,Q\n20110322,qqqq,Q\n20501231,qqq,Q\n");
        assert_eq!(qqq.ticker_on(date("20041130")), Some("qqq"));
        assert_eq!(qqq.ticker_on(date("20041201")), Some("qqqq"));
        assert_eq!(qqq.ticker_on(date("20110323")), Some("qqq"));
        assert_eq!(qqq.ticker_on(date("19990309")), None);
        assert_eq!(
            (qqq.listed(), qqq.delisted()),
            (Some(date("19990310")), None)
        );
        let names: Vec<_> = qqq
            .intervals()
            .into_iter()
            .map(|one| (one.ticker, one.from, one.to))
            .collect();
        assert_eq!(
            names,
            [
                ("qqq".to_owned(), date("19990310"), date("20041130")),
                ("qqqq".to_owned(), date("20041201"), date("20110322")),
                ("qqq".to_owned(), date("20110323"), date("20501231")),
            ]
        );
    }

    #[test]
    fn a_delisted_security_has_a_last_day() {
        let old = map("19990929,fb\n20030328,fb\n");
        assert_eq!(old.delisted(), Some(date("20030328")));
        assert_eq!(old.ticker_on(date("20030331")), None);
        assert_eq!(old.intervals().len(), 1);
    }

    #[test]
    fn tickers_that_would_leave_the_folder_are_refused() {
        assert!(MapFile::parse(b"19990929,../../etc\n", "map.csv", "x").is_err());
        assert!(MapFile::parse(b"19990929,\n", "map.csv", "x").is_err());
        assert!(MapFile::parse(b"20000101,a\n19990101,a\n", "map.csv", "x").is_err());
    }
}
