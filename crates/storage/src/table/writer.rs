//! The writer that both formats share: chunk checks, buffering, atomic appearance.

use std::path::Path;

use super::csv::CsvSink;
use super::parquet::ParquetSink;
use super::schema::{Cells, ColumnSpec, Nulls};
use crate::atomic::{AtomicFile, Existing};
use crate::error::DataError;
use crate::fingerprint::Fingerprint;

/// Rows per row group, and rows held in memory.
const GROUP_ROWS: usize = 65_536;

/// The file format of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableFormat {
    /// Comma-separated text with a header, `\n` line ends.
    Csv,
    /// Parquet with zstd.
    Parquet,
}

/// Where rows go.
enum Sink {
    Csv(Box<CsvSink>),
    Parquet(Box<ParquetSink>),
}

/// Writes one table; nothing is visible at the path before [`TableWriter::finish`].
pub struct TableWriter {
    name: String,
    schema: Vec<ColumnSpec>,
    buffer: Vec<Cells>,
    buffered: usize,
    sink: Sink,
}

impl TableWriter {
    /// Starts a table at `path` with the given columns.
    ///
    /// # Errors
    /// [`DataError`] when the file cannot be made, exists and must be kept, or the columns have no or equal names.
    pub fn create(
        path: &Path,
        schema: Vec<ColumnSpec>,
        format: TableFormat,
        existing: Existing,
    ) -> Result<Self, DataError> {
        let name = path.display().to_string();
        for (index, column) in schema.iter().enumerate() {
            let repeated = schema
                .iter()
                .take(index)
                .any(|other| other.name == column.name);
            if repeated || column.name.is_empty() || !column.kind.is_empty() {
                return Err(DataError::Table {
                    file: name,
                    detail: format!(
                        "column {index} `{}` needs a name of its own and an empty kind",
                        column.name
                    ),
                });
            }
        }
        let file = AtomicFile::create(path, existing)?;
        let sink = match format {
            TableFormat::Csv => Sink::Csv(Box::new(CsvSink::new(file, &schema)?)),
            TableFormat::Parquet => Sink::Parquet(Box::new(ParquetSink::new(file, &schema)?)),
        };
        Ok(Self {
            name,
            buffer: schema.iter().map(|column| column.kind.clone()).collect(),
            schema,
            buffered: 0,
            sink,
        })
    }

    /// Adds rows: one [`Cells`] per column, all of one length.
    ///
    /// # Errors
    /// [`DataError::Table`] when the chunk does not fit the columns, otherwise why writing failed.
    pub fn append(&mut self, chunk: &[Cells]) -> Result<(), DataError> {
        let rows = chunk.first().map_or(0, Cells::len);
        self.check(chunk, rows)?;
        let mut done = 0;
        while done < rows {
            let take = (GROUP_ROWS - self.buffered).min(rows - done);
            for (cells, new) in self.buffer.iter_mut().zip(chunk) {
                if !cells.append(new, done, done + take) {
                    return Err(self.refuse("a column has cells of another type".to_owned()));
                }
            }
            done += take;
            self.buffered += take;
            if self.buffered == GROUP_ROWS {
                self.flush()?;
            }
        }
        Ok(())
    }

    fn check(&self, chunk: &[Cells], rows: usize) -> Result<(), DataError> {
        if chunk.len() != self.schema.len() {
            return Err(self.refuse(format!(
                "{} columns given, {} declared",
                chunk.len(),
                self.schema.len()
            )));
        }
        for (cells, column) in chunk.iter().zip(&self.schema) {
            let fault = if cells.len() != rows {
                "has another length than the first column"
            } else if std::mem::discriminant(cells) != std::mem::discriminant(&column.kind) {
                "has cells of another type"
            } else if column.nulls == Nulls::Never && cells.has_null() {
                "has an empty cell although none is allowed"
            } else if matches!(cells, Cells::Float(values) if values.iter().flatten().any(|value| !value.is_finite()))
            {
                "has a float that is not finite"
            } else {
                continue;
            };
            return Err(self.refuse(format!("column `{}` {fault}", column.name)));
        }
        Ok(())
    }

    fn refuse(&self, detail: String) -> DataError {
        DataError::Table {
            file: self.name.clone(),
            detail,
        }
    }

    fn flush(&mut self) -> Result<(), DataError> {
        if self.buffered == 0 {
            return Ok(());
        }
        match &mut self.sink {
            Sink::Csv(sink) => sink.write(&self.buffer, self.buffered)?,
            Sink::Parquet(sink) => sink.write(&self.buffer, &self.schema)?,
        }
        self.buffer.iter_mut().for_each(Cells::clear);
        self.buffered = 0;
        Ok(())
    }

    /// Writes what is left and makes the file appear. Returns the fingerprint of its bytes.
    ///
    /// # Errors
    /// [`DataError`]; no file has then appeared.
    pub fn finish(mut self) -> Result<Fingerprint, DataError> {
        self.flush()?;
        match self.sink {
            Sink::Csv(sink) => sink.into_file().commit(),
            Sink::Parquet(sink) => sink.into_file()?.commit(),
        }
    }
}
