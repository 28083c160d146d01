//! A day of ticks as Parquet bytes and back: the same ticks give the same bytes.
//!
//! Every row names its vendor. Row groups are small enough that a reader of other tools can skip by time.

use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{Compression, Encoding, Type as Physical, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;

use super::key::TickKey;
use super::row::TickRow;
use crate::columnar::guarded;
use crate::error::DataError;
use crate::table::{Cells, ColumnSpec, column_cells, message_type, write_column};

/// Rows of a row group.
const GROUP: usize = 100_000;

/// The columns of a file: those of the kind and the vendor's name.
pub(super) fn schema<R: TickRow>() -> Vec<ColumnSpec> {
    let mut schema = R::schema();
    schema.push(ColumnSpec::required("vendor", Cells::Text(Vec::new())));
    schema
}

/// The bytes of one day.
pub(super) fn encode<R: TickRow>(key: &TickKey, rows: &[R]) -> Result<Vec<u8>, DataError> {
    let schema = schema::<R>();
    let written = (|| {
        let message = message_type(&schema)?;
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
            .set_dictionary_enabled(false)
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_offset_index_disabled(true)
            .set_created_by("ai-trader".to_owned());
        for field in message.get_fields() {
            let column = ColumnPath::from(field.name());
            properties = if field.get_physical_type() == Physical::INT64 {
                properties.set_column_encoding(column, Encoding::DELTA_BINARY_PACKED)
            } else {
                // Identifiers hardly repeat; exchanges, codes, tapes and the vendor do nothing else.
                properties.set_column_dictionary_enabled(column, field.name() != "id")
            };
        }
        let mut bytes = Vec::new();
        let mut writer =
            SerializedFileWriter::new(&mut bytes, Arc::new(message), Arc::new(properties.build()))?;
        for chunk in rows.chunks(GROUP) {
            let mut cells = R::cells(chunk);
            cells.push(Cells::Text(vec![
                Some(key.vendor().to_owned());
                chunk.len()
            ]));
            let mut group = writer.next_row_group()?;
            for (cells, column) in cells.iter().zip(&schema) {
                write_column(&mut group, cells, column.nulls)?;
            }
            group.close()?;
        }
        writer.close()?;
        Ok(bytes)
    })();
    written.map_err(|error: ParquetError| DataError::Table {
        file: key.to_string(),
        detail: error.to_string(),
    })
}

/// Decodes a day whose bytes were checked.
pub(super) fn decode<R: TickRow>(
    bytes: Vec<u8>,
    key: &TickKey,
    expected: u64,
    file: &str,
) -> Result<Vec<R>, DataError> {
    let schema = schema::<R>();
    guarded(file, || {
        let general = |detail: &str| ParquetError::General(detail.to_owned());
        let reader = SerializedFileReader::new(Bytes::from(bytes))?;
        let mut all: Vec<R> = Vec::new();
        for index in 0..reader.num_row_groups() {
            let group = reader.get_row_group(index)?;
            let rows = usize::try_from(group.metadata().num_rows())
                .ok()
                .filter(|rows| *rows <= GROUP)
                .ok_or_else(|| general("a row group has no such number of rows"))?;
            let mut cells = Vec::with_capacity(schema.len());
            for (at, column) in schema.iter().enumerate() {
                let found = column_cells(group.get_column_reader(at)?, column, rows)?;
                if found.len() != rows {
                    return Err(ParquetError::EOF(format!("`{}` is short", column.name)));
                }
                cells.push(found);
            }
            let is_ours = matches!(cells.pop(), Some(Cells::Text(names))
                if names.iter().all(|name| name.as_deref() == Some(key.vendor())));
            if !is_ours {
                return Err(general("its rows name another vendor"));
            }
            let rows = R::of_cells(&cells).ok_or_else(|| general("its columns are others"))?;
            all.extend(rows);
        }
        if all.len() as u64 == expected {
            Ok(all)
        } else {
            Err(general("it has another number of rows"))
        }
    })
}
