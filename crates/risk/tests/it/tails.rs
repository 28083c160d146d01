//! Fitted tails recover the distribution that samples come from.

use proptest::prelude::*;
use trader_risk::tail::{ParetoTail, PeaksOverThreshold, StudentT, TailError};

/// The quantiles of a sample of `n`, evenly spread in probability.
fn spread(n: u32, quantile: impl Fn(f64) -> f64) -> Vec<f64> {
    (1..=n)
        .map(|i| quantile((f64::from(i) - 0.5) / f64::from(n)))
        .collect()
}

#[test]
fn a_pareto_sample_gives_back_its_parameters() {
    for (shape, scale) in [(0.3, 1.0), (0.8, 1e-3), (-0.2, 5.0), (0.0, 0.02)] {
        let quantile = |p: f64| {
            if shape == 0.0 {
                -scale * (1.0 - p).ln()
            } else {
                scale / shape * ((1.0 - p).powf(-shape) - 1.0)
            }
        };
        let fit = ParetoTail::fit(&spread(4000, quantile)).unwrap();
        assert!((fit.shape - shape).abs() < 0.02, "{fit:?} for {shape}");
        assert!(
            (fit.scale / scale - 1.0).abs() < 0.02,
            "{fit:?} for {scale}"
        );
    }
}

#[test]
fn a_cauchy_sample_has_one_degree_of_freedom_and_a_normal_one_many() {
    let cauchy = spread(4000, |p| {
        0.01 * (std::f64::consts::PI * (p - 0.5)).tan() + 0.002
    });
    let fit = StudentT::fit(&cauchy).unwrap();
    assert!((fit.degrees - 1.0).abs() < 0.02, "{fit:?}");
    assert!(
        (fit.scale / 0.01 - 1.0).abs() < 0.01 && (fit.location - 0.002).abs() < 1e-5,
        "{fit:?}"
    );
    let flat = spread(2000, |p| p - 0.5);
    let fit = StudentT::fit(&flat).unwrap();
    assert!(fit.degrees > 400.0, "{fit:?}");
    // As good as normal: quantile and tail mean of a normal with the sample's deviation.
    let deviation = (1.0_f64 / 12.0).sqrt();
    assert!((fit.value_at_risk(0.05).unwrap() / (1.644_853_627 * deviation) - 1.0).abs() < 0.01);
    assert!(
        (fit.expected_shortfall(0.05).unwrap() / (2.062_712_807 * deviation) - 1.0).abs() < 0.01
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn shortfall_lies_beyond_value_at_risk_and_both_grow_into_the_tail(
        returns in prop::collection::vec(-0.1..0.1_f64, 250..400),
        unit in prop_oneof![Just(1e-6), Just(1.0), Just(1e6)],
    ) {
        let scaled: Vec<f64> = returns.iter().map(|r| r * unit).collect();
        let (t, plain) = (StudentT::fit(&scaled).unwrap(), StudentT::fit(&returns).unwrap());
        prop_assert!((t.scale / (plain.scale * unit) - 1.0).abs() < 1e-6);
        let pot = PeaksOverThreshold::fit(&scaled, 0.1).unwrap();
        let mut last = [f64::NEG_INFINITY; 2];
        for tail in [0.09, 0.05, 0.01, 0.001] {
            if pot.share <= tail {
                continue;
            }
            let found = [t.value_at_risk(tail).unwrap(), pot.value_at_risk(tail).unwrap()];
            prop_assert!(found[0] > last[0] && found[1] > last[1]);
            prop_assert!(t.expected_shortfall(tail).unwrap() > found[0]);
            match pot.expected_shortfall(tail) {
                Ok(mean) => prop_assert!(mean > found[1]),
                Err(error) => prop_assert_eq!(error, TailError::NoMean),
            }
            last = found;
        }
    }
}

#[test]
fn samples_without_a_tail_are_refused() {
    let few = [0.01, -0.01];
    assert!(matches!(
        StudentT::fit(&few),
        Err(TailError::TooFew {
            needed: 20,
            found: 2
        })
    ));
    assert_eq!(StudentT::fit(&[0.1; 50]), Err(TailError::Constant));
    let mut broken = spread(50, |p| p);
    broken[7] = f64::NAN;
    assert!(matches!(
        StudentT::fit(&broken),
        Err(TailError::Observation { index: 7, .. })
    ));
    assert!(matches!(
        ParetoTail::fit(&spread(20, |p| p - 0.2)),
        Err(TailError::Observation { index: 0, .. })
    ));
    assert!(matches!(
        PeaksOverThreshold::fit(&spread(50, |p| p), 0.1),
        Err(TailError::TooFew { .. })
    ));
    assert!(matches!(
        PeaksOverThreshold::fit(&spread(500, |p| p), 0.7),
        Err(TailError::Probability { .. })
    ));
    let pot = PeaksOverThreshold::fit(&spread(500, |p| p), 0.1).unwrap();
    assert!(matches!(
        pot.value_at_risk(0.2),
        Err(TailError::Probability { .. })
    ));
    let heavy = StudentT {
        degrees: 0.9,
        location: 0.0,
        scale: 1.0,
        log_likelihood: 0.0,
    };
    assert_eq!(heavy.expected_shortfall(0.05), Err(TailError::NoMean));
    assert!(heavy.value_at_risk(0.5).is_err());
}
