//! `backfill check-credentials`: whether each vendor accepts what the configuration holds.

use std::collections::BTreeMap;
use std::sync::Arc;

use clap::ValueEnum as _;
use trader_config::schema::{AlpacaSettings, TradingMode};
use trader_config::{Config, Secret, Vendor};
use trader_data::vendors::{
    AlphaVantage, Benzinga, Edgar, PageFault, Reddit, VendorLink, Verdict, alpaca_account,
    alpha_vantage_accepts, check_credentials,
};
use trader_domain::Symbol;

use crate::cli::{CheckArgs, Provider};
use crate::failure::Failure;
use crate::line::{Lines, url};
use crate::output;
use crate::session::Session;

/// Checks each vendor; those that are named must be good, others may be without credentials.
pub(super) fn run(args: &CheckArgs) -> Result<(), Failure> {
    let session = Session::start(&args.store)?;
    // What is used up of a vendor's quota is kept there.
    session.create_store()?;
    let named = !args.provider.is_empty();
    let providers = if named {
        args.provider.clone()
    } else {
        let all = Provider::value_variants().iter().copied();
        all.filter(|one| *one != Provider::AlpacaIex).collect()
    };
    let mut lines = Lines::new(&session);
    let mut verdicts = BTreeMap::new();
    for provider in providers {
        let name = provider
            .to_possible_value()
            .map_or_else(String::new, |value| value.get_name().to_owned());
        verdicts.insert(name, of(provider, &mut lines, &session)?);
    }
    if args.store.common.json {
        output::json(&verdicts)?;
    } else {
        let mut text = String::new();
        for (name, verdict) in &verdicts {
            text.push_str(&format!("{name:<14} {}\n", shown(verdict)));
        }
        output::print(&text);
    }
    let bad = verdicts.iter().find(|(_, verdict)| match verdict {
        Verdict::Valid => false,
        Verdict::NotSet(_) => named,
        _ => true,
    });
    match bad {
        None => Ok(()),
        Some((name, verdict)) => Err(Failure::Credentials(format!("{name}: {}", shown(verdict)))),
    }
}

fn shown(verdict: &Verdict) -> String {
    let (word, reason) = match verdict {
        Verdict::Valid => return "valid".to_owned(),
        Verdict::NotSet(reason) => ("not set", reason),
        Verdict::Invalid(reason) => ("invalid", reason),
        Verdict::Expired(reason) => ("expired", reason),
        Verdict::Blocked(reason) => ("blocked", reason),
        Verdict::LacksPermission(reason) => ("lacks permission", reason),
        Verdict::ModeMismatch(reason) => ("paper and live mixed up", reason),
        Verdict::Unreachable(reason) => ("unreachable", reason),
    };
    format!("{word}: {reason}; {}", verdict.advice())
}

fn of(provider: Provider, lines: &mut Lines<'_>, session: &Session) -> Result<Verdict, Failure> {
    if let Some(verdict) = before_asking(provider, session) {
        return Ok(verdict);
    }
    let config = &session.loaded.config;
    let any = |_body: &[u8]| Ok::<(), PageFault>(());
    let below = |base: &str, path: &str| -> Result<reqwest::Url, Failure> {
        url(&format!("{}/{path}", base.trim_end_matches('/')))
    };
    let asked = |line: Result<Arc<VendorLink>, Failure>, question: reqwest::Url| {
        Ok(check_credentials(line?.as_ref(), Ok(question), any))
    };
    match provider {
        Provider::Alpaca | Provider::AlpacaIex => {
            let question = below(&config.alpaca.trading_url.to_string(), "v2/account")?;
            let line = lines.alpaca()?;
            Ok(check_credentials(&line, Ok(question), alpaca_account))
        }
        Provider::Massive => {
            let base = config.polygon.base_url.to_string();
            asked(
                lines.massive(),
                below(&base, "v3/reference/tickers?limit=1")?,
            )
        }
        Provider::Finnhub => {
            let base = config.finnhub.base_url.to_string();
            asked(lines.finnhub(), below(&base, "quote?symbol=AAPL")?)
        }
        Provider::AlphaVantage => {
            let (line, key) = lines.alpha_vantage()?;
            let base = url(&config.alpha_vantage.base_url.to_string())?;
            let vendor = AlphaVantage::new(base, key.expose());
            let take = |body: &[u8]| alpha_vantage_accepts(body, key.expose());
            Ok(check_credentials(&line, vendor.check(), take))
        }
        Provider::Yahoo => {
            let base = config.yahoo.base_url.to_string();
            let path = "v8/finance/chart/SPY?range=1d&interval=1d";
            asked(lines.yahoo(), below(&base, path)?)
        }
        Provider::Benzinga => {
            let (line, key) = lines.benzinga()?;
            let base = url(&config.benzinga.base_url.to_string())?;
            let vendor = Benzinga::new(base, key.expose());
            Ok(check_credentials(&line, vendor.check(), any))
        }
        Provider::Edgar => {
            let vendor = Edgar::new(
                url(&config.edgar.data_url.to_string())?,
                url(&config.edgar.archive_url.to_string())?,
            );
            Ok(check_credentials(
                lines.edgar()?.as_ref(),
                vendor.companies(),
                any,
            ))
        }
        Provider::Reddit => {
            let vendor = Reddit::new(url(&config.reddit.base_url.to_string())?);
            let question = Symbol::new("SPY")
                .map_err(|error| error.to_string())
                .and_then(|symbol| vendor.search(symbol));
            Ok(check_credentials(lines.reddit()?.as_ref(), question, any))
        }
    }
}

/// What can be told without asking anybody: nothing is set, or it cannot be right.
fn before_asking(provider: Provider, session: &Session) -> Option<Verdict> {
    let config = &session.loaded.config;
    let reddit = &config.reddit;
    let keys = keys_of(provider, config);
    let agent = match provider {
        Provider::Edgar => Some((&config.edgar.user_agent, "providers.edgar.user_agent")),
        Provider::Reddit => Some((&reddit.user_agent, "providers.reddit.user_agent")),
        _ => None,
    };
    let missing = keys.iter().filter(|(key, ..)| key.is_none());
    let mut missing: Vec<&str> = missing.map(|(_, _, name)| *name).collect();
    missing.extend(
        agent
            .filter(|(agent, _)| agent.is_none())
            .map(|(_, name)| name),
    );
    if !missing.is_empty() {
        return Some(Verdict::NotSet(missing.join(", ")));
    }
    for (key, form, name) in keys {
        if let (Some(key), Some(form)) = (key, form)
            && let Err(fault) = form.check(key)
        {
            return Some(Verdict::Invalid(format!("{name}: {fault}")));
        }
    }
    let is_alpaca = matches!(provider, Provider::Alpaca | Provider::AlpacaIex);
    is_alpaca.then(|| mixed_up(&config.alpaca)).flatten()
}

/// A key with the form that such keys have, where there is one, and its name.
type Key<'a> = (Option<&'a Secret>, Option<Vendor>, &'static str);

fn keys_of(provider: Provider, config: &Config) -> Vec<Key<'_>> {
    let (alpaca, reddit) = (&config.alpaca, &config.reddit);
    fn vendor<'a>(key: Option<&'a Secret>, form: Vendor, name: &'static str) -> Key<'a> {
        (key, Some(form), name)
    }
    match provider {
        Provider::Alpaca | Provider::AlpacaIex => vec![
            vendor(
                alpaca.api_key.as_ref(),
                Vendor::AlpacaKey,
                "providers.alpaca.api_key",
            ),
            vendor(
                alpaca.secret_key.as_ref(),
                Vendor::AlpacaSecret,
                "providers.alpaca.secret_key",
            ),
        ],
        Provider::Massive => {
            let key = config.polygon.api_key.as_ref();
            vec![vendor(key, Vendor::Polygon, "providers.polygon.api_key")]
        }
        Provider::Finnhub => {
            let key = config.finnhub.api_key.as_ref();
            vec![vendor(key, Vendor::Finnhub, "providers.finnhub.api_key")]
        }
        Provider::AlphaVantage => {
            let key = config.alpha_vantage.api_key.as_ref();
            vec![vendor(
                key,
                Vendor::AlphaVantage,
                "providers.alpha_vantage.api_key",
            )]
        }
        Provider::Benzinga => {
            let key = config.benzinga.api_key.as_ref();
            vec![vendor(key, Vendor::Benzinga, "providers.benzinga.api_key")]
        }
        Provider::Reddit => vec![
            (
                reddit.client_id.as_ref(),
                None,
                "providers.reddit.client_id",
            ),
            (
                reddit.client_secret.as_ref(),
                None,
                "providers.reddit.client_secret",
            ),
        ],
        Provider::Yahoo | Provider::Edgar => Vec::new(),
    }
}

/// Key, mode and address of Alpaca must all mean paper or all mean live.
fn mixed_up(alpaca: &AlpacaSettings) -> Option<Verdict> {
    let key = alpaca.api_key.as_ref()?;
    let other = match alpaca.mode {
        TradingMode::Paper => "AK",
        TradingMode::Live => "PK",
    };
    let address = match alpaca.mode {
        TradingMode::Paper => "api.alpaca.markets",
        TradingMode::Live => "paper-api.alpaca.markets",
    };
    let named = if key.expose().starts_with(other) {
        "providers.alpaca.api_key"
    } else if alpaca.trading_url.host().to_string() == address {
        "providers.alpaca.trading_url"
    } else {
        return None;
    };
    Some(Verdict::ModeMismatch(format!(
        "{named} is of the other kind than providers.alpaca.mode"
    )))
}
