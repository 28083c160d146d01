//! Smiles of a chain: for each expiry the forward that puts and calls agree on, and the implied
//! volatilities of what is out of the money.

use trader_domain::OptionRight;

use super::black_scholes::normal_density;
use super::chain::{Quote, by_expiry};
use super::implied::implied_volatility;
use super::surface::{Smile, SmilePoint};
use super::terms::{Underlying, Vanilla};

/// Strikes nearest to the forward that are asked for it.
const ASKED: usize = 5;

/// The smiles of a chain, nearest expiry first, ready for [`super::surface::Surface::fit`].
///
/// `rate` is the riskless rate per year, continuously compounded; a year has 365 days. The forward is
/// the median over the five strikes where put and call cost most nearly the same of K + (C - P) e^(rT).
/// Volatilities are European ones of the quotes' prices: for American options out of the money the
/// right to exercise early is worth little. Weights are vegas, at most 1. Expiries of today, without a
/// strike where both trade, or without any volatility are left out.
pub fn smiles(quotes: &[Quote], rate: f64) -> Vec<Smile> {
    by_expiry(quotes)
        .into_iter()
        .filter(|(days, _)| *days > 0)
        .filter_map(|(days, expiry)| smile(&expiry, f64::from(days) / 365.0, rate))
        .collect()
}

fn smile(expiry: &[Quote], years: f64, rate: f64) -> Option<Smile> {
    let growth = (rate * years).exp();
    let forward = forward(expiry, growth)?;
    let underlying = Underlying {
        spot: forward / growth,
        rate,
        dividend_yield: 0.0,
    };
    let points: Vec<SmilePoint> = expiry
        .iter()
        .filter(|quote| match quote.right {
            OptionRight::Call => quote.strike >= forward,
            OptionRight::Put => quote.strike < forward,
        })
        .filter_map(|quote| {
            let option = Vanilla {
                right: quote.right,
                strike: quote.strike,
                years,
            };
            let volatility = implied_volatility(&option, &underlying, quote.price).ok()?;
            let total = volatility * years.sqrt();
            let log_moneyness = (quote.strike / forward).ln();
            let d1 = 0.5 * total - log_moneyness / total;
            let weight = normal_density(d1) / normal_density(0.0);
            let usable = volatility > 0.0 && log_moneyness.is_finite() && weight.is_finite();
            usable.then_some(SmilePoint {
                log_moneyness,
                volatility,
                weight,
            })
        })
        .collect();
    (!points.is_empty()).then_some(Smile {
        years,
        forward,
        points,
    })
}

/// The forward that put-call parity gives.
pub(super) fn forward(expiry: &[Quote], growth: f64) -> Option<f64> {
    let priced = |right: OptionRight| {
        let of = expiry.iter().filter(move |quote| quote.right == right);
        of.filter(|quote| quote.price > 0.0 && quote.price.is_finite() && quote.strike > 0.0)
    };
    let mut pairs: Vec<(f64, f64)> = priced(OptionRight::Call)
        .filter_map(|call| {
            let put = priced(OptionRight::Put).find(|put| put.strike == call.strike)?;
            let gap = call.price - put.price;
            Some((gap.abs(), call.strike + gap * growth))
        })
        .collect();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    pairs.truncate(ASKED);
    let mut forwards: Vec<f64> = pairs.into_iter().map(|(_, forward)| forward).collect();
    forwards.sort_by(f64::total_cmp);
    let middle = forwards.get(forwards.len() / 2).copied()?;
    (middle > 0.0 && middle.is_finite()).then_some(middle)
}
