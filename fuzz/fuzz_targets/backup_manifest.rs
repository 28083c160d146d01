//! `backup_manifest` under libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    trader_fuzz::targets::backup_manifest(data);
});
