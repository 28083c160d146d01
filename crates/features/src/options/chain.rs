//! What a whole option chain says at one moment: put/call ratios, max pain, gamma exposure, expected
//! move, skew, term structure, moneyness buckets, unusual activity.
//!
//! A chain is a slice of [`Quote`]s of one underlying, in any order. A figure that the quotes do not
//! support (no calls traded, no volatility near the strike asked for) is `None`, never 0.

use std::collections::BTreeMap;

use trader_domain::OptionRight;

/// Volatilities are interpolated between quotes whose volatility lies inside; others are dead.
const USABLE_VOLATILITY: std::ops::Range<f64> = 1e-4..10.0;

/// One contract at one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quote {
    /// Days to expiry; contracts of one expiry have equal values.
    pub days: u32,
    /// Strike.
    pub strike: f64,
    /// Call or put.
    pub right: OptionRight,
    /// Last or mid price per share.
    pub price: f64,
    /// Contracts traded today.
    pub volume: f64,
    /// Open interest, contracts.
    pub open_interest: f64,
    /// Implied volatility per year; NaN or 0 where there is none.
    pub implied_volatility: f64,
    /// Option delta; NaN where unknown.
    pub delta: f64,
    /// Option gamma per share; NaN where unknown.
    pub gamma: f64,
}

/// Puts over calls.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PutCallRatios {
    /// By contracts traded.
    pub volume: Option<f64>,
    /// By open interest.
    pub open_interest: Option<f64>,
    /// By premium traded (price times volume).
    pub premium: Option<f64>,
}

/// Put/call ratios of the quotes.
pub fn put_call_ratios(quotes: &[Quote]) -> PutCallRatios {
    let ratio = |weight: fn(&Quote) -> f64| {
        let side = |right: OptionRight| -> f64 {
            let of = quotes.iter().filter(|quote| quote.right == right);
            of.map(weight).filter(|weight| weight.is_finite()).sum()
        };
        let calls = side(OptionRight::Call);
        (calls > 0.0).then(|| side(OptionRight::Put) / calls)
    };
    PutCallRatios {
        volume: ratio(|quote| quote.volume),
        open_interest: ratio(|quote| quote.open_interest),
        premium: ratio(|quote| quote.price * quote.volume),
    }
}

/// The quotes of each expiry, nearest first.
pub fn by_expiry(quotes: &[Quote]) -> BTreeMap<u32, Vec<Quote>> {
    let mut expiries: BTreeMap<u32, Vec<Quote>> = BTreeMap::new();
    for quote in quotes {
        expiries.entry(quote.days).or_default().push(*quote);
    }
    expiries
}

/// The listed strike at which the open contracts of one expiry pay their holders least; of equal
/// ones the lowest. `None` without open interest.
pub fn max_pain(expiry: &[Quote]) -> Option<f64> {
    let open = || {
        expiry.iter().filter(|quote| {
            quote.open_interest > 0.0 && quote.open_interest.is_finite() && quote.strike.is_finite()
        })
    };
    open().next()?;
    let payout = |settlement: f64| -> f64 {
        open()
            .map(|quote| {
                let pays = match quote.right {
                    OptionRight::Call => settlement - quote.strike,
                    OptionRight::Put => quote.strike - settlement,
                };
                quote.open_interest * pays.max(0.0)
            })
            .sum()
    };
    let strikes = expiry.iter().map(|quote| quote.strike);
    strikes
        .filter(|strike| strike.is_finite())
        .map(|strike| (payout(strike), strike))
        .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)))
        .map(|(_, strike)| strike)
}

/// Gamma exposure in currency per 1 % move of the underlying: the sum of gamma times open interest
/// times `multiplier` (shares per contract) times S^2 / 100, calls positive and puts negative (the
/// usual assumption that dealers are long calls and short puts).
pub fn gamma_exposure(quotes: &[Quote], spot: f64, multiplier: f64) -> f64 {
    quotes
        .iter()
        .map(|quote| {
            let sign = match quote.right {
                OptionRight::Call => 1.0,
                OptionRight::Put => -1.0,
            };
            sign * quote.gamma * quote.open_interest
        })
        .filter(|exposure| exposure.is_finite())
        .sum::<f64>()
        * (multiplier * spot * spot * 0.01)
}

/// Which contracts trade more than their history suggests: at least `least_volume` contracts and
/// `multiple` times the open interest (any trade counts where nothing was open).
pub fn unusual_activity(
    quotes: &[Quote],
    multiple: f64,
    least_volume: f64,
) -> impl Iterator<Item = &Quote> {
    quotes.iter().filter(move |quote| {
        quote.volume > 0.0
            && quote.volume >= least_volume
            && quote.volume >= multiple * quote.open_interest
    })
}

/// The move until expiry that the at-the-money straddle pays for: price of the call plus price of
/// the put at the strike nearest to the spot that has both, in currency per share.
pub fn expected_move(expiry: &[Quote], spot: f64) -> Option<f64> {
    let priced = |right: OptionRight| {
        let of = expiry.iter().filter(move |quote| quote.right == right);
        of.filter(|quote| quote.price > 0.0 && quote.price.is_finite())
    };
    priced(OptionRight::Call)
        .filter_map(|call| {
            let put = priced(OptionRight::Put).find(|put| put.strike == call.strike)?;
            Some(((call.strike - spot).abs(), call.price + put.price))
        })
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, straddle)| straddle)
}

/// Implied volatility at the money: linear in the strike between the out-of-the-money quotes on
/// both sides of the spot. `None` when one side has none.
pub fn at_the_money_volatility(expiry: &[Quote], spot: f64) -> Option<f64> {
    let mut below: Option<(f64, f64)> = None;
    let mut above: Option<(f64, f64)> = None;
    for quote in expiry.iter().filter(|quote| usable(quote)) {
        let point = (quote.strike, quote.implied_volatility);
        if quote.right == OptionRight::Put
            && quote.strike <= spot
            && below.is_none_or(|best| quote.strike > best.0)
        {
            below = Some(point);
        }
        if quote.right == OptionRight::Call
            && quote.strike >= spot
            && above.is_none_or(|best| quote.strike < best.0)
        {
            above = Some(point);
        }
    }
    let (low, high) = (below?, above?);
    Some(interpolate(low, high, spot))
}

/// Implied volatility of the put at delta `-delta` minus that of the call at `delta` (0.25: the
/// risk reversal of the 25-delta wings). `None` when the quotes do not reach that far.
pub fn skew(expiry: &[Quote], delta: f64) -> Option<f64> {
    Some(
        volatility_at_delta(expiry, OptionRight::Put, -delta)?
            - volatility_at_delta(expiry, OptionRight::Call, delta)?,
    )
}

/// Linear in delta between the neighbouring quotes.
fn volatility_at_delta(expiry: &[Quote], right: OptionRight, delta: f64) -> Option<f64> {
    let mut points: Vec<(f64, f64)> = expiry
        .iter()
        .filter(|quote| quote.right == right && usable(quote) && quote.delta.is_finite())
        .map(|quote| (quote.delta, quote.implied_volatility))
        .collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let pair = points
        .windows(2)
        .find(|pair| pair[0].0 <= delta && delta <= pair[1].0)?;
    Some(interpolate(pair[0], pair[1], delta))
}

/// At-the-money volatility by days to expiry, nearest first; expiries without one are left out.
pub fn term_structure(quotes: &[Quote], spot: f64) -> Vec<(u32, f64)> {
    by_expiry(quotes)
        .into_iter()
        .filter_map(|(days, expiry)| Some((days, at_the_money_volatility(&expiry, spot)?)))
        .collect()
}

/// At-the-money volatility of the far expiry minus that of the near one, where near and far are the
/// expiries closest to `near_days` and `far_days`. Negative: the market expects trouble soon.
pub fn term_slope(quotes: &[Quote], spot: f64, near_days: u32, far_days: u32) -> Option<f64> {
    let curve = term_structure(quotes, spot);
    let closest = |days: u32| curve.iter().min_by_key(|point| point.0.abs_diff(days));
    let (near, far) = (closest(near_days)?, closest(far_days)?);
    (near.0 < far.0).then_some(far.1 - near.1)
}

/// Where a contract's strike lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moneyness {
    /// Exercise would pay more than 10 % of the spot.
    DeepIn,
    /// Exercise would pay 2 % to 10 %.
    In,
    /// Within 2 %.
    At,
    /// 2 % to 10 % away.
    Out,
    /// More than 10 % away.
    DeepOut,
}

/// The bucket of a contract, by (S - K) / S for a call and its negative for a put.
pub fn moneyness(right: OptionRight, strike: f64, spot: f64) -> Moneyness {
    let pays = match right {
        OptionRight::Call => (spot - strike) / spot,
        OptionRight::Put => (strike - spot) / spot,
    };
    match pays {
        deep if deep > 0.10 => Moneyness::DeepIn,
        paying if paying > 0.02 => Moneyness::In,
        near if near >= -0.02 => Moneyness::At,
        out if out >= -0.10 => Moneyness::Out,
        _ => Moneyness::DeepOut,
    }
}

/// Contracts, volume and open interest of one bucket.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Bucket {
    /// Contracts quoted.
    pub contracts: usize,
    /// Contracts traded.
    pub volume: f64,
    /// Contracts open.
    pub open_interest: f64,
}

/// The chain by moneyness; empty buckets are absent.
pub fn moneyness_buckets(quotes: &[Quote], spot: f64) -> BTreeMap<Moneyness, Bucket> {
    let mut buckets: BTreeMap<Moneyness, Bucket> = BTreeMap::new();
    for quote in quotes {
        let bucket = buckets
            .entry(moneyness(quote.right, quote.strike, spot))
            .or_default();
        bucket.contracts += 1;
        bucket.volume += quote.volume;
        bucket.open_interest += quote.open_interest;
    }
    buckets
}

fn usable(quote: &Quote) -> bool {
    USABLE_VOLATILITY.contains(&quote.implied_volatility) && quote.strike.is_finite()
}

fn interpolate((x0, y0): (f64, f64), (x1, y1): (f64, f64), x: f64) -> f64 {
    if x1 == x0 {
        0.5 * (y0 + y1)
    } else {
        y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    }
}
