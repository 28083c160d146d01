//! Market data in figures: bars a second into the store and out of it, nanoseconds of a hit in the cache.
//!
//! Runs the benches of `trader-storage` and `trader-cache` and gathers what Criterion wrote about them in one table,
//! beside what the specification asks for. The store's figures are CPU time.

use std::fs;
use std::path::Path;

use super::study::{self, Answer};
use crate::failure::{Failure, Outcome};
use crate::process::{self, cargo};

const BENCHES: &[(&str, &str)] = &[("trader-storage", "store"), ("trader-cache", "hit")];

/// The least a second by the end of a bench's name.
const WANTED: &[(&str, f64)] = &[
    ("CSV, checks, Parquet", 3e6),
    ("scan", 50e6),
    ("hit in memory", 1e6),
];

/// Runs, gathers, prints.
///
/// # Errors
/// When a bench fails or wrote nothing.
pub(crate) fn run(root: &Path) -> Outcome {
    let folder = study::cache()?.join("criterion-data");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| Failure::file("remove", &folder, &error))?;
    }
    for (package, bench) in BENCHES {
        let mut command = cargo(root);
        command.args(["bench", "--package", package, "--bench", bench]);
        process::run(command.env("CRITERION_HOME", &folder))?;
    }
    let mut rows = Vec::new();
    gather(&folder, &mut rows)?;
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    if rows.is_empty() {
        return Err(Failure::new("the benches wrote no figures"));
    }
    println!(
        "\n{:<54} {:>14} {:>12} {:>12}",
        "", "ns each", "M a second", "wanted"
    );
    for row in rows {
        let wanted = WANTED.iter().find(|(end, _)| row.name.ends_with(end));
        let wanted = wanted.map_or(String::new(), |(_, least)| format!("{:.0}", least / 1e6));
        let (each, rate) = (row.nanoseconds, 1e3 / row.nanoseconds);
        println!("{:<54} {each:>14.2} {rate:>12.2} {wanted:>12}", row.name);
    }
    println!("(store: CPU time of one core, files in memory)");
    Ok(())
}

/// What one bench measured.
struct Row {
    name: String,
    /// Of one bar, or of one call.
    nanoseconds: f64,
}

/// Looks for the results of the last run: `new/benchmark.json` beside `new/estimates.json`.
fn gather(folder: &Path, rows: &mut Vec<Row>) -> Outcome {
    let unreadable = |error| Failure::file("list", folder, &error);
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if !path.is_dir() {
            continue;
        }
        if path.ends_with("new") {
            rows.push(row(&path)?);
        } else {
            gather(&path, rows)?;
        }
    }
    Ok(())
}

fn row(folder: &Path) -> Outcome<Row> {
    let read = |name: &str| {
        let file = folder.join(name);
        let text = fs::read_to_string(&file);
        Answer::parse(&text.map_err(|error| Failure::file("read", &file, &error))?)
    };
    let (about, estimates) = (read("benchmark.json")?, read("estimates.json")?);
    let bars = about
        .within("throughput")
        .and_then(|of| of.seconds("Elements"));
    let mean = estimates.within("mean")?.seconds("point_estimate")?;
    Ok(Row {
        name: about.text("full_id")?,
        nanoseconds: mean / bars.unwrap_or(1.0),
    })
}
