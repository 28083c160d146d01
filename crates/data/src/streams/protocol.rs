//! What a vendor's stream protocol is, without any I/O: frames in, messages out; wishes in, frames out.
//!
//! [`StreamingSource`] is what a vendor implements. [`Session`](super::Session) drives it through a connection's life.

use std::collections::BTreeSet;
use std::fmt;

use thiserror::Error;
use trader_domain::{Symbol, Timestamp};

use super::event::{Channel, StreamEvent};
use super::wire::WireFault;

/// A WebSocket message.
#[derive(Clone, PartialEq, Eq)]
pub enum Frame {
    /// Text.
    Text(String),
    /// Bytes.
    Binary(Vec<u8>),
}

impl fmt::Debug for Frame {
    /// Never the content: the first frame that is sent carries the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Binary(bytes) => write!(f, "Binary({} bytes)", bytes.len()),
        }
    }
}

/// One channel of one symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Topic {
    /// Which messages.
    pub channel: Channel,
    /// Of which symbol.
    pub symbol: Symbol,
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.channel, self.symbol)
    }
}

/// What a stream can deliver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamCapabilities {
    /// The vendor in one word, as in the store.
    pub vendor: &'static str,
    /// Channels that can be subscribed to.
    pub channels: Vec<Channel>,
    /// How its messages are numbered.
    pub numbering: Numbering,
    /// Connections that the vendor allows, where it is known.
    pub most_connections: Option<usize>,
}

/// How the messages of a topic are numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbering {
    /// 1, 2, 3: a number left out is a message lost.
    Consecutive,
    /// Ascending with holes: order and duplicates can be told, losses cannot.
    Ascending,
    /// Not at all: duplicates can be told by identifier or content, losses cannot.
    None,
}

/// A message that cannot be used, for quarantine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadMessage {
    /// Why.
    pub fault: WireFault,
    /// Its beginning, as text.
    pub excerpt: String,
}

/// Something that a vendor's server said.
#[derive(Clone, Debug, PartialEq)]
pub enum Incoming {
    /// The server is there and waits for the credentials.
    Greeting,
    /// The credentials are good.
    Authenticated,
    /// These topics are subscribed now, in addition to those said before.
    Subscribed(Vec<Topic>),
    /// The server refuses or ends something.
    Fault(StreamFault),
    /// Data.
    Event(StreamEvent),
    /// Something that cannot be used.
    Bad(BadMessage),
    /// Something that needs no answer.
    Note(String),
}

/// Why a connection ended or a wish was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StreamFault {
    /// There is no connection.
    #[error("the server could not be reached: {0}; check the network and the address")]
    Connect(String),
    /// The connection ended.
    #[error("the connection ended: {0}")]
    Closed(String),
    /// Nothing came for too long although the connection is open.
    #[error("the connection was open and mute for {seconds} s")]
    Mute {
        /// How long.
        seconds: i64,
    },
    /// The server did not greet, authenticate or confirm in time.
    #[error("the server did not answer in time while {0}")]
    Unanswered(&'static str),
    /// The credentials are not accepted.
    #[error("the server does not accept the key: {0}; check it in the configuration")]
    Unauthorized(String),
    /// The credentials were accepted once and are no longer.
    #[error("the key or token has expired: {0}; renew it")]
    TokenExpired(String),
    /// The account has as many connections as it may have.
    #[error("the server accepts no further connection of this account: {0}")]
    ConnectionLimit(String),
    /// More symbols than the subscription allows.
    #[error("too many symbols for the subscription: {0}; ask for fewer")]
    SymbolLimit(String),
    /// The subscription does not include what was asked for.
    #[error("the subscription does not include this: {0}; ask for another feed")]
    NotEntitled(String),
    /// We read too slowly and were put off.
    #[error("the server put us off because we read too slowly: {0}")]
    SlowClient(String),
    /// The server does not understand us.
    #[error("the server refused a message ({code}): {message}")]
    Refused {
        /// Its code, or zero.
        code: i64,
        /// Its words.
        message: String,
    },
    /// The server is in trouble.
    #[error("the server is in trouble: {0}")]
    Server(String),
}

/// What can be done about a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Connect again after a while.
    Reconnect,
    /// Do with fewer connections; the last one tries again after a while.
    FewerConnections,
    /// Nothing until somebody changes the configuration: connecting again would only repeat it.
    GiveUp,
}

impl StreamFault {
    /// What can be done.
    pub const fn remedy(&self) -> Remedy {
        match self {
            Self::Connect(_)
            | Self::Closed(_)
            | Self::Mute { .. }
            | Self::Unanswered(_)
            | Self::SlowClient(_)
            | Self::Server(_) => Remedy::Reconnect,
            Self::ConnectionLimit(_) => Remedy::FewerConnections,
            Self::Unauthorized(_)
            | Self::TokenExpired(_)
            | Self::SymbolLimit(_)
            | Self::NotEntitled(_)
            | Self::Refused { .. } => Remedy::GiveUp,
        }
    }

    /// A word for counting.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Connect(_) => "connect",
            Self::Closed(_) => "closed",
            Self::Mute { .. } => "mute",
            Self::Unanswered(_) => "unanswered",
            Self::Unauthorized(_) => "unauthorized",
            Self::TokenExpired(_) => "token_expired",
            Self::ConnectionLimit(_) => "connection_limit",
            Self::SymbolLimit(_) => "symbol_limit",
            Self::NotEntitled(_) => "not_entitled",
            Self::SlowClient(_) => "slow_client",
            Self::Refused { .. } => "refused",
            Self::Server(_) => "server",
        }
    }

    /// A refusal of credentials, told apart by the server's words.
    pub(super) fn credentials(message: String) -> Self {
        if message.to_ascii_lowercase().contains("expired") {
            Self::TokenExpired(message)
        } else {
            Self::Unauthorized(message)
        }
    }
}

/// How a connection is opened.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// `ws://` or `wss://` address.
    pub url: String,
    /// Headers of the opening request.
    pub headers: Vec<(&'static str, String)>,
}

/// A vendor's stream. Implementations hold no state of a connection, so that one value serves all connections.
pub trait StreamingSource: Send + Sync {
    /// What it can deliver.
    fn capabilities(&self) -> StreamCapabilities;

    /// Where and how to connect.
    fn endpoint(&self) -> Endpoint;

    /// The frame that carries the credentials, sent after the greeting.
    fn authentication(&self) -> Frame;

    /// The frames that subscribe to topics in addition to earlier ones.
    fn subscription(&self, topics: &BTreeSet<Topic>) -> Vec<Frame>;

    /// The frames that end subscriptions.
    fn cancellation(&self, topics: &BTreeSet<Topic>) -> Vec<Frame>;

    /// Takes a frame apart. Any bytes give messages or bad ones, never a panic.
    fn decode(&self, frame: &Frame, received: Timestamp) -> Vec<Incoming>;
}

/// The beginning of something bad, for people.
pub(super) fn excerpt(text: &str) -> String {
    text.chars()
        .take(200)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}
