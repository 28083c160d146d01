//! Made-up bars with gaps and halts.

use std::collections::BTreeMap;

use trader_features::Columns;

/// Owned columns.
pub(crate) struct Market {
    pub(crate) columns: BTreeMap<&'static str, Vec<f64>>,
}

impl Market {
    /// A random walk, the same for the same seed. One row in twenty lacks its bar, one in twenty repeats the
    /// close before without volume; a session has 78 rows.
    pub(crate) fn walk(seed: u64, rows: usize) -> Self {
        let mut state = seed;
        let mut roll = move || {
            // SplitMix64 (Steele, Lea, Flood 2014).
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
        };
        let mut columns = BTreeMap::<_, Vec<f64>>::new();
        let mut close = 50.0;
        for row in 0..rows {
            let (halted, missing) = (roll() < 0.05, roll() < 0.05);
            let open = close;
            let moves = [roll() - 0.5, roll(), roll(), roll()];
            close *= if halted { 1.0 } else { 1.0 + 0.02 * moves[0] };
            let wick = if halted { 0.0 } else { 0.006 };
            let volume = if halted {
                0.0
            } else {
                1_000.0 + 9_000.0 * moves[3]
            };
            for (name, value) in [
                ("open", open),
                ("high", open.max(close) * (1.0 + wick * moves[1])),
                ("low", open.min(close) * (1.0 - wick * moves[2])),
                ("close", close),
                ("volume", volume),
            ] {
                let value = if missing { f64::NAN } else { value };
                columns.entry(name).or_default().push(value);
            }
            let session = (row / 78) as f64;
            columns.entry("session").or_default().push(session);
        }
        Self { columns }
    }

    pub(crate) fn columns(&self) -> Columns<'_> {
        let columns = self.columns.iter();
        columns.fold(Columns::new(), |columns, (name, values)| {
            columns.with(name, values).expect("columns of one length")
        })
    }
}
