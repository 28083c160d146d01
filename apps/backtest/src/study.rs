//! Running strategies over one history, and writing what came of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use cpu_time::ProcessTime;
use trader_broker::CompliancePolicy;
use trader_config::Loaded;
use trader_domain::Timestamp;
use trader_research::assemble::{StrategyLabel, local_time, strategy_data};
use trader_research::folder::{RunFile, RunFolder, StrategyFile};
use trader_research::metrics::Conventions;
use trader_research::report::{BenchmarkData, ReportData, RunFacts, Tearsheet};
use trader_research::run::{Replayed, RunOutcome, RunRules, replay_journal, run, run_journalled};
use trader_strategies::{Definition, Parameters, find};

use crate::data::History;
use crate::failure::Failure;
use crate::limits;
use crate::progress::{Progress, Show};

/// Version of the program, in every run's record.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A strategy with checked parameters.
pub(crate) struct Chosen {
    pub(crate) definition: &'static Definition,
    pub(crate) parameters: Parameters,
}

impl Chosen {
    /// By name, with parameters from flags over those from configuration.
    pub(crate) fn new(
        name: &str,
        given: &BTreeMap<String, String>,
        loaded: &Loaded,
    ) -> Result<Self, Failure> {
        let definition = find(name)?;
        let section = format!("strategies.{}.", name.replace('-', "_"));
        let mut merged: BTreeMap<String, String> = loaded
            .config
            .render()
            .into_iter()
            .filter_map(|(key, value)| Some((key.strip_prefix(&section)?.to_owned(), value?)))
            .collect();
        // A fixed quantity given by hand decides, whatever weight is configured.
        merged.extend(
            given
                .iter()
                .map(|(name, value)| (name.clone(), value.clone())),
        );
        let parameters = definition.check(&merged)?;
        Ok(Self {
            definition,
            parameters,
        })
    }

    fn label(&self) -> StrategyLabel {
        StrategyLabel {
            name: self.definition.name.to_owned(),
            description: self.definition.description.to_owned(),
            parameters: self.listed(),
        }
    }

    /// Parameters as text.
    pub(crate) fn listed(&self) -> Vec<(String, String)> {
        self.parameters
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_string()))
            .collect()
    }
}

/// What a study needs besides the history.
pub(crate) struct Bench<'a> {
    pub(crate) loaded: &'a Loaded,
    pub(crate) rules: &'a RunRules,
    pub(crate) show: Show,
    pub(crate) interrupted: &'a Arc<AtomicBool>,
}

/// One strategy's run with the processor time it took.
pub(crate) struct Finished {
    pub(crate) chosen: Chosen,
    pub(crate) outcome: RunOutcome,
    pub(crate) cpu_seconds: f64,
}

impl Bench<'_> {
    /// Runs one strategy.
    pub(crate) fn run(
        &self,
        chosen: Chosen,
        history: &History,
        journal: Option<&Path>,
    ) -> Result<Finished, Failure> {
        let bars: usize = history.series.iter().map(|one| one.columns.len()).sum();
        let progress = Progress::new(
            chosen.definition.name,
            bars as u64,
            self.show,
            self.interrupted,
        );
        let started = ProcessTime::now();
        let strategy = chosen
            .definition
            .build(&chosen.parameters, &history.instruments)?;
        let compliance = limits::compliance(&self.loaded.config, &history.instruments)?;
        let rules = rules_for(self.rules, history)?;
        let instruments = history.instruments.clone();
        let (strategies, compliance) = (vec![strategy], Box::new(compliance));
        let feed = &mut history.feed();
        let outcome = match journal {
            None => run(&rules, instruments, strategies, compliance, feed, &|| {
                progress.poll()
            })?,
            Some(path) => run_journalled(
                &rules,
                instruments,
                (strategies, compliance),
                feed,
                path,
                &|| progress.poll(),
            )?,
        };
        let cpu_seconds = started.elapsed().as_secs_f64();
        progress.finish();
        if self.interrupted.load(std::sync::atomic::Ordering::Relaxed) {
            return Err(Failure::Interrupted);
        }
        crate::logging::alerts(chosen.definition.name, &outcome);
        Ok(Finished {
            chosen,
            outcome,
            cpu_seconds,
        })
    }

    /// Runs a journal again, comparing every effect.
    pub(crate) fn replay(
        &self,
        chosen: &Chosen,
        history: &History,
        journal: &Path,
    ) -> Result<Replayed, Failure> {
        let strategy = chosen
            .definition
            .build(&chosen.parameters, &history.instruments)?;
        let compliance = limits::compliance(&self.loaded.config, &history.instruments)?;
        let rules = rules_for(self.rules, history)?;
        let parts: (_, Box<dyn CompliancePolicy>) = (vec![strategy], Box::new(compliance));
        Ok(replay_journal(
            &rules,
            history.instruments.clone(),
            parts,
            journal,
        )?)
    }

    /// The report of runs over one history, measured against `benchmark`.
    pub(crate) fn report(
        &self,
        title: String,
        history: &History,
        finished: &[Finished],
        benchmark: Option<&Finished>,
    ) -> Result<ReportData, Failure> {
        let cash = self.rules.account.opening_cash;
        let mut strategies = Vec::with_capacity(finished.len());
        for one in finished {
            strategies.push(strategy_data(
                one.chosen.label(),
                &one.outcome,
                cash,
                &history.series,
            )?);
        }
        Ok(ReportData {
            title,
            facts: self.facts(history),
            conventions: Conventions::daily()
                .with_risk_free(self.loaded.config.backtest.risk_free_rate.to_f64_lossy()),
            benchmark: benchmark.map(|one| benchmark_data(&one.outcome)),
            strategies,
            surfaces: Vec::new(),
        })
    }

    fn facts(&self, history: &History) -> RunFacts {
        let config = &self.loaded.config;
        let rendered = config.render();
        let key = |name: &str| {
            let value = rendered.get(name).cloned().flatten().unwrap_or_default();
            value.trim_matches('"').to_owned()
        };
        RunFacts {
            run: String::new(),
            data: history.description.clone(),
            data_fingerprint: history.fingerprint.clone(),
            code_version: VERSION.to_owned(),
            cost_model: format!(
                "commission {}, slippage {}",
                key("costs.commission"),
                key("costs.slippage")
            ),
            fill_rule: key("backtest.fill_rule"),
            account: format!(
                "{} account, limits {}",
                key("account.kind"),
                key("backtest.limits")
            ),
            currency: "USD".to_owned(),
            seed: None,
            further: vec![
                (
                    "Vendor".to_owned(),
                    history.vendor.clone().unwrap_or("not recorded".to_owned()),
                ),
                ("Prices".to_owned(), history.adjustment()),
            ],
            warnings: history.warnings.clone(),
        }
    }

    /// The facts for `run.json`.
    pub(crate) fn run_file(&self, name: &str, history: &History, finished: &[Finished]) -> RunFile {
        let facts = self.facts(history);
        // What was run over, not what the files hold: --from and --to cut it.
        let samples = finished
            .iter()
            .flat_map(|one| one.outcome.record.shown_equity());
        let (first, last) = samples
            .map(|sample| sample.time)
            .fold((Timestamp::MAX, Timestamp::MIN), |(a, b), time| {
                (a.min(time), b.max(time))
            });
        RunFile {
            format: 1,
            run: name.to_owned(),
            seed: facts.seed,
            code_version: VERSION.to_owned(),
            strategies: finished
                .iter()
                .map(|one| {
                    StrategyFile::new(
                        one.chosen.definition.name,
                        one.chosen.listed(),
                        &one.outcome,
                    )
                })
                .collect(),
            data: facts.data,
            data_fingerprint: facts.data_fingerprint,
            vendor: history.vendor.clone(),
            adjustment: history.adjustment(),
            period: (first <= last).then(|| (first.to_string(), last.to_string())),
            costs: facts.cost_model,
            fill_rule: facts.fill_rule,
            account: facts.account,
        }
    }

    /// Writes the run folder below `parent` under a name that says what was run; gives its path.
    pub(crate) fn write(
        &self,
        parent: &Path,
        stem: &str,
        history: &History,
        finished: &[Finished],
        data: &mut ReportData,
    ) -> Result<PathBuf, Failure> {
        let short: String = history.fingerprint.chars().take(8).collect();
        let (name, target) = free_name(parent, &format!("{stem}-{short}"));
        data.facts.run.clone_from(&name);
        let facts = self.run_file(&name, history, finished);
        let tearsheet = Tearsheet::new(data)?;
        let config = trader_config::render(self.loaded);
        let outcomes: Vec<(String, &RunOutcome)> = finished
            .iter()
            .map(|one| (one.chosen.definition.name.to_owned(), &one.outcome))
            .collect();
        RunFolder {
            facts: &facts,
            config: Some(&config),
            tearsheet: &tearsheet,
            outcomes: &outcomes,
        }
        .write(&target)?;
        Ok(target)
    }
}

/// A participation limit is a share of volume: without any volume there is nothing to limit, and
/// with some series having it and others not, the user decides.
fn rules_for(rules: &RunRules, history: &History) -> Result<RunRules, Failure> {
    let mut rules = rules.clone();
    let known = history
        .series
        .iter()
        .filter(|one| one.columns.volume.is_some())
        .count();
    if rules.exchange.participation.is_some() && known < history.series.len() {
        if known > 0 {
            return Err(Failure::Usage(format!(
                "{} of {} series have no volume, so a participation limit would never let them trade; \
                 use --set backtest.participation=none or choose with --symbols",
                history.series.len() - known,
                history.series.len()
            )));
        }
        rules.exchange.participation = None;
    }
    Ok(rules)
}

/// The first of `stem`, `stem-2`, `stem-3` … that is not there yet: nothing is overwritten.
fn free_name(parent: &Path, stem: &str) -> (String, PathBuf) {
    let mut number = 1_u64;
    loop {
        let name = if number == 1 {
            stem.to_owned()
        } else {
            format!("{stem}-{number}")
        };
        let target = parent.join(&name);
        if !target.exists() {
            return (name, target);
        }
        number += 1;
    }
}

fn benchmark_data(outcome: &RunOutcome) -> BenchmarkData {
    BenchmarkData {
        name: "buy-and-hold".to_owned(),
        points: outcome
            .record
            .shown_equity()
            .iter()
            .map(|s| (local_time(s.time), s.equity.to_f64_lossy()))
            .collect(),
    }
}
