//! A log file that is rotated by size and by age, with retention by number and by age.
//!
//! The logging set-up owns one per file. `trading.log` becomes
//! `trading.2026-06-04T13-30-00.123456789Z.log` when it is rotated: the name carries the time, so
//! that retention needs neither file times nor a list of its own. A failing disk never stops the
//! program and never goes unseen: failures are counted and the next line tries again.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use thiserror::Error;
use trader_domain::{Clock, Timestamp};

use crate::settings::Rotation;
use crate::timestamp::nanosecond_text;

/// A log file cannot be set up.
#[derive(Debug, Error)]
pub enum RotationError {
    /// The folder cannot be made or read.
    #[error("log folder {path} cannot be used: {source}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file cannot be opened.
    #[error("log file {path} cannot be opened: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

/// A rotating log file; shared by all threads, one line at a time.
pub struct RotatingFile {
    directory: PathBuf,
    stem: String,
    rotation: Rotation,
    clock: Arc<dyn Clock>,
    current: Mutex<Option<Current>>,
    failures: AtomicU64,
}

/// The file that is being written.
struct Current {
    file: File,
    bytes: u64,
    /// Time of the first line; `None` while there is none.
    begun: Option<Timestamp>,
}

impl RotatingFile {
    /// Opens `directory/STEM.log` for appending and applies the retention.
    ///
    /// # Errors
    /// [`RotationError`] when folder or file cannot be used.
    pub fn open(
        directory: &Path,
        stem: &str,
        rotation: Rotation,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, RotationError> {
        let folder = |source| RotationError::Folder {
            path: directory.to_owned(),
            source,
        };
        std::fs::create_dir_all(directory).map_err(folder)?;
        let log = Self {
            directory: directory.to_owned(),
            stem: stem.to_owned(),
            rotation,
            clock,
            current: Mutex::new(None),
            failures: AtomicU64::new(0),
        };
        let path = log.path();
        *log.lock() = Some(
            log.reopen()
                .map_err(|source| RotationError::File { path, source })?,
        );
        log.delete_expired().map_err(folder)?;
        Ok(log)
    }

    /// The file that is being written.
    pub fn path(&self) -> PathBuf {
        self.directory.join(format!("{}.log", self.stem))
    }

    /// Lines lost and rotations failed since the start.
    pub fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    /// Rotated files, oldest first, each with the time of its rotation. Only names that this type
    /// gives are listed.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn rotated(&self) -> Result<Vec<(Timestamp, PathBuf)>, io::Error> {
        let mut files = Vec::new();
        for entry in std::fs::read_dir(&self.directory)? {
            let entry = entry?;
            let name = entry.file_name();
            if let Some(time) = name.to_str().and_then(|name| self.time_of(name)) {
                files.push((time, entry.path()));
            }
        }
        files.sort();
        Ok(files)
    }

    /// A panic of another thread leaves whole lines behind, so the state stays usable.
    fn lock(&self) -> MutexGuard<'_, Option<Current>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes one line, rotating first where due. Failures are counted.
    fn write_line(&self, line: &[u8]) {
        let mut current = self.lock();
        if self.try_write(&mut current, line).is_err() {
            self.failures.fetch_add(1, Ordering::Relaxed);
            // The next line opens the file anew.
            *current = None;
        }
    }

    fn try_write(&self, slot: &mut Option<Current>, line: &[u8]) -> io::Result<()> {
        let now = self.clock.now();
        let length = u64::try_from(line.len()).map_err(io::Error::other)?;
        if slot
            .as_ref()
            .is_some_and(|current| self.is_full(current, length, now))
        {
            *slot = None;
            // A rotation that fails costs no line: the old file goes on.
            if self
                .rotate(now)
                .and_then(|()| self.delete_expired())
                .is_err()
            {
                self.failures.fetch_add(1, Ordering::Relaxed);
            }
        }
        let current = match slot {
            Some(current) => current,
            None => slot.insert(self.reopen()?),
        };
        current.file.write_all(line)?;
        current.bytes = current.bytes.saturating_add(length);
        current.begun.get_or_insert(now);
        Ok(())
    }

    fn is_full(&self, current: &Current, length: u64, now: Timestamp) -> bool {
        let too_large =
            current.bytes > 0 && current.bytes.saturating_add(length) > self.rotation.max_bytes;
        let too_old = current
            .begun
            .is_some_and(|begun| age(now, begun) >= self.rotation.rotate_after);
        too_large || too_old
    }

    fn reopen(&self) -> io::Result<Current> {
        let path = self.path();
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            // Orders and positions are nobody else's business.
            options.mode(0o640);
        }
        let file = options.open(&path)?;
        let metadata = file.metadata()?;
        let begun = if metadata.is_file() && metadata.len() > 0 {
            self.time_of_first_line(&path)
        } else {
            None
        };
        Ok(Current {
            file,
            bytes: metadata.len(),
            begun,
        })
    }

    /// Time of the first line of a file that an earlier run left; the present when it shows none.
    fn time_of_first_line(&self, path: &Path) -> Option<Timestamp> {
        const ENOUGH: u64 = 256;
        let mut line = Vec::new();
        let read = File::open(path)
            .and_then(|file| BufReader::new(file.take(ENOUGH)).read_until(b'\n', &mut line));
        let text = read
            .ok()
            .and_then(|_length| std::str::from_utf8(&line).ok());
        let time = text.and_then(|text| text.split('"').find_map(|part| part.parse().ok()));
        Some(time.unwrap_or_else(|| self.clock.now()))
    }

    fn rotate(&self, now: Timestamp) -> io::Result<()> {
        // Two rotations in one nanosecond (a clock that stands) must not overwrite each other.
        const ATTEMPTS: i64 = 10_000;
        for step in 0..ATTEMPTS {
            let target = self.directory.join(self.name_of(now.saturating_add(step)));
            if !target.exists() {
                return std::fs::rename(self.path(), target);
            }
        }
        Err(io::Error::from(io::ErrorKind::AlreadyExists))
    }

    fn delete_expired(&self) -> io::Result<()> {
        let now = self.clock.now();
        let files = self.rotated()?;
        let surplus = files.len().saturating_sub(self.rotation.keep);
        for (index, (time, path)) in files.iter().enumerate() {
            if index < surplus || age(now, *time) >= self.rotation.delete_after {
                std::fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    /// `STEM.2026-06-04T13-30-00.123456789Z.log`: colons are not allowed in names everywhere.
    fn name_of(&self, time: Timestamp) -> String {
        format!(
            "{}.{}.log",
            self.stem,
            nanosecond_text(time).replace(':', "-")
        )
    }

    fn time_of(&self, name: &str) -> Option<Timestamp> {
        let text = name
            .strip_prefix(&self.stem)?
            .strip_prefix('.')?
            .strip_suffix(".log")?;
        let (date, clock) = text.split_once('T')?;
        let time: Timestamp = format!("{date}T{}", clock.replace('-', ":")).parse().ok()?;
        // Round trip: nothing but our own names is ever deleted.
        (self.name_of(time) == name).then_some(time)
    }
}

/// Time from `earlier` to `now`; nothing when it lies ahead.
fn age(now: Timestamp, earlier: Timestamp) -> Duration {
    u64::try_from(now.nanos_since(earlier)).map_or(Duration::ZERO, Duration::from_nanos)
}

/// The subscriber writes each event, whole, with one call.
impl Write for &RotatingFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.write_line(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use trader_domain::SimulatedClock;

    const HOUR: i64 = 3_600_000_000_000;

    fn rotation() -> Rotation {
        Rotation {
            max_bytes: 100,
            keep: 3,
            rotate_after: Duration::from_secs(24 * 3600),
            delete_after: Duration::from_secs(72 * 3600),
        }
    }

    fn open(directory: &Path, clock: &Arc<SimulatedClock>) -> RotatingFile {
        RotatingFile::open(
            directory,
            "trading",
            rotation(),
            Arc::<SimulatedClock>::clone(clock),
        )
        .unwrap()
    }

    fn later(clock: &SimulatedClock, nanos: i64) {
        clock.advance_to(clock.now().saturating_add(nanos));
    }

    #[test]
    fn no_file_exceeds_its_size_and_no_line_is_lost_or_cut() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(SimulatedClock::default());
        let log = open(folder.path(), &clock);
        let mut all = Vec::new();
        for number in 0..12 {
            let line = format!("line {number:02} of thirty characters\n");
            log.write_line(line.as_bytes());
            all.push(line);
        }
        let mut kept = String::new();
        for (_, path) in log.rotated().unwrap() {
            let content = std::fs::read_to_string(path).unwrap();
            assert!(content.len() <= 100);
            kept.push_str(&content);
        }
        kept.push_str(&std::fs::read_to_string(log.path()).unwrap());
        assert_eq!(
            kept,
            all.concat(),
            "three rotated files and the current one hold all twelve lines"
        );
        assert_eq!(log.failures(), 0);
    }

    #[test]
    fn a_file_is_rotated_by_the_age_of_its_first_line_even_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(SimulatedClock::default());
        open(folder.path(), &clock)
            .write_line(b"{\"timestamp\":\"1970-01-01T00:00:00.000000000Z\"}\n");
        later(&clock, 23 * HOUR);
        let log = open(folder.path(), &clock);
        log.write_line(b"young\n");
        assert_eq!(log.rotated().unwrap().len(), 0);
        later(&clock, HOUR);
        log.write_line(b"new day\n");
        assert_eq!(log.rotated().unwrap().len(), 1);
        assert_eq!(std::fs::read_to_string(log.path()).unwrap(), "new day\n");
    }

    #[test]
    fn old_and_surplus_files_are_deleted_and_foreign_ones_never() {
        let folder = tempfile::tempdir().unwrap();
        let foreign = [
            "trading.backup.log",
            "trading.log.gz",
            "system.1970-01-01T00-00-00.000000000Z.log",
            "trading.1970-01-01T00-00-00Z.log",
        ];
        for name in foreign {
            std::fs::write(folder.path().join(name), "keep").unwrap();
        }
        let clock = Arc::new(SimulatedClock::default());
        let log = open(folder.path(), &clock);
        for _ in 0..10 {
            later(&clock, 25 * HOUR);
            log.write_line(b"a day\n");
        }
        let times: Vec<i64> = log
            .rotated()
            .unwrap()
            .iter()
            .map(|(time, _)| time.nanos() / HOUR)
            .collect();
        assert_eq!(times, [8 * 25 + 25 - 25, 9 * 25, 10 * 25].map(i64::from));
        later(&clock, 80 * HOUR);
        drop(log);
        let log = open(folder.path(), &clock);
        assert_eq!(log.rotated().unwrap(), []);
        for name in foreign {
            assert!(folder.path().join(name).exists(), "{name}");
        }
    }

    #[test]
    fn a_folder_that_cannot_be_used_is_an_error() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let clock = Arc::new(SimulatedClock::default());
        let error = RotatingFile::open(file.path(), "trading", rotation(), clock)
            .err()
            .unwrap();
        assert!(matches!(error, RotationError::Folder { .. }), "{error}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_counted_and_logging_resumes_when_there_is_room() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trading.log");
        std::os::unix::fs::symlink("/dev/full", &path).unwrap();
        let clock = Arc::new(SimulatedClock::default());
        let log = open(folder.path(), &clock);
        log.write_line(b"lost\n");
        log.write_line(b"lost\n");
        assert_eq!(log.failures(), 2);
        std::fs::remove_file(&path).unwrap();
        log.write_line(b"written\n");
        assert_eq!(log.failures(), 2);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "written\n");
    }
}
