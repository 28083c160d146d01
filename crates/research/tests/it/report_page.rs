//! The tear sheet seen from outside: complete, self-contained, the same every time, and closed to
//! markup from outside.

use std::path::Path;

use rust_decimal::Decimal;
use trader_research::report::{ReportError, Tearsheet};

use crate::report_fixture::report;

fn page() -> String {
    let data = report();
    Tearsheet::new(&data).unwrap().html().unwrap()
}

#[test]
fn the_same_run_gives_the_same_bytes() {
    let first = page();
    assert_eq!(first, page());
    // For people who want to look at it.
    std::fs::write(
        Path::new(env!("CARGO_TARGET_TMPDIR")).join("tearsheet.html"),
        first,
    )
    .unwrap();
}
