//! Console, files, levels, span fields.

use tracing::level_filters::LevelFilter;
use trader_telemetry::{Console, Levels, Logging, TradeContext};

use crate::support::{Memory, clock, json_lines, settings};

#[test]
fn machines_get_one_json_object_per_line_with_nanoseconds_and_the_fields_of_the_span() {
    let memory = Memory::default();
    let (_logging, dispatch) =
        Logging::build(&settings(Console::Json, None), &clock(), memory.clone()).unwrap();
    tracing::dispatcher::with_default(&dispatch, || {
        let context = TradeContext {
            order_id: Some(&"O-1"),
            symbol: Some(&"AAPL"),
            strategy: Some(&"momentum"),
            account: Some(&"desk-1"),
            correlation_id: Some(&"c-77"),
        };
        context
            .span()
            .in_scope(|| tracing::info!(quantity = 100, "sent \"it\"\nto the broker"));
    });
    let lines = json_lines(&memory.text());
    assert_eq!(lines.len(), 1);
    let line = &lines[0];
    assert_eq!(line["timestamp"], "2026-06-04T13:30:00.123456789Z");
    assert_eq!(line["level"], "INFO");
    assert_eq!(line["message"], "sent \"it\"\nto the broker");
    assert_eq!(line["quantity"], 100);
    let span = &line["spans"][0];
    for (field, value) in [
        ("order_id", "O-1"),
        ("symbol", "AAPL"),
        ("strategy", "momentum"),
        ("account", "desk-1"),
        ("correlation_id", "c-77"),
    ] {
        assert_eq!(span[field], value);
    }
}

#[test]
fn people_get_readable_lines() {
    let memory = Memory::default();
    let (_logging, dispatch) =
        Logging::build(&settings(Console::Human, None), &clock(), memory.clone()).unwrap();
    tracing::dispatcher::with_default(
        &dispatch,
        || tracing::warn!(target: "trader_engine", "late"),
    );
    assert_eq!(
        memory.text(),
        "2026-06-04T13:30:00.123456789Z  WARN trader_engine: late\n"
    );
}

#[test]
fn the_trading_log_has_everything_and_the_system_log_what_is_serious() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(Console::Off, Some(folder.path()));
    let (logging, dispatch) = Logging::build(&settings, &clock(), Memory::default()).unwrap();
    tracing::dispatcher::with_default(&dispatch, || {
        tracing::debug!("hidden");
        tracing::info!("usual");
        tracing::error!("serious");
        tracing::warn!(target: "noisy", "hidden from the trading log");
    });
    let messages = |name: &str| -> Vec<String> {
        let text = std::fs::read_to_string(folder.path().join(name)).unwrap();
        json_lines(&text)
            .iter()
            .map(|line| line["message"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(messages("trading.log"), ["usual", "serious"]);
    assert_eq!(
        messages("system.log"),
        ["serious", "hidden from the trading log"]
    );
    assert_eq!(logging.failures(), 0);
}

#[test]
fn levels_change_at_run_time() {
    let memory = Memory::default();
    let (logging, dispatch) =
        Logging::build(&settings(Console::Json, None), &clock(), memory.clone()).unwrap();
    let control = logging.control.clone();
    tracing::dispatcher::with_default(&dispatch, || {
        tracing::debug!("one");
        control
            .set_levels(&Levels {
                default: LevelFilter::DEBUG,
                targets: Vec::new(),
            })
            .unwrap();
        tracing::debug!("two");
        let only_engine = vec![("trader_engine".to_owned(), LevelFilter::TRACE)];
        control
            .set_levels(&Levels {
                default: LevelFilter::OFF,
                targets: only_engine,
            })
            .unwrap();
        tracing::error!("three");
        tracing::trace!(target: "trader_engine::core", "four");
    });
    let messages: Vec<String> = json_lines(&memory.text())
        .iter()
        .map(|line| line["message"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(messages, ["two", "four"]);
    drop(dispatch);
    assert!(
        control
            .set_levels(&Levels {
                default: LevelFilter::INFO,
                targets: Vec::new()
            })
            .is_err()
    );
}

#[test]
fn the_system_level_changes_at_run_time() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(Console::Off, Some(folder.path()));
    let (logging, dispatch) = Logging::build(&settings, &clock(), Memory::default()).unwrap();
    tracing::dispatcher::with_default(&dispatch, || {
        logging.control.set_system_level(LevelFilter::INFO).unwrap();
        tracing::info!("now it counts");
    });
    assert!(
        std::fs::read_to_string(folder.path().join("system.log"))
            .unwrap()
            .contains("now it counts")
    );
}

#[test]
fn many_threads_write_whole_lines() {
    let folder = tempfile::tempdir().unwrap();
    let (_logging, dispatch) = Logging::build(
        &settings(Console::Off, Some(folder.path())),
        &clock(),
        Memory::default(),
    )
    .unwrap();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let dispatch = dispatch.clone();
            scope.spawn(move || {
                tracing::dispatcher::with_default(&dispatch, || {
                    for number in 0..200 {
                        tracing::info!(thread, number, "line");
                    }
                });
            });
        }
    });
    let text = std::fs::read_to_string(folder.path().join("trading.log")).unwrap();
    assert_eq!(json_lines(&text).len(), 1600);
}

#[test]
fn the_process_is_set_up_once() {
    let settings = settings(Console::Off, None);
    assert!(Logging::start(&settings, &clock()).is_ok());
    assert!(Logging::start(&settings, &clock()).is_err());
}
