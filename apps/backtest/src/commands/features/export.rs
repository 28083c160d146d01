//! Features of all symbols as one table.

use std::path::Path;

use cpu_time::ProcessTime;
use serde::Serialize;
use trader_domain::Timeframe;
use trader_feature_store::{FeatureTable, MemoryBudget, StoreError, compute_all};
use trader_storage::{Existing, Fingerprint, TableFormat};

use super::{bars, choice, configuration, show};
use crate::cli::FeaturesArgs;
use crate::failure::Failure;
use crate::output::{self, Stopwatch};
use crate::progress::{Progress, watch_interrupts};
use crate::study::VERSION;

/// The object that `--json` prints. Names and meanings are a contract for scripts.
#[derive(Debug, Serialize)]
struct Summary<'a> {
    set: String,
    features: &'a [String],
    calculators: usize,
    warm_up: usize,
    symbols: u64,
    rows: u64,
    out: String,
    out_fingerprint: String,
    data: &'a str,
    data_fingerprint: String,
    version: &'a str,
    cpu_seconds: f64,
    wall_seconds: f64,
}

/// Computes and writes.
pub(super) fn export(args: &FeaturesArgs) -> Result<(), Failure> {
    let wall = Stopwatch::start();
    let interrupted = watch_interrupts();
    let format = format_of(&args.out)?;
    let loaded = configuration(args.show.config.as_deref())?;
    let definition = choice::chosen(&args.chosen, &loaded.config)?;
    let mut set = choice::build(&definition)?;
    let names: Vec<String> = set.features().iter().map(|one| one.name.clone()).collect();
    let existing = existing(args)?;
    let source = bars::open(&args.bars)?;
    let benchmark = bars::benchmark(&args.bars)?;
    let progress = Progress::new(
        &definition.to_string(),
        source.rows(),
        show(&args.show),
        &interrupted,
    );
    let cpu = ProcessTime::now();
    let mut table: Option<(FeatureTable, Timeframe)> = None;
    let mut fingerprints = Vec::new();
    let computed = compute_all(
        &mut set,
        &source,
        benchmark.as_ref(),
        MemoryBudget::new(loaded.config.features.memory.bytes()),
        &mut |rows| progress.reached(rows),
        |series, inputs, features| {
            if inputs.start.first() == series.columns.start.first() {
                fingerprints.push(series.fingerprint());
            }
            let (table, _) = match &mut table {
                Some(table) => table,
                None => {
                    let timeframe = series.timeframe;
                    let made =
                        FeatureTable::create(&args.out, format, existing, timeframe, &names)?;
                    table.insert((made, timeframe))
                }
            };
            table.append(
                series.symbol,
                series.timeframe,
                (&inputs.start, &inputs.available),
                &features.columns,
            )
        },
    )?;
    progress.finish();
    let Some((table, _)) = table else {
        return Err(Failure::Usage(format!("{}: no bars", source.name())));
    };
    let out_fingerprint = table.finish()?;
    let summary = Summary {
        set: definition.to_string(),
        features: &names,
        calculators: set.calculators(),
        warm_up: set.warm_up(),
        symbols: computed.symbols,
        rows: computed.rows,
        out: args.out.display().to_string(),
        out_fingerprint: out_fingerprint.to_string(),
        data: source.name(),
        data_fingerprint: Fingerprint::of_parts(fingerprints).to_string(),
        version: VERSION,
        cpu_seconds: cpu.elapsed().as_secs_f64(),
        wall_seconds: wall.seconds(),
    };
    if args.show.json {
        return output::json(&summary);
    }
    output::print(&format!(
        "{}: {} features ({} calculators, warm-up {} bars)\n{} symbols, {} rows\n{}  {}\n",
        summary.set,
        names.len(),
        summary.calculators,
        summary.warm_up,
        summary.symbols,
        summary.rows,
        summary.out,
        summary.out_fingerprint,
    ));
    Ok(())
}

/// By the file's ending.
pub(super) fn format_of(path: &Path) -> Result<TableFormat, Failure> {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("parquet") => Ok(TableFormat::Parquet),
        Some("csv") => Ok(TableFormat::Csv),
        _ => Err(Failure::Usage(format!(
            "--out {}: the name must end in .parquet or .csv",
            path.display()
        ))),
    }
}

/// What to do about a file that is there; without --overwrite it is refused before any work.
fn existing(args: &FeaturesArgs) -> Result<Existing, Failure> {
    if args.overwrite {
        return Ok(Existing::Replace);
    }
    if args.out.exists() {
        return Err(Failure::Features(StoreError::File(
            trader_storage::DataError::AlreadyExists {
                file: format!("{} (--overwrite replaces it)", args.out.display()),
            },
        )));
    }
    Ok(Existing::Keep)
}
