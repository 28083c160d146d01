//! The schema: every key, declared once.
//!
//! [`Config`] is the typed result, [`sections`] and [`keys`] list what exists, for documents and for
//! the test that every key has an effect. A key comes and goes together with the code that reads it.
//!
//! | module | sections |
//! |---|---|
//! | [`deployment`] | top level: environment, validation level |
//! | [`logging`] | `logging` |
//! | [`account`] | `account`, `calendar` |
//! | [`risk`] | `risk`, `order_flow` |
//! | [`backtest`] | `backtest`, `costs` |
//! | [`features`] | `features` |
//! | [`store`] | `store` |
//! | [`archive`] | `archive` |
//! | [`strategies`] | `strategies.NAME`, one for each built-in strategy |
//! | [`backup`] | `backup` |
//! | [`connections`] | `database`, `cache`, `security` |
//! | [`providers`] | `providers.NAME`, one for each vendor |
//!
//! The modules are public so that code which turns settings into a library's own types can say which
//! of the two it means: `backtest::Slippage` is the setting.

pub mod account;
pub mod archive;
pub mod backtest;
pub mod backup;
pub mod connections;
pub mod deployment;
pub mod features;
pub mod logging;
pub mod providers;
pub mod risk;
pub mod store;
pub mod strategies;

use std::collections::BTreeMap;

pub use account::{AccountKind, AccountSettings, CalendarSettings, Exchange, LotMethod};
pub use archive::ArchiveSettings;
pub use backtest::{
    BacktestLimits, BacktestSettings, BarPath, Commission, CostSettings, FillRule, LimitFill,
    Slippage,
};
pub use backup::BackupSettings;
pub use connections::{
    CacheSettings, DatabaseKind, DatabaseSettings, DatabaseTls, SecuritySettings,
};
pub use deployment::{DeploymentSettings, Environment, ValidationLevel};
pub use features::FeatureSettings;
pub use logging::{ConsoleFormat, LoggingSettings};
pub use providers::{
    AlpacaSettings, AlphaVantageSettings, BenzingaSettings, EdgarSettings, FinnhubSettings,
    PolygonSettings, RedditSettings, TradingMode, YahooSettings,
};
pub use risk::{OptionLevel, OrderFlowSettings, Oversize, RiskSettings};
pub use store::StoreSettings;
pub use strategies::{
    BuyAndHoldSettings, DonchianBreakoutSettings, EmaCrossoverSettings, MomentumSettings,
    PairsSettings, Rsi2ReversionSettings, SmaCrossoverSettings, ZscoreReversionSettings,
};

use crate::key::{KeyChange, KeySpec, Reader, SectionSpec};

/// Declares [`Config`] and walks its sections.
macro_rules! config {
    ($( $(#[doc = $doc:literal])+ $field:ident: $type:ty, )+) => {
        /// The whole configuration, typed and checked. Made by [`crate::load`] only.
        #[derive(Clone, Debug, PartialEq)]
        pub struct Config { $( $(#[doc = $doc])+ pub $field: $type, )+ }

        const SECTIONS: &[SectionSpec] = &[$(<$type>::SECTION,)+];

        impl Config {
            pub(crate) fn read(reader: &mut Reader<'_>) -> Option<Self> {
                $( let $field = <$type>::read(reader); )+
                Some(Self { $($field: $field?,)+ })
            }

            /// Every key with its value in TOML, secrets masked; `None` for what is not set.
            pub fn render(&self) -> BTreeMap<&'static str, Option<String>> {
                let mut out = BTreeMap::new();
                $( self.$field.render(&mut out); )+
                out
            }

            /// What differs in `newer`, in the order of the schema.
            pub fn changes(&self, newer: &Self) -> Vec<KeyChange> {
                let mut out = Vec::new();
                $( self.$field.changes(&newer.$field, &mut out); )+
                out
            }
        }
    };
}

config! {
    /// What kind of deployment this is.
    deployment: DeploymentSettings,
    /// Console and log files.
    logging: LoggingSettings,
    /// The account and its margin rules.
    account: AccountSettings,
    /// Trading hours.
    calendar: CalendarSettings,
    /// Limits of the pre-trade gate.
    risk: RiskSettings,
    /// Limits on the flow of orders.
    order_flow: OrderFlowSettings,
    /// The simulated past.
    backtest: BacktestSettings,
    /// What trading costs in a simulation.
    costs: CostSettings,
    /// Feature sets.
    features: FeatureSettings,
    /// Where market data is kept.
    store: StoreSettings,
    /// Where old market data goes.
    archive: ArchiveSettings,
    /// Strategy: buy and hold.
    buy_and_hold: BuyAndHoldSettings,
    /// Strategy: crossing simple averages.
    sma_crossover: SmaCrossoverSettings,
    /// Strategy: crossing exponential averages.
    ema_crossover: EmaCrossoverSettings,
    /// Strategy: return to the mean by z-score.
    zscore_reversion: ZscoreReversionSettings,
    /// Strategy: return to the mean by a two-bar RSI.
    rsi2_reversion: Rsi2ReversionSettings,
    /// Strategy: channel breakout.
    donchian_breakout: DonchianBreakoutSettings,
    /// Strategy: cross-sectional momentum.
    momentum: MomentumSettings,
    /// Strategy: pairs.
    pairs: PairsSettings,
    /// The database.
    database: DatabaseSettings,
    /// Backups of the database.
    backup: BackupSettings,
    /// The shared cache.
    cache: CacheSettings,
    /// Keys of our own.
    security: SecuritySettings,
    /// Broker and data: Alpaca.
    alpaca: AlpacaSettings,
    /// Data: Polygon, now Massive.
    polygon: PolygonSettings,
    /// Data: Finnhub.
    finnhub: FinnhubSettings,
    /// Data: Alpha Vantage.
    alpha_vantage: AlphaVantageSettings,
    /// News: Benzinga.
    benzinga: BenzingaSettings,
    /// Data: Yahoo.
    yahoo: YahooSettings,
    /// Filings: SEC EDGAR.
    edgar: EdgarSettings,
    /// Posts: Reddit.
    reddit: RedditSettings,
}

/// Every section, in the order of the documents.
pub fn sections() -> &'static [SectionSpec] {
    SECTIONS
}

/// Every key, in the order of the documents.
pub fn keys() -> impl Iterator<Item = &'static KeySpec> + Clone {
    SECTIONS.iter().flat_map(|section| section.keys)
}

/// The key of this name.
pub fn key(name: &str) -> Option<&'static KeySpec> {
    keys().find(|spec| spec.key == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_key_is_documented_and_its_default_is_allowed() {
        let mut seen = BTreeSet::new();
        for spec in keys() {
            assert!(seen.insert(spec.key), "{} is declared twice", spec.key);
            assert!(spec.doc.trim().len() > 10, "{} has no document", spec.key);
            assert!(
                !spec.key.contains("__"),
                "{} cannot be written as a variable",
                spec.key
            );
            if spec.default.is_some() {
                assert!(
                    spec.default_toml().is_some(),
                    "the default of {} is not allowed",
                    spec.key
                );
            }
            if matches!(spec.type_name, "integer" | "decimal" | "duration" | "size") {
                assert!(!spec.range.is_empty(), "{} has no range", spec.key);
            }
            if matches!(spec.type_name, "integer" | "decimal") {
                assert!(!spec.unit.is_empty(), "{} has no unit", spec.key);
            }
            assert!(
                !(spec.secret && spec.default.is_some()),
                "{} has a default secret",
                spec.key
            );
        }
    }

    #[test]
    fn a_malformed_range_would_be_seen() {
        for spec in keys().filter(|spec| !spec.range.is_empty() && spec.default.is_none()) {
            // Optional keys have no default to prove their range by: both ends are tried, and one
            // for ranges that are open to both sides.
            let ends: Vec<&str> = spec
                .range
                .trim_matches(['[', ']', '(', ')'])
                .split(',')
                .map(str::trim)
                .collect();
            let accepted = ends
                .iter()
                .chain(&["1"])
                .any(|end| (spec.render)(end, spec.range).is_some());
            assert!(
                accepted,
                "nothing in {} {} is allowed",
                spec.key, spec.range
            );
        }
    }
}
