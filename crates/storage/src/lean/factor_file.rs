//! Factor files: by how much past prices shrink through dividends and splits.
//!
//! A row `20140606,0.9011818,0.0357143,645.57` holds for dates up to and including its own: prices before the close of
//! that day are multiplied by both factors to compare with prices after the last row.

use chrono::NaiveDate;
use trader_domain::Price;

use super::context::{fields, for_each_row};
use super::map_file::lean_date;
use crate::error::{DataError, excerpt};
use crate::problem::ProblemKind;
use crate::text::decimal::{ExtraDigits, NumberFault, parse_units};

/// Decimals to which factors are held.
const FACTOR_DECIMALS: u32 = 10;

/// One row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FactorRow {
    /// Last date the factors hold for.
    pub until: NaiveDate,
    /// Dividend factor in 10⁻¹⁰.
    pub dividend: i64,
    /// Split factor in 10⁻¹⁰.
    pub split: i64,
    /// The close on that date, zero when the file does not say.
    pub reference: Price,
}

/// The factors of one security.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactorFile {
    rows: Vec<FactorRow>,
}

impl FactorFile {
    /// Reads a factor file. Any bytes give a file or an error, never a panic.
    ///
    /// # Errors
    /// [`DataError`] naming the line at fault.
    pub fn parse(bytes: &[u8], file: &str) -> Result<Self, DataError> {
        let mut rows: Vec<FactorRow> = Vec::new();
        for_each_row(bytes, file, 20, |line, _, _| {
            let [date, dividend, split, reference] = fields::<4>(line)?;
            let row = FactorRow {
                until: lean_date(date)?,
                dividend: factor(dividend)?,
                split: factor(split)?,
                reference: number(reference, 9).and_then(|units| {
                    Price::from_units(units)
                        .map_err(|_range| fault(reference, NumberFault::OutOfRange, 9))
                })?,
            };
            if rows.last().is_some_and(|last| last.until >= row.until) {
                return Err(ProblemKind::Time {
                    found: excerpt(date, 40),
                    fault: crate::text::time::TimeFault::NotATime,
                });
            }
            rows.push(row);
            Ok(())
        })?;
        Ok(Self { rows })
    }

    /// The rows, in order of date.
    pub fn rows(&self) -> &[FactorRow] {
        &self.rows
    }

    /// The factors in force on a date; 1 and 1 after the last row.
    pub fn on(&self, date: NaiveDate) -> (i64, i64) {
        const ONE: i64 = 10_i64.pow(FACTOR_DECIMALS);
        let at = self.rows.partition_point(|row| row.until < date);
        self.rows
            .get(at)
            .map_or((ONE, ONE), |row| (row.dividend, row.split))
    }
}

fn factor(field: &[u8]) -> Result<i64, ProblemKind> {
    let units = number(field, FACTOR_DECIMALS)?;
    if units > 0 {
        Ok(units)
    } else {
        Err(fault(field, NumberFault::OutOfRange, FACTOR_DECIMALS))
    }
}

fn number(field: &[u8], decimals: u32) -> Result<i64, ProblemKind> {
    parse_units(field, decimals, ExtraDigits::Refuse)
        .map(|units| units.value)
        .map_err(|kind| fault(field, kind, decimals))
}

fn fault(field: &[u8], fault: NumberFault, decimals: u32) -> ProblemKind {
    ProblemKind::Number {
        found: excerpt(field, 40),
        fault,
        decimals,
    }
}
