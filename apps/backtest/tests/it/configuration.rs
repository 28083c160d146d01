//! Every setting has an effect, and the strategies' settings are the strategies' parameters.

use std::collections::BTreeMap;

use crate::program::{Scratch, walk};

#[test]
fn strategy_settings_and_registry_agree_in_names_and_defaults() {
    let config = trader_config::load(&trader_config::Sources::default())
        .unwrap()
        .config;
    let rendered = config.render();
    let mut declared: BTreeMap<String, Option<String>> = rendered
        .iter()
        .filter(|(key, _)| key.starts_with("strategies."))
        .map(|(key, value)| ((*key).to_owned(), value.clone()))
        .collect();
    for definition in trader_strategies::STRATEGIES {
        for spec in definition.parameters {
            let key = format!(
                "strategies.{}.{}",
                definition.name.replace('-', "_"),
                spec.name
            );
            let value = declared.remove(&key);
            assert_eq!(value, Some(spec.default.map(str::to_owned)), "{key}");
        }
    }
    assert!(
        declared.is_empty(),
        "settings that no strategy reads: {declared:?}"
    );
}

#[test]
fn the_merged_configuration_is_printed_with_origins() {
    let scratch = Scratch::new();
    scratch.file("own.toml", "[risk]\npositions = 7\n");
    let text = scratch.succeed(&[
        "run",
        "--config",
        "own.toml",
        "--set",
        "risk.drawdown=0.2",
        "--print-config",
    ]);
    let line = |key: &str| {
        text.lines()
            .find(|line| line.contains(key))
            .unwrap_or_default()
            .to_owned()
    };
    assert!(text.contains("own.toml"), "{text}");
    assert!(line("drawdown").contains("0.2"), "{}", line("drawdown"));
}

/// Settings of costs, fills and account, each with a value that must change the result.
#[test]
fn settings_of_a_backtest_change_its_result() {
    let scratch = Scratch::new();
    scratch.file("bars.csv", walk(3_000, 8));
    let run = |extra: &[&str]| {
        let base = [
            "run",
            "--bars",
            "bars.csv",
            "--strategy",
            "sma-crossover",
            "--json",
        ];
        let result = scratch.json(&[&base[..], extra].concat());
        (
            result["final_equity"].to_string(),
            result["state_hash"].to_string(),
        )
    };
    let usual = run(&[]);
    for setting in [
        "backtest.cash=50000",
        "backtest.fill_rule=this-close",
        "backtest.participation=0.001",
        "backtest.latency=5min",
        "backtest.limits=configured",
        "costs.commission=ib-fixed",
        "costs.slippage=none",
        "costs.slippage_bps=20",
        "strategies.sma_crossover.fast=5",
        "strategies.sma_crossover.slow=60",
        "strategies.sma_crossover.weight=0.3",
        "strategies.sma_crossover.quantity=7",
        "risk.restricted=BARS",
        "account.kind=cash",
    ] {
        assert_ne!(run(&["--set", setting]), usual, "{setting} has no effect");
    }
    for (setting, with) in [
        ("costs.slippage_fixed=0.05", "costs.slippage=fixed"),
        (
            "costs.slippage_impact=0.0001",
            "costs.slippage=volume-impact",
        ),
        (
            "costs.slippage_spread_share=3",
            "costs.slippage=spread-share",
        ),
    ] {
        assert_ne!(
            run(&["--set", with, "--set", setting]),
            run(&["--set", with]),
            "{setting}"
        );
    }
}
