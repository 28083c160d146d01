//! Change of the configuration while trading.

use crate::support::{file, loaded};
use trader_config::{ProblemKind, Running};

fn running() -> Running {
    Running::new(loaded(&file(
        "[risk]\npositions = 10\nbuying_power_buffer = 0.10\n",
    )))
}

#[test]
fn free_keys_change_and_limits_are_tightened() {
    let mut running = running();
    let before = running.current();
    let text = "[risk]\npositions = 5\nbuying_power_buffer = 0.20\n[logging]\nlevel = 'debug'\n";
    let changes = running.reload(&file(text)).unwrap();
    let keys: Vec<&str> = changes.iter().map(|change| change.key).collect();
    assert_eq!(
        keys,
        [
            "logging.level",
            "risk.buying_power_buffer",
            "risk.positions"
        ]
    );
    assert_eq!(running.current().config.risk.positions, 5);
    assert_eq!(
        before.config.risk.positions, 10,
        "who holds the old one keeps it whole"
    );
}

#[test]
fn limits_are_not_widened_and_other_keys_not_changed_while_running() {
    let mut running = running();
    let text = "[risk]\npositions = 11\nbuying_power_buffer = 0.05\n[database]\nport = 6000\n[logging]\nlevel = 'debug'\n";
    let error = running.reload(&file(text)).unwrap_err();
    let keys: Vec<&str> = error
        .problems
        .iter()
        .map(|problem| problem.keys[0].0.as_str())
        .collect();
    assert_eq!(
        keys,
        [
            "risk.buying_power_buffer",
            "risk.positions",
            "database.port"
        ],
        "{error}"
    );
    assert!(
        error
            .problems
            .iter()
            .all(|problem| problem.kind == ProblemKind::NotReloadable)
    );
    assert!(
        error
            .to_string()
            .contains("changed from 10 to 11: while running it may only be lowered"),
        "{error}"
    );
    assert_eq!(running.current().config.risk.positions, 10);
    assert_eq!(
        running.current().config.logging.level.as_str(),
        "info",
        "nothing changes when one change is refused"
    );
}

#[test]
fn a_faulty_file_keeps_the_old_configuration() {
    for text in [
        "not toml",
        "[risk]\npositions = 0\n",
        "[risk]\nunknown = 1\n",
    ] {
        let mut running = running();
        let before = running.current();
        running.reload(&file(text)).unwrap_err();
        assert_eq!(running.current().config, before.config);
    }
}
