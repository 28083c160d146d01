//! Files of the LEAN repository's sample data (Apache-2.0, data by `AlgoSeek`), where they are there.

use std::io::Read as _;
use std::path::Path;

/// The first file of a zip archive under `Data`, as text; `None`, with a message, when it is absent.
pub(crate) fn unzipped(path: &str) -> Option<String> {
    unzipped_all(path)?.into_iter().next().map(|(_, text)| text)
}

/// All files of an archive: names and texts.
#[expect(clippy::print_stdout, reason = "a skipped test says so")]
pub(crate) fn unzipped_all(path: &str) -> Option<Vec<(String, String)>> {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/data/lean/Data"
    );
    let Ok(bytes) = std::fs::read(Path::new(folder).join(path)) else {
        println!("skipped: {path} is not there");
        return None;
    };
    Some(entries(&bytes))
}

/// One local header after the other (APPNOTE 4.3.7: 30 bytes, name, extra field, data).
fn entries(bytes: &[u8]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while rest.starts_with(b"PK\x03\x04") {
        let short = |at: usize| usize::from(u16::from_le_bytes([rest[at], rest[at + 1]]));
        let name = String::from_utf8_lossy(&rest[30..30 + short(26)]).into_owned();
        let data = 30 + short(26) + short(28);
        let mut text = String::new();
        let mut decoder = flate2::bufread::DeflateDecoder::new(&rest[data..]);
        decoder.read_to_string(&mut text).expect("deflated text");
        let used = usize::try_from(decoder.total_in()).expect("a file in memory");
        rest = &rest[data + used..];
        found.push((name, text));
    }
    found
}
