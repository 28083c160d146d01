//! 900 European, 240 implied-volatility and 132 American rows of independent values.

use trader_domain::ExerciseStyle;
use trader_features::options::{
    Dividend, OptionError, american, black_scholes, cash_dividends, implied_volatility,
};

use super::{Row, Rows};

/// 1e-9 of the value, or 1e-12 of the spot.
fn near(found: f64, expected: f64, spot: f64) -> bool {
    (found - expected).abs() <= (1e-9 * expected.abs()).max(1e-12 * spot)
}

fn european(row: &Row<'_>, columns: &[&str]) -> Vec<String> {
    let (option, share) = (row.option(row.number("T")), row.share(row.number("q")));
    let (volatility, spot) = (row.number("sigma"), row.number("S"));
    let mut differences = Vec::new();
    let price = black_scholes::price(&option, &share, volatility).expect("valid inputs");
    if !near(price, row.number("price"), spot) {
        differences.push(format!("price {price}: {}", row.line()));
    }
    if option.years == 0.0 || volatility == 0.0 {
        let greeks = black_scholes::greeks(&option, &share, volatility);
        assert_eq!(greeks, Err(OptionError::GreeksUndefined));
        assert!(columns.iter().all(|column| row.number(column).is_nan()));
        return differences;
    }
    let greeks = black_scholes::greeks(&option, &share, volatility).expect("valid inputs");
    assert!(near(greeks.price, price, spot));
    for column in columns {
        let found = match *column {
            "delta" => greeks.delta,
            "gamma" => greeks.gamma,
            "vega" => greeks.vega,
            "theta" => greeks.theta,
            "rho" => greeks.rho,
            "phi_q" => greeks.phi,
            "vanna" => greeks.vanna,
            "volga" => greeks.volga,
            "charm" => greeks.charm,
            "speed" => greeks.speed,
            other => panic!("column {other}"),
        };
        if !near(found, row.number(column), spot) {
            differences.push(format!("{column} {found:e}: {}", row.line()));
        }
    }
    differences
}

#[test]
fn the_european_grid_is_reproduced_with_every_sensitivity() {
    let rows = Rows::read("options_bsm_grid.csv");
    let columns = [
        "delta", "gamma", "vega", "theta", "rho", "phi_q", "vanna", "volga", "charm", "speed",
    ];
    let differences: Vec<String> = rows
        .iter()
        .flat_map(|row| european(&row, &columns))
        .collect();
    assert_eq!(rows.iter().count(), 840);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn extreme_european_options_are_reproduced() {
    let rows = Rows::read("options_bsm_extreme.csv");
    let columns = ["delta", "gamma", "vega", "theta", "rho"];
    let differences: Vec<String> = rows
        .iter()
        .flat_map(|row| european(&row, &columns))
        .collect();
    assert_eq!(rows.iter().count(), 60);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// What a row of invalid input must be answered with.
fn refused_as(status: &str, error: OptionError) -> bool {
    match status {
        "neg" | "nan" | "inf" => matches!(error, OptionError::InvalidInput { input: "price", .. }),
        "bad_spot" => matches!(error, OptionError::InvalidInput { input: "spot", .. }),
        "bad_strike" => matches!(
            error,
            OptionError::InvalidInput {
                input: "strike",
                ..
            }
        ),
        "zero" | "below_intrinsic" => matches!(error, OptionError::BelowIntrinsic { .. }),
        "at_max" | "above_max" => matches!(error, OptionError::AboveMaximum { .. }),
        "expired" => error == OptionError::Expired,
        "no_solution" => matches!(
            error,
            OptionError::NoTimeValue { .. }
                | OptionError::Expired
                | OptionError::AboveMaximum { .. }
        ),
        _ => false,
    }
}

#[test]
fn every_implied_volatility_reprices_and_every_impossible_price_is_refused() {
    let rows = Rows::read("options_iv.csv");
    assert_eq!(rows.iter().count(), 240);
    let mut differences = Vec::new();
    for row in rows.iter() {
        let (option, share) = (row.option(row.number("T")), row.share(row.number("q")));
        let (price, status) = (row.number("price"), row.text("status"));
        match implied_volatility(&option, &share, price) {
            // Rounding left one price without volatility above its intrinsic value: it has a root.
            Ok(volatility)
                if matches!(status, "ok" | "ill_conditioned")
                    || status == "no_solution" && row.number("sigma_in") == 0.0 =>
            {
                let again = black_scholes::price(&option, &share, volatility).expect("valid");
                let ulps = 8.0 * f64::EPSILON * price.max(share.spot);
                // The exact root, where the price tells it to more than a few digits.
                let exact = row.number("iv_exact");
                if (again - price).abs() > ulps
                    || status == "ok" && (volatility / exact - 1.0).abs() > 1e-9
                {
                    differences.push(format!("{volatility} reprices {again}: {}", row.line()));
                }
            }
            Err(error) if refused_as(status, error) => {}
            other => differences.push(format!("{other:?}: {}", row.line())),
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn deep_in_the_money_the_root_of_the_very_price_is_found() {
    for row in Rows::read("options_iv.csv").iter() {
        if row.text("status") != "ill_conditioned" {
            continue;
        }
        let (option, share) = (row.option(row.number("T")), row.share(row.number("q")));
        let volatility = implied_volatility(&option, &share, row.number("price")).expect("a root");
        let exact = row.number("iv_exact");
        assert!(
            (volatility / exact - 1.0).abs() < 1e-9,
            "{volatility}: {}",
            row.line()
        );
    }
}

#[test]
fn american_options_are_reproduced_with_their_sensitivities() {
    let rows = Rows::read("options_american.csv");
    assert_eq!(rows.iter().count(), 108);
    let mut differences = Vec::new();
    for row in rows.iter() {
        let option = row.option(row.number("days") / 365.0);
        let share = row.share(row.number("q"));
        let volatility = row.number("sigma");
        let european = black_scholes::price(&option, &share, volatility).expect("valid");
        let greeks = american::greeks(&option, &share, volatility).expect("valid");
        let mut check = |name: &str, found: f64, expected: f64, tolerance: f64| {
            if (found - expected).abs() > tolerance {
                differences.push(format!("{name} {found}: {}", row.line()));
            }
        };
        check("european", european, row.number("european"), 1e-9);
        check("price", greeks.price, row.number("price"), 5e-5);
        check("delta", greeks.delta, row.number("delta"), 1e-5);
        check("gamma", greeks.gamma, row.number("gamma"), 1e-5);
        check("vega", greeks.vega, row.number("vega"), 5e-4);
        check("rho", greeks.rho, row.number("rho"), 2e-3);
        // The reference theta comes from a coarse time difference on a grid.
        let theta = row.number("fd_theta");
        check("theta", greeks.theta, theta, 0.01 + 0.03 * theta.abs());
        let exercise = row.text("immediate_exercise") == "1";
        // Two rows lie so close to the boundary that holding is worth 1e-8 more.
        let on_boundary = row.number("price") - option.intrinsic(share.spot) < 1e-6;
        if exercise != greeks.exercise_now && !on_boundary {
            differences.push(format!("exercise {}: {}", greeks.exercise_now, row.line()));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn american_options_with_cash_dividends_are_reproduced_in_the_escrowed_model() {
    let rows = Rows::read("options_american_div.csv");
    assert_eq!(rows.iter().count(), 24);
    let mut differences = Vec::new();
    for row in rows.iter() {
        let option = row.option(row.number("days") / 365.0);
        let dividends: Vec<Dividend> = row
            .text("divs")
            .split(';')
            .map(|item| {
                let (days, amount) = item.split_once(':').expect("days:amount");
                Dividend {
                    years: days.parse::<f64>().expect("days") / 365.0,
                    amount: amount.parse().expect("amount"),
                }
            })
            .collect();
        let share = row.share(0.0);
        let style = ExerciseStyle::American;
        let price = cash_dividends::price(&option, style, &share, &dividends, row.number("sigma"))
            .expect("valid");
        let expected = row.number("fd_escrowed_div");
        if (price - expected).abs() > 1e-3 {
            differences.push(format!("{price}: {}", row.line()));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
