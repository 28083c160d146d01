//! Sixty features in one pass: what it saves that shared parts are computed once.

use crate::bars::Bars;
use crate::shared::Batch;
use crate::{ROWS, measure};

const SIXTY: [&str; 60] = [
    "sma_5",
    "sma_10",
    "sma_20",
    "sma_50",
    "sma_200",
    "ema_12",
    "ema_20",
    "ema_26",
    "ema_50",
    "wma_20",
    "dema_20",
    "tema_20",
    "hma_20",
    "kama_10",
    "ma_gap_20_50",
    "ma_gap_50_200",
    "ma_distance_20",
    "ma_distance_200",
    "ma_slope_20",
    "macd",
    "macd_signal",
    "macd_hist",
    "ppo_12_26",
    "apo_12_26",
    "rsi_14",
    "stochrsi_k",
    "stochrsi_d",
    "stoch_k",
    "stoch_d",
    "willr_14",
    "cci_20",
    "roc_10",
    "mom_10",
    "ret_1",
    "logret_1",
    "trix_15",
    "ultosc",
    "adx_14",
    "adxr_14",
    "dx_14",
    "plus_di_14",
    "minus_di_14",
    "aroonosc_14",
    "atr_14",
    "natr_14",
    "supertrend_14_3",
    "bb_upper_20_2",
    "bb_lower_20_2",
    "bb_pctb_20_2",
    "bb_bandwidth_20_2",
    "zscore_20",
    "donchian_upper_20",
    "donchian_lower_20",
    "rv_close_20",
    "ewma_vol_094",
    "jump_share_78",
    "obv",
    "mfi_14",
    "cmf_20",
    "adosc_3_10",
];

/// Prints the time of the set in one pass, and of its features one by one.
pub(crate) fn print(bars: &Bars) {
    let mut together = Batch::new(&SIXTY);
    let mut alone: Vec<Batch> = SIXTY.iter().map(|name| Batch::new(&[*name])).collect();
    let parts: usize = alone.iter().map(Batch::calculators).sum();
    let shared = together.calculators();
    let mut one_by_one = || alone.iter_mut().for_each(|batch| batch.run(bars));
    let [together, alone] = measure::best(5, ROWS, [&mut || together.run(bars), &mut one_by_one]);
    println!("a set of {} features over {ROWS} bars", SIXTY.len());
    println!("in one pass  {together:>8.1} ns per bar, {shared} calculators");
    println!("one by one   {alone:>8.1} ns per bar, {parts} calculators");
    println!("saved        {:>8.1} %", 100.0 * (1.0 - together / alone));
}
