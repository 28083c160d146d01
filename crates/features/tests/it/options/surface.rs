//! Volatility surfaces: known curves found again, arbitrage refused, real chains fitted.

use proptest::prelude::*;
use trader_domain::OptionRight;
use trader_features::options::chain::Quote;
use trader_features::options::smile::smiles;
use trader_features::options::surface::{Smile, SmilePoint, Surface, SurfaceError};
use trader_features::options::svi::Svi;

use crate::lean;

/// A curve with arbitrage that looks harmless (Vogt's example, Gatheral and Jacquier 2014, ch. 3).
const VOGT: Svi = Svi {
    a: -0.0410,
    b: 0.1331,
    rho: 0.3060,
    m: 0.3586,
    sigma: 0.4153,
};

const HARMLESS: Svi = Svi {
    a: 0.02,
    b: 0.1,
    rho: -0.5,
    m: 0.02,
    sigma: 0.2,
};

/// Quotes on a curve.
fn smile_of(curve: &Svi, years: f64, reach: f64) -> Smile {
    let points = (-12_i32..=12)
        .map(|step| {
            let k = reach * f64::from(step) / 12.0;
            SmilePoint {
                log_moneyness: k,
                volatility: (curve.total_variance(k) / years).sqrt(),
                weight: 1.0,
            }
        })
        .collect();
    Smile {
        years,
        forward: 100.0,
        points,
    }
}

/// Prices of calls by the curve must fall and be convex in the strike: by differences, not by the
/// formula that the fit uses. Room is left for the rounding of prices only.
fn assert_no_butterfly(curve: &Svi, reach: f64) {
    let call = |k: f64| {
        let total = curve.total_variance(k).sqrt();
        let d1 = -k / total + 0.5 * total;
        let cdf = |x: f64| 0.5 * libm::erfc(-x / std::f64::consts::SQRT_2);
        cdf(d1) - k.exp() * cdf(d1 - total)
    };
    let step = 0.01;
    let mut strike = (-reach).exp() + step;
    while strike < reach.exp().min(6.0) {
        let [low, here, high] = [strike - step, strike, strike + step].map(|s| call(s.ln()));
        assert!(
            low - 2.0 * here + high > -1e-12,
            "butterfly at {strike}: {curve:?}"
        );
        assert!(
            low >= here - 1e-15 && here >= high - 1e-15,
            "vertical at {strike}: {curve:?}"
        );
        strike += step;
    }
}

fn assert_arbitrage_free(surface: &Surface) {
    for slice in surface.slices() {
        assert_eq!(slice.curve.butterfly(), None);
        assert_no_butterfly(&slice.curve, 3.0);
    }
    for pair in surface.slices().windows(2) {
        assert_eq!(pair[1].curve.calendar(&pair[0].curve), None);
    }
    let years: Vec<f64> = (1..60).map(|n| f64::from(n) * 0.05).collect();
    for k in [-1.0, -0.3, -0.05, 0.0, 0.1, 0.5, 1.5] {
        let total = |years: f64| {
            let volatility = surface.volatility(k, years).expect("a surface");
            volatility * volatility * years
        };
        for pair in years.windows(2) {
            assert!(
                total(pair[1]) >= total(pair[0]) - 1e-12,
                "k {k}, years {}",
                pair[0]
            );
        }
    }
}

#[test]
fn a_known_curve_is_found_again() {
    let surface = Surface::fit(&[smile_of(&HARMLESS, 0.5, 0.6)]).expect("a fit");
    let slice = surface.slices()[0];
    assert!(slice.error < 1e-5, "{}", slice.error);
    for k in [-0.6, -0.2, 0.0, 0.3, 0.6] {
        let expected = (HARMLESS.total_variance(k) / 0.5).sqrt();
        let found = surface.volatility(k, 0.5).expect("a surface");
        assert!((found - expected).abs() < 2e-5, "{k}: {found} {expected}");
    }
    assert_arbitrage_free(&surface);
}

#[test]
fn a_hidden_butterfly_is_seen_and_fitted_away() {
    let (at, density) = VOGT.butterfly().expect("a negative density");
    assert!(
        density < -0.01 && (0.5..1.2).contains(&at),
        "{density} at {at}"
    );
    let surface = Surface::fit(&[smile_of(&VOGT, 1.0, 1.3)]).expect("a fit");
    assert_arbitrage_free(&surface);
    // Close to the quotes all the same: within two volatility points.
    assert!(
        surface.slices()[0].error < 0.02,
        "{}",
        surface.slices()[0].error
    );
}

#[test]
fn a_later_smile_below_an_earlier_one_is_lifted() {
    let lower = Svi {
        a: 0.012,
        b: 0.08,
        ..HARMLESS
    };
    assert!(lower.calendar(&HARMLESS).is_some());
    let surface = Surface::fit(&[
        smile_of(&HARMLESS, 0.5, 0.5),
        smile_of(&lower, 0.6, 0.5),
        smile_of(
            &Svi {
                a: 0.05,
                ..HARMLESS
            },
            1.0,
            0.5,
        ),
    ])
    .expect("a fit");
    assert_arbitrage_free(&surface);
    // The last one lies above the others already.
    assert!(
        surface.slices()[2].error < 0.01,
        "{}",
        surface.slices()[2].error
    );
}

#[test]
fn wrong_smiles_are_typed_errors() {
    let good = smile_of(&HARMLESS, 0.5, 0.5);
    let few = Smile {
        points: good.points[..4].to_vec(),
        ..good.clone()
    };
    assert_eq!(
        Surface::fit(&[few]),
        Err(SurfaceError::TooFewQuotes {
            years: 0.5,
            found: 4,
            needed: 5
        })
    );
    assert_eq!(
        Surface::fit(&[good.clone(), good.clone()]),
        Err(SurfaceError::Unsorted {
            before: 0.5,
            years: 0.5
        })
    );
    for wrong in [f64::NAN, -1.0, 0.0] {
        let mut bad = good.clone();
        bad.points[3].volatility = wrong;
        assert!(matches!(
            Surface::fit(&[bad]),
            Err(SurfaceError::InvalidInput { .. })
        ));
        let mut bad = good.clone();
        bad.years = wrong;
        assert!(matches!(
            Surface::fit(&[bad]),
            Err(SurfaceError::InvalidInput { .. })
        ));
    }
    let surface = Surface::fit(&[good]).expect("a fit");
    assert_eq!(surface.volatility(0.0, 0.0), None);
    assert_eq!(surface.volatility(f64::NAN, 1.0), None);
    assert_eq!(
        Surface::fit(&[])
            .expect("nothing to fit")
            .volatility(0.0, 1.0),
        None
    );
}

/// GOOG on 2015-12-24 at the close: middles of daily quotes.
fn goog() -> Option<Vec<Quote>> {
    let entries = lean::unzipped_all("option/usa/daily/goog_2015_quote_american.zip")?;
    let quotes = entries.iter().filter_map(|(name, text)| {
        let words: Vec<&str> = name.trim_end_matches(".csv").split('_').collect();
        let date: chrono::NaiveDate =
            chrono::NaiveDate::parse_from_str(words[5], "%Y%m%d").expect("expiry");
        let today = chrono::NaiveDate::from_ymd_opt(2015, 12, 24).expect("date");
        let line = text.lines().find(|line| line.starts_with("20151224"))?;
        let fields: Vec<&str> = line.split(',').collect();
        let price = |index: usize| fields[index].parse::<f64>().ok().map(|price| price / 1e4);
        let (bid, ask) = (price(4)?, price(9)?);
        // Quotes twice as wide as their middle say nothing.
        (bid > 0.0 && ask > bid && ask < 3.0 * bid).then(|| Quote {
            days: u32::try_from((date - today).num_days()).expect("not expired"),
            strike: words[4].parse::<f64>().expect("strike") / 1e4,
            right: if words[3] == "call" {
                OptionRight::Call
            } else {
                OptionRight::Put
            },
            price: 0.5 * (bid + ask),
            volume: 0.0,
            open_interest: 0.0,
            implied_volatility: f64::NAN,
            delta: f64::NAN,
            gamma: f64::NAN,
        })
    });
    Some(quotes.collect())
}

#[test]
fn a_real_chain_of_eleven_expiries_is_fitted_without_arbitrage() {
    let Some(quotes) = goog() else {
        return;
    };
    let mut smiles = smiles(&quotes, 0.005);
    smiles.retain(|smile| smile.points.len() >= 8);
    assert!(smiles.len() >= 8, "{} smiles", smiles.len());
    // The share closed at 748.40.
    for smile in &smiles {
        assert!(
            (smile.forward / 748.4 - 1.0).abs() < 0.02,
            "{}",
            smile.forward
        );
    }
    let surface = Surface::fit(&smiles).expect("a surface");
    assert_arbitrage_free(&surface);
    let worst = surface
        .slices()
        .iter()
        .map(|slice| slice.error)
        .fold(0.0, f64::max);
    assert!(worst < 0.06, "{:?}", surface.slices());
    // A large share before earnings: at the money between 15 and 35 percent.
    for years in [0.05, 0.25, 1.0, 2.0] {
        let volatility = surface.volatility(0.0, years).expect("a surface");
        assert!((0.15..0.35).contains(&volatility), "{years}: {volatility}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever the quotes: a surface that comes out has no arbitrage.
    #[test]
    fn a_surface_is_free_of_arbitrage_or_refused(
        levels in prop::collection::vec(prop::collection::vec(0.1..0.8_f64, 9), 1..3)
    ) {
        let smiles: Vec<Smile> = levels.iter().enumerate().map(|(n, volatilities)| Smile {
            years: 0.1 * (n as f64 + 1.0),
            forward: 50.0,
            points: volatilities.iter().enumerate().map(|(i, volatility)| SmilePoint {
                log_moneyness: 0.1 * (i as f64 - 4.0),
                volatility: *volatility,
                weight: 1.0,
            }).collect(),
        }).collect();
        match Surface::fit(&smiles) {
            Ok(surface) => assert_arbitrage_free(&surface),
            Err(error) => prop_assert!(
                matches!(error, SurfaceError::Butterfly { .. } | SurfaceError::Calendar { .. }), "{}", error),
        }
    }

    /// What is called free is free wherever one looks, however far out; what is not shows where.
    #[test]
    fn verdicts_hold_at_every_strike(
        curve in any_curve(),
        before in any_curve(),
        strikes in prop::collection::vec((-1.0..1.0_f64, -3.0..4.0_f64), 64),
    ) {
        let strikes = strikes.iter().map(|(side, power)| side * 10_f64.powf(*power));
        let fallen = |k: f64| before.total_variance(k) - curve.total_variance(k);
        match curve.butterfly() {
            None => for k in strikes.clone() {
                prop_assert!(curve.density_factor(k) >= -1e-9, "{k}: {}", curve.density_factor(k));
            },
            Some((_, density)) => prop_assert!(density < 0.0 || curve.lowest() <= 0.0),
        }
        match curve.calendar(&before) {
            None => for k in strikes {
                let rounding = 1e-13 * curve.total_variance(k);
                prop_assert!(fallen(k) <= 1e-10 + rounding, "{k}: {}", fallen(k));
            },
            Some((k, gap)) if k.is_finite() => {
                prop_assert!(gap > 0.0);
                for k in strikes {
                    prop_assert!(fallen(k) <= gap + 1e-9 * curve.total_variance(k).abs(), "{k}");
                }
            }
            Some((_, slope)) => prop_assert!(slope > 0.0),
        }
    }
}

/// Curves of every shape, with arbitrage and without.
fn any_curve() -> impl Strategy<Value = Svi> {
    (
        -0.05..0.2_f64,
        -4.0..0.5_f64,
        -0.9999..0.9999_f64,
        -0.5..0.5_f64,
        -4.0..0.0_f64,
    )
        .prop_map(|(a, slope, rho, m, round)| Svi {
            a,
            b: 10_f64.powf(slope),
            rho,
            m,
            sigma: 10_f64.powf(round),
        })
}
