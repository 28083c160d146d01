//! Minute bars of stored trades.

use trader_storage::store::StoredTrade;

use crate::streams::{AggregationError, BarBuilder, BarRule, BuiltBar, SaleRules, Tick};

/// Bars of so many seconds of trades in the order of time; prints that were taken back count for nothing.
///
/// # Errors
/// [`AggregationError`] when the length is zero or sums do not fit.
pub fn bars_of_trades(
    trades: &[StoredTrade],
    seconds: u32,
    sales: SaleRules,
) -> Result<Vec<BuiltBar>, AggregationError> {
    let mut builder = BarBuilder::new(BarRule::Time { seconds }, sales)?;
    let mut built = Vec::new();
    for trade in trades {
        let tick = Tick {
            time: trade.time,
            price: trade.price,
            size: trade.size,
            conditions: trade.conditions,
        };
        builder.push(&tick, &mut built)?;
    }
    builder.close(&mut built)?;
    Ok(built)
}
