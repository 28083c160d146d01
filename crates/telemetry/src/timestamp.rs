//! Nanosecond timestamps of log lines, from the clock that the app injects.

use std::fmt;
use std::sync::Arc;

use chrono::SecondsFormat;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use trader_domain::{Clock, Timestamp};

/// Writes the time of a [`Clock`] as `2026-06-04T13:30:00.123456789Z`, always with nine digits, so
/// that lines sort as text.
#[derive(Clone)]
pub struct ClockTime(Arc<dyn Clock>);

impl ClockTime {
    /// Times from `clock`.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self(clock)
    }
}

impl FormatTime for ClockTime {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        writer.write_str(&nanosecond_text(self.0.now()))
    }
}

/// RFC 3339 with nine fractional digits.
pub(crate) fn nanosecond_text(time: Timestamp) -> String {
    time.to_datetime()
        .to_rfc3339_opts(SecondsFormat::Nanos, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_digits_always() {
        assert_eq!(
            nanosecond_text(Timestamp::EPOCH),
            "1970-01-01T00:00:00.000000000Z"
        );
        assert_eq!(
            nanosecond_text(Timestamp::from_nanos(1_500_000_001)),
            "1970-01-01T00:00:01.500000001Z"
        );
    }
}
