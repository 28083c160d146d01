//! Test only: an S3-compatible server in a process of its own, which checks signatures and can be killed and frozen.
//!
//! The process is the test binary itself, started again for one test that serves. So a binary that uses
//! [`S3Server::start`] has, in the root of its tests:
//!
//! ```ignore
//! #[test]
//! fn s3_server_process() {
//!     trader_testkit_s3::serve_when_asked();
//! }
//! ```

#![allow(
    clippy::panic,
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and so does what it is built from"
)]

use std::io::{BufRead as _, BufReader};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;

/// The name of the test that serves.
const TEST: &str = "s3_server_process";
const ROOT: &str = "TESTKIT_S3_ROOT";
const PORT: &str = "TESTKIT_S3_PORT";

/// Id of the one key that the server knows.
pub const KEY_ID: &str = "TESTKEYID";
/// The key.
pub const SECRET: &str = "test-secret-key";

/// A running server; ended when dropped.
#[derive(Debug)]
pub struct S3Server {
    child: Child,
    root: tempfile::TempDir,
    port: u16,
}

impl S3Server {
    /// Starts a server with these buckets.
    pub fn start(buckets: &[&str]) -> Self {
        let root = tempfile::tempdir().expect("a temporary folder");
        for bucket in buckets {
            std::fs::create_dir(root.path().join(bucket)).expect("a folder for a bucket");
        }
        let (child, port) = spawn(root.path(), 0);
        Self { child, root, port }
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The folder of a bucket: objects are files in it.
    pub fn bucket(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// Ends the process at once, as a crash does.
    pub fn kill(&mut self) {
        self.child.kill().expect("the server can be killed");
        self.child.wait().expect("the server ends");
    }

    /// Starts it again with what it had, at the same address.
    pub fn restart(&mut self) {
        let (child, port) = spawn(self.root.path(), self.port);
        self.child = child;
        self.port = port;
    }

    /// Stops the process without ending it: connections are accepted by the system and never answered.
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let status = Command::new("kill")
            .args([signal, &self.child.id().to_string()])
            .status();
        assert!(status.is_ok_and(|status| status.success()), "kill {signal}");
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        // It may have been killed already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn spawn(root: &Path, port: u16) -> (Child, u16) {
    let own = std::env::current_exe().expect("the test binary");
    let mut child = Command::new(own)
        .args([TEST, "--exact", "--nocapture"])
        .env(ROOT, root)
        .env(PORT, port.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the test binary starts again");
    let mut lines = BufReader::new(child.stdout.take().expect("standard output")).lines();
    let port = lines
        .by_ref()
        .map_while(Result::ok)
        .find_map(|line| line.rsplit_once("serving on ")?.1.parse().ok());
    // The rest is read, so that the process never blocks on its output.
    std::thread::spawn(move || lines.for_each(drop));
    (
        child,
        port.unwrap_or_else(|| panic!("no `{TEST}` in the root of the tests, or it ended early")),
    )
}

/// Serves until the process ends if it was started by [`S3Server::start`]; returns at once otherwise.
pub fn serve_when_asked() {
    let (Some(root), Some(port)) = (std::env::var_os(ROOT), std::env::var_os(PORT)) else {
        return;
    };
    let port = port
        .to_str()
        .and_then(|port| port.parse().ok())
        .expect("a port");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(serve(Path::new(&root), port));
}

async fn serve(root: &Path, port: u16) {
    let mut builder = S3ServiceBuilder::new(FileSystem::new(root).expect("a folder to serve"));
    builder.set_auth(SimpleAuth::from_single(KEY_ID, SECRET));
    let service = builder.build();
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .expect("a free port");
    let address = listener.local_addr().expect("an address");
    #[allow(
        clippy::print_stdout,
        reason = "how the parent process learns the port"
    )]
    {
        println!("serving on {}", address.port());
    }
    loop {
        let Ok((socket, _)) = listener.accept().await else {
            continue;
        };
        let service = service.clone();
        tokio::spawn(async move {
            // A client that goes away is no concern of the server's.
            drop(
                Builder::new(TokioExecutor::new())
                    .serve_connection(TokioIo::new(socket), service)
                    .await,
            );
        });
    }
}
