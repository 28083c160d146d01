//! `--prepare`: what was computed, filled, bounded and standardized as training rows say.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use trader_domain::{Symbol, Timeframe, Timestamp};
use trader_feature_store::{FeatureTable, Moments, StoreError};
use trader_features::preparation::{FittedPreparation, Preparation, Rows, Step, TrainingRange};
use trader_storage::{Existing, write_file};

use crate::cli::PrepareArgs;
use crate::data::midnight;
use crate::failure::Failure;

/// One symbol's features, held until all are there to be fitted on.
#[derive(Default)]
pub(super) struct Held {
    symbols: Vec<HeldSymbol>,
    /// Where each symbol is in `symbols`.
    places: BTreeMap<Symbol, usize>,
}

struct HeldSymbol {
    symbol: Symbol,
    timeframe: Timeframe,
    start: Vec<Timestamp>,
    available: Vec<Timestamp>,
    columns: Vec<Vec<f64>>,
}

/// The steps and the training rows that the arguments name; `None` without steps.
pub(super) fn asked(args: &PrepareArgs) -> Result<Option<(Preparation, TrainingRange)>, Failure> {
    if args.steps.is_empty() {
        return Ok(None);
    }
    let steps = args
        .steps
        .iter()
        .map(|text| Step::parse(text))
        .collect::<Result<Vec<_>, _>>()?;
    let Some(until) = args.train_until else {
        return Err(Failure::Usage(
            "--prepare needs --train-until: rows from that day on must not be learned from"
                .to_owned(),
        ));
    };
    let instant = |date: NaiveDate| midnight(date).map(Timestamp::nanos);
    let from = args.train_from.map_or(Ok(i64::MIN), instant)?;
    let range = TrainingRange::new(from, instant(until)?)?;
    Ok(Some((Preparation::new(steps), range)))
}

/// Refuses before any work what would not fit: all features are held twice, raw and prepared.
pub(super) fn check_memory(rows: u64, features: usize, budget: u64) -> Result<(), Failure> {
    let needed = rows.saturating_mul((features as u64 + 2) * 8 * 3);
    if needed <= budget {
        return Ok(());
    }
    Err(Failure::Features(StoreError::Memory {
        what: "preparing holds all features, which".to_owned(),
        needed,
        budget,
    }))
}

impl Held {
    /// Keeps rows of a symbol, behind those it has.
    pub(super) fn add(
        &mut self,
        symbol: Symbol,
        timeframe: Timeframe,
        (start, available): (&[Timestamp], &[Timestamp]),
        features: &[Vec<f64>],
    ) {
        let held = self.of(symbol, timeframe, features.len());
        held.start.extend_from_slice(start);
        held.available.extend_from_slice(available);
        for (column, new) in held.columns.iter_mut().zip(features) {
            column.extend_from_slice(new);
        }
    }

    /// Keeps rows of many symbols, each behind those it has.
    pub(super) fn add_moments(&mut self, moments: &Moments) {
        let times = moments.start.iter().zip(&moments.available);
        for (row, (symbol, (start, available))) in moments.symbols.iter().zip(times).enumerate() {
            let held = self.of(*symbol, moments.timeframe, moments.columns.len());
            held.start.push(*start);
            held.available.push(*available);
            for (column, new) in held.columns.iter_mut().zip(&moments.columns) {
                column.extend(new.get(row));
            }
        }
    }

    fn of(&mut self, symbol: Symbol, timeframe: Timeframe, features: usize) -> &mut HeldSymbol {
        let next = self.places.len();
        let place = *self.places.entry(symbol).or_insert(next);
        if place == self.symbols.len() {
            self.symbols.push(HeldSymbol {
                symbol,
                timeframe,
                start: Vec::new(),
                available: Vec::new(),
                columns: vec![Vec::new(); features],
            });
        }
        &mut self.symbols[place]
    }

    /// Fits on the training rows of all symbols.
    pub(super) fn fit(
        &self,
        names: &[String],
        (preparation, range): &(Preparation, TrainingRange),
    ) -> Result<FittedPreparation, Failure> {
        let columns: Vec<Vec<&[f64]>> = self
            .symbols
            .iter()
            .map(|one| one.columns.iter().map(Vec::as_slice).collect())
            .collect();
        let times: Vec<Vec<i64>> = self
            .symbols
            .iter()
            .map(|one| one.available.iter().map(|time| time.nanos()).collect())
            .collect();
        let rows: Vec<Rows<'_>> = columns
            .iter()
            .zip(&times)
            .map(|(columns, available)| Rows { columns, available })
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        Ok(preparation.fit_symbols(&names, &rows, *range)?)
    }

    /// Writes all rows, prepared.
    pub(super) fn write(
        &self,
        fitted: &FittedPreparation,
        table: &mut FeatureTable,
    ) -> Result<(), Failure> {
        for one in &self.symbols {
            let columns: Vec<&[f64]> = one.columns.iter().map(Vec::as_slice).collect();
            table.append(
                one.symbol,
                one.timeframe,
                (&one.start, &one.available),
                &fitted.batch(&columns)?,
            )?;
        }
        Ok(())
    }

    /// Length of the bars of the first symbol.
    pub(super) fn timeframe(&self) -> Option<Timeframe> {
        self.symbols.first().map(|one| one.timeframe)
    }
}

/// Writes the preparation beside the table: `out.parquet` has `out.preparation.txt`.
pub(super) fn save(
    fitted: &FittedPreparation,
    out: &Path,
    existing: Existing,
) -> Result<PathBuf, Failure> {
    let path = out.with_extension("preparation.txt");
    let text = fitted.to_text()?;
    write_file(&path, text.as_bytes(), existing).map_err(StoreError::File)?;
    Ok(path)
}
