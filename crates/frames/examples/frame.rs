//! Features of a Polars frame: `cargo run -p trader-frames --example frame`.

use std::io::Write as _;
use std::sync::Arc;

use polars::prelude::{IntoLazy as _, col, df, lit};
use trader_features::{FeatureSet, Registry};
use trader_frames::with_features;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let close: Vec<f64> = (0..250).map(|day| 100.0 + f64::from(day % 17)).collect();
    let volume = vec![1_000_i64; close.len()];
    let bars = df!("close" => close, "volume" => volume)?;
    let formulas = ["rsi_14", "wide = close / sma_20 - 1"];
    let set = FeatureSet::from_formulas(Registry::standard(), &formulas, &[])?;
    let hot = with_features(bars.lazy(), Arc::new(set)).filter(col("rsi_14").gt(lit(70.0)));
    let count = hot.collect()?.height();
    writeln!(std::io::stdout(), "{count} of 250 days are hot")?;
    Ok(())
}
