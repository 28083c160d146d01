//! Chain analytics on a real chain of 1,259 contracts, and on small ones by hand.

use std::collections::BTreeMap;

use trader_domain::OptionRight;
use trader_features::options::chain::{
    Moneyness, Quote, at_the_money_volatility, by_expiry, expected_move, gamma_exposure, max_pain,
    moneyness, moneyness_buckets, put_call_ratios, skew, term_slope, term_structure,
    unusual_activity,
};
use trader_features::{Columns, FeatureSet, Registry};

fn quote(
    days: u32,
    strike: f64,
    right: OptionRight,
    price: f64,
    open: f64,
    iv: f64,
    delta: f64,
) -> Quote {
    Quote {
        days,
        strike,
        right,
        price,
        volume: 0.0,
        open_interest: open,
        implied_volatility: iv,
        delta,
        gamma: 0.0,
    }
}

/// GOOG on 2015-12-24 from the LEAN repository (data by `AlgoSeek`), when it is there. The key of an
/// expiry is its date as a number.
#[expect(clippy::print_stdout, reason = "a skipped test says so")]
fn goog() -> Option<(Vec<Quote>, BTreeMap<String, f64>)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/golden/lean/");
    let read = |name: &str| std::fs::read_to_string(format!("{folder}{name}"));
    let (Ok(chain), Ok(features)) = (
        read("goog_chain_20151224.csv"),
        read("goog_chain_features.csv"),
    ) else {
        println!("skipped: the GOOG chain is not there");
        return None;
    };
    let quotes = chain.lines().skip(1).map(|line| {
        let fields: Vec<&str> = line.split(',').collect();
        let number = |index: usize| fields[index].parse::<f64>().expect("number");
        Quote {
            days: fields[0].parse().expect("date"),
            strike: number(1),
            right: if fields[2] == "C" {
                OptionRight::Call
            } else {
                OptionRight::Put
            },
            price: number(3),
            volume: number(4),
            open_interest: number(5),
            implied_volatility: number(6),
            delta: number(7),
            gamma: number(8),
        }
    });
    let expected = features.lines().skip(1).map(|line| {
        let (name, value) = line.split_once(',').expect("two fields");
        (name.to_owned(), value.parse().expect("number"))
    });
    Some((quotes.collect(), expected.collect()))
}

#[test]
fn a_real_chain_gives_the_known_figures() {
    let Some((quotes, expected)) = goog() else {
        return;
    };
    let near = |found: f64, name: &str| {
        let expected = expected[name];
        assert!(
            (found / expected - 1.0).abs() < 1e-9,
            "{name}: {found} for {expected}"
        );
    };
    let spot = expected["spot"];
    near(quotes.len() as f64, "n_contracts");
    let ratios = put_call_ratios(&quotes);
    near(ratios.volume.expect("traded"), "pcr_volume");
    near(ratios.open_interest.expect("open"), "pcr_open_interest");
    near(ratios.premium.expect("traded"), "pcr_premium");
    near(
        gamma_exposure(&quotes, spot, 100.0),
        "net_gamma_exposure_per1pct",
    );
    assert_eq!(unusual_activity(&quotes, 2.0, 100.0).count(), 0);
    assert_eq!(unusual_activity(&quotes, 1.0, 50.0).count(), 1);
    let mut compared = 0;
    for (date, expiry) in by_expiry(&quotes) {
        if expected.contains_key(&format!("max_pain_{date}")) {
            near(
                max_pain(&expiry).expect("open"),
                &format!("max_pain_{date}"),
            );
            let ratios = put_call_ratios(&expiry);
            near(
                ratios.open_interest.expect("open"),
                &format!("pcr_oi_{date}"),
            );
            compared += 1;
        }
    }
    assert_eq!(compared, 8);
    let curve = term_structure(&quotes, spot);
    assert!(curve.len() >= 5, "{curve:?}");
    // The vendor's volatilities are wild (3.2 beside 0.8 at the money); they are taken as given.
    assert!(curve.windows(2).all(|pair| pair[0].0 < pair[1].0));
    assert!(curve.iter().all(|(_, volatility)| *volatility > 0.0));
    let contracts: usize = moneyness_buckets(&quotes, spot)
        .values()
        .map(|b| b.contracts)
        .sum();
    assert_eq!(contracts, quotes.len());
}

#[test]
fn a_small_chain_is_read_by_hand() {
    let (call, put) = (OptionRight::Call, OptionRight::Put);
    let near = [
        quote(7, 95.0, put, 0.8, 10.0, 0.30, -0.25),
        quote(7, 100.0, put, 2.5, 0.0, 0.25, -0.50),
        quote(7, 100.0, call, 2.6, 0.0, 0.25, 0.50),
        quote(7, 105.0, call, 0.7, 30.0, 0.22, 0.25),
    ];
    // At 95 the puts and calls pay nothing; at 105 neither: the lowest of the equal strikes.
    assert_eq!(max_pain(&near), Some(95.0));
    assert_eq!(expected_move(&near, 101.0), Some(5.1));
    assert!((skew(&near, 0.25).expect("wings") - 0.08).abs() < 1e-12);
    assert_eq!(skew(&near, 0.10), None);
    assert!((at_the_money_volatility(&near, 102.5).expect("both sides") - 0.235).abs() < 1e-12);
    assert_eq!(at_the_money_volatility(&near, 90.0), None);
    let mut both = near.to_vec();
    both.extend(near.map(|q| Quote {
        days: 90,
        implied_volatility: q.implied_volatility + 0.05,
        ..q
    }));
    assert!((term_slope(&both, 102.5, 10, 60).expect("two expiries") - 0.05).abs() < 1e-12);
    assert_eq!(term_slope(&near, 102.5, 10, 60), None);
    assert_eq!(moneyness(call, 105.0, 100.0), Moneyness::Out);
    assert_eq!(moneyness(put, 105.0, 100.0), Moneyness::In);
    assert_eq!(moneyness(put, 99.0, 100.0), Moneyness::At);
    assert_eq!(max_pain(&[]), None);
    assert_eq!(put_call_ratios(&[]).volume, None);
}

#[test]
fn rank_and_percentile_place_the_volatility_in_its_past() {
    let iv = [0.2, 0.4, 0.3, 0.25, 0.4];
    let columns = Columns::new().with("implied_vol", &iv).expect("column");
    let set =
        FeatureSet::new(Registry::standard(), &["iv_rank_4", "iv_percentile_4"]).expect("names");
    let table = set.batch(&columns).expect("batch");
    assert!((table.columns[0][3] - 25.0).abs() < 1e-9);
    assert!((table.columns[0][4] - 100.0).abs() < 1e-9);
    assert!((table.columns[1][3] - 100.0 / 3.0).abs() < 1e-9);
    assert!((table.columns[1][4] - 200.0 / 3.0).abs() < 1e-9);
}
