//! Every column computed from its defining formula is reproduced.

use crate::golden::{Case, compare};

/// Golden column, our name, relative tolerance.
const COLUMNS: &[(&str, &str, f64)] = &[
    ("log_ret", "logret_1", 1e-10),
    ("simple_ret", "ret_1", 1e-10),
    ("rv_close_20", "rv_close_20", 1e-10),
    ("parkinson_20", "parkinson_20", 1e-10),
    ("garman_klass_20", "garman_klass_20", 1e-10),
    ("rogers_satchell_20", "rogers_satchell_20", 1e-10),
    ("yang_zhang_20", "yang_zhang_20", 1e-10),
    ("ewma_vol_094", "ewma_vol_094", 1e-10),
    ("vwap_roll_20", "vwap_roll_20", 1e-10),
    ("vwap_month_anchored", "vwap_month", 1e-10),
    ("ichi_tenkan_9", "ichi_tenkan_9", 1e-10),
    ("ichi_kijun_26", "ichi_kijun_26", 1e-10),
    ("ichi_span_a_unshifted", "ichi_span_a_9_26", 1e-10),
    ("ichi_span_b_52_unshifted", "ichi_span_b_52", 1e-10),
    ("ichi_span_a_at_bar", "ichi_span_a_at_bar_9_26_26", 1e-10),
    ("ichi_span_b_at_bar", "ichi_span_b_at_bar_52_26", 1e-10),
    ("zscore_20", "zscore_20", 1e-10),
    ("bb_pctb_20_2", "bb_pctb_20_2", 1e-10),
    ("bb_bandwidth_20_2", "bb_bandwidth_20_2", 1e-10),
];

#[test]
fn every_defined_column_is_reproduced() {
    let cases: Vec<Case> = COLUMNS
        .iter()
        .map(|(golden, ours, tolerance)| Case {
            golden,
            ours,
            tolerance: *tolerance,
        })
        .collect();
    let differences = compare("indicators_defs.csv", &cases);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
