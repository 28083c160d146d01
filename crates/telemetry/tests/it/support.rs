//! A subscriber whose console goes to memory.

use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
use trader_domain::{Clock, SimulatedClock, Timestamp};
use trader_telemetry::{Console, FileSettings, Levels, LogSettings, Rotation};

/// 2026-06-04T13:30:00.123456789Z.
pub(crate) const START: i64 = 1_780_579_800_123_456_789;

#[derive(Clone, Default)]
pub(crate) struct Memory(Arc<Mutex<Vec<u8>>>);

impl Memory {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Memory {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

pub(crate) fn clock() -> Arc<dyn Clock> {
    Arc::new(SimulatedClock::at(Timestamp::from_nanos(START)))
}

pub(crate) fn settings(console: Console, directory: Option<&Path>) -> LogSettings {
    let rotation = Rotation {
        max_bytes: 1 << 20,
        keep: 3,
        rotate_after: Duration::from_secs(86_400),
        delete_after: Duration::from_secs(864_000),
    };
    LogSettings {
        levels: Levels {
            default: LevelFilter::INFO,
            targets: vec![("noisy".to_owned(), LevelFilter::ERROR)],
        },
        console,
        files: directory.map(|directory| FileSettings {
            directory: directory.to_owned(),
            system_level: LevelFilter::WARN,
            trading: rotation,
            system: rotation,
        }),
    }
}

/// Every line as JSON.
pub(crate) fn json_lines(text: &str) -> Vec<serde_json::Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}
