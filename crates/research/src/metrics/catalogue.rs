//! The catalogue of figures that reports show: names, units, and the convention behind each.
//!
//! The order of [`MetricId::ALL`] is the order of tables, JSON and terminal.

use serde::{Serialize, Serializer};

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
        Self::Drawdown,
        Self::Significance,
        Self::Risk,
        Self::Benchmark,
        Self::Trades,
        Self::Activity,
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

/// Makes [`MetricId`] and the definitions behind it from one table, so that they cannot disagree.
macro_rules! catalogue {
    ($($id:ident: $key:literal, $label:literal, $group:ident, $unit:ident, $better:ident,
        $convention:literal;)+) => {
        /// Identifies one figure of a report; [`MetricId::convention`] says what it means.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum MetricId {
            $(#[doc = concat!("`", $label, "`: ", $convention)] $id,)+
        }

        impl MetricId {
            /// Every figure, in the order of a report.
            pub const ALL: &'static [Self] = &[$(Self::$id),+];

            const fn definition(self) -> Definition {
                match self {
                    $(Self::$id => Definition {
                        key: $key,
                        label: $label,
                        group: MetricGroup::$group,
                        unit: Unit::$unit,
                        better: Better::$better,
                        convention: $convention,
                    },)+
                }
            }
        }
    };
}

catalogue! {
    TotalReturn: "total_return", "Total return", Return, Percent, Higher,
        "Compounded over the whole period, after all costs.";
    Cagr: "cagr", "CAGR", Return, Percent, Higher,
        "(1 + total return)^(periods per year / observations) - 1.";
    BestPeriod: "best_period", "Best day", Return, Percent, Higher,
        "Largest return of one period.";
    WorstPeriod: "worst_period", "Worst day", Return, Percent, Higher,
        "Smallest return of one period.";
    PeriodHitRate: "period_hit_rate", "Winning days", Return, Percent, Higher,
        "Share of periods above zero among those not zero.";
    Volatility: "volatility", "Volatility", Risk, Percent, Lower,
        "Sample deviation (ddof 1) of returns, times the root of periods per year.";
    DownsideDeviation: "downside_deviation", "Downside deviation", Risk, Percent, Lower,
        "Root mean square of returns below zero over all observations, annualised (Sortino and Price 1994).";
    Skewness: "skewness", "Skewness", Risk, Ratio, Higher,
        "Bias-corrected sample skewness G1 (Joanes and Gill 1998).";
    ExcessKurtosis: "excess_kurtosis", "Excess kurtosis", Risk, Ratio, Lower,
        "Bias-corrected sample excess kurtosis G2 (Joanes and Gill 1998).";
    TailRatio: "tail_ratio", "Tail ratio", Risk, Ratio, Higher,
        "95th percentile over absolute 5th percentile of returns.";
    VarHistorical: "var_historical", "VaR, historical", Risk, Percent, Higher,
        "Percentile of returns by linear interpolation, per period; negative is a loss.";
    VarNormal: "var_normal", "VaR, normal", Risk, Percent, Higher,
        "Mean + deviation (ddof 1) * normal quantile, per period.";
    VarCornishFisher: "var_cornish_fisher", "VaR, Cornish-Fisher", Risk, Percent, Higher,
        "Normal quantile corrected by population skewness and excess kurtosis (Favre and Galeano 2002).";
    CvarHistorical: "cvar_historical", "CVaR, historical", Risk, Percent, Higher,
        "Mean of returns at or below historical VaR, per period.";
    CvarNormal: "cvar_normal", "CVaR, normal", Risk, Percent, Higher,
        "Mean - deviation * density(z) / tail, per period.";
    MaxDrawdown: "max_drawdown", "Max drawdown", Drawdown, Percent, Higher,
        "Deepest fall from a running peak of compounded equity; initial capital counts as a peak.";
    MaxDrawdownDuration: "max_drawdown_duration", "Longest drawdown", Drawdown, Periods, Lower,
        "Longest run of periods below a previous peak.";
    AverageDrawdown: "average_drawdown", "Average drawdown", Drawdown, Percent, Higher,
        "Mean drawdown over all periods.";
    UlcerIndex: "ulcer_index", "Ulcer index", Drawdown, Percent, Lower,
        "Root mean square drawdown over all periods (Martin and McCann 1989).";
    Sharpe: "sharpe", "Sharpe ratio", Adjusted, Ratio, Higher,
        "Mean excess return over its sample deviation, times the root of periods per year (Sharpe 1994).";
    Sortino: "sortino", "Sortino ratio", Adjusted, Ratio, Higher,
        "Annualised mean excess return over downside deviation below the risk-free rate.";
    Calmar: "calmar", "Calmar ratio", Adjusted, Ratio, Higher,
        "CAGR over absolute maximum drawdown, whole period.";
    Omega: "omega", "Omega ratio", Adjusted, Ratio, Higher,
        "Sum of gains over sum of losses around the risk-free rate (Keating and Shadwick 2002).";
    GainToPain: "gain_to_pain", "Gain to pain", Adjusted, Ratio, Higher,
        "Sum of returns over absolute sum of losing returns, per period (Schwager 2012).";
    RecoveryFactor: "recovery_factor", "Recovery factor", Adjusted, Ratio, Higher,
        "Absolute sum of returns over absolute maximum drawdown.";
    Stability: "stability", "Stability", Adjusted, Ratio, Higher,
        "R-squared of cumulative log returns on time.";
    ProbabilisticSharpe: "probabilistic_sharpe", "Probabilistic Sharpe", Significance, Percent, Higher,
        "Probability that the true Sharpe ratio is above zero (Bailey and Lopez de Prado 2012).";
    DeflatedSharpe: "deflated_sharpe", "Deflated Sharpe", Significance, Percent, Higher,
        "Probability that the true Sharpe ratio is above what the best of all trials reaches by luck (Bailey and Lopez de Prado 2014).";
    MinimumTrackRecord: "minimum_track_record", "Minimum track record", Significance, Periods, Lower,
        "Periods needed for the observed Sharpe ratio to be above zero with 95 % confidence (Bailey and Lopez de Prado 2012).";
    Alpha: "alpha", "Alpha", Benchmark, Percent, Higher,
        "Intercept of excess returns on the benchmark's, compounded to a year (Jensen 1968).";
    Beta: "beta", "Beta", Benchmark, Ratio, Neutral,
        "Covariance with the benchmark over its variance.";
    Correlation: "correlation", "Correlation", Benchmark, Ratio, Neutral,
        "Pearson correlation of returns with the benchmark's.";
    RSquared: "r_squared", "R-squared", Benchmark, Ratio, Neutral,
        "Share of variance that the benchmark explains.";
    InformationRatio: "information_ratio", "Information ratio", Benchmark, Ratio, Higher,
        "Annualised mean active return over tracking error (Grinold and Kahn 1999).";
    TrackingError: "tracking_error", "Tracking error", Benchmark, Percent, Neutral,
        "Sample deviation of active returns, annualised.";
    Treynor: "treynor", "Treynor ratio", Benchmark, Ratio, Higher,
        "Annualised mean excess return over beta.";
    UpCapture: "up_capture", "Up capture", Benchmark, Ratio, Higher,
        "CAGR over the benchmark's in periods in which it rose.";
    DownCapture: "down_capture", "Down capture", Benchmark, Ratio, Lower,
        "CAGR over the benchmark's in periods in which it fell.";
    BattingAverage: "batting_average", "Batting average", Benchmark, Percent, Higher,
        "Share of periods with a return above the benchmark's.";
    Trades: "trades", "Closed trades", Trades, Count, Neutral,
        "Round trips from first entry to flat.";
    HitRate: "hit_rate", "Hit rate", Trades, Percent, Higher,
        "Winners among trades with a result other than zero, after costs.";
    Payoff: "payoff", "Payoff ratio", Trades, Ratio, Higher,
        "Mean gain of winners over absolute mean loss of losers.";
    ProfitFactor: "profit_factor", "Profit factor", Trades, Ratio, Higher,
        "Sum of gains over absolute sum of losses.";
    Expectancy: "expectancy", "Expectancy", Trades, Money, Higher,
        "Mean profit per closed trade after costs.";
    ExpectancyReturn: "expectancy_return", "Expectancy, return", Trades, Percent, Higher,
        "Mean return on entry value per closed trade after costs.";
    SystemQuality: "system_quality", "SQN", Trades, Ratio, Higher,
        "sqrt(min(n, 100)) * mean / deviation of R multiples, or of returns on entry where trades had no stop (Tharp 2008).";
    Kelly: "kelly", "Kelly fraction", Trades, Percent, Higher,
        "Hit rate - (1 - hit rate) / payoff (Kelly 1956); negative means do not bet.";
    AdverseExcursion: "adverse_excursion", "Mean MAE", Trades, Percent, Higher,
        "Mean worst open result of a trade, fraction of entry price (Sweeney 1996).";
    FavourableExcursion: "favourable_excursion", "Mean MFE", Trades, Percent, Higher,
        "Mean best open result of a trade, fraction of entry price.";
    EdgeKept: "edge_kept", "Edge kept", Trades, Percent, Higher,
        "Mean return on entry over mean favourable excursion.";
    TimeInMarket: "time_in_market", "Time in market", Activity, Percent, Neutral,
        "Share of observations with an open position.";
    GrossExposure: "gross_exposure", "Gross exposure", Activity, Percent, Neutral,
        "Mean of (long + short) / equity.";
    NetExposure: "net_exposure", "Net exposure", Activity, Percent, Neutral,
        "Mean of (long - short) / equity.";
    Turnover: "turnover", "Turnover per year", Activity, Ratio, Lower,
        "Half of all traded value over mean equity, per year: 1 replaces the portfolio once.";
    Capacity: "capacity", "Capacity", Activity, Money, Higher,
        "Capital at which 95 % of traded value stays below the participation limit, trades scaled in proportion.";
}

impl MetricId {
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
