//! `backtest` without arguments: strategies against buy-and-hold on real data inside the program.

use std::collections::BTreeMap;

use serde::Serialize;
use trader_research::report::Tearsheet;
use trader_storage::SampleSet;

use crate::cli::RunArgs;
use crate::commands::output_folder;
use crate::data::History;
use crate::failure::Failure;
use crate::output::{self, Stopwatch};
use crate::study::{Bench, Chosen, Finished, VERSION};

/// Strategies of the example with the parameters that differ from their defaults.
const STRATEGIES: &[(&str, &[(&str, &str)])] = &[
    ("momentum", &[]),
    ("rsi2-reversion", &[]),
    ("sma-crossover", &[("fast", "50"), ("slow", "200")]),
    ("donchian-breakout", &[]),
    ("zscore-reversion", &[]),
    ("pairs", &[]),
];

#[derive(Debug, Serialize)]
struct Line<'a> {
    strategy: &'a str,
    orders: u64,
    fills: u64,
    trades: u64,
    final_equity: String,
    state_hash: String,
}

#[derive(Debug, Serialize)]
struct Summary<'a> {
    data: &'a str,
    data_fingerprint: &'a str,
    bars: u64,
    strategies: Vec<Line<'a>>,
    version: &'a str,
    run_folder: Option<String>,
    wall_seconds: f64,
}

/// Runs the example and writes its report.
pub(crate) fn run(args: &RunArgs, bench: &Bench<'_>, wall: &Stopwatch) -> Result<(), Failure> {
    let history = History::sample(SampleSet::StocksClose, &bench.loaded.config, args)?;
    let hold = bench.run(
        Chosen::new("buy-and-hold", &BTreeMap::new(), bench.loaded)?,
        &history,
        None,
    )?;
    let mut finished = Vec::with_capacity(STRATEGIES.len() + 1);
    for (name, parameters) in STRATEGIES {
        let given = parameters
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect();
        finished.push(bench.run(Chosen::new(name, &given, bench.loaded)?, &history, None)?);
    }
    let mut data = bench.report(
        "Six strategies against buy-and-hold, twenty US stocks".to_owned(),
        &history,
        &finished,
        Some(&hold),
    )?;
    data.facts.warnings.push(
        "the twenty stocks were chosen in 2022 among survivors: returns are higher than anyone could have had".to_owned(),
    );
    let folder = if args.dry_run {
        None
    } else {
        Some(bench.write(
            &output_folder(args, bench.loaded),
            "example",
            &history,
            &finished,
            &mut data,
        )?)
    };
    if args.json {
        return output::json(&Summary {
            data: &history.description,
            data_fingerprint: &history.fingerprint,
            bars: hold.outcome.counts.bars,
            strategies: finished.iter().map(line).collect(),
            version: VERSION,
            run_folder: folder.map(|path| path.display().to_string()),
            wall_seconds: wall.seconds(),
        });
    }
    output::print(&Tearsheet::new(&data)?.terminal(output::style()));
    output::print_folder(folder.as_deref());
    Ok(())
}

fn line(one: &Finished) -> Line<'_> {
    Line {
        strategy: one.chosen.definition.name,
        orders: one.outcome.counts.orders,
        fills: one.outcome.counts.fills,
        trades: one.outcome.counts.trades,
        final_equity: one.outcome.final_equity.to_string(),
        state_hash: format!("{:032x}", one.outcome.state_hash),
    }
}
