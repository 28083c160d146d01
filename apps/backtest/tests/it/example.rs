//! The program without arguments.

use crate::program::Scratch;

#[test]
fn the_example_runs_from_any_folder_and_leaves_a_report() {
    let scratch = Scratch::new();
    let text = scratch.succeed(&[]);
    for name in ["momentum", "sma-crossover", "pairs", "report.html"] {
        assert!(text.contains(name), "{name} is not in:\n{text}");
    }
    let runs = scratch.runs();
    assert_eq!(runs.len(), 1, "{runs:?}");
    let folder = scratch.path().join("runs").join(&runs[0]);
    let page = std::fs::read_to_string(folder.join("report.html")).unwrap();
    assert!(page.starts_with("<!doctype html>"));
    assert!(
        !page.contains("http://") || !page.contains("src=\"http"),
        "the page loads nothing"
    );
    for name in [
        "run.json",
        "metrics.json",
        "config.toml",
        "fills.csv",
        "fills.parquet",
        "equity.csv",
    ] {
        assert!(folder.join(name).is_file(), "{name}");
    }
}

#[test]
fn a_second_run_gets_a_folder_of_its_own() {
    let scratch = Scratch::new();
    scratch.succeed(&["--quiet"]);
    scratch.succeed(&["--quiet"]);
    assert_eq!(scratch.runs().len(), 2);
}

#[test]
fn a_dry_run_writes_nothing() {
    let scratch = Scratch::new();
    scratch.succeed(&["--dry-run"]);
    assert!(scratch.runs().is_empty());
}

#[test]
fn every_listing_prints_something_and_json() {
    let scratch = Scratch::new();
    for what in ["strategies", "features", "data", "runs"] {
        assert!(!scratch.succeed(&["list", what]).is_empty(), "{what}");
        assert!(scratch.json(&["list", what, "--json"]).is_array(), "{what}");
    }
}

#[test]
fn every_strategy_of_the_example_trades() {
    let scratch = Scratch::new();
    let result = scratch.json(&["--json", "--dry-run"]);
    for strategy in result["strategies"].as_array().unwrap() {
        assert!(strategy["trades"].as_u64().unwrap() > 10, "{strategy}");
    }
}
