//! Features of all symbols as one table: symbol, time, the time they could be known, and a column each.

use std::path::Path;

use trader_domain::{Symbol, Timeframe, Timestamp};
use trader_features::{FeatureSet, Table};
use trader_storage::{
    BarSeries, Cells, ColumnSpec, DataError, Existing, Fingerprint, TableFormat, TableWriter,
};

use crate::budget::{MemoryBudget, Shape};
use crate::companions::Companions;
use crate::compute::{Watch, compute};
use crate::error::StoreError;
use crate::inputs::Inputs;
use crate::panel::Moments;
use crate::source::BarSource;

/// A table of features being written; nothing is visible before [`FeatureTable::finish`].
pub struct FeatureTable {
    writer: TableWriter,
    timeframe: Timeframe,
    name: String,
}

impl FeatureTable {
    /// Starts a table of `features` over bars of one length.
    ///
    /// # Errors
    /// As [`TableWriter::create`].
    pub fn create(
        path: &Path,
        format: TableFormat,
        existing: Existing,
        timeframe: Timeframe,
        features: &[String],
    ) -> Result<Self, StoreError> {
        let time = match timeframe {
            Timeframe::Session => ColumnSpec::required("date", Cells::Date(Vec::new())),
            Timeframe::Seconds(_) => {
                ColumnSpec::required("timestamp", Cells::Timestamp(Vec::new()))
            }
        };
        let mut columns = vec![
            ColumnSpec::required("symbol", Cells::Text(Vec::new())),
            time,
            ColumnSpec::required("available", Cells::Timestamp(Vec::new())),
        ];
        columns.extend(
            features
                .iter()
                .map(|name| ColumnSpec::optional(name, float())),
        );
        Ok(Self {
            writer: TableWriter::create(path, columns, format, existing)
                .map_err(StoreError::File)?,
            timeframe,
            name: path.display().to_string(),
        })
    }

    /// Adds rows of one symbol.
    ///
    /// # Errors
    /// [`StoreError::File`] when the bars are of another length, otherwise why writing failed.
    pub fn append(
        &mut self,
        symbol: Symbol,
        timeframe: Timeframe,
        (start, available): (&[Timestamp], &[Timestamp]),
        features: &[Vec<f64>],
    ) -> Result<(), StoreError> {
        if self.timeframe != timeframe {
            return Err(StoreError::File(DataError::Table {
                file: self.name.clone(),
                detail: format!(
                    "{symbol} has bars of {timeframe} beside others; write each length to its own table"
                ),
            }));
        }
        self.write(
            vec![Some(symbol.to_string()); start.len()],
            (start, available),
            features,
        )
    }

    /// Adds rows of many symbols.
    ///
    /// # Errors
    /// As [`FeatureTable::append`].
    pub fn append_moments(&mut self, moments: &Moments) -> Result<(), StoreError> {
        let symbols = moments
            .symbols
            .iter()
            .map(|symbol| Some(symbol.to_string()));
        self.write(
            symbols.collect(),
            (&moments.start, &moments.available),
            &moments.columns,
        )
    }

    fn write(
        &mut self,
        symbols: Vec<Option<String>>,
        (start, available): (&[Timestamp], &[Timestamp]),
        features: &[Vec<f64>],
    ) -> Result<(), StoreError> {
        let times = start.iter().copied().map(Some).collect();
        let mut chunk = vec![
            Cells::Text(symbols),
            match self.timeframe {
                Timeframe::Session => Cells::Date(times),
                Timeframe::Seconds(_) => Cells::Timestamp(times),
            },
            Cells::Timestamp(available.iter().copied().map(Some).collect()),
        ];
        chunk.extend(features.iter().map(|column| cells(column)));
        self.writer.append(&chunk).map_err(StoreError::File)
    }

    /// Makes the table appear; gives the fingerprint of its bytes.
    ///
    /// # Errors
    /// [`StoreError::File`]; no file has then appeared.
    pub fn finish(self) -> Result<Fingerprint, StoreError> {
        self.writer.finish().map_err(StoreError::File)
    }
}

/// Cells of a float column without rows.
pub(crate) fn float() -> Cells {
    Cells::Float(Vec::new())
}

/// A column of features as cells: what is missing (or infinite) is empty.
pub(crate) fn cells(column: &[f64]) -> Cells {
    let present = |value: &f64| value.is_finite().then_some(*value);
    Cells::Float(column.iter().map(present).collect())
}

/// What was computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Computed {
    /// Fingerprint of all bars that were read, those beside the symbols' own included.
    pub data: Fingerprint,
    /// Symbols.
    pub symbols: u64,
    /// Rows over all symbols.
    pub rows: u64,
}

/// Computes `set` over every series of `source` from a fresh state, chunk by chunk, and hands each
/// chunk to `take`.
///
/// # Errors
/// As [`compute`], and [`StoreError::Memory`].
pub fn compute_all(
    set: &mut FeatureSet,
    source: &BarSource,
    companions: &Companions,
    budget: MemoryBudget,
    watch: &mut Watch<'_>,
    mut take: impl FnMut(&BarSeries, &Inputs, &Table) -> Result<(), StoreError>,
) -> Result<Computed, StoreError> {
    let (mut symbols, mut done) = (0, 0);
    let mut data = companions.fingerprints();
    source.each(
        Shape::of(set),
        budget,
        companions.bytes(),
        |series, chunk| {
            set.reset();
            let before = done;
            data.push(series.fingerprint());
            compute(
                set,
                series,
                companions,
                0..series.columns.len(),
                chunk,
                &mut |rows| watch(before + rows),
                |inputs, table| take(series, inputs, table),
            )?;
            symbols += 1;
            done += series.columns.len() as u64;
            Ok(())
        },
    )?;
    Ok(Computed {
        data: Fingerprint::of_parts(data),
        symbols,
        rows: done,
    })
}
