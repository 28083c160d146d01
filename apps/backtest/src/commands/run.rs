//! `backtest run`: one strategy, or the example when nothing is named.

use std::collections::BTreeMap;
use std::path::PathBuf;

use cpu_time::ProcessTime;
use serde::Serialize;
use trader_config::Loaded;
use trader_research::report::Tearsheet;

use crate::cli::RunArgs;
use crate::data::History;
use crate::failure::Failure;
use crate::limits;
use crate::look;
use crate::output::{self, Stopwatch};
use crate::progress::{Show, watch_interrupts};
use crate::rules::{configuration, rules};
use crate::study::{Bench, Chosen, Finished, VERSION};

/// The object that `--json` prints. Names and meanings are a contract for scripts.
#[derive(Debug, Serialize)]
struct Summary<'a> {
    strategy: &'a str,
    parameters: BTreeMap<String, String>,
    bars: u64,
    orders: u64,
    refusals: u64,
    fills: u64,
    trades: u64,
    open_positions: u32,
    final_equity: String,
    data_fingerprint: &'a str,
    state_hash: String,
    version: &'a str,
    run_folder: Option<String>,
    load_cpu_seconds: f64,
    run_cpu_seconds: f64,
    wall_seconds: f64,
}

pub(super) fn run(args: &RunArgs) -> Result<(), Failure> {
    let wall = Stopwatch::start();
    let loaded = configuration(args)?;
    if args.print_config {
        output::print(&trader_config::render(&loaded));
        return Ok(());
    }
    output::warn(&loaded);
    let _logging = crate::logging::start(&loaded.config)?;
    let interrupted = watch_interrupts();
    let rules = rules(&loaded.config, &limits::gate(&loaded.config)?)?;
    let show = if args.quiet || args.json {
        Show::Nothing
    } else {
        Show::Bar
    };
    let bench = Bench {
        loaded: &loaded,
        rules: &rules,
        show,
        interrupted: &interrupted,
    };
    let named = !args.source.bars.is_empty()
        || args.source.lean.is_some()
        || args.source.store.is_some()
        || args.source.sample.is_some();
    match (&args.strategy, named) {
        (None, false) => crate::example::run(args, &bench, &wall),
        (None, true) => Err(Failure::Usage(
            "which strategy? name one with --strategy (`backtest list strategies`)".to_owned(),
        )),
        (Some(_), false) => Err(Failure::Usage(
            "which data? name it with --bars, --store, --lean or --sample (`backtest list data`)"
                .to_owned(),
        )),
        (Some(strategy), true) => one(args, strategy, &bench, &wall),
    }
}

fn one(args: &RunArgs, strategy: &str, bench: &Bench<'_>, wall: &Stopwatch) -> Result<(), Failure> {
    let chosen = Chosen::new(strategy, &parameters(&args.params)?, bench.loaded)?;
    let loading = ProcessTime::now();
    let history = History::load(args, &bench.loaded.config, output::now())?;
    let load_cpu_seconds = loading.elapsed().as_secs_f64();
    if args.check_lookahead {
        return look::check(&chosen, &history, bench);
    }
    if let Some(journal) = &args.replay {
        let replayed = bench.replay(&chosen, &history, journal)?;
        output::print(&format!(
            "the replay is the recorded run: {} events, {} torn bytes cut off, state {:032x}\n",
            replayed.events, replayed.torn_bytes, replayed.state_hash
        ));
        return Ok(());
    }
    let finished = [bench.run(chosen, &history, args.journal.as_deref())?];
    let folder = write(args, strategy, bench, &history, &finished)?;
    let [finished] = finished;
    if args.json {
        let summary = Summary {
            strategy,
            parameters: finished.chosen.listed().into_iter().collect(),
            bars: finished.outcome.counts.bars,
            orders: finished.outcome.counts.orders,
            refusals: finished.outcome.counts.refusals,
            fills: finished.outcome.counts.fills,
            trades: finished.outcome.counts.trades
                + u64::from(finished.outcome.core.portfolio().account().positions),
            open_positions: finished.outcome.core.portfolio().account().positions,
            final_equity: finished.outcome.final_equity.to_string(),
            data_fingerprint: &history.fingerprint,
            state_hash: format!("{:032x}", finished.outcome.state_hash),
            version: VERSION,
            run_folder: folder.map(|path| path.display().to_string()),
            load_cpu_seconds,
            run_cpu_seconds: finished.cpu_seconds,
            wall_seconds: wall.seconds(),
        };
        return output::json(&summary);
    }
    Ok(())
}

/// Reports and writes one run; prints the summary unless JSON was asked for.
fn write(
    args: &RunArgs,
    strategy: &str,
    bench: &Bench<'_>,
    history: &History,
    finished: &[Finished],
) -> Result<Option<PathBuf>, Failure> {
    if args.dry_run && args.json {
        return Ok(None);
    }
    let hold = Chosen::new("buy-and-hold", &BTreeMap::new(), bench.loaded)?;
    let benchmark = bench.run(hold, history, None)?;
    let title = format!("{strategy} on {}", history.description);
    let mut data = bench.report(title, history, finished, Some(&benchmark))?;
    let folder = if args.dry_run {
        None
    } else {
        Some(bench.write(
            &output_folder(args, bench.loaded),
            strategy,
            history,
            finished,
            &mut data,
        )?)
    };
    if !args.json {
        output::print(&Tearsheet::new(&data)?.terminal(output::style()));
        output::print_folder(folder.as_deref());
    }
    Ok(folder)
}

/// Where run folders are made.
pub(crate) fn output_folder(args: &RunArgs, loaded: &Loaded) -> PathBuf {
    args.out
        .clone()
        .unwrap_or_else(|| loaded.config.backtest.output.as_path().to_owned())
}

/// `NAME=VALUE` pairs; a name given twice is an error.
fn parameters(given: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    let mut parsed = BTreeMap::new();
    for pair in given {
        let Some((name, value)) = pair.split_once('=') else {
            return Err(Failure::Usage(format!(
                "--param {pair}: write it as NAME=VALUE"
            )));
        };
        if parsed
            .insert(name.trim().to_owned(), value.trim().to_owned())
            .is_some()
        {
            return Err(Failure::Usage(format!("--param {name} is given twice")));
        }
    }
    Ok(parsed)
}
