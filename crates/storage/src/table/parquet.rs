//! Tables as Parquet: decimals as DECIMAL, times as TIMESTAMP(ns, UTC), zstd, no statistics that vary.

use std::io;
use std::sync::Arc;

use parquet::basic::{
    Compression, DecimalType, LogicalType, Repetition, TimeUnit, TimestampType,
    Type as PhysicalType, ZstdLevel,
};
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, FixedLenByteArray,
    FixedLenByteArrayType, Int32Type, Int64Type,
};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::Type;
use trader_domain::NANOS_PER_DAY;

use super::schema::{Cells, ColumnSpec, Nulls};
use crate::atomic::AtomicFile;
use crate::error::DataError;

/// Writes row groups.
pub(super) struct ParquetSink {
    writer: SerializedFileWriter<AtomicFile>,
    name: String,
}

impl ParquetSink {
    pub(super) fn new(file: AtomicFile, schema: &[ColumnSpec]) -> Result<Self, DataError> {
        let name = file.target().display().to_string();
        let started = message_type(schema).and_then(|message| {
            let level = ZstdLevel::try_new(3)?;
            let properties = WriterProperties::builder()
                .set_compression(Compression::ZSTD(level))
                // A constant: the library's version must not change the bytes' meaning or the fingerprint.
                .set_created_by("ai-trader".to_owned())
                .build();
            SerializedFileWriter::new(file, Arc::new(message), Arc::new(properties))
        });
        match started {
            Ok(writer) => Ok(Self { writer, name }),
            Err(error) => Err(failure(&name, error)),
        }
    }

    pub(super) fn write(
        &mut self,
        columns: &[Cells],
        schema: &[ColumnSpec],
    ) -> Result<(), DataError> {
        let written = self.writer.next_row_group().and_then(|mut group| {
            for (cells, column) in columns.iter().zip(schema) {
                write_column(&mut group, cells, column.nulls)?;
            }
            group.close().map(|_metadata| ())
        });
        written.map_err(|error| failure(&self.name, error))
    }

    pub(super) fn into_file(self) -> Result<AtomicFile, DataError> {
        self.writer
            .into_inner()
            .map_err(|error| failure(&self.name, error))
    }
}

/// The Parquet schema of some columns.
pub(crate) fn message_type(schema: &[ColumnSpec]) -> Result<Type, ParquetError> {
    let fields = schema
        .iter()
        .map(|column| field(column).map(Arc::new))
        .collect::<Result<Vec<_>, _>>()?;
    Type::group_type_builder("table")
        .with_fields(fields)
        .build()
}

fn field(column: &ColumnSpec) -> Result<Type, ParquetError> {
    let decimal = |scale, precision| {
        let logical = LogicalType::Decimal(DecimalType { scale, precision });
        (Some(logical), scale, precision)
    };
    let instant = LogicalType::Timestamp(TimestampType {
        is_adjusted_to_u_t_c: true,
        unit: TimeUnit::NANOS,
    });
    let (physical, (logical, scale, precision)) = match &column.kind {
        Cells::Text(_) => (
            PhysicalType::BYTE_ARRAY,
            (Some(LogicalType::String), -1, -1),
        ),
        Cells::Integer(_) => (PhysicalType::INT64, (None, -1, -1)),
        Cells::Boolean(_) => (PhysicalType::BOOLEAN, (None, -1, -1)),
        Cells::Timestamp(_) => (PhysicalType::INT64, (Some(instant), -1, -1)),
        Cells::Date(_) => (PhysicalType::INT32, (Some(LogicalType::Date), -1, -1)),
        Cells::Price(_) | Cells::Quantity(_) | Cells::Rate(_) => {
            (PhysicalType::INT64, decimal(9, 18))
        }
        Cells::Volume(_) => (PhysicalType::INT64, decimal(6, 18)),
        Cells::Money(_) => (PhysicalType::FIXED_LEN_BYTE_ARRAY, decimal(18, 38)),
        Cells::Float(_) => (PhysicalType::DOUBLE, (None, -1, -1)),
    };
    let repetition = match column.nulls {
        Nulls::Never => Repetition::REQUIRED,
        Nulls::Allowed => Repetition::OPTIONAL,
    };
    let mut builder = Type::primitive_type_builder(&column.name, physical)
        .with_repetition(repetition)
        .with_logical_type(logical)
        .with_scale(scale)
        .with_precision(precision);
    if physical == PhysicalType::FIXED_LEN_BYTE_ARRAY {
        builder = builder.with_length(16);
    }
    builder.build()
}

/// Writes the next column of a row group.
pub(crate) fn write_column<W: io::Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    cells: &Cells,
    nulls: Nulls,
) -> Result<(), ParquetError> {
    match cells {
        Cells::Text(cells) => put::<ByteArrayType, _, _>(group, cells, nulls, |text| {
            Ok(ByteArray::from(text.as_bytes().to_vec()))
        }),
        Cells::Integer(cells) => put::<Int64Type, _, _>(group, cells, nulls, |value| Ok(*value)),
        Cells::Boolean(cells) => put::<BoolType, _, _>(group, cells, nulls, |value| Ok(*value)),
        Cells::Timestamp(cells) => {
            put::<Int64Type, _, _>(group, cells, nulls, |time| Ok(time.nanos()))
        }
        Cells::Date(cells) => put::<Int32Type, _, _>(group, cells, nulls, |date| {
            i32::try_from(date.nanos().div_euclid(NANOS_PER_DAY))
                .map_err(|_range| ParquetError::General(format!("{date} is no date")))
        }),
        Cells::Price(cells) => {
            put::<Int64Type, _, _>(group, cells, nulls, |value| eighteen_digits(value.units()))
        }
        Cells::Quantity(cells) => {
            put::<Int64Type, _, _>(group, cells, nulls, |value| eighteen_digits(value.units()))
        }
        Cells::Volume(cells) => {
            put::<Int64Type, _, _>(group, cells, nulls, |value| eighteen_digits(value.units()))
        }
        Cells::Rate(cells) => {
            put::<Int64Type, _, _>(group, cells, nulls, |value| eighteen_digits(value.units()))
        }
        Cells::Money(cells) => put::<FixedLenByteArrayType, _, _>(group, cells, nulls, |value| {
            let units = value.units();
            if units.unsigned_abs() >= 10_u128.pow(38) {
                return Err(ParquetError::General(format!(
                    "{value} has more than 38 digits"
                )));
            }
            Ok(FixedLenByteArray::from(units.to_be_bytes().to_vec()))
        }),
        Cells::Float(cells) => put::<DoubleType, _, _>(group, cells, nulls, |value| Ok(*value)),
    }
}

/// DECIMAL(18) in an INT64 has room for 18 digits, the integer for a little more.
fn eighteen_digits(units: i64) -> Result<i64, ParquetError> {
    if units.unsigned_abs() < 10_u64.pow(18) {
        Ok(units)
    } else {
        Err(ParquetError::General(format!(
            "{units} has more than 18 digits"
        )))
    }
}

fn put<T: DataType, V, W: io::Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    cells: &[Option<V>],
    nulls: Nulls,
    convert: impl Fn(&V) -> Result<T::T, ParquetError>,
) -> Result<(), ParquetError> {
    let values = cells
        .iter()
        .flatten()
        .map(convert)
        .collect::<Result<Vec<_>, _>>()?;
    let levels: Option<Vec<i16>> = (nulls == Nulls::Allowed)
        .then(|| cells.iter().map(|cell| i16::from(cell.is_some())).collect());
    let mut column = group
        .next_column()?
        .ok_or_else(|| ParquetError::General("more cells than columns".to_owned()))?;
    column
        .typed::<T>()
        .write_batch(&values, levels.as_deref(), None)?;
    column.close()
}

/// A full disk must be reported as such, not as a Parquet fault.
fn failure(name: &str, error: ParquetError) -> DataError {
    match error {
        ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(source) => DataError::from_io_named(name, "writing", *source),
            Err(source) => DataError::Table {
                file: name.to_owned(),
                detail: source.to_string(),
            },
        },
        error => DataError::Table {
            file: name.to_owned(),
            detail: error.to_string(),
        },
    }
}
