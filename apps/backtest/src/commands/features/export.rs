//! Features of all symbols as one table.

use std::path::Path;

use cpu_time::ProcessTime;
use serde::Serialize;
use trader_feature_store::{MemoryBudget, StoreError};
use trader_storage::{DataError, Existing, TableFormat};

use super::computation::Computation;
use super::sink::{Sink, Target};
use super::{bars, choice, configuration, prepare, show};
use crate::cli::ComputeArgs;
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

/// Computes, writes, and says what was done.
pub(super) fn export(args: &ComputeArgs) -> Result<(), Failure> {
    let wall = Stopwatch::start();
    let interrupted = watch_interrupts();
    let out_path = args.out.as_deref().ok_or_else(|| {
        Failure::Usage("where to? name a file with --out: .parquet or .csv".to_owned())
    })?;
    let format = format_of(out_path)?;
    let loaded = configuration(args.show.config.as_deref())?;
    let definition = choice::chosen(&args.chosen, &loaded.config)?;
    let mut computation = Computation::new(&definition)?;
    let existing = existing(out_path, args.overwrite)?;
    let preparation = prepare::asked(&args.prepare)?;
    let bars::Opened { source, companions } =
        bars::open(&args.bars, &loaded.config, &computation.inputs())?;
    computation.over(&definition, &source, &args.sectors)?;
    let names = computation.names();
    let progress = Progress::new(
        &definition.to_string(),
        source.rows(),
        show(&args.show),
        &interrupted,
    );
    let cpu = ProcessTime::now();
    let memory = loaded.config.features.memory.bytes();
    if preparation.is_some() {
        prepare::check_memory(source.rows(), names.len(), memory)?;
    }
    let target = Target {
        path: out_path,
        format,
        existing,
        names: &names,
    };
    let mut sink = Sink::new(target, preparation.as_ref());
    let budget = MemoryBudget::new(memory);
    let computed = computation.run(&source, &companions, budget, &progress, &mut sink)?;
    let Some(out) = sink.finish()? else {
        return Err(Failure::Usage(format!("{}: no bars", source.name())));
    };
    progress.finish();
    let summary = Summary {
        set: definition.to_string(),
        features: &names,
        calculators: computation.calculators(),
        warm_up: computation.warm_up(),
        symbols: computed.symbols,
        rows: computed.rows,
        out: out_path.display().to_string(),
        out_fingerprint: out.to_string(),
        data: source.name(),
        data_fingerprint: computed.data.to_string(),
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
pub(super) fn existing(path: &Path, overwrite: bool) -> Result<Existing, Failure> {
    if overwrite {
        return Ok(Existing::Replace);
    }
    if path.exists() {
        return Err(Failure::Features(StoreError::File(
            DataError::AlreadyExists {
                file: format!("{} (--overwrite replaces it)", path.display()),
            },
        )));
    }
    Ok(Existing::Keep)
}
