//! The life of one connection, without I/O: open, greet, authenticate, subscribe, watch, and again after a fault.
//!
//! The caller opens and closes sockets as [`Command`]s say, and tells what happened as [`Input`]s with the time. Nothing
//! is subscribed before the server has confirmed the credentials. A connection that is open and mute is ended.

use std::collections::BTreeSet;
use std::sync::Arc;

use trader_domain::{NANOS_PER_SECOND, Timestamp};

use super::event::{Channel, StreamEvent};
use super::protocol::{BadMessage, Frame, Incoming, Remedy, StreamFault, StreamingSource, Topic};
use crate::resilience::{FailureKind, RetryPolicy};

/// Times of a connection, nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionSettings {
    /// For opening, greeting, authenticating and confirming, each.
    pub answer_nanos: i64,
    /// Silence after which a connection is unhealthy and ended.
    pub silence_nanos: i64,
    /// Between two pings.
    pub ping_nanos: i64,
    /// Upper bound of the first wait before connecting again; doubled each time.
    pub first_wait_nanos: i64,
    /// Upper bound of any wait.
    pub longest_wait_nanos: i64,
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self {
            answer_nanos: 10 * NANOS_PER_SECOND,
            silence_nanos: 30 * NANOS_PER_SECOND,
            ping_nanos: 10 * NANOS_PER_SECOND,
            first_wait_nanos: NANOS_PER_SECOND,
            longest_wait_nanos: 300 * NANOS_PER_SECOND,
        }
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// The socket is open.
    Opened,
    /// The server said this.
    Said(Vec<Incoming>),
    /// A pong or another sign of life without content.
    Alive,
    /// The socket is closed or could not be opened.
    Ended(StreamFault),
    /// Nothing, but time has passed.
    Tick,
}

/// What the caller must do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Open the socket.
    Open,
    /// Send a frame.
    Send(Frame),
    /// Send a ping.
    Ping,
    /// Close the socket; no [`Input::Ended`] is expected for it.
    Close,
}

/// What a session has to say to its pool.
#[derive(Clone, Debug, PartialEq)]
pub enum SessionNews {
    /// Data.
    Event(StreamEvent),
    /// A message that cannot be used.
    Bad(BadMessage),
    /// The server accepted the credentials.
    Authenticated,
    /// The server confirmed topics.
    Confirmed(Vec<Topic>),
    /// The connection ended.
    Down {
        /// Why.
        fault: StreamFault,
        /// The last sign of life.
        alive: Timestamp,
        /// When it is opened again; never when `None`.
        again: Option<Timestamp>,
    },
    /// No data for long; outside trading hours or with rarely traded symbols that is no fault.
    Quiet,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Waits until then, and opens.
    Down(Timestamp),
    Opening(Timestamp),
    Greeting(Timestamp),
    Authenticating(Timestamp),
    Live,
    /// Is not opened again.
    Over,
}

/// One connection.
pub struct Session {
    source: Arc<dyn StreamingSource>,
    settings: SessionSettings,
    state: State,
    topics: BTreeSet<Topic>,
    confirmed: BTreeSet<Topic>,
    /// When the oldest topic that is not confirmed was asked for.
    asked: Option<Timestamp>,
    attempts: u32,
    alive: Timestamp,
    data: Timestamp,
    pinged: Timestamp,
    patience_nanos: i64,
    is_quiet: bool,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("state", &self.state)
            .field("topics", &self.topics.len())
            .finish_non_exhaustive()
    }
}

impl Session {
    /// A session that opens at once.
    pub fn new(
        source: Arc<dyn StreamingSource>,
        settings: SessionSettings,
        topics: BTreeSet<Topic>,
        now: Timestamp,
    ) -> Self {
        Self {
            source,
            settings,
            state: State::Down(now),
            topics,
            confirmed: BTreeSet::new(),
            asked: None,
            attempts: 0,
            alive: now,
            data: now,
            pinged: now,
            patience_nanos: settings.silence_nanos,
            is_quiet: false,
        }
    }

    /// Whether data flows.
    pub fn is_live(&self) -> bool {
        self.state == State::Live
    }

    /// Whether it will not be opened again.
    pub fn is_over(&self) -> bool {
        self.state == State::Over
    }

    /// Whether it is live, confirmed and not mute.
    pub fn is_healthy(&self) -> bool {
        self.is_live() && self.asked.is_none() && !self.is_quiet
    }

    /// What it is to be subscribed to.
    pub const fn topics(&self) -> &BTreeSet<Topic> {
        &self.topics
    }

    /// Takes over more topics.
    pub fn add(&mut self, topics: &BTreeSet<Topic>, now: Timestamp, out: &mut Vec<Command>) {
        let new: BTreeSet<Topic> = topics.difference(&self.topics).copied().collect();
        self.topics.extend(&new);
        if self.is_live() && !new.is_empty() {
            self.ask(&new, now, out);
        }
    }

    /// Ends for good and gives its topics away.
    pub fn retire(&mut self) -> BTreeSet<Topic> {
        self.state = State::Over;
        self.confirmed.clear();
        std::mem::take(&mut self.topics)
    }

    /// The first instant at which [`Input::Tick`] may do something.
    pub fn deadline(&self) -> Timestamp {
        let after = |since: Timestamp| since.saturating_add(self.settings.answer_nanos);
        match self.state {
            State::Down(then) => then,
            State::Opening(since) | State::Greeting(since) | State::Authenticating(since) => {
                after(since)
            }
            State::Live => {
                let ping = self.pinged.saturating_add(self.settings.ping_nanos);
                let dead = self.alive.saturating_add(self.settings.silence_nanos);
                let quiet = self.data.saturating_add(self.patience());
                let quiet = if self.is_quiet { Timestamp::MAX } else { quiet };
                let answer = self.asked.map_or(Timestamp::MAX, after);
                ping.min(dead).min(quiet).min(answer)
            }
            State::Over => Timestamp::MAX,
        }
    }

    /// Takes note of what happened. `data_expected` says whether silence means a fault (the market is open), `random`
    /// is a fresh random number.
    pub fn handle(
        &mut self,
        input: Input,
        now: Timestamp,
        data_expected: bool,
        random: u64,
        out: &mut Vec<Command>,
        news: &mut Vec<SessionNews>,
    ) {
        match input {
            Input::Opened => {
                self.alive = now;
                if matches!(self.state, State::Opening(_)) {
                    self.state = State::Greeting(now);
                }
            }
            Input::Alive => self.alive = now,
            Input::Ended(fault) => self.down(fault, now, random, out, news),
            Input::Said(messages) => {
                self.alive = now;
                for message in messages {
                    self.said(message, now, random, out, news);
                }
            }
            Input::Tick => self.tick(now, data_expected, random, out, news),
        }
    }

    fn said(
        &mut self,
        message: Incoming,
        now: Timestamp,
        random: u64,
        out: &mut Vec<Command>,
        news: &mut Vec<SessionNews>,
    ) {
        match message {
            Incoming::Greeting => {
                if matches!(self.state, State::Greeting(_)) {
                    self.state = State::Authenticating(now);
                    out.push(Command::Send(self.source.authentication()));
                }
            }
            Incoming::Authenticated => {
                if matches!(self.state, State::Authenticating(_)) {
                    self.state = State::Live;
                    (self.data, self.pinged) = (now, now);
                    self.confirmed.clear();
                    self.is_quiet = false;
                    news.push(SessionNews::Authenticated);
                    let topics = self.topics.clone();
                    self.ask(&topics, now, out);
                }
            }
            Incoming::Subscribed(topics) if self.is_live() => {
                let new: Vec<Topic> = topics
                    .into_iter()
                    .filter(|topic| self.topics.contains(topic) && self.confirmed.insert(*topic))
                    .collect();
                if self.is_confirmed() {
                    self.asked = None;
                }
                if !new.is_empty() {
                    news.push(SessionNews::Confirmed(new));
                }
            }
            Incoming::Fault(fault) => self.down(fault, now, random, out, news),
            Incoming::Event(event) if self.is_live() => {
                self.data = now;
                self.is_quiet = false;
                // Only real data shows that the connection is good.
                self.attempts = 0;
                news.push(SessionNews::Event(event));
            }
            Incoming::Bad(bad) => news.push(SessionNews::Bad(bad)),
            Incoming::Subscribed(_) | Incoming::Event(_) | Incoming::Note(_) => {}
        }
    }

    /// Whether the vendor confirmed all topics; some channels come unasked and unconfirmed.
    fn is_confirmed(&self) -> bool {
        self.topics.iter().all(|topic| {
            matches!(topic.channel, Channel::Corrections | Channel::Cancels)
                || self.confirmed.contains(topic)
        })
    }

    fn ask(&mut self, topics: &BTreeSet<Topic>, now: Timestamp, out: &mut Vec<Command>) {
        self.asked = (!self.is_confirmed()).then_some(now);
        let frames = self.source.subscription(topics);
        out.extend(frames.into_iter().map(Command::Send));
    }

    fn tick(
        &mut self,
        now: Timestamp,
        data_expected: bool,
        random: u64,
        out: &mut Vec<Command>,
        news: &mut Vec<SessionNews>,
    ) {
        let answer = self.settings.answer_nanos;
        let overdue = |since: Timestamp| now.nanos_since(since) >= answer;
        let fault = match self.state {
            State::Down(then) if now >= then => {
                self.state = State::Opening(now);
                out.push(Command::Open);
                None
            }
            State::Opening(since) if overdue(since) => Some(StreamFault::Unanswered("connecting")),
            State::Greeting(since) if overdue(since) => Some(StreamFault::Unanswered("greeting")),
            State::Authenticating(since) if overdue(since) => {
                Some(StreamFault::Unanswered("authenticating"))
            }
            State::Live => self.watch(now, data_expected, out, news),
            _ => None,
        };
        if let Some(fault) = fault {
            self.down(fault, now, random, out, news);
        }
    }

    fn watch(
        &mut self,
        now: Timestamp,
        data_expected: bool,
        out: &mut Vec<Command>,
        news: &mut Vec<SessionNews>,
    ) -> Option<StreamFault> {
        if self
            .asked
            .is_some_and(|since| now.nanos_since(since) >= self.settings.answer_nanos)
        {
            return Some(StreamFault::Unanswered("subscribing"));
        }
        let dead = now.nanos_since(self.alive);
        if dead >= self.settings.silence_nanos {
            return Some(mute(dead));
        }
        let silent = now.nanos_since(self.data);
        if silent >= self.patience() && !self.is_quiet {
            if data_expected {
                // A symbol may trade rarely: the next silence may last longer.
                let longest = self.settings.longest_wait_nanos.max(self.patience_nanos);
                self.patience_nanos = self.patience_nanos.saturating_mul(2).min(longest);
                return Some(mute(silent));
            }
            self.is_quiet = true;
            news.push(SessionNews::Quiet);
        }
        if now.nanos_since(self.pinged) >= self.settings.ping_nanos {
            self.pinged = now;
            out.push(Command::Ping);
        }
        None
    }

    /// Silence that is allowed: where only bars are asked for they come once a minute.
    fn patience(&self) -> i64 {
        let is_frequent = |topic: &Topic| {
            matches!(
                topic.channel,
                Channel::Trades | Channel::Quotes | Channel::SecondBars
            )
        };
        if self.topics.iter().any(is_frequent) {
            self.patience_nanos
        } else {
            self.patience_nanos.saturating_add(60 * NANOS_PER_SECOND)
        }
    }

    fn down(
        &mut self,
        fault: StreamFault,
        now: Timestamp,
        random: u64,
        out: &mut Vec<Command>,
        news: &mut Vec<SessionNews>,
    ) {
        if matches!(self.state, State::Over | State::Down(_)) {
            return;
        }
        out.push(Command::Close);
        self.confirmed.clear();
        self.asked = None;
        self.attempts = self.attempts.saturating_add(1);
        let again = match fault.remedy() {
            Remedy::GiveUp => None,
            Remedy::Reconnect | Remedy::FewerConnections => {
                let policy = RetryPolicy {
                    attempts: u32::MAX,
                    first_wait_nanos: self.settings.first_wait_nanos,
                    longest_wait_nanos: self.settings.longest_wait_nanos,
                    longest_told_nanos: 0,
                };
                let wait = policy.wait(self.attempts, FailureKind::Transient, random);
                Some(now.saturating_add(wait.unwrap_or(self.settings.longest_wait_nanos)))
            }
        };
        self.state = again.map_or(State::Over, State::Down);
        news.push(SessionNews::Down {
            fault,
            alive: self.alive,
            again,
        });
    }
}

const fn mute(nanos: i64) -> StreamFault {
    StreamFault::Mute {
        seconds: nanos / NANOS_PER_SECOND,
    }
}
