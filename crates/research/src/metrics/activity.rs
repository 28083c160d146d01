//! How a strategy uses its capital: time in the market, exposure, turnover, capacity.

use super::conventions::Conventions;
use super::moments::{count, raw_mean};
use super::undefined::{Metric, Undefined, finite, observed, observed_pair};

/// Share of observations with an open position.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimeInMarket {
    /// Fraction of observations with gross exposure above zero.
    pub share: f64,
    /// Number of those observations.
    pub observations: usize,
}

/// Time in the market from gross exposure per observation.
///
/// # Errors
/// [`Undefined`] when empty or not finite.
pub fn time_in_market(gross: &[f64]) -> Result<TimeInMarket, Undefined> {
    observed(gross, 1)?;
    let observations = gross.iter().filter(|g| **g > 0.0).count();
    Ok(TimeInMarket {
        share: observations as f64 / count(gross),
        observations,
    })
}

/// Mean gross exposure: `(long + short) / equity`, both position values as magnitudes. Observations
/// with equity at or below zero make it undefined.
///
/// # Errors
/// [`Undefined`] when empty, of different lengths, or without positive equity throughout.
pub fn gross_exposure_mean(long: &[f64], short: &[f64], equity: &[f64]) -> Metric {
    exposure_mean(long, short, equity, |l, s| l + s)
}

/// Mean net exposure: `(long - short) / equity`.
///
/// # Errors
/// As [`gross_exposure_mean`].
pub fn net_exposure_mean(long: &[f64], short: &[f64], equity: &[f64]) -> Metric {
    exposure_mean(long, short, equity, |l, s| l - s)
}

fn exposure_mean(
    long: &[f64],
    short: &[f64],
    equity: &[f64],
    combine: impl Fn(f64, f64) -> f64,
) -> Metric {
    observed_pair(long, short, 1)?;
    observed_pair(long, equity, 1)?;
    if let Some(index) = equity.iter().position(|e| *e <= 0.0) {
        return Err(Undefined::Ruined { index });
    }
    let shares: Vec<f64> = long
        .iter()
        .zip(short)
        .zip(equity)
        .map(|((l, s), e)| combine(*l, *s) / e)
        .collect();
    finite(raw_mean(&shares))
}

/// What turnover needs: traded amounts and the capital they turned over.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Turnover {
    /// Sum of the values of all purchases.
    pub bought: f64,
    /// Sum of the values of all sales, as a magnitude.
    pub sold: f64,
    /// Mean equity over the period.
    pub mean_equity: f64,
    /// Number of return observations in the period.
    pub observations: usize,
}

/// Annual turnover: half of all traded value over mean equity, per year. 1.0 means that the whole
/// portfolio was replaced once a year (two-sided trading halved, as pyfolio; the lesser of purchases
/// and sales, which funds report to the SEC, hides the building of a position).
///
/// # Errors
/// [`Undefined`] for no observations or non-positive equity.
pub fn annual_turnover(turnover: Turnover, conventions: &Conventions) -> Metric {
    if turnover.observations == 0 {
        return Err(Undefined::TooFew { needed: 1, got: 0 });
    }
    if turnover.mean_equity <= 0.0 {
        return Err(Undefined::Ruined { index: 0 });
    }
    let years = turnover.observations as f64 / conventions.periods()?;
    finite((turnover.bought + turnover.sold) / 2.0 / turnover.mean_equity / years)
}

/// Capacity: the capital at which 95 % of traded value still stays below `limit` of the volume it
/// traded against, if all trades grow in proportion. `participation` holds each fill's share of its
/// reference volume (day or bar), `value` the fill's value, `equity` the capital behind them.
///
/// An estimate of scale, not a promise: impact below the limit is the cost model's matter.
///
/// # Errors
/// [`Undefined::NotAvailable`] without fills that know their volume.
pub fn capacity_at_participation(
    participation: &[f64],
    value: &[f64],
    equity: f64,
    limit: f64,
) -> Metric {
    if participation.is_empty() {
        return Err(Undefined::NotAvailable {
            what: "volume behind the fills",
        });
    }
    observed_pair(participation, value, 1)?;
    if !(limit > 0.0 && limit <= 1.0) {
        return Err(Undefined::OutOfRange {
            name: "participation limit",
        });
    }
    let mut fills: Vec<(f64, f64)> = participation
        .iter()
        .copied()
        .zip(value.iter().copied())
        .collect();
    fills.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let threshold = 0.95 * value.iter().sum::<f64>();
    let mut cumulated = 0.0;
    let share = fills.iter().find_map(|(share, value)| {
        cumulated += value;
        (cumulated >= threshold).then_some(*share)
    });
    match share {
        Some(share) if share > 0.0 => finite(equity * limit / share),
        _ => Err(Undefined::ZeroVariance),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replacing_the_portfolio_once_a_year_is_a_turnover_of_one() {
        let turnover = Turnover {
            bought: 100.0,
            sold: 100.0,
            mean_equity: 100.0,
            observations: 252,
        };
        assert_eq!(annual_turnover(turnover, &Conventions::daily()), Ok(1.0));
    }

    #[test]
    fn exposure_and_time_in_market() {
        let (long, short, equity) = ([0.0, 50.0, 100.0], [0.0, 50.0, 0.0], [100.0; 3]);
        assert_eq!(gross_exposure_mean(&long, &short, &equity), Ok(2.0 / 3.0));
        assert_eq!(net_exposure_mean(&long, &short, &equity), Ok(1.0 / 3.0));
        assert_eq!(time_in_market(&[0.0, 1.0, 1.0, 0.0]).unwrap().share, 0.5);
        assert!(gross_exposure_mean(&long, &short, &[100.0, 0.0, 1.0]).is_err());
    }

    #[test]
    fn capacity_scales_the_typical_worst_fill_to_the_limit() {
        let participation: Vec<f64> = (1..=100).map(|i| f64::from(i) / 1e4).collect();
        let value = vec![1.0; 100];
        // 95 % of value trades at or below 0.95 % of volume; a limit of 9.5 % is ten times that.
        let capacity = capacity_at_participation(&participation, &value, 1e5, 0.095).unwrap();
        assert!((capacity - 1e6).abs() < 1e-3);
        assert!(capacity_at_participation(&[], &[], 1e5, 0.1).is_err());
    }
}
