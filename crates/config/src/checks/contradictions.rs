//! Values that exclude each other, and values that others need.

use super::Findings;
use crate::problem::ProblemKind;
use crate::schema::{Config, DatabaseKind};

/// Notes every contradiction.
pub(super) fn check(config: &Config, findings: &mut Findings<'_>) {
    limits(config, findings);
    account(config, findings);
    backtest(config, findings);
    strategies(config, findings);
    waits(config, findings);
    connections(config, findings);
}

/// Notes `first` and `second` as contradicting each other unless `holds`.
fn require(findings: &mut Findings<'_>, holds: bool, keys: [&'static str; 2], advice: &str) {
    if !holds {
        findings.note(ProblemKind::Contradiction, &keys, advice);
    }
}

fn limits(config: &Config, findings: &mut Findings<'_>) {
    let risk = &config.risk;
    let rules: [(bool, [&'static str; 2], &str); 6] = [
        (
            risk.position_weight <= risk.industry_weight,
            ["risk.position_weight", "risk.industry_weight"],
            "one position cannot be allowed more than its industry",
        ),
        (
            risk.industry_weight <= risk.sector_weight,
            ["risk.industry_weight", "risk.sector_weight"],
            "an industry cannot be allowed more than its sector",
        ),
        (
            risk.net_leverage <= risk.gross_leverage,
            ["risk.net_leverage", "risk.gross_leverage"],
            "net leverage cannot be allowed above gross leverage",
        ),
        (
            risk.position_weight <= risk.gross_leverage,
            ["risk.position_weight", "risk.gross_leverage"],
            "one position cannot be allowed more than all together",
        ),
        (
            risk.order_notional <= risk.basket_notional,
            ["risk.order_notional", "risk.basket_notional"],
            "one order cannot be allowed more than all working orders together",
        ),
        (
            risk.collar <= risk.passive_collar,
            ["risk.collar", "risk.passive_collar"],
            "the aggressive side cannot be wider than the passive side",
        ),
    ];
    for (holds, keys, advice) in rules {
        require(findings, holds, keys, advice);
    }
}

fn account(config: &Config, findings: &mut Findings<'_>) {
    let account = &config.account;
    require(
        findings,
        account.maintenance_margin_long <= account.initial_margin,
        ["account.maintenance_margin_long", "account.initial_margin"],
        "maintenance margin cannot be above initial margin: every new position would be called at once",
    );
    require(
        findings,
        account.maintenance_margin_short <= account.initial_margin,
        ["account.maintenance_margin_short", "account.initial_margin"],
        "maintenance margin cannot be above initial margin: every new position would be called at once",
    );
}

fn backtest(config: &Config, findings: &mut Findings<'_>) {
    let backtest = &config.backtest;
    if let (Some(from), Some(to)) = (backtest.from, backtest.to) {
        require(
            findings,
            from <= to,
            ["backtest.from", "backtest.to"],
            "the first day is after the last",
        );
    }
    let logging = &config.logging;
    require(
        findings,
        logging.rotate_after <= logging.delete_after,
        ["logging.rotate_after", "logging.delete_after"],
        "files would be deleted before they are rotated",
    );
}

fn strategies(config: &Config, findings: &mut Findings<'_>) {
    let faster = "the fast average must be shorter than the slow one";
    let apart = "it would enter and exit at the same time: the exit must be nearer to the mean than the entry";
    let rules: [(bool, [&'static str; 2], &str); 6] = [
        (
            config.sma_crossover.fast < config.sma_crossover.slow,
            [
                "strategies.sma_crossover.fast",
                "strategies.sma_crossover.slow",
            ],
            faster,
        ),
        (
            config.ema_crossover.fast < config.ema_crossover.slow,
            [
                "strategies.ema_crossover.fast",
                "strategies.ema_crossover.slow",
            ],
            faster,
        ),
        (
            config.zscore_reversion.exit < config.zscore_reversion.entry,
            [
                "strategies.zscore_reversion.exit",
                "strategies.zscore_reversion.entry",
            ],
            apart,
        ),
        (
            config.rsi2_reversion.oversold < config.rsi2_reversion.overbought,
            [
                "strategies.rsi2_reversion.oversold",
                "strategies.rsi2_reversion.overbought",
            ],
            "oversold must be below overbought",
        ),
        (
            config.momentum.skip < config.momentum.lookback,
            ["strategies.momentum.skip", "strategies.momentum.lookback"],
            "nothing of the past would be left",
        ),
        (
            config.pairs.exit < config.pairs.entry,
            ["strategies.pairs.exit", "strategies.pairs.entry"],
            apart,
        ),
    ];
    for (holds, keys, advice) in rules {
        require(findings, holds, keys, advice);
    }
}

fn waits(config: &Config, findings: &mut Findings<'_>) {
    require(
        findings,
        config.database.acquire_timeout <= config.database.deadline,
        ["database.acquire_timeout", "database.deadline"],
        "waiting for a connection cannot be allowed longer than the whole operation",
    );
}

fn connections(config: &Config, findings: &mut Findings<'_>) {
    let mut need = |given: bool, switch: &'static str, key: &'static str| {
        if !given {
            findings.note(
                ProblemKind::Missing,
                &[key, switch],
                &format!("`{switch}` needs a value for `{key}`"),
            );
        }
    };
    let database = &config.database;
    if database.kind == DatabaseKind::Postgres {
        need(database.host.is_some(), "database.kind", "database.host");
        need(database.name.is_some(), "database.kind", "database.name");
        need(database.user.is_some(), "database.kind", "database.user");
        need(
            database.password.is_some(),
            "database.kind",
            "database.password",
        );
    }
    if config.cache.enabled {
        need(config.cache.host.is_some(), "cache.enabled", "cache.host");
    }
    if config.alpaca.enabled {
        need(
            config.alpaca.api_key.is_some(),
            "providers.alpaca.enabled",
            "providers.alpaca.api_key",
        );
        need(
            config.alpaca.secret_key.is_some(),
            "providers.alpaca.enabled",
            "providers.alpaca.secret_key",
        );
    }
    let vendors = [
        (
            config.polygon.enabled,
            &config.polygon.api_key,
            "providers.polygon.enabled",
            "providers.polygon.api_key",
        ),
        (
            config.finnhub.enabled,
            &config.finnhub.api_key,
            "providers.finnhub.enabled",
            "providers.finnhub.api_key",
        ),
        (
            config.alpha_vantage.enabled,
            &config.alpha_vantage.api_key,
            "providers.alpha_vantage.enabled",
            "providers.alpha_vantage.api_key",
        ),
        (
            config.benzinga.enabled,
            &config.benzinga.api_key,
            "providers.benzinga.enabled",
            "providers.benzinga.api_key",
        ),
    ];
    for (enabled, key, switch, name) in vendors {
        if enabled {
            need(key.is_some(), switch, name);
        }
    }
}
