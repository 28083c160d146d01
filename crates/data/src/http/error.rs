//! Why a call to a provider gave nothing.

use std::time::Duration;

use thiserror::Error;
use trader_domain::Timestamp;

use crate::resilience::FailureKind;

/// What went wrong with a call, and where. Neither the query nor a header is part of it.
#[derive(Debug, Error)]
#[error("{provider} {path}: {fault}")]
pub struct FetchError {
    /// Who was asked.
    pub provider: String,
    /// The path of the address.
    pub path: String,
    /// What went wrong.
    #[source]
    pub fault: FetchFault,
}

impl FetchError {
    pub(crate) fn new(provider: &str, path: &str, fault: FetchFault) -> Self {
        Self {
            provider: provider.to_owned(),
            path: path.to_owned(),
            fault,
        }
    }
}

/// What went wrong.
#[derive(Debug, Error)]
pub enum FetchFault {
    /// No client could be made.
    #[error("no HTTP client: {0}")]
    Setup(String),
    /// The address cannot be made of the base that is configured.
    #[error("the configured address is not usable: {0}")]
    Address(String),
    /// The client is being stopped.
    #[error("the client is being stopped")]
    Stopped,
    /// No connection, or it broke.
    #[error("the connection failed: {0}")]
    Connection(String),
    /// Not all of it came in time.
    #[error("no complete answer within {0:?}")]
    Timeout(Duration),
    /// The body ended early.
    #[error("the answer was cut short: {0}")]
    CutShort(String),
    /// The body is longer than any sound one.
    #[error("the answer is longer than {limit} bytes")]
    TooLong {
        /// The bound.
        limit: usize,
    },
    /// Something else than JSON came.
    #[error("the answer is {found}, not JSON; a proxy or a sign-in page in between?")]
    ContentType {
        /// As declared.
        found: String,
    },
    /// A redirect; credentials do not follow it.
    #[error("the service redirects ({status}); check the configured address")]
    Redirect {
        /// Status code.
        status: u16,
    },
    /// The key is not accepted, or not for this.
    #[error("the key is not accepted ({status}): {message}; check key and subscription")]
    Unauthorized {
        /// 401 or 403.
        status: u16,
        /// From the body, shortened.
        message: String,
    },
    /// No token could be had.
    #[error("no token could be had: {0}")]
    Token(#[source] Box<FetchFault>),
    /// Too many calls.
    #[error("the provider says that we ask too much{}", told(.wait_nanos))]
    Throttled {
        /// From `Retry-After`.
        wait_nanos: Option<i64>,
    },
    /// The provider is broken.
    #[error("the provider answers {status}: {message}")]
    Server {
        /// 5xx or 408.
        status: u16,
        /// From the body, shortened.
        message: String,
    },
    /// We asked wrongly.
    #[error("the provider refuses the request ({status}): {message}")]
    Refused {
        /// 4xx.
        status: u16,
        /// From the body, shortened.
        message: String,
    },
    /// The body is not what the provider's documents say.
    #[error("the answer cannot be used: {0}")]
    Content(String),
    /// The quota of this minute is far exceeded.
    #[error("too many calls are waiting; the next may go at {until}")]
    TooBusy {
        /// When.
        until: Timestamp,
    },
    /// The day's quota is used up.
    #[error("the day's quota is used up until {until}")]
    DayUsedUp {
        /// When.
        until: Timestamp,
    },
    /// The provider failed too often.
    #[error("the provider failed too often and is not asked before {until}")]
    CircuitOpen {
        /// When.
        until: Timestamp,
    },
}

impl FetchFault {
    /// What it means for trying again.
    pub(crate) fn kind(&self) -> FailureKind {
        match self {
            Self::Connection(_) | Self::Timeout(_) | Self::CutShort(_) | Self::Server { .. } => {
                FailureKind::Transient
            }
            Self::Throttled { wait_nanos } => FailureKind::Throttled {
                wait_nanos: *wait_nanos,
            },
            Self::Setup(_)
            | Self::Address(_)
            | Self::Stopped
            | Self::TooLong { .. }
            | Self::ContentType { .. }
            | Self::Redirect { .. }
            | Self::Unauthorized { .. }
            | Self::Token(_)
            | Self::Refused { .. }
            | Self::Content(_)
            | Self::TooBusy { .. }
            | Self::DayUsedUp { .. }
            | Self::CircuitOpen { .. } => FailureKind::Permanent,
        }
    }

    /// From the transport, without the address.
    pub(crate) fn transport(error: reqwest::Error) -> Self {
        let error = error.without_url();
        let mut text = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(inner) = cause {
            text.push_str(": ");
            text.push_str(&inner.to_string());
            cause = inner.source();
        }
        if error.is_body() || error.is_decode() {
            Self::CutShort(text)
        } else {
            Self::Connection(text)
        }
    }
}

fn told(wait_nanos: &Option<i64>) -> String {
    wait_nanos.map_or(String::new(), |nanos| {
        format!(" and to wait {} s", nanos / 1_000_000_000)
    })
}
