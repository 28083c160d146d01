//! What each strategy does on a history made to show it.

use trader_domain::Side;

use crate::market::Market;

fn feed(market: &mut Market, closes: impl IntoIterator<Item = i32>) {
    for close in closes {
        market.instant(&[close]);
    }
}

#[test]
fn buy_and_hold_buys_once_at_the_first_bar() {
    let mut market = Market::new("buy-and-hold", &[("quantity", "10")], 2);
    for close in [100, 101, 90, 120] {
        market.instant(&[close, close + 1]);
    }
    assert_eq!(
        market.sent,
        [
            (0, 0, Side::Buy, "10".to_owned()),
            (0, 1, Side::Buy, "10".to_owned())
        ]
    );
    assert_eq!(
        (market.held(0).as_str(), market.held(1).as_str()),
        ("10", "10")
    );
}

#[test]
fn a_weight_is_split_over_the_instruments_and_rounded_down_to_lots() {
    // 90 % of 1,000,000 over two instruments is 450,000 each.
    let mut market = Market::new("buy-and-hold", &[], 2);
    market.instant(&[70, 33]);
    let quantities: Vec<&str> = market.sent.iter().map(|sent| sent.3.as_str()).collect();
    assert_eq!(quantities, ["6428", "13636"]);
}

#[test]
fn the_simple_crossover_trades_the_crossings_and_not_the_ties() {
    let parameters = [("fast", "2"), ("slow", "3"), ("quantity", "5")];
    let mut market = Market::new("sma-crossover", &parameters, 1);
    // Averages of 2 and 3: bar 2: 10/10 equal, 3: 10/10, 4: 11/10.67 above -> buy.
    feed(&mut market, [10, 10, 10, 10, 12, 12, 12]);
    assert_eq!(market.sent, [(4, 0, Side::Buy, "5".to_owned())]);
    // Bar 6 was a tie (12/12): touching again from the tie does not buy twice.
    feed(&mut market, [14]);
    assert_eq!(market.sent.len(), 1);
    feed(&mut market, [8, 8]);
    assert_eq!(
        market.sent.last().unwrap(),
        &(8, 0, Side::Sell, "5".to_owned())
    );
    assert_eq!(market.held(0), "0");
}

#[test]
fn the_exponential_crossover_follows_a_trend_and_its_reversal() {
    let parameters = [("fast", "3"), ("slow", "8"), ("quantity", "5")];
    let mut market = Market::new("ema-crossover", &parameters, 1);
    feed(&mut market, (0..12).map(|i| 200 - i));
    feed(&mut market, (0..12).map(|i| 188 + 3 * i));
    feed(&mut market, (0..12).map(|i| 221 - 4 * i));
    let sides: Vec<Side> = market.sent.iter().map(|sent| sent.2).collect();
    assert_eq!(sides, [Side::Buy, Side::Sell]);
}

#[test]
fn z_score_reversion_buys_the_fall_and_sells_the_recovery() {
    let parameters = [
        ("lookback", "10"),
        ("entry", "2"),
        ("exit", "0.5"),
        ("quantity", "5"),
    ];
    let mut market = Market::new("zscore-reversion", &parameters, 1);
    feed(&mut market, (0..10).map(|i| 100 + i % 2));
    feed(&mut market, [80]);
    assert_eq!(market.sent, [(10, 0, Side::Buy, "5".to_owned())]);
    feed(&mut market, [82, 100]);
    assert_eq!(
        market.sent.last().unwrap(),
        &(12, 0, Side::Sell, "5".to_owned())
    );
}

#[test]
fn rsi2_buys_a_dip_only_above_the_trend() {
    let parameters = [("trend", "20"), ("quantity", "5")];
    let rising: Vec<i32> = (0..25).map(|i| 100 + 10 * i).collect();
    let mut market = Market::new("rsi2-reversion", &parameters, 1);
    feed(&mut market, rising.clone());
    assert!(market.sent.is_empty(), "nothing is oversold in a rise");
    feed(&mut market, [330, 320, 310, 300]);
    assert_eq!(market.sent, [(28, 0, Side::Buy, "5".to_owned())]);
    feed(&mut market, [330]);
    assert_eq!(
        market.sent.last().unwrap(),
        &(29, 0, Side::Sell, "5".to_owned())
    );
    // The same dip below the trend buys nothing.
    let mut falling = Market::new("rsi2-reversion", &parameters, 1);
    feed(&mut falling, rising.into_iter().rev());
    feed(&mut falling, [90, 80, 70, 60]);
    assert!(falling.sent.is_empty());
}

#[test]
fn breakout_compares_with_the_channel_before_the_bar() {
    let parameters = [("entry", "3"), ("exit", "2"), ("quantity", "5")];
    let mut market = Market::new("donchian-breakout", &parameters, 1);
    let bar = |high, low, close| [[close, high, low, close]];
    for _ in 0..3 {
        market.instant_ohlc(&bar(110, 90, 100));
    }
    // Equal to the highest high is no breakout.
    market.instant_ohlc(&bar(110, 95, 110));
    assert!(market.sent.is_empty());
    market.instant_ohlc(&bar(112, 105, 111));
    assert_eq!(market.sent, [(4, 0, Side::Buy, "5".to_owned())]);
    market.instant_ohlc(&bar(112, 94, 96));
    market.instant_ohlc(&bar(96, 90, 93));
    assert_eq!(
        market.sent.last().unwrap(),
        &(6, 0, Side::Sell, "5".to_owned())
    );
}

#[test]
fn momentum_holds_the_winners_and_waits_for_sales_before_buying() {
    let parameters = [
        ("lookback", "20"),
        ("skip", "0"),
        ("holdings", "1"),
        ("weight", "0.9"),
    ];
    let mut market = Market::new("momentum", &parameters, 2);
    // The first instrument rises in the first two months, then the second one.
    for day in 0..140_i32 {
        let second = 100 + if day < 60 { 0 } else { 4 * (day - 60) };
        market.instant(&[100 + day.min(60), second]);
    }
    assert_eq!(market.sent.first().unwrap().1, 0, "the first winner");
    let switch: Vec<_> = market.sent.iter().filter(|sent| sent.0 > 60).collect();
    let sold = switch
        .iter()
        .find(|sent| sent.1 == 0 && sent.2 == Side::Sell)
        .unwrap();
    let bought = switch
        .iter()
        .find(|sent| sent.1 == 1 && sent.2 == Side::Buy)
        .unwrap();
    assert!(
        sold.0 < bought.0,
        "sold after bar {}, bought after bar {}",
        sold.0,
        bought.0
    );
    assert_eq!(market.held(0), "0");
}

#[test]
fn pairs_sells_the_dear_and_buys_the_cheap_and_closes_both() {
    let parameters = [
        ("lookback", "20"),
        ("entry", "2"),
        ("exit", "0.5"),
        ("weight", "0.8"),
    ];
    let mut market = Market::new("pairs", &parameters, 2);
    for day in 0..40_i32 {
        let common = 1_000 + 7 * (day % 9) - 3 * (day % 5);
        market.instant(&[common + day % 2, common]);
    }
    assert!(
        market.sent.is_empty(),
        "a spread at rest: {:?}",
        market.sent
    );
    market.instant(&[1_060, 1_010]);
    let sides: Vec<(u32, Side)> = market.sent.iter().map(|sent| (sent.1, sent.2)).collect();
    assert_eq!(sides, [(0, Side::Sell), (1, Side::Buy)]);
    for day in 0..30_i32 {
        let common = 1_000 + 7 * (day % 9) - 3 * (day % 5);
        market.instant(&[common + day % 2, common]);
    }
    assert_eq!(
        (market.held(0).as_str(), market.held(1).as_str()),
        ("0", "0")
    );
}
