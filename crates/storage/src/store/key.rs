//! What a series is, where its files are, and how its time is cut into partitions.

use std::fmt;

use chrono::{Datelike as _, NaiveDate};
use trader_domain::{MAX_VENDOR_NAME, NANOS_PER_DAY, Symbol, Timeframe, Timestamp};

use crate::error::{DataError, excerpt};
use crate::series::{Adjustment, PriceBasis};
use crate::text::zone::{Zone, date_of_epoch_day, epoch_day};

/// How stored prices were changed after they traded. What we adjust ourselves is never stored: it is made on reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StoredAdjustment {
    /// The source does not say.
    Unknown,
    /// As traded.
    Raw,
    /// By the vendor.
    Vendor,
}

impl StoredAdjustment {
    /// All.
    pub const ALL: [Self; 3] = [Self::Unknown, Self::Raw, Self::Vendor];

    /// The word in paths and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Raw => "raw",
            Self::Vendor => "vendor",
        }
    }

    /// As the readers call it.
    pub const fn as_read(self) -> Adjustment {
        match self {
            Self::Unknown => Adjustment::Unknown,
            Self::Raw => Adjustment::Raw,
            Self::Vendor => Adjustment::Vendor,
        }
    }

    /// From what a reader says; `None` for prices that we adjusted.
    pub const fn of(adjustment: Adjustment) -> Option<Self> {
        match adjustment {
            Adjustment::Unknown => Some(Self::Unknown),
            Adjustment::Raw => Some(Self::Raw),
            Adjustment::Vendor => Some(Self::Vendor),
            Adjustment::AsOf(_) => None,
        }
    }
}

/// One series: everything of one vendor, kind, length of bars, adjustment and symbol.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SeriesKey {
    /// Who delivered it: 1 to 40 of `a-z`, `0-9`, `-`, `_`.
    vendor: String,
    basis: Basis,
    seconds: Option<u32>,
    adjustment: StoredAdjustment,
    symbol: Symbol,
}

/// [`PriceBasis`] with an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Basis {
    Bars,
    Closes,
}

impl SeriesKey {
    /// A series' name.
    ///
    /// # Errors
    /// [`DataError::Unsupported`] when the vendor's name is none.
    pub fn new(
        vendor: &str,
        basis: PriceBasis,
        timeframe: Timeframe,
        adjustment: StoredAdjustment,
        symbol: Symbol,
    ) -> Result<Self, DataError> {
        if !is_vendor(vendor) {
            return Err(DataError::Unsupported {
                file: excerpt(vendor.as_bytes(), 60),
                detail: format!(
                    "is no vendor's name; use 1 to {MAX_VENDOR_NAME} of a-z, 0-9, - and _"
                ),
            });
        }
        Ok(Self {
            vendor: vendor.to_owned(),
            basis: match basis {
                PriceBasis::Ohlc => Basis::Bars,
                PriceBasis::CloseOnly => Basis::Closes,
            },
            seconds: match timeframe {
                Timeframe::Session => None,
                Timeframe::Seconds(seconds) => Some(seconds),
            },
            adjustment,
            symbol,
        })
    }

    /// Who delivered it.
    pub fn vendor(&self) -> &str {
        &self.vendor
    }

    /// Whether there are whole bars or closes only.
    pub const fn basis(&self) -> PriceBasis {
        match self.basis {
            Basis::Bars => PriceBasis::Ohlc,
            Basis::Closes => PriceBasis::CloseOnly,
        }
    }

    /// Length of bars.
    pub const fn timeframe(&self) -> Timeframe {
        match self.seconds {
            None => Timeframe::Session,
            Some(seconds) => Timeframe::Seconds(seconds),
        }
    }

    /// How prices were changed.
    pub const fn adjustment(&self) -> StoredAdjustment {
        self.adjustment
    }

    /// Which instrument, by the name it traded under.
    pub const fn symbol(&self) -> Symbol {
        self.symbol
    }

    /// The series' folder, relative to the store.
    pub fn folder(&self) -> String {
        format!(
            "vendor={}/kind={}/timeframe={}/adjustment={}/symbol={}",
            self.vendor,
            self.kind(),
            self.timeframe(),
            self.adjustment.name(),
            escaped(self.symbol.as_str())
        )
    }

    /// `bars` or `closes`.
    pub const fn kind(&self) -> &'static str {
        match self.basis {
            Basis::Bars => "bars",
            Basis::Closes => "closes",
        }
    }

    /// The lock's name: the folder without separators.
    pub(super) fn lock_name(&self) -> String {
        format!("{}.lock", self.folder().replace('/', "+"))
    }

    /// The series that a folder holds; `None` when the folder is none of ours.
    pub fn of_folder(folder: &str) -> Option<Self> {
        let mut parts = folder.split('/');
        let mut value = |key: &str| parts.next()?.strip_prefix(key)?.strip_prefix('=');
        let vendor = value("vendor")?.to_owned();
        let basis = match value("kind")? {
            "bars" => PriceBasis::Ohlc,
            "closes" => PriceBasis::CloseOnly,
            _ => return None,
        };
        let timeframe = parse_timeframe(value("timeframe")?)?;
        let word = value("adjustment")?;
        let adjustment = StoredAdjustment::ALL
            .into_iter()
            .find(|one| one.name() == word)?;
        let symbol = Symbol::new(&unescaped(value("symbol")?)?).ok()?;
        let key = Self::new(&vendor, basis, timeframe, adjustment, symbol).ok()?;
        (key.folder() == folder).then_some(key)
    }
}

impl fmt::Display for SeriesKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {} {} ({}, {})",
            self.symbol,
            self.timeframe(),
            self.kind(),
            self.vendor,
            self.adjustment.name()
        )
    }
}

pub(super) fn is_vendor(name: &str) -> bool {
    (1..=MAX_VENDOR_NAME).contains(&name.len())
        && name
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'))
}

/// A length of bars as written by its `Display`: `1d`, `4h`, `5m`, `30s`.
pub fn parse_timeframe(text: &str) -> Option<Timeframe> {
    if text == "1d" {
        return Some(Timeframe::Session);
    }
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let unit = match unit {
        "h" => 3_600,
        "m" => 60,
        "s" => 1,
        _ => return None,
    };
    let is_plain = number.bytes().all(|byte| byte.is_ascii_digit());
    let number: u32 = number
        .parse()
        .ok()
        .filter(|number| is_plain && *number > 0)?;
    Some(Timeframe::Seconds(number.checked_mul(unit)?))
}

/// A symbol as part of a path: capitals, digits, `-`, `_` and dots between them as they are, everything else as `%2F`.
/// Lower case is escaped too, since some file systems take `a` for `A`.
pub(super) fn escaped(symbol: &str) -> String {
    let plain = |byte: &u8| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_');
    let bytes = symbol.as_bytes();
    let mut result = String::with_capacity(symbol.len());
    for (index, byte) in bytes.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|at| bytes.get(at));
        let after = bytes.get(index + 1);
        let between = *byte == b'.' && before.is_some_and(plain) && after.is_some_and(plain);
        if plain(byte) || between {
            result.push(char::from(*byte));
        } else {
            result.push('%');
            result.push_str(&format!("{byte:02X}"));
        }
    }
    result
}

pub(super) fn unescaped(text: &str) -> Option<String> {
    let mut result = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        result.push_str(before);
        let byte = u8::from_str_radix(after.get(..2)?, 16).ok()?;
        result.push(char::from(byte));
        rest = after.get(2..)?;
    }
    result.push_str(rest);
    Some(result)
}

/// A part of a series' time that is one file.
///
/// Daily bars go by decade, bars of half an hour and more by year, shorter ones by trading day in New York: some
/// thousand rows each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Partition {
    /// Ten years from this one, a multiple of ten.
    Decade(i32),
    /// One year.
    Year(i32),
    /// One day.
    Day(NaiveDate),
}

impl Partition {
    /// The partition that a bar with this label belongs to; `None` outside the years 1900 to 2199.
    pub fn of(label: Timestamp, timeframe: Timeframe) -> Option<Self> {
        let date = trading_date(label, timeframe)?;
        Self::of_date(date, timeframe)
    }

    /// The partition of a date.
    pub fn of_date(date: NaiveDate, timeframe: Timeframe) -> Option<Self> {
        if !(1900..2200).contains(&date.year()) {
            return None;
        }
        Some(match timeframe {
            Timeframe::Session => Self::Decade(date.year() - date.year().rem_euclid(10)),
            Timeframe::Seconds(seconds) if seconds >= 1_800 => Self::Year(date.year()),
            Timeframe::Seconds(_) => Self::Day(date),
        })
    }

    /// First and last date, inclusive.
    pub fn dates(self) -> Option<(NaiveDate, NaiveDate)> {
        let year = |first: i32, last: i32| {
            Some((
                NaiveDate::from_ymd_opt(first, 1, 1)?,
                NaiveDate::from_ymd_opt(last, 12, 31)?,
            ))
        };
        match self {
            Self::Decade(first) => year(first, first.checked_add(9)?),
            Self::Year(one) => year(one, one),
            Self::Day(date) => Some((date, date)),
        }
    }

    /// The first label behind the partition.
    pub fn until(self, timeframe: Timeframe) -> Option<Timestamp> {
        let (_, last) = self.dates()?;
        label_of_date(last.succ_opt()?, timeframe)
    }

    /// Reads what `Display` writes, and nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        let (key, value) = text.split_once('=')?;
        let partition = match key {
            "decade" => Self::Decade(value.parse().ok()?),
            "year" => Self::Year(value.parse().ok()?),
            "date" => Self::Day(value.parse().ok()?),
            _ => return None,
        };
        let year = partition.dates()?.0.year();
        let in_range = (1900..2200).contains(&year);
        let aligned = !matches!(partition, Self::Decade(first) if first.rem_euclid(10) != 0);
        (in_range && aligned && partition.to_string() == text).then_some(partition)
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decade(first) => write!(f, "decade={first}"),
            Self::Year(year) => write!(f, "year={year}"),
            Self::Day(date) => write!(f, "date={date}"),
        }
    }
}

/// The New York date that a bar's label names.
pub fn trading_date(label: Timestamp, timeframe: Timeframe) -> Option<NaiveDate> {
    let local = match timeframe {
        Timeframe::Session => label.nanos(),
        Timeframe::Seconds(_) => Zone::NewYork.from_utc(label.nanos()).ok()?,
    };
    date_of_epoch_day(local.div_euclid(NANOS_PER_DAY))
}

/// The first label of a New York date.
pub fn label_of_date(date: NaiveDate, timeframe: Timeframe) -> Option<Timestamp> {
    let midnight = epoch_day(date).checked_mul(NANOS_PER_DAY)?;
    let nanos = match timeframe {
        Timeframe::Session => midnight,
        Timeframe::Seconds(_) => Zone::NewYork.to_utc(midnight).ok()?,
    };
    Some(Timestamp::from_nanos(nanos))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_symbol_has_a_folder_of_its_own_that_is_no_way_out() {
        for text in [
            "SPY",
            "BRK.B",
            "..",
            "../../etc",
            "a",
            "A",
            "BTC/USD",
            ".A",
            "A.",
            "%2F",
        ] {
            let key = SeriesKey::new(
                "local",
                PriceBasis::Ohlc,
                Timeframe::MINUTE,
                StoredAdjustment::Raw,
                Symbol::new(text).unwrap(),
            )
            .unwrap();
            let folder = key.folder();
            assert_eq!(folder.split('/').count(), 5, "{folder}");
            assert!(!folder.contains(".."), "{folder}");
            assert_eq!(SeriesKey::of_folder(&folder), Some(key));
        }
    }

    #[test]
    fn partitions_are_read_as_they_are_written_and_nothing_else() {
        for text in ["decade=1990", "year=2013", "date=2013-10-07"] {
            assert_eq!(Partition::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "decade=1995",
            "year=02013",
            "year=1",
            "date=2013-1-7",
            "../x=1",
            "year=+2013",
        ] {
            assert_eq!(Partition::parse(text), None, "{text}");
        }
    }

    #[test]
    fn timeframes_are_read_as_they_are_written() {
        for text in ["1d", "1h", "5m", "30s", "90m"] {
            assert_eq!(parse_timeframe(text).unwrap().to_string(), text);
        }
        for text in ["", "0m", "d", "+5m", "2d", "99999999999h", "5é"] {
            assert_eq!(parse_timeframe(text), None, "{text}");
        }
    }
}
