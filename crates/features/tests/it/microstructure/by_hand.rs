//! Small cases whose results are worked out by hand.

use proptest::prelude::*;

use super::{assert_column, table};

const NAN: f64 = f64::NAN;

#[test]
fn a_locked_market_has_no_spread_and_a_crossed_or_one_sided_one_is_none() {
    let columns = table(
        &["quoted_spread", "quoted_spread_bps", "quote_mid"],
        &[
            ("bid", &[10.0, 10.0, 10.1, 0.0, 10.0, 0.0]),
            ("ask", &[10.1, 10.0, 10.0, 10.1, 0.0, 0.0]),
        ],
    );
    assert_column(
        &columns[0],
        &[10.1 - 10.0, 0.0, NAN, NAN, NAN, NAN],
        "spread",
    );
    let bps = 1e4 * (10.1 - 10.0) / 10.05;
    assert_column(&columns[1], &[bps, 0.0, NAN, NAN, NAN, NAN], "bps");
    assert_column(&columns[2], &[10.05, 10.0, NAN, NAN, NAN, NAN], "middle");
}

#[test]
fn the_weighted_middle_leans_to_the_thin_side() {
    let columns = table(
        &[
            "weighted_mid",
            "queue_imbalance",
            "touch_depth",
            "touch_value",
        ],
        &[
            ("bid", &[10.0, 10.0, 0.0]),
            ("ask", &[11.0, 11.0, 11.0]),
            ("bid_size", &[300.0, 0.0, 0.0]),
            ("ask_size", &[100.0, 0.0, 100.0]),
        ],
    );
    // (10 * 100 + 11 * 300) / 400.
    assert_column(&columns[0], &[10.75, NAN, NAN], "weighted middle");
    assert_column(&columns[1], &[0.5, NAN, -1.0], "imbalance");
    assert_column(&columns[2], &[200.0, 0.0, NAN], "depth");
    assert_column(&columns[3], &[0.5 * (3000.0 + 1100.0), 0.0, NAN], "value");
}

#[test]
fn order_flow_counts_every_change_of_the_best_queues() {
    let columns = table(
        &["ofi_1", "bid_flow_1", "ask_flow_1", "ofi_2", "ofi_depth_2"],
        &[
            // Bid grows; bid rises; ask falls; bid falls; halt; again.
            ("bid", &[10.0, 10.0, 10.1, 10.1, 10.0, 0.0, 10.0, 10.0]),
            ("ask", &[10.3, 10.3, 10.3, 10.2, 10.2, 0.0, 10.2, 10.2]),
            ("bid_size", &[5.0, 8.0, 2.0, 2.0, 9.0, 0.0, 1.0, 1.0]),
            ("ask_size", &[4.0, 4.0, 4.0, 6.0, 6.0, 0.0, 7.0, 5.0]),
        ],
    );
    // Bid: +8-5, +2, 0, -2; ask: 0, 0, +6, 0. After the halt the first quote has nothing before it.
    assert_column(
        &columns[1],
        &[NAN, 3.0, 2.0, 0.0, -2.0, NAN, NAN, 0.0],
        "bids",
    );
    assert_column(
        &columns[2],
        &[NAN, 0.0, 0.0, 6.0, 0.0, NAN, NAN, -2.0],
        "asks",
    );
    assert_column(
        &columns[0],
        &[NAN, 3.0, 2.0, -6.0, -2.0, NAN, NAN, 2.0],
        "flow",
    );
    assert_column(
        &columns[3],
        &[NAN, NAN, 5.0, -4.0, -8.0, NAN, NAN, 0.0],
        "two",
    );
    // Mean of (8+4)/2 and (2+4)/2 is 4.5.
    assert!((columns[4][2] - 5.0 / 4.5).abs() < 1e-12);
}

#[test]
fn trades_are_signed_by_the_quote_and_at_the_middle_by_the_tick() {
    let columns = table(
        &[
            "trade_sign",
            "tick_sign",
            "signed_volume",
            "trade_imbalance_2",
        ],
        &[
            (
                "trade_price",
                &[10.05, 10.10, 10.05, 10.05, 10.00, 10.00, 10.02],
            ),
            ("bid", &[10.0, 10.0, 10.0, 10.0, 10.0, 0.0, 10.1]),
            ("ask", &[10.1, 10.1, 10.1, 10.1, 10.1, 0.0, 10.0]),
            ("trade_size", &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]),
        ],
    );
    // At the middle without a tick: unknown. At the middle after a fall: sold, and so again (zero
    // tick). Without a market and in a crossed one the tick decides.
    assert_column(
        &columns[0],
        &[NAN, 1.0, -1.0, -1.0, -1.0, -1.0, 1.0],
        "Lee-Ready",
    );
    assert_column(
        &columns[1],
        &[NAN, 1.0, -1.0, -1.0, -1.0, -1.0, 1.0],
        "tick",
    );
    assert_column(
        &columns[2],
        &[NAN, 2.0, -3.0, -4.0, -5.0, -6.0, 7.0],
        "volume",
    );
    assert_column(
        &columns[3],
        &[NAN, NAN, -0.2, -1.0, -1.0, -1.0, 1.0 / 13.0],
        "imbalance",
    );
}

#[test]
fn effective_spread_is_realised_spread_plus_impact() {
    let columns = table(
        &["effective_spread", "realised_spread_1", "price_impact_1"],
        &[
            ("trade_price", &[10.10, 10.00, 10.08]),
            ("bid", &[10.0, 10.0, 10.02]),
            ("ask", &[10.1, 10.1, 10.12]),
        ],
    );
    // Bought at 10.10 against 10.05; sold at 10.00 against 10.05; bought at 10.08 against 10.07.
    assert_column(&columns[0], &[0.1, 0.1, 0.02], "effective");
    // The first trade's middle does not move; the second, a sale, sees it rise by 0.02.
    assert_column(&columns[1], &[NAN, 0.1, 0.14], "realised");
    assert_column(&columns[2], &[NAN, 0.0, -0.04], "impact");
}

#[test]
fn rolls_estimate_finds_the_spread_of_a_bouncing_price() {
    // Changes +1 -1 +1 -1 ...: four pairs (d, d before) of product -1 and mean 0: cov = -4/3.
    let bouncing = [10.0, 11.0, 10.0, 11.0, 10.0, 11.0];
    let columns = table(&["roll_spread_4"], &[("close", &bouncing)]);
    let expected = 2.0 * (4.0_f64 / 3.0).sqrt();
    assert_column(&columns[0], &[NAN, NAN, NAN, NAN, NAN, expected], "Roll");
    let trending = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0];
    let columns = table(&["roll_spread_4"], &[("close", &trending)]);
    assert!(columns[0].iter().all(|value| value.is_nan()));
}

#[test]
fn kyles_lambda_is_the_slope_of_price_on_signed_volume() {
    // Each share bought moves the price by 0.01, exactly.
    let signed = [0.0, 100.0, -200.0, 50.0, 300.0];
    let mut price = 20.0;
    let prices = signed.map(|volume| {
        price += 0.01 * volume;
        price
    });
    let set = trader_features::FeatureSet::with_columns(
        trader_features::Registry::standard(),
        &["kyle_lambda_4(flow,price)", "kyle_r2_4(flow,price)"],
        &["flow", "price"],
    )
    .expect("known");
    let columns = trader_features::Columns::new()
        .with("flow", &signed)
        .and_then(|all| all.with("price", &prices))
        .expect("equal");
    let table = set.batch(&columns).expect("columns");
    assert!((table.columns[0][4] - 0.01).abs() < 1e-12);
    assert!((table.columns[1][4] - 1.0).abs() < 1e-9);
}

#[test]
fn amihuds_measure_passes_over_rows_without_volume() {
    let columns = table(
        &["amihud_2"],
        &[
            ("close", &[100.0, 101.0, 101.0, 99.99]),
            ("volume", &[1e4, 1e4, 0.0, 2e4]),
        ],
    );
    let (first, second) = (0.01 / (101.0 * 1e4), 0.01 / (99.99 * 2e4));
    let expected = 1e6 * (first + second) / 2.0;
    assert_column(&columns[0], &[NAN, NAN, NAN, expected], "Amihud");
}

#[test]
fn bulk_volume_is_shared_by_the_normal_distribution_of_the_change() {
    let columns = table(
        &["bulk_buy_share_2", "bulk_signed_volume_2"],
        &[
            ("close", &[10.0, 11.0, 10.0, 10.0]),
            ("volume", &[100.0, 100.0, 100.0, 100.0]),
        ],
    );
    // Changes +1, -1: sd (ddof 1) sqrt 2, Phi(-1/sqrt 2) = 0.23975006109347669; then -1, 0: Phi(0).
    let share = 0.239_750_061_093_476_69;
    assert_column(&columns[0], &[NAN, NAN, share, 0.5], "share");
    assert_column(
        &columns[1],
        &[NAN, NAN, 100.0 * (2.0 * share - 1.0), 0.0],
        "signed",
    );
}

/// As [`crate::microstructure::table`], with a column of the caller's that holds the share bought.
fn vpin(bucket: &str, buckets: usize, close: &[f64], volume: &[f64]) -> Vec<f64> {
    let name = format!("vpin_{bucket}_{buckets}_2");
    table(&[name.as_str()], &[("close", close), ("volume", volume)]).remove(0)
}

#[test]
fn vpin_moves_when_buckets_are_full() {
    let share = 0.239_750_061_093_476_69_f64;
    let one_sided = 1.0 - 2.0 * share;
    // The third bar is the first with a share. It fills one bucket of 100 and half the next; the
    // fourth (share 0.5) completes that half and starts another.
    let found = vpin(
        "100",
        1,
        &[10.0, 11.0, 10.0, 10.0],
        &[1.0, 1.0, 150.0, 100.0],
    );
    let second = (2.0 * (50.0 * share + 50.0 * 0.5) - 100.0).abs() / 100.0;
    assert_column(&found, &[NAN, NAN, one_sided, second], "one bucket");
    // A bar as large as a thousand buckets fills every one that counts.
    let found = vpin("100", 3, &[10.0, 11.0, 10.0], &[1.0, 1.0, 1e5]);
    assert_column(&found, &[NAN, NAN, one_sided], "three buckets");
    let found = vpin("100", 3, &[10.0, 11.0, 10.0], &[1.0, 1.0, 1e90]);
    assert_column(&found, &[NAN, NAN, one_sided], "a huge bar");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn signs_spreads_and_shares_stay_in_their_bounds(
        rows in prop::collection::vec((1.0..100.0_f64, 0.0..2.0_f64, -1.5..1.5_f64, 0.0..1e4_f64, 0.0..1e4_f64), 30..200)
    ) {
        let column = |of: fn(&(f64, f64, f64, f64, f64)) -> f64| rows.iter().map(of).collect::<Vec<_>>();
        let (bid, ask) = (column(|r| r.0), column(|r| r.0 + r.1));
        let price = column(|r| (r.0 + 0.5 * r.1 + 0.5 * r.1 * r.2).max(0.01));
        let (size, other) = (column(|r| r.3), column(|r| r.4));
        let columns = table(
            &["trade_sign", "queue_imbalance", "trade_imbalance_5", "bulk_buy_share_5(trade_price,trade_size)",
              "vpin_5000_3_5(trade_price,trade_size)", "kyle_r2_9", "weighted_mid", "effective_spread",
              "realised_spread_3", "price_impact_3"],
            &[("bid", &bid), ("ask", &ask), ("bid_size", &size), ("ask_size", &other),
              ("trade_price", &price), ("trade_size", &size)],
        );
        let within = |index: usize, low: f64, high: f64| {
            columns[index].iter().all(|x| x.is_nan() || (low - 1e-9..=high + 1e-9).contains(x))
        };
        prop_assert!(columns[0].iter().all(|x| x.is_nan() || x.abs() == 1.0));
        for (index, low, high) in [(1, -1.0, 1.0), (2, -1.0, 1.0), (3, 0.0, 1.0), (4, 0.0, 1.0), (5, 0.0, 1.0)] {
            prop_assert!(within(index, low, high), "feature {index}");
        }
        for (row, middle) in columns[6].iter().enumerate() {
            prop_assert!(middle.is_nan() || (bid[row] - 1e-9..=ask[row] + 1e-9).contains(middle));
        }
        // Unsigned trades are passed over, so the lag counts signed ones.
        let signed: Vec<usize> = (0..rows.len()).filter(|row| !columns[0][*row].is_nan()).collect();
        for pair in signed.windows(4) {
            let (then, now) = (pair[0], pair[3]);
            let sum = columns[8][now] + columns[9][now];
            prop_assert!((sum - columns[7][then]).abs() < 1e-9, "row {now}");
        }
    }
}
