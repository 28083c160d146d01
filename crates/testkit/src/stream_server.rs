//! A local WebSocket server that speaks Alpaca's or Massive's stream and misbehaves as a test says.
//!
//! Plain sockets and a thread for each connection, as in [`crate::http_server`]. A test gives a script: what happens on
//! the n-th connection, step by step.

use std::io::{self, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::{Value, json};
use tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tungstenite::{Message, WebSocket, accept_hdr};

/// Whose protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Alpaca: JSON, or msgpack when the client asks for it.
    Alpaca,
    /// Massive, formerly Polygon.
    Massive,
}

/// What happens next on a connection.
#[derive(Clone, Debug)]
pub enum Step {
    /// Greets, checks the key, answers the first subscription: the proper beginning. A wrong key ends the connection.
    Welcome,
    /// Greets, and refuses with this code (Alpaca) or status (Massive) and message once the key has come.
    RefuseKey(&'static str, &'static str),
    /// Refuses the connection with this code or status and message instead of a greeting.
    RefuseConnection(&'static str, &'static str),
    /// Sends messages in one frame.
    Send(Vec<Value>),
    /// Sends many frames, each made when it is its turn.
    Flood(Flood),
    /// Sends this text as a frame, whatever it is.
    SendText(String),
    /// Answers every later subscription properly, for as long as this.
    Answer(Duration),
    /// Waits.
    Pause(Duration),
    /// Neither reads nor writes until the server ends: open and mute.
    Mute,
    /// Reads and answers pings until the server ends, and sends nothing.
    Idle,
    /// Closes properly.
    Close,
    /// Sends half a frame and cuts the connection.
    Truncate,
    /// Cuts the connection without a word.
    Cut,
}

/// Frames that are made while they are sent: more than anybody wants to hold.
#[derive(Clone)]
pub struct Flood {
    /// How many.
    pub frames: u64,
    /// Between two of them.
    pub pause: Duration,
    /// The messages of a frame by its number, counted from zero.
    pub frame: Arc<dyn Fn(u64) -> Vec<Value> + Send + Sync>,
}

impl std::fmt::Debug for Flood {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Flood")
            .field("frames", &self.frames)
            .field("pause", &self.pause)
            .finish_non_exhaustive()
    }
}

type Script = dyn Fn(usize) -> Vec<Step> + Send + Sync;

/// The server; it ends with the value.
pub struct StreamServer {
    address: SocketAddr,
    state: Arc<State>,
    listener: Option<JoinHandle<()>>,
}

struct State {
    dialect: Dialect,
    key: String,
    ending: AtomicBool,
    connections: AtomicUsize,
    heard: Mutex<Vec<String>>,
}

impl StreamServer {
    /// Serves every connection with the steps that `script` says for its number, counted from zero. `key` is the key
    /// that is accepted (Alpaca: the secret).
    ///
    /// # Errors
    /// When no port can be had.
    pub fn start(
        dialect: Dialect,
        key: &str,
        script: impl Fn(usize) -> Vec<Step> + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let state = Arc::new(State {
            dialect,
            key: key.to_owned(),
            ending: AtomicBool::new(false),
            connections: AtomicUsize::new(0),
            heard: Mutex::new(Vec::new()),
        });
        let shared = Arc::clone(&state);
        let script: Arc<Script> = Arc::new(script);
        #[allow(
            clippy::disallowed_methods,
            reason = "a real server has threads of its own"
        )]
        let thread = thread::spawn(move || {
            for stream in listener.incoming() {
                if shared.ending.load(Ordering::Relaxed) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                let number = shared.connections.fetch_add(1, Ordering::Relaxed);
                let (script, state) = (Arc::clone(&script), Arc::clone(&shared));
                // A client that goes away in the middle is part of the test.
                thread::spawn(move || drop(serve(stream, &script(number), &state)));
            }
        });
        Ok(Self {
            address,
            state,
            listener: Some(thread),
        })
    }

    /// `ws://127.0.0.1:PORT` with a path.
    pub fn url(&self, path: &str) -> String {
        format!("ws://{}{path}", self.address)
    }

    /// `127.0.0.1:PORT`.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Connections so far.
    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::Relaxed)
    }

    /// What clients sent so far, as JSON text.
    pub fn heard(&self) -> Vec<String> {
        let heard = self.state.heard.lock();
        heard.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for StreamServer {
    fn drop(&mut self) {
        self.state.ending.store(true, Ordering::Relaxed);
        // Wakes the listener.
        drop(TcpStream::connect(self.address));
        if let Some(listener) = self.listener.take() {
            drop(listener.join());
        }
    }
}

/// Why a connection ended; tests do not ask.
type Ended = Box<tungstenite::Error>;

struct Link<'a> {
    socket: WebSocket<TcpStream>,
    packed: bool,
    state: &'a State,
    subscribed: Vec<(String, Value)>,
}

#[allow(clippy::result_large_err, reason = "the signature is the library's")]
fn serve(stream: TcpStream, steps: &[Step], state: &State) -> Result<(), Ended> {
    drop(stream.set_nodelay(true));
    let mut packed = false;
    let look = |request: &Request, response: Response| -> Result<Response, ErrorResponse> {
        packed = request
            .headers()
            .get("content-type")
            .is_some_and(|value| value.as_bytes() == b"application/msgpack");
        Ok(response)
    };
    let Ok(socket) = accept_hdr(stream, look) else {
        return Ok(());
    };
    let mut link = Link {
        socket,
        packed: packed && state.dialect == Dialect::Alpaca,
        state,
        subscribed: Vec::new(),
    };
    for step in steps {
        if state.ending.load(Ordering::Relaxed) || !link.step(step)? {
            return Ok(());
        }
    }
    link.idle(Duration::MAX)
}

impl Link<'_> {
    /// Carries a step out; false when the connection is over.
    fn step(&mut self, step: &Step) -> Result<bool, Ended> {
        match step {
            Step::Welcome => return self.welcome(),
            Step::RefuseKey(code, message) => {
                self.greet()?;
                self.hear()?;
                self.refuse(code, message)?;
                return Ok(false);
            }
            Step::RefuseConnection(code, message) => {
                self.refuse(code, message)?;
                return Ok(false);
            }
            Step::Send(messages) => self.send(messages)?,
            Step::Flood(flood) => {
                for number in 0..flood.frames {
                    self.send(&(flood.frame)(number))?;
                    thread::sleep(flood.pause);
                }
            }
            Step::SendText(text) => self.raw(Message::text(text.clone()))?,
            Step::Answer(longest) => self.idle(*longest)?,
            Step::Pause(pause) => thread::sleep(*pause),
            Step::Mute => {
                while !self.state.ending.load(Ordering::Relaxed) {
                    thread::sleep(Duration::from_millis(5));
                }
            }
            Step::Idle => self.idle(Duration::MAX)?,
            Step::Close => {
                drop(self.socket.close(None));
                drop(self.socket.flush());
                return Ok(false);
            }
            Step::Truncate => {
                // A text frame of 100 bytes, of which ten come.
                drop(self.socket.get_mut().write_all(&[0x81, 100]));
                drop(self.socket.get_mut().write_all(b"[{\"T\":\"t\","));
                drop(self.socket.get_mut().shutdown(Shutdown::Both));
                return Ok(false);
            }
            Step::Cut => {
                drop(self.socket.get_mut().shutdown(Shutdown::Both));
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn greet(&mut self) -> Result<(), Ended> {
        let greeting = match self.state.dialect {
            Dialect::Alpaca => json!({"T": "success", "msg": "connected"}),
            Dialect::Massive => {
                json!({"ev": "status", "status": "connected", "message": "Connected Successfully"})
            }
        };
        self.send(&[greeting])
    }

    fn welcome(&mut self) -> Result<bool, Ended> {
        self.greet()?;
        let said = self.hear()?;
        let field = match self.state.dialect {
            Dialect::Alpaca => "secret",
            Dialect::Massive => "params",
        };
        if said["action"] != "auth" || said[field] != self.state.key.as_str() {
            match self.state.dialect {
                Dialect::Alpaca => self.refuse("402", "auth failed")?,
                Dialect::Massive => self.refuse("auth_failed", "authentication failed")?,
            }
            return Ok(false);
        }
        let good = match self.state.dialect {
            Dialect::Alpaca => json!({"T": "success", "msg": "authenticated"}),
            Dialect::Massive => {
                json!({"ev": "status", "status": "auth_success", "message": "authenticated"})
            }
        };
        self.send(&[good])?;
        let said = self.hear()?;
        self.answer(&said)?;
        Ok(true)
    }

    fn refuse(&mut self, code: &str, message: &str) -> Result<(), Ended> {
        let refusal = match self.state.dialect {
            Dialect::Alpaca => {
                let code: i64 = code.parse().unwrap_or(500);
                json!({"T": "error", "code": code, "msg": message})
            }
            Dialect::Massive => json!({"ev": "status", "status": code, "message": message}),
        };
        self.send(&[refusal])?;
        // The client hangs up; a server that closes at once may be faster than its last frame.
        thread::sleep(Duration::from_millis(50));
        Ok(())
    }

    /// Confirms a change of subscriptions.
    fn answer(&mut self, said: &Value) -> Result<(), Ended> {
        match self.state.dialect {
            Dialect::Alpaca => {
                let Value::Object(map) = said else {
                    return Ok(());
                };
                for (channel, list) in map.iter().filter(|(name, _)| *name != "action") {
                    let all = list.as_array().into_iter().flatten();
                    for symbol in all {
                        let entry = (channel.clone(), symbol.clone());
                        if said["action"] == "unsubscribe" {
                            self.subscribed.retain(|known| *known != entry);
                        } else if !self.subscribed.contains(&entry) {
                            self.subscribed.push(entry);
                        }
                    }
                }
                let mut echo = json!({"T": "subscription"});
                for (channel, symbol) in &self.subscribed {
                    let list = &mut echo[channel.as_str()];
                    if list.is_null() {
                        *list = json!([]);
                    }
                    if let Value::Array(list) = list {
                        list.push(symbol.clone());
                    }
                }
                self.send(&[echo])
            }
            Dialect::Massive => {
                let names = said["params"].as_str().unwrap_or_default().to_owned();
                let each = names.split(',').map(|name| {
                    json!({"ev": "status", "status": "success", "message": format!("subscribed to: {name}")})
                });
                let all: Vec<Value> = each.collect();
                self.send(&all)
            }
        }
    }

    /// The next message of the client.
    fn hear(&mut self) -> Result<Value, Ended> {
        loop {
            let text = match self.socket.read().map_err(Box::new)? {
                Message::Text(text) => text.as_str().to_owned(),
                Message::Binary(bytes) => match unpacked(&bytes) {
                    Some(value) => value.to_string(),
                    None => continue,
                },
                _ => continue,
            };
            let mut heard = self
                .state
                .heard
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            heard.push(text.clone());
            return Ok(serde_json::from_str(&text).unwrap_or(Value::Null));
        }
    }

    /// Answers what comes, for a time or until the server or the connection ends.
    fn idle(&mut self, longest: Duration) -> Result<(), Ended> {
        let step = Duration::from_millis(10);
        drop(self.socket.get_ref().set_read_timeout(Some(step)));
        let mut passed = Duration::ZERO;
        while passed < longest && !self.state.ending.load(Ordering::Relaxed) {
            match self.hear() {
                Ok(said) => self.answer(&said)?,
                Err(error) if is_timeout(&error) => passed += step,
                Err(error) => return Err(error),
            }
        }
        drop(self.socket.get_ref().set_read_timeout(None));
        Ok(())
    }

    fn send(&mut self, messages: &[Value]) -> Result<(), Ended> {
        let all = Value::Array(messages.to_vec());
        let message = if self.packed {
            Message::binary(packed(&all))
        } else {
            Message::text(all.to_string())
        };
        self.raw(message)
    }

    fn raw(&mut self, message: Message) -> Result<(), Ended> {
        self.socket.send(message).map_err(Box::new)
    }
}

fn is_timeout(error: &tungstenite::Error) -> bool {
    matches!(error, tungstenite::Error::Io(error)
        if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut))
}

/// JSON as msgpack. The field `t` becomes a timestamp (extension -1), as Alpaca's server writes it.
///
/// # Panics
/// When a text is longer than 65,535 bytes or a `t` is no RFC 3339 time.
pub fn packed(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    pack(value, &mut out);
    out
}

fn pack(value: &Value, out: &mut Vec<u8>) {
    let length = |count: usize| u32::try_from(count).unwrap_or(u32::MAX).to_be_bytes();
    match value {
        Value::Null => out.push(0xc0),
        Value::Bool(flag) => out.push(if *flag { 0xc3 } else { 0xc2 }),
        Value::Number(number) => {
            if let Some(whole) = number.as_i64() {
                out.push(0xd3);
                out.extend(whole.to_be_bytes());
            } else {
                out.push(0xcb);
                out.extend(number.as_f64().unwrap_or(f64::NAN).to_be_bytes());
            }
        }
        Value::String(text) => pack_text(text, out),
        Value::Array(list) => {
            out.push(0xdd);
            out.extend(length(list.len()));
            list.iter().for_each(|one| pack(one, out));
        }
        Value::Object(map) => {
            out.push(0xdf);
            out.extend(length(map.len()));
            for (name, value) in map {
                pack_text(name, out);
                match value {
                    Value::String(text) if name == "t" => pack_time(text, out),
                    other => pack(other, out),
                }
            }
        }
    }
}

fn pack_text(text: &str, out: &mut Vec<u8>) {
    let Ok(length) = u16::try_from(text.len()) else {
        panic!("a text of {} bytes is too long for this server", text.len());
    };
    out.push(0xda);
    out.extend(length.to_be_bytes());
    out.extend(text.as_bytes());
}

fn pack_time(text: &str, out: &mut Vec<u8>) {
    let Ok(time) = text.parse::<trader_domain::Timestamp>() else {
        panic!("`{text}` is no time");
    };
    let second = trader_domain::NANOS_PER_SECOND;
    let nanos = u32::try_from(time.nanos().rem_euclid(second)).unwrap_or(0);
    out.extend([0xc7, 12, 0xff]);
    out.extend(nanos.to_be_bytes());
    out.extend(time.nanos().div_euclid(second).to_be_bytes());
}

/// What clients send as msgpack: maps, lists and texts.
fn unpacked(bytes: &[u8]) -> Option<Value> {
    let mut rest = bytes;
    unpack(&mut rest)
}

fn unpack(rest: &mut &[u8]) -> Option<Value> {
    let (&marker, after) = rest.split_first()?;
    *rest = after;
    let mut count = |bytes: usize| -> Option<usize> {
        let (head, tail) = rest.split_at_checked(bytes)?;
        *rest = tail;
        Some(
            head.iter()
                .fold(0, |sum, byte| sum << 8 | usize::from(*byte)),
        )
    };
    match marker {
        0x80..=0x8f => unpack_map(usize::from(marker & 0xf), rest),
        0xde => count(2).and_then(|count| unpack_map(count, rest)),
        0xdf => count(4).and_then(|count| unpack_map(count, rest)),
        0x90..=0x9f => unpack_list(usize::from(marker & 0xf), rest),
        0xdc => count(2).and_then(|count| unpack_list(count, rest)),
        0xdd => count(4).and_then(|count| unpack_list(count, rest)),
        0xa0..=0xbf => unpack_text(usize::from(marker & 0x1f), rest),
        0xd9 => count(1).and_then(|count| unpack_text(count, rest)),
        0xda => count(2).and_then(|count| unpack_text(count, rest)),
        0xc0 => Some(Value::Null),
        _ => None,
    }
}

fn unpack_map(count: usize, rest: &mut &[u8]) -> Option<Value> {
    let mut map = serde_json::Map::new();
    for _ in 0..count {
        let Value::String(name) = unpack(rest)? else {
            return None;
        };
        map.insert(name, unpack(rest)?);
    }
    Some(Value::Object(map))
}

fn unpack_list(count: usize, rest: &mut &[u8]) -> Option<Value> {
    let mut list = Vec::new();
    for _ in 0..count {
        list.push(unpack(rest)?);
    }
    Some(Value::Array(list))
}

fn unpack_text(count: usize, rest: &mut &[u8]) -> Option<Value> {
    let (head, tail) = rest.split_at_checked(count)?;
    *rest = tail;
    Some(Value::String(String::from_utf8(head.to_vec()).ok()?))
}
