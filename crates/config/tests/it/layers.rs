//! Layers, origins, printing.

use crate::support::{file, loaded, with_flags, with_variables};
use trader_config::schema::{Environment, FillRule};
use trader_config::{Origin, Sources, render};

#[test]
fn a_program_starts_without_any_file_variable_or_flag() {
    let loaded = loaded(&Sources::default());
    assert_eq!(loaded.config.deployment.environment, Environment::Dev);
    assert_eq!(loaded.config.risk.position_weight.to_string(), "0.1");
    assert_eq!(loaded.config.features.lookbacks, [5, 10, 20, 50, 200]);
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
    let from_file = loaded(&file("[features]\nlookbacks = [3, 4]\n"));
    let from_variable = loaded(&with_variables(
        file(""),
        &[("AI_TRADER_FEATURES__LOOKBACKS", "3,4")],
    ));
    let from_flag = loaded(&with_flags(
        file(""),
        &["features.lookbacks=3, 4", "risk.restricted=GME,BRK.B"],
    ));
    for loaded in [&from_file, &from_variable, &from_flag] {
        assert_eq!(loaded.config.features.lookbacks, [3, 4]);
    }
    assert_eq!(from_flag.config.risk.restricted.len(), 2);
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
        overrides: vec!["account.id=desk-1".to_owned()],
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
