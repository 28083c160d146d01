//! Made-up but market-like data for every known column.

use std::collections::BTreeMap;

use trader_features::Columns;
use trader_features::columns::KNOWN;

/// A small linear congruential generator (Knuth's MMIX constants): the same seed, the same data.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x2545_f491_4f6c_dd1d)
    }

    /// Uniform in 0..1.
    pub(crate) fn roll(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Roughly normal.
    pub(crate) fn bell(&mut self) -> f64 {
        (0..12).map(|_| self.roll()).sum::<f64>() - 6.0
    }
}

/// All known columns, and the features of what was known that features over rows read.
fn names() -> impl Iterator<Item = &'static str> {
    let known = KNOWN.iter().map(|column| column.name);
    known.chain(["days_since_event_earnings"])
}

/// Owned columns for all known names.
pub(crate) struct Market {
    pub(crate) columns: BTreeMap<&'static str, Vec<f64>>,
}

impl Market {
    /// A random walk from `price`; a share `gaps` of the rows lacks some value, a share `halts`
    /// repeats the bar before without volume.
    pub(crate) fn walk(seed: u64, rows: usize, price: f64, gaps: f64, halts: f64) -> Self {
        let mut dice = Dice::new(seed);
        let mut columns: BTreeMap<&'static str, Vec<f64>> = names()
            .map(|name| (name, Vec::with_capacity(rows)))
            .collect();
        let (mut close, mut benchmark, mut vol) = (price, 1000.0, 0.2);
        for row in 0..rows {
            let halted = row > 0 && dice.roll() < halts;
            let open = if halted {
                close
            } else {
                close * (1.0 + 0.004 * dice.bell())
            };
            if !halted {
                close = open * (1.0 + 0.01 * dice.bell());
            }
            let high = open.max(close)
                * if halted {
                    1.0
                } else {
                    1.0 + 0.006 * dice.roll()
                };
            let low = open.min(close)
                * if halted {
                    1.0
                } else {
                    1.0 - 0.006 * dice.roll()
                };
            benchmark *= 1.0 + 0.01 * dice.bell();
            vol = (vol * (1.0 + 0.03 * dice.bell())).clamp(0.05, 1.5);
            let spread = 0.0005 * close * (1.0 + dice.roll());
            let mut put = |name: &str, value: f64| {
                if let Some(column) = columns.get_mut(name) {
                    column.push(value);
                }
            };
            put("open", open);
            put("high", high);
            put("low", low);
            put("close", close);
            put("benchmark", benchmark);
            put("session", (row / 39) as f64);
            put("month", (row / 500) as f64);
            put("bid", close - spread);
            put("ask", close + spread);
            put("trade_price", close + spread * (2.0 * dice.roll() - 1.0));
            put("implied_vol", vol);
            put("days_since_event_earnings", (row % 63) as f64 + 0.25);
            for (name, column) in &mut columns {
                if column.len() == row {
                    // Everything else is an amount.
                    let none = halted || (*name == "volume" && dice.roll() < 0.01);
                    column.push(if none {
                        0.0
                    } else {
                        (100.0 + 9_900.0 * dice.roll()).round()
                    });
                }
            }
        }
        for column in columns.values_mut() {
            for value in column.iter_mut() {
                if dice.roll() < gaps {
                    *value = f64::NAN;
                }
            }
        }
        Self { columns }
    }

    /// The same with every column set to one value.
    pub(crate) fn constant(rows: usize, value: f64) -> Self {
        Self {
            columns: names().map(|name| (name, vec![value; rows])).collect(),
        }
    }

    /// Borrowed, as calculators read them.
    pub(crate) fn columns(&self) -> Columns<'_> {
        self.columns
            .iter()
            .fold(Columns::new(), |columns, (name, values)| {
                columns.with(name, values).expect("equal lengths")
            })
    }

    /// The values of one row for the given inputs.
    pub(crate) fn row(&self, inputs: &[String], row: usize) -> Vec<f64> {
        inputs
            .iter()
            .map(|name| self.columns[name.as_str()][row])
            .collect()
    }

    pub(crate) fn rows(&self) -> usize {
        self.columns["close"].len()
    }
}
