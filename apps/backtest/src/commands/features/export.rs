//! Features of all symbols as one table.

use std::path::Path;

use cpu_time::ProcessTime;
use serde::Serialize;
use trader_domain::Timeframe;
use trader_feature_store::{
    BarSource, Computed, FeatureTable, MemoryBudget, StoreError, compute_all,
};
use trader_features::FeatureSet;
use trader_features::preparation::{Preparation, TrainingRange};
use trader_storage::{Existing, Fingerprint, TableFormat};

use super::prepare::{self, Held};
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
    features: &'a [&'a str],
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
pub(super) fn export(args: &FeaturesArgs) -> Result<(), Failure> {
    let wall = Stopwatch::start();
    let interrupted = watch_interrupts();
    let format = format_of(&args.out)?;
    let loaded = configuration(args.show.config.as_deref())?;
    let definition = choice::chosen(&args.chosen, &loaded.config)?;
    let mut set = choice::build(&definition)?;
    let existing = existing(args)?;
    let preparation = prepare::asked(&args.prepare)?;
    let source = bars::open(&args.bars)?;
    let progress = Progress::new(
        &definition.to_string(),
        source.rows(),
        show(&args.show),
        &interrupted,
    );
    let cpu = ProcessTime::now();
    let work = Work {
        args,
        format,
        existing,
        budget: MemoryBudget::new(loaded.config.features.memory.bytes()),
        progress: &progress,
    };
    let written = match &preparation {
        None => work.write(&mut set, &source)?,
        Some(preparation) => {
            let memory = loaded.config.features.memory.bytes();
            prepare::check_memory(source.rows(), set.features().len(), memory)?;
            work.write_prepared(&mut set, &source, preparation)?
        }
    };
    progress.finish();
    let names: Vec<&str> = set.features().iter().map(|one| one.name.as_str()).collect();
    let summary = Summary {
        set: definition.to_string(),
        features: &names,
        calculators: set.calculators(),
        warm_up: set.warm_up(),
        symbols: written.computed.symbols,
        rows: written.computed.rows,
        out: args.out.display().to_string(),
        out_fingerprint: written.out.to_string(),
        data: source.name(),
        data_fingerprint: written.data.to_string(),
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

/// How one table is to be written.
struct Work<'a> {
    args: &'a FeaturesArgs,
    format: TableFormat,
    existing: Existing,
    budget: MemoryBudget,
    progress: &'a Progress,
}

/// What was written.
struct Written {
    computed: Computed,
    out: Fingerprint,
    data: Fingerprint,
}

impl Work<'_> {
    fn write(&self, set: &mut FeatureSet, source: &BarSource) -> Result<Written, Failure> {
        let benchmark = bars::benchmark(&self.args.bars)?;
        let names: Vec<String> = set.features().iter().map(|one| one.name.clone()).collect();
        let mut table: Option<FeatureTable> = None;
        let mut data = Vec::new();
        let computed = compute_all(
            set,
            source,
            benchmark.as_ref(),
            self.budget,
            &mut |rows| self.progress.reached(rows),
            |series, inputs, features| {
                if inputs.start.first() == series.columns.start.first() {
                    data.push(series.fingerprint());
                }
                let table = match &mut table {
                    Some(table) => table,
                    None => table.insert(self.create(series.timeframe, &names)?),
                };
                table.append(
                    series.symbol,
                    series.timeframe,
                    (&inputs.start, &inputs.available),
                    &features.columns,
                )
            },
        )?;
        let Some(table) = table else {
            return Err(Failure::Usage(format!("{}: no bars", source.name())));
        };
        Ok(Written {
            computed,
            out: table.finish()?,
            data: Fingerprint::of_parts(data),
        })
    }

    /// As [`Work::write`], with all features held until the preparation is fitted.
    fn write_prepared(
        &self,
        set: &mut FeatureSet,
        source: &BarSource,
        preparation: &(Preparation, TrainingRange),
    ) -> Result<Written, Failure> {
        let benchmark = bars::benchmark(&self.args.bars)?;
        let names: Vec<String> = set.features().iter().map(|one| one.name.clone()).collect();
        let mut held = Held::default();
        let mut data = Vec::new();
        let computed = compute_all(
            set,
            source,
            benchmark.as_ref(),
            self.budget,
            &mut |rows| self.progress.reached(rows),
            |series, inputs, features| {
                if inputs.start.first() == series.columns.start.first() {
                    data.push(series.fingerprint());
                }
                let times = (inputs.start.as_slice(), inputs.available.as_slice());
                held.add(series.symbol, series.timeframe, times, &features.columns);
                Ok(())
            },
        )?;
        let Some(timeframe) = held.timeframe() else {
            return Err(Failure::Usage(format!("{}: no bars", source.name())));
        };
        let fitted = held.fit(&names, preparation)?;
        let mut table = self.create(timeframe, &names)?;
        held.write(&fitted, &mut table)?;
        // The table appears last: it is never there without what it was prepared by.
        prepare::save(&fitted, &self.args.out, self.existing)?;
        Ok(Written {
            computed,
            out: table.finish()?,
            data: Fingerprint::of_parts(data),
        })
    }

    fn create(&self, timeframe: Timeframe, names: &[String]) -> Result<FeatureTable, StoreError> {
        FeatureTable::create(&self.args.out, self.format, self.existing, timeframe, names)
    }
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
