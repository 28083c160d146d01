//! All figures of a report from one set of observations.

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::activity::{
    Turnover, annual_turnover, capacity_at_participation, gross_exposure_mean, net_exposure_mean,
    time_in_market,
};
use super::benchmark;
use super::catalogue::MetricId;
use super::conventions::Conventions;
use super::drawdown::{Compounding, average_drawdown, longest_drawdown, max_drawdown, ulcer_index};
use super::growth::{annual_volatility, cagr, stability, total_return};
use super::moments::{excess_kurtosis, quantile_sorted, skewness, sorted};
use super::ratios::{
    calmar, downside_deviation, gain_to_pain, omega, recovery_factor, sharpe, sortino,
    tail_ratio_sorted,
};
use super::significance::{Trials, deflated_sharpe, minimum_track_record, probabilistic_sharpe};
use super::tail_risk::{
    Confidence, cvar_historical_sorted, cvar_normal, var_cornish_fisher, var_normal,
};
use super::trades::{
    TradeOutcome, excursions, expectancy, hit_rate, kelly_fraction, payoff_ratio, profit_factor,
    system_quality_number,
};
use super::undefined::{Metric, Undefined, observed};

/// What is known about a run. Parts that were not recorded stay `None` and make the figures that
/// need them [`Undefined::NotAvailable`].
#[derive(Debug, Clone, Copy, Default)]
pub struct Observations<'a> {
    /// Simple returns per period.
    pub returns: &'a [f64],
    /// Own and benchmark returns over the same periods.
    pub benchmark: Option<(&'a [f64], &'a [f64])>,
    /// Closed trades.
    pub trades: &'a [TradeOutcome],
    /// Long value, short value (both magnitudes) and equity per observation.
    pub exposure: Option<(&'a [f64], &'a [f64], &'a [f64])>,
    /// Traded value.
    pub turnover: Option<Turnover>,
    /// Share of volume and value of each fill, and the participation limit for capacity.
    pub participation: Option<(&'a [f64], &'a [f64], f64)>,
    /// The search that chose these parameters; `None` when nothing was searched or it is unknown.
    pub trials: Option<Trials>,
}

/// One figure with its value or the reason why it has none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MetricValue {
    /// Which figure.
    pub id: MetricId,
    /// Its value.
    pub value: Metric,
}

impl Serialize for MetricValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("MetricValue", 3)?;
        out.serialize_field("metric", &self.id)?;
        out.serialize_field("value", &self.value.ok())?;
        match self.value {
            Ok(_) => out.skip_field("undefined")?,
            Err(reason) => out.serialize_field("undefined", &reason)?,
        }
        out.end()
    }
}

/// Every figure of the catalogue for one strategy, in catalogue order.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Statistics {
    conventions: Conventions,
    values: Vec<MetricValue>,
}

impl Statistics {
    /// Computes every figure. Never fails as a whole: a figure that cannot be had carries its reason.
    pub fn compute(observations: &Observations<'_>, conventions: &Conventions) -> Self {
        let sample = Sample::new(observations, conventions);
        let values = MetricId::ALL.iter().map(|id| MetricValue {
            id: *id,
            value: sample.figure(*id),
        });
        Self {
            conventions: *conventions,
            values: values.collect(),
        }
    }

    /// One figure.
    ///
    /// # Errors
    /// The reason why it has no value.
    pub fn get(&self, id: MetricId) -> Metric {
        let found = self.values.iter().find(|entry| entry.id == id);
        found.map_or(Err(Undefined::NotAvailable { what: "figure" }), |entry| {
            entry.value
        })
    }

    /// All figures, in catalogue order.
    pub fn values(&self) -> &[MetricValue] {
        &self.values
    }

    /// The conventions they were computed under.
    pub fn conventions(&self) -> &Conventions {
        &self.conventions
    }
}

/// Observations with what several figures share.
struct Sample<'a> {
    given: &'a Observations<'a>,
    conventions: &'a Conventions,
    sorted: Result<Vec<f64>, Undefined>,
    profits: Vec<f64>,
    trade_returns: Vec<f64>,
}

impl<'a> Sample<'a> {
    fn new(given: &'a Observations<'a>, conventions: &'a Conventions) -> Self {
        Self {
            given,
            conventions,
            sorted: observed(given.returns, 1).map(|()| sorted(given.returns)),
            profits: given.trades.iter().map(|t| t.profit).collect(),
            trade_returns: given.trades.iter().map(|t| t.return_on_entry).collect(),
        }
    }

    fn ascending(&self) -> Result<&[f64], Undefined> {
        self.sorted.as_deref().map_err(|reason| *reason)
    }

    fn confidence(&self) -> Result<Confidence, Undefined> {
        Confidence::new(self.conventions.confidence)
    }

    fn figure(&self, id: MetricId) -> Metric {
        use super::catalogue::MetricGroup as G;
        match id.group() {
            G::Return | G::Drawdown => self.growth(id),
            G::Risk => self.risk(id),
            G::Adjusted | G::Significance => self.adjusted(id),
            G::Benchmark => self.against_benchmark(id),
            G::Trades => self.trades(id),
            G::Activity => self.activity(id),
        }
    }

    fn growth(&self, id: MetricId) -> Metric {
        let returns = self.given.returns;
        match id {
            MetricId::TotalReturn => total_return(returns),
            MetricId::Cagr => cagr(returns, self.conventions),
            MetricId::BestPeriod => quantile_sorted(self.ascending()?, 1.0),
            MetricId::WorstPeriod => quantile_sorted(self.ascending()?, 0.0),
            MetricId::PeriodHitRate => hit_rate(returns),
            MetricId::MaxDrawdown => max_drawdown(returns, Compounding::Compounded),
            MetricId::MaxDrawdownDuration => longest_drawdown(returns).map(|n| n as f64),
            MetricId::AverageDrawdown => average_drawdown(returns),
            MetricId::UlcerIndex => ulcer_index(returns),
            _ => Err(NOT_HERE),
        }
    }

    fn risk(&self, id: MetricId) -> Metric {
        let returns = self.given.returns;
        match id {
            MetricId::Volatility => annual_volatility(returns, self.conventions),
            MetricId::DownsideDeviation => downside_deviation(returns, 0.0, self.conventions),
            MetricId::Skewness => skewness(returns),
            MetricId::ExcessKurtosis => excess_kurtosis(returns),
            MetricId::TailRatio => {
                observed(returns, 2)?;
                tail_ratio_sorted(self.ascending()?)
            }
            MetricId::VarHistorical => {
                quantile_sorted(self.ascending()?, self.confidence()?.tail())
            }
            MetricId::VarNormal => var_normal(returns, self.confidence()?),
            MetricId::VarCornishFisher => var_cornish_fisher(returns, self.confidence()?),
            MetricId::CvarHistorical => {
                cvar_historical_sorted(self.ascending()?, self.confidence()?)
            }
            MetricId::CvarNormal => cvar_normal(returns, self.confidence()?),
            _ => Err(NOT_HERE),
        }
    }

    fn adjusted(&self, id: MetricId) -> Metric {
        let (returns, conventions) = (self.given.returns, self.conventions);
        match id {
            MetricId::Sharpe => sharpe(returns, conventions),
            MetricId::Sortino => sortino(returns, conventions),
            MetricId::Calmar => calmar(returns, conventions),
            MetricId::Omega => omega(returns, conventions),
            MetricId::GainToPain => gain_to_pain(returns),
            MetricId::RecoveryFactor => recovery_factor(returns),
            MetricId::Stability => stability(returns),
            MetricId::ProbabilisticSharpe => probabilistic_sharpe(returns, 0.0, conventions),
            MetricId::DeflatedSharpe => {
                let missing = Undefined::NotAvailable {
                    what: "number of trials",
                };
                deflated_sharpe(returns, self.given.trials.ok_or(missing)?, conventions)
            }
            MetricId::MinimumTrackRecord => minimum_track_record(returns, 0.0, 0.95, conventions),
            _ => Err(NOT_HERE),
        }
    }

    fn against_benchmark(&self, id: MetricId) -> Metric {
        let missing = Undefined::NotAvailable { what: "benchmark" };
        let (own, reference) = self.given.benchmark.ok_or(missing)?;
        let conventions = self.conventions;
        match id {
            MetricId::Alpha => benchmark::alpha_annual(own, reference, conventions),
            MetricId::Beta => benchmark::beta(own, reference),
            MetricId::Correlation => benchmark::correlation(own, reference),
            MetricId::RSquared => benchmark::r_squared(own, reference),
            MetricId::InformationRatio => benchmark::information_ratio(own, reference, conventions),
            MetricId::TrackingError => benchmark::tracking_error(own, reference, conventions),
            MetricId::Treynor => benchmark::treynor(own, reference, conventions),
            MetricId::UpCapture => benchmark::up_capture(own, reference, conventions),
            MetricId::DownCapture => benchmark::down_capture(own, reference, conventions),
            MetricId::BattingAverage => benchmark::batting_average(own, reference),
            _ => Err(NOT_HERE),
        }
    }

    fn trades(&self, id: MetricId) -> Metric {
        match id {
            MetricId::Trades => Ok(self.given.trades.len() as f64),
            MetricId::HitRate => hit_rate(&self.profits),
            MetricId::Payoff => payoff_ratio(&self.profits),
            MetricId::ProfitFactor => profit_factor(&self.profits),
            MetricId::Expectancy => expectancy(&self.profits),
            MetricId::ExpectancyReturn => expectancy(&self.trade_returns),
            MetricId::SystemQuality => system_quality_number(self.given.trades),
            MetricId::Kelly => kelly_fraction(&self.profits),
            MetricId::AdverseExcursion => excursions(self.given.trades).map(|e| e.adverse),
            MetricId::FavourableExcursion => excursions(self.given.trades).map(|e| e.favourable),
            MetricId::EdgeKept => excursions(self.given.trades)?.edge_kept,
            _ => Err(NOT_HERE),
        }
    }

    fn activity(&self, id: MetricId) -> Metric {
        let exposure = self
            .given
            .exposure
            .ok_or(Undefined::NotAvailable { what: "exposure" });
        match id {
            MetricId::TimeInMarket => {
                let (long, short, _) = exposure?;
                let gross: Vec<f64> = long.iter().zip(short).map(|(l, s)| l + s).collect();
                time_in_market(&gross).map(|t| t.share)
            }
            MetricId::GrossExposure => {
                exposure.and_then(|(long, short, equity)| gross_exposure_mean(long, short, equity))
            }
            MetricId::NetExposure => {
                exposure.and_then(|(long, short, equity)| net_exposure_mean(long, short, equity))
            }
            MetricId::Turnover => {
                let missing = Undefined::NotAvailable {
                    what: "traded value",
                };
                annual_turnover(self.given.turnover.ok_or(missing)?, self.conventions)
            }
            MetricId::Capacity => {
                let missing = Undefined::NotAvailable {
                    what: "volume behind the fills",
                };
                let (shares, values, limit) = self.given.participation.ok_or(missing)?;
                let equity = self.given.turnover.ok_or(missing)?.mean_equity;
                capacity_at_participation(shares, values, equity, limit)
            }
            _ => Err(NOT_HERE),
        }
    }
}

/// A figure filed under a group that does not compute it; a test visits every figure.
const NOT_HERE: Undefined = Undefined::NotAvailable { what: "formula" };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_of_the_catalogue_has_a_formula() {
        let returns: Vec<f64> = (0..60_u32)
            .map(|i| 0.001 + 0.01 * (f64::from(i) * 1.7).sin())
            .collect();
        let observations = Observations {
            returns: &returns,
            ..Observations::default()
        };
        let full = Statistics::compute(&observations, &Conventions::daily());
        for entry in full.values() {
            assert_ne!(entry.value, Err(NOT_HERE), "{}", entry.id.key());
        }
        let paired = Observations {
            benchmark: Some((&returns, &returns)),
            ..observations
        };
        let paired = Statistics::compute(&paired, &Conventions::daily());
        for entry in paired.values() {
            assert_ne!(entry.value, Err(NOT_HERE), "{}", entry.id.key());
        }
        assert!(full.get(MetricId::Sharpe).is_ok() && full.get(MetricId::Alpha).is_err());
        assert_eq!(paired.get(MetricId::Beta), Ok(1.0));
    }

    #[test]
    fn json_names_the_reason_in_place_of_a_number() {
        let value = MetricValue {
            id: MetricId::Sharpe,
            value: Err(Undefined::ZeroVariance),
        };
        assert_eq!(
            serde_json::to_string(&value).unwrap(),
            r#"{"metric":"sharpe","value":null,"undefined":"no variation in the observations"}"#
        );
    }
}
