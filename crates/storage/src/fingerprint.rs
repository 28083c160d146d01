//! Content fingerprints: the same data gives the same 64 hex digits, whatever file it came from.

use std::fmt;
use std::io::{self, Read as _};
use std::path::Path;

use trader_domain::Symbol;

use crate::columns::BarColumns;
use crate::error::DataError;
use crate::file::open_file;
use crate::series::{Adjustment, BarSeries, PriceBasis};

/// A BLAKE3 digest of content.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The fingerprint of some bytes.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }

    /// The fingerprint of a file's bytes.
    ///
    /// # Errors
    /// [`DataError`] when the file cannot be read.
    pub fn of_file(path: &Path) -> Result<Self, DataError> {
        let mut file = open_file(path)?;
        let mut hasher = blake3::Hasher::new();
        let mut buffer = vec![0_u8; 256 * 1024];
        loop {
            match file.read(&mut buffer) {
                Ok(0) => return Ok(Self::from_hasher(&hasher)),
                Ok(count) => hasher.update(buffer.get(..count).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(DataError::from_io(path, "reading", error)),
            };
        }
    }

    /// The fingerprint of a data set: of its series' fingerprints, whatever their order.
    pub fn of_series<'a>(series: impl IntoIterator<Item = &'a BarSeries>) -> Self {
        Self::of_parts(series.into_iter().map(BarSeries::fingerprint).collect())
    }

    /// The fingerprint of several parts, whatever their order.
    pub fn of_parts(mut each: Vec<Self>) -> Self {
        each.sort_unstable();
        let mut hasher = blake3::Hasher::new();
        for one in each {
            hasher.update(&one.0);
        }
        Self::from_hasher(&hasher)
    }

    pub(crate) fn from_hasher(hasher: &blake3::Hasher) -> Self {
        Self(*hasher.finalize().as_bytes())
    }

    /// The digest.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

/// Fingerprints one symbol's bars while they stream by.
///
/// The canonical form is a line naming symbol, timeframe, basis and adjustment, then each bar row by row as
/// little-endian integers (start, open, high, low, close in 10⁻⁹, then the optional columns present; an empty optional
/// value is `i64::MIN`). Batches may be cut anywhere.
#[derive(Debug)]
pub struct SeriesFingerprint {
    hasher: blake3::Hasher,
    buffer: Vec<u8>,
}

impl SeriesFingerprint {
    /// Starts a series.
    pub fn new(
        symbol: Symbol,
        timeframe: trader_domain::Timeframe,
        basis: PriceBasis,
        adjustment: Adjustment,
    ) -> Self {
        let mut hasher = blake3::Hasher::new();
        let basis = match basis {
            PriceBasis::Ohlc => "ohlc",
            PriceBasis::CloseOnly => "close-only",
        };
        let adjustment = match adjustment {
            Adjustment::Unknown => "unknown".to_owned(),
            Adjustment::Raw => "raw".to_owned(),
            Adjustment::Vendor => "vendor".to_owned(),
            Adjustment::AsOf(date) => format!("as-of-{}", date.nanos()),
        };
        hasher.update(format!("bars 1\n{symbol} {timeframe} {basis} {adjustment}\n").as_bytes());
        Self {
            hasher,
            buffer: Vec::with_capacity(64 * 1024),
        }
    }

    /// Adds bars.
    pub fn add(&mut self, columns: &BarColumns) {
        const ABSENT: i64 = i64::MIN;
        let rows = columns
            .start
            .iter()
            .zip(&columns.open)
            .zip(&columns.high)
            .zip(&columns.low)
            .zip(&columns.close);
        for (index, ((((start, open), high), low), close)) in rows.enumerate() {
            for units in [
                start.nanos(),
                open.units(),
                high.units(),
                low.units(),
                close.units(),
            ] {
                self.buffer.extend_from_slice(&units.to_le_bytes());
            }
            let volume = columns
                .volume
                .as_ref()
                .map(|all| all.get(index).map_or(ABSENT, |value| value.units()));
            let vwap = columns.vwap.as_ref().map(|all| {
                all.get(index)
                    .copied()
                    .flatten()
                    .map_or(ABSENT, trader_domain::Price::units)
            });
            let trades = columns
                .trades
                .as_ref()
                .map(|all| all.get(index).copied().flatten().map_or(ABSENT, i64::from));
            let adjusted = columns
                .adjusted_close
                .as_ref()
                .map(|all| all.get(index).map_or(ABSENT, |value| value.units()));
            for units in [volume, vwap, trades, adjusted].into_iter().flatten() {
                self.buffer.extend_from_slice(&units.to_le_bytes());
            }
            if self.buffer.len() > 60 * 1024 {
                self.hasher.update(&self.buffer);
                self.buffer.clear();
            }
        }
    }

    /// The fingerprint of all bars added.
    pub fn finish(mut self) -> Fingerprint {
        self.hasher.update(&self.buffer);
        Fingerprint::from_hasher(&self.hasher)
    }
}

impl BarSeries {
    /// The fingerprint of the series' content; where it was read from does not matter.
    pub fn fingerprint(&self) -> Fingerprint {
        let mut fingerprint =
            SeriesFingerprint::new(self.symbol, self.timeframe, self.basis, self.adjustment);
        fingerprint.add(&self.columns);
        fingerprint.finish()
    }
}
