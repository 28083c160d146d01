//! Hive-partitioned folders: `symbol=SPY/date=2024-06-03/part-0.parquet` and the like.

use std::path::{Path, PathBuf};

use trader_domain::{Symbol, Timestamp};

use crate::error::DataError;
use crate::text::time::{TimeForm, TimeParser};
use crate::text::zone::Zone;

/// A file and what its folders say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionedFile {
    /// Where it is.
    pub path: PathBuf,
    /// From `symbol=` or `ticker=`.
    pub symbol: Option<Symbol>,
    /// From `date=`, as 00:00 UTC of it in nanoseconds.
    pub date: Option<i64>,
}

/// Deepest nesting of folders looked at.
const DEEPEST: usize = 8;

/// The Parquet files below `folder` of the symbols and dates asked for, in the order of symbol, then date, then name.
///
/// Folders of other symbols or dates are not entered. `from` and `to` are inclusive dates (00:00 UTC names one).
///
/// # Errors
/// [`DataError`] when a folder cannot be listed, a partition's value is malformed, or no file is left.
pub fn partitioned_files(
    folder: &Path,
    symbols: Option<&[Symbol]>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
) -> Result<Vec<PartitionedFile>, DataError> {
    let wanted = Wanted { symbols, from, to };
    let mut found = Vec::new();
    let start = PartitionedFile {
        path: folder.to_owned(),
        symbol: None,
        date: None,
    };
    visit(&start, &wanted, DEEPEST, &mut found)?;
    if found.is_empty() {
        return Err(DataError::NoFiles {
            file: folder.display().to_string(),
            kind: "Parquet files",
        });
    }
    found.sort_by(|a, b| (a.symbol, a.date, &a.path).cmp(&(b.symbol, b.date, &b.path)));
    Ok(found)
}

/// What is asked for.
struct Wanted<'a> {
    symbols: Option<&'a [Symbol]>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
}

impl Wanted<'_> {
    fn includes(&self, part: &PartitionedFile) -> bool {
        let symbol = part
            .symbol
            .is_none_or(|symbol| self.symbols.is_none_or(|wanted| wanted.contains(&symbol)));
        let date = part.date.map(Timestamp::from_nanos);
        let from = self
            .from
            .is_none_or(|from| date.is_none_or(|date| date >= from));
        let to = self.to.is_none_or(|to| date.is_none_or(|date| date <= to));
        symbol && from && to
    }
}

fn visit(
    at: &PartitionedFile,
    wanted: &Wanted<'_>,
    depth: usize,
    found: &mut Vec<PartitionedFile>,
) -> Result<(), DataError> {
    let entries = std::fs::read_dir(&at.path)
        .map_err(|error| DataError::from_io(&at.path, "listing the folder", error))?;
    for entry in entries {
        let entry =
            entry.map_err(|error| DataError::from_io(&at.path, "listing the folder", error))?;
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        // Writers leave `_SUCCESS`, `.crc` and unfinished files behind.
        if name.starts_with(['.', '_']) {
            continue;
        }
        let mut part = PartitionedFile { path, ..at.clone() };
        let is_folder = part.path.is_dir();
        if is_folder {
            read_partition(&name, &mut part)?;
            if depth > 0 && wanted.includes(&part) {
                visit(&part, wanted, depth - 1, found)?;
            }
        } else if part
            .path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("parquet"))
        {
            found.push(part);
        }
    }
    Ok(())
}

/// Takes `symbol=X` or `date=Y` into the part; other folders are just passed through.
fn read_partition(name: &str, part: &mut PartitionedFile) -> Result<(), DataError> {
    let Some((key, value)) = name.split_once('=') else {
        return Ok(());
    };
    let malformed = || DataError::Unsupported {
        file: part.path.display().to_string(),
        detail: format!(
            "the partition `{name}` has no valid value; expected symbol=SPY or date=2024-06-03"
        ),
    };
    match key.to_ascii_lowercase().as_str() {
        "symbol" | "ticker" => {
            part.symbol = Some(Symbol::new(&unescaped(value)).map_err(|_not_text| malformed())?);
        }
        "date" => {
            let mut parser = TimeParser::new(Zone::Utc, None);
            match parser.parse(value.as_bytes()) {
                Ok((date, TimeForm::Date)) => part.date = Some(date),
                _ => return Err(malformed()),
            }
        }
        _ => {}
    }
    Ok(())
}

/// Undoes the `%2F` escapes that hive writers use; a malformed escape stays as it is.
fn unescaped(value: &str) -> String {
    let mut result = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('%') {
        result.push_str(before);
        let code = after
            .get(..2)
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code.filter(u8::is_ascii) {
            Some(byte) => {
                result.push(char::from(byte));
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                result.push('%');
                rest = after;
            }
        }
    }
    result.push_str(rest);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_in_partition_values_are_undone() {
        assert_eq!(unescaped("BTC%2FUSD"), "BTC/USD");
        assert_eq!(unescaped("50%"), "50%");
        assert_eq!(unescaped("%zz%C3"), "%zz%C3");
    }
}
