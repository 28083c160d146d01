//! Entries of a cache: bytes that Redis, a disk and whoever writes to them hand us.

use trader_cache::Entry;
use trader_domain::Timestamp;

use crate::Verdict;

/// Length of the digest at the end of an entry.
const DIGEST: usize = 16;

/// An entry: as it comes, and under a digest that fits, since it keeps everything else out.
///
/// # Panics
/// When an entry that was accepted does not print back to itself.
pub fn cache_entry(data: &[u8]) -> Verdict {
    let hash = blake3::hash(data);
    let sealed = [data, hash.as_bytes().get(..DIGEST).unwrap_or_default()].concat();
    let mut verdict = Verdict::Refused;
    for bytes in [data, &sealed] {
        if let Ok(entry) = Entry::parse(bytes) {
            let again = entry.render().map(|bytes| Entry::parse(&bytes));
            assert_eq!(again, Some(Ok(entry)));
            verdict = Verdict::Accepted;
        }
    }
    verdict
}

/// Entries without their digest, plain and compressed.
pub(super) fn entry_seeds() -> Vec<Vec<u8>> {
    [10, 2_000]
        .iter()
        .filter_map(|length| {
            let entry = Entry {
                key: "answers:alpaca:AAPL:1m".to_owned(),
                ends: Timestamp::from_nanos(1_800_000_000_000_000_000),
                content: b"time,open\n".repeat(*length / 10),
            };
            let mut bytes = entry.render()?;
            bytes.truncate(bytes.len().checked_sub(DIGEST)?);
            Some(bytes)
        })
        .collect()
}
