//! Sources of the vendors that arguments name.

use std::collections::BTreeSet;
use std::sync::Arc;

use trader_cache::Cache;
use trader_data::HistoricalSource;
use trader_data::record_source::{
    FilingSource, NewsSource, OptionsSource, PostSource, ReferenceSource,
};
use trader_data::vendors::{
    Alpaca, AlpacaFeed, AlphaVantage, BarVendor, Benzinga, Edgar, Failover, FailoverBars, Finnhub,
    Massive, Reddit, TickSource, VendorBars, VendorLink, VendorRecords, WatchedBars, Yahoo,
};
use trader_domain::Timeframe;

use crate::cli::Provider;
use crate::failure::Failure;
use crate::line::{Lines, url};
use crate::session::Session;

/// The source of bars of one vendor, or of several in the order of preference, and its name in the record of the run.
pub(crate) fn bars(
    providers: &[Provider],
    session: &Session,
    timeframe: Option<Timeframe>,
    cache: Option<&Arc<Cache>>,
) -> Result<(Box<dyn HistoricalSource>, String), Failure> {
    let timeframe = timeframe.ok_or_else(|| {
        Failure::Usage(
            "a vendor must be told the length of the bars: --timeframe 1d or 1m".to_owned(),
        )
    })?;
    let mut lines = Lines::new(session);
    let members = each(providers, |provider| {
        bars_of(provider, &mut lines, session, (timeframe, cache))
    })?;
    let source: Box<dyn HistoricalSource> = Box::new(FailoverBars::new(members));
    let name = source.capabilities().name;
    Ok((source, name))
}

/// One member for each provider; none may be named twice.
fn each<S: ?Sized>(
    providers: &[Provider],
    mut open: impl FnMut(Provider) -> Result<Box<S>, Failure>,
) -> Result<Vec<Box<S>>, Failure> {
    let mut named = BTreeSet::new();
    let mut members = Vec::new();
    for &provider in providers {
        if !named.insert(provider) {
            return Err(Failure::Usage(format!(
                "--provider names {provider:?} twice"
            )));
        }
        members.push(open(provider)?);
    }
    Ok(members)
}

fn bars_of(
    provider: Provider,
    lines: &mut Lines<'_>,
    session: &Session,
    kept: (Timeframe, Option<&Arc<Cache>>),
) -> Result<Box<dyn WatchedBars>, Failure> {
    let config = &session.loaded.config;
    match provider {
        Provider::Alpaca | Provider::AlpacaIex => {
            let feed = if provider == Provider::Alpaca {
                AlpacaFeed::Sip
            } else {
                AlpacaFeed::Iex
            };
            source(alpaca(session, feed)?, lines.alpaca()?, kept)
        }
        Provider::Massive => {
            let vendor = Massive::new(url(&config.polygon.base_url.to_string())?);
            source(vendor, lines.massive()?, kept)
        }
        Provider::Finnhub => {
            let vendor = Finnhub::new(url(&config.finnhub.base_url.to_string())?);
            source(vendor, lines.finnhub()?, kept)
        }
        Provider::AlphaVantage => {
            let (line, key) = lines.alpha_vantage()?;
            let base = url(&config.alpha_vantage.base_url.to_string())?;
            source(AlphaVantage::new(base, key.expose()), line, kept)
        }
        Provider::Yahoo => {
            let vendor = Yahoo::new(url(&config.yahoo.base_url.to_string())?);
            source(vendor, lines.yahoo()?, kept)
        }
        Provider::Benzinga | Provider::Edgar | Provider::Reddit => Err(lacks(provider, "bars")),
    }
}

fn lacks(provider: Provider, what: &str) -> Failure {
    Failure::Usage(format!("{provider:?} has no {what} here"))
}

/// Sources of news, in the order of preference.
pub(crate) fn news(
    providers: &[Provider],
    session: &Session,
) -> Result<Failover<dyn NewsSource>, Failure> {
    let mut lines = Lines::new(session);
    let config = &session.loaded.config;
    let members = each(providers, |provider| {
        Ok(match provider {
            Provider::Alpaca | Provider::AlpacaIex => {
                let vendor = alpaca(session, AlpacaFeed::Sip)?;
                Box::new(VendorRecords::new(vendor, lines.alpaca()?)) as Box<dyn NewsSource>
            }
            Provider::Massive => {
                let vendor = Massive::new(url(&config.polygon.base_url.to_string())?);
                Box::new(VendorRecords::new(vendor, lines.massive()?))
            }
            Provider::Finnhub => {
                let vendor = Finnhub::new(url(&config.finnhub.base_url.to_string())?);
                Box::new(VendorRecords::new(vendor, lines.finnhub()?))
            }
            Provider::Benzinga => {
                let (line, key) = lines.benzinga()?;
                let base = url(&config.benzinga.base_url.to_string())?;
                Box::new(VendorRecords::new(Benzinga::new(base, key.expose()), line))
            }
            other => return Err(lacks(other, "news")),
        })
    })?;
    Ok(Failover::new(members))
}

/// Sources of listings, trading days and corporate actions, in the order of preference.
pub(crate) fn reference(
    providers: &[Provider],
    session: &Session,
) -> Result<Failover<dyn ReferenceSource>, Failure> {
    let mut lines = Lines::new(session);
    let config = &session.loaded.config;
    let members = each(providers, |provider| {
        Ok(match provider {
            Provider::Alpaca | Provider::AlpacaIex => {
                let vendor = alpaca(session, AlpacaFeed::Sip)?;
                Box::new(VendorRecords::new(vendor, lines.alpaca()?)) as Box<dyn ReferenceSource>
            }
            Provider::Massive => {
                let vendor = Massive::new(url(&config.polygon.base_url.to_string())?);
                Box::new(VendorRecords::new(vendor, lines.massive()?))
            }
            Provider::Finnhub => {
                let vendor = Finnhub::new(url(&config.finnhub.base_url.to_string())?);
                Box::new(VendorRecords::new(vendor, lines.finnhub()?))
            }
            Provider::Yahoo => {
                let vendor = Yahoo::new(url(&config.yahoo.base_url.to_string())?);
                Box::new(VendorRecords::new(vendor, lines.yahoo()?))
            }
            other => return Err(lacks(other, "reference data")),
        })
    })?;
    Ok(Failover::new(members))
}

/// Sources of filings.
pub(crate) fn filings(
    providers: &[Provider],
    session: &Session,
) -> Result<Failover<dyn FilingSource>, Failure> {
    let mut lines = Lines::new(session);
    let edgar = &session.loaded.config.edgar;
    let members = each(providers, |provider| match provider {
        Provider::Edgar => {
            let vendor = Edgar::new(
                url(&edgar.data_url.to_string())?,
                url(&edgar.archive_url.to_string())?,
            );
            let source = VendorRecords::new(vendor, lines.edgar()?);
            Ok(Box::new(source) as Box<dyn FilingSource>)
        }
        other => Err(lacks(other, "filings")),
    })?;
    Ok(Failover::new(members))
}

/// Sources of options, in the order of preference.
pub(crate) fn options(
    providers: &[Provider],
    session: &Session,
) -> Result<Failover<dyn OptionsSource>, Failure> {
    let mut lines = Lines::new(session);
    let members = each(providers, |provider| {
        Ok(match provider {
            Provider::Alpaca | Provider::AlpacaIex => {
                let vendor = alpaca(session, AlpacaFeed::Sip)?;
                Box::new(VendorRecords::new(vendor, lines.alpaca()?)) as Box<dyn OptionsSource>
            }
            Provider::Massive => {
                let base = url(&session.loaded.config.polygon.base_url.to_string())?;
                Box::new(VendorRecords::new(Massive::new(base), lines.massive()?))
            }
            other => return Err(lacks(other, "options")),
        })
    })?;
    Ok(Failover::new(members))
}

/// Sources of trades and quotes, in the order of preference.
pub(crate) fn ticks(
    providers: &[Provider],
    session: &Session,
) -> Result<Failover<dyn TickSource>, Failure> {
    let mut lines = Lines::new(session);
    let members = each(providers, |provider| {
        Ok(match provider {
            Provider::Alpaca | Provider::AlpacaIex => {
                let feed = match provider {
                    Provider::AlpacaIex => AlpacaFeed::Iex,
                    _ => AlpacaFeed::Sip,
                };
                let vendor = alpaca(session, feed)?;
                Box::new(VendorRecords::new(vendor, lines.alpaca()?)) as Box<dyn TickSource>
            }
            Provider::Massive => {
                let base = url(&session.loaded.config.polygon.base_url.to_string())?;
                Box::new(VendorRecords::new(Massive::new(base), lines.massive()?))
            }
            other => return Err(lacks(other, "trades and quotes")),
        })
    })?;
    Ok(Failover::new(members))
}

/// Sources of posts.
pub(crate) fn posts(
    providers: &[Provider],
    session: &Session,
) -> Result<Failover<dyn PostSource>, Failure> {
    let mut lines = Lines::new(session);
    let members = each(providers, |provider| match provider {
        Provider::Reddit => {
            let vendor = Reddit::new(url(&session.loaded.config.reddit.base_url.to_string())?);
            let source = VendorRecords::new(vendor, lines.reddit()?);
            Ok(Box::new(source) as Box<dyn PostSource>)
        }
        other => Err(lacks(other, "posts")),
    })?;
    Ok(Failover::new(members))
}

fn alpaca(session: &Session, feed: AlpacaFeed) -> Result<Alpaca, Failure> {
    let alpaca = &session.loaded.config.alpaca;
    let trading = url(&alpaca.trading_url.to_string())?;
    Ok(Alpaca::new(url(&alpaca.data_url.to_string())?, feed).with_trading(trading))
}

fn source<V: BarVendor + 'static>(
    vendor: V,
    line: Arc<VendorLink>,
    (timeframe, cache): (Timeframe, Option<&Arc<Cache>>),
) -> Result<Box<dyn WatchedBars>, Failure> {
    let source = VendorBars::new(vendor, line, timeframe).map_err(Failure::Source)?;
    Ok(Box::new(match cache {
        Some(cache) => source.with_cache(Arc::clone(cache)),
        None => source,
    }))
}
