//! `backtest report`: a run shown again.

use std::fmt::Write as _;
use std::path::Path;

use trader_research::folder::RunFile;

use crate::cli::ReportArgs;
use crate::failure::Failure;
use crate::output;

pub(super) fn report(args: &ReportArgs) -> Result<(), Failure> {
    let run = read_run(&args.run)?;
    if args.json {
        return output::json(&run);
    }
    let mut text = String::new();
    let _in_memory = writeln!(
        text,
        "{}\n  data      {} ({})\n  costs     {}\n  fills     {}\n  account   {}\n  version   {}",
        run.run,
        run.data,
        run.data_fingerprint,
        run.costs,
        run.fill_rule,
        run.account,
        run.code_version
    );
    for strategy in &run.strategies {
        let parameters: Vec<String> = strategy
            .parameters
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let _in_memory = writeln!(
            text,
            "\n  {} {}\n    {} bars, {} orders, {} refused, {} fills, {} trades\n    final equity {}\n    state {}",
            strategy.name,
            parameters.join(" "),
            strategy.bars,
            strategy.orders,
            strategy.refusals,
            strategy.fills,
            strategy.trades,
            strategy.final_equity,
            strategy.state_hash
        );
    }
    let _in_memory = writeln!(
        text,
        "\n  report    {}",
        args.run.join("report.html").display()
    );
    output::print(&text);
    Ok(())
}

/// The facts of a run folder.
pub(super) fn read_run(folder: &Path) -> Result<RunFile, Failure> {
    let path = folder.join("run.json");
    let name = path.display().to_string();
    let bytes = std::fs::read(&path).map_err(|source| Failure::File {
        path: name.clone(),
        action: "reading the run",
        source,
    })?;
    serde_json::from_slice(&bytes).map_err(|error| Failure::NotARun {
        path: name,
        reason: error.to_string(),
    })
}
