//! Tables read back from Parquet, a row group at a time: what [`super::TableWriter`] wrote, and files of the same
//! simple types from elsewhere. Any bytes give rows or an error, never a panic.

use std::fs::File;
use std::path::Path;

use bytes::Bytes;
use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type as PhysicalType};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::DataType;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::schema::types::ColumnDescriptor;
use trader_domain::{NANOS_PER_DAY, Price, Quantity, Timestamp};

use super::schema::{Cells, ColumnSpec, Nulls};
use crate::columnar::{guarded, refuse_cut_file};
use crate::error::DataError;
use crate::file::open_file;

/// Rows decoded at a time; a damaged file's claim of how many there are reserves no memory.
const STEP: usize = 8_192;

/// Reads the columns of one Parquet file, group by group.
///
/// Text, whole numbers (64 bits), booleans, floats (64 bits), instants in nanoseconds UTC, and dates are read; a
/// column of any other type is an error, as decimals have readers of their own.
pub struct TableReader {
    name: String,
    reader: Box<dyn FileReader>,
    columns: Vec<ColumnSpec>,
    next_group: usize,
}

impl TableReader {
    /// Opens a file.
    ///
    /// # Errors
    /// [`DataError`] when it cannot be read, is cut short or damaged, or has a column of a type not read here.
    pub fn open(path: &Path) -> Result<Self, DataError> {
        let name = path.display().to_string();
        let file = open_file(path)?;
        refuse_cut_file(&file, &name)?;
        let reader = guarded(&name, || SerializedFileReader::<File>::new(file))?;
        Self::new(name, Box::new(reader))
    }

    /// Opens a file in memory; `name` is for messages.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn parse(bytes: Bytes, name: &str) -> Result<Self, DataError> {
        refuse_cut_file(&bytes, name)?;
        let reader = guarded(name, || SerializedFileReader::<Bytes>::new(bytes))?;
        Self::new(name.to_owned(), Box::new(reader))
    }

    fn new(name: String, reader: Box<dyn FileReader>) -> Result<Self, DataError> {
        let schema = reader.metadata().file_metadata().schema_descr_ptr();
        let columns = schema
            .columns()
            .iter()
            .map(|column| {
                specification(column).ok_or_else(|| DataError::Unsupported {
                    file: name.clone(),
                    detail: format!("the column `{}` is of a type not read here", column.name()),
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            name,
            reader,
            columns,
            next_group: 0,
        })
    }

    /// The columns, each with empty cells of its type.
    pub fn columns(&self) -> &[ColumnSpec] {
        &self.columns
    }

    /// Rows of the whole file, as it says itself.
    pub fn rows(&self) -> u64 {
        rows(self.reader.as_ref())
    }

    /// Rows of any Parquet file, whatever its columns, as it says itself.
    ///
    /// # Errors
    /// [`DataError`] when it cannot be read, or is cut short or damaged.
    pub fn rows_of(path: &Path) -> Result<u64, DataError> {
        let name = path.display().to_string();
        let file = open_file(path)?;
        refuse_cut_file(&file, &name)?;
        let reader = guarded(&name, || SerializedFileReader::<File>::new(file))?;
        Ok(rows(&reader))
    }

    /// Rows of the largest row group: as many are in memory at a time.
    pub fn largest_group(&self) -> u64 {
        let groups = self.reader.metadata().row_groups().iter();
        let rows = groups.map(|group| u64::try_from(group.num_rows()).unwrap_or(0));
        rows.max().unwrap_or(0)
    }

    /// The cells of the next row group, one entry per column; `None` at the end.
    ///
    /// # Errors
    /// [`DataError`] when the group is damaged.
    pub fn next_chunk(&mut self) -> Result<Option<Vec<Cells>>, DataError> {
        if self.next_group >= self.reader.num_row_groups() {
            return Ok(None);
        }
        let index = self.next_group;
        self.next_group += 1;
        let (reader, columns) = (&self.reader, &self.columns);
        guarded(&self.name, || {
            let group = reader.get_row_group(index)?;
            let rows = usize::try_from(group.metadata().num_rows()).map_err(|_negative| {
                ParquetError::General("a negative number of rows".to_owned())
            })?;
            columns
                .iter()
                .enumerate()
                .map(|(at, column)| {
                    let cells = column_cells(group.get_column_reader(at)?, column, rows)?;
                    if cells.len() == rows {
                        Ok(cells)
                    } else {
                        Err(ParquetError::EOF(format!(
                            "column `{}` ends after {} of {rows} rows",
                            column.name,
                            cells.len()
                        )))
                    }
                })
                .collect::<Result<Vec<_>, _>>()
        })
        .map(Some)
    }
}

fn rows(reader: &dyn FileReader) -> u64 {
    let groups = reader.metadata().row_groups();
    groups
        .iter()
        .map(|group| u64::try_from(group.num_rows()).unwrap_or(0))
        .fold(0, u64::saturating_add)
}

/// The kind of cells that a stored column gives.
fn specification(column: &ColumnDescriptor) -> Option<ColumnSpec> {
    if column.max_rep_level() > 0 || column.max_def_level() > 1 {
        return None;
    }
    let logical = column.logical_type_ref();
    let converted = column.converted_type();
    let kind = match column.physical_type() {
        PhysicalType::BOOLEAN => Cells::Boolean(Vec::new()),
        PhysicalType::DOUBLE => Cells::Float(Vec::new()),
        PhysicalType::BYTE_ARRAY
            if matches!(logical, Some(LogicalType::String)) || converted == ConvertedType::UTF8 =>
        {
            Cells::Text(Vec::new())
        }
        PhysicalType::INT32
            if matches!(logical, Some(LogicalType::Date)) || converted == ConvertedType::DATE =>
        {
            Cells::Date(Vec::new())
        }
        PhysicalType::INT64 => match logical {
            Some(LogicalType::Timestamp(stamp))
                if stamp.is_adjusted_to_u_t_c && stamp.unit == TimeUnit::NANOS =>
            {
                Cells::Timestamp(Vec::new())
            }
            None if converted == ConvertedType::NONE => Cells::Integer(Vec::new()),
            _ => return None,
        },
        _ => return None,
    };
    Some(ColumnSpec {
        name: column.name().to_owned(),
        nulls: if column.max_def_level() == 1 {
            Nulls::Allowed
        } else {
            Nulls::Never
        },
        kind,
    })
}

/// The cells of a stored column whose kind is known.
pub(crate) fn column_cells(
    reader: ColumnReader,
    column: &ColumnSpec,
    rows: usize,
) -> Result<Cells, ParquetError> {
    let nulls = column.nulls;
    Ok(match (reader, &column.kind) {
        (ColumnReader::BoolColumnReader(reader), Cells::Boolean(_)) => {
            Cells::Boolean(cells(reader, nulls, rows, |value| Ok(*value))?)
        }
        (ColumnReader::Int64ColumnReader(reader), Cells::Integer(_)) => {
            Cells::Integer(cells(reader, nulls, rows, |value| Ok(*value))?)
        }
        (ColumnReader::Int64ColumnReader(reader), Cells::Timestamp(_)) => {
            Cells::Timestamp(cells(reader, nulls, rows, |value| {
                Ok(Timestamp::from_nanos(*value))
            })?)
        }
        (ColumnReader::Int64ColumnReader(reader), Cells::Price(_)) => {
            Cells::Price(cells(reader, nulls, rows, |value| {
                Price::from_units(*value).map_err(|error| ParquetError::General(error.to_string()))
            })?)
        }
        (ColumnReader::Int64ColumnReader(reader), Cells::Quantity(_)) => {
            Cells::Quantity(cells(reader, nulls, rows, |value| {
                Quantity::from_units(*value)
                    .map_err(|error| ParquetError::General(error.to_string()))
            })?)
        }
        (ColumnReader::Int32ColumnReader(reader), Cells::Date(_)) => {
            Cells::Date(cells(reader, nulls, rows, |value| {
                i64::from(*value)
                    .checked_mul(NANOS_PER_DAY)
                    .map(Timestamp::from_nanos)
                    .ok_or_else(|| ParquetError::General(format!("{value} is no date")))
            })?)
        }
        (ColumnReader::DoubleColumnReader(reader), Cells::Float(_)) => {
            Cells::Float(cells(reader, nulls, rows, |value| Ok(*value))?)
        }
        (ColumnReader::ByteArrayColumnReader(reader), Cells::Text(_)) => {
            Cells::Text(cells(reader, nulls, rows, |value| {
                let text = str::from_utf8(value.data()).map_err(|error| {
                    ParquetError::General(format!("text is not UTF-8: {error}"))
                })?;
                Ok(text.to_owned())
            })?)
        }
        _ => {
            return Err(ParquetError::General(format!(
                "the column `{}` is not stored as its schema says",
                column.name
            )));
        }
    })
}

/// Decodes one column of a group.
fn cells<T: DataType, V>(
    mut reader: ColumnReaderImpl<T>,
    nulls: Nulls,
    rows: usize,
    convert: impl Fn(&T::T) -> Result<V, ParquetError>,
) -> Result<Vec<Option<V>>, ParquetError> {
    let mut result = Vec::new();
    let (mut stored, mut levels) = (Vec::new(), Vec::new());
    while result.len() < rows {
        stored.clear();
        levels.clear();
        let wanted = (rows - result.len()).min(STEP);
        let levels_out = (nulls == Nulls::Allowed).then_some(&mut levels);
        let (records, _, _) = reader.read_records(wanted, levels_out, None, &mut stored)?;
        if records == 0 {
            break;
        }
        match nulls {
            Nulls::Never => {
                for value in &stored {
                    result.push(Some(convert(value)?));
                }
            }
            Nulls::Allowed => {
                let mut stored = stored.iter();
                for level in &levels {
                    let value = if *level == 0 { None } else { stored.next() };
                    result.push(value.map(&convert).transpose()?);
                }
            }
        }
    }
    Ok(result)
}
