//! What holds for the statistics of any series.

use proptest::prelude::*;
use trader_research::metrics::{
    Compounding, Confidence, Conventions, Observations, Statistics, Undefined, beta, cagr,
    cvar_expected_shortfall, cvar_historical, drawdown_curve, drawdown_episodes, max_drawdown,
    normal_cdf, normal_quantile, probabilistic_sharpe, rolling_sharpe, sharpe, simple_returns,
    total_return, ulcer_index, var_historical, wealth_curve,
};

fn returns() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(-0.2..0.2_f64, 2..200)
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0)
}

proptest! {
    #[test]
    fn returns_and_wealth_are_inverse(r in returns()) {
        let back = simple_returns(&wealth_curve(&r).unwrap()).unwrap();
        prop_assert!(r.iter().zip(&back).all(|(a, b)| close(*a, *b)));
    }

    #[test]
    fn sharpe_does_not_depend_on_leverage_without_a_risk_free_rate(r in returns(), k in 0.1..3.0_f64) {
        let daily = Conventions::daily();
        let levered: Vec<f64> = r.iter().map(|x| x * k).collect();
        if let (Ok(a), Ok(b)) = (sharpe(&r, &daily), sharpe(&levered, &daily)) {
            prop_assert!(close(a, b));
            prop_assert_eq!(a > 0.0, probabilistic_sharpe(&r, 0.0, &daily).unwrap() > 0.5);
        }
    }

    #[test]
    fn the_tail_mean_lies_at_or_beyond_the_tail_quantile(r in returns(), level in 0.51..0.999_f64) {
        let c = Confidence::new(level).unwrap();
        let var = var_historical(&r, c).unwrap();
        prop_assert!(cvar_historical(&r, c).unwrap() <= var + 1e-15);
        let stricter = Confidence::new((1.0 + level) / 2.0).unwrap();
        prop_assert!(var_historical(&r, stricter).unwrap() <= var + 1e-15);
        prop_assert!(
            cvar_expected_shortfall(&r, stricter).unwrap()
                <= cvar_expected_shortfall(&r, c).unwrap() + 1e-12
        );
    }

    #[test]
    fn drawdowns_agree_with_one_another(r in returns()) {
        let curve = drawdown_curve(&r, Compounding::Compounded).unwrap();
        prop_assert!(curve.iter().all(|d| (-1.0..=0.0).contains(d)));
        let worst = max_drawdown(&r, Compounding::Compounded).unwrap();
        let episodes = drawdown_episodes(&r).unwrap();
        prop_assert_eq!(episodes.first().map_or(0.0, |e| e.depth), worst);
        prop_assert!(ulcer_index(&r).unwrap() <= -worst + 1e-15);
        let under_water = curve.iter().filter(|d| **d < 0.0).count();
        let covered: usize = episodes
            .iter()
            .map(|e| e.recovered.map_or(r.len() - e.peak, |end| end - e.peak - 1))
            .sum();
        prop_assert_eq!(under_water, covered);
    }

    #[test]
    fn growth_compounds_to_the_total(r in returns()) {
        // A day's return of 20 %, annualised, leaves nothing of a double's precision.
        let r: Vec<f64> = r.iter().map(|x| x / 10.0).collect();
        let daily = Conventions::daily();
        let years = r.len() as f64 / 252.0;
        let total = (1.0 + cagr(&r, &daily).unwrap()).powf(years) - 1.0;
        prop_assert!(close(total, total_return(&r).unwrap()));
    }

    #[test]
    fn a_series_has_beta_one_to_itself(r in returns()) {
        if let Ok(slope) = beta(&r, &r) {
            prop_assert!(close(slope, 1.0));
        }
    }

    #[test]
    fn the_last_rolling_value_is_that_of_the_last_window(r in returns(), window in 2_usize..60) {
        let daily = Conventions::daily();
        let rolled = rolling_sharpe(&r, window, &daily).unwrap();
        prop_assert_eq!(rolled.len(), r.len());
        if r.len() >= window {
            let direct = sharpe(&r[r.len() - window..], &daily).ok();
            match (rolled[r.len() - 1], direct) {
                (Some(a), Some(b)) => prop_assert!((a - b).abs() <= 1e-6 * b.abs().max(1.0)),
                (a, b) => prop_assert_eq!(a.is_some(), b.is_some()),
            }
        }
    }

    #[test]
    fn the_normal_quantile_inverts_its_distribution(p in 1e-12..0.999_999_f64) {
        prop_assert!((normal_cdf(normal_quantile(p).unwrap()) / p - 1.0).abs() < 1e-11);
    }

    #[test]
    fn no_input_panics_or_yields_a_number_that_is_none(
        r in prop::collection::vec(prop::num::f64::ANY, 0..30),
        b in prop::collection::vec(prop::num::f64::ANY, 0..30),
    ) {
        let observations =
            Observations { returns: &r, benchmark: Some((&r, &b)), ..Observations::default() };
        for entry in Statistics::compute(&observations, &Conventions::daily()).values() {
            if let Ok(value) = entry.value {
                prop_assert!(value.is_finite(), "{}", entry.id.key());
            }
        }
    }
}

#[test]
fn undefined_is_a_reason_and_never_zero() {
    let daily = Conventions::daily();
    let flat = Statistics::compute(
        &Observations {
            returns: &[0.0; 100],
            ..Observations::default()
        },
        &daily,
    );
    let reasons: Vec<Undefined> = flat.values().iter().filter_map(|e| e.value.err()).collect();
    assert!(reasons.contains(&Undefined::ZeroVariance));
    assert!(reasons.contains(&Undefined::NoLosses));
    assert!(reasons.contains(&Undefined::NoDrawdown));
}
