//! Layers, origins, printing.

use crate::support::{file, loaded, with_flags, with_variables};
use trader_config::schema::{AccountKind, Environment, FillRule};
use trader_config::{Origin, Sources, render};

#[test]
fn a_program_starts_without_any_file_variable_or_flag() {
    let loaded = loaded(&Sources::default());
    assert_eq!(loaded.config.deployment.environment, Environment::Dev);
    assert_eq!(loaded.config.risk.position_weight.to_string(), "0.1");
    assert_eq!(loaded.config.sma_crossover.slow, 30);
    assert_eq!(loaded.warnings, []);
}

#[test]
fn each_layer_wins_over_those_below() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(
        directory.path().join("default.toml"),
        "[risk]\npositions = 1\ndrawdown = 0.11\n",
    )
    .unwrap();
    std::fs::write(
        directory.path().join("test.toml"),
        "[risk]\npositions = 2\ndrawdown = 0.12\n",
    )
    .unwrap();
    let base = Sources {
        directory: Some(directory.path().to_owned()),
        ..file("[risk]\npositions = 3\n")
    };
    let variables = [
        ("AI_TRADER_RISK__POSITIONS", "4"),
        ("AI_TRADER_ENVIRONMENT", "test"),
    ];
    let sources = with_variables(base, &variables);

    let config = loaded(&sources);
    assert_eq!(config.config.risk.positions, 4);
    assert_eq!(config.config.risk.drawdown.to_string(), "0.12");
    let lower: Vec<String> = config
        .shadowed("risk.positions")
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(lower.len(), 4, "{lower:?}");
    assert_eq!(lower[0], "built-in");
    assert!(
        lower[1].ends_with("default.toml:2") && lower[2].ends_with("test.toml:2"),
        "{lower:?}"
    );
    assert_eq!(lower[3], "x.toml:2");

    let config = loaded(&with_flags(
        sources,
        &["risk.positions=5", "backtest.fill_rule=this-close"],
    ));
    assert_eq!(config.config.risk.positions, 5);
    assert_eq!(config.config.backtest.fill_rule, FillRule::ThisClose);
    assert_eq!(
        config.origin("risk.positions"),
        Origin::Flag {
            key: "risk.positions".to_owned()
        }
    );
}

#[test]
fn decimals_are_read_digit_by_digit() {
    let sources = file("[backtest]\ncash = 100000.01\n[costs]\nslippage_fixed = \"0.0000001\"\n");
    let config = loaded(&sources).config;
    assert_eq!(config.backtest.cash.to_string(), "100000.01");
    assert_eq!(config.costs.slippage_fixed.to_string(), "0.0000001");
}

#[test]
fn lists_come_from_files_variables_and_flags() {
    let from_file = loaded(&file("[risk]\nrestricted = [\"GME\", \"BRK.B\"]\n"));
    let from_variable = loaded(&with_variables(
        file(""),
        &[("AI_TRADER_RISK__RESTRICTED", "GME,BRK.B")],
    ));
    let from_flag = loaded(&with_flags(file(""), &["risk.restricted=GME, BRK.B"]));
    for loaded in [&from_file, &from_variable, &from_flag] {
        let tickers: Vec<&str> = loaded
            .config
            .risk
            .restricted
            .iter()
            .map(trader_config::value::Ticker::as_str)
            .collect();
        assert_eq!(tickers, ["GME", "BRK.B"]);
    }
}

#[test]
fn a_reference_takes_the_whole_value_from_an_allowed_variable() {
    let sources = with_variables(
        file("[database]\nhost = \"${DB_HOST}\"\nport = \"${DB_PORT}\"\n"),
        &[("DB_HOST", "db.example.org"), ("DB_PORT", "6543")],
    );
    let loaded = loaded(&sources);
    assert_eq!(loaded.config.database.port, 6543);
    assert_eq!(
        loaded.origin("database.host").to_string(),
        "x.toml:2 (${DB_HOST})"
    );
}

#[test]
fn the_environment_may_be_referenced_and_selects_its_file() {
    let sources = with_variables(
        file("environment = \"${DEPLOYMENT_ENVIRONMENT}\"\n"),
        &[("DEPLOYMENT_ENVIRONMENT", "test")],
    );
    let loaded = loaded(&sources);
    assert_eq!(loaded.config.deployment.environment, Environment::Test);
    assert_eq!(
        loaded.origin("logging.level").to_string(),
        "(embedded) config/test.toml:3"
    );
}

#[test]
fn the_printed_configuration_shows_origins_masks_secrets_and_can_be_read_again() {
    let sources = with_variables(
        file("[risk]\npositions = 7\n"),
        &[(
            "AI_TRADER_SECURITY__SECRET_KEY",
            "canary-1f8b2c9d4e7a6053-Lq8Xv2Rt5",
        )],
    );
    let sources = Sources {
        overrides: vec!["backtest.output=results".to_owned()],
        ..sources
    };
    let first = loaded(&sources);
    let text = render(&first);
    assert!(!text.contains("canary"), "{text}");
    assert!(text.contains("secret_key = \"********\""), "{text}");
    let line = text
        .lines()
        .find(|line| line.starts_with("positions"))
        .unwrap();
    assert!(
        line.contains("= 7") && line.contains("# x.toml:2, over (embedded) config/default.toml:"),
        "{line}"
    );

    let without_secret: String = text
        .lines()
        .filter(|line| !line.starts_with("secret_key"))
        .map(|line| format!("{line}\n"))
        .collect();
    let again = loaded(&with_variables(
        file(&without_secret),
        &[(
            "AI_TRADER_SECURITY__SECRET_KEY",
            "canary-1f8b2c9d4e7a6053-Lq8Xv2Rt5",
        )],
    ));
    assert_eq!(first.config.changes(&again.config), []);
}

#[test]
fn every_key_can_be_set_by_its_variable() {
    for spec in trader_config::schema::keys() {
        let Some(default) = spec.default.filter(|text| !text.is_empty()) else {
            continue;
        };
        let name = trader_config::variable_of_key(spec.key);
        let loaded = loaded(&with_variables(file(""), &[(name.as_str(), default)]));
        assert_eq!(loaded.origin(spec.key), Origin::Variable { name });
    }
}

#[test]
fn an_optional_key_with_a_default_can_be_switched_off() {
    let off = loaded(&file("[risk]\nadv_share = \"none\"\n"));
    assert_eq!(off.config.risk.adv_share, None);
    assert_eq!(
        loaded(&with_flags(file(""), &["risk.adv_share=none"])).config,
        off.config
    );
    let printed = render(&off);
    assert!(printed.contains("adv_share = \"none\""), "{printed}");
    assert_eq!(loaded(&file(&printed)).config, off.config);
}

#[test]
fn fills_of_any_size_can_be_asked_for_by_an_override() {
    let sources = with_flags(
        file("[backtest]\nparticipation = 0.05\n"),
        &["backtest.participation=none"],
    );
    let off = loaded(&sources);
    assert_eq!(off.config.backtest.participation, None);
    assert_eq!(
        off.origin("backtest.participation").to_string(),
        "flag backtest.participation=..."
    );
    assert_eq!(
        off.config.render().get("backtest.participation"),
        Some(&None)
    );
    assert_eq!(loaded(&file(&render(&off))).config, off.config);
}

#[test]
fn a_strategy_section_gives_its_parameters_as_text_and_leaves_out_what_is_not_set() {
    let section = |config: &trader_config::Config| -> Vec<(String, String)> {
        config
            .render()
            .into_iter()
            .filter_map(|(key, value)| {
                Some((
                    key.strip_prefix("strategies.zscore_reversion.")?.to_owned(),
                    value?,
                ))
            })
            .collect()
    };
    let texts = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|&(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    };
    let defaults = [
        ("entry", "2"),
        ("exit", "0.5"),
        ("lookback", "20"),
        ("weight", "0.9"),
    ];
    assert_eq!(
        section(&loaded(&Sources::default()).config),
        texts(&defaults)
    );
    let changed = with_flags(
        file("[strategies.zscore_reversion]\nquantity = 100\nexit = -0.25\n"),
        &["strategies.zscore_reversion.lookback=30"],
    );
    let expected = [
        ("entry", "2"),
        ("exit", "-0.25"),
        ("lookback", "30"),
        ("quantity", "100"),
        ("weight", "0.9"),
    ];
    assert_eq!(section(&loaded(&changed).config), texts(&expected));
}

#[test]
fn a_cash_account_needs_no_second_key() {
    let config = loaded(&with_flags(file(""), &["account.kind=cash"])).config;
    assert_eq!(config.account.kind, AccountKind::Cash);
}
