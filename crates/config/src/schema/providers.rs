//! Brokers and data vendors: addresses and credentials.

use crate::key::section;
use crate::secret::Secret;
use crate::value::{Endpoint, choices};

choices! {
    /// Whose money is traded.
    pub enum TradingMode {
        /// Nobody's.
        Paper = "paper",
        /// Real money.
        Live = "live",
    }
}

section! {
    /// Alpaca: broker and data.
    pub struct AlpacaSettings in "providers.alpaca." {
        /// Whether it is used.
        enabled: bool = "false", unit "", range "", restart;
        /// Whether nothing starts without it; otherwise its failure only degrades.
        critical: bool = "true", unit "", range "", restart;
        /// Whose money is traded; key and address must agree with it.
        mode: TradingMode = "paper", unit "", range "", restart;
        /// Key id: `PK...` for paper, `AK...` for live.
        api_key: Option<Secret> = unset, unit "", range "", restart;
        /// Secret key, at least 40 characters.
        secret_key: Option<Secret> = unset, unit "", range "", restart;
        /// Address of trading.
        trading_url: Endpoint = "https://paper-api.alpaca.markets", unit "", range "", restart;
        /// Address of market data.
        data_url: Endpoint = "https://data.alpaca.markets", unit "", range "", restart;
        /// Calls in any minute, by the subscription.
        calls_per_minute: u32 = "200", unit "calls", range "[1, 100000]", restart;
        /// Calls between two midnights UTC, by the subscription.
        calls_per_day: u32 = "100000", unit "calls", range "[1, 100000000]", restart;
        /// Calls that may come at once.
        burst: u32 = "20", unit "calls", range "[1, 100000]", restart;
    }
}

/// Declares a vendor with one key.
macro_rules! vendor {
    ($doc:literal, $name:ident, $path:literal, $url:literal, $key_doc:literal) => {
        section! {
            #[doc = $doc]
            pub struct $name in $path {
                /// Whether it is used.
                enabled: bool = "false", unit "", range "", restart;
                /// Whether nothing starts without it; otherwise its failure only degrades.
                critical: bool = "false", unit "", range "", restart;
                #[doc = $key_doc]
                api_key: Option<Secret> = unset, unit "", range "", restart;
                /// Address of the service.
                base_url: Endpoint = $url, unit "", range "", restart;
            }
        }
    };
}

section! {
    /// Polygon, now Massive: data.
    pub struct PolygonSettings in "providers.polygon." {
        /// Whether it is used.
        enabled: bool = "false", unit "", range "", restart;
        /// Whether nothing starts without it; otherwise its failure only degrades.
        critical: bool = "false", unit "", range "", restart;
        /// Key: 32 letters, digits and `_`.
        api_key: Option<Secret> = unset, unit "", range "", restart;
        /// Address of the service.
        base_url: Endpoint = "https://api.massive.com", unit "", range "", restart;
        /// Calls in any minute, by the subscription.
        calls_per_minute: u32 = "300", unit "calls", range "[1, 100000]", restart;
        /// Calls between two midnights UTC, by the subscription.
        calls_per_day: u32 = "50000", unit "calls", range "[1, 100000000]", restart;
        /// Calls that may come at once.
        burst: u32 = "50", unit "calls", range "[1, 100000]", restart;
    }
}

vendor!(
    " Finnhub: data and news.",
    FinnhubSettings,
    "providers.finnhub.",
    "https://finnhub.io/api/v1",
    " Key: 20 to 40 lower-case letters and digits."
);
vendor!(
    " Alpha Vantage: data.",
    AlphaVantageSettings,
    "providers.alpha_vantage.",
    "https://www.alphavantage.co",
    " Key: 16 upper-case letters and digits."
);
vendor!(
    " Benzinga: news.",
    BenzingaSettings,
    "providers.benzinga.",
    "https://api.benzinga.com",
    " Key: 20 to 64 letters, digits, `.`, `_` and `-`."
);
