//! Tables of features onto one spine, as of the spine's times: a row sees of each table what was known
//! by then and nothing later ([`trader_features::point_in_time`]).
//!
//! The spine is read and written row group by row group; the tables that are joined to it are held, so
//! their size is checked against the memory allowed before they are read.

use std::collections::BTreeMap;
use std::path::Path;

use trader_domain::Timestamp;
use trader_features::point_in_time::as_of;
use trader_storage::{
    Cells, ColumnSpec, Existing, Fingerprint, TableFormat, TableReader, TableWriter,
};

use crate::budget::MemoryBudget;
use crate::compute::Watch;
use crate::error::StoreError;

/// The column that says when a row could be known. Nothing stands in for it: the start of a bar does not
/// say when its features were there.
const KNOWN: [&str; 1] = ["available"];
/// Columns that say as of when the spine asks.
const ASKED: [&str; 2] = ["available", "timestamp"];
/// Columns that say what time a row is about.
const EVENT: [&str; 3] = ["timestamp", "date", "start"];
/// The column that says whose row it is.
const SYMBOL: &str = "symbol";

/// A table to be joined.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// Its Parquet file, with `available`, with `timestamp`, `date` or `start` (what a row is about;
    /// `available` without them), and `symbol` unless its rows are about every symbol.
    pub path: &'a Path,
    /// Its columns become `prefix.name`.
    pub prefix: Option<&'a str>,
    /// Rows about times longer ago than this are not used, nanoseconds.
    pub max_age: Option<i64>,
}

/// The table to be written.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// Its file.
    pub path: &'a Path,
    /// By its ending.
    pub format: TableFormat,
    /// What to do when it is there.
    pub existing: Existing,
}

/// What was joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// Rows of the spine, and of the result.
    pub rows: u64,
    /// For each side, how many rows found one of its rows.
    pub matched: Vec<u64>,
    /// Names of the columns that were added.
    pub columns: Vec<String>,
    /// Fingerprint of the result's bytes.
    pub out: Fingerprint,
}

/// Writes the spine with the columns of each side as known at the spine's time: its column `available`,
/// or `timestamp` without one. Sides with a `symbol` are joined symbol by symbol.
///
/// # Errors
/// [`StoreError::Join`] when a table lacks a column or two have one of the same name,
/// [`StoreError::Memory`] when the sides do not fit, reading and writing errors, and
/// [`StoreError::Interrupted`] when `watch` breaks off; nothing has then appeared.
pub fn join(
    spine: &Path,
    sides: &[Side<'_>],
    target: Target<'_>,
    budget: MemoryBudget,
    watch: &mut Watch<'_>,
) -> Result<Joined, StoreError> {
    let mut reader = TableReader::open(spine).map_err(StoreError::File)?;
    let name = spine.display().to_string();
    let known = place(&reader, &ASKED, &name)?.ok_or_else(|| lacks(&name, &ASKED))?;
    let symbol = place(&reader, &[SYMBOL], &name)?;
    let mut columns = reader.columns().to_vec();
    let mut opened = Vec::with_capacity(sides.len());
    for side in sides {
        let one = Opened::new(side)?;
        if one.symbol.is_some() && symbol.is_none() {
            return Err(lacks(&name, &[SYMBOL]));
        }
        for (_, added) in &one.columns {
            if columns.iter().any(|there| there.name == added.name) {
                return Err(StoreError::Join {
                    file: one.name.clone(),
                    reason: format!(
                        "there is a column `{}` already; say --with NAME=FILE, and it becomes \
                         `NAME.{}`",
                        added.name, added.name
                    ),
                });
            }
            columns.push(added.clone());
        }
        opened.push(one);
    }
    budget.fits(
        needed(&reader, &opened, columns.len()),
        "joining holds the joined tables, which",
    )?;
    let held = opened
        .into_iter()
        .map(Opened::read)
        .collect::<Result<Vec<_>, _>>()?;
    let added = columns.split_off(reader.columns().len());
    let names = added.iter().map(|column| column.name.clone()).collect();
    columns.extend(added);
    let mut writer = TableWriter::create(target.path, columns, target.format, target.existing)
        .map_err(StoreError::File)?;
    let mut rows = 0_u64;
    let mut matched = vec![0_u64; held.len()];
    while let Some(mut chunk) = reader.next_chunk().map_err(StoreError::File)? {
        if watch(rows).is_break() {
            return Err(StoreError::Interrupted);
        }
        let times = times(&chunk, known, &name)?;
        let whose = match symbol {
            Some(at) => Some(texts(&chunk, at, &name)?),
            None => None,
        };
        let asked = by_symbol(whose.as_deref(), times.len());
        for (side, matched) in held.iter().zip(&mut matched) {
            let found = side.find(&times, &asked);
            *matched += found.iter().flatten().count() as u64;
            chunk.extend(side.columns.iter().map(|cells| gather(cells, &found)));
        }
        rows += times.len() as u64;
        writer.append(&chunk).map_err(StoreError::File)?;
    }
    Ok(Joined {
        rows,
        matched,
        columns: names,
        out: writer.finish().map_err(StoreError::File)?,
    })
}

/// A side of which nothing but the head was read.
struct Opened {
    reader: TableReader,
    name: String,
    known: usize,
    event: usize,
    symbol: Option<usize>,
    /// Places of the columns that are joined, with their new names.
    columns: Vec<(usize, ColumnSpec)>,
    max_age: Option<i64>,
}

impl Opened {
    fn new(side: &Side<'_>) -> Result<Self, StoreError> {
        let reader = TableReader::open(side.path).map_err(StoreError::File)?;
        let name = side.path.display().to_string();
        let known = place(&reader, &KNOWN, &name)?.ok_or_else(|| lacks(&name, &KNOWN))?;
        let event = place(&reader, &EVENT, &name)?.unwrap_or(known);
        let symbol = place(&reader, &[SYMBOL], &name)?;
        let mut columns = Vec::new();
        for (at, column) in reader.columns().iter().enumerate() {
            if at == known || at == event || Some(at) == symbol {
                continue;
            }
            if !matches!(
                column.kind,
                Cells::Float(_) | Cells::Integer(_) | Cells::Boolean(_)
            ) {
                return Err(StoreError::Join {
                    file: name,
                    reason: format!(
                        "the column `{}` holds no numbers; tables of features are joined",
                        column.name
                    ),
                });
            }
            let new = side.prefix.map_or_else(
                || column.name.clone(),
                |prefix| format!("{prefix}.{}", column.name),
            );
            columns.push((at, ColumnSpec::optional(&new, column.kind.clone())));
        }
        Ok(Self {
            reader,
            name,
            known,
            event,
            symbol,
            columns,
            max_age: side.max_age,
        })
    }

    /// Reads all rows.
    fn read(mut self) -> Result<Held, StoreError> {
        let mut held = Held {
            groups: BTreeMap::new(),
            columns: self
                .columns
                .iter()
                .map(|(_, spec)| spec.kind.clone())
                .collect(),
            per_symbol: self.symbol.is_some(),
            max_age: self.max_age,
        };
        let mut rows = 0_usize;
        while let Some(chunk) = self.reader.next_chunk().map_err(StoreError::File)? {
            let known = times(&chunk, self.known, &self.name)?;
            let event = times(&chunk, self.event, &self.name)?;
            let whose = match self.symbol {
                Some(at) => Some(texts(&chunk, at, &self.name)?),
                None => None,
            };
            for (symbol, at) in by_symbol(whose.as_deref(), known.len()) {
                let group = held.groups.entry(symbol.to_owned()).or_default();
                group
                    .known
                    .extend(at.iter().filter_map(|at| known.get(*at)));
                group
                    .event
                    .extend(at.iter().filter_map(|at| event.get(*at)));
                group.rows.extend(at.iter().map(|at| rows + at));
            }
            rows += known.len();
            for ((at, _), column) in self.columns.iter().zip(&mut held.columns) {
                let cells = chunk.get(*at).map(|cells| append(column, cells));
                cells.flatten().ok_or_else(|| StoreError::Join {
                    file: self.name.clone(),
                    reason: "has a column of another type than its head says".to_owned(),
                })?;
            }
        }
        Ok(held)
    }
}

/// Rows about one symbol.
#[derive(Default)]
struct Group {
    known: Vec<i64>,
    event: Vec<i64>,
    /// Where they are in the columns.
    rows: Vec<usize>,
}

/// A side in memory.
struct Held {
    /// By symbol; all under the empty name when rows are about every symbol.
    groups: BTreeMap<String, Group>,
    columns: Vec<Cells>,
    per_symbol: bool,
    max_age: Option<i64>,
}

impl Held {
    /// For each of the spine's rows the row that was known then.
    fn find(&self, times: &[i64], asked: &BTreeMap<&str, Vec<usize>>) -> Vec<Option<usize>> {
        let mut found = vec![None; times.len()];
        for (symbol, rows) in asked {
            let key = if self.per_symbol { symbol } else { "" };
            let Some(group) = self.groups.get(key) else {
                continue;
            };
            let wanted: Vec<i64> = rows
                .iter()
                .filter_map(|row| times.get(*row))
                .copied()
                .collect();
            let latest = as_of(&wanted, &group.event, &group.known, self.max_age);
            for (row, at) in rows.iter().zip(latest) {
                if let Some(cell) = found.get_mut(*row) {
                    *cell = at.and_then(|at| group.rows.get(at)).copied();
                }
            }
        }
        found
    }
}

/// Bytes that the work takes at most: the sides with what the join makes of their times, one group of the
/// spine, and the writer.
fn needed(spine: &TableReader, sides: &[Opened], columns: usize) -> u64 {
    let held = sides.iter().map(|side| {
        let row = 16 * side.columns.len() as u64 + 5 * 8;
        // Vectors grow by doubling, and a group is there beside them while it is read.
        side.reader.rows().saturating_mul(2 * row)
    });
    let group = spine
        .largest_group()
        .saturating_mul(columns as u64 * 24 + 64);
    held.fold(group, u64::saturating_add)
        .saturating_add(MemoryBudget::writer_bytes(columns as u64))
}

/// The first of `names` that the table has.
fn place(reader: &TableReader, names: &[&str], file: &str) -> Result<Option<usize>, StoreError> {
    for name in names {
        let at = reader
            .columns()
            .iter()
            .position(|column| column.name == *name);
        if let Some(at) = at {
            let kind = reader.columns().get(at).map(|column| &column.kind);
            let right = match kind {
                Some(Cells::Text(_)) => *name == SYMBOL,
                Some(Cells::Timestamp(_)) => *name != SYMBOL,
                Some(Cells::Date(_)) => *name == "date",
                _ => false,
            };
            if !right {
                return Err(StoreError::Join {
                    file: file.to_owned(),
                    reason: format!("the column `{name}` is of another type than it should be"),
                });
            }
            return Ok(Some(at));
        }
    }
    Ok(None)
}

fn lacks(file: &str, names: &[&str]) -> StoreError {
    StoreError::Join {
        file: file.to_owned(),
        reason: format!(
            "has no column `{}`; tables of `backtest features` have one",
            names.join("` or `")
        ),
    }
}

/// A column of times in nanoseconds; every row must have one.
fn times(chunk: &[Cells], at: usize, file: &str) -> Result<Vec<i64>, StoreError> {
    let cells: &[Option<Timestamp>] = match chunk.get(at) {
        Some(Cells::Timestamp(cells) | Cells::Date(cells)) => cells,
        _ => &[],
    };
    cells
        .iter()
        .map(|cell| cell.map(Timestamp::nanos))
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| StoreError::Join {
            file: file.to_owned(),
            reason: "a row has no time".to_owned(),
        })
}

fn texts(chunk: &[Cells], at: usize, file: &str) -> Result<Vec<String>, StoreError> {
    let cells: &[Option<String>] = match chunk.get(at) {
        Some(Cells::Text(cells)) => cells,
        _ => &[],
    };
    let texts = cells.iter().cloned().collect::<Option<Vec<_>>>();
    texts.ok_or_else(|| StoreError::Join {
        file: file.to_owned(),
        reason: "a row has no symbol".to_owned(),
    })
}

/// The rows of each symbol; of the empty name when there are no symbols.
fn by_symbol(whose: Option<&[String]>, rows: usize) -> BTreeMap<&str, Vec<usize>> {
    let mut found: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    match whose {
        None => {
            found.insert("", (0..rows).collect());
        }
        Some(whose) => {
            for (row, symbol) in whose.iter().enumerate() {
                found.entry(symbol).or_default().push(row);
            }
        }
    }
    found
}

/// The cells at the places found, empty where there is none.
fn gather(cells: &Cells, found: &[Option<usize>]) -> Cells {
    fn of<T: Copy>(cells: &[Option<T>], found: &[Option<usize>]) -> Vec<Option<T>> {
        let cell = |at: &Option<usize>| at.and_then(|at| cells.get(at).copied().flatten());
        found.iter().map(cell).collect()
    }
    match cells {
        Cells::Integer(cells) => Cells::Integer(of(cells, found)),
        Cells::Boolean(cells) => Cells::Boolean(of(cells, found)),
        Cells::Float(cells) => Cells::Float(of(cells, found)),
        // Refused when the table was opened.
        other => other.clone(),
    }
}

/// Adds cells behind others; `None` when they are of another type.
fn append(to: &mut Cells, more: &Cells) -> Option<()> {
    match (to, more) {
        (Cells::Integer(to), Cells::Integer(more)) => to.extend_from_slice(more),
        (Cells::Boolean(to), Cells::Boolean(more)) => to.extend_from_slice(more),
        (Cells::Float(to), Cells::Float(more)) => to.extend_from_slice(more),
        _ => return None,
    }
    Some(())
}
