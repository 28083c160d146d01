//! Everything that is wrong is listed at once, with place and advice.

use crate::support::{file, loaded, refused, summary, with_flags, with_variables};
use trader_config::{NamedFile, ProblemKind, RENAMES, Sources};

#[test]
fn all_problems_of_all_layers_are_listed_at_once() {
    let text = "\
[risk]
postions = 5
position_weight = 10.5
sector_weight = \"a lot\"
drawdown = true

[strategies.sma_crossover]
fast = 30
slow = 10
";
    let variables = [
        ("AI_TRADER_LOGGING__LEVEL", "loud"),
        ("AI_TRADER_RISK__POSITION", "5"),
    ];
    let sources = with_flags(
        with_variables(file(text), &variables),
        &["backtest.cash=-1", "nonsense"],
    );
    let error = refused(&sources);
    let expected = [
        (ProblemKind::Syntax, ""),
        (ProblemKind::UnknownKey, "risk.postions"),
        (ProblemKind::UnknownKey, "risk.position"),
        (ProblemKind::InvalidValue, "logging.level"),
        (ProblemKind::InvalidValue, "risk.position_weight"),
        (ProblemKind::InvalidValue, "risk.sector_weight"),
        (ProblemKind::InvalidValue, "risk.drawdown"),
        (ProblemKind::InvalidValue, "backtest.cash"),
        (ProblemKind::Contradiction, "strategies.sma_crossover.fast"),
    ];
    let expected: Vec<(ProblemKind, String)> = expected
        .iter()
        .map(|(kind, key)| (*kind, (*key).to_owned()))
        .collect();
    assert_eq!(summary(&error), expected, "{error}");

    let text = error.to_string();
    for part in [
        "the configuration has 9 problems:",
        "unknown-key: `risk.postions` [x.toml:2]: no such key; did you mean `risk.positions`?",
        "invalid-value: `risk.position_weight` [x.toml:3]: found \"10.5\"; allowed: a decimal number in (0, 10] (share of equity)",
        "invalid-value: `logging.level` [variable AI_TRADER_LOGGING__LEVEL]: found \"loud\"; allowed: one of \"off\", \"error\"",
        "`strategies.sma_crossover.fast` [x.toml:8] and `strategies.sma_crossover.slow` [x.toml:9]",
        "[flag backtest.cash=...]",
    ] {
        assert!(text.contains(part), "{part}\nis missing in\n{text}");
    }
}

#[test]
fn a_key_that_cannot_be_read_is_not_also_a_contradiction() {
    let error = refused(&file("[strategies.sma_crossover]\nfast = 'x'\nslow = 5\n"));
    assert_eq!(
        summary(&error),
        [(
            ProblemKind::InvalidValue,
            "strategies.sma_crossover.fast".to_owned()
        )]
    );
}

#[test]
fn contradictory_pairs_are_found() {
    let pairs = [
        "risk.position_weight=0.5",
        "risk.net_leverage=3",
        "risk.collar=0.6",
        "risk.order_notional=2000000",
        "account.maintenance_margin_long=0.6",
        "risk.industry_weight=0.4",
        "strategies.pairs.entry=0.5",
        "strategies.zscore_reversion.exit=2",
        "strategies.rsi2_reversion.oversold=80",
        "strategies.momentum.skip=252",
        "strategies.ema_crossover.fast=30",
        "database.kind=postgres",
        "cache.enabled=true",
        "providers.finnhub.enabled=true",
        "logging.delete_after=1h",
    ];
    for pair in pairs {
        let error = refused(&with_flags(file(""), &[pair]));
        let kinds = [ProblemKind::Contradiction, ProblemKind::Missing];
        assert!(
            error
                .problems
                .iter()
                .all(|problem| kinds.contains(&problem.kind)),
            "{pair}: {error}"
        );
        assert!(error.to_string().contains("[flag "), "{pair}: {error}");
    }
    let dates = refused(&with_flags(
        file(""),
        &["backtest.from=2024-02-01", "backtest.to=2024-01-01"],
    ));
    assert_eq!(
        summary(&dates),
        [(ProblemKind::Contradiction, "backtest.from".to_owned())]
    );
}

#[test]
fn references_are_allowed_by_name_and_never_spliced() {
    let text = "\
[database]
host = \"${HOME}\"
name = \"prefix_${DB_NAME}\"
user = \"${DB_USER}\"
port = \"${DB_PORT}\"
[cache]
host = \"${REDIS_HOST}\"
[risk]
restricted = [\"${DB_NAME}\"]
";
    let variables = [
        ("HOME", "/root"),
        ("DB_NAME", "x"),
        ("DB_PORT", "5432; drop"),
        ("REDIS_HOST", " "),
    ];
    let error = refused(&with_variables(file(text), &variables));
    let shown = error.to_string();
    for part in [
        "the variable \"HOME\" may not be referenced",
        "a reference is the whole value",
        "the required variable DB_USER is not set",
        "the required variable REDIS_HOST is empty",
        "a reference cannot stand inside a list",
        "`database.port` [x.toml:5 (${DB_PORT})]: found \"5432; drop\"; allowed: an integer in [1, 65535]",
    ] {
        assert!(shown.contains(part), "{part}\nis missing in\n{shown}");
    }
    assert_eq!(error.problems.len(), 6, "{shown}");
}

#[test]
fn an_empty_variable_and_a_missing_file_are_errors() {
    let error = refused(&with_variables(
        file(""),
        &[("AI_TRADER_LOGGING__LEVEL", "")],
    ));
    assert!(
        error
            .to_string()
            .contains("variable AI_TRADER_LOGGING__LEVEL]: the variable is set but empty"),
        "{error}"
    );
    let missing = Sources {
        file: Some(NamedFile::Path("/nonexistent/x.toml".into())),
        ..Sources::default()
    };
    assert_eq!(
        summary(&refused(&missing)),
        [(ProblemKind::Unreadable, String::new())]
    );
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_no_text_is_an_error() {
    use std::os::unix::ffi::OsStrExt;
    let value = std::ffi::OsStr::from_bytes(&[0xff]).to_owned();
    let sources = Sources {
        variables: trader_config::Variables::new([("AI_TRADER_LOGGING__LEVEL", value)]),
        ..Sources::default()
    };
    assert_eq!(
        summary(&refused(&sources)),
        [(ProblemKind::Syntax, "logging.level".to_owned())]
    );
}

#[test]
fn renamed_keys_work_with_a_warning_that_names_the_new_one() {
    for rename in RENAMES {
        let spec = trader_config::schema::key(rename.new).unwrap();
        let value = spec.default.unwrap_or("db.example.org");
        let loaded = loaded(&with_flags(file(""), &[&format!("{}={value}", rename.old)]));
        assert_eq!(loaded.warnings.len(), 1, "{}", rename.old);
        assert!(
            loaded.warnings[0].to_string().contains(rename.new),
            "{}",
            loaded.warnings[0]
        );
        assert!(loaded.origin(rename.new).to_string().contains(rename.old));
    }
    let both = refused(&file(
        "[risk]\ndaily_loss = 0.03\n[risk_management.daily_limits]\nmax_daily_loss_ratio = 0.03\n",
    ));
    assert_eq!(
        summary(&both),
        [(ProblemKind::Contradiction, "risk.daily_loss".to_owned())]
    );
}

#[test]
fn an_environment_file_cannot_name_another_environment() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(
        directory.path().join("dev.toml"),
        "environment = \"test\"\n",
    )
    .unwrap();
    let error = refused(&Sources {
        directory: Some(directory.path().to_owned()),
        ..Sources::default()
    });
    assert_eq!(
        summary(&error),
        [(ProblemKind::Contradiction, "environment".to_owned())]
    );
}

#[test]
fn a_table_where_a_value_belongs_and_the_reverse_are_errors() {
    let error = refused(&file(
        "risk = 5\n[logging.level]\nx = 1\n[[backtest]]\ny = 2\n",
    ));
    let kinds: Vec<ProblemKind> = error.problems.iter().map(|problem| problem.kind).collect();
    assert_eq!(kinds, [ProblemKind::UnknownKey; 3], "{error}");
}
