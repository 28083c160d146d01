//! Each kind of violation of the layer law, planted in a copy of the workspace, is found.

use crate::scratch::Scratch;

const MATCHING: &str = "crates/matching/Cargo.toml";
const DOMAIN: &str = "crates/domain/Cargo.toml";

#[test]
fn the_workspace_as_it_is_keeps_the_law() {
    let (passed, said) = Scratch::new().layers();
    assert!(passed, "{said}");
}

#[test]
fn a_normal_edge_upwards_is_found() {
    let scratch = Scratch::new();
    scratch.append(
        MATCHING,
        "[dependencies.trader-research]\nworkspace = true\n",
    );
    // Cargo itself refuses the cycle that research -> matching -> research would be.
    scratch.replace(
        "crates/research/Cargo.toml",
        "trader-brokers-backtest.workspace = true\n",
        "",
    );
    scratch.fails_with("trader-matching -> trader-research (normal): an edge points down, this one goes from layer 2 up to 4");
}

#[test]
fn a_build_edge_upwards_is_found() {
    let scratch = Scratch::new();
    scratch.append(
        MATCHING,
        "[build-dependencies.trader-compliance]\nworkspace = true\n",
    );
    scratch.fails_with("trader-matching -> trader-compliance (build): an edge points down, this one goes from layer 2 up to 3");
}

#[test]
fn a_dev_edge_upwards_is_found_and_so_is_the_cycle_it_closes() {
    let scratch = Scratch::new();
    scratch.append(
        MATCHING,
        "[dev-dependencies.trader-brokers-backtest]\nworkspace = true\n",
    );
    scratch.fails_with("trader-matching -> trader-brokers-backtest (dev): an edge points down");
    scratch
        .fails_with("cycle: trader-brokers-backtest -> trader-matching -> trader-brokers-backtest");
    scratch.fails_with(
        "trader-matching -> trader-brokers-backtest (dev): only apps name a concrete adapter",
    );
}

#[test]
fn siblings_are_found_whatever_the_section() {
    for section in ["dependencies", "build-dependencies", "dev-dependencies"] {
        let scratch = Scratch::new();
        scratch.append(
            MATCHING,
            &format!("[{section}.trader-features]\nworkspace = true\n"),
        );
        scratch.fails_with("siblings of layer 2 never see each other");
    }
}

#[test]
fn a_renamed_an_optional_and_a_platform_edge_are_found() {
    for planted in [
        "[dependencies.kernels]\npackage = \"trader-features\"\npath = \"../features\"\n",
        "[dependencies.trader-features]\nworkspace = true\noptional = true\n",
        "[target.'cfg(windows)'.dependencies.trader-features]\nworkspace = true\n",
    ] {
        let scratch = Scratch::new();
        scratch.append(MATCHING, planted);
        scratch.fails_with("trader-matching -> trader-features (normal): siblings of layer 2");
    }
}

#[test]
fn test_support_among_normal_dependencies_is_found() {
    let scratch = Scratch::new();
    scratch.append(
        "crates/compliance/Cargo.toml",
        "[dependencies.trader-testkit]\nworkspace = true\n",
    );
    scratch.fails_with(
        "trader-compliance -> trader-testkit (normal): test support is for dev-dependencies only",
    );
}

#[test]
fn a_cycle_closed_by_test_support_is_found() {
    let scratch = Scratch::new();
    scratch.append(
        DOMAIN,
        "[dev-dependencies.trader-testkit]\nworkspace = true\n",
    );
    scratch.fails_with("cycle: trader-domain -> trader-testkit -> trader-domain");
}

#[test]
fn an_adapter_named_by_a_crate_that_is_no_app_is_found() {
    let scratch = Scratch::new();
    scratch.append(
        "crates/strategies/Cargo.toml",
        "[dependencies.trader-brokers-backtest]\nworkspace = true\n",
    );
    scratch.fails_with(
        "trader-strategies -> trader-brokers-backtest (normal): only apps name a concrete adapter",
    );
}

#[test]
fn a_crate_that_depends_on_a_program_is_found() {
    let scratch = Scratch::new();
    scratch.append(
        "fuzz/Cargo.toml",
        "[dependencies.xtask]\npath = \"../xtask\"\n",
    );
    scratch.fails_with("trader-fuzz -> xtask (normal): nothing depends on a program");
}

#[test]
fn an_impure_package_under_a_pure_crate_is_found() {
    let scratch = Scratch::new();
    scratch.third_party("tokio", "");
    scratch.append(
        DOMAIN,
        "[dependencies.tokio]\npath = \"../../../third-party/tokio\"\n",
    );
    scratch.fails_with("trader-domain: is pure but reaches tokio: trader-domain -> tokio");
    // Everything above reaches it too.
    scratch.fails_with("trader-risk: is pure but reaches tokio: trader-risk -> trader-broker -> trader-domain -> tokio");
}

#[test]
fn an_impure_package_behind_a_harmless_one_or_a_feature_is_found() {
    let scratch = Scratch::new();
    scratch.third_party("reqwest", "");
    scratch.third_party("harmless", "reqwest = { path = \"../reqwest\" }");
    scratch.append(
        MATCHING,
        "[dependencies.harmless]\npath = \"../../../third-party/harmless\"\noptional = true\n",
    );
    scratch.fails_with(
        "trader-matching: is pure but reaches reqwest: trader-matching -> harmless -> reqwest",
    );
}

#[test]
fn an_impure_package_behind_a_crate_of_ours_that_is_not_pure_is_found() {
    let scratch = Scratch::new();
    scratch.third_party("async-trait-runtime", "");
    scratch.append(
        "crates/broker/Cargo.toml",
        "[dependencies.async-trait-runtime]\npath = \"../../../third-party/async-trait-runtime\"\n",
    );
    scratch.fails_with("trader-engine: is pure but reaches async-trait-runtime: trader-engine -> trader-broker -> async-trait-runtime");
}

#[test]
fn an_impure_package_in_tests_only_is_fine() {
    let scratch = Scratch::new();
    scratch.third_party("tokio", "");
    scratch.append(
        MATCHING,
        "[dev-dependencies.tokio]\npath = \"../../../third-party/tokio\"\n",
    );
    let (passed, said) = scratch.layers();
    assert!(passed, "{said}");
}

#[test]
fn a_crate_without_a_layer_is_found() {
    let scratch = Scratch::new();
    scratch.replace(MATCHING, "layer = 2\n", "");
    scratch.fails_with("trader-matching: no layer");
}

#[test]
fn a_manifest_that_says_something_else_than_the_table_is_found() {
    let scratch = Scratch::new();
    scratch.replace(
        MATCHING,
        "layer = 2\npure = true",
        "layer = 5\npure = false",
    );
    scratch.fails_with("trader-matching: its manifest says layer 5, the table says 2");
    scratch.fails_with("trader-matching: its manifest must say `pure = true`");
}

#[test]
fn an_unknown_crate_is_found() {
    let scratch = Scratch::new();
    scratch.write(
        "crates/newcomer/Cargo.toml",
        "[package]\nname = \"trader-newcomer\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[package.metadata.trader]\nlayer = 2\npure = true\n",
    );
    scratch.write("crates/newcomer/src/lib.rs", "");
    scratch.replace(
        "Cargo.toml",
        "    \"crates/matching\",\n",
        "    \"crates/matching\",\n    \"crates/newcomer\",\n",
    );
    scratch.fails_with("trader-newcomer: unknown crate");
}

#[test]
fn a_row_without_a_crate_is_found() {
    let scratch = Scratch::new();
    scratch.replace("Cargo.toml", "    \"fuzz\",\n", "");
    scratch.fails_with("trader-fuzz: stale row");
}

#[test]
fn a_stale_allowance_is_found() {
    let scratch = Scratch::new();
    scratch.replace(
        "crates/research/Cargo.toml",
        "trader-brokers-backtest.workspace = true\n",
        "",
    );
    scratch.fails_with("stale allowance: trader-research -> trader-brokers-backtest");
}

#[test]
fn a_graph_that_is_out_of_date_is_found() {
    let scratch = Scratch::new();
    scratch.append("docs/crate-graph.md", "by hand");
    scratch.fails_with("docs/crate-graph.md: out of date: run `cargo xtask docs`");
}
