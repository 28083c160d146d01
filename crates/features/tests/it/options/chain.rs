//! Chain analytics on a real chain of 1,259 contracts, and on small ones by hand.

use std::collections::BTreeMap;

use trader_domain::{
    ExerciseStyle, NANOS_PER_DAY, OptionChain, OptionContract, OptionQuote, OptionRight, Quantity,
    Symbol, Timestamp, VendorId,
};
use trader_features::options::ChainSnapshot;
use trader_features::options::chain::{
    Moneyness, Quote, at_the_money_volatility, by_expiry, expected_move, gamma_exposure, max_pain,
    moneyness, moneyness_buckets, put_call_ratios, skew, term_slope, term_structure,
    unusual_activity,
};
use trader_features::{AsOfSet, Columns, FeatureSet, Knowledge, Registry};

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

/// The features of what was known at a time, by name.
fn known_at(knowledge: &Knowledge, time: Timestamp, names: &[&str]) -> Vec<f64> {
    let set = AsOfSet::new(Registry::standard(), names).expect("known features");
    let mut out = vec![0.0; names.len()];
    set.evaluate(&knowledge.at(time), &[], &mut out)
        .expect("fits");
    out
}

#[test]
fn a_chain_is_known_from_when_it_was_received_until_it_is_stale() {
    let Some((quotes, expected)) = goog() else {
        return;
    };
    let received = Timestamp::from_nanos(1_000);
    let mut knowledge = Knowledge::new();
    let snapshot = ChainSnapshot {
        received,
        spot: expected["spot"],
        quotes,
    };
    knowledge.chain(snapshot).expect("first");
    let names = [
        "chain_pcr_volume",
        "chain_pcr_premium",
        "chain_gamma_exposure",
    ];
    let found = known_at(&knowledge, received.saturating_add(1), &names);
    for (found, name) in
        found
            .iter()
            .zip(["pcr_volume", "pcr_premium", "net_gamma_exposure_per1pct"])
    {
        assert!(
            (found / expected[name] - 1.0).abs() < 1e-9,
            "{name}: {found}"
        );
    }
    for time in [received, received.saturating_add(5 * NANOS_PER_DAY)] {
        assert!(
            known_at(&knowledge, time, &names)
                .iter()
                .all(|x| x.is_nan())
        );
    }
}

#[test]
fn a_vendors_chain_is_priced_and_its_features_are_read_by_hand() {
    let time: Timestamp = "2024-06-03T20:00:00Z".parse().expect("time");
    let contract = |strike: &str, right, price: &str, volume, open_interest| OptionQuote {
        contract: OptionContract {
            underlying: Symbol::new("ACME").expect("symbol"),
            expiry: "2024-07-03".parse().expect("date"),
            strike: strike.parse().expect("price"),
            right,
            style: ExerciseStyle::American,
        },
        bid: Some(price.parse().expect("price")),
        bid_size: Quantity::ONE,
        ask: Some(price.parse().expect("price")),
        ask_size: Quantity::ONE,
        last: None,
        volume,
        open_interest,
        implied_volatility: None,
    };
    let (call, put) = (OptionRight::Call, OptionRight::Put);
    // Values at a volatility of 30 % a month ahead, without rate or yield: 100 call and put 3.43.
    let quotes = vec![
        contract("100", call, "3.43", 500, 100),
        contract("100", put, "3.43", 100, 1_000),
        contract("115", call, "0.23", 400, 0),
        contract("85", put, "0.09", 0, 50),
    ];
    let spot = Some("100".parse().expect("price"));
    let symbol = Symbol::new("ACME").expect("symbol");
    let chain = OptionChain::new(symbol, VendorId::INTERNAL, (time, time), spot, quotes);
    let chain = chain.expect("a chain");
    let mut knowledge = Knowledge::new();
    let snapshot = ChainSnapshot::of(&chain, 0.0).expect("a spot");
    knowledge.chain(snapshot).expect("first");
    let after = time.saturating_add(1);
    let near = |name: &str, expected: f64| {
        let found = known_at(&knowledge, after, &[name])[0];
        assert!((found - expected).abs() < 2e-3, "{name}: {found}");
    };
    near("chain_iv", 0.30);
    near("chain_expected_move", 0.0686);
    near("chain_max_pain", 0.0);
    near("chain_pcr_volume", 100.0 / 900.0);
    near("chain_pcr_premium", 343.0 / (1715.0 + 92.0));
    near("chain_put_interest", 1050.0);
    // 500 of 100 open and 400 of none; both calls.
    near("chain_unusual_contracts", 2.0);
    near("chain_unusual_call_share", 1.0);
    near("chain_deep_out_share", 0.4);
    assert!(known_at(&knowledge, after, &["chain_term_slope"])[0].is_nan());
    let wrong = AsOfSet::new(Registry::standard(), &["chain_term_slope_90_30"]);
    assert!(wrong.is_err());
}
