//! What every option value obeys, whatever the inputs.

use proptest::prelude::*;
use trader_domain::{ExerciseStyle, OptionRight};
use trader_features::options::{
    OptionError, Underlying, Vanilla, american, black_scholes, cash_dividends, implied_volatility,
};

fn any_right() -> impl Strategy<Value = OptionRight> {
    prop_oneof![Just(OptionRight::Call), Just(OptionRight::Put)]
}

prop_compose! {
    fn any_case()(
        right in any_right(),
        moneyness in 0.5_f64..2.0,
        years in 0.01_f64..3.0,
        spot in 1.0_f64..1000.0,
        rate in -0.02_f64..0.10,
        dividend_yield in 0.0_f64..0.08,
        volatility in 0.05_f64..1.5,
    ) -> (Vanilla, Underlying, f64) {
        (
            Vanilla { right, strike: spot * moneyness, years },
            Underlying { spot, rate, dividend_yield },
            volatility,
        )
    }
}

fn fair(option: &Vanilla, share: &Underlying, volatility: f64) -> f64 {
    black_scholes::price(option, share, volatility).expect("valid inputs")
}

/// Fourth-order central difference.
fn slope(step: f64, value: impl Fn(f64) -> f64) -> f64 {
    let inner = value(step) - value(-step);
    let outer = value(2.0 * step) - value(-2.0 * step);
    (8.0 * inner - outer) / (12.0 * step)
}

proptest! {
    #[test]
    fn put_call_parity_holds((option, share, volatility) in any_case()) {
        let call = Vanilla { right: OptionRight::Call, ..option };
        let put = Vanilla { right: OptionRight::Put, ..option };
        let forward = share.spot * (-share.dividend_yield * option.years).exp()
            - option.strike * (-share.rate * option.years).exp();
        let gap = fair(&call, &share, volatility) - fair(&put, &share, volatility) - forward;
        prop_assert!(gap.abs() < 1e-12 * (share.spot + option.strike), "{gap:e}");
    }

    #[test]
    fn sensitivities_are_the_slopes_of_the_price((option, share, volatility) in any_case()) {
        let greeks = black_scholes::greeks(&option, &share, volatility).expect("valid inputs");
        let at = |o: Vanilla, s: Underlying, v: f64| {
            black_scholes::greeks(&o, &s, v).expect("valid inputs")
        };
        let spot = |d: f64| at(option, Underlying { spot: share.spot + d, ..share }, volatility);
        let vol = |d: f64| at(option, share, volatility + d);
        let time = |d: f64| at(Vanilla { years: option.years - d, ..option }, share, volatility);
        let rate = |d: f64| at(option, Underlying { rate: share.rate + d, ..share }, volatility);
        let carry = |d: f64| {
            let dividend_yield = share.dividend_yield + d;
            at(option, Underlying { dividend_yield, ..share }, volatility)
        };
        // A fraction of the width of the density, so that its fifth derivative does not count.
        let total = volatility * option.years.sqrt();
        let (ds, dv, dt) = (1e-2 * total.min(1.0) * share.spot, 1e-3 * volatility, 1e-3 * option.years);
        let dr = 1e-3 * total.min(1.0) / option.years.max(1.0);
        let scale = share.spot;
        let pairs = [
            ("delta", greeks.delta, slope(ds, |d| spot(d).price), 1.0),
            ("gamma", greeks.gamma, slope(ds, |d| spot(d).delta), 1.0 / (scale * total)),
            ("speed", greeks.speed, slope(ds, |d| spot(d).gamma), 1.0 / (scale * total).powi(2)),
            ("vega", greeks.vega, slope(dv, |d| vol(d).price), scale),
            ("vanna", greeks.vanna, slope(dv, |d| vol(d).delta), 1.0 / volatility),
            ("volga", greeks.volga, slope(dv, |d| vol(d).vega), scale / volatility),
            ("theta", greeks.theta, slope(dt, |d| time(d).price), scale / option.years),
            ("charm", greeks.charm, slope(dt, |d| time(d).delta), 1.0 / option.years),
            ("rho", greeks.rho, slope(dr, |d| rate(d).price), scale),
            ("phi", greeks.phi, slope(dr, |d| carry(d).price), scale),
        ];
        for (name, found, expected, size) in pairs {
            let error = (found - expected).abs();
            prop_assert!(error <= 1e-5 * size.max(expected.abs()), "{name} {found} {expected}");
        }
    }

    #[test]
    fn prices_lie_between_the_bounds_and_rise_with_volatility((option, share, volatility) in any_case()) {
        let price = fair(&option, &share, volatility);
        let present = share.spot * (-share.dividend_yield * option.years).exp();
        let cash = option.strike * (-share.rate * option.years).exp();
        let (intrinsic, maximum) = match option.right {
            OptionRight::Call => ((present - cash).max(0.0), present),
            OptionRight::Put => ((cash - present).max(0.0), cash),
        };
        let rounding = 1e-13 * (share.spot + option.strike);
        prop_assert!(price >= intrinsic - rounding && price <= maximum + rounding);
        prop_assert!(fair(&option, &share, 1.01 * volatility) >= price - rounding);
    }

    #[test]
    fn implied_volatility_gives_the_price_back((option, share, volatility) in any_case()) {
        let price = fair(&option, &share, volatility);
        match implied_volatility(&option, &share, price) {
            Ok(implied) => {
                let again = fair(&option, &share, implied);
                prop_assert!((again - price).abs() <= 8.0 * f64::EPSILON * price.max(share.spot).max(option.strike));
            }
            Err(error) => prop_assert!(matches!(error, OptionError::NoTimeValue { .. }), "{error}"),
        }
    }

    #[test]
    fn nothing_panics_and_nothing_is_not_a_number(
        right in any_right(),
        strike in any::<f64>(),
        years in any::<f64>(),
        spot in any::<f64>(),
        rate in prop_oneof![any::<f64>(), -1.0..1.0],
        dividend_yield in prop_oneof![any::<f64>(), -1.0..1.0],
        volatility in any::<f64>(),
    ) {
        let option = Vanilla { right, strike, years };
        let share = Underlying { spot, rate, dividend_yield };
        if let Ok(price) = black_scholes::price(&option, &share, volatility) {
            prop_assert!(price.is_finite() && price >= 0.0);
        }
        if let Ok(greeks) = black_scholes::greeks(&option, &share, volatility) {
            prop_assert!(greeks.speed.is_finite() && greeks.charm.is_finite());
        }
        if let Ok(implied) = implied_volatility(&option, &share, volatility) {
            prop_assert!(implied.is_finite() && implied > 0.0);
        }
        if let Ok(price) = american::price(&option, &share, volatility) {
            prop_assert!(price.is_finite() && price >= 0.0);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn american_values_are_worth_no_less_than_european_ones_or_exercise((option, share, volatility) in any_case()) {
        match american::price(&option, &share, volatility) {
            Ok(price) => {
                let rounding = 1e-9 * (share.spot + option.strike);
                prop_assert!(price >= fair(&option, &share, volatility) - rounding);
                prop_assert!(price >= option.intrinsic(share.spot) - rounding);
                let more = american::price(&option, &share, 1.05 * volatility).expect("settles");
                prop_assert!(more >= price - rounding, "{more} {price}");
            }
            Err(error) => prop_assert_eq!(error, OptionError::TwoBoundaries),
        }
    }

    #[test]
    fn the_boundary_method_and_finite_differences_agree((option, share, volatility) in any_case()) {
        if let Ok(price) = american::price(&option, &share, volatility) {
            let grid = cash_dividends::price(&option, ExerciseStyle::American, &share, &[], volatility)
                .expect("valid inputs");
            // The grid's points lie further apart the wider the distribution.
            let tolerance = 3e-5 * (1.0 + 2.0 * volatility * volatility * option.years);
            prop_assert!((price - grid).abs() < tolerance * (share.spot + option.strike), "{price} {grid}");
        }
    }
}

#[test]
fn early_exercise_between_two_boundaries_is_refused() {
    let option = Vanilla {
        right: OptionRight::Put,
        strike: 100.0,
        years: 1.0,
    };
    let share = Underlying {
        spot: 100.0,
        rate: -0.01,
        dividend_yield: -0.03,
    };
    assert_eq!(
        american::price(&option, &share, 0.2),
        Err(OptionError::TwoBoundaries)
    );
}

#[test]
fn the_boundary_settles_with_a_negative_rate_on_the_cash_leg() {
    let option = Vanilla {
        right: OptionRight::Call,
        strike: 0.5,
        years: 1.480_111_483_924_435_1,
    };
    let share = Underlying {
        spot: 1.0,
        rate: -0.012_448_709_756_403_073,
        dividend_yield: 0.066_137_957_236_970_73,
    };
    for volatility in [0.05, 0.06, 0.08, 0.1, 0.2, 0.4, 0.8, 1.5] {
        let price = american::price(&option, &share, volatility);
        assert!(price.is_ok(), "{volatility}: {price:?}");
    }
}

#[test]
fn the_boundary_settles_over_the_range_of_listed_options() {
    let mut unsettled = Vec::new();
    for years in [0.002, 0.01, 0.05, 0.3, 1.0, 3.0] {
        for volatility in [0.03, 0.05, 0.1, 0.25, 0.6, 1.5, 3.0] {
            for rate in [0.0005, 0.01, 0.0218, 0.05, 0.10] {
                for dividend_yield in [-0.02, 0.0, 0.0145, 0.024, 0.05, 0.09] {
                    let option = Vanilla {
                        right: OptionRight::Put,
                        strike: 100.0,
                        years,
                    };
                    let share = Underlying {
                        spot: 100.0,
                        rate,
                        dividend_yield,
                    };
                    if let Err(error) = american::price(&option, &share, volatility) {
                        unsettled.push(format!(
                            "T {years} v {volatility} r {rate} q {dividend_yield}: {error}"
                        ));
                    }
                }
            }
        }
    }
    assert!(
        unsettled.is_empty(),
        "{}\n{}",
        unsettled.len(),
        unsettled.join("\n")
    );
}
