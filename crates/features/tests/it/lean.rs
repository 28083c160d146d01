//! Files of the LEAN repository's sample data (Apache-2.0, data by `AlgoSeek`), where they are there.

use std::io::Read as _;
use std::path::Path;

/// The only file of a zip archive under `Data`, as text; `None`, with a message, when it is absent.
#[expect(clippy::print_stdout, reason = "a skipped test says so")]
pub(crate) fn unzipped(path: &str) -> Option<String> {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/data/lean/Data"
    );
    let Ok(bytes) = std::fs::read(Path::new(folder).join(path)) else {
        println!("skipped: {path} is not there");
        return None;
    };
    Some(inflated(&bytes))
}

/// The first entry of a zip archive (APPNOTE 4.3.7: 30 bytes, name, extra field, data).
fn inflated(bytes: &[u8]) -> String {
    let short = |at: usize| usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
    assert_eq!(&bytes[..4], b"PK\x03\x04", "a zip archive");
    assert_eq!(short(8), 8, "deflated");
    let data = 30 + short(26) + short(28);
    let mut text = String::new();
    flate2::read::DeflateDecoder::new(&bytes[data..])
        .read_to_string(&mut text)
        .expect("readable archive");
    text
}
