//! Two run folders side by side.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;
use trader_research::compare::{CompareError, RunSide, compare_folders};
use trader_research::folder::{RunFile, StrategyFile};
use trader_research::metrics::MetricId;

/// A folder that goes away with the test.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn with(self, file: &str, content: &Value) -> Self {
        std::fs::write(self.path().join(file), content.to_string()).unwrap();
        self
    }
}

fn facts(run: &str, data: &str, strategies: &[(&str, &str, &str)]) -> RunFile {
    let strategies = strategies
        .iter()
        .map(|(name, fast, hash)| StrategyFile {
            name: (*name).to_owned(),
            parameters: vec![("fast".to_owned(), (*fast).to_owned())],
            bars: 100,
            orders: 4,
            refusals: 0,
            fills: 4,
            trades: 2,
            final_equity: "101.5".to_owned(),
            state_hash: (*hash).to_owned(),
        })
        .collect();
    RunFile {
        format: 1,
        run: run.to_owned(),
        code_version: "0.1.0".to_owned(),
        seed: None,
        strategies,
        data: "sample".to_owned(),
        data_fingerprint: data.to_owned(),
        vendor: None,
        adjustment: "raw".to_owned(),
        period: None,
        costs: "none".to_owned(),
        fill_rule: "next open".to_owned(),
        account: "margin".to_owned(),
    }
}

type Values<'a> = &'a [(MetricId, Option<f64>)];

fn figures(of: &[(&str, Values<'_>)]) -> Value {
    let all: Vec<Value> = of
        .iter()
        .map(|(strategy, values)| {
            let values: Vec<Value> = values
                .iter()
                .map(|(id, value)| json!({ "metric": id, "value": value }))
                .collect();
            json!({ "strategy": strategy, "statistics": { "conventions": {}, "values": values } })
        })
        .collect();
    Value::Array(all)
}

fn folder(facts: &RunFile, figures: &Value) -> Folder {
    Folder::new()
        .with("run.json", &serde_json::to_value(facts).unwrap())
        .with("metrics.json", figures)
}

#[test]
fn better_is_what_the_catalogue_calls_better() {
    let left = folder(
        &facts("a", "same", &[("sma", "5", "1")]),
        &figures(&[(
            "sma",
            &[
                (MetricId::Sharpe, Some(1.0)),
                (MetricId::Volatility, Some(0.2)),
                (MetricId::MaxDrawdown, Some(-0.3)),
                (MetricId::Sortino, None),
                (MetricId::Cagr, Some(0.1)),
            ],
        )]),
    );
    let right = folder(
        &facts("b", "same", &[("sma", "8", "2")]),
        &figures(&[(
            "sma",
            &[
                (MetricId::Sharpe, Some(1.5)),
                (MetricId::Volatility, Some(0.25)),
                (MetricId::MaxDrawdown, Some(-0.2)),
                (MetricId::Sortino, Some(2.0)),
                (MetricId::Cagr, Some(0.1)),
            ],
        )]),
    );
    let comparison = compare_folders(left.path(), right.path()).unwrap();
    assert!(comparison.same_data);
    assert!(comparison.facts.is_empty(), "{:?}", comparison.facts);
    let strategy = &comparison.strategies[0];
    assert!(!strategy.identical);
    assert_eq!(strategy.facts.len(), 1);
    assert_eq!(strategy.facts[0].fact, "fast");
    let better = |id| {
        let figure = strategy.figures.iter().find(|one| one.metric == id);
        figure.unwrap().better
    };
    assert_eq!(better(MetricId::Sharpe), Some(RunSide::Right));
    assert_eq!(better(MetricId::Volatility), Some(RunSide::Left));
    assert_eq!(better(MetricId::MaxDrawdown), Some(RunSide::Right));
    assert_eq!(better(MetricId::Sortino), None);
    assert_eq!(better(MetricId::Cagr), None);
    let text = comparison.to_string();
    assert!(text.contains("fast: 5 | 8"), "{text}");
    assert!(text.contains("1.500*"), "{text}");
    assert!(!text.contains("different data"), "{text}");
    let json = serde_json::to_value(&comparison).unwrap();
    assert_eq!(json["strategies"][0]["figures"][0]["metric"], "cagr");
}

#[test]
fn strategies_pair_by_name_and_different_data_is_said() {
    let no_figures = figures(&[("sma", &[]), ("rsi", &[]), ("macd", &[])]);
    let left = folder(
        &facts("a", "one", &[("sma", "5", "1"), ("rsi", "5", "2")]),
        &no_figures,
    );
    let right = folder(
        &facts("b", "two", &[("macd", "5", "3"), ("sma", "5", "1")]),
        &no_figures,
    );
    let comparison = compare_folders(left.path(), right.path()).unwrap();
    assert!(!comparison.same_data);
    assert_eq!(comparison.only_left, ["rsi"]);
    assert_eq!(comparison.only_right, ["macd"]);
    assert!(comparison.strategies[0].identical);
    let text = comparison.to_string();
    assert!(text.contains("different data"), "{text}");
    assert!(text.contains("identical: the same orders"), "{text}");
}

#[test]
fn folders_of_others_are_refused_with_the_reason() {
    let good = folder(
        &facts("a", "one", &[("sma", "5", "1")]),
        &figures(&[("sma", &[])]),
    );
    let told = |other: &Folder| compare_folders(good.path(), other.path()).unwrap_err();

    let empty = Folder::new();
    assert!(matches!(told(&empty), CompareError::Unreadable(_)));

    let newer = Folder::new().with("run.json", &json!({ "format": 7 }));
    assert!(matches!(
        told(&newer),
        CompareError::Format { found: 7, .. }
    ));

    for content in [
        json!([1, 2]),
        json!({ "format": 1, "run": "x" }),
        json!({ "format": "1" }),
    ] {
        let foreign = Folder::new().with("run.json", &content);
        assert!(
            matches!(told(&foreign), CompareError::Foreign { .. }),
            "{content}"
        );
    }

    let figures = json!([{ "strategy": "sma", "statistics": { "values": [{ "metric": "luck", "value": 1 }] } }]);
    let unknown = folder(&facts("b", "one", &[("sma", "5", "1")]), &figures);
    assert!(told(&unknown).to_string().contains("no figure `luck`"));

    let binary = Folder::new();
    std::fs::write(binary.path().join("run.json"), [0xff, 0x00, 0x7b]).unwrap();
    assert!(matches!(told(&binary), CompareError::Foreign { .. }));
}
