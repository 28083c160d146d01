//! An option chain as received at one moment, ready for analysis.

use chrono::NaiveDate;
use trader_domain::{OptionChain, OptionQuote, OptionRight, Price, Rate, Timestamp};

use super::black_scholes;
use super::chain::{Quote, by_expiry};
use super::implied::implied_volatility;
use super::smile::forward;
use super::terms::{Underlying, Vanilla};

/// All quotes of one underlying at one moment; goes into [`crate::Knowledge::chain`].
#[derive(Debug, Clone, PartialEq)]
pub struct ChainSnapshot {
    /// When we had it.
    pub received: Timestamp,
    /// The underlying's price.
    pub spot: f64,
    /// The contracts.
    pub quotes: Vec<Quote>,
}

impl ChainSnapshot {
    /// Of a chain. `None` when it does not know the underlying's price.
    ///
    /// Prices are middles of two-sided quotes, else the last trade. Days count from the chain's UTC date,
    /// a year has 365; contracts that expired are left out. Volatility is the vendor's where it gives
    /// one, else the European one of the price on the forward that puts and calls agree on; delta and
    /// gamma follow from it. What cannot be computed is NaN. `rate` is the riskless rate per year,
    /// continuously compounded.
    pub fn of(chain: &OptionChain, rate: f64) -> Option<Self> {
        let spot = chain.underlying_price()?.to_f64_lossy();
        if spot <= 0.0 {
            return None;
        }
        let today = chain.time().utc_date();
        let priced: Vec<(Quote, Option<f64>)> = chain
            .quotes()
            .iter()
            .filter_map(|quote| raw(quote, today))
            .collect();
        let quotes: Vec<Quote> = priced.iter().map(|(quote, _)| *quote).collect();
        let mut carried = std::collections::BTreeMap::new();
        for (days, expiry) in by_expiry(&quotes) {
            let years = f64::from(days) / 365.0;
            let forward = forward(&expiry, (rate * years).exp());
            // The yield that turns the spot into that forward.
            let yield_ = forward.filter(|_| years > 0.0);
            let yield_ = yield_.map_or(0.0, |forward| rate - (forward / spot).ln() / years);
            carried.insert(days, yield_);
        }
        let quotes = priced.into_iter().map(|(quote, vendor)| {
            let underlying = Underlying {
                spot,
                rate,
                dividend_yield: carried.get(&quote.days).copied().unwrap_or(0.0),
            };
            valued(quote, vendor, &underlying)
        });
        Some(Self {
            received: chain.received(),
            spot,
            quotes: quotes.collect(),
        })
    }
}

/// What the chain says of a contract, without volatility; and the vendor's volatility.
fn raw(quote: &OptionQuote, today: NaiveDate) -> Option<(Quote, Option<f64>)> {
    let days = u32::try_from((quote.contract.expiry - today).num_days()).ok()?;
    let price = quote.midpoint().or(quote.last);
    let vendor = quote.implied_volatility.map(Rate::to_f64_lossy);
    Some((
        Quote {
            days,
            strike: quote.contract.strike.to_f64_lossy(),
            right: quote.contract.right,
            price: price.map_or(f64::NAN, Price::to_f64_lossy),
            volume: quote.volume as f64,
            open_interest: quote.open_interest as f64,
            implied_volatility: f64::NAN,
            delta: f64::NAN,
            gamma: f64::NAN,
        },
        vendor.filter(|volatility| *volatility > 0.0),
    ))
}

fn valued(quote: Quote, vendor: Option<f64>, underlying: &Underlying) -> Quote {
    let option = Vanilla {
        right: quote.right,
        strike: quote.strike,
        years: f64::from(quote.days) / 365.0,
    };
    let solved = || implied_volatility(&option, underlying, quote.price).ok();
    let Some(volatility) = vendor.or_else(solved) else {
        return quote;
    };
    let greeks = black_scholes::greeks(&option, underlying, volatility).ok();
    Quote {
        implied_volatility: volatility,
        delta: greeks.map_or(f64::NAN, |greeks| greeks.delta),
        gamma: greeks.map_or(f64::NAN, |greeks| greeks.gamma),
        ..quote
    }
}

/// Sum over one side.
pub(super) fn side(quotes: &[Quote], right: OptionRight, of: impl Fn(&Quote) -> f64) -> f64 {
    let side = quotes.iter().filter(|quote| quote.right == right);
    side.map(of).filter(|value| value.is_finite()).sum()
}
