//! IBM on 2013-10-07: 109,000 changes of the national best bid or offer and 24,000 trades.

use std::collections::BTreeMap;

use super::table;
use crate::lean::unzipped;

/// Milliseconds of the regular session, New York.
const SESSION: std::ops::Range<f64> = 34_200_000.0..57_600_000.0;

/// Columns by name of quotes and of trades joined with the market before them.
type Named = BTreeMap<&'static str, Vec<f64>>;

fn tape() -> Option<(Named, Named)> {
    let quotes = unzipped("equity/usa/tick/ibm/20131007_quote.zip")?;
    let trades = unzipped("equity/usa/tick/ibm/20131007_trade.zip")?;
    let mut trades = trades
        .lines()
        .map(|line| line.split(',').collect::<Vec<_>>());
    let mut trade = trades.next();
    let (mut of_quotes, mut of_trades) = (Named::new(), Named::new());
    let number = |text: &str| text.parse::<f64>().expect("number");
    let mut market = [0.0; 4];
    for line in quotes.lines() {
        let fields: Vec<&str> = line.split(',').collect();
        let time = number(fields[0]);
        while let Some(fields) = &trade
            && number(fields[0]) < time
        {
            if SESSION.contains(&number(fields[0])) && fields[5] == "0" {
                put(&mut of_trades, "trade_price", number(fields[1]) / 1e4);
                put(&mut of_trades, "trade_size", number(fields[2]));
                put_market(&mut of_trades, market);
            }
            trade = trades.next();
        }
        let (bid, ask) = (number(fields[1]) / 1e4, number(fields[3]) / 1e4);
        // A row is one side of the national best bid and offer.
        if bid > 0.0 {
            (market[0], market[2]) = (bid, number(fields[2]));
        } else if ask > 0.0 {
            (market[1], market[3]) = (ask, number(fields[4]));
        }
        if SESSION.contains(&time) {
            put_market(&mut of_quotes, market);
        }
    }
    Some((of_quotes, of_trades))
}

fn put(columns: &mut Named, name: &'static str, value: f64) {
    columns.entry(name).or_default().push(value);
}

fn put_market(columns: &mut Named, market: [f64; 4]) {
    for (name, value) in ["bid", "ask", "bid_size", "ask_size"]
        .into_iter()
        .zip(market)
    {
        put(columns, name, value);
    }
}

fn features(names: &[&str], columns: &Named) -> Vec<Vec<f64>> {
    let columns: Vec<(&str, &[f64])> = columns
        .iter()
        .map(|(name, values)| (*name, values.as_slice()))
        .collect();
    table(names, &columns)
}

fn observed(column: &[f64]) -> Vec<f64> {
    column.iter().copied().filter(|x| !x.is_nan()).collect()
}

fn mean(column: &[f64]) -> f64 {
    let values = observed(column);
    values.iter().sum::<f64>() / values.len() as f64
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let pairs: Vec<(f64, f64)> = a
        .iter()
        .copied()
        .zip(b.iter().copied())
        .filter(|(a, b)| !a.is_nan() && !b.is_nan())
        .collect();
    let n = pairs.len() as f64;
    let (ma, mb) = (
        pairs.iter().map(|p| p.0).sum::<f64>() / n,
        pairs.iter().map(|p| p.1).sum::<f64>() / n,
    );
    let sum = |of: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>();
    let ab = sum(&|p| (p.0 - ma) * (p.1 - mb));
    let (aa, bb) = (sum(&|p| (p.0 - ma).powi(2)), sum(&|p| (p.1 - mb).powi(2)));
    ab / (aa * bb).sqrt()
}

#[test]
fn real_quotes_and_trades_look_like_a_liquid_share() {
    let Some((quotes, trades)) = tape() else {
        return;
    };
    let q = features(
        &[
            "quoted_spread_bps",
            "ofi_100",
            "quote_mid",
            "queue_imbalance",
        ],
        &quotes,
    );
    let t = features(
        &[
            "trade_sign",
            "effective_spread_bps",
            "realised_spread_50",
            "price_impact_50",
            "tick_sign",
            "effective_spread",
            "kyle_lambda_500",
            "trade_imbalance_100",
            "roll_spread_500(trade_price)",
        ],
        &trades,
    );
    // A share at 182 dollars with a tick of one cent: the spread is a few basis points.
    let quoted = mean(&q[0]);
    assert!((0.5..6.0).contains(&quoted), "quoted {quoted} bps");
    let effective = mean(&t[1]);
    assert!(
        (0.0..quoted).contains(&effective),
        "effective {effective}, quoted {quoted} bps"
    );
    // Most trades can be signed, and the tick test agrees with the quotes for most of them.
    let signs = observed(&t[0]);
    assert!(signs.len() as f64 > 0.99 * t[0].len() as f64);
    let agree = t[0].iter().zip(&t[4]).filter(|(a, b)| a == b).count() as f64;
    assert!(
        agree / signs.len() as f64 > 0.6,
        "{agree} of {}",
        signs.len()
    );
    // The price moves with the trade: who provided liquidity keeps less than the spread.
    let (realised, impact) = (mean(&t[2]), mean(&t[3]));
    assert!(impact > 0.0, "impact {impact}");
    assert!(
        (realised + impact - mean(&t[5])).abs() < 1e-3,
        "{realised} {impact}"
    );
    assert!(mean(&t[6]) > 0.0, "lambda {}", mean(&t[6]));
    assert!(mean(&t[8]) > 0.0);
    // Order-flow imbalance moves with the price of the same hundred quotes (Cont, Kukanov, Stoikov
    // find R2 near 65 % over ten seconds).
    let middle = &q[2];
    let change: Vec<f64> = (0..middle.len())
        .map(|row| {
            row.checked_sub(100)
                .map_or(f64::NAN, |then| middle[row] - middle[then])
        })
        .collect();
    let shared = correlation(&q[1], &change);
    assert!(shared > 0.4, "correlation of flow and price {shared}");
}
