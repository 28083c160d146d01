//! From configuration and flags to the rules of a run.

use trader_brokers_backtest::{Delays, ExchangeFees, FeeModel, Latency, Slippage};
use trader_brokers_backtest::{ExchangeConfig, FillRule, LimitFill, PathModel};
use trader_config::schema::{self, Config};
use trader_config::{Loaded, NamedFile, Sources, Variables, load};
use trader_domain::position::LotMethod;
use trader_domain::{Price, Quantity, Rounding};
use trader_engine::{AccountConfig, Financing, SessionCalendar};
use trader_research::run::{RunRules, VenueHours};
use trader_risk::GateConfig;

use crate::cli::{AccountFlag, Costs, Fill, RunArgs};
use crate::failure::Failure;

/// Merges defaults, files, environment and flags.
pub(crate) fn configuration(args: &RunArgs) -> Result<Loaded, Failure> {
    let mut overrides = args.set.clone();
    if let Some(cash) = args.cash {
        overrides.push(format!("backtest.cash={cash}"));
    }
    if let Some(account) = args.account {
        let kind = match account {
            AccountFlag::Cash => "cash",
            AccountFlag::Margin => "margin",
        };
        overrides.push(format!("account.kind={kind}"));
    }
    if let Some(fill) = args.fill {
        let rule = match fill {
            Fill::NextOpen => "next-open",
            Fill::ThisClose => "this-close",
            Fill::IntrabarPath => "intrabar-path",
        };
        overrides.push(format!("backtest.fill_rule={rule}"));
    }
    match args.costs {
        None => {}
        Some(Costs::None) => overrides.extend(
            [
                "costs.commission=none",
                "costs.slippage=none",
                "costs.borrow_fee=0",
                "costs.margin_interest=0",
                "backtest.participation=none",
            ]
            .map(str::to_owned),
        ),
        Some(Costs::Alpaca) => overrides.push("costs.commission=alpaca".to_owned()),
        Some(Costs::IbFixed) => overrides.push("costs.commission=ib-fixed".to_owned()),
        Some(Costs::IbTiered) => overrides.push("costs.commission=ib-tiered".to_owned()),
    }
    let sources = Sources {
        directory: None,
        file: args.config.clone().map(NamedFile::Path),
        variables: Variables::of_process(),
        overrides,
        ..Sources::default()
    };
    Ok(load(&sources)?)
}

/// The rules that the configuration asks for.
pub(crate) fn rules(config: &Config, gate: &GateConfig) -> Result<RunRules, Failure> {
    Ok(RunRules {
        account: account(config),
        exchange: exchange(config)?,
        gate: *gate,
        calendar: calendar(config),
        hours: match config.backtest.hours {
            schema::backtest::MarketHours::Data => VenueHours::Data,
            schema::backtest::MarketHours::Calendar => VenueHours::Calendar,
        },
    })
}

fn calendar(config: &Config) -> SessionCalendar {
    match config.calendar.exchange {
        schema::account::Exchange::Nyse | schema::account::Exchange::Nasdaq => {
            SessionCalendar::UsEquities
        }
        schema::account::Exchange::AlwaysOpen => SessionCalendar::Continuous,
    }
}

fn account(config: &Config) -> AccountConfig {
    let cash = config.backtest.cash;
    let base = match config.account.kind {
        schema::account::AccountKind::Cash => AccountConfig::cash(cash),
        schema::account::AccountKind::Margin => AccountConfig::margin(cash),
    };
    AccountConfig {
        lot_method: match config.account.lot_method {
            schema::account::LotMethod::Fifo => LotMethod::Fifo,
            schema::account::LotMethod::Lifo => LotMethod::Lifo,
        },
        financing: Financing {
            margin_interest: config.costs.margin_interest,
            borrow_fee: config.costs.borrow_fee,
        },
        ..base
    }
}

fn exchange(config: &Config) -> Result<ExchangeConfig, Failure> {
    use schema::backtest as setting;
    let path = match config.backtest.bar_path {
        setting::BarPath::HighFirst => PathModel::HighFirst,
        setting::BarPath::LowFirst => PathModel::LowFirst,
        setting::BarPath::NearestFirst => PathModel::NearestFirst,
        setting::BarPath::WorstCase => PathModel::WorstCase,
    };
    let latency = i64::try_from(config.backtest.latency.nanoseconds()).unwrap_or(i64::MAX);
    Ok(ExchangeConfig {
        fill_rule: match config.backtest.fill_rule {
            setting::FillRule::NextOpen => FillRule::NextOpen,
            setting::FillRule::ThisClose => FillRule::ThisClose,
            setting::FillRule::IntrabarPath => FillRule::IntrabarPath(path),
        },
        limit_fill: match config.backtest.limit_fill {
            setting::LimitFill::Touch => LimitFill::Touch,
            setting::LimitFill::Through => LimitFill::Through,
        },
        participation: config.backtest.participation,
        slippage: slippage(config)?,
        latency: if latency == 0 {
            Latency::None
        } else {
            Latency::Fixed(Delays {
                order: latency,
                report: latency,
            })
        },
        fees: match config.costs.commission {
            setting::Commission::None => FeeModel::Free,
            setting::Commission::Alpaca => FeeModel::Alpaca,
            setting::Commission::IbFixed => FeeModel::IbFixed,
            setting::Commission::IbTiered => FeeModel::IbTiered(ExchangeFees::default()),
        },
        ..ExchangeConfig::default()
    })
}

fn slippage(config: &Config) -> Result<Slippage, Failure> {
    use schema::backtest as setting;
    let costs = &config.costs;
    Ok(match costs.slippage {
        setting::Slippage::None => Slippage::None,
        setting::Slippage::Fixed => Slippage::Fixed(
            costs
                .slippage_fixed
                .per_unit(Quantity::ONE, Rounding::Ceiling)?,
        ),
        // The key counts basis points: 1 is 0.0001.
        setting::Slippage::Bps => {
            Slippage::OfPrice(costs.slippage_bps.scale(1, 10_000, Rounding::Ceiling)?)
        }
        setting::Slippage::SpreadShare => Slippage::OfSpread {
            share: costs.slippage_spread_share,
            // Bars show no spread: one tick of a stock above a dollar.
            without_quote: Price::from_small_units(10_000_000),
        },
        setting::Slippage::VolumeImpact => Slippage::SquareRoot {
            coefficient: costs.slippage_impact,
        },
    })
}
