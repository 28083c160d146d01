//! One record: an event with its number, its time and the fingerprint of all effects before it.

use thiserror::Error;
use trader_domain::{Event, SequencedEvent, Timestamp};

/// Longest body accepted; a news item with its text fits, a damaged length does not ask for more.
pub const MAX_RECORD_BYTES: usize = 4 << 20;

pub(super) const MAGIC: &[u8; 8] = b"AITRJRNL";
pub(super) const VERSION: u16 = 1;
pub(super) const HEADER_BYTES: usize = 24;
/// Length and checksum.
pub(super) const PREFIX_BYTES: usize = 8;
/// Sequence, time, effects fingerprint.
const FIXED_BODY_BYTES: usize = 32;

/// One journalled event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalRecord {
    /// The event as the core processed it.
    pub event: SequencedEvent,
    /// [`crate::Core::effects_hash`] before the event.
    pub effects_before: u128,
}

impl JournalRecord {
    /// Whether this is the start of a run ([`start_event`]).
    pub fn is_start(&self) -> bool {
        self.event.sequence == START && self.event.event == Event::Clock
    }
}

/// The sequence of the start record; the core's events count from 1.
const START: u64 = 0;

/// What a journal begins with: [`crate::Core::start`] at `at`. It is not given to
/// [`crate::Core::process`].
pub const fn start_event(at: Timestamp) -> SequencedEvent {
    SequencedEvent {
        sequence: START,
        time: at,
        event: Event::Clock,
    }
}

/// Why bytes are not a record, or an event cannot become one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RecordError {
    /// The bytes end inside the record.
    #[error("the record is cut off")]
    CutOff,
    /// The checksum does not match.
    #[error("the record's checksum does not match its content")]
    Checksum,
    /// The length is impossible.
    #[error("the record claims {0} bytes, at most {MAX_RECORD_BYTES} are allowed")]
    Length(usize),
    /// The checksum matches but the content is not an event of this version.
    #[error("the record's content is not an event: {0}")]
    Content(String),
}

/// Appends a record to `out`.
///
/// # Errors
/// [`RecordError::Length`] for an event above [`MAX_RECORD_BYTES`]; `out` is then unchanged.
pub(super) fn encode(
    input: &SequencedEvent,
    effects_before: u128,
    out: &mut Vec<u8>,
) -> Result<(), RecordError> {
    let start = out.len();
    out.extend_from_slice(&[0; PREFIX_BYTES]);
    out.extend_from_slice(&input.sequence.to_le_bytes());
    out.extend_from_slice(&input.time.nanos().to_le_bytes());
    out.extend_from_slice(&effects_before.to_le_bytes());
    if let Err(error) = postcard::to_extend(&input.event, Appender(&mut *out)) {
        out.truncate(start);
        return Err(RecordError::Content(error.to_string()));
    }
    let length = out.len() - start - PREFIX_BYTES;
    let short = u32::try_from(length)
        .ok()
        .filter(|_| length <= MAX_RECORD_BYTES);
    let Some(short) = short else {
        out.truncate(start);
        return Err(RecordError::Length(length));
    };
    let mut checksum = crc32fast::Hasher::new();
    checksum.update(&short.to_le_bytes());
    checksum.update(out.get(start + PREFIX_BYTES..).unwrap_or_default());
    let checksum = checksum.finalize();
    if let Some(prefix) = out.get_mut(start..start + PREFIX_BYTES) {
        let (length_bytes, checksum_bytes) = prefix.split_at_mut(4);
        length_bytes.copy_from_slice(&short.to_le_bytes());
        checksum_bytes.copy_from_slice(&checksum.to_le_bytes());
    }
    Ok(())
}

/// `Extend` on a borrowed buffer, so that postcard writes in place.
struct Appender<'a>(&'a mut Vec<u8>);

impl Extend<u8> for Appender<'_> {
    fn extend<I: IntoIterator<Item = u8>>(&mut self, bytes: I) {
        self.0.extend(bytes);
    }
}

fn word<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at + N)?.try_into().ok()
}

/// Reads the record at the start of `bytes`; gives it and the number of bytes it took. Any bytes may
/// be given: it neither panics nor asks for more memory than they and one record's limit justify.
///
/// # Errors
/// [`RecordError`].
pub fn decode(bytes: &[u8]) -> Result<(JournalRecord, usize), RecordError> {
    let length = u32::from_le_bytes(word(bytes, 0).ok_or(RecordError::CutOff)?);
    let checksum = u32::from_le_bytes(word(bytes, 4).ok_or(RecordError::CutOff)?);
    let size = usize::try_from(length).map_err(|_too_large| RecordError::Length(usize::MAX))?;
    if !(FIXED_BODY_BYTES..=MAX_RECORD_BYTES).contains(&size) {
        return Err(RecordError::Length(size));
    }
    let body = bytes
        .get(PREFIX_BYTES..PREFIX_BYTES + size)
        .ok_or(RecordError::CutOff)?;
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&length.to_le_bytes());
    hasher.update(body);
    if hasher.finalize() != checksum {
        return Err(RecordError::Checksum);
    }
    let sequence = u64::from_le_bytes(word(body, 0).ok_or(RecordError::CutOff)?);
    let time = i64::from_le_bytes(word(body, 8).ok_or(RecordError::CutOff)?);
    let effects_before = u128::from_le_bytes(word(body, 16).ok_or(RecordError::CutOff)?);
    let (event, rest) =
        postcard::take_from_bytes::<Event>(body.get(FIXED_BODY_BYTES..).unwrap_or_default())
            .map_err(|error| RecordError::Content(error.to_string()))?;
    if !rest.is_empty() {
        return Err(RecordError::Content(format!(
            "{} bytes after the event",
            rest.len()
        )));
    }
    let event = SequencedEvent {
        sequence,
        time: Timestamp::from_nanos(time),
        event,
    };
    Ok((
        JournalRecord {
            event,
            effects_before,
        },
        PREFIX_BYTES + size,
    ))
}

/// The file header.
pub(super) fn header(run: u64) -> [u8; HEADER_BYTES] {
    let mut bytes = [0; HEADER_BYTES];
    let (content, checksum) = bytes.split_at_mut(HEADER_BYTES - 4);
    content[..8].copy_from_slice(MAGIC);
    content[8..10].copy_from_slice(&VERSION.to_le_bytes());
    content[12..20].copy_from_slice(&run.to_le_bytes());
    checksum.copy_from_slice(&crc32fast::hash(content).to_le_bytes());
    bytes
}
