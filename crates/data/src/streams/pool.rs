//! All connections to one provider, without I/O: topics spread over them, order, outages, quarantine counts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use trader_domain::{Symbol, Timestamp};

use super::event::StreamEvent;
use super::protocol::{BadMessage, Remedy, StreamFault, StreamingSource, Topic};
use super::sequencer::{SequenceGap, Sequenced, Sequencer, SequencerSettings, SequencerStatistics};
use super::session::{Command, Input, Session, SessionNews, SessionSettings};

/// Bounds of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolSettings {
    /// Connections at once, at most; no more than there are symbols.
    pub connections: usize,
    /// Times of each connection.
    pub session: SessionSettings,
    /// Bounds of the sequencer.
    pub sequencer: SequencerSettings,
}

impl Default for PoolSettings {
    fn default() -> Self {
        Self {
            connections: 3,
            session: SessionSettings::default(),
            sequencer: SequencerSettings::default(),
        }
    }
}

/// Topics without data for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outage {
    /// Which.
    pub topics: BTreeSet<Topic>,
    /// The last sign of life before it.
    pub from: Timestamp,
    /// When the server confirmed the subscription again.
    pub until: Timestamp,
}

/// What a pool has to say.
#[derive(Clone, Debug, PartialEq)]
pub enum PoolNews {
    /// The next event.
    Event(StreamEvent),
    /// Numbers that are missing.
    Gap(SequenceGap),
    /// Topics are back; what happened meanwhile is missing.
    Outage(Outage),
    /// A message that cannot be used.
    Bad(BadMessage),
    /// A connection ended.
    Down {
        /// Which.
        connection: usize,
        /// Why.
        fault: StreamFault,
        /// When it is opened again; never when `None`.
        again: Option<Timestamp>,
    },
    /// A connection authenticated.
    Up {
        /// Which.
        connection: usize,
    },
    /// A connection has no data for long, while none is expected.
    Quiet {
        /// Which.
        connection: usize,
    },
    /// No connection is left: this is why.
    Over(StreamFault),
}

/// What happened so far.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct PoolStatistics {
    /// Connections that authenticated, again and again counted.
    pub authentications: u64,
    /// Ended connections by reason.
    pub faults: BTreeMap<&'static str, u64>,
    /// Messages that could not be used, by reason.
    pub bad: BTreeMap<&'static str, u64>,
    /// Times that topics were back after an outage.
    pub outages: u64,
}

/// The connections.
#[derive(Debug)]
pub struct Pool {
    sessions: Vec<Session>,
    sequencer: Sequencer,
    down_since: BTreeMap<Topic, Timestamp>,
    live: BTreeSet<Topic>,
    statistics: PoolStatistics,
    /// State of the generator of jitter (`SplitMix64`).
    random: u64,
}

impl Pool {
    /// Connections for these topics; all channels of a symbol are on the same one.
    pub fn new(
        source: &Arc<dyn StreamingSource>,
        settings: &PoolSettings,
        topics: &BTreeSet<Topic>,
        seed: u64,
        now: Timestamp,
    ) -> Self {
        let capabilities = source.capabilities();
        let symbols: BTreeSet<Symbol> = topics.iter().map(|topic| topic.symbol).collect();
        let most = capabilities.most_connections.unwrap_or(usize::MAX);
        let count = settings.connections.min(most).min(symbols.len()).max(1);
        let mut shares = vec![BTreeSet::new(); count];
        for (index, symbol) in symbols.iter().enumerate() {
            if let Some(share) = shares.get_mut(index % count) {
                share.extend(topics.iter().filter(|topic| topic.symbol == *symbol));
            }
        }
        let session = |share| Session::new(Arc::clone(source), settings.session, share, now);
        Self {
            sessions: shares.into_iter().map(session).collect(),
            sequencer: Sequencer::new(capabilities.numbering, settings.sequencer),
            down_since: BTreeMap::new(),
            live: BTreeSet::new(),
            statistics: PoolStatistics::default(),
            random: seed,
        }
    }

    /// Number of connections, those that are over included.
    pub const fn connections(&self) -> usize {
        self.sessions.len()
    }

    /// Connections that are live, confirmed and not mute.
    pub fn healthy(&self) -> usize {
        self.sessions.iter().filter(|one| one.is_healthy()).count()
    }

    /// Topics that are subscribed now.
    pub fn live_topics(&self) -> usize {
        self.live.len()
    }

    /// Whether a connection is not opened any more.
    pub fn is_over(&self, connection: usize) -> bool {
        self.sessions.get(connection).is_none_or(Session::is_over)
    }

    /// What happened so far.
    pub const fn statistics(&self) -> &PoolStatistics {
        &self.statistics
    }

    /// What the sequencer did.
    pub const fn sequencing(&self) -> SequencerStatistics {
        self.sequencer.statistics()
    }

    /// The first instant at which a connection's [`Input::Tick`] may do something.
    pub fn deadline(&self, connection: usize) -> Timestamp {
        let session = self.sessions.get(connection);
        let own = session.map_or(Timestamp::MAX, Session::deadline);
        own.min(self.sequencer.deadline().unwrap_or(Timestamp::MAX))
    }

    /// Puts events of history into the order of the stream.
    pub fn fill(&mut self, events: Vec<StreamEvent>, now: Timestamp, news: &mut Vec<PoolNews>) {
        let mut out = Vec::new();
        for event in events {
            self.sequencer.accept(event, now, &mut out);
        }
        news.extend(out.into_iter().map(PoolNews::from));
    }

    /// Takes note of what happened on a connection. Commands are for the connection that they name.
    pub fn handle(
        &mut self,
        connection: usize,
        input: Input,
        now: Timestamp,
        data_expected: bool,
        commands: &mut Vec<(usize, Command)>,
        news: &mut Vec<PoolNews>,
    ) {
        let random = self.next_random();
        let is_tick = input == Input::Tick;
        let Some(session) = self.sessions.get_mut(connection) else {
            return;
        };
        let (mut own, mut said) = (Vec::new(), Vec::new());
        session.handle(input, now, data_expected, random, &mut own, &mut said);
        commands.extend(own.into_iter().map(|command| (connection, command)));
        let mut ordered = Vec::new();
        if is_tick {
            self.sequencer.tick(now, &mut ordered);
        }
        for one in said {
            match one {
                SessionNews::Event(event) => self.sequencer.accept(event, now, &mut ordered),
                other => {
                    news.extend(ordered.drain(..).map(PoolNews::from));
                    self.session_news(connection, other, now, commands, news);
                }
            }
        }
        news.extend(ordered.into_iter().map(PoolNews::from));
    }

    fn session_news(
        &mut self,
        connection: usize,
        said: SessionNews,
        now: Timestamp,
        commands: &mut Vec<(usize, Command)>,
        news: &mut Vec<PoolNews>,
    ) {
        match said {
            SessionNews::Event(event) => news.push(PoolNews::Event(event)),
            SessionNews::Bad(bad) => {
                *self.statistics.bad.entry(bad.fault.reason()).or_default() += 1;
                news.push(PoolNews::Bad(bad));
            }
            SessionNews::Authenticated => {
                self.statistics.authentications += 1;
                news.push(PoolNews::Up { connection });
            }
            SessionNews::Quiet => news.push(PoolNews::Quiet { connection }),
            SessionNews::Confirmed(topics) => self.confirmed(&topics, now, news),
            SessionNews::Down {
                fault,
                alive,
                again,
            } => {
                *self.statistics.faults.entry(fault.reason()).or_default() += 1;
                self.mark_down(connection, alive);
                news.push(PoolNews::Down {
                    connection,
                    fault: fault.clone(),
                    again,
                });
                self.after_fault(connection, fault, now, commands, news);
            }
        }
    }

    /// Topics that were live are missed from the last sign of life on.
    fn mark_down(&mut self, connection: usize, alive: Timestamp) {
        let Some(session) = self.sessions.get(connection) else {
            return;
        };
        for topic in session.topics() {
            if self.live.remove(topic) {
                self.down_since.entry(*topic).or_insert(alive);
            }
        }
    }

    fn confirmed(&mut self, topics: &[Topic], now: Timestamp, news: &mut Vec<PoolNews>) {
        let mut outages: BTreeMap<Timestamp, BTreeSet<Topic>> = BTreeMap::new();
        for topic in topics {
            self.live.insert(*topic);
            if let Some(from) = self.down_since.remove(topic) {
                outages.entry(from).or_default().insert(*topic);
            }
        }
        for (from, topics) in outages {
            self.statistics.outages += 1;
            news.push(PoolNews::Outage(Outage {
                topics,
                from,
                until: now,
            }));
        }
    }

    /// A connection that the account may not have gives its topics to the others; the last one keeps trying.
    fn after_fault(
        &mut self,
        connection: usize,
        fault: StreamFault,
        now: Timestamp,
        commands: &mut Vec<(usize, Command)>,
        news: &mut Vec<PoolNews>,
    ) {
        let mut others: Vec<usize> = (0..self.sessions.len())
            .filter(|other| *other != connection && !self.is_over(*other))
            .collect();
        if fault.remedy() == Remedy::FewerConnections && !others.is_empty() {
            let Some(session) = self.sessions.get_mut(connection) else {
                return;
            };
            let topics = session.retire();
            // To those that work, if there are any.
            let live: Vec<usize> = others
                .iter()
                .copied()
                .filter(|other| self.sessions.get(*other).is_some_and(Session::is_live))
                .collect();
            if !live.is_empty() {
                others = live;
            }
            let symbols: BTreeSet<Symbol> = topics.iter().map(|topic| topic.symbol).collect();
            for (symbol, other) in symbols.iter().zip(others.iter().cycle()) {
                let share = topics.iter().filter(|topic| topic.symbol == *symbol);
                let share: BTreeSet<Topic> = share.copied().collect();
                if let Some(session) = self.sessions.get_mut(*other) {
                    let mut own = Vec::new();
                    session.add(&share, now, &mut own);
                    commands.extend(own.into_iter().map(|command| (*other, command)));
                }
            }
        } else if self.sessions.iter().all(Session::is_over) {
            news.push(PoolNews::Over(fault));
        }
    }

    fn next_random(&mut self) -> u64 {
        // SplitMix64 (Steele, Lea, Flood 2014).
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

impl From<Sequenced> for PoolNews {
    fn from(sequenced: Sequenced) -> Self {
        match sequenced {
            Sequenced::Event(event) => Self::Event(event),
            Sequenced::Gap(gap) => Self::Gap(gap),
        }
    }
}
