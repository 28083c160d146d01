//! The form of vendors' credentials, before anybody is called.
//!
//! The forms are those that the vendors hand out today, kept as wide as the reference allows; a key
//! of the right form can still be wrong, which only the vendor can say.

use thiserror::Error;

use super::Findings;
use crate::problem::ProblemKind;
use crate::schema::{AlpacaSettings, Config, Environment, TradingMode};
use crate::secret::Secret;
use crate::value::Endpoint;

/// Host of Alpaca's paper trading.
const ALPACA_PAPER: &str = "paper-api.alpaca.markets";
/// Host of Alpaca's trading with real money.
const ALPACA_LIVE: &str = "api.alpaca.markets";

/// A vendor whose keys have a known form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vendor {
    /// Alpaca key id: `PK`, `AK` or `CK` and 18 to 38 upper-case letters and digits.
    AlpacaKey,
    /// Alpaca secret key: 40 to 80 letters, digits, `+`, `/`, `=`, `_`, `-`.
    AlpacaSecret,
    /// Polygon, now Massive: 32 letters, digits and `_`.
    Polygon,
    /// Finnhub: 20 to 40 lower-case letters and digits.
    Finnhub,
    /// Alpha Vantage: 16 upper-case letters and digits.
    AlphaVantage,
    /// Benzinga: 20 to 64 letters, digits, `.`, `_` and `-`.
    Benzinga,
}

/// What is wrong with the form of a credential. Never carries any of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CredentialFault {
    /// Nothing, or only white space.
    #[error("it is empty")]
    Empty,
    /// White space at an end: copied with a line break.
    #[error("it begins or ends with white space; copy it again")]
    Padded,
    /// Too few or too many characters.
    #[error("it has {length} characters; {low} to {high} are expected")]
    Length {
        /// Characters it has.
        length: usize,
        /// Fewest expected.
        low: usize,
        /// Most expected.
        high: usize,
    },
    /// A character that no such key has.
    #[error("it contains a character that no such key has")]
    Characters,
    /// Not the beginning that every such key has.
    #[error("it does not begin as such a key does (PK for paper, AK for live)")]
    Prefix,
}

impl Vendor {
    /// Checks the form of a credential.
    ///
    /// # Errors
    /// [`CredentialFault`] that says what is wrong without showing any of the text.
    pub fn check(self, credential: &Secret) -> Result<(), CredentialFault> {
        let text = credential.expose();
        if text.trim().is_empty() {
            return Err(CredentialFault::Empty);
        }
        if text.trim() != text {
            return Err(CredentialFault::Padded);
        }
        let (low, high, allowed): (usize, usize, fn(u8) -> bool) = match self {
            Self::AlpacaKey => (20, 40, |byte| {
                byte.is_ascii_uppercase() || byte.is_ascii_digit()
            }),
            Self::AlpacaSecret => (40, 80, |byte| {
                byte.is_ascii_alphanumeric() || b"+/=_-".contains(&byte)
            }),
            Self::Polygon => (32, 32, |byte| byte.is_ascii_alphanumeric() || byte == b'_'),
            Self::Finnhub => (20, 40, |byte| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit()
            }),
            Self::AlphaVantage => (16, 16, |byte| {
                byte.is_ascii_uppercase() || byte.is_ascii_digit()
            }),
            Self::Benzinga => (20, 64, |byte| {
                byte.is_ascii_alphanumeric() || b"._-".contains(&byte)
            }),
        };
        let length = text.chars().count();
        if !(low..=high).contains(&length) {
            return Err(CredentialFault::Length { length, low, high });
        }
        if !text.bytes().all(allowed) {
            return Err(CredentialFault::Characters);
        }
        let prefixed = ["PK", "AK", "CK"]
            .iter()
            .any(|prefix| text.starts_with(prefix));
        if self == Self::AlpacaKey && !prefixed {
            return Err(CredentialFault::Prefix);
        }
        Ok(())
    }
}

/// Notes every credential of an enabled vendor that cannot be right.
pub(super) fn check(config: &Config, findings: &mut Findings<'_>) {
    let alpaca = &config.alpaca;
    if alpaca.enabled {
        form(
            findings,
            "providers.alpaca.api_key",
            Vendor::AlpacaKey,
            alpaca.api_key.as_ref(),
        );
        form(
            findings,
            "providers.alpaca.secret_key",
            Vendor::AlpacaSecret,
            alpaca.secret_key.as_ref(),
        );
        alpaca_mode(alpaca, config.deployment.environment, findings);
    }
    let vendors = [
        (
            config.polygon.enabled,
            "providers.polygon.api_key",
            Vendor::Polygon,
            &config.polygon.api_key,
        ),
        (
            config.finnhub.enabled,
            "providers.finnhub.api_key",
            Vendor::Finnhub,
            &config.finnhub.api_key,
        ),
        (
            config.alpha_vantage.enabled,
            "providers.alpha_vantage.api_key",
            Vendor::AlphaVantage,
            &config.alpha_vantage.api_key,
        ),
        (
            config.benzinga.enabled,
            "providers.benzinga.api_key",
            Vendor::Benzinga,
            &config.benzinga.api_key,
        ),
    ];
    for (enabled, key, vendor, credential) in vendors {
        if enabled {
            form(findings, key, vendor, credential.as_ref());
        }
    }
}

fn form(
    findings: &mut Findings<'_>,
    key: &'static str,
    vendor: Vendor,
    credential: Option<&Secret>,
) {
    if let Some(credential) = credential
        && let Err(fault) = vendor.check(credential)
    {
        findings.note(
            ProblemKind::Credential,
            &[key],
            &format!("this cannot be the credential: {fault}"),
        );
    }
}

/// Mode, key and address must all mean paper or all mean live.
fn alpaca_mode(alpaca: &AlpacaSettings, environment: Environment, findings: &mut Findings<'_>) {
    const MODE: &str = "providers.alpaca.mode";
    const KEY: &str = "providers.alpaca.api_key";
    const URL: &str = "providers.alpaca.trading_url";
    let by_key = alpaca.api_key.as_ref().and_then(mode_of_key);
    let by_address = mode_of_address(&alpaca.trading_url);
    if by_key.is_some_and(|mode| mode != alpaca.mode) {
        findings.note(
            ProblemKind::Credential,
            &[KEY, MODE],
            "a key of the other kind: paper keys begin with PK, live keys with AK",
        );
    }
    if by_address.is_some_and(|mode| mode != alpaca.mode) {
        let advice =
            format!("paper trades at https://{ALPACA_PAPER}, live at https://{ALPACA_LIVE}");
        findings.note(ProblemKind::Credential, &[URL, MODE], &advice);
    }
    if let (Some(key), Some(address)) = (by_key, by_address)
        && key != address
    {
        let advice = format!("a {key} key with the address of {address} trading");
        findings.note(ProblemKind::Credential, &[KEY, URL], &advice);
    }
    if alpaca.mode == TradingMode::Live && environment != Environment::Production {
        findings.note(
            ProblemKind::Refused,
            &[MODE, "environment"],
            "real money is traded in production only",
        );
    }
}

fn mode_of_key(key: &Secret) -> Option<TradingMode> {
    match key.expose().get(..2) {
        Some("PK") => Some(TradingMode::Paper),
        Some("AK") => Some(TradingMode::Live),
        _ => None,
    }
}

fn mode_of_address(address: &Endpoint) -> Option<TradingMode> {
    match address.host().to_string().as_str() {
        ALPACA_PAPER => Some(TradingMode::Paper),
        ALPACA_LIVE => Some(TradingMode::Live),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(vendor: Vendor, text: &str) -> Result<(), CredentialFault> {
        vendor.check(&Secret::new(text.to_owned()))
    }

    #[test]
    fn each_vendor_has_its_form() {
        assert_eq!(check(Vendor::AlpacaKey, "PKX7Q2M4T9L5V8R3W1ZB"), Ok(()));
        assert_eq!(
            check(Vendor::AlpacaKey, "XXX7Q2M4T9L5V8R3W1ZB"),
            Err(CredentialFault::Prefix)
        );
        assert_eq!(
            check(Vendor::AlpacaKey, "PKx7q2m4t9l5v8r3w1zb"),
            Err(CredentialFault::Characters)
        );
        assert_eq!(
            check(Vendor::AlpacaKey, "PK1"),
            Err(CredentialFault::Length {
                length: 3,
                low: 20,
                high: 40
            })
        );
        assert_eq!(
            check(
                Vendor::AlpacaSecret,
                "q8Zr1Xv6TnB3mKp9LwDf4GsHj2YcVa7Ue5RiOo0P"
            ),
            Ok(())
        );
        assert_eq!(
            check(Vendor::Polygon, "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY"),
            Ok(())
        );
        assert_eq!(check(Vendor::AlphaVantage, "QWERTZ1234567890"), Ok(()));
        assert_eq!(check(Vendor::Finnhub, "c1a2b3d4e5f6g7h8i9j0"), Ok(()));
        assert_eq!(check(Vendor::Benzinga, "  "), Err(CredentialFault::Empty));
        assert_eq!(
            check(Vendor::Benzinga, "abc\n"),
            Err(CredentialFault::Padded)
        );
    }
}
