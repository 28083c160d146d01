//! The catalogue of figures that reports show: names, units, and the convention behind each.
//!
//! The order of [`MetricId::ALL`] is the order of tables, JSON and terminal.

use serde::{Serialize, Serializer};

/// Identifies one figure of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MetricId {
    /// Total return: see [`MetricId::convention`].
    TotalReturn,
    /// CAGR: see [`MetricId::convention`].
    Cagr,
    /// Best day: see [`MetricId::convention`].
    BestPeriod,
    /// Worst day: see [`MetricId::convention`].
    WorstPeriod,
    /// Winning days: see [`MetricId::convention`].
    PeriodHitRate,
    /// Volatility: see [`MetricId::convention`].
    Volatility,
    /// Downside deviation: see [`MetricId::convention`].
    DownsideDeviation,
    /// Skewness: see [`MetricId::convention`].
    Skewness,
    /// Excess kurtosis: see [`MetricId::convention`].
    ExcessKurtosis,
    /// Tail ratio: see [`MetricId::convention`].
    TailRatio,
    /// `VaR`, historical: see [`MetricId::convention`].
    VarHistorical,
    /// `VaR`, normal: see [`MetricId::convention`].
    VarNormal,
    /// `VaR`, Cornish-Fisher: see [`MetricId::convention`].
    VarCornishFisher,
    /// `CVaR`, historical: see [`MetricId::convention`].
    CvarHistorical,
    /// `CVaR`, normal: see [`MetricId::convention`].
    CvarNormal,
    /// Max drawdown: see [`MetricId::convention`].
    MaxDrawdown,
    /// Longest drawdown: see [`MetricId::convention`].
    MaxDrawdownDuration,
    /// Average drawdown: see [`MetricId::convention`].
    AverageDrawdown,
    /// Ulcer index: see [`MetricId::convention`].
    UlcerIndex,
    /// Sharpe ratio: see [`MetricId::convention`].
    Sharpe,
    /// Sortino ratio: see [`MetricId::convention`].
    Sortino,
    /// Calmar ratio: see [`MetricId::convention`].
    Calmar,
    /// Omega ratio: see [`MetricId::convention`].
    Omega,
    /// Gain to pain: see [`MetricId::convention`].
    GainToPain,
    /// Recovery factor: see [`MetricId::convention`].
    RecoveryFactor,
    /// Stability: see [`MetricId::convention`].
    Stability,
    /// Probabilistic Sharpe: see [`MetricId::convention`].
    ProbabilisticSharpe,
    /// Deflated Sharpe: see [`MetricId::convention`].
    DeflatedSharpe,
    /// Minimum track record: see [`MetricId::convention`].
    MinimumTrackRecord,
    /// Alpha: see [`MetricId::convention`].
    Alpha,
    /// Beta: see [`MetricId::convention`].
    Beta,
    /// Correlation: see [`MetricId::convention`].
    Correlation,
    /// R-squared: see [`MetricId::convention`].
    RSquared,
    /// Information ratio: see [`MetricId::convention`].
    InformationRatio,
    /// Tracking error: see [`MetricId::convention`].
    TrackingError,
    /// Treynor ratio: see [`MetricId::convention`].
    Treynor,
    /// Up capture: see [`MetricId::convention`].
    UpCapture,
    /// Down capture: see [`MetricId::convention`].
    DownCapture,
    /// Batting average: see [`MetricId::convention`].
    BattingAverage,
    /// Closed trades: see [`MetricId::convention`].
    Trades,
    /// Hit rate: see [`MetricId::convention`].
    HitRate,
    /// Payoff ratio: see [`MetricId::convention`].
    Payoff,
    /// Profit factor: see [`MetricId::convention`].
    ProfitFactor,
    /// Expectancy: see [`MetricId::convention`].
    Expectancy,
    /// Expectancy, return: see [`MetricId::convention`].
    ExpectancyReturn,
    /// SQN: see [`MetricId::convention`].
    SystemQuality,
    /// Kelly fraction: see [`MetricId::convention`].
    Kelly,
    /// Mean MAE: see [`MetricId::convention`].
    AdverseExcursion,
    /// Mean MFE: see [`MetricId::convention`].
    FavourableExcursion,
    /// Edge kept: see [`MetricId::convention`].
    EdgeKept,
    /// Time in market: see [`MetricId::convention`].
    TimeInMarket,
    /// Gross exposure: see [`MetricId::convention`].
    GrossExposure,
    /// Net exposure: see [`MetricId::convention`].
    NetExposure,
    /// Turnover per year: see [`MetricId::convention`].
    Turnover,
    /// Capacity: see [`MetricId::convention`].
    Capacity,
}

/// Section of a report that a figure belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MetricGroup {
    /// Growth of capital.
    Return,
    /// Spread and tails of returns.
    Risk,
    /// Falls from peaks.
    Drawdown,
    /// Return per unit of risk.
    Adjusted,
    /// How much the record proves.
    Significance,
    /// Against the benchmark.
    Benchmark,
    /// Closed trades.
    Trades,
    /// Use of capital.
    Activity,
}

impl MetricGroup {
    /// All groups in the order of a report.
    pub const ALL: [Self; 8] = [
        Self::Return,
        Self::Adjusted,
        Self::Risk,
        Self::Drawdown,
        Self::Benchmark,
        Self::Trades,
        Self::Activity,
        Self::Significance,
    ];

    /// Heading.
    pub fn label(self) -> &'static str {
        match self {
            Self::Return => "Return",
            Self::Risk => "Risk and tails",
            Self::Drawdown => "Drawdown",
            Self::Adjusted => "Risk-adjusted",
            Self::Significance => "Significance",
            Self::Benchmark => "Against the benchmark",
            Self::Trades => "Trades",
            Self::Activity => "Use of capital",
        }
    }
}

/// How a value reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Fraction shown as a percentage.
    Percent,
    /// Plain number.
    Ratio,
    /// Whole number of things.
    Count,
    /// Whole number of return periods.
    Periods,
    /// Amount in account currency.
    Money,
}

/// Which direction of a value is the better one, all else equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// More is better (for negative figures: closer to zero).
    Higher,
    /// Less is better.
    Lower,
    /// Neither.
    Neutral,
}

/// One row of the catalogue.
struct Definition {
    key: &'static str,
    label: &'static str,
    group: MetricGroup,
    unit: Unit,
    better: Better,
    convention: &'static str,
}

impl MetricId {
    /// Every figure, in the order of a report.
    pub const ALL: [Self; 55] = [
        Self::TotalReturn,
        Self::Cagr,
        Self::BestPeriod,
        Self::WorstPeriod,
        Self::PeriodHitRate,
        Self::Volatility,
        Self::DownsideDeviation,
        Self::Skewness,
        Self::ExcessKurtosis,
        Self::TailRatio,
        Self::VarHistorical,
        Self::VarNormal,
        Self::VarCornishFisher,
        Self::CvarHistorical,
        Self::CvarNormal,
        Self::MaxDrawdown,
        Self::MaxDrawdownDuration,
        Self::AverageDrawdown,
        Self::UlcerIndex,
        Self::Sharpe,
        Self::Sortino,
        Self::Calmar,
        Self::Omega,
        Self::GainToPain,
        Self::RecoveryFactor,
        Self::Stability,
        Self::ProbabilisticSharpe,
        Self::DeflatedSharpe,
        Self::MinimumTrackRecord,
        Self::Alpha,
        Self::Beta,
        Self::Correlation,
        Self::RSquared,
        Self::InformationRatio,
        Self::TrackingError,
        Self::Treynor,
        Self::UpCapture,
        Self::DownCapture,
        Self::BattingAverage,
        Self::Trades,
        Self::HitRate,
        Self::Payoff,
        Self::ProfitFactor,
        Self::Expectancy,
        Self::ExpectancyReturn,
        Self::SystemQuality,
        Self::Kelly,
        Self::AdverseExcursion,
        Self::FavourableExcursion,
        Self::EdgeKept,
        Self::TimeInMarket,
        Self::GrossExposure,
        Self::NetExposure,
        Self::Turnover,
        Self::Capacity,
    ];

    /// Stable name in JSON and comparisons.
    pub fn key(self) -> &'static str {
        self.definition().key
    }

    /// Name for people.
    pub fn label(self) -> &'static str {
        self.definition().label
    }

    /// Section.
    pub fn group(self) -> MetricGroup {
        self.definition().group
    }

    /// Unit.
    pub fn unit(self) -> Unit {
        self.definition().unit
    }

    /// Which direction is better.
    pub fn better(self) -> Better {
        self.definition().better
    }

    /// The formula in words, with source where it has one.
    pub fn convention(self) -> &'static str {
        self.definition().convention
    }

    #[allow(clippy::too_many_lines, reason = "one table, one row per figure")]
    const fn definition(self) -> Definition {
        use Better::{Higher, Lower, Neutral};
        use MetricGroup as G;
        use Unit::{Count, Money, Percent, Periods, Ratio};
        match self {
            Self::TotalReturn => define(
                "total_return",
                "Total return",
                G::Return,
                Percent,
                Higher,
                "Compounded over the whole period, after all costs.",
            ),
            Self::Cagr => define(
                "cagr",
                "CAGR",
                G::Return,
                Percent,
                Higher,
                "(1 + total return)^(periods per year / observations) - 1.",
            ),
            Self::BestPeriod => define(
                "best_period",
                "Best day",
                G::Return,
                Percent,
                Higher,
                "Largest return of one period.",
            ),
            Self::WorstPeriod => define(
                "worst_period",
                "Worst day",
                G::Return,
                Percent,
                Higher,
                "Smallest return of one period.",
            ),
            Self::PeriodHitRate => define(
                "period_hit_rate",
                "Winning days",
                G::Return,
                Percent,
                Higher,
                "Share of periods above zero among those not zero.",
            ),
            Self::Volatility => define(
                "volatility",
                "Volatility",
                G::Risk,
                Percent,
                Lower,
                "Sample deviation (ddof 1) of returns, times the root of periods per year.",
            ),
            Self::DownsideDeviation => define(
                "downside_deviation",
                "Downside deviation",
                G::Risk,
                Percent,
                Lower,
                "Root mean square of returns below zero over all observations, annualised (Sortino and Price 1994).",
            ),
            Self::Skewness => define(
                "skewness",
                "Skewness",
                G::Risk,
                Ratio,
                Higher,
                "Bias-corrected sample skewness G1 (Joanes and Gill 1998).",
            ),
            Self::ExcessKurtosis => define(
                "excess_kurtosis",
                "Excess kurtosis",
                G::Risk,
                Ratio,
                Lower,
                "Bias-corrected sample excess kurtosis G2 (Joanes and Gill 1998).",
            ),
            Self::TailRatio => define(
                "tail_ratio",
                "Tail ratio",
                G::Risk,
                Ratio,
                Higher,
                "95th percentile over absolute 5th percentile of returns.",
            ),
            Self::VarHistorical => define(
                "var_historical",
                "VaR, historical",
                G::Risk,
                Percent,
                Higher,
                "Percentile of returns by linear interpolation, per period; negative is a loss.",
            ),
            Self::VarNormal => define(
                "var_normal",
                "VaR, normal",
                G::Risk,
                Percent,
                Higher,
                "Mean + deviation (ddof 1) * normal quantile, per period.",
            ),
            Self::VarCornishFisher => define(
                "var_cornish_fisher",
                "VaR, Cornish-Fisher",
                G::Risk,
                Percent,
                Higher,
                "Normal quantile corrected by population skewness and excess kurtosis (Favre and Galeano 2002).",
            ),
            Self::CvarHistorical => define(
                "cvar_historical",
                "CVaR, historical",
                G::Risk,
                Percent,
                Higher,
                "Mean of returns at or below historical VaR, per period.",
            ),
            Self::CvarNormal => define(
                "cvar_normal",
                "CVaR, normal",
                G::Risk,
                Percent,
                Higher,
                "Mean - deviation * density(z) / tail, per period.",
            ),
            Self::MaxDrawdown => define(
                "max_drawdown",
                "Max drawdown",
                G::Drawdown,
                Percent,
                Higher,
                "Deepest fall from a running peak of compounded equity; initial capital counts as a peak.",
            ),
            Self::MaxDrawdownDuration => define(
                "max_drawdown_duration",
                "Longest drawdown",
                G::Drawdown,
                Periods,
                Lower,
                "Longest run of periods below a previous peak.",
            ),
            Self::AverageDrawdown => define(
                "average_drawdown",
                "Average drawdown",
                G::Drawdown,
                Percent,
                Higher,
                "Mean drawdown over all periods.",
            ),
            Self::UlcerIndex => define(
                "ulcer_index",
                "Ulcer index",
                G::Drawdown,
                Percent,
                Lower,
                "Root mean square drawdown over all periods (Martin and McCann 1989).",
            ),
            Self::Sharpe => define(
                "sharpe",
                "Sharpe ratio",
                G::Adjusted,
                Ratio,
                Higher,
                "Mean excess return over its sample deviation, times the root of periods per year (Sharpe 1994).",
            ),
            Self::Sortino => define(
                "sortino",
                "Sortino ratio",
                G::Adjusted,
                Ratio,
                Higher,
                "Annualised mean excess return over downside deviation below the risk-free rate.",
            ),
            Self::Calmar => define(
                "calmar",
                "Calmar ratio",
                G::Adjusted,
                Ratio,
                Higher,
                "CAGR over absolute maximum drawdown, whole period.",
            ),
            Self::Omega => define(
                "omega",
                "Omega ratio",
                G::Adjusted,
                Ratio,
                Higher,
                "Sum of gains over sum of losses around the risk-free rate (Keating and Shadwick 2002).",
            ),
            Self::GainToPain => define(
                "gain_to_pain",
                "Gain to pain",
                G::Adjusted,
                Ratio,
                Higher,
                "Sum of returns over absolute sum of losing returns, per period (Schwager 2012).",
            ),
            Self::RecoveryFactor => define(
                "recovery_factor",
                "Recovery factor",
                G::Adjusted,
                Ratio,
                Higher,
                "Absolute sum of returns over absolute maximum drawdown.",
            ),
            Self::Stability => define(
                "stability",
                "Stability",
                G::Adjusted,
                Ratio,
                Higher,
                "R-squared of cumulative log returns on time.",
            ),
            Self::ProbabilisticSharpe => define(
                "probabilistic_sharpe",
                "Probabilistic Sharpe",
                G::Significance,
                Percent,
                Higher,
                "Probability that the true Sharpe ratio is above zero (Bailey and Lopez de Prado 2012).",
            ),
            Self::DeflatedSharpe => define(
                "deflated_sharpe",
                "Deflated Sharpe",
                G::Significance,
                Percent,
                Higher,
                "Probability that the true Sharpe ratio is above what the best of all trials reaches by luck (Bailey and Lopez de Prado 2014).",
            ),
            Self::MinimumTrackRecord => define(
                "minimum_track_record",
                "Minimum track record",
                G::Significance,
                Periods,
                Lower,
                "Periods needed for the observed Sharpe ratio to be above zero with 95 % confidence (Bailey and Lopez de Prado 2012).",
            ),
            Self::Alpha => define(
                "alpha",
                "Alpha",
                G::Benchmark,
                Percent,
                Higher,
                "Intercept of excess returns on the benchmark's, compounded to a year (Jensen 1968).",
            ),
            Self::Beta => define(
                "beta",
                "Beta",
                G::Benchmark,
                Ratio,
                Neutral,
                "Covariance with the benchmark over its variance.",
            ),
            Self::Correlation => define(
                "correlation",
                "Correlation",
                G::Benchmark,
                Ratio,
                Neutral,
                "Pearson correlation of returns with the benchmark's.",
            ),
            Self::RSquared => define(
                "r_squared",
                "R-squared",
                G::Benchmark,
                Ratio,
                Neutral,
                "Share of variance that the benchmark explains.",
            ),
            Self::InformationRatio => define(
                "information_ratio",
                "Information ratio",
                G::Benchmark,
                Ratio,
                Higher,
                "Annualised mean active return over tracking error (Grinold and Kahn 1999).",
            ),
            Self::TrackingError => define(
                "tracking_error",
                "Tracking error",
                G::Benchmark,
                Percent,
                Neutral,
                "Sample deviation of active returns, annualised.",
            ),
            Self::Treynor => define(
                "treynor",
                "Treynor ratio",
                G::Benchmark,
                Ratio,
                Higher,
                "Annualised mean excess return over beta.",
            ),
            Self::UpCapture => define(
                "up_capture",
                "Up capture",
                G::Benchmark,
                Ratio,
                Higher,
                "CAGR over the benchmark's in periods in which it rose.",
            ),
            Self::DownCapture => define(
                "down_capture",
                "Down capture",
                G::Benchmark,
                Ratio,
                Lower,
                "CAGR over the benchmark's in periods in which it fell.",
            ),
            Self::BattingAverage => define(
                "batting_average",
                "Batting average",
                G::Benchmark,
                Percent,
                Higher,
                "Share of periods with a return above the benchmark's.",
            ),
            Self::Trades => define(
                "trades",
                "Closed trades",
                G::Trades,
                Count,
                Neutral,
                "Round trips from first entry to flat.",
            ),
            Self::HitRate => define(
                "hit_rate",
                "Hit rate",
                G::Trades,
                Percent,
                Higher,
                "Winners among trades with a result other than zero, after costs.",
            ),
            Self::Payoff => define(
                "payoff",
                "Payoff ratio",
                G::Trades,
                Ratio,
                Higher,
                "Mean gain of winners over absolute mean loss of losers.",
            ),
            Self::ProfitFactor => define(
                "profit_factor",
                "Profit factor",
                G::Trades,
                Ratio,
                Higher,
                "Sum of gains over absolute sum of losses.",
            ),
            Self::Expectancy => define(
                "expectancy",
                "Expectancy",
                G::Trades,
                Money,
                Higher,
                "Mean profit per closed trade after costs.",
            ),
            Self::ExpectancyReturn => define(
                "expectancy_return",
                "Expectancy, return",
                G::Trades,
                Percent,
                Higher,
                "Mean return on entry value per closed trade after costs.",
            ),
            Self::SystemQuality => define(
                "system_quality",
                "SQN",
                G::Trades,
                Ratio,
                Higher,
                "sqrt(min(n, 100)) * mean / deviation of R multiples, or of returns on entry where trades had no stop (Tharp 2008).",
            ),
            Self::Kelly => define(
                "kelly",
                "Kelly fraction",
                G::Trades,
                Percent,
                Higher,
                "Hit rate - (1 - hit rate) / payoff (Kelly 1956); negative means do not bet.",
            ),
            Self::AdverseExcursion => define(
                "adverse_excursion",
                "Mean MAE",
                G::Trades,
                Percent,
                Higher,
                "Mean worst open result of a trade, fraction of entry price (Sweeney 1996).",
            ),
            Self::FavourableExcursion => define(
                "favourable_excursion",
                "Mean MFE",
                G::Trades,
                Percent,
                Higher,
                "Mean best open result of a trade, fraction of entry price.",
            ),
            Self::EdgeKept => define(
                "edge_kept",
                "Edge kept",
                G::Trades,
                Percent,
                Higher,
                "Mean return on entry over mean favourable excursion.",
            ),
            Self::TimeInMarket => define(
                "time_in_market",
                "Time in market",
                G::Activity,
                Percent,
                Neutral,
                "Share of observations with an open position.",
            ),
            Self::GrossExposure => define(
                "gross_exposure",
                "Gross exposure",
                G::Activity,
                Percent,
                Neutral,
                "Mean of (long + short) / equity.",
            ),
            Self::NetExposure => define(
                "net_exposure",
                "Net exposure",
                G::Activity,
                Percent,
                Neutral,
                "Mean of (long - short) / equity.",
            ),
            Self::Turnover => define(
                "turnover",
                "Turnover per year",
                G::Activity,
                Ratio,
                Lower,
                "Half of all traded value over mean equity, per year: 1 replaces the portfolio once.",
            ),
            Self::Capacity => define(
                "capacity",
                "Capacity",
                G::Activity,
                Money,
                Higher,
                "Capital at which 95 % of traded value stays below the participation limit, trades scaled in proportion.",
            ),
        }
    }
}

const fn define(
    key: &'static str,
    label: &'static str,
    group: MetricGroup,
    unit: Unit,
    better: Better,
    convention: &'static str,
) -> Definition {
    Definition {
        key,
        label,
        group,
        unit,
        better,
        convention,
    }
}

impl Serialize for MetricId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.key())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn keys_are_unique_and_every_group_is_used() {
        let keys: BTreeSet<_> = MetricId::ALL.iter().map(|id| id.key()).collect();
        assert_eq!(keys.len(), MetricId::ALL.len());
        for group in MetricGroup::ALL {
            assert!(
                MetricId::ALL.iter().any(|id| id.group() == group),
                "{group:?}"
            );
        }
    }
}
