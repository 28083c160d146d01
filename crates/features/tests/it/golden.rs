//! Reading the golden files and comparing with them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use trader_features::{Columns, FeatureSet, Registry};

/// A CSV file: column name to values, empty fields as NaN.
pub(crate) fn read(name: &str) -> BTreeMap<String, Vec<f64>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name);
    let text = std::fs::read_to_string(&path).expect("golden file");
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().expect("header").split(',').collect();
    let mut columns: BTreeMap<String, Vec<f64>> = header
        .iter()
        .map(|name| ((*name).to_owned(), Vec::new()))
        .collect();
    for line in lines {
        for (name, field) in header.iter().zip(line.split(',')) {
            let value = if *name == "date" {
                month(field)
            } else {
                field.parse().unwrap_or(f64::NAN)
            };
            columns.get_mut(*name).expect("column").push(value);
        }
    }
    columns
}

/// `2011-01-03` as the number of its month.
fn month(date: &str) -> f64 {
    let mut parts = date
        .split('-')
        .map(|part| part.parse::<f64>().expect("date"));
    12.0 * parts.next().expect("year") + parts.next().expect("month") - 1.0
}

/// The golden bars as the columns that calculators read.
pub(crate) fn bars(file: &BTreeMap<String, Vec<f64>>) -> Columns<'_> {
    Columns::bars(
        &file["open"],
        &file["high"],
        &file["low"],
        &file["close"],
        &file["volume"],
    )
    .and_then(|columns| columns.with("benchmark", &file["bench_close"]))
    .and_then(|columns| columns.with("month", &file["date"]))
    .expect("equal lengths")
}

/// What is compared: golden column, our name, relative tolerance.
pub(crate) struct Case {
    pub(crate) golden: &'static str,
    pub(crate) ours: &'static str,
    pub(crate) tolerance: f64,
}

/// Compares batch and streaming results with the golden rows, missing values included; gives all
/// differences.
pub(crate) fn compare(file: &str, cases: &[Case]) -> Vec<String> {
    let data = read("ohlcv.csv");
    let mut golden = read(file);
    if let Some(direction) = golden.get_mut("supertrend_dir") {
        // An integer column: 0 stands where there is no value yet.
        direction
            .iter_mut()
            .filter(|value| **value == 0.0)
            .for_each(|value| *value = f64::NAN);
    }
    let columns = bars(&data);
    let rows: Vec<usize> = golden["idx"]
        .iter()
        .map(|idx| format!("{idx}").parse().expect("row"))
        .collect();
    let mut differences = Vec::new();
    for case in cases {
        let mut set = match FeatureSet::new(Registry::standard(), &[case.ours]) {
            Ok(set) => set,
            Err(error) => {
                differences.push(format!("{}: {error}", case.golden));
                continue;
            }
        };
        let table = set.batch(&columns).expect("batch");
        let streamed = stream(&mut set, &columns);
        let scale = golden[case.golden]
            .iter()
            .filter(|x| !x.is_nan())
            .fold(0.0_f64, |a, x| a.max(x.abs()));
        let mut worst = 0.0_f64;
        for (row, expected) in rows.iter().zip(&golden[case.golden]) {
            for (form, found) in [
                ("batch", table.columns[0][*row]),
                ("stream", streamed[*row]),
            ] {
                if found.is_nan() != expected.is_nan() {
                    differences.push(format!(
                        "{} {form} row {row}: {found} for {expected}",
                        case.golden
                    ));
                    continue;
                }
                // Values that pass through zero are judged by the column's scale.
                let error = (found - expected).abs() / expected.abs().max(1e-3 * scale).max(1e-300);
                if !expected.is_nan() && error > case.tolerance && error > worst {
                    worst = error;
                    differences.push(format!(
                        "{} {form} row {row}: {found} for {expected} (relative {error:e})",
                        case.golden
                    ));
                }
            }
        }
    }
    differences
}

/// The streaming form over all rows.
pub(crate) fn stream(set: &mut FeatureSet, columns: &Columns<'_>) -> Vec<f64> {
    let names: Vec<String> = set.inputs().map(str::to_owned).collect();
    let inputs: Vec<&[f64]> = names
        .iter()
        .map(|name| columns.get(name).expect("column"))
        .collect();
    (0..columns.rows())
        .map(|row| {
            let values: Vec<f64> = inputs.iter().map(|input| input[row]).collect();
            set.update(&values).expect("update");
            set.value(0).unwrap_or(f64::NAN)
        })
        .collect()
}
