//! Tables as CSV text.

use std::fmt::Write as _;
use std::io::Write as _;

use super::schema::{Cells, ColumnSpec};
use trader_domain::Timestamp;

use crate::atomic::AtomicFile;
use crate::error::DataError;

/// Writes rows as lines.
pub(super) struct CsvSink {
    file: AtomicFile,
    text: String,
}

impl CsvSink {
    pub(super) fn new(file: AtomicFile, schema: &[ColumnSpec]) -> Result<Self, DataError> {
        let mut sink = Self {
            file,
            text: String::new(),
        };
        for (index, column) in schema.iter().enumerate() {
            sink.separate(index);
            sink.quoted(&column.name);
        }
        sink.text.push('\n');
        sink.send()?;
        Ok(sink)
    }

    pub(super) fn write(&mut self, columns: &[Cells], rows: usize) -> Result<(), DataError> {
        for row in 0..rows {
            for (index, cells) in columns.iter().enumerate() {
                self.separate(index);
                self.cell(cells, row);
            }
            self.text.push('\n');
            if self.text.len() > 64 * 1024 {
                self.send()?;
            }
        }
        self.send()
    }

    pub(super) fn into_file(self) -> AtomicFile {
        self.file
    }

    fn separate(&mut self, index: usize) {
        if index > 0 {
            self.text.push(',');
        }
    }

    /// Writes one cell; an empty one leaves the field empty.
    fn cell(&mut self, cells: &Cells, row: usize) {
        fn get<T: Clone>(cells: &[Option<T>], row: usize) -> Option<T> {
            cells.get(row).cloned().flatten()
        }
        match cells {
            Cells::Text(cells) => {
                if let Some(text) = cells.get(row).and_then(Option::as_deref) {
                    self.quoted(text);
                }
            }
            Cells::Integer(cells) => self.plain(get(cells, row)),
            Cells::Boolean(cells) => self.plain(get(cells, row)),
            Cells::Timestamp(cells) => self.plain(get(cells, row)),
            Cells::Date(cells) => self.plain(get(cells, row).map(Timestamp::utc_date)),
            Cells::Price(cells) => self.plain(get(cells, row)),
            Cells::Quantity(cells) => self.plain(get(cells, row)),
            Cells::Volume(cells) => self.plain(get(cells, row)),
            Cells::Money(cells) => self.plain(get(cells, row)),
            Cells::Rate(cells) => self.plain(get(cells, row)),
            Cells::Float(cells) => self.plain(get(cells, row)),
        }
    }

    fn plain(&mut self, value: Option<impl std::fmt::Display>) {
        if let Some(value) = value {
            let written = write!(self.text, "{value}");
            debug_assert!(written.is_ok(), "writing to a String cannot fail");
        }
    }

    fn quoted(&mut self, text: &str) {
        // An empty text is quoted too, to differ from an empty cell.
        if text.is_empty() || text.contains([',', '"', '\n', '\r']) {
            self.text.push('"');
            self.text.push_str(&text.replace('"', "\"\""));
            self.text.push('"');
        } else {
            self.text.push_str(text);
        }
    }

    fn send(&mut self) -> Result<(), DataError> {
        let sent = self.file.write_all(self.text.as_bytes());
        self.text.clear();
        sent.map_err(|error| DataError::from_io(self.file.target(), "writing", error))
    }
}
