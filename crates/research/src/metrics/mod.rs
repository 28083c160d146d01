//! Performance and risk statistics of a return series, a benchmark pair or a list of trades.
//!
//! Called by the run summary, the tear sheet and the comparison of runs. Everything here is a pure
//! function of slices of `f64`: statistics are estimates, money stays in the domain's exact types.
//!
//! # Conventions
//!
//! One convention per figure, stated where the figure is defined and, for readers of reports, in
//! [`MetricId::convention`]. What holds everywhere:
//!
//! - **Returns** are simple (`p1 / p0 - 1`), one per period, gaps not filled.
//! - **Annualisation**: [`Conventions::periods_per_year`], 252 for daily data; mean times 252,
//!   deviation times its square root, growth by power.
//! - **Variance** is the sample variance (`ddof = 1`) unless a name says `population`.
//! - **Risk-free rate** is annual, turned into a per-period rate by [`RiskFree`].
//! - **Sign**: drawdown, `VaR` and `CVaR` are returns, hence negative when they hurt.
//! - **Undefined** is never zero: each function returns a [`Metric`], whose error says why there
//!   is no number. A series with a NaN or an infinity has no statistics at all.
//!
//! The figures are checked against empyrical, quantstats, skfolio, scipy and plain numpy
//! (`tests/golden/risk_metrics.csv`, list of rows in `tests/it/metrics_golden.rs`).
//!
//! ```
//! use trader_research::metrics::{Conventions, Undefined, sharpe};
//!
//! let daily = [0.012, -0.004, 0.007, -0.011, 0.009];
//! let ratio = sharpe(&daily, &Conventions::daily())?;
//! assert!((ratio - 4.250).abs() < 1e-3);
//! assert_eq!(sharpe(&[0.01, 0.01], &Conventions::daily()), Err(Undefined::ZeroVariance));
//! # Ok::<(), Undefined>(())
//! ```

mod activity;
mod benchmark;
mod calendar;
mod catalogue;
mod conventions;
mod drawdown;
mod growth;
mod lanes;
mod moments;
mod normal;
mod ratios;
mod risk_contribution;
mod rolling;
mod significance;
mod statistics;
mod tail_risk;
mod trades;
mod undefined;
mod var_backtest;

pub use activity::{
    TimeInMarket, Turnover, annual_turnover, capacity_at_participation, gross_exposure_mean,
    net_exposure_mean, time_in_market,
};
pub use benchmark::{
    alpha_annual, alpha_per_period, batting_average, beta, capture, correlation, down_capture,
    information_ratio, r_squared, tracking_error, treynor, up_capture,
};
pub use calendar::{
    CalendarTable, DatedValue, MonthReturn, YearReturns, align_by_date, calendar_returns,
    daily_closes,
};
pub use catalogue::{Better, MetricGroup, MetricId, Unit};
pub use conventions::{Conventions, RiskFree};
pub use drawdown::{
    Compounding, DrawdownEpisode, average_drawdown, conditional_drawdown_at_risk, drawdown_curve,
    drawdown_episodes, longest_drawdown, max_drawdown, ulcer_index,
};
pub use growth::{annual_volatility, cagr, simple_returns, stability, total_return, wealth_curve};
pub(crate) use moments::floor_index;
pub use moments::{
    excess_kurtosis, excess_kurtosis_population, gini_mean_difference, mean,
    mean_absolute_deviation, quantile, semi_deviation, skewness, skewness_population,
    standard_deviation, variance,
};
pub use normal::{normal_cdf, normal_pdf, normal_quantile};
pub use ratios::{
    calmar, common_sense_ratio, downside_deviation, gain_to_pain, omega, recovery_factor, sharpe,
    sortino, tail_ratio,
};
pub use risk_contribution::{RiskContribution, var_contributions};
pub use rolling::{rolling_beta, rolling_sharpe, rolling_volatility};
pub use significance::{
    Trials, deflated_sharpe, expected_maximum_sharpe, minimum_track_record, probabilistic_sharpe,
    sharpe_per_period, sharpe_standard_error,
};
pub use statistics::{MetricValue, Observations, Statistics};
pub use tail_risk::{
    Confidence, cvar_expected_shortfall, cvar_historical, cvar_normal, entropic_var,
    var_cornish_fisher, var_ewma, var_historical, var_normal, var_normal_zero_mean,
    var_order_statistic,
};
pub use trades::{
    ExcursionSummary, TradeOutcome, excursions, expectancy, expectancy_r, hit_rate, kelly_fraction,
    payoff_ratio, profit_factor, system_quality_number,
};
pub use undefined::{Metric, Undefined};
pub use var_backtest::{Exceptions, LikelihoodRatio, christoffersen, exceptions, kupiec};
