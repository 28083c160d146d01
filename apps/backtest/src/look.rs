//! `--check-lookahead`: the run again with the future taken away, decision by decision.

use trader_broker::CompliancePolicy;
use trader_research::lookahead::{LookaheadError, Prices, Study, check_lookahead};
use trader_strategies::ParameterError;

use crate::data::History;
use crate::failure::Failure;
use crate::limits;
use crate::output;
use crate::study::{Bench, Chosen};

/// Fails with the first decision that depends on the future.
pub(crate) fn check(chosen: &Chosen, history: &History, bench: &Bench<'_>) -> Result<(), Failure> {
    if history.ticks.is_empty() {
        check_over(chosen, history, &history.series, bench)
    } else {
        check_over(chosen, history, &history.ticks, bench)
    }
}

fn check_over<P: Prices>(
    chosen: &Chosen,
    history: &History,
    series: &[P],
    bench: &Bench<'_>,
) -> Result<(), Failure> {
    let config = &bench.loaded.config;
    // Built once here so that a wrong restricted list is reported before the first run.
    let policy = limits::compliance(config, &history.instruments)?;
    let build = |_series: &[P]| -> Result<_, ParameterError> {
        Ok(vec![
            chosen
                .definition
                .build(&chosen.parameters, &history.instruments)?,
        ])
    };
    let compliance = || -> Box<dyn CompliancePolicy> { Box::new(policy.clone()) };
    let study = Study {
        rules: bench.rules,
        instruments: &history.instruments,
        series,
        actions: &history.actions,
        from: history.from,
        to: history.to,
        build: &build,
        compliance: &compliance,
    };
    let report = check_lookahead(&study).map_err(|error| match error {
        LookaheadError::Build(error) => Failure::Parameter(error),
        LookaheadError::Run(error) => Failure::Run(error),
    })?;
    if let Some(finding) = report.finding {
        return Err(Failure::LookAhead(format!(
            "strategy `{}` decided differently at {} when the history ended at {}",
            chosen.definition.name, finding.time, finding.cut
        )));
    }
    output::print(&format!(
        "no look-ahead: {} decisions, the same in {} reruns with truncated and altered futures ({} compared)\n",
        report.decisions,
        report.cuts.len() * 2,
        report.compared
    ));
    Ok(())
}
