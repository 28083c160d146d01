//! Statistics of closed trades: how often, how much, how steadily, and what they went through.

use super::moments::{positive_deviation, raw_mean};
use super::ratios::gains_over_losses;
use super::undefined::{Metric, Undefined, finite, observed};

/// What the statistics need to know about one round trip.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TradeOutcome {
    /// Profit after all costs, in account currency.
    pub profit: f64,
    /// Profit after costs as a fraction of the entry value.
    pub return_on_entry: f64,
    /// Worst open result on the way as a fraction of the entry price, zero or negative.
    pub adverse_excursion: Option<f64>,
    /// Best open result on the way as a fraction of the entry price, zero or positive.
    pub favourable_excursion: Option<f64>,
    /// Amount at risk at entry (distance to the stop times quantity), where the trade had a stop.
    pub initial_risk: Option<f64>,
}

/// Share of winners among trades (or periods) with a result other than zero.
///
/// # Errors
/// [`Undefined::TooFew`] without any such result.
pub fn hit_rate(results: &[f64]) -> Metric {
    observed(results, 0)?;
    let wins = results.iter().filter(|r| **r > 0.0).count();
    let losses = results.iter().filter(|r| **r < 0.0).count();
    if wins + losses == 0 {
        return Err(Undefined::TooFew { needed: 1, got: 0 });
    }
    finite(wins as f64 / (wins + losses) as f64)
}

/// Payoff ratio: mean gain of winners over absolute mean loss of losers.
///
/// # Errors
/// [`Undefined::NoGains`], [`Undefined::NoLosses`] when one side is empty.
pub fn payoff_ratio(results: &[f64]) -> Metric {
    observed(results, 1)?;
    let gains: Vec<f64> = results.iter().copied().filter(|r| *r > 0.0).collect();
    let losses: Vec<f64> = results.iter().copied().filter(|r| *r < 0.0).collect();
    if losses.is_empty() {
        return Err(Undefined::NoLosses);
    }
    if gains.is_empty() {
        return Err(Undefined::NoGains);
    }
    finite(raw_mean(&gains) / -raw_mean(&losses))
}

/// Profit factor: sum of gains over absolute sum of losses.
///
/// # Errors
/// [`Undefined::NoLosses`] without a loser.
pub fn profit_factor(results: &[f64]) -> Metric {
    observed(results, 1)?;
    gains_over_losses(results, 0.0)
}

/// Expectancy: mean result per trade, in the unit of the results.
///
/// # Errors
/// [`Undefined::TooFew`] without trades.
pub fn expectancy(results: &[f64]) -> Metric {
    observed(results, 1)?;
    finite(raw_mean(results))
}

/// Results as multiples of initial risk; trades without a stop have none.
fn r_multiples(trades: &[TradeOutcome]) -> Vec<f64> {
    let multiples = trades.iter().filter_map(|t| {
        let risk = t.initial_risk?;
        (risk > 0.0).then(|| t.profit / risk)
    });
    multiples.collect()
}

/// Expectancy in multiples of initial risk (Tharp 1998).
///
/// # Errors
/// [`Undefined::NotAvailable`] unless every trade has an initial risk.
pub fn expectancy_r(trades: &[TradeOutcome]) -> Metric {
    let multiples = r_multiples(trades);
    if trades.is_empty() {
        return Err(Undefined::TooFew { needed: 1, got: 0 });
    }
    if multiples.len() < trades.len() {
        return Err(Undefined::NotAvailable {
            what: "initial risk of every trade",
        });
    }
    expectancy(&multiples)
}

/// System quality number (Tharp 2008): `sqrt(min(n, 100)) * mean / deviation` of results, R
/// multiples where every trade had a stop, returns on entry otherwise; sample deviation.
///
/// # Errors
/// [`Undefined`] with fewer than two trades or results without variation.
pub fn system_quality_number(trades: &[TradeOutcome]) -> Metric {
    let mut results = r_multiples(trades);
    if results.len() < trades.len() {
        results = trades.iter().map(|t| t.return_on_entry).collect();
    }
    let deviation = positive_deviation(&results)?;
    let n = results.len().min(100) as f64;
    finite(n.sqrt() * raw_mean(&results) / deviation)
}

/// Kelly fraction of a two-outcome bet with the observed odds: `hit - (1 - hit) / payoff`
/// (Kelly 1956). Negative: do not bet.
///
/// # Errors
/// As [`hit_rate`] and [`payoff_ratio`].
pub fn kelly_fraction(results: &[f64]) -> Metric {
    let hit = hit_rate(results)?;
    finite(hit - (1.0 - hit) / payoff_ratio(results)?)
}

/// Mean excursions of trades while they were open (Sweeney 1996).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExcursionSummary {
    /// Mean adverse excursion, zero or negative fraction of the entry price.
    pub adverse: f64,
    /// Mean favourable excursion, zero or positive fraction of the entry price.
    pub favourable: f64,
    /// Mean result over mean favourable excursion: the share of the best moment that was kept.
    pub edge_kept: Metric,
}

/// Mean adverse and favourable excursion over the trades that recorded them.
///
/// # Errors
/// [`Undefined::NotAvailable`] when no trade has both excursions.
pub fn excursions(trades: &[TradeOutcome]) -> Result<ExcursionSummary, Undefined> {
    let (mut worst, mut best, mut results) = (Vec::new(), Vec::new(), Vec::new());
    for trade in trades {
        if let (Some(low), Some(high)) = (trade.adverse_excursion, trade.favourable_excursion) {
            worst.push(low);
            best.push(high);
            results.push(trade.return_on_entry);
        }
    }
    if worst.is_empty() {
        return Err(Undefined::NotAvailable { what: "excursions" });
    }
    for series in [&worst, &best, &results] {
        observed(series, 1)?;
    }
    let favourable = raw_mean(&best);
    let edge_kept = if favourable > 0.0 {
        finite(raw_mean(&results) / favourable)
    } else {
        Err(Undefined::NoGains)
    };
    Ok(ExcursionSummary {
        adverse: raw_mean(&worst),
        favourable,
        edge_kept,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trade(profit: f64, risk: Option<f64>) -> TradeOutcome {
        TradeOutcome {
            profit,
            return_on_entry: profit / 1000.0,
            adverse_excursion: Some(-0.01),
            favourable_excursion: Some(0.02),
            initial_risk: risk,
        }
    }

    #[test]
    fn worked_example() {
        let results = [200.0, -100.0, 300.0, -100.0, 0.0];
        assert_eq!(hit_rate(&results), Ok(0.5));
        assert_eq!(payoff_ratio(&results), Ok(2.5));
        assert_eq!(profit_factor(&results), Ok(2.5));
        assert_eq!(expectancy(&results), Ok(60.0));
        assert_eq!(kelly_fraction(&results), Ok(0.3));
    }

    #[test]
    fn quality_number_uses_risk_multiples_only_when_all_trades_have_them() {
        let with = [
            trade(200.0, Some(100.0)),
            trade(-100.0, Some(100.0)),
            trade(50.0, Some(50.0)),
        ];
        // R: 2, -1, 1; mean 2/3, deviation sqrt(7/3).
        let expected = 3.0_f64.sqrt() * (2.0 / 3.0) / (7.0_f64 / 3.0).sqrt();
        assert!((system_quality_number(&with).unwrap() - expected).abs() < 1e-12);
        let without = [trade(200.0, None), trade(-100.0, Some(100.0))];
        assert!(expectancy_r(&without).is_err());
        assert!(system_quality_number(&without).is_ok());
    }

    #[test]
    fn one_sided_records_have_no_payoff() {
        assert_eq!(payoff_ratio(&[1.0]), Err(Undefined::NoLosses));
        assert_eq!(payoff_ratio(&[-1.0]), Err(Undefined::NoGains));
        assert!(hit_rate(&[0.0]).is_err());
        assert!(excursions(&[]).is_err());
    }
}
