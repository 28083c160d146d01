//! What goes to the terminal, and the clock.

use std::io::Write as _;

use serde::Serialize;
use trader_domain::{Clock, Timestamp};

use crate::failure::Failure;

/// The wall clock: rows dated later are rejected, and symbols mean what they mean today.
#[expect(
    clippy::disallowed_methods,
    reason = "the app is where the system clock is read"
)]
pub(crate) fn now() -> Timestamp {
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let nanos = since_epoch
        .ok()
        .and_then(|elapsed| i64::try_from(elapsed.as_nanos()).ok());
    nanos.map_or(Timestamp::MAX, Timestamp::from_nanos)
}

/// [`now`], for those who take a clock.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        now()
    }
}

/// Writes to standard output; a closed pipe is not an error of ours.
pub(crate) fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let _closed_pipe = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// One JSON object and a line break.
pub(crate) fn json<T: Serialize>(value: &T) -> Result<(), Failure> {
    let text = serde_json::to_string(value).map_err(|error| Failure::File {
        path: "standard output".to_owned(),
        action: "writing JSON",
        source: error.into(),
    })?;
    print(&format!("{text}\n"));
    Ok(())
}

/// A number with separators: 1,234,567.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
