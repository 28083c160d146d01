//! The stream that arguments name, with address and key of the configuration.

use std::sync::Arc;

use trader_config::value::Endpoint;
use trader_data::streams::{AlpacaStream, Encoding, MassiveStream, StreamingSource};

use crate::cli::StreamProvider;
use crate::failure::Failure;
use crate::line::key;
use crate::session::Session;

/// The stream of a vendor.
pub(crate) fn open(
    provider: StreamProvider,
    encoding: Encoding,
    session: &Session,
) -> Result<Arc<dyn StreamingSource>, Failure> {
    let config = &session.loaded.config;
    match provider {
        StreamProvider::Alpaca | StreamProvider::AlpacaIex => {
            let alpaca = &config.alpaca;
            let feed = if provider == StreamProvider::Alpaca {
                "/v2/sip"
            } else {
                "/v2/iex"
            };
            let id = key(alpaca.api_key.as_ref(), "providers.alpaca.api_key")?;
            let secret = key(alpaca.secret_key.as_ref(), "providers.alpaca.secret_key")?;
            let url = web_socket(&alpaca.stream_url, feed);
            Ok(Arc::new(AlpacaStream::new(
                &url,
                id.expose(),
                secret.expose(),
                encoding,
            )))
        }
        StreamProvider::Massive => {
            let polygon = &config.polygon;
            let key = key(polygon.api_key.as_ref(), "providers.polygon.api_key")?;
            let url = web_socket(&polygon.stream_url, "/stocks");
            Ok(Arc::new(MassiveStream::new(&url, key.expose())))
        }
    }
}

/// `https://` becomes `wss://`.
fn web_socket(address: &Endpoint, path: &str) -> String {
    let text = address.to_string();
    let rest = text
        .split_once("://")
        .map_or(text.as_str(), |(_, rest)| rest);
    let scheme = if address.is_secure() { "wss" } else { "ws" };
    format!("{scheme}://{}{path}", rest.trim_end_matches('/'))
}
