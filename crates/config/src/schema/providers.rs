//! Brokers and data vendors: addresses and credentials.

use crate::key::section;
use crate::secret::Secret;
use crate::value::{AgentName, Endpoint, choices};

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
        /// Address of real-time market data, opened as a WebSocket.
        stream_url: Endpoint = "https://stream.data.alpaca.markets", unit "", range "", restart;
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
    ($doc:literal, $name:ident, $path:literal, $url:literal,
     [$minute:literal, $day:literal, $burst:literal], $key_doc:literal) => {
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
                /// Calls in any minute, by the subscription.
                calls_per_minute: u32 = $minute, unit "calls", range "[1, 100000]", restart;
                /// Calls between two midnights UTC, by the subscription.
                calls_per_day: u32 = $day, unit "calls", range "[1, 100000000]", restart;
                /// Calls that may come at once.
                burst: u32 = $burst, unit "calls", range "[1, 100000]", restart;
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
        /// Address of real-time market data, opened as a WebSocket.
        stream_url: Endpoint = "https://socket.massive.com", unit "", range "", restart;
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
    ["60", "10000", "10"],
    " Key: 20 to 40 lower-case letters and digits."
);
vendor!(
    " Alpha Vantage: data.",
    AlphaVantageSettings,
    "providers.alpha_vantage.",
    "https://www.alphavantage.co",
    ["5", "500", "2"],
    " Key: 16 upper-case letters and digits."
);
vendor!(
    " Benzinga: news.",
    BenzingaSettings,
    "providers.benzinga.",
    "https://api.benzinga.com",
    ["60", "10000", "10"],
    " Key: 20 to 64 letters, digits, `.`, `_` and `-`."
);

section! {
    /// Yahoo: daily bars, splits and dividends; unofficial, without a key.
    pub struct YahooSettings in "providers.yahoo." {
        /// Address of the charts.
        base_url: Endpoint = "https://query1.finance.yahoo.com", unit "", range "", restart;
        /// Calls in any minute.
        calls_per_minute: u32 = "60", unit "calls", range "[1, 100000]", restart;
        /// Calls between two midnights UTC.
        calls_per_day: u32 = "5000", unit "calls", range "[1, 100000000]", restart;
        /// Calls that may come at once.
        burst: u32 = "5", unit "calls", range "[1, 100000]", restart;
    }
}

section! {
    /// SEC EDGAR: filings; without a key, but with a contact.
    pub struct EdgarSettings in "providers.edgar." {
        /// Who asks, as the SEC wants it: `Company Name admin@company.com`.
        user_agent: Option<AgentName> = unset, unit "", range "", restart;
        /// Address of the submissions.
        data_url: Endpoint = "https://data.sec.gov", unit "", range "", restart;
        /// Address of the list of companies and of the documents.
        archive_url: Endpoint = "https://www.sec.gov", unit "", range "", restart;
        /// Calls in any minute.
        calls_per_minute: u32 = "600", unit "calls", range "[1, 100000]", restart;
        /// Calls between two midnights UTC.
        calls_per_day: u32 = "100000", unit "calls", range "[1, 100000000]", restart;
        /// Calls that may come at once.
        burst: u32 = "1", unit "calls", range "[1, 100000]", restart;
    }
}

section! {
    /// Reddit: posts, with the credentials of an application.
    pub struct RedditSettings in "providers.reddit." {
        /// Id of the application.
        client_id: Option<Secret> = unset, unit "", range "", restart;
        /// Secret of the application.
        client_secret: Option<Secret> = unset, unit "", range "", restart;
        /// Who asks, as Reddit wants it: `platform:application:version (by /u/name)`.
        user_agent: Option<AgentName> = unset, unit "", range "", restart;
        /// Address of the service.
        base_url: Endpoint = "https://oauth.reddit.com", unit "", range "", restart;
        /// Address that hands out tokens.
        token_url: Endpoint = "https://www.reddit.com/api/v1/access_token", unit "", range "", restart;
        /// Calls in any minute.
        calls_per_minute: u32 = "60", unit "calls", range "[1, 100000]", restart;
        /// Calls between two midnights UTC.
        calls_per_day: u32 = "10000", unit "calls", range "[1, 100000000]", restart;
        /// Calls that may come at once.
        burst: u32 = "10", unit "calls", range "[1, 100000]", restart;
    }
}
