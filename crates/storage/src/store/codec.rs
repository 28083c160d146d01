//! A partition as Parquet bytes and back: the same bars give the same bytes.
//!
//! The columns are those of [`crate::bar_columns`], so every Parquet reader can use a store's files. Reading decodes
//! the columns asked for only.

use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{Compression, Encoding};
use parquet::column::reader::ColumnReader;
use parquet::data_type::{DataType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaDataReader, RowGroupMetaData};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesPtr};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::ColumnDescPtr;
use trader_domain::{NANOS_PER_DAY, Price, Timeframe, Timestamp, Volume};

use super::key::SeriesKey;
use super::pages::{Packer, Unpacker};
use crate::columnar::guarded;
use crate::columns::{BarColumns, OptionalColumns};
use crate::error::DataError;
use crate::series::PriceBasis;
use crate::table::{bar_columns, message_type};

/// A column of bars, for choosing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BarColumn {
    /// First price.
    Open,
    /// Highest price.
    High,
    /// Lowest price.
    Low,
    /// Last price.
    Close,
    /// Traded volume.
    Volume,
    /// Volume-weighted average price.
    Vwap,
    /// Number of trades.
    Trades,
    /// The vendor's adjusted close.
    AdjustedClose,
}

/// Which columns to read; times are always read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Projection {
    /// All there are.
    All,
    /// These, where the series has them. The others stay empty.
    Only(Vec<BarColumn>),
}

impl Projection {
    fn wants(&self, column: BarColumn) -> bool {
        match self {
            Self::All => true,
            Self::Only(columns) => columns.contains(&column),
        }
    }
}

/// The bytes of one partition.
pub(super) fn encode(
    key: &SeriesKey,
    columns: &BarColumns,
    packer: &mut Packer,
) -> Result<Vec<u8>, DataError> {
    let schema = bar_columns(
        key.timeframe(),
        key.basis(),
        key.adjustment().as_read(),
        columns.optional(),
    );
    // The packer compresses.
    let properties = Arc::new(
        WriterProperties::builder()
            .set_compression(Compression::UNCOMPRESSED)
            .set_dictionary_enabled(false)
            .set_encoding(Encoding::DELTA_BINARY_PACKED)
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_offset_index_disabled(true)
            .set_created_by("ai-trader".to_owned())
            .build(),
    );
    let written = message_type(&schema).and_then(|message| {
        let mut writer =
            SerializedFileWriter::new(Vec::new(), Arc::new(message), Arc::clone(&properties))?;
        let described = writer.schema_descr().columns().to_vec();
        let encoder = Encoder {
            group: writer.next_row_group()?,
            described: described.into_iter(),
            properties,
            packer,
        };
        encoder.write(key, columns)?;
        writer.into_inner()
    });
    written.map_err(|error| DataError::Table {
        file: key.to_string(),
        detail: error.to_string(),
    })
}

/// Writes column after column.
struct Encoder<'a, 'b> {
    group: SerializedRowGroupWriter<'a, Vec<u8>>,
    described: std::vec::IntoIter<ColumnDescPtr>,
    properties: WriterPropertiesPtr,
    packer: &'b mut Packer,
}

impl Encoder<'_, '_> {
    fn write(mut self, key: &SeriesKey, columns: &BarColumns) -> Result<(), ParquetError> {
        self.columns(key, columns)?;
        self.group.close().map(drop)
    }

    fn columns(&mut self, key: &SeriesKey, columns: &BarColumns) -> Result<(), ParquetError> {
        let prices = |column: &[Price]| -> Result<Vec<i64>, ParquetError> {
            column.iter().map(|price| storable(price.units())).collect()
        };
        match key.timeframe() {
            Timeframe::Session => {
                let days = columns.start.iter().map(|start| {
                    i32::try_from(start.nanos().div_euclid(NANOS_PER_DAY))
                        .map_err(|_range| ParquetError::General(format!("{start} is no date")))
                });
                self.put::<Int32Type>(&days.collect::<Result<Vec<_>, _>>()?, None)?;
            }
            Timeframe::Seconds(_) => {
                let times: Vec<i64> = columns.start.iter().map(|start| start.nanos()).collect();
                self.put::<Int64Type>(&times, None)?;
            }
        }
        if key.basis() == PriceBasis::Ohlc {
            for column in [&columns.open, &columns.high, &columns.low] {
                self.put::<Int64Type>(&prices(column)?, None)?;
            }
        }
        self.put::<Int64Type>(&prices(&columns.close)?, None)?;
        if let Some(volume) = &columns.volume {
            let units = volume.iter().map(|volume| storable(volume.units()));
            self.put::<Int64Type>(&units.collect::<Result<Vec<_>, _>>()?, None)?;
        }
        if let Some(vwap) = &columns.vwap {
            self.put_optional(vwap, |price| storable(price.units()))?;
        }
        if let Some(trades) = &columns.trades {
            self.put_optional(trades, |count| Ok(i64::from(*count)))?;
        }
        if let Some(adjusted) = &columns.adjusted_close {
            self.put::<Int64Type>(&prices(adjusted)?, None)?;
        }
        Ok(())
    }

    fn put<T: DataType>(
        &mut self,
        values: &[T::T],
        levels: Option<&[i16]>,
    ) -> Result<(), ParquetError> {
        let description = self.described.next();
        let description = description
            .ok_or_else(|| ParquetError::General("more values than columns".to_owned()))?;
        let (group, properties) = (&mut self.group, &self.properties);
        self.packer
            .column::<T>(group, description, properties, values, levels)
    }

    fn put_optional<V>(
        &mut self,
        cells: &[Option<V>],
        convert: impl Fn(&V) -> Result<i64, ParquetError>,
    ) -> Result<(), ParquetError> {
        let values = cells.iter().flatten().map(convert);
        let levels: Vec<i16> = cells.iter().map(|cell| i16::from(cell.is_some())).collect();
        let values = values.collect::<Result<Vec<_>, _>>()?;
        self.put::<Int64Type>(&values, Some(&levels))
    }
}

/// DECIMAL(18) in an INT64 has room for 18 digits.
fn storable(units: i64) -> Result<i64, ParquetError> {
    if units.unsigned_abs() < 10_u64.pow(18) {
        Ok(units)
    } else {
        Err(ParquetError::General(format!(
            "{units} has more than 18 digits"
        )))
    }
}

/// What is known of a partition before it is decoded.
pub(super) struct Expected<'a> {
    pub(super) key: &'a SeriesKey,
    pub(super) optional: OptionalColumns,
    pub(super) rows: usize,
    pub(super) file: &'a str,
}

/// Decodes a partition whose bytes were checked.
pub(super) fn decode(
    bytes: Vec<u8>,
    expected: &Expected<'_>,
    projection: &Projection,
    unpacker: &mut Unpacker,
    into: &mut BarColumns,
) -> Result<(), DataError> {
    into.clear();
    guarded(expected.file, || {
        let file = Arc::new(Bytes::from(bytes));
        let metadata = ParquetMetaDataReader::new().parse_and_finish(file.as_ref())?;
        let [group] = metadata.row_groups() else {
            return Err(ParquetError::General("not one row group".to_owned()));
        };
        Decoder {
            file: &file,
            group,
            rows: expected.rows,
            next: 0,
            projection,
            unpacker,
        }
        .columns(expected, into)
    })
}

/// Reads column after column.
struct Decoder<'a> {
    file: &'a Arc<Bytes>,
    group: &'a RowGroupMetaData,
    rows: usize,
    next: usize,
    projection: &'a Projection,
    unpacker: &'a mut Unpacker,
}

impl Decoder<'_> {
    fn columns(
        mut self,
        expected: &Expected<'_>,
        into: &mut BarColumns,
    ) -> Result<(), ParquetError> {
        self.times(expected.key.timeframe(), &mut into.start)?;
        let is_ohlc = expected.key.basis() == PriceBasis::Ohlc;
        if is_ohlc {
            self.prices(BarColumn::Open, &mut into.open)?;
            self.prices(BarColumn::High, &mut into.high)?;
            self.prices(BarColumn::Low, &mut into.low)?;
        }
        self.prices(BarColumn::Close, &mut into.close)?;
        if !is_ohlc {
            for column in [&mut into.open, &mut into.high, &mut into.low] {
                column.clone_from(&into.close);
            }
        }
        if expected.optional.volume {
            let units = self.numbers(BarColumn::Volume)?;
            let volume = units.into_iter().map(Volume::from_units);
            into.volume = Some(volume.collect::<Result<_, _>>().map_err(no_number)?);
        }
        if expected.optional.vwap {
            let cells = self.optional_numbers(BarColumn::Vwap)?.into_iter();
            let prices = cells.map(|cell| cell.map(Price::from_units).transpose());
            into.vwap = Some(prices.collect::<Result<_, _>>().map_err(no_number)?);
        }
        if expected.optional.trades {
            let cells = self.optional_numbers(BarColumn::Trades)?.into_iter();
            let counts = cells.map(|cell| cell.map(u32::try_from).transpose());
            into.trades = Some(counts.collect::<Result<_, _>>().map_err(no_number)?);
        }
        if expected.optional.adjusted_close {
            let mut adjusted = Vec::new();
            self.prices(BarColumn::AdjustedClose, &mut adjusted)?;
            into.adjusted_close = Some(adjusted);
        }
        Ok(())
    }

    fn times(
        &mut self,
        timeframe: Timeframe,
        into: &mut Vec<Timestamp>,
    ) -> Result<(), ParquetError> {
        match timeframe {
            Timeframe::Session => {
                let ColumnReader::Int32ColumnReader(mut reader) = self.column()? else {
                    return Err(wrong_type());
                };
                let mut days = Vec::with_capacity(self.rows);
                reader.read_records(self.rows, None, None, &mut days)?;
                into.extend(days.into_iter().map(|day| {
                    Timestamp::from_nanos(i64::from(day).saturating_mul(NANOS_PER_DAY))
                }));
            }
            Timeframe::Seconds(_) => {
                let times = self.required()?;
                into.extend(times.into_iter().map(Timestamp::from_nanos));
            }
        }
        if into.len() != self.rows || !into.is_sorted_by(|a, b| a < b) {
            return Err(ParquetError::General(
                "its times are not as many as promised, or not in order".to_owned(),
            ));
        }
        Ok(())
    }

    fn prices(&mut self, column: BarColumn, into: &mut Vec<Price>) -> Result<(), ParquetError> {
        let units = self.numbers(column)?;
        into.reserve(units.len());
        for unit in units {
            into.push(Price::from_units(unit).map_err(no_number)?);
        }
        Ok(())
    }

    /// The values of a required column; none when it is not asked for.
    fn numbers(&mut self, column: BarColumn) -> Result<Vec<i64>, ParquetError> {
        if !self.projection.wants(column) {
            self.next += 1;
            return Ok(Vec::new());
        }
        self.required()
    }

    fn required(&mut self) -> Result<Vec<i64>, ParquetError> {
        let ColumnReader::Int64ColumnReader(mut reader) = self.column()? else {
            return Err(wrong_type());
        };
        let mut values = Vec::with_capacity(self.rows);
        reader.read_records(self.rows, None, None, &mut values)?;
        if values.len() == self.rows {
            Ok(values)
        } else {
            Err(wrong_length())
        }
    }

    fn optional_numbers(&mut self, column: BarColumn) -> Result<Vec<Option<i64>>, ParquetError> {
        if !self.projection.wants(column) {
            self.next += 1;
            return Ok(Vec::new());
        }
        let ColumnReader::Int64ColumnReader(mut reader) = self.column()? else {
            return Err(wrong_type());
        };
        let (mut values, mut levels) = (Vec::new(), Vec::new());
        reader.read_records(self.rows, Some(&mut levels), None, &mut values)?;
        let present = levels.iter().filter(|level| **level > 0).count();
        if levels.len() != self.rows || present != values.len() {
            return Err(wrong_length());
        }
        let mut values = values.into_iter();
        Ok(levels
            .into_iter()
            .map(|level| if level > 0 { values.next() } else { None })
            .collect())
    }

    fn column(&mut self) -> Result<ColumnReader, ParquetError> {
        let chunk = self.group.columns().get(self.next);
        let chunk = chunk.ok_or_else(wrong_length)?;
        let reader = self.unpacker.column(self.file, chunk, self.rows)?;
        self.next += 1;
        Ok(reader)
    }
}

fn wrong_type() -> ParquetError {
    ParquetError::General("a column has another type than promised".to_owned())
}

fn wrong_length() -> ParquetError {
    ParquetError::General("a column is missing or has another length than promised".to_owned())
}

fn no_number<E: std::fmt::Display>(error: E) -> ParquetError {
    ParquetError::General(error.to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use trader_domain::Symbol;

    use super::*;
    use crate::store::key::StoredAdjustment;

    fn day(seed: i64, rows: i64) -> BarColumns {
        let mut columns = BarColumns::default();
        let mut volume = Vec::new();
        for row in 0..rows {
            let close = Price::from_units((100 + (row * seed) % 17) * 1_000_000_000).unwrap();
            columns
                .start
                .push(Timestamp::from_nanos(row * 1_000_000_000));
            for column in [&mut columns.open, &mut columns.high, &mut columns.low] {
                column.push(close);
            }
            columns.close.push(close);
            volume.push(Volume::from_units((row * row * seed) % 1_000_003).unwrap());
        }
        columns.volume = Some(volume);
        columns
    }

    #[test]
    fn a_packer_that_has_worked_gives_the_bytes_of_a_new_one() {
        let symbol = Symbol::new("ABC").unwrap();
        let raw = StoredAdjustment::Raw;
        let timeframe = Timeframe::Seconds(1);
        let key = SeriesKey::new("test", PriceBasis::Ohlc, timeframe, raw, symbol).unwrap();
        let (mut packer, mut unpacker) = (Packer::default(), Unpacker::default());
        for (seed, rows) in [(3, 30_000), (5, 390), (7, 1), (3, 30_000), (11, 25_000)] {
            let columns = day(seed, rows);
            let bytes = encode(&key, &columns, &mut packer).unwrap();
            assert_eq!(
                bytes,
                encode(&key, &columns, &mut Packer::default()).unwrap()
            );
            let expected = Expected {
                key: &key,
                optional: columns.optional(),
                rows: columns.len(),
                file: "test",
            };
            let mut back = BarColumns::default();
            decode(bytes, &expected, &Projection::All, &mut unpacker, &mut back).unwrap();
            assert_eq!(back, columns);
        }
    }
}
