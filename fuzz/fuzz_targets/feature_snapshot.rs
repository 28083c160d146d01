//! `feature_snapshot` under libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    trader_fuzz::targets::feature_snapshot(data);
});
