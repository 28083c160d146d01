//! A local HTTP/1.1 server that answers as a test says: recorded bodies and every way in which an answer can be bad.
//!
//! Plain sockets, because a well-behaved server cannot misbehave: bodies cut short, bytes that drip, connections that
//! close or stay silent. Each request is kept, so that a test can look at what was asked.

use std::io::{self, BufRead, BufReader, Read as _, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// What was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `GET` and so on.
    pub method: String,
    /// Path with query.
    pub target: String,
    /// Names in lower case, values as sent.
    pub headers: Vec<(String, String)>,
    /// The body, as long as its declared length says.
    pub body: Vec<u8>,
}

impl Request {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// How to answer.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Properly.
    Answer {
        /// Status code.
        status: u16,
        /// Headers besides length and connection.
        headers: Vec<(String, String)>,
        /// The body.
        body: Vec<u8>,
    },
    /// The length of the whole is declared, only so many bytes come.
    CutShort {
        /// The whole body.
        body: Vec<u8>,
        /// Bytes that come.
        sent: usize,
    },
    /// A byte at a time.
    Drip {
        /// The whole body.
        body: Vec<u8>,
        /// Between two bytes.
        pause: Duration,
    },
    /// Nothing, and the connection stays open until the server ends.
    Silence,
    /// The connection is closed at once.
    Hangup,
    /// These bytes and no HTTP.
    Garbage(Vec<u8>),
}

impl Reply {
    /// A JSON body with status 200.
    pub fn json(body: impl Into<Vec<u8>>) -> Self {
        Self::status(200, body)
    }

    /// A JSON body with this status.
    pub fn status(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::Answer {
            status,
            headers: vec![("content-type".into(), "application/json".into())],
            body: body.into(),
        }
    }

    /// With one more header.
    ///
    /// # Panics
    /// When this is no proper answer.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        let Self::Answer { headers, .. } = &mut self else {
            panic!("only a proper answer has headers");
        };
        headers.retain(|(known, _)| known != name);
        headers.push((name.into(), value.into()));
        self
    }
}

type Script = dyn Fn(&Request, usize) -> Reply + Send + Sync;

/// The server; it ends with the value.
pub struct HttpServer {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    ending: Arc<AtomicBool>,
    listener: Option<JoinHandle<()>>,
}

impl HttpServer {
    /// Answers every request with what `script` says; it is told how many requests came before.
    ///
    /// # Errors
    /// When no port can be had.
    pub fn start(
        script: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let requests = Arc::new(Mutex::new(Vec::new()));
        let ending = Arc::new(AtomicBool::new(false));
        let script: Arc<Script> = Arc::new(script);
        let (kept, stop) = (Arc::clone(&requests), Arc::clone(&ending));
        #[allow(
            clippy::disallowed_methods,
            reason = "a real server has threads of its own"
        )]
        let thread = thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                let (script, kept, stop) =
                    (Arc::clone(&script), Arc::clone(&kept), Arc::clone(&stop));
                // A client that goes away in the middle is part of the test.
                thread::spawn(move || drop(serve(stream, &*script, &kept, &stop)));
            }
        });
        Ok(Self {
            address,
            requests,
            ending,
            listener: Some(thread),
        })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What was asked so far.
    pub fn requests(&self) -> Vec<Request> {
        self.requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        self.ending.store(true, Ordering::Relaxed);
        // Wakes the listener.
        drop(TcpStream::connect(self.address));
        if let Some(listener) = self.listener.take() {
            drop(listener.join());
        }
    }
}

/// One request for each connection.
fn serve(
    mut stream: TcpStream,
    script: &Script,
    kept: &Mutex<Vec<Request>>,
    ending: &AtomicBool,
) -> io::Result<()> {
    let request = read(&stream)?;
    let before = {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push(request.clone());
        kept.len() - 1
    };
    match script(&request, before) {
        Reply::Answer {
            status,
            headers,
            body,
        } => {
            head(&mut stream, status, &headers, body.len())?;
            stream.write_all(&body)
        }
        Reply::CutShort { body, sent } => {
            json_head(&mut stream, body.len())?;
            stream.write_all(body.get(..sent).unwrap_or(&body))
        }
        Reply::Drip { body, pause } => {
            json_head(&mut stream, body.len())?;
            for byte in body {
                stream.write_all(&[byte])?;
                thread::sleep(pause);
            }
            Ok(())
        }
        Reply::Silence => {
            while !ending.load(Ordering::Relaxed) {
                thread::sleep(Duration::from_millis(5));
            }
            Ok(())
        }
        Reply::Hangup => Ok(()),
        Reply::Garbage(bytes) => stream.write_all(&bytes),
    }
}

fn read(stream: &TcpStream) -> io::Result<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, target) = (
        words.next().unwrap_or_default(),
        words.next().unwrap_or_default(),
    );
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':') {
            headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.and_then(|(_, value)| value.parse().ok());
    // Unread bytes would make the system throw the answer away when the connection closes.
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body)?;
    Ok(Request {
        method,
        target,
        headers,
        body,
    })
}

fn json_head(stream: &mut TcpStream, length: usize) -> io::Result<()> {
    let json = ("content-type".to_owned(), "application/json".to_owned());
    head(stream, 200, &[json], length)
}

fn head(
    stream: &mut TcpStream,
    status: u16,
    headers: &[(String, String)],
    length: usize,
) -> io::Result<()> {
    let mut text =
        format!("HTTP/1.1 {status} Scripted\r\ncontent-length: {length}\r\nconnection: close\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    stream.write_all(text.as_bytes())
}
