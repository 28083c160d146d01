//! Registry entries that follow all symbols of a panel together: principal components and the shrunk
//! covariance of the last moments.

use crate::cross_section::window::{PanelStatistic, PanelWindow};
use crate::parameter::{integer, window};
use crate::registry::{Build, Cost, Definition, Family};
use crate::rolling::ratio;

use super::matrix::{PrincipalComponents, correlation_matrix};
use super::shrinkage::ledoit_wolf;

const BASE: Definition = Definition {
    name: "",
    family: Family::Correlation,
    outputs: &[],
    parameters: &[window("length", 3, 252)],
    inputs: &["ret_1"],
    cost: Cost::Linear,
    description: "",
    convention: "",
    build: Build::Items,
};

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "pca",
        outputs: &[
            "pca_share",
            "pca_absorption",
            "pca_loading",
            "pca_factor",
            "pca_residual",
        ],
        parameters: &[
            window("length", 3, 252),
            integer("component", "which, the largest is 1", (1, 100), 1),
        ],
        description: "Principal component of all symbols' returns: share of the variance it explains, \
                      share that it and those before explain (absorption ratio), the symbol's \
                      correlation with it, its return at this moment, and what the symbol did that \
                      none of them explains.",
        convention: "Of the correlation matrix of the last n moments at which all symbols had a value; \
                     returns standardised by the window's means and deviations (ddof 1); signs such \
                     that the entries of an eigenvector sum to something positive; factor return: \
                     eigenvector times standardised returns; residual in the symbol's own units. \
                     Absorption ratio: Kritzman, Li, Page and Rigobon (2011).",
        build: Build::CrossSection(|a| {
            Ok(Box::new(PanelWindow::new(Component {
                length: a.length("length")?,
                component: a.length("component")?,
            })))
        }),
        ..BASE
    },
    Definition {
        name: "corr_mean",
        outputs: &["corr_mean"],
        description: "Mean correlation of the symbol with all others.",
        convention: "Pearson, over the last n moments at which all symbols had a value.",
        build: Build::CrossSection(|a| {
            Ok(Box::new(PanelWindow::new(MeanCorrelation {
                length: a.length("length")?,
            })))
        }),
        ..BASE
    },
    Definition {
        name: "lw",
        outputs: &["lw_shrinkage", "lw_volatility", "lw_beta"],
        description: "From the shrunk covariance of all symbols: weight of the shrinkage target, the \
                      symbol's volatility per row, and its beta to the equally weighted portfolio.",
        convention: "Ledoit and Wolf (2004) towards the scaled identity, population moments (as \
                     scikit-learn), over the last n moments at which all symbols had a value.",
        build: Build::CrossSection(|a| {
            Ok(Box::new(PanelWindow::new(Shrinkage {
                length: a.length("length")?,
            })))
        }),
        ..BASE
    },
];

#[derive(Debug, Clone)]
struct Component {
    length: usize,
    /// Counted from 1.
    component: usize,
}

impl PanelStatistic for Component {
    fn length(&self) -> usize {
        self.length
    }

    fn outputs(&self) -> usize {
        5
    }

    fn evaluate(&self, series: &[&[f64]], out: &mut [f64]) {
        let symbols = series.len();
        let Ok(correlations) = correlation_matrix(series) else {
            return;
        };
        let Ok(components) = PrincipalComponents::of(&correlations) else {
            return;
        };
        let shares = components.shares();
        let Some(index) = self.component.checked_sub(1).filter(|k| *k < symbols) else {
            return;
        };
        let explained: f64 = shares.iter().take(self.component).sum();
        let scores: Vec<[f64; 2]> = series.iter().map(|s| standardised(s)).collect();
        let factor = |k: usize| {
            let parts = components.vectors[k].iter().zip(&scores);
            parts.map(|(weight, [z, _])| weight * z).sum::<f64>()
        };
        let factors: Vec<f64> = (0..self.component).map(factor).collect();
        for (symbol, [z, deviation]) in scores.iter().enumerate() {
            let known: f64 = (0..self.component)
                .map(|k| components.vectors[k][symbol] * factors[k])
                .sum();
            let loading = components.vectors[index][symbol] * components.variances[index].sqrt();
            let row = [
                shares[index],
                explained.min(1.0),
                loading.clamp(-1.0, 1.0),
                factors[index],
                (z - known) * deviation,
            ];
            for (output, value) in row.into_iter().enumerate() {
                out[output * symbols + symbol] = value;
            }
        }
    }
}

/// The newest value of a window in standard deviations from its mean, and that deviation (ddof 1).
fn standardised(series: &[f64]) -> [f64; 2] {
    let count = series.len() as f64;
    let mean = series.iter().sum::<f64>() / count;
    let squares: f64 = series.iter().map(|x| (x - mean) * (x - mean)).sum();
    let deviation = (squares / (count - 1.0)).sqrt();
    let newest = series.last().copied().unwrap_or(f64::NAN);
    [ratio(newest - mean, deviation), deviation]
}

#[derive(Debug, Clone)]
struct MeanCorrelation {
    length: usize,
}

impl PanelStatistic for MeanCorrelation {
    fn length(&self) -> usize {
        self.length
    }

    fn outputs(&self) -> usize {
        1
    }

    fn evaluate(&self, series: &[&[f64]], out: &mut [f64]) {
        let Ok(correlations) = correlation_matrix(series) else {
            return;
        };
        for (out, row) in out.iter_mut().zip(&correlations) {
            *out = (row.iter().sum::<f64>() - 1.0) / (series.len() as f64 - 1.0);
        }
    }
}

#[derive(Debug, Clone)]
struct Shrinkage {
    length: usize,
}

impl PanelStatistic for Shrinkage {
    fn length(&self) -> usize {
        self.length
    }

    fn outputs(&self) -> usize {
        3
    }

    fn evaluate(&self, series: &[&[f64]], out: &mut [f64]) {
        let Ok(shrunk) = ledoit_wolf(series) else {
            return;
        };
        let symbols = series.len();
        // With the equally weighted portfolio: row sums over the mean row sum.
        let sums: Vec<f64> = shrunk
            .covariance
            .iter()
            .map(|row| row.iter().sum())
            .collect();
        let whole = sums.iter().sum::<f64>() / symbols as f64;
        for symbol in 0..symbols {
            let row = [
                shrunk.shrinkage,
                shrunk.covariance[symbol][symbol].sqrt(),
                ratio(sums[symbol], whole),
            ];
            for (output, value) in row.into_iter().enumerate() {
                out[output * symbols + symbol] = value;
            }
        }
    }
}
