//! The database: the history of runs, and its tables.

use crate::program::{Scratch, june, minutes};

#[test]
fn every_run_is_in_the_history_with_what_it_left() {
    let scratch = Scratch::new();
    scratch.file("in/ABC.csv", minutes(&june(2), 10, 10_000));
    assert_eq!(
        scratch.json(&["run", "--from-dir", "in", "--json"])["added"],
        20
    );
    scratch.file("in/BAD.csv", "what is this\n");
    scratch.fail(3, &["run", "--from-dir", "in"]);
    scratch.file("empty/readme.md", "no data here");
    scratch.fail(3, &["run", "--from-dir", "empty"]);
    let status = scratch.json(&["status", "--json"]);
    let history = status["history"].as_array().unwrap();
    let told: Vec<_> = history
        .iter()
        .map(|run| {
            (
                run["outcome"].as_str().unwrap(),
                run["added"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(told, [("failed", 0), ("partly", 0), ("done", 20)]);
    assert_eq!(history[2]["bars"], 20);
    let detail = history[0]["detail"].as_str().unwrap();
    assert!(detail.contains("has no CSV or Parquet"), "{detail}");
    let text = scratch.succeed(&["status"]);
    assert!(text.contains("partly"), "{text}");
}

#[test]
fn a_database_that_cannot_be_used_stops_the_run_before_it_begins() {
    let scratch = Scratch::new();
    scratch.file("in/ABC.csv", minutes(&june(1), 5, 10_000));
    scratch.file(
        "trader.db",
        "this is no database, and long enough to look at; ".repeat(200),
    );
    let error = scratch.fail(5, &["run", "--from-dir", "in"]);
    assert!(error.contains("database"), "{error}");
    assert!(!scratch.path().join("market-data/vendor=local").exists());
}

#[test]
fn migrate_shows_its_plan_and_applies_it_once() {
    let scratch = Scratch::new();
    let plan = scratch.json(&["migrate", "--dry-run", "--json"]);
    assert_eq!(
        (&plan["from"], plan["steps"].as_array().unwrap().is_empty()),
        (&0.into(), false)
    );
    let text = scratch.succeed(&["migrate", "--dry-run"]);
    assert!(text.contains("CREATE TABLE runs"), "{text}");
    assert_eq!(scratch.json(&["migrate", "--json"])["from"], 0);
    let again = scratch.json(&["migrate", "--json"]);
    assert!(again["steps"].as_array().unwrap().is_empty(), "{again}");
    assert_eq!(again["from"], again["to"]);
}
