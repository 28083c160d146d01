//! Conditional variance against the `arch` package (8.0.0) on the golden returns.

use trader_features::statistics::error::StatisticsError;
use trader_features::statistics::garch::{
    Dynamics, Errors, GarchFit, GarchModel, GarchParameters, Mean, Start,
};

use crate::stats_golden::{Expected, returns};

const OPTIMISER: f64 = 1e-3;

fn compare(expected: &Expected, test: &str, fit: &GarchFit) {
    let name = |key: &str| format!("{test}/{key}");
    let p = fit.parameters;
    let mut pairs = vec![
        ("omega", p.omega),
        ("alpha[1]", p.alpha),
        ("beta[1]", p.beta),
        ("last_cond_vol", fit.last_variance().sqrt()),
    ];
    if fit.model.mean == Mean::Constant {
        pairs.push(("mu", p.mean));
    }
    if fit.model.dynamics != Dynamics::Garch {
        pairs.push(("gamma[1]", p.gamma));
    }
    if let Some(nu) = p.degrees_of_freedom {
        pairs.push(("nu", nu));
    }
    for (key, value) in pairs {
        expected.near(&name(key), value, OPTIMISER);
    }
    expected.near(&name("loglik"), fit.log_likelihood, 1e-6);
    expected.near(&name("bic"), fit.bic, 1e-6);
    if fit.model.dynamics != Dynamics::Egarch {
        let forecast = fit.forecast(5).expect("closed form");
        for (row, variance) in forecast.iter().enumerate() {
            expected.near(&name(&format!("var_fc_{}", row + 1)), *variance, OPTIMISER);
        }
    }
}

const EGARCH: GarchModel = GarchModel {
    dynamics: Dynamics::Egarch,
    ..GarchModel::STANDARD
};

pub(crate) fn check(expected: &Expected) {
    known_parameters(expected);
    let standard = GarchModel::STANDARD;
    let models = [
        ("garch11_normal", standard),
        (
            "garch11_t",
            GarchModel {
                errors: Errors::StudentT,
                ..standard
            },
        ),
        (
            "gjr_normal",
            GarchModel {
                dynamics: Dynamics::Gjr,
                ..standard
            },
        ),
        ("egarch11_normal", EGARCH),
        (
            "zeromean_garch11",
            GarchModel {
                mean: Mean::Zero,
                ..standard
            },
        ),
    ];
    let returns = returns();
    for (test, model) in models {
        compare(expected, test, &model.fit(&returns).expect(test));
    }
}

fn known_parameters(expected: &Expected) {
    let returns = returns();
    let n = returns.len() as f64;
    let mean = returns.iter().sum::<f64>() / n;
    let variance = returns.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / n;
    let model = GarchModel {
        mean: Mean::Zero,
        ..GarchModel::STANDARD
    };
    let parameters = GarchParameters {
        mean: 0.0,
        omega: 0.04,
        alpha: 0.15,
        gamma: 0.0,
        beta: 0.8,
        degrees_of_freedom: None,
    };
    let found = model
        .filter(&returns, &parameters, Start::First(variance))
        .expect("admissible");
    expected.near("garch_fixed/loglik", found.log_likelihood, 1e-10);
    expected.near("garch_fixed/s2_last", found.last_variance(), 1e-10);
    expected.near("garch_fixed/s2_next", found.next_variance(), 1e-10);
}

#[test]
fn a_fit_scales_with_the_unit_of_the_returns() {
    let percent = returns();
    let plain: Vec<f64> = percent.iter().map(|r| r / 100.0).collect();
    for model in [GarchModel::STANDARD, EGARCH] {
        let (a, b) = (
            model.fit(&percent).expect("fit"),
            model.fit(&plain).expect("fit"),
        );
        let shift = 100.0_f64.ln() * percent.len() as f64;
        assert!((a.log_likelihood + shift - b.log_likelihood).abs() < 1e-3);
        assert!((a.next_variance() / b.next_variance() / 1e4 - 1.0).abs() < 1e-3);
    }
}

#[test]
fn the_egarch_forecast_is_the_mean_of_all_paths() {
    let fit = EGARCH.fit(&returns()).expect("fit");
    let forecast = fit.forecast(3).expect("closed form");
    // Midpoint rule over the two shocks in between, in units of standard deviations.
    let p = fit.parameters;
    let step = 0.02;
    let shocks: Vec<f64> = (-400..400).map(|i| (f64::from(i) + 0.5) * step).collect();
    let density = |z: f64| step * (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let news = |z: f64| p.alpha * (z.abs() - (2.0 / std::f64::consts::PI).sqrt()) + p.gamma * z;
    let mut sums = [0.0; 2];
    for z in &shocks {
        let second = p.omega + news(*z) + p.beta * forecast[0].ln();
        sums[0] += density(*z) * second.exp();
        for y in &shocks {
            let third = p.omega + news(*y) + p.beta * second;
            sums[1] += density(*z) * density(*y) * third.exp();
        }
    }
    for (sum, variance) in sums.iter().zip(&forecast[1..]) {
        assert!((sum / variance - 1.0).abs() < 1e-4, "{sum} for {variance}");
    }
}

#[test]
fn returns_and_parameters_that_make_no_model_are_refused() {
    let fit = |returns: &[f64]| GarchModel::STANDARD.fit(returns);
    assert!(matches!(
        fit(&[1.0; 10]),
        Err(StatisticsError::TooFew { needed: 50, .. })
    ));
    assert!(matches!(
        fit(&[1.0; 100]),
        Err(StatisticsError::Constant { .. })
    ));
    let mut gap = vec![0.5; 100];
    gap[3] = f64::NAN;
    assert!(matches!(
        fit(&gap),
        Err(StatisticsError::Missing { row: 3, .. })
    ));
    let explosive = GarchParameters {
        mean: 0.0,
        omega: 0.1,
        alpha: 0.5,
        gamma: 0.0,
        beta: 0.6,
        degrees_of_freedom: None,
    };
    let refused = GarchModel::STANDARD.filter(&[1.0, -1.0], &explosive, Start::Backcast);
    assert!(matches!(
        refused,
        Err(StatisticsError::InvalidSetting {
            setting: "persistence",
            ..
        })
    ));
}
