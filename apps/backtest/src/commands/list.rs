//! `backtest list`: strategies, features, runs, data.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::Serialize;
use trader_config::{Sources, Variables, load};
use trader_feature_store::BAR_COLUMNS;
use trader_features::{FeatureSet, Registry, catalogue};
use trader_research::folder::RunFile;
use trader_storage::SampleSet;
use trader_strategies::STRATEGIES;

use crate::cli::{ListArgs, Listing};
use crate::failure::Failure;
use crate::output;

pub(super) fn list(args: &ListArgs) -> Result<(), Failure> {
    match args.what {
        Listing::Strategies => strategies(args.json),
        Listing::Data => data(args.json),
        Listing::Runs => runs(args),
        Listing::Features => features(args.json),
        Listing::FeatureSets => feature_sets(args),
    }
}

#[derive(Serialize)]
struct Parameter {
    name: &'static str,
    description: &'static str,
    allowed: String,
    default: Option<&'static str>,
}

#[derive(Serialize)]
struct Strategy {
    name: &'static str,
    description: &'static str,
    parameters: Vec<Parameter>,
}

fn strategies(json: bool) -> Result<(), Failure> {
    let all: Vec<Strategy> = STRATEGIES
        .iter()
        .map(|definition| Strategy {
            name: definition.name,
            description: definition.description,
            parameters: definition
                .parameters
                .iter()
                .map(|spec| Parameter {
                    name: spec.name,
                    description: spec.description,
                    allowed: spec.kind.to_string(),
                    default: spec.default,
                })
                .collect(),
        })
        .collect();
    if json {
        return output::json(&all);
    }
    let mut text = String::new();
    for strategy in &all {
        let _in_memory = writeln!(text, "{:<20} {}", strategy.name, strategy.description);
        for parameter in &strategy.parameters {
            let default = parameter.default.unwrap_or("not set");
            let _in_memory = writeln!(
                text,
                "  {:<12} {} ({}; default {default})",
                parameter.name, parameter.description, parameter.allowed
            );
        }
    }
    output::print(&text);
    Ok(())
}

#[derive(Serialize)]
struct Feature {
    name: &'static str,
    family: String,
    outputs: &'static [&'static str],
    parameters: String,
    inputs: &'static [&'static str],
    warm_up: String,
    cost: String,
    description: &'static str,
    convention: &'static str,
}

fn features(json: bool) -> Result<(), Failure> {
    let registry = Registry::standard();
    let all: Vec<Feature> = registry
        .definitions()
        .map(|definition| Feature {
            name: definition.name,
            family: definition.family.to_string(),
            outputs: definition.outputs,
            parameters: catalogue::parameters(definition.parameters),
            inputs: definition.inputs,
            warm_up: catalogue::warm_up(registry, definition),
            cost: definition.cost.to_string(),
            description: definition.description,
            convention: definition.convention,
        })
        .collect();
    if json {
        return output::json(&all);
    }
    let mut text = String::new();
    for feature in &all {
        let _in_memory = writeln!(
            text,
            "{:<24} {:<14} {}\n  outputs {}; reads {}; warm-up {}; cost {}\n  parameters: {}",
            feature.name,
            feature.family,
            feature.description,
            feature.outputs.join(", "),
            feature.inputs.join(", "),
            feature.warm_up,
            feature.cost,
            feature.parameters,
        );
    }
    output::print(&text);
    Ok(())
}

#[derive(Serialize)]
struct NamedSet {
    name: String,
    version: u32,
    formulas: Vec<String>,
    /// Rows before the first value of every feature; none when the formulas cannot be read.
    warm_up: Option<usize>,
    error: Option<String>,
}

fn feature_sets(args: &ListArgs) -> Result<(), Failure> {
    let loaded = super::features::configuration(args.config.as_deref())?;
    let sets = super::features::choice::catalogue(&loaded.config)?;
    let all: Vec<NamedSet> = sets
        .iter()
        .map(|set| {
            let built = set.build(Registry::standard(), BAR_COLUMNS);
            NamedSet {
                name: set.name().to_owned(),
                version: set.version(),
                formulas: set.formulas().to_vec(),
                warm_up: built.as_ref().ok().map(FeatureSet::warm_up),
                error: built.err().map(|error| error.to_string()),
            }
        })
        .collect();
    if args.json {
        return output::json(&all);
    }
    let mut text = String::new();
    for set in &all {
        let state = match (&set.error, set.warm_up) {
            (Some(error), _) => format!("NOT USABLE: {error}"),
            (None, warm_up) => format!(
                "{} features, warm-up {}",
                set.formulas.len(),
                warm_up.unwrap_or(0)
            ),
        };
        let _in_memory = writeln!(
            text,
            "{:<24} {state}\n  {}",
            format!("{}@{}", set.name, set.version),
            set.formulas.join("; ")
        );
    }
    output::print(&text);
    Ok(())
}

#[derive(Serialize)]
struct DataSet {
    name: &'static str,
    origin: &'static str,
    symbols: Vec<&'static str>,
}

fn data(json: bool) -> Result<(), Failure> {
    let all: Vec<DataSet> = SampleSet::ALL
        .into_iter()
        .map(|set| DataSet {
            name: set.name(),
            origin: set.origin(),
            symbols: set.symbols().collect(),
        })
        .collect();
    if json {
        return output::json(&all);
    }
    let mut text = String::new();
    for set in &all {
        let _in_memory = writeln!(
            text,
            "{:<20} {}\n{:<20} {}",
            set.name,
            set.origin,
            "",
            set.symbols.join(" ")
        );
    }
    output::print(&text);
    Ok(())
}

fn runs(args: &ListArgs) -> Result<(), Failure> {
    let folder = match &args.out {
        Some(folder) => folder.clone(),
        None => {
            let sources = Sources {
                variables: Variables::of_process(),
                ..Sources::default()
            };
            load(&sources)?.config.backtest.output.as_path().to_owned()
        }
    };
    let all = found(&folder)?;
    if args.json {
        return output::json(&all);
    }
    let mut text = String::new();
    for run in &all {
        for strategy in &run.strategies {
            let _in_memory = writeln!(
                text,
                "{:<36} {:<20} {:>8} trades  {:>18}",
                run.run, strategy.name, strategy.trades, strategy.final_equity
            );
        }
    }
    if all.is_empty() {
        let _in_memory = writeln!(text, "no runs in {}", folder.display());
    }
    output::print(&text);
    Ok(())
}

/// All runs of a folder by name; other things in it are passed over.
fn found(folder: &Path) -> Result<Vec<RunFile>, Failure> {
    let failed = |source| Failure::File {
        path: folder.display().to_string(),
        action: "listing runs",
        source,
    };
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        if path.join("run.json").is_file() {
            paths.push(path);
        }
    }
    paths.sort();
    paths
        .iter()
        .map(|path| super::report::read_run(path))
        .collect()
}
