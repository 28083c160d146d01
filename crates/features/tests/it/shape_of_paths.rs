//! Dimensions, cycles, jumps and tails of data that were built to have them.

use trader_features::statistics::error::StatisticsError;
use trader_features::statistics::fractal::{higuchi_dimension, katz_dimension, lyapunov_exponent};
use trader_features::statistics::jumps::jump_statistic;
use trader_features::statistics::spectrum::{power_spectrum, wavelet_energies};
use trader_features::statistics::tails::TailFit;
use trader_features::{Columns, FeatureError, FeatureSet, Registry};

use crate::market::Dice;

/// The last value of one feature over closes that make these log returns.
fn last(name: &str, returns: &[f64]) -> f64 {
    let walk = returns.iter().scan(0.0, |log, r| {
        *log += r;
        Some(f64::exp(*log))
    });
    let close: Vec<f64> = std::iter::once(1.0).chain(walk).collect();
    let columns = Columns::new().with("close", &close).expect("column");
    let set = FeatureSet::new(Registry::standard(), &[name]).expect("name");
    let table = set.batch(&columns).expect("batch");
    *table.columns[0].last().expect("rows")
}

fn noise(rows: usize) -> Vec<f64> {
    let mut dice = Dice::new(11);
    (0..rows).map(|_| dice.roll() - 0.5).collect()
}

#[test]
fn a_line_has_dimension_one_and_noise_two() {
    let line: Vec<f64> = (0..256).map(f64::from).collect();
    assert!((higuchi_dimension(&line, 8) - 1.0).abs() < 1e-12);
    assert!((katz_dimension(&line) - 1.0).abs() < 1e-12);
    let white = noise(4000);
    assert!((higuchi_dimension(&white, 8) - 2.0).abs() < 0.03);
    assert!(katz_dimension(&white) > 5.0);
    // Steps of many draws, so that they are near normal.
    let many = noise(48_000);
    let walk: Vec<f64> = many
        .chunks(12)
        .scan(0.0, |sum, draws| {
            *sum += draws.iter().sum::<f64>();
            Some(*sum)
        })
        .collect();
    let dimension = higuchi_dimension(&walk, 8);
    assert!((dimension - 1.5).abs() < 0.05, "{dimension}");
    assert!(higuchi_dimension(&[1.0; 50], 4).is_nan() && katz_dimension(&[1.0; 50]).is_nan());
    assert!(higuchi_dimension(&[], 4).is_nan() && katz_dimension(&[1.0]).is_nan());
}

#[test]
fn the_logistic_map_doubles_differences_every_row() {
    let mut x = 0.3_f64;
    let series: Vec<f64> = (0..1000)
        .map(|_| {
            x = 4.0 * x * (1.0 - x);
            x
        })
        .collect();
    let exponent = lyapunov_exponent(&series, 2, 4);
    assert!(
        (exponent - std::f64::consts::LN_2).abs() < 0.1,
        "{exponent}"
    );
    // A cycle brings every difference back.
    let cycle: Vec<f64> = (0..600).map(|i| (0.37 * f64::from(i)).sin()).collect();
    let exponent = lyapunov_exponent(&cycle, 3, 5);
    assert!(exponent.abs() < 0.05, "{exponent}");
    assert!(lyapunov_exponent(&[1.0; 60], 3, 5).is_nan());
    assert!(lyapunov_exponent(&series[..4], 3, 5).is_nan());
}

#[test]
fn a_cycle_is_the_peak_of_the_spectrum() {
    let wave: Vec<f64> = (0..64)
        .map(|i| 0.01 * (2.0 * std::f64::consts::PI * f64::from(i) / 8.0).sin())
        .collect();
    let power = power_spectrum(&wave);
    assert_eq!(power.len(), 32);
    assert!((power.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    // A Hann taper spreads one line over three: 1/6, 2/3, 1/6.
    assert!((power[7] - 2.0 / 3.0).abs() < 1e-9, "{}", power[7]);
    assert!((power[6] - 1.0 / 6.0).abs() < 1e-9, "{}", power[6]);
    assert!((last("fft_period_64", &wave) - 8.0).abs() < 1e-12);
    assert!((last("fft_peak_64", &wave) - 2.0 / 3.0).abs() < 1e-6);
    assert!((last("fft_centroid_64", &wave) - 0.125).abs() < 1e-6);
    assert!((last("fft_band_64_7_10", &wave) - 1.0).abs() < 1e-6);
    assert!(last("fft_band_64_16_64", &wave) < 1e-6);
    let entropy = (
        last("fft_entropy_64", &wave),
        last("fft_entropy_256", &noise(256)),
    );
    assert!(entropy.0 < 0.3 && entropy.1 > 0.85, "{entropy:?}");
    assert!(power_spectrum(&[2.0; 64]).is_empty() && power_spectrum(&[1.0, 2.0]).is_empty());
}

#[test]
fn energy_lies_at_the_scale_of_the_changes() {
    let turns = |rows: usize| -> Vec<f64> {
        (0..128)
            .map(|i: usize| {
                if (i / rows).is_multiple_of(2) {
                    1.0
                } else {
                    -1.0
                }
            })
            .collect()
    };
    let shares = wavelet_energies(&turns(1)).expect("energy");
    assert!((shares[0] - 1.0).abs() < 1e-12, "{shares:?}");
    for (level, rows) in [(1, 2), (2, 4), (3, 8)] {
        let shares = wavelet_energies(&turns(rows)).expect("energy");
        let most = shares.iter().copied().fold(0.0, f64::max);
        assert!(shares[level] == most && (shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }
    let shares = wavelet_energies(&[3.0; 40]).expect("energy");
    assert!((shares[4] - 1.0).abs() < 1e-12, "{shares:?}");
    assert_eq!(wavelet_energies(&[0.0; 40]), None);
    assert_eq!(wavelet_energies(&[1.0; 15]), None);
    // One coefficient by hand: of 16 values, the last changes at each scale.
    let mut x = [0.0; 16];
    x[15] = 16.0;
    // Coefficients 8, 4, 2, 1 and the average 1.
    let shares = wavelet_energies(&x).expect("energy");
    for (share, energy) in shares.iter().zip([64.0, 16.0, 4.0, 1.0, 1.0]) {
        assert!((share - energy / 86.0).abs() < 1e-12, "{shares:?}");
    }
}

#[test]
fn a_jump_stands_out_from_the_returns_before_it() {
    let mut returns: Vec<f64> = (0..100)
        .map(|i| if i % 2 == 0 { 0.001 } else { -0.001 })
        .collect();
    let plain = last("jump_last_78", &returns);
    // Equal sizes: one over the root of pi/2, with the sign of the last.
    assert!(
        (plain + 1.0 / std::f64::consts::FRAC_PI_2.sqrt()).abs() < 1e-6,
        "{plain}"
    );
    assert!(last("jump_last_p_78", &returns) > 0.9);
    assert!(jump_statistic(&returns) < 0.0);
    returns.push(-0.02);
    assert!((last("jump_last_78", &returns) - 20.0 * plain).abs() < 1e-5);
    assert!(last("jump_last_p_78", &returns) < 1e-12);
    returns.push(0.001);
    assert!(last("jump_last_p_78", &returns) > 0.9);
    assert!(jump_statistic(&returns) > 5.0 && last("jump_test_p_78", &returns) < 1e-6);
    assert!(jump_statistic(&[0.0; 20]).is_nan() && jump_statistic(&[1.0]).is_nan());
}

/// The law of the largest of n absolute normal values: 1 % of it lies beyond 4.19 for n = 1,000
/// (threshold of Lee and Mykland, 4.60 widths above the centre).
#[test]
fn the_jump_p_value_is_that_of_the_largest_return() {
    let returns: Vec<f64> = (0..1001)
        .map(|i| if i % 2 == 0 { 0.001 } else { -0.001 })
        .collect();
    let width = (2.0 * 1000.0_f64.ln()).sqrt();
    let centre = width - (std::f64::consts::PI.ln() + 1000.0_f64.ln().ln()) / (2.0 * width);
    let threshold = centre + 4.600_149_226_776_579 / width;
    let size = threshold * 0.001 * std::f64::consts::FRAC_PI_2.sqrt();
    let with: Vec<f64> = returns.iter().copied().chain([size]).collect();
    let p = last("jump_last_p_1000", &with);
    assert!((p - 0.01).abs() < 1e-6, "{p}");
}

#[test]
fn the_law_of_the_largest_losses_is_recovered() {
    let n = 5000;
    let share = |i: i32| (f64::from(i) - 0.5) / f64::from(n);
    let pareto: Vec<f64> = (1..=n).map(|i| share(i).powf(-1.0 / 3.0)).collect();
    let fit = TailFit::fit(&pareto, 0.1).expect("fit");
    assert!((fit.shape - 1.0 / 3.0).abs() < 0.03, "{fit:?}");
    // One in a thousand loses 10 or more, 15 on average.
    assert!((fit.value_at_risk(0.001) - 10.0).abs() < 0.3, "{fit:?}");
    assert!(
        (fit.expected_shortfall(0.001).expect("mean") - 15.0).abs() < 0.8,
        "{fit:?}"
    );
    let exponential: Vec<f64> = (1..=n).map(|i| -share(i).ln()).collect();
    let fit = TailFit::fit(&exponential, 0.1).expect("fit");
    assert!(
        fit.shape.abs() < 0.03 && (fit.scale - 1.0).abs() < 0.03,
        "{fit:?}"
    );
    assert!(
        (fit.value_at_risk(0.001) - 1000.0_f64.ln()).abs() < 0.1,
        "{fit:?}"
    );
    let flat = TailFit::fit(&[1.0; 100], 0.1);
    assert!(matches!(flat, Err(StatisticsError::TooFew { .. })));
    let tail = TailFit::fit(&pareto, 1.5);
    assert!(matches!(tail, Err(StatisticsError::InvalidSetting { .. })));
}

#[test]
fn the_shortfall_is_the_mean_of_the_worst() {
    // Log returns of the simple returns -10 % .. +9 %.
    let returns: Vec<f64> = (-10..10).map(|i| (f64::from(i) / 100.0).ln_1p()).collect();
    // The quantile at a fifth lies between the fourth and the fifth worst.
    let found = last("es_hist_20_02", &returns);
    assert!((found + 0.085).abs() < 1e-12, "{found}");
}

#[test]
fn settings_at_odds_are_refused() {
    for name in [
        "higuchi_16_8",
        "lyapunov_20_5_10",
        "fft_band_64_32_8",
        "tail_var_150_005_005",
        "tail_var_50_01_001",
        "variance_ratio_20_15",
        "pp_stat_20_15",
        "arch_lm_20_15",
        "granger_20_10",
        "ljung_box_20_19",
    ] {
        let refused = FeatureSet::new(Registry::standard(), &[name]);
        assert!(
            matches!(refused, Err(FeatureError::InvalidParameter { .. })),
            "{name} is accepted"
        );
    }
}
