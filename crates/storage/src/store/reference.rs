//! Names and adjustment factors of securities over time, kept beside the bars they explain.
//!
//! One sealed file for each security holds the vendor's map and factor file as they came. Which security a symbol named
//! is answered as of a date: the same letters may name others at other times.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use trader_domain::Symbol;

use super::key::is_vendor;
use super::market_store::MarketStore;
use super::sealed::{SealedLines, open_seal, parse};
use crate::error::{DataError, excerpt};
use crate::lean::{FactorFile, MapFile, Security, is_ticker, map_naming};

/// A security's map and factor file, as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReferenceFiles {
    /// The security's permanent name, lower case, such as `goog` or `fb.1`.
    pub permanent: String,
    /// The map file: names over time.
    pub map: Option<String>,
    /// The factor file: splits and dividends.
    pub factors: Option<String>,
}

impl MarketStore {
    /// Keeps a security's files; what was kept of it before is replaced.
    ///
    /// # Errors
    /// [`DataError`] when a file does not parse, a name is none, or writing failed.
    pub fn put_reference(&self, vendor: &str, files: &ReferenceFiles) -> Result<(), DataError> {
        let name = &files.permanent;
        if !is_vendor(vendor) || !is_ticker(name) || name.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(DataError::Unsupported {
                file: excerpt(format!("{vendor}/{name}").as_bytes(), 60),
                detail: "is no vendor and permanent name of a security".to_owned(),
            });
        }
        parsed(files, name)?;
        let mut lines = SealedLines::default();
        lines.push(files)?;
        let (path, bytes) = (format!("{}/{name}.jsonl", folder(vendor)), lines.seal());
        if self.files.read(&path)?.as_deref() == Some(bytes.as_slice()) {
            return Ok(());
        }
        self.files.write(&[(path, bytes)])
    }

    /// The security that a symbol named on a date. Where nothing is known of the symbol it stands for itself.
    ///
    /// # Errors
    /// [`DataError::UnknownSymbol`] when the symbol is known but not on that date; [`DataError::Damaged`].
    pub fn security(
        &self,
        vendor: &str,
        symbol: Symbol,
        as_of: NaiveDate,
    ) -> Result<Security, DataError> {
        let ticker = symbol.as_str().to_ascii_lowercase();
        let mut known: Vec<(MapFile, Option<FactorFile>)> = Vec::new();
        let mut own_factors = None;
        for entry in self.files.list(&folder(vendor))? {
            let Some(name) = entry.name.strip_suffix(".jsonl") else {
                continue;
            };
            if name.starts_with('.') {
                continue;
            }
            let path = format!("{}/{}", folder(vendor), entry.name);
            let shown = self.files.shown(&path);
            let Some(bytes) = self.files.read(&path)? else {
                continue;
            };
            let lines = open_seal(&bytes, &shown)?;
            let only = lines.first().copied().unwrap_or_default();
            let files: ReferenceFiles = parse(only, &shown)?;
            let (map, factors) = parsed(&files, &shown)?;
            match map {
                Some(map) => known.push((map, factors)),
                None if files.permanent == ticker => own_factors = factors,
                None => {}
            }
        }
        let maps: Vec<&MapFile> = known.iter().map(|(map, _)| map).collect();
        let found = map_naming(&maps, &ticker, as_of)?;
        let found = found.and_then(|at| known.into_iter().nth(at));
        Ok(match found {
            Some((map, factors)) => Security {
                symbol,
                map: Some(map),
                factors,
            },
            None => Security {
                symbol,
                map: None,
                factors: own_factors,
            },
        })
    }
}

fn folder(vendor: &str) -> String {
    format!("vendor={vendor}/kind=reference")
}

fn parsed(
    files: &ReferenceFiles,
    shown: &str,
) -> Result<(Option<MapFile>, Option<FactorFile>), DataError> {
    let map = files
        .map
        .as_ref()
        .map(|text| MapFile::parse(text.as_bytes(), shown, &files.permanent));
    let factors = files
        .factors
        .as_ref()
        .map(|text| FactorFile::parse(text.as_bytes(), shown));
    Ok((map.transpose()?, factors.transpose()?))
}
