//! `backtest feature-store`: keep features, check them against streaming, list, compact and clean them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use serde::Serialize;
use trader_config::schema::Config;
use trader_domain::{NANOS_PER_DAY, Timestamp};
use trader_feature_store::{
    BAR_COLUMNS, Clean, Compacted, FeatureStore, Job, MemoryBudget, Parity, Scope, SymbolReport,
    clean, compact, precompute, verify,
};
use trader_features::Registry;

use super::features::{bars, choice, configuration, show};
use crate::cli::{CleanArgs, CompactArgs, FeatureStoreCommand, KeepArgs, KeptArgs};
use crate::failure::Failure;
use crate::output;
use crate::progress::{Progress, watch_interrupts};
use crate::study::VERSION;

pub(super) fn feature_store(command: &FeatureStoreCommand) -> Result<(), Failure> {
    match command {
        FeatureStoreCommand::Update(args) => update(args),
        FeatureStoreCommand::Verify(args) => check(args),
        FeatureStoreCommand::List(args) => list(args),
        FeatureStoreCommand::Compact(args) => merge(args),
        FeatureStoreCommand::Clean(args) => remove(args),
    }
}

/// Opens what the arguments name and hands it to `work`.
fn with_job<T>(
    args: &KeepArgs,
    work: impl FnOnce(&FeatureStore, &Job<'_>, &Progress) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let interrupted = watch_interrupts();
    let loaded = configuration(args.show.config.as_deref())?;
    let known = choice::catalogue(&loaded.config)?;
    let definition = known
        .find(&args.set)
        .map_err(trader_feature_store::StoreError::from)?;
    let set = definition
        .build(Registry::standard(), BAR_COLUMNS)
        .map_err(trader_feature_store::StoreError::from)?;
    let inputs: Vec<String> = set.inputs().map(str::to_owned).collect();
    let bars::Opened { source, companions } = bars::open(&args.bars, &loaded.config, &inputs)?;
    let progress = Progress::new(
        &definition.to_string(),
        source.rows(),
        show(&args.show),
        &interrupted,
    );
    let job = Job {
        definition,
        source: &source,
        companions: &companions,
        budget: MemoryBudget::new(loaded.config.features.memory.bytes()),
        now: output::now(),
        program: VERSION,
        scope: if args.rebuild {
            Scope::Everything
        } else {
            Scope::Changed
        },
    };
    let done = work(
        &store(args.kept_in.as_ref(), &loaded.config),
        &job,
        &progress,
    )?;
    progress.finish();
    Ok(done)
}

fn store(folder: Option<&PathBuf>, config: &Config) -> FeatureStore {
    FeatureStore::new(folder.map_or(config.features.store.as_path(), PathBuf::as_path))
}

#[derive(Serialize)]
struct Updated {
    set: String,
    computed_rows: u64,
    rows: u64,
    /// Number of symbols by what was done for them.
    actions: BTreeMap<&'static str, u64>,
}

fn update(args: &KeepArgs) -> Result<(), Failure> {
    let (set, reports) = with_job(args, |store, job, progress| {
        let reports = precompute(store, job, &mut |rows| progress.reached(rows))?;
        Ok((job.definition.to_string(), reports))
    })?;
    let mut actions = BTreeMap::new();
    for report in &reports {
        *actions.entry(report.action.name()).or_insert(0) += 1;
    }
    let sum = |of: fn(&SymbolReport) -> u64| reports.iter().map(of).sum();
    let updated = Updated {
        set,
        computed_rows: sum(|report| report.computed),
        rows: sum(|report| report.rows),
        actions,
    };
    if args.show.json {
        return output::json(&updated);
    }
    let actions: Vec<String> = updated
        .actions
        .iter()
        .map(|(name, count)| format!("{count} {name}"))
        .collect();
    output::print(&format!(
        "{}: {} of {} rows computed\nsymbols: {}\n",
        updated.set,
        updated.computed_rows,
        updated.rows,
        actions.join(", ")
    ));
    Ok(())
}

#[derive(Serialize)]
struct Verified {
    symbols: usize,
    rows: u64,
    values: u64,
    different: u64,
    unmatched_rows: u64,
    failed_symbols: Vec<String>,
}

fn check(args: &KeepArgs) -> Result<(), Failure> {
    let found = with_job(args, |store, job, progress| {
        Ok(verify(store, job, &mut |rows| progress.reached(rows))?)
    })?;
    let sum = |of: fn(&Parity) -> u64| found.iter().map(of).sum();
    let failed: Vec<&Parity> = found.iter().filter(|parity| !parity.holds()).collect();
    let verified = Verified {
        symbols: found.len(),
        rows: sum(|parity| parity.rows),
        values: sum(|parity| parity.compared),
        different: sum(|parity| parity.different),
        unmatched_rows: sum(|parity| parity.unmatched),
        failed_symbols: failed
            .iter()
            .map(|parity| parity.symbol.to_string())
            .collect(),
    };
    if args.show.json {
        output::json(&verified)?;
    } else {
        output::print(&format!(
            "{} symbols, {} rows, {} values compared with streaming: {} differ, {} rows unmatched\n",
            verified.symbols,
            verified.rows,
            verified.values,
            verified.different,
            verified.unmatched_rows
        ));
    }
    match failed.first() {
        None => Ok(()),
        Some(parity) => Err(Failure::Parity(explain(parity))),
    }
}

/// What is wrong with the first symbol that differs.
fn explain(parity: &Parity) -> String {
    let reason = if let Some(first) = &parity.first {
        format!(
            "`{}` at {} is kept as {}, streaming gives {}",
            first.feature, first.time, first.offline, first.online
        )
    } else if parity.same_lineage {
        format!("{} rows are not in both", parity.unmatched)
    } else {
        "it was computed from other prices or by other calculators".to_owned()
    };
    format!("{}: {reason}", parity.symbol)
}

#[derive(Serialize)]
struct Listed {
    set: String,
    timeframe: String,
    symbol: String,
    rows: u64,
    parts: usize,
    features: usize,
    source: String,
    prices: String,
    program: String,
    computed: Option<String>,
}

fn list(args: &KeptArgs) -> Result<(), Failure> {
    let loaded = configuration(args.show.config.as_deref())?;
    let all: Vec<Listed> = store(args.kept_in.as_ref(), &loaded.config)
        .manifests()?
        .into_iter()
        .map(|(_, manifest)| Listed {
            rows: manifest.rows(),
            parts: manifest.parts.len(),
            features: manifest.lineage.features.len(),
            source: manifest
                .parts
                .last()
                .map_or(String::new(), |part| part.source.clone()),
            computed: manifest
                .computed()
                .map(|time| Timestamp::from_nanos(time).to_string()),
            symbol: manifest.symbol,
            set: manifest.lineage.set,
            timeframe: manifest.lineage.timeframe,
            prices: manifest.lineage.prices,
            program: manifest.lineage.program,
        })
        .collect();
    if args.show.json {
        return output::json(&all);
    }
    let mut text = String::new();
    for one in &all {
        let _in_memory = writeln!(
            text,
            "{:<20} {:<4} {:<10} {:>9} rows  {:>3} features  {}  {}",
            one.set,
            one.timeframe,
            one.symbol,
            one.rows,
            one.features,
            one.computed.as_deref().unwrap_or("-"),
            one.source
        );
    }
    output::print(&text);
    Ok(())
}

#[derive(Serialize)]
struct Merged {
    symbols: usize,
    parts_before: usize,
    parts: usize,
    rows: u64,
}

fn merge(args: &CompactArgs) -> Result<(), Failure> {
    let interrupted = watch_interrupts();
    let loaded = configuration(args.kept.show.config.as_deref())?;
    let store = store(args.kept.kept_in.as_ref(), &loaded.config);
    let rows = store.manifests()?.iter().map(|(_, one)| one.rows()).sum();
    let progress = Progress::new("compact", rows, show(&args.kept.show), &interrupted);
    let done = compact(&store, args.keep, &mut |rows| progress.reached(rows))?;
    progress.finish();
    let parts = |of: fn(&Compacted) -> usize| done.iter().map(of).sum();
    let merged = Merged {
        symbols: done.len(),
        parts_before: parts(|one| one.before),
        parts: parts(|one| one.after),
        rows: done.iter().map(|one| one.rows).sum(),
    };
    if args.kept.show.json {
        return output::json(&merged);
    }
    output::print(&format!(
        "{} symbols: {} parts are {} now, {} rows copied\n",
        merged.symbols, merged.parts_before, merged.parts, merged.rows
    ));
    Ok(())
}

#[derive(Serialize)]
struct Cleaned {
    removed: bool,
    old: Vec<String>,
    leftovers: Vec<String>,
    bytes: u64,
}

fn remove(args: &CleanArgs) -> Result<(), Failure> {
    let loaded = configuration(args.kept.show.config.as_deref())?;
    let age = i64::from(args.older_than).saturating_mul(NANOS_PER_DAY);
    let before = output::now().saturating_add(age.saturating_neg());
    let how = if args.dry_run {
        Clean::Preview
    } else {
        Clean::Remove
    };
    let removed = clean(
        &store(args.kept.kept_in.as_ref(), &loaded.config),
        before,
        how,
    )?;
    let shown = |paths: &[PathBuf]| {
        paths
            .iter()
            .map(|path| path.display().to_string())
            .collect()
    };
    let cleaned = Cleaned {
        removed: !args.dry_run,
        old: shown(&removed.old),
        leftovers: shown(&removed.leftovers),
        bytes: removed.bytes,
    };
    if args.kept.show.json {
        return output::json(&cleaned);
    }
    let word = if args.dry_run {
        "would be removed"
    } else {
        "removed"
    };
    output::print(&format!(
        "{} symbols and {} leftover files {word}, {} bytes\n",
        cleaned.old.len(),
        cleaned.leftovers.len(),
        cleaned.bytes
    ));
    Ok(())
}
