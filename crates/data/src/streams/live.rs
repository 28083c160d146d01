//! Streams over real sockets: a task for each connection, a bounded buffer, and a handle for whoever works on events.
//!
//! The decisions are those of [`Pool`]; this file opens sockets, moves frames, and waits. When the buffer is full of
//! what must not be dropped the tasks stop reading, so the vendor's server feels it and memory does not grow.

use std::collections::{BTreeSet, VecDeque};
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::sync::Notify;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error as SocketError, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};
use trader_domain::{Clock, Timestamp};

use super::buffer::{BufferStatistics, EventBuffer};
use super::event::StreamEvent;
use super::gap_filler::GapFiller;
use super::pool::{Outage, Pool, PoolNews, PoolSettings, PoolStatistics};
use super::protocol::{Endpoint, Frame, StreamFault, StreamingSource, Topic};
use super::sequencer::SequencerStatistics;
use super::session::{Command, Input};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Bounds of a live stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamSettings {
    /// Connections and their times.
    pub pool: PoolSettings,
    /// Events that wait for whoever works on them, at most.
    pub buffer: usize,
    /// Longest message, bytes.
    pub longest_message: usize,
    /// Notices that are kept, at most; older ones go.
    pub notices: usize,
    /// From the end of an outage to asking history for it: the last bar must have been finished there.
    pub settle: Duration,
}

impl Default for StreamSettings {
    fn default() -> Self {
        Self {
            pool: PoolSettings::default(),
            buffer: 65_536,
            longest_message: 16 * 1024 * 1024,
            notices: 1_000,
            settle: Duration::from_secs(5),
        }
    }
}

/// What else there is to say besides events.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// From the pool; never an event.
    Pool(PoolNews),
    /// What became of an outage.
    Gap {
        /// The outage.
        outage: Outage,
        /// Events that history had.
        filled: usize,
        /// What stays missing.
        missing: Vec<String>,
    },
}

/// How a stream is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamReport {
    /// Connections that are live, confirmed and not mute.
    pub healthy: usize,
    /// Topics that are subscribed now.
    pub live_topics: usize,
    /// Connections and messages.
    pub pool: PoolStatistics,
    /// Order.
    pub sequencing: SequencerStatistics,
    /// Back-pressure.
    pub buffer: BufferStatistics,
    /// Notices that were dropped because nobody took them.
    pub notices_dropped: u64,
}

/// What comes next.
#[derive(Clone, Debug, PartialEq)]
pub enum NextEvent {
    /// An event.
    Event(StreamEvent),
    /// Nothing in the time that was given.
    Nothing,
    /// Nothing will come any more.
    Over(StreamFault),
}

/// Whether data is expected at an instant: then silence is a fault.
pub type DataExpected = Arc<dyn Fn(Timestamp) -> bool + Send + Sync>;

/// A running stream; it ends with the value.
pub struct LiveStream {
    shared: Arc<Shared>,
    runtime: Option<Runtime>,
}

struct Shared {
    source: Arc<dyn StreamingSource>,
    settings: StreamSettings,
    clock: Arc<dyn Clock>,
    filler: Option<Arc<dyn GapFiller>>,
    expected: DataExpected,
    core: Mutex<Core>,
    wake: Vec<Notify>,
    inbox: Mutex<Inbox>,
    arrived: Condvar,
    room: Notify,
}

struct Core {
    pool: Pool,
    outboxes: Vec<VecDeque<Command>>,
}

struct Inbox {
    buffer: EventBuffer,
    notices: VecDeque<Notice>,
    dropped: u64,
    over: Option<StreamFault>,
}

impl std::fmt::Debug for LiveStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LiveStream").finish_non_exhaustive()
    }
}

impl LiveStream {
    /// Connects and subscribes in the background.
    ///
    /// # Errors
    /// When threads cannot be started.
    pub fn start(
        source: Arc<dyn StreamingSource>,
        topics: &BTreeSet<Topic>,
        settings: StreamSettings,
        clock: Arc<dyn Clock>,
        seed: u64,
        filler: Option<Arc<dyn GapFiller>>,
        expected: DataExpected,
    ) -> Result<Self, io::Error> {
        // Whoever composed the program may have chosen another provider of cryptography: that one stays.
        drop(rustls::crypto::ring::default_provider().install_default());
        let pool = Pool::new(&source, &settings.pool, topics, seed, clock.now());
        let connections = pool.connections();
        let shared = Arc::new(Shared {
            source,
            settings,
            clock,
            filler,
            expected,
            core: Mutex::new(Core {
                pool,
                outboxes: vec![VecDeque::new(); connections],
            }),
            wake: (0..connections).map(|_| Notify::new()).collect(),
            inbox: Mutex::new(Inbox {
                buffer: EventBuffer::new(settings.buffer),
                notices: VecDeque::new(),
                dropped: 0,
                over: None,
            }),
            arrived: Condvar::new(),
            room: Notify::new(),
        });
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        for connection in 0..connections {
            runtime.spawn(drive(Arc::clone(&shared), connection));
        }
        Ok(Self {
            shared,
            runtime: Some(runtime),
        })
    }

    /// The next event, waited for at most this long.
    pub fn next(&self, longest: Duration) -> NextEvent {
        let inbox = lock(&self.shared.inbox);
        let (mut inbox, _) = self
            .shared
            .arrived
            .wait_timeout_while(inbox, longest, |inbox| {
                inbox.buffer.is_empty() && inbox.over.is_none()
            })
            .unwrap_or_else(PoisonError::into_inner);
        match (inbox.buffer.pop(), &inbox.over) {
            (Some(event), _) => {
                drop(inbox);
                self.shared.room.notify_waiters();
                NextEvent::Event(event)
            }
            (None, Some(fault)) => NextEvent::Over(fault.clone()),
            (None, None) => NextEvent::Nothing,
        }
    }

    /// What else happened since the last question.
    pub fn notices(&self) -> Vec<Notice> {
        lock(&self.shared.inbox).notices.drain(..).collect()
    }

    /// How it is doing.
    pub fn report(&self) -> StreamReport {
        let core = lock(&self.shared.core);
        let inbox = lock(&self.shared.inbox);
        StreamReport {
            healthy: core.pool.healthy(),
            live_topics: core.pool.live_topics(),
            pool: core.pool.statistics().clone(),
            sequencing: core.pool.sequencing(),
            buffer: inbox.buffer.statistics(),
            notices_dropped: inbox.dropped,
        }
    }
}

impl Drop for LiveStream {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // A connection that waits for room must not hold up the end.
            runtime.shutdown_background();
        }
    }
}

impl Shared {
    fn give(&self, connection: usize, input: Input) -> Vec<PoolNews> {
        let now = self.clock.now();
        let expected = (self.expected)(now);
        let (mut commands, mut news) = (Vec::new(), Vec::new());
        let mut core = lock(&self.core);
        core.pool
            .handle(connection, input, now, expected, &mut commands, &mut news);
        for (target, command) in commands {
            if let Some(outbox) = core.outboxes.get_mut(target) {
                outbox.push_back(command);
            }
            if target != connection
                && let Some(wake) = self.wake.get(target)
            {
                wake.notify_one();
            }
        }
        news
    }

    fn command(&self, connection: usize) -> Option<Command> {
        lock(&self.core).outboxes.get_mut(connection)?.pop_front()
    }

    /// Passes news on; waits while there is no room for an event.
    async fn pass_on(self: &Arc<Self>, news: Vec<PoolNews>) {
        for one in news {
            match one {
                PoolNews::Event(event) => self.put(event).await,
                PoolNews::Outage(outage) => self.fill(outage),
                PoolNews::Over(fault) => {
                    lock(&self.inbox).over = Some(fault);
                    self.arrived.notify_all();
                }
                other => self.notice(Notice::Pool(other)),
            }
        }
    }

    async fn put(&self, mut event: StreamEvent) {
        loop {
            let room = self.room.notified();
            match lock(&self.inbox).buffer.push(event) {
                None => break,
                Some(back) => event = back,
            }
            room.await;
        }
        self.arrived.notify_one();
    }

    fn notice(&self, notice: Notice) {
        let mut inbox = lock(&self.inbox);
        if inbox.notices.len() >= self.settings.notices {
            inbox.notices.pop_front();
            inbox.dropped += 1;
        }
        inbox.notices.push_back(notice);
    }

    /// Asks history beside the stream, which goes on meanwhile.
    fn fill(self: &Arc<Self>, outage: Outage) {
        let shared = Arc::clone(self);
        tokio::spawn(async move {
            let Some(filler) = shared.filler.clone() else {
                let missing = outage.topics.iter().map(Topic::to_string).collect();
                shared.notice(Notice::Gap {
                    outage,
                    filled: 0,
                    missing,
                });
                return;
            };
            tokio::time::sleep(shared.settings.settle).await;
            let (asked, received) = (outage.clone(), shared.clock.now());
            let filled = tokio::task::spawn_blocking(move || filler.fill(&asked, received)).await;
            let (events, missing) = match filled {
                Ok(filled) => (filled.events, filled.missing),
                Err(error) => (Vec::new(), vec![format!("asking history failed: {error}")]),
            };
            let count = events.len();
            let mut news = Vec::new();
            lock(&shared.core)
                .pool
                .fill(events, shared.clock.now(), &mut news);
            for one in news {
                if let PoolNews::Event(event) = one {
                    shared.put(event).await;
                }
            }
            shared.notice(Notice::Gap {
                outage,
                filled: count,
                missing,
            });
        });
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is under these locks is whole between any two statements that can panic.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One connection, as long as the pool wants it.
async fn drive(shared: Arc<Shared>, connection: usize) {
    let mut socket: Option<Socket> = None;
    loop {
        while let Some(command) = shared.command(connection) {
            let happened = carry_out(&shared, command, &mut socket).await;
            if let Some(input) = happened {
                let news = shared.give(connection, input);
                shared.pass_on(news).await;
            }
        }
        let (deadline, is_over) = {
            let core = lock(&shared.core);
            (
                core.pool.deadline(connection),
                core.pool.is_over(connection),
            )
        };
        if is_over {
            return;
        }
        let wait = deadline.nanos_since(shared.clock.now());
        let wait = Duration::from_nanos(u64::try_from(wait).unwrap_or(0));
        let woken = async {
            match shared.wake.get(connection) {
                Some(wake) => wake.notified().await,
                None => std::future::pending().await,
            }
        };
        let input = tokio::select! {
            // What has arrived is read before anybody calls the connection mute.
            biased;
            message = receive(&shared, &mut socket) => message,
            () = woken => None,
            () = tokio::time::sleep(wait) => Some(Input::Tick),
        };
        let input = match input {
            Some(Input::Ended(fault)) => {
                socket = None;
                Some(Input::Ended(fault))
            }
            other => other,
        };
        if let Some(input) = input {
            let news = shared.give(connection, input);
            shared.pass_on(news).await;
        }
    }
}

/// Does what the pool says; what happened by it, if anything.
async fn carry_out(
    shared: &Shared,
    command: Command,
    socket: &mut Option<Socket>,
) -> Option<Input> {
    match command {
        Command::Open => {
            let answer = shared.settings.pool.session.answer_nanos;
            let longest = Duration::from_nanos(u64::try_from(answer).unwrap_or(0));
            let endpoint = shared.source.endpoint();
            let opening = open(&endpoint, shared.settings.longest_message);
            match tokio::time::timeout(longest, opening).await {
                Ok(Ok(opened)) => {
                    *socket = Some(opened);
                    Some(Input::Opened)
                }
                Ok(Err(fault)) => Some(Input::Ended(fault)),
                Err(_elapsed) => Some(Input::Ended(StreamFault::Unanswered("connecting"))),
            }
        }
        Command::Send(Frame::Text(text)) => send(socket, Message::Text(text.into())).await,
        Command::Send(Frame::Binary(bytes)) => send(socket, Message::Binary(bytes.into())).await,
        Command::Ping => send(socket, Message::Ping(Vec::new().into())).await,
        Command::Close => {
            if let Some(mut open) = socket.take() {
                // A peer that does not answer must not keep us; dropping the socket closes it in any case.
                let farewell = open.close(None);
                drop(tokio::time::timeout(Duration::from_millis(500), farewell).await);
            }
            None
        }
    }
}

async fn open(endpoint: &Endpoint, longest_message: usize) -> Result<Socket, StreamFault> {
    let address = |detail: String| StreamFault::Refused {
        code: 0,
        message: format!("the address or a header cannot be used: {detail}"),
    };
    let mut request = endpoint
        .url
        .as_str()
        .into_client_request()
        .map_err(|error| address(error.to_string()))?;
    for (name, value) in &endpoint.headers {
        let value = HeaderValue::from_str(value).map_err(|error| address(error.to_string()))?;
        request
            .headers_mut()
            .insert(HeaderName::from_static(name), value);
    }
    let config = WebSocketConfig::default()
        .max_message_size(Some(longest_message))
        .max_frame_size(Some(longest_message));
    match connect_async_with_config(request, Some(config), true).await {
        Ok((socket, _response)) => Ok(socket),
        Err(SocketError::Http(response)) => Err(refused(response.status().as_u16())),
        Err(error) => Err(StreamFault::Connect(error.to_string())),
    }
}

/// The meaning of a status with which the opening request was refused.
fn refused(status: u16) -> StreamFault {
    let message = format!("the opening request was answered with HTTP status {status}");
    match status {
        401 | 403 => StreamFault::Unauthorized(message),
        406 | 429 => StreamFault::ConnectionLimit(message),
        500..=599 => StreamFault::Server(message),
        _ => StreamFault::Refused {
            code: i64::from(status),
            message,
        },
    }
}

async fn send(socket: &mut Option<Socket>, message: Message) -> Option<Input> {
    let sent = socket.as_mut()?.send(message).await;
    sent.err()
        .map(|error| Input::Ended(StreamFault::Closed(error.to_string())))
}

/// The next message; never ends without a socket.
async fn receive(shared: &Shared, socket: &mut Option<Socket>) -> Option<Input> {
    let Some(open) = socket.as_mut() else {
        return std::future::pending().await;
    };
    let closed = |text: String| Input::Ended(StreamFault::Closed(text));
    let said = |frame: &Frame| Input::Said(shared.source.decode(frame, shared.clock.now()));
    Some(match open.next().await {
        None => closed("by the server, without a word".to_owned()),
        Some(Err(error)) => closed(error.to_string()),
        Some(Ok(Message::Text(text))) => said(&Frame::Text(text.as_str().to_owned())),
        Some(Ok(Message::Binary(bytes))) => said(&Frame::Binary(bytes.to_vec())),
        Some(Ok(Message::Close(reason))) => closed(reason.map_or_else(
            || "by the server, without a reason".to_owned(),
            |reason| format!("by the server: {} {}", reason.code, reason.reason),
        )),
        Some(Ok(_ping_or_pong)) => Input::Alive,
    })
}
