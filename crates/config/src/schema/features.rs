//! Technical indicators.

use trader_domain::money::Rate;

use crate::key::section;

section! {
    /// Technical indicators of the standard feature set.
    pub struct FeatureSettings in "features." {
        /// Lengths of moving averages and their slopes.
        lookbacks: Vec<u32> = "5, 10, 20, 50, 200", unit "bars", range "[2, 10000]", restart;
        /// Length of the relative strength index.
        rsi_period: u32 = "14", unit "bars", range "[2, 1000]", restart;
        /// Relative strength index below which an instrument counts as oversold.
        rsi_oversold: Rate = "30", unit "index points", range "(0, 100)", restart;
        /// Relative strength index above which an instrument counts as overbought.
        rsi_overbought: Rate = "70", unit "index points", range "(0, 100)", restart;
        /// Multiple of average volume from which volume counts as high.
        volume_multiple: Rate = "1.5", unit "x average volume", range "[1, 100]", restart;
        /// Correlation from which two instruments count as related.
        correlation_threshold: Rate = "0.75", unit "correlation coefficient", range "(0, 1]", restart;
    }
}
