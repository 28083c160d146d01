//! The archive of a server's log (WAL): sealed segments in the folder of backups.
//!
//! The server hands each finished segment over through its `archive_command` and forgets it when that succeeds.
//! Therefore a segment is on the disk when it is accepted, a second delivery of the same is accepted again, and another
//! content under a name that is taken is refused: it comes from another server, or from another life of this one.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use super::{BackupError, Backups, file_error, seal};

/// Bytes of a segment's first header that are looked at.
const HEADER: usize = 36;
/// What the names of sealed files end with.
const SEALED: &str = ".sealed";
/// Segments of one `log` part of a name hold so many bytes together.
const LOG_BYTES: u64 = 1 << 32;

/// Whether a segment was new to the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// It is kept now.
    New,
    /// It was there, the same.
    Again,
}

/// A segment of one timeline by its number from the beginning of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Segment {
    pub(super) timeline: u32,
    pub(super) number: u64,
}

impl Segment {
    /// From a name of 24 hexadecimal digits; `None` for any other file of the log.
    pub(super) fn parse(name: &str, bytes: u64) -> Option<Self> {
        if name.len() != 24 || !name.bytes().all(is_digit) {
            return None;
        }
        let part = |from: usize| u32::from_str_radix(name.get(from..from + 8)?, 16).ok();
        let a_log = LOG_BYTES.checked_div(bytes)?;
        let (log, within) = (u64::from(part(8)?), u64::from(part(16)?));
        (within < a_log).then_some(())?;
        Some(Self {
            timeline: part(0)?,
            number: log.checked_mul(a_log)?.checked_add(within)?,
        })
    }

    /// The segment that holds a position of the log.
    pub(super) fn holding(timeline: u32, position: u64, bytes: u64) -> Option<Self> {
        let number = position.checked_div(bytes)?;
        Some(Self { timeline, number })
    }

    pub(super) fn name(self, bytes: u64) -> String {
        let a_log = LOG_BYTES.checked_div(bytes).unwrap_or(1).max(1);
        format!(
            "{:08X}{:08X}{:08X}",
            self.timeline,
            self.number / a_log,
            self.number % a_log
        )
    }

    pub(super) const fn next(self) -> Self {
        Self {
            number: self.number.saturating_add(1),
            ..self
        }
    }
}

/// Hexadecimal as the server writes it.
const fn is_digit(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'A'..=b'F')
}

/// Whether a server gives such a name to a file of its log: a segment, also a partial one, the label of a backup, the
/// history of a timeline. None of them leaves a folder.
fn is_wal_name(name: &str) -> bool {
    let hex = |text: &str, digits| text.len() == digits && text.bytes().all(is_digit);
    if let Some(timeline) = name.strip_suffix(".history") {
        return hex(timeline, 8);
    }
    if let Some(label) = name.strip_suffix(".backup") {
        return label
            .split_once('.')
            .is_some_and(|(segment, offset)| hex(segment, 24) && hex(offset, 8));
    }
    hex(name.strip_suffix(".partial").unwrap_or(name), 24)
}

/// A position as the server writes it: `0/2000028`.
pub(super) fn position(text: &str) -> Option<u64> {
    // The parser of the standard library takes a sign too.
    let half = |text: &str| {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_hexdigit());
        u32::from_str_radix(text, 16).ok().filter(|_| is_plain)
    };
    let (log, within) = text.split_once('/')?;
    Some(u64::from(half(log)?) << 32 | u64::from(half(within)?))
}

/// Whose a segment is, by its first header (`XLogLongPageHeaderData`).
struct Origin {
    position: u64,
    system: u64,
}

/// Reads it; `None` when there is none.
fn origin(first: &[u8]) -> Option<Origin> {
    let long = |from: usize| {
        let bytes = first.get(from..from.checked_add(8)?)?;
        Some(u64::from_ne_bytes(bytes.try_into().ok()?))
    };
    Some(Origin {
        position: long(8)?,
        system: long(24)?,
    })
}

impl Backups {
    /// Takes a file of a server's log into the archive; for the server's `archive_command`. It is on the disk when
    /// this succeeds.
    ///
    /// # Errors
    /// [`BackupError::Refused`] for a name that no server gives, and for another content under a name that is taken;
    /// [`BackupError`].
    pub fn accept_wal(&self, file: &Path) -> Result<Accepted, BackupError> {
        let name = file.file_name().and_then(|name| name.to_str());
        let Some(name) = name.filter(|name| is_wal_name(name)) else {
            return Err(BackupError::Refused(format!(
                "{}: this is no file of a server's log; archive_command hands over %p",
                file.display()
            )));
        };
        let mut content = File::open(file).map_err(|error| file_error(file, "reading", error))?;
        let path = self.wal_file(name);
        if path.exists() {
            return if self.is_same(&path, &mut content)? {
                Ok(Accepted::Again)
            } else {
                Err(BackupError::Refused(format!(
                    "{}: the archive holds another segment of this name; two servers must not share backup.folder, \
                     and a server that was set up anew needs an empty one",
                    path.display()
                )))
            };
        }
        let folder = self.wal_folder();
        fs::create_dir_all(&folder)
            .map_err(|error| file_error(&folder, "making the folder", error))?;
        self.seal_into(&mut content, &path)?;
        Ok(Accepted::New)
    }

    pub(super) fn wal_folder(&self) -> PathBuf {
        self.folder.join("wal")
    }

    fn wal_file(&self, name: &str) -> PathBuf {
        self.wal_folder().join(format!("{name}{SEALED}"))
    }

    fn is_same(&self, path: &Path, other: &mut File) -> Result<bool, BackupError> {
        let failed = |error| file_error(path, "opening the segment", error);
        let sealed = BufReader::new(File::open(path).map_err(failed)?);
        let mut same = true;
        seal::open_with(sealed, &self.key, &mut |plain| {
            let (mut one, mut two) = (vec![0; 64 << 10], vec![0; 64 << 10]);
            loop {
                let count = fill(plain, &mut one)?;
                let theirs = fill(other, &mut two)?;
                same &= one.get(..count) == two.get(..theirs);
                if count == 0 || !same {
                    return Ok(());
                }
            }
        })
        .map_err(failed)?;
        Ok(same)
    }

    /// Names of what is archived.
    pub(super) fn wal_names(&self) -> Result<BTreeSet<String>, BackupError> {
        let folder = self.wal_folder();
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
            Err(error) => return Err(file_error(&folder, "listing", error)),
        };
        let mut names = BTreeSet::new();
        for entry in entries {
            let entry = entry.map_err(|error| file_error(&folder, "listing", error))?;
            let name = entry.file_name();
            let name = name.to_str().and_then(|name| name.strip_suffix(SEALED));
            names.extend(name.filter(|name| is_wal_name(name)).map(str::to_owned));
        }
        Ok(names)
    }

    /// Writes an archived file of the log in the clear.
    pub(super) fn open_wal(&self, name: &str, to: &Path) -> Result<(), BackupError> {
        let path = self.wal_file(name);
        let failed = |error| file_error(&path, "opening the segment", error);
        let sealed = BufReader::new(File::open(&path).map_err(failed)?);
        let mut plain = File::create(to).map_err(|error| file_error(to, "writing", error))?;
        seal::open(sealed, &mut plain, &self.key).map_err(failed)?;
        plain
            .sync_all()
            .map_err(|error| file_error(to, "writing", error))
    }

    /// Makes sure that a segment is the one that its name tells, of this server.
    pub(super) fn check_segment(
        &self,
        file: &Path,
        segment: Segment,
        bytes: u64,
        system: &str,
    ) -> Result<(), BackupError> {
        let failed = |error| file_error(file, "reading", error);
        let mut first = vec![0; HEADER];
        let mut content = File::open(file).map_err(failed)?;
        let length = content.metadata().map_err(failed)?.len();
        let count = fill(&mut content, &mut first).map_err(failed)?;
        let found = origin(first.get(..count).unwrap_or_default());
        let is_ours = length == bytes
            && found.is_some_and(|found| {
                found.position == segment.number.saturating_mul(bytes)
                    && found.system.to_string() == system
            });
        if is_ours {
            return Ok(());
        }
        Err(BackupError::Refused(format!(
            "{}: this is not that segment of server {system}; take it from another copy of the archive",
            self.wal_file(&segment.name(bytes)).display()
        )))
    }

    /// Removes what no kept base backup needs: segments before its first one, of its timeline and those before.
    pub(super) fn remove_wal_before(&self, first: Segment, bytes: u64) -> Result<u64, BackupError> {
        let mut removed = 0;
        for name in self.wal_names()? {
            // Labels and partial segments go with the segment in their names; histories are small and stay.
            let segment = name.get(..24).and_then(|name| Segment::parse(name, bytes));
            let is_old = segment.is_some_and(|segment| {
                segment.timeline <= first.timeline && segment.number < first.number
            });
            if is_old {
                let path = self.wal_file(&name);
                fs::remove_file(&path).map_err(|error| file_error(&path, "removing", error))?;
                removed += 1;
            }
        }
        Ok(removed)
    }
}

/// Reads until the buffer is full or nothing is left.
fn fill(from: &mut (impl Read + ?Sized), buffer: &mut [u8]) -> io::Result<usize> {
    let mut count = 0;
    while let Some(rest) = buffer.get_mut(count..).filter(|rest| !rest.is_empty()) {
        match from.read(rest)? {
            0 => break,
            read => count += read,
        }
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::SecretString;

    const MIB: u64 = 1 << 20;

    fn backups(folder: &Path) -> Backups {
        Backups::new(folder.to_owned(), SecretString::from("k".repeat(40)), None)
    }

    #[test]
    fn segments_follow_each_other_across_the_end_of_a_log() {
        let last = Segment::parse("0000000100000002000000FF", 16 * MIB).unwrap();
        assert_eq!(last.next().name(16 * MIB), "000000010000000300000000");
        assert_eq!(last.name(16 * MIB), "0000000100000002000000FF");
        let at = position("3/0").unwrap();
        assert_eq!(Segment::holding(1, at, 16 * MIB), Some(last.next()));
        // A larger segment size has fewer of them in a log.
        assert!(Segment::parse("0000000100000002000000FF", 64 * MIB).is_none());
        assert!(Segment::parse("0000000100000002000000FF", 0).is_none());
        assert_eq!(position("0/2000028"), Some(0x200_0028));
        for text in ["", "/", "0", "g/0", "+1/+2", "0/1FFFFFFFF"] {
            assert_eq!(position(text), None, "{text}");
        }
    }

    #[test]
    fn only_names_of_a_server_are_taken() {
        let folder = tempfile::tempdir().unwrap();
        let backups = backups(&folder.path().join("backups"));
        for name in [
            "00000001000000000000000",
            "0000000100000000000000zz",
            "..",
            "trader.db",
            "00000001000000000000000A.sealed",
            "0000000100000000000000010",
            "1.history",
            "000000010000000000000001.backup",
        ] {
            let path = folder.path().join(name);
            drop(fs::write(&path, b"x"));
            let refused = backups.accept_wal(&path);
            assert!(
                matches!(refused, Err(BackupError::Refused(_))),
                "{name}: {refused:?}"
            );
        }
        for name in [
            "00000001000000000000000A",
            "00000001000000000000000A.partial",
            "00000001000000000000000A.00000028.backup",
            "00000002.history",
        ] {
            let path = folder.path().join(name);
            fs::write(&path, name).unwrap();
            assert_eq!(backups.accept_wal(&path).unwrap(), Accepted::New);
        }
        assert_eq!(backups.wal_names().unwrap().len(), 4);
    }

    #[test]
    fn the_same_segment_is_taken_twice_and_another_of_its_name_never() {
        let folder = tempfile::tempdir().unwrap();
        let backups = backups(&folder.path().join("backups"));
        let path = folder.path().join("00000001000000000000000A");
        fs::write(&path, vec![7; 200_000]).unwrap();
        assert_eq!(backups.accept_wal(&path).unwrap(), Accepted::New);
        assert_eq!(backups.accept_wal(&path).unwrap(), Accepted::Again);
        for other in [vec![7; 199_999], vec![7; 200_001], vec![8; 200_000], vec![]] {
            fs::write(&path, other).unwrap();
            let refused = backups.accept_wal(&path);
            assert!(
                matches!(refused, Err(BackupError::Refused(_))),
                "{refused:?}"
            );
        }
        let plain = folder.path().join("plain");
        backups
            .open_wal("00000001000000000000000A", &plain)
            .unwrap();
        assert_eq!(fs::read(plain).unwrap(), vec![7; 200_000]);
        // What stands in the clear is nowhere in the archive.
        let sealed = fs::read(backups.wal_file("00000001000000000000000A")).unwrap();
        assert!(!sealed.windows(16).any(|bytes| bytes == [7; 16]));
    }
}
