//! Two fingerprints that decide what must be computed anew: of what a set reads, and of what its
//! calculators do.

use trader_features::{Columns, FeatureSet};
use trader_storage::Fingerprint;

use crate::error::StoreError;
use crate::inputs::Inputs;

/// A running fingerprint of input rows: equal for equal rows however they are cut into chunks.
#[derive(Debug, Clone)]
pub(crate) struct InputHash {
    hasher: blake3::Hasher,
}

impl InputHash {
    pub(crate) fn new() -> Self {
        Self {
            hasher: blake3::Hasher::new(),
        }
    }

    /// Adds rows: times and values, row by row, floats by their bits.
    pub(crate) fn add(&mut self, inputs: &Inputs) {
        let columns = inputs.columns_in_order();
        let mut bytes = Vec::with_capacity(inputs.rows() * 8 * (columns.len() + 2));
        for (row, (start, available)) in inputs.start.iter().zip(&inputs.available).enumerate() {
            bytes.extend_from_slice(&start.nanos().to_le_bytes());
            bytes.extend_from_slice(&available.nanos().to_le_bytes());
            for (_, values) in columns {
                let value = values.get(row).copied().unwrap_or(f64::NAN);
                bytes.extend_from_slice(&value.to_bits().to_le_bytes());
            }
        }
        self.hasher.update(&bytes);
    }

    pub(crate) fn fingerprint(&self) -> String {
        self.hasher.finalize().to_hex().to_string()
    }
}

/// Rows behind the warm-up in which calculators show what they do, and most rows in all.
const SHOWN: (usize, usize) = (256, 8_192);

/// The fingerprint of what the calculators of a set make of fixed inputs. It changes when one of them
/// gives other numbers than before, so values kept from before are not continued. Calculators whose
/// warm-up is beyond eight thousand rows show nothing.
pub(crate) fn calculators(set: &FeatureSet) -> Result<String, StoreError> {
    let rows = (set.warm_up() + SHOWN.0).min(SHOWN.1);
    let names: Vec<String> = set.inputs().map(str::to_owned).collect();
    let inputs: Vec<Vec<f64>> = names.iter().map(|name| fixed(name, rows)).collect();
    let mut columns = Columns::new();
    for (name, values) in names.iter().zip(&inputs) {
        columns = columns.with(name, values)?;
    }
    let table = set.batch(&columns)?;
    let mut bytes = Vec::with_capacity(rows * 8 * table.columns.len());
    for (name, column) in table.names.iter().zip(&table.columns) {
        bytes.extend_from_slice(name.as_bytes());
        bytes.push(0);
        for value in column {
            // All NaN are one: their bits carry no meaning.
            let bits = if value.is_nan() {
                u64::MAX
            } else {
                value.to_bits()
            };
            bytes.extend_from_slice(&bits.to_le_bytes());
        }
    }
    Ok(Fingerprint::of_bytes(&bytes).to_string())
}

/// A column of plausible values: bars on a walk that rises, falls and rests.
fn fixed(name: &str, rows: usize) -> Vec<f64> {
    let mut state = 1_u64;
    let mut level = 100.0_f64;
    let mut column = Vec::with_capacity(rows);
    for row in 0..rows {
        // Knuth's MMIX generator; the high bits are the good ones.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let uniform = ((state >> 11) as f64) / 9_007_199_254_740_992.0;
        let before = level;
        level = (level + (uniform - 0.5) * 2.0).max(5.0);
        let wide = 0.1 + uniform;
        column.push(match name {
            "open" => before,
            "high" | "ask" => before.max(level) + wide,
            "low" | "bid" => before.min(level) - wide,
            "volume" | "trades" => (1_000.0 * (0.1 + uniform)).round(),
            "session" => (row / 78) as f64,
            "month" => (row / 1_600) as f64,
            _ => level,
        });
    }
    column
}
