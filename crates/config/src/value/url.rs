//! Base addresses of HTTP services.

use std::fmt;
use std::str::FromStr;

use super::{Host, NotAllowed, Setting, text_of, toml_string};
use crate::raw::RawValue;

/// A base URL `https://HOST[:PORT][/PATH]`, without user, query and fragment. Plain `http` is
/// taken for this machine only (recorded answers are replayed from there).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    secure: bool,
    host: Host,
    port: Option<u16>,
    path: String,
}

impl Endpoint {
    /// The machine it points to.
    pub const fn host(&self) -> &Host {
        &self.host
    }

    /// Whether the connection is encrypted.
    pub const fn is_secure(&self) -> bool {
        self.secure
    }
}

impl FromStr for Endpoint {
    type Err = NotAllowed;

    fn from_str(text: &str) -> Result<Self, NotAllowed> {
        let (secure, rest) = match text.strip_prefix("https://") {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix("http://").ok_or(NotAllowed)?),
        };
        let (authority, path) = match rest.find('/') {
            Some(slash) => rest.split_at_checked(slash).ok_or(NotAllowed)?,
            None => (rest, ""),
        };
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
        if !path.bytes().all(plain) || path.split('/').any(|segment| segment == "..") {
            return Err(NotAllowed);
        }
        let (host, port) = split_authority(authority)?;
        let host: Host = host.parse()?;
        if !secure && !host.is_loopback() {
            return Err(NotAllowed);
        }
        Ok(Self {
            secure,
            host,
            port,
            path: path.trim_end_matches('/').to_owned(),
        })
    }
}

/// `HOST`, `HOST:PORT`, `[IPV6]`, `[IPV6]:PORT`.
fn split_authority(authority: &str) -> Result<(&str, Option<u16>), NotAllowed> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']').ok_or(NotAllowed)?;
            if !host.contains(':') {
                return Err(NotAllowed);
            }
            match rest {
                "" => (host, None),
                rest => (host, Some(rest.strip_prefix(':').ok_or(NotAllowed)?)),
            }
        }
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    let Some(port) = port else {
        return Ok((host, None));
    };
    if !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NotAllowed);
    }
    match port.parse() {
        Ok(number) if number > 0 => Ok((host, Some(number))),
        _ => Err(NotAllowed),
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.secure { "https" } else { "http" };
        let host = self.host.to_string();
        if host.contains(':') {
            write!(formatter, "{scheme}://[{host}]")?;
        } else {
            write!(formatter, "{scheme}://{host}")?;
        }
        if let Some(port) = self.port {
            write!(formatter, ":{port}")?;
        }
        formatter.write_str(&self.path)
    }
}

impl Setting for Endpoint {
    const TYPE: &'static str = "URL";

    fn read(raw: &RawValue, _range: &str) -> Result<Self, NotAllowed> {
        text_of(raw)?.parse()
    }

    fn allowed(_range: &str) -> String {
        "https://HOST[:PORT][/PATH] without user, query or fragment (http for this machine only)"
            .to_owned()
    }

    fn render(&self) -> Option<String> {
        Some(toml_string(&self.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_urls_convert_to_text_and_back() {
        for text in [
            "https://api.alpaca.markets",
            "https://x.org:8443/v2/a",
            "http://127.0.0.1:9000",
            "http://[::1]:9000/x",
        ] {
            assert_eq!(text.parse::<Endpoint>().unwrap().to_string(), text);
        }
        assert_eq!(
            "https://x.org/".parse::<Endpoint>().unwrap().to_string(),
            "https://x.org"
        );
    }

    #[test]
    fn what_could_send_a_key_elsewhere_is_refused() {
        let refused = [
            "",
            "api.alpaca.markets",
            "http://api.alpaca.markets",
            "ftp://x.org",
            "https://",
            "https://user:pw@x.org",
            "https://x.org?a=b",
            "https://x.org#a",
            "https://x.org:0",
            "https://x.org:99999",
            "https://x.org:+1",
            "https://x.org/../y",
            "https://x.org/%2e%2e",
            "https://x.org\\@evil.org",
            "https://[x.org]",
            "https://[::1]x",
        ];
        for text in refused {
            assert_eq!(text.parse::<Endpoint>(), Err(NotAllowed), "{text}");
        }
    }
}
