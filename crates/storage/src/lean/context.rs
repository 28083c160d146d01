//! What a LEAN file's name says that its rows do not: the day, the unit of prices, the length of bars.

use chrono::NaiveDate;
use trader_domain::{Price, Quantity, Timeframe, Timestamp, Volume};

use crate::csv::lines::split_line;
use crate::error::{DataError, excerpt};
use crate::options::ReadOptions;
use crate::problem::{Place, ProblemKind, Problems};
use crate::text::decimal::{ExtraDigits, NumberFault, parse_units, prefix_units};
use crate::text::time::{TimeFault, TimeParser};
use crate::text::zone::{DAY, Zone, epoch_day};

/// The unit of prices in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeanPrices {
    /// 1/10,000 of a dollar: equities and options.
    DeciCents,
    /// Plain decimals: indexes.
    Plain,
}

impl LeanPrices {
    /// Decimals of the text that make a unit of [`Price`].
    const fn decimals(self) -> u32 {
        match self {
            Self::DeciCents => 5,
            Self::Plain => 9,
        }
    }
}

/// How to read the rows of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeanContext {
    /// Unit of prices.
    pub prices: LeanPrices,
    /// Length of bars; of no meaning for ticks.
    pub timeframe: Timeframe,
    /// The day that times count from, for intraday files; hourly and daily rows carry their own date.
    pub day: Option<NaiveDate>,
}

/// Reads fields under a context.
#[derive(Debug)]
pub(super) struct FieldReader {
    prices: LeanPrices,
    extra: ExtraDigits,
    times: RowTimes,
}

/// How the time field of a file is to be read.
#[derive(Debug)]
enum RowTimes {
    /// Milliseconds since midnight of a local day that begins at this UTC instant and has one offset throughout.
    SinceMidnight(i64),
    /// The same on a day on which the clocks change; the value is local midnight.
    ChangingDay(i64),
    /// `20131001 09:00`, local.
    Stamped(TimeParser),
    /// `20131001 00:00`: a trading date.
    Dated(TimeParser),
}

impl FieldReader {
    pub(super) fn new(context: &LeanContext, options: &ReadOptions) -> Self {
        let times = match (context.day, context.timeframe) {
            (Some(day), _) => {
                let local = epoch_day(day).saturating_mul(DAY);
                let (start, end) = (
                    Zone::NewYork.to_utc(local),
                    Zone::NewYork.to_utc(local.saturating_add(DAY - 1)),
                );
                match (start, end) {
                    (Ok(start), Ok(end)) if end - start == DAY - 1 => {
                        RowTimes::SinceMidnight(start)
                    }
                    _ => RowTimes::ChangingDay(local),
                }
            }
            (None, Timeframe::Session) => RowTimes::Dated(TimeParser::new(Zone::Utc, None)),
            (None, Timeframe::Seconds(_)) => {
                RowTimes::Stamped(TimeParser::new(Zone::NewYork, None))
            }
        };
        Self {
            prices: context.prices,
            extra: options.extra_digits,
            times,
        }
    }

    pub(super) fn time(&mut self, field: &[u8]) -> Result<i64, ProblemKind> {
        let fault = |fault| ProblemKind::Time {
            found: excerpt(field, 40),
            fault,
        };
        let since_midnight = || match parse_units(field, 6, ExtraDigits::Refuse) {
            Ok(units) if (0..DAY).contains(&units.value) => Ok(units.value),
            Ok(_) | Err(NumberFault::OutOfRange) => Err(fault(TimeFault::OutOfRange)),
            Err(NumberFault::Empty) => Err(fault(TimeFault::Empty)),
            Err(_) => Err(fault(TimeFault::NotATime)),
        };
        match &mut self.times {
            RowTimes::SinceMidnight(start) => {
                let start = *start;
                if let Some((nanos, used)) = prefix_units(field, 6)
                    && used == field.len()
                    && nanos < DAY
                {
                    return Ok(start + nanos);
                }
                since_midnight().map(|nanos| start + nanos)
            }
            RowTimes::ChangingDay(local) => {
                let local = *local;
                since_midnight()
                    .and_then(|nanos| Zone::NewYork.to_utc(local + nanos).map_err(fault))
            }
            RowTimes::Stamped(parser) => parser.parse(field).map(|(time, _)| time).map_err(fault),
            RowTimes::Dated(parser) => match parser.parse(field) {
                Ok((time, _)) if time.rem_euclid(DAY) == 0 => Ok(time),
                Ok(_) => Err(fault(TimeFault::NotATime)),
                Err(kind) => Err(fault(kind)),
            },
        }
    }

    pub(super) fn price(&self, field: &[u8]) -> Result<Price, ProblemKind> {
        let decimals = self.prices.decimals();
        let units = number(field, decimals, self.extra)?;
        Price::from_units(units).map_err(|_range| too_large(field, decimals))
    }

    /// A price, or `None` where the field is empty or zero: that side was not quoted.
    pub(super) fn quoted(&self, field: &[u8]) -> Result<Option<Price>, ProblemKind> {
        if field.is_empty() {
            return Ok(None);
        }
        let price = self.price(field)?;
        if price.is_negative() {
            return Err(ProblemKind::NotPositive { found: price });
        }
        Ok(Some(price).filter(|price| price.is_positive()))
    }

    pub(super) fn volume(&self, field: &[u8]) -> Result<Volume, ProblemKind> {
        let volume = Volume::from_units(number(field, 6, self.extra)?)
            .map_err(|_range| too_large(field, 6))?;
        if volume.is_negative() {
            return Err(ProblemKind::NegativeVolume { found: volume });
        }
        Ok(volume)
    }

    pub(super) fn quantity(&self, field: &[u8]) -> Result<Quantity, ProblemKind> {
        let size = Quantity::from_units(number(field, 9, self.extra)?)
            .map_err(|_range| too_large(field, 9))?;
        if size.is_negative() {
            return Err(ProblemKind::NegativeVolume {
                found: Volume::from_quantity(size),
            });
        }
        Ok(size)
    }
}

fn number(field: &[u8], decimals: u32, extra: ExtraDigits) -> Result<i64, ProblemKind> {
    if let Some((value, used)) = prefix_units(field, decimals)
        && used == field.len()
    {
        return Ok(value);
    }
    parse_units(field, decimals, extra)
        .map(|units| units.value)
        .map_err(|fault| ProblemKind::Number {
            found: excerpt(field, 40),
            fault,
            decimals,
        })
}

#[cold]
fn too_large(field: &[u8], decimals: u32) -> ProblemKind {
    ProblemKind::Number {
        found: excerpt(field, 40),
        fault: NumberFault::OutOfRange,
        decimals,
    }
}

/// Exactly `N` comma-separated fields.
pub(super) fn fields<const N: usize>(line: &[u8]) -> Result<[&[u8]; N], ProblemKind> {
    let mut result = [[].as_slice(); N];
    let mut found = 0;
    for field in line.split(|byte| *byte == b',') {
        if let Some(place) = result.get_mut(found) {
            *place = field.trim_ascii();
        }
        found += 1;
    }
    if found == N {
        Ok(result)
    } else {
        Err(ProblemKind::FieldCount { found, expected: N })
    }
}

/// Instants of ticks: in order (equal ones are fine), not in the future.
#[derive(Debug)]
pub(super) struct TickOrder {
    last: i64,
    now: i64,
}

impl TickOrder {
    pub(super) const fn new(now: Timestamp) -> Self {
        Self {
            last: i64::MIN,
            now: now.nanos(),
        }
    }

    pub(super) fn check(&mut self, time: i64) -> Result<Timestamp, ProblemKind> {
        let found = Timestamp::from_nanos(time);
        if time > self.now {
            let now = Timestamp::from_nanos(self.now);
            return Err(ProblemKind::FutureDated { found, now });
        }
        if time < self.last {
            let previous = Timestamp::from_nanos(self.last);
            return Err(ProblemKind::Unsorted { previous, found });
        }
        self.last = time;
        Ok(found)
    }
}

/// Calls `row` for every line that is not blank, collecting faults; stops when there are enough.
///
/// # Errors
/// [`DataError::Rows`] with the faults, [`DataError::Empty`] when there is no line.
pub(super) fn for_each_row(
    bytes: &[u8],
    file: &str,
    most_problems: usize,
    mut row: impl FnMut(&[u8], Place, &mut Problems) -> Result<(), ProblemKind>,
) -> Result<(), DataError> {
    let mut problems = Problems::new(file, most_problems);
    let (mut rest, mut line, mut rows) = (bytes, 0_u64, 0_u64);
    while !rest.is_empty() && !problems.is_full() {
        let (text, after) = split_line(rest);
        let unfinished = after.is_empty() && !rest.ends_with(b"\n");
        rest = after;
        line += 1;
        if text.trim_ascii().is_empty() {
            continue;
        }
        rows += 1;
        match row(text, Place::Line(line), &mut problems) {
            Ok(()) => {}
            Err(ProblemKind::FieldCount { found, expected }) if unfinished && found < expected => {
                problems.add(Place::Line(line), None, ProblemKind::Truncated);
            }
            Err(kind) => problems.add(Place::Line(line), None, kind),
        }
    }
    if !problems.is_empty() {
        return Err(DataError::Rows(problems.take_report(!rest.is_empty())));
    }
    if rows == 0 {
        return Err(DataError::Empty {
            file: file.to_owned(),
        });
    }
    Ok(())
}
