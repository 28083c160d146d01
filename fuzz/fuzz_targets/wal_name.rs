//! `wal_name` under libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    trader_fuzz::targets::wal_name(data);
});
