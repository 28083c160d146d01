//! Whether a vendor accepts our credentials: one small question, one typed verdict. No verdict holds any of them.

use reqwest::Url;
use serde::{Deserialize, Serialize};

use super::link::{AskError, Next, PageFault, VendorLink};
use crate::http::FetchFault;

/// What a vendor says of our credentials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", content = "reason", rename_all = "snake_case")]
pub enum Verdict {
    /// It accepts them.
    Valid,
    /// There are none in the configuration; the reason names the keys to set.
    NotSet(String),
    /// They cannot be right: it does not know them, or they have not the form of its keys.
    Invalid(String),
    /// They were good once.
    Expired(String),
    /// It knows the account and bars it.
    Blocked(String),
    /// They are good, but not for this.
    LacksPermission(String),
    /// Credentials for paper trading with the address of trading with real money, or the reverse.
    ModeMismatch(String),
    /// It did not answer, or so that nothing can be told.
    Unreachable(String),
}

impl Verdict {
    /// What to do, in a few words.
    pub const fn advice(&self) -> &'static str {
        match self {
            Self::Valid => "nothing to do",
            Self::NotSet(_) => "set them, or do without this vendor",
            Self::Invalid(_) => "copy them anew from the vendor's site",
            Self::Expired(_) => "renew them at the vendor's site",
            Self::Blocked(_) => "ask the vendor",
            Self::LacksPermission(_) => "check the subscription",
            Self::ModeMismatch(_) => "make key, mode and address all paper or all live",
            Self::Unreachable(_) => "check network, address and the vendor's status page",
        }
    }
}

/// Asks for one page and judges the answer; `take` says whether a body is an acceptance.
pub fn check_credentials(
    link: &VendorLink,
    question: Result<Url, String>,
    take: impl Fn(&[u8]) -> Result<(), PageFault>,
) -> Verdict {
    let asked = link.pages(question, |_asked, body| take(body).map(|()| Next::End));
    match asked {
        Ok(()) => Verdict::Valid,
        Err(AskError::Fetch(error)) => judged(&error.fault),
        Err(error) => Verdict::Unreachable(error.to_string()),
    }
}

fn judged(fault: &FetchFault) -> Verdict {
    match fault {
        FetchFault::Unauthorized { message, .. } => {
            let text = message.to_ascii_lowercase();
            let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
            let message = message.clone();
            if has(&["expired"]) {
                Verdict::Expired(message)
            } else if has(&["blocked", "suspended", "disabled", "banned"]) {
                Verdict::Blocked(message)
            } else if has(&[
                "permission",
                "subscription",
                "entitled",
                "not authorized",
                "access to this",
                "premium",
                "upgrade",
            ]) {
                Verdict::LacksPermission(message)
            } else {
                Verdict::Invalid(message)
            }
        }
        // A service of tokens refuses unknown applications with 400 or 401 (RFC 6749, 5.2).
        FetchFault::Token(inner) => match inner.as_ref() {
            FetchFault::Refused { message, .. } => Verdict::Invalid(message.clone()),
            other => judged(other),
        },
        other => Verdict::Unreachable(other.to_string()),
    }
}

#[derive(Deserialize)]
struct Account {
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    account_blocked: bool,
    #[serde(default)]
    trading_blocked: bool,
}

/// Whether Alpaca's account (`/v2/account`) may be used.
///
/// # Errors
/// [`PageFault`] when it is barred, or the body is no account.
pub fn alpaca_account(body: &[u8]) -> Result<(), PageFault> {
    let account: Account = serde_json::from_slice(body)?;
    let status = account.status.unwrap_or_default();
    if account.account_blocked || account.trading_blocked {
        return Err(PageFault::Unauthorized("the account is blocked".to_owned()));
    }
    if status != "ACTIVE" {
        return Err(PageFault::Unauthorized(format!(
            "the account is blocked: its status is {status:.40}"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, message: &str) -> Verdict {
        judged(&FetchFault::Unauthorized {
            status,
            message: message.to_owned(),
        })
    }

    #[test]
    fn six_faults_have_six_verdicts() {
        assert!(matches!(of(401, "unauthorized"), Verdict::Invalid(_)));
        assert!(matches!(of(403, "forbidden."), Verdict::Invalid(_)));
        assert!(matches!(of(401, "API key expired"), Verdict::Expired(_)));
        assert!(matches!(of(403, "account suspended"), Verdict::Blocked(_)));
        let lacking = of(403, "You don't have access to this resource.");
        assert!(matches!(lacking, Verdict::LacksPermission(_)));
        let down = judged(&FetchFault::Connection("refused".to_owned()));
        assert!(matches!(down, Verdict::Unreachable(_)));
        let application = FetchFault::Token(Box::new(FetchFault::Refused {
            status: 400,
            message: "invalid_client".to_owned(),
        }));
        assert!(matches!(judged(&application), Verdict::Invalid(_)));
    }

    #[test]
    fn a_barred_account_is_not_accepted() {
        assert!(alpaca_account(br#"{"status":"ACTIVE","account_blocked":false}"#).is_ok());
        for body in [
            r#"{"status":"ACTIVE","account_blocked":true}"#,
            r#"{"status":"ACTIVE","trading_blocked":true}"#,
            r#"{"status":"SUBMITTED"}"#,
            "{}",
            "[]",
        ] {
            assert!(alpaca_account(body.as_bytes()).is_err(), "{body}");
        }
    }
}
