//! Nanosecond UTC time and the one `Clock` that code below the apps may ask.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, NaiveDate, Utc};
use thiserror::Error;

/// Nanoseconds in a second.
pub const NANOS_PER_SECOND: i64 = 1_000_000_000;
/// Nanoseconds in a day of 24 hours.
pub const NANOS_PER_DAY: i64 = 86_400 * NANOS_PER_SECOND;

/// An instant in nanoseconds since 1970-01-01T00:00:00Z (1677 to 2262).
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(i64);

/// A time that nanoseconds in 64 bits cannot hold, or text that is not a time.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TimeError {
    /// Outside 1677-09-21 to 2262-04-11.
    #[error("the time is outside 1677 to 2262, the range of 64-bit nanoseconds")]
    OutOfRange,
    /// Not RFC 3339.
    #[error("`{0}` is not an RFC 3339 time such as 2024-06-03T13:30:00Z")]
    NotATime(String),
}

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);
    /// The latest instant; stands for "never" in deadlines.
    pub const MAX: Self = Self(i64::MAX);
    /// The earliest instant.
    pub const MIN: Self = Self(i64::MIN);

    /// From nanoseconds since the epoch.
    #[inline]
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the epoch.
    #[inline]
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// From a `chrono` instant.
    ///
    /// # Errors
    /// [`TimeError::OutOfRange`].
    pub fn from_datetime(time: DateTime<Utc>) -> Result<Self, TimeError> {
        time.timestamp_nanos_opt()
            .map(Self)
            .ok_or(TimeError::OutOfRange)
    }

    /// As a `chrono` instant; every value fits.
    pub fn to_datetime(self) -> DateTime<Utc> {
        DateTime::from_timestamp_nanos(self.0)
    }

    /// The UTC calendar date.
    pub fn utc_date(self) -> NaiveDate {
        self.to_datetime().date_naive()
    }

    /// This instant plus `nanos`, or the end of the range.
    #[must_use]
    #[inline]
    pub const fn saturating_add(self, nanos: i64) -> Self {
        Self(self.0.saturating_add(nanos))
    }

    /// Nanoseconds from `earlier` to this instant, negative if it is later; ends of the range saturate.
    #[inline]
    pub const fn nanos_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            &self
                .to_datetime()
                .to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true),
        )
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Timestamp({self})")
    }
}

impl std::str::FromStr for Timestamp {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let time = DateTime::parse_from_rfc3339(text)
            .map_err(|_parse_error| TimeError::NotATime(text.chars().take(40).collect()))?;
        Self::from_datetime(time.with_timezone(&Utc))
    }
}

/// The only source of "now" below the apps: system time live, simulated time otherwise.
pub trait Clock: Send + Sync {
    /// The current instant; never earlier than an instant it returned before.
    fn now(&self) -> Timestamp;
}

/// A clock that moves only when told to.
#[derive(Debug, Default)]
pub struct SimulatedClock(AtomicI64);

impl SimulatedClock {
    /// A clock standing at `start`.
    pub const fn at(start: Timestamp) -> Self {
        Self(AtomicI64::new(start.0))
    }

    /// Moves to `time`; an earlier time leaves the clock where it is.
    pub fn advance_to(&self, time: Timestamp) {
        self.0.fetch_max(time.0, Ordering::SeqCst);
    }
}

impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}
