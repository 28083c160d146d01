//! A million bars of a random walk, and whatever other column a calculator reads.

use trader_features::Columns;
use trader_features::columns::KNOWN;

/// Owned columns for every known name.
pub(crate) struct Bars {
    columns: Vec<(&'static str, Vec<f64>)>,
}

impl Bars {
    /// From a linear congruential generator (Knuth's MMIX constants) with a fixed seed.
    pub(crate) fn new(rows: usize) -> Self {
        let mut state = 42_u64;
        let mut roll = move || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        let names = KNOWN.iter().map(|column| column.name);
        let mut columns: Vec<_> = names.map(|name| (name, Vec::with_capacity(rows))).collect();
        let (mut close, mut benchmark) = (100.0_f64, 1000.0_f64);
        for row in 0..rows {
            let open = close + 0.02 * (roll() - 0.5);
            close = (open + 0.2 * (roll() - 0.5)).max(5.0);
            benchmark = (benchmark + 2.0 * (roll() - 0.5)).max(50.0);
            let (above, below, place) = (0.05 * roll(), 0.05 * roll(), roll() - 0.5);
            for (name, column) in &mut columns {
                column.push(match *name {
                    "open" => open,
                    "high" => open.max(close) + above,
                    "low" => open.min(close) - below,
                    "close" => close,
                    "benchmark" => benchmark,
                    "session" => (row / 390) as f64,
                    "month" => (row / 8190) as f64,
                    "bid" => close - 0.01,
                    "ask" => close + 0.01,
                    "trade_price" => close + 0.02 * place,
                    "implied_vol" => 0.2 + 0.05 * place,
                    _ => (1000.0 * roll()).round() + 1.0,
                });
            }
        }
        Self { columns }
    }

    /// One column.
    pub(crate) fn get(&self, name: &str) -> Option<&[f64]> {
        let found = self.columns.iter().find(|(known, _)| *known == name)?;
        Some(&found.1)
    }

    /// Borrowed, as calculators read them.
    pub(crate) fn columns(&self) -> Columns<'_> {
        self.columns
            .iter()
            .fold(Columns::new(), |columns, (name, values)| {
                columns.with(name, values).expect("equal lengths")
            })
    }
}
