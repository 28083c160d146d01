//! The conventions that a set of statistics was computed under; part of every report.

use serde::Serialize;

use super::undefined::{Undefined, finite};

/// How an annual risk-free rate becomes a rate per period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RiskFree {
    /// `annual / periods`, as in Sharpe (1994) and most data vendors.
    Arithmetic,
    /// `(1 + annual)^(1 / periods) - 1`, as in quantstats.
    Geometric,
}

/// Annualisation, risk-free rate and confidence shared by all statistics of one report.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Conventions {
    /// Return observations per year: 252 for daily US equities.
    pub periods_per_year: f64,
    /// Annual risk-free rate as a fraction: 0.02 is two percent.
    pub risk_free_annual: f64,
    /// How `risk_free_annual` becomes a rate per period in Sharpe, Sortino, alpha and beta.
    pub risk_free: RiskFree,
    /// Confidence of `VaR` and `CVaR` in a report, within (0.5, 1).
    pub confidence: f64,
    /// Observations in the rolling Sharpe ratio, volatility and beta.
    pub rolling_window: usize,
}

impl Conventions {
    /// Daily US equity data: 252 periods, risk-free rate zero, 95 %, half-year windows (126 days).
    pub fn daily() -> Self {
        Self {
            periods_per_year: 252.0,
            risk_free_annual: 0.0,
            risk_free: RiskFree::Arithmetic,
            confidence: 0.95,
            rolling_window: 126,
        }
    }

    /// The same conventions with another annual risk-free rate.
    #[must_use]
    pub fn with_risk_free(self, annual: f64) -> Self {
        Self {
            risk_free_annual: annual,
            ..self
        }
    }

    /// The same conventions with another rule for the rate per period.
    #[must_use]
    pub fn with_rule(self, rule: RiskFree) -> Self {
        Self {
            risk_free: rule,
            ..self
        }
    }

    /// Risk-free rate per period under [`Conventions::risk_free`].
    ///
    /// # Errors
    /// [`Undefined::OutOfRange`] for a rate at or below -100 % or a non-positive number of periods.
    pub fn risk_free_per_period(&self) -> Result<f64, Undefined> {
        let periods = self.periods()?;
        match self.risk_free {
            RiskFree::Arithmetic => finite(self.risk_free_annual / periods),
            RiskFree::Geometric => self.risk_free_compounding(),
        }
    }

    /// Risk-free rate per period by compounding, whatever the rule; the threshold of Omega.
    ///
    /// # Errors
    /// As [`Conventions::risk_free_per_period`].
    pub fn risk_free_compounding(&self) -> Result<f64, Undefined> {
        let periods = self.periods()?;
        if !self.risk_free_annual.is_finite() || self.risk_free_annual <= -1.0 {
            return Err(Undefined::OutOfRange {
                name: "risk-free rate",
            });
        }
        finite((self.risk_free_annual.ln_1p() / periods).exp_m1())
    }

    /// `periods_per_year`, checked.
    pub(super) fn periods(&self) -> Result<f64, Undefined> {
        if self.periods_per_year.is_finite() && self.periods_per_year > 0.0 {
            Ok(self.periods_per_year)
        } else {
            Err(Undefined::OutOfRange {
                name: "periods per year",
            })
        }
    }
}
