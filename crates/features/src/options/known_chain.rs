//! Registry entries of the option chain received last before a bar's close.

use trader_domain::{NANOS_PER_DAY, OptionRight};

use super::chain::{
    Moneyness, Quote, at_the_money_volatility, by_expiry, expected_move, gamma_exposure, max_pain,
    moneyness_buckets, put_call_ratios, skew, term_slope, unusual_activity,
};
use super::chain_snapshot::{ChainSnapshot, side};
use crate::as_of::{AsOf, Known};
use crate::parameter::{Arguments, Parameter, integer, real};
use crate::registry::{Build, Cost, Definition, Family};

/// A chain older than this says nothing about now.
const STALE: i64 = 4 * NANOS_PER_DAY;

const DAYS: Parameter = integer("days", "days to the expiry looked at", (1, 1000), 30);

const BASE: Definition = Definition {
    name: "",
    family: Family::Options,
    outputs: &[],
    parameters: &[],
    inputs: &[],
    cost: Cost::Linear,
    description: "",
    convention: "",
    build: Build::Items,
};

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "chain_put_call",
        outputs: &[
            "chain_pcr_volume",
            "chain_pcr_open_interest",
            "chain_pcr_premium",
        ],
        description: "Put/call ratios of the whole chain: contracts traded, contracts open, premium.",
        convention: "Puts over calls; missing without calls. Of the chain received last, no older than \
                     four days, as all features of chains.",
        build: Build::AsOf(|_| {
            Ok(Box::new(OfChain(|chain, _| {
                let ratios = put_call_ratios(&chain.quotes);
                [ratios.volume, ratios.open_interest, ratios.premium]
            })))
        }),
        ..BASE
    },
    Definition {
        name: "chain_totals",
        outputs: &[
            "chain_call_volume",
            "chain_put_volume",
            "chain_call_interest",
            "chain_put_interest",
        ],
        description: "Contracts traded and open, calls and puts.",
        convention: "Sums over the chain.",
        build: Build::AsOf(|_| {
            Ok(Box::new(OfChain(|chain, _| {
                let sum = |right, of: fn(&Quote) -> f64| Some(side(&chain.quotes, right, of));
                [
                    sum(OptionRight::Call, |quote| quote.volume),
                    sum(OptionRight::Put, |quote| quote.volume),
                    sum(OptionRight::Call, |quote| quote.open_interest),
                    sum(OptionRight::Put, |quote| quote.open_interest),
                ]
            })))
        }),
        ..BASE
    },
    Definition {
        name: "chain_volatility",
        outputs: &[
            "chain_iv",
            "chain_skew",
            "chain_expected_move",
            "chain_max_pain",
        ],
        parameters: &[DAYS, real("delta", "of the wings", (0.01, 0.5), 0.25)],
        description: "Of the expiry nearest to a number of days: volatility at the money, put wing less \
                      call wing, the move that the straddle pays for as a share of the spot, max pain \
                      over the spot less 1.",
        convention: "Expiries of today are passed over; linear between strikes, and in delta between \
                     quotes; straddle at the strike nearest to the spot; max pain is the strike at which \
                     open contracts pay least.",
        build: Build::AsOf(|a| {
            let (days, delta) = (a.length("days")?, a.real("delta")?);
            Ok(Box::new(OfChainWith {
                parameters: (days, delta),
                of: nearest_expiry,
            }))
        }),
        ..BASE
    },
    Definition {
        name: "chain_term_slope",
        outputs: &["chain_term_slope"],
        parameters: &[
            integer("near", "days", (1, 1000), 30),
            integer("far", "days", (2, 2000), 90),
        ],
        description: "Volatility at the money of a far expiry less that of a near one.",
        convention: "Of the expiries closest to both numbers of days; missing when they are the same.",
        build: Build::AsOf(|a| {
            let (near, far) = (a.length("near")?, a.length("far")?);
            if near >= far {
                return Err(a.reject("near", format!("is {near}, must be below far ({far})")));
            }
            Ok(Box::new(OfChainWith {
                parameters: (near, far),
                of: |chain, (near, far)| {
                    let days = |days: usize| u32::try_from(days).unwrap_or(u32::MAX);
                    [term_slope(
                        &chain.quotes,
                        chain.spot,
                        days(*near),
                        days(*far),
                    )]
                },
            }))
        }),
        ..BASE
    },
    Definition {
        name: "chain_gamma",
        outputs: &["chain_gamma_exposure"],
        parameters: &[real("multiplier", "shares per contract", (1.0, 1e6), 100.0)],
        description: "Gamma exposure, currency per move of 1 %.",
        convention: "Sum of gamma, open interest, multiplier, S^2 / 100; calls positive, puts negative \
                     (dealers taken to be long calls and short puts).",
        build: Build::AsOf(|a| {
            Ok(Box::new(OfChainWith {
                parameters: a.real("multiplier")?,
                of: |chain, multiplier| {
                    [Some(gamma_exposure(&chain.quotes, chain.spot, *multiplier))]
                },
            }))
        }),
        ..BASE
    },
    Definition {
        name: "chain_unusual",
        outputs: &["chain_unusual_contracts", "chain_unusual_call_share"],
        parameters: &[
            real("multiple", "of the open interest", (0.01, 1000.0), 2.0),
            integer("volume", "least contracts traded", (1, 1_000_000), 100),
        ],
        description: "How many contracts trade more than was open before, and the calls' share of what \
                      is traded in them.",
        convention: "Volume at least `multiple` times the open interest and at least `volume`; the share \
                     is by contracts traded, missing when there are none.",
        build: Build::AsOf(unusual),
        ..BASE
    },
    Definition {
        name: "chain_moneyness",
        outputs: &["chain_out_share", "chain_deep_out_share"],
        description: "Share of the volume in contracts out of the money: 2 % and more, 10 % and more.",
        convention: "By contracts traded; a contract's distance is that of its strike from the spot over \
                     the spot. Missing without volume.",
        build: Build::AsOf(|_| Ok(Box::new(OfChain(out_of_the_money)))),
        ..BASE
    },
];

/// The chain received last, unless it is stale.
fn last<'a>(known: &Known<'a>) -> Option<&'a ChainSnapshot> {
    let chain = known.chains.last()?;
    (known.time.nanos_since(chain.received) <= STALE).then_some(chain)
}

type Of<P, const O: usize> = fn(&ChainSnapshot, &P) -> [Option<f64>; O];

/// A function of the last chain.
struct OfChain<const O: usize>(Of<(), O>);

impl<const O: usize> AsOf for OfChain<O> {
    fn outputs(&self) -> usize {
        O
    }

    fn evaluate(&self, known: &Known<'_>, _row: &[f64], out: &mut [f64]) {
        write(out, last(known).map(|chain| (self.0)(chain, &())));
    }
}

/// A function of the last chain and parameters.
struct OfChainWith<P, const O: usize> {
    parameters: P,
    of: Of<P, O>,
}

impl<P: Send + Sync, const O: usize> AsOf for OfChainWith<P, O> {
    fn outputs(&self) -> usize {
        O
    }

    fn evaluate(&self, known: &Known<'_>, _row: &[f64], out: &mut [f64]) {
        write(
            out,
            last(known).map(|chain| (self.of)(chain, &self.parameters)),
        );
    }
}

fn write<const O: usize>(out: &mut [f64], values: Option<[Option<f64>; O]>) {
    out.fill(f64::NAN);
    for (out, value) in out.iter_mut().zip(values.into_iter().flatten()) {
        *out = value.filter(|value| value.is_finite()).unwrap_or(f64::NAN);
    }
}

fn nearest_expiry(chain: &ChainSnapshot, (days, delta): &(usize, f64)) -> [Option<f64>; 4] {
    let wanted = u32::try_from(*days).unwrap_or(u32::MAX);
    let expiries = by_expiry(&chain.quotes);
    let nearest = expiries
        .iter()
        .filter(|(days, _)| **days > 0)
        .min_by_key(|(days, _)| days.abs_diff(wanted));
    let Some((_, expiry)) = nearest else {
        return [None; 4];
    };
    [
        at_the_money_volatility(expiry, chain.spot),
        skew(expiry, *delta),
        expected_move(expiry, chain.spot).map(|straddle| straddle / chain.spot),
        max_pain(expiry).map(|strike| strike / chain.spot - 1.0),
    ]
}

fn unusual(a: &Arguments) -> Result<Box<dyn AsOf>, crate::FeatureError> {
    Ok(Box::new(OfChainWith {
        parameters: (a.real("multiple")?, a.length("volume")? as f64),
        of: |chain, (multiple, least)| {
            let found = || unusual_activity(&chain.quotes, *multiple, *least);
            let all: f64 = found().map(|quote| quote.volume).sum();
            let calls = found().filter(|quote| quote.right == OptionRight::Call);
            let calls: f64 = calls.map(|quote| quote.volume).sum();
            [Some(found().count() as f64), Some(calls / all)]
        },
    }))
}

fn out_of_the_money(chain: &ChainSnapshot, _none: &()) -> [Option<f64>; 2] {
    let buckets = moneyness_buckets(&chain.quotes, chain.spot);
    let all: f64 = buckets.values().map(|bucket| bucket.volume).sum();
    let of = |bucket| buckets.get(&bucket).map_or(0.0, |bucket| bucket.volume);
    let (out, deep) = (of(Moneyness::Out), of(Moneyness::DeepOut));
    [Some((out + deep) / all), Some(deep / all)]
}
