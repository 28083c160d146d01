//! `stats.csv`: values of statsmodels 0.15.0, arch 8.0.0 and scipy 1.17.1 on the golden closes, and
//! the series that they are about. One test asks for every row.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::{garch, golden, samples, state_models, statistics};

/// The rows of the file, `test/key` to value; which of them were asked for, and which differed.
pub(crate) struct Expected {
    rows: BTreeMap<String, f64>,
    asked: RefCell<BTreeSet<String>>,
    differences: RefCell<Vec<String>>,
}

impl Expected {
    fn read() -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/stats.csv");
        let text = std::fs::read_to_string(path).expect("golden file");
        let row = |line: &str| {
            let (test, rest) = line.split_once(',').expect("test");
            let (key, rest) = match rest.strip_prefix('"') {
                Some(quoted) => quoted.split_once("\",").expect("closing quote"),
                None => rest.split_once(',').expect("key"),
            };
            let value = rest.split(',').next().expect("value");
            (format!("{test}/{key}"), value.parse().expect("number"))
        };
        Self {
            rows: text.lines().skip(1).map(row).collect(),
            asked: RefCell::default(),
            differences: RefCell::default(),
        }
    }

    /// Notes a difference unless `found` is the row's value to a relative `tolerance`; a row of 0 to
    /// that tolerance itself.
    pub(crate) fn near(&self, name: &str, found: f64, tolerance: f64) {
        let expected = *self
            .rows
            .get(name)
            .unwrap_or_else(|| panic!("no row {name}"));
        self.asked.borrow_mut().insert(name.to_owned());
        let scale = if expected == 0.0 { 1.0 } else { expected.abs() };
        let error = (found - expected).abs();
        if error.is_nan() || error > tolerance * scale {
            let line = format!("{name}: {found} for {expected}");
            self.differences.borrow_mut().push(line);
        }
    }
}

#[test]
fn every_row_of_the_reference_is_reproduced() {
    let expected = Expected::read();
    statistics::check(&expected);
    samples::check(&expected);
    garch::check(&expected);
    state_models::check(&expected);
    let differences = expected.differences.into_inner();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    let asked = expected.asked.into_inner();
    let left: Vec<&String> = expected
        .rows
        .keys()
        .filter(|name| !asked.contains(*name))
        .collect();
    assert!(left.is_empty(), "not asked for: {left:?}");
    assert_eq!(asked.len(), 154);
}

/// Natural logarithms of the golden closes.
pub(crate) fn log_close() -> Vec<f64> {
    let data = golden::read("ohlcv.csv");
    data["close"].iter().map(|close| close.ln()).collect()
}

fn percent(prices: &[f64]) -> Vec<f64> {
    prices
        .windows(2)
        .map(|pair| 100.0 * (pair[1] / pair[0]).ln())
        .collect()
}

/// 100 times the log returns of the golden closes.
pub(crate) fn returns() -> Vec<f64> {
    percent(&golden::read("ohlcv.csv")["close"])
}

/// 100 times the log returns of the golden benchmark.
pub(crate) fn benchmark_returns() -> Vec<f64> {
    percent(&golden::read("ohlcv.csv")["bench_close"])
}
