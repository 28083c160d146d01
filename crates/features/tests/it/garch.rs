//! The GARCH fit against the `arch` package (8.0.0) on the golden closes.

use trader_features::volatility::Garch;

use crate::golden::read;

fn near(found: f64, expected: f64, tolerance: f64) {
    assert!(
        (found / expected - 1.0).abs() < tolerance,
        "{found} for {expected}"
    );
}

#[test]
fn the_fit_is_that_of_the_arch_package() {
    let close = read("ohlcv.csv").remove("close").expect("close");
    let returns: Vec<f64> = close
        .windows(2)
        .map(|pair| 100.0 * (pair[1] / pair[0]).ln())
        .collect();
    assert_eq!(returns.len(), 2011);
    let fit = Garch::fit(&returns).expect("varying returns");
    near(fit.mean, 0.066_768_941_678_979_1, 1e-3);
    near(fit.omega, 0.041_115_905_581_558_8, 1e-3);
    near(fit.alpha, 0.178_696_828_400_598, 1e-3);
    near(fit.beta, 0.775_192_672_827_936, 1e-3);
    near(fit.log_likelihood, -2_359.645_800_647_79, 1e-6);
    near(fit.last_variance.sqrt(), 2.044_380_942_738_99, 1e-3);
    near(fit.next_variance, 3.389_439_555_773_22, 1e-3);
}

#[test]
fn returns_that_cannot_be_fitted_are_refused() {
    assert!(Garch::fit(&[1.0; 10]).is_err());
    assert!(Garch::fit(&[1.0; 100]).is_err());
    let mut gap = vec![0.5; 100];
    gap[3] = f64::NAN;
    assert!(Garch::fit(&gap).is_err());
}
