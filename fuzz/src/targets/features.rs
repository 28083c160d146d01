//! Feature calculators and statistics of whole samples, fed with numbers of any kind.

use trader_features::registry::Build;
use trader_features::statistics::association::{kendall, pearson, spearman};
use trader_features::statistics::autocorrelation::{ljung_box, partial_autocorrelations};
use trader_features::statistics::cointegration::engle_granger;
use trader_features::statistics::diagnostics::{TestResult, arch_lm, granger, jarque_bera};
use trader_features::statistics::error::StatisticsError;
use trader_features::statistics::fractal::{higuchi_dimension, katz_dimension, lyapunov_exponent};
use trader_features::statistics::garch::{Dynamics, Errors, GarchModel, Mean};
use trader_features::statistics::johansen::{Deterministic, johansen};
use trader_features::statistics::jumps::jump_statistic;
use trader_features::statistics::kalman::{LocalLevel, Prior};
use trader_features::statistics::markov_switching::SwitchingModel;
use trader_features::statistics::multivariate::{mahalanobis, partial_correlation};
use trader_features::statistics::regression::{Intercept, Regression};
use trader_features::statistics::spectrum::{power_spectrum, wavelet_energies};
use trader_features::statistics::stationarity::{Around, kpss};
use trader_features::statistics::tails::TailFit;
use trader_features::statistics::two_samples::{kolmogorov_smirnov, mann_whitney, welch};
use trader_features::statistics::unit_root::{
    Lags, Trend, augmented_dickey_fuller, phillips_perron, variance_ratio,
};
use trader_features::{Columns, Definition, FeatureSet, Registry};

use crate::Verdict;

/// Most numbers of one input: enough for every default window of the short kind, and quick.
const MOST: usize = 400;

/// Of them, for models that are fitted by search.
const MOST_FITTED: usize = 80;

/// The rest of an input as numbers: any bits at all, or steps of a walk, by the first byte.
fn numbers(data: &[u8]) -> Vec<f64> {
    let (any, data) = data
        .split_first()
        .map_or((0, data), |(first, rest)| (*first, rest));
    if any % 2 == 0 {
        let (chunks, _rest) = data.as_chunks::<8>();
        let numbers = chunks.iter().map(|chunk| f64::from_le_bytes(*chunk));
        return numbers.take(MOST).collect();
    }
    let mut level = 100.0;
    data.iter()
        .take(MOST)
        .map(|step| {
            level += f64::from(i16::from(*step) - 128) / 64.0;
            level
        })
        .collect()
}

/// One calculator, picked by the first byte, over rows of any numbers: nothing panics, in either form.
pub fn calculators(data: &[u8]) -> Verdict {
    let Some((pick, rest)) = data.split_first_chunk::<2>() else {
        return Verdict::Refused;
    };
    let series = |definition: &&Definition| matches!(definition.build, Build::Series(_));
    let all: Vec<&Definition> = Registry::standard().definitions().filter(series).collect();
    let index = usize::from(u16::from_le_bytes(*pick)) % all.len().max(1);
    let Some(definition) = all.get(index) else {
        return Verdict::Refused;
    };
    let Ok(mut set) = FeatureSet::new(Registry::standard(), definition.outputs) else {
        return Verdict::Refused;
    };
    let names: Vec<String> = set.inputs().map(str::to_owned).collect();
    let values = numbers(rest);
    let rows = values.len() / names.len().max(1);
    let mut columns = Columns::new();
    for (name, column) in names.iter().zip(values.chunks(rows.max(1))) {
        columns = match columns.with(name, column) {
            Ok(columns) => columns,
            Err(_uneven) => return Verdict::Refused,
        };
    }
    let batch = set.batch(&columns);
    for row in 0..rows {
        let at = |name: &String| {
            columns
                .get(name)
                .and_then(|column| column.get(row))
                .copied()
        };
        let values: Option<Vec<f64>> = names.iter().map(at).collect();
        let Some(values) = values else { break };
        if set.peek(&values).is_err() || set.update(&values).is_err() {
            return Verdict::Refused;
        }
    }
    Verdict::from(&batch)
}

/// Every test and estimate over a sample of any numbers.
///
/// # Panics
/// When a result is no probability where it should be one.
pub fn sample_statistics(data: &[u8]) -> Verdict {
    let Some(([lags, kind], rest)) = data.split_first_chunk::<2>() else {
        return Verdict::Refused;
    };
    let x = numbers(rest);
    let (a, b) = x.split_at(x.len() / 2);
    let lags = usize::from(*lags % 16);
    let trend = match kind % 4 {
        0 => Trend::None,
        1 => Trend::Constant,
        2 => Trend::Linear,
        _ => Trend::Quadratic,
    };
    for result in [
        jarque_bera(&x),
        arch_lm(&x, lags),
        granger(a, b.get(..a.len()).unwrap_or(b), lags),
        pearson(a, b.get(..a.len()).unwrap_or(b)),
        spearman(a, b.get(..a.len()).unwrap_or(b)),
        kendall(a, b.get(..a.len()).unwrap_or(b)),
        kolmogorov_smirnov(a, b),
        mann_whitney(a, b),
    ] {
        probability(&result);
    }
    let probe = |p: f64| assert!((0.0..=1.0).contains(&p), "{p} is no probability");
    if let Ok(test) = welch(a, b) {
        probe(test.p_value);
    }
    for lags in [
        Lags::Fixed(lags),
        Lags::Aic { most: lags },
        Lags::Bic { most: lags },
    ] {
        if let Ok(test) = augmented_dickey_fuller(&x, trend, lags) {
            probe(test.p_value);
        }
    }
    if let Ok(test) = phillips_perron(&x, trend, lags) {
        probe(test.p_value);
    }
    for around in [Around::Level, Around::Trend] {
        if let Ok(test) = kpss(&x, around, lags) {
            probe(test.p_value);
        }
    }
    for tests in ljung_box(&x, lags).into_iter().flatten() {
        probe(tests.p_value);
    }
    let _unused = (variance_ratio(&x, lags), partial_autocorrelations(&x, lags));
    together(a, b.get(..a.len()).unwrap_or(b), trend, lags);
    shapes(&x, lags);
    if kind % 32 >= 24 {
        models(x.get(..MOST_FITTED).unwrap_or(&x), *kind);
    }
    Verdict::from(&jarque_bera(&x))
}

fn probability(result: &Result<TestResult, StatisticsError>) {
    if let Ok(test) = result {
        let p = test.p_value;
        assert!((0.0..=1.0).contains(&p), "{p} is no probability");
    }
}

fn together(a: &[f64], b: &[f64], trend: Trend, lags: usize) {
    if let Ok(found) = engle_granger(a, &[b], trend, Lags::Fixed(lags)) {
        assert!((0.0..=1.0).contains(&found.p_value), "{found:?}");
    }
    for deterministic in [
        Deterministic::None,
        Deterministic::Constant,
        Deterministic::Linear,
    ] {
        let _unused = johansen(&[a, b], deterministic, lags);
    }
    if let Ok(fit) = Regression::fit(a, &[b], Intercept::Fitted) {
        let _unused = fit.newey_west_errors(lags);
    }
    let _unused = (
        partial_correlation(&[a, b], 0, 1),
        mahalanobis(&[a, b], &[1.0, 2.0]),
    );
}

fn shapes(x: &[f64], lags: usize) {
    let _unused = (
        higuchi_dimension(x, lags),
        katz_dimension(x),
        lyapunov_exponent(x, lags, lags),
        power_spectrum(x),
        wavelet_energies(x),
        jump_statistic(x),
        TailFit::fit(x, 0.1).map(|fit| fit.expected_shortfall(0.01)),
    );
}

/// One of the models, by `kind`: each takes thousands of steps.
fn models(x: &[f64], kind: u8) {
    let errors = if kind.is_multiple_of(2) {
        Errors::Normal
    } else {
        Errors::StudentT
    };
    let dynamics = match kind / 2 % 4 {
        0 => Some(Dynamics::Garch),
        1 => Some(Dynamics::Gjr),
        2 => Some(Dynamics::Egarch),
        _ => None,
    };
    if let Some(dynamics) = dynamics {
        let model = GarchModel {
            mean: Mean::Constant,
            dynamics,
            errors,
        };
        if let Ok(fit) = model.fit(x) {
            assert!(fit.log_likelihood.is_finite(), "{fit:?}");
            let _unused = fit.forecast(5);
        }
        return;
    }
    if let Ok(fit) = SwitchingModel::fit(x, 2) {
        assert!(fit.log_likelihood.is_finite(), "{fit:?}");
    }
    let model = LocalLevel {
        noise: 1.0,
        level: 0.5,
    };
    let _unused = (model.run(x, Prior::Diffuse), LocalLevel::fit(x));
}

/// Walks and plain numbers; the edges come from mutations.
pub(super) fn sample_seeds() -> Vec<Vec<u8>> {
    let walk = |settings: [u8; 2]| {
        let steps = (0..300_u16).map(|i| u8::try_from(i * 97 % 251).unwrap_or(0));
        settings.into_iter().chain([1]).chain(steps).collect()
    };
    let plain = (0..200_i16).flat_map(|i| (f64::from(i * 37 % 101) / 8.0 - 5.0).to_le_bytes());
    let plain = [3, 1, 0].into_iter().chain(plain).collect();
    vec![walk([5, 1]), walk([2, 27]), plain]
}

/// The seeds of samples, and numbers at the edges.
pub(super) fn number_seeds() -> Vec<Vec<u8>> {
    let edges = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        9e99,
        -9e99,
        5e-324,
        f64::MAX,
        f64::NAN,
        f64::INFINITY,
    ];
    let bits = |values: &[f64]| {
        let bytes = values
            .iter()
            .cycle()
            .take(200)
            .flat_map(|x| x.to_le_bytes());
        [3, 1, 0].into_iter().chain(bytes).collect()
    };
    let mut seeds = sample_seeds();
    seeds.extend([bits(&edges), bits(&edges[..7])]);
    seeds
}
