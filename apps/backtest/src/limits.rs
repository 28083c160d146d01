//! From configuration to the gate's limits and the compliance policy.

use trader_broker::Resize;
use trader_compliance::{ComplianceConfig, PreTradePolicy, Restriction, RestrictionScope};
use trader_config::schema::{Config, account, backtest, risk};
use trader_domain::{Instruments, Symbol};
use trader_risk::{DayTradingSchedule, GateConfig, Limits, MarginRates, OptionLevel, RateLimit};

use crate::failure::Failure;

/// The gate that the configuration asks for.
pub(crate) fn gate(config: &Config) -> Result<GateConfig, Failure> {
    let limits = match config.backtest.limits {
        backtest::BacktestLimits::Research => Limits {
            margin: margin(config),
            ..Limits::research()
        },
        backtest::BacktestLimits::Configured => configured(config)?,
    };
    let day_trading = DayTradingSchedule::changing_on(config.account.intraday_margin_from)
        .map_err(|error| Failure::Usage(format!("account.intraday_margin_from: {error}")))?;
    Ok(GateConfig {
        limits,
        resize: match config.risk.oversize {
            risk::Oversize::Refuse => Resize::Never,
            risk::Oversize::Shrink => Resize::ToLargestSafe,
        },
        day_trading,
    })
}

const fn margin(config: &Config) -> MarginRates {
    MarginRates {
        initial: config.account.initial_margin,
        long_maintenance: config.account.maintenance_margin_long,
        short_maintenance: config.account.maintenance_margin_short,
        minimum_equity: config.account.minimum_equity,
    }
}

fn nanos(key: &str, span: trader_config::value::Span) -> Result<i64, Failure> {
    i64::try_from(span.nanoseconds())
        .map_err(|_too_long| Failure::Usage(format!("{key} is longer than 292 years")))
}

fn configured(config: &Config) -> Result<Limits, Failure> {
    let (risk, flow) = (&config.risk, &config.order_flow);
    Ok(Limits {
        collar: risk.collar,
        passive_collar: risk.passive_collar,
        market_reserve: risk.market_reserve,
        snapshot_age_nanos: nanos("risk.snapshot_age", risk.snapshot_age)?,
        reference_age_nanos: nanos("risk.reference_age", risk.reference_age)?,
        order_quantity: risk.order_quantity,
        order_notional: risk.order_notional,
        basket_notional: risk.basket_notional,
        adv_share: risk.adv_share,
        buying_power_buffer: risk.buying_power_buffer,
        position_weight: risk.position_weight,
        utilisation: risk.utilisation,
        positions: risk.positions,
        gross_leverage: risk.gross_leverage,
        net_leverage: risk.net_leverage,
        sector_weight: risk.sector_weight,
        industry_weight: risk.industry_weight,
        liquidity_days: risk.liquidity_days,
        participation: risk.participation,
        margin: margin(config),
        option_level: match risk.option_level {
            risk::OptionLevel::None => OptionLevel::None,
            risk::OptionLevel::Covered => OptionLevel::Covered,
            risk::OptionLevel::Long => OptionLevel::Long,
            risk::OptionLevel::Spreads => OptionLevel::Spreads,
        },
        duplicate_window_nanos: nanos("order_flow.duplicate_window", flow.duplicate_window)?,
        message_rate: RateLimit {
            count: flow.message_count,
            window_nanos: nanos("order_flow.message_window", flow.message_window)?,
        },
        loop_rate: RateLimit {
            count: flow.loop_count,
            window_nanos: nanos("order_flow.loop_window", flow.loop_window)?,
        },
        open_orders: flow.open_orders,
        cancels_per_fill: flow.cancels_per_fill,
        free_cancels: flow.free_cancels,
        daily_loss: risk.daily_loss,
        drawdown: risk.drawdown,
        loss_streak: risk.loss_streak,
        warn_share: risk.warn_share,
    })
}

/// The compliance policy with the restricted list.
pub(crate) fn compliance(
    config: &Config,
    instruments: &Instruments,
) -> Result<PreTradePolicy, Failure> {
    let mut policy = PreTradePolicy::new(ComplianceConfig::default());
    for ticker in &config.risk.restricted {
        let symbol: Symbol = ticker
            .as_str()
            .parse()
            .map_err(|error| Failure::Usage(format!("risk.restricted: {error}")))?;
        // A list may name more than this run trades.
        let Some(instrument) = instruments.find(&symbol) else {
            continue;
        };
        let entry = Restriction {
            instrument,
            scope: RestrictionScope::All,
            reason: "risk.restricted".to_owned(),
            from: trader_domain::Timestamp::MIN,
            until: trader_domain::Timestamp::MAX,
        };
        policy
            .restrict(entry)
            .map_err(|error| Failure::Usage(error.to_string()))?;
    }
    Ok(policy)
}

/// Whether shares may be sold short, by account settings.
pub(crate) const fn allows_short(config: &Config) -> bool {
    config.account.short_selling && matches!(config.account.kind, account::AccountKind::Margin)
}
