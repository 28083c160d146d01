//! The crate on its own: a set of features over a few bars, then one bar live.

use trader_features::{Columns, FeatureError, FeatureSet, Registry};

fn main() -> Result<(), FeatureError> {
    let close: Vec<f64> = (0..40).map(|i| 100.0 + f64::from(i % 7)).collect();
    let mut set = FeatureSet::new(Registry::standard(), &["rsi_14", "ema_12", "zscore_20"])?;
    let table = set.batch(&Columns::new().with("close", &close)?)?;
    let rsi = table.get("rsi_14").and_then(|column| column.last());
    for price in &close {
        set.update(&[*price])?;
    }
    assert_eq!(rsi.copied().map(f64::round), set.value(0).map(f64::round));
    Ok(())
}
