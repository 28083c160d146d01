//! The vendors' own clients, unmodified, read the replay server: it speaks the real protocols.
//!
//! `alpaca-py` (Apache-2.0) and `massive` (MIT) come from the Python package index into an environment of the build
//! folder; without Python or the index the test says so and passes.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::json;
use trader_testkit::stream_server::{Dialect, Step, StreamServer};

const KEY: &str = "SECRET";

/// Python with the clients; `None` when they cannot be had.
fn python() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("stream-clients");
    let python = folder.join("bin/python");
    let works =
        |command: &mut Command| command.output().is_ok_and(|output| output.status.success());
    let has = |python: &Path| works(Command::new(python).args(["-c", "import alpaca, massive"]));
    if has(&python) {
        return Some(python);
    }
    let made = works(Command::new("python3").args(["-m", "venv"]).arg(&folder))
        && works(Command::new(&python).args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--retries",
            "1",
            "--timeout",
            "10",
            "alpaca-py==0.44.0",
            "massive==2.9.1",
        ]));
    (made && has(&python)).then_some(python)
}

/// What a script prints.
fn output(python: &Path, script: &str, argument: &str) -> String {
    let output = Command::new(python)
        .args(["-c", script, argument])
        .output()
        .unwrap();
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

const ALPACA: &str = r#"
import sys, threading, os
from alpaca.data.live import StockDataStream
stream = StockDataStream("KEY", "SECRET", url_override=sys.argv[1])
seen = []
async def saw(one):
    seen.append(one)
    print(type(one).__name__, one.symbol, getattr(one, "price", None) or getattr(one, "close", None) or one.bid_price, one.timestamp.isoformat(), flush=True)
    if len(seen) == 3:
        os._exit(0)
stream.subscribe_trades(saw, "AAPL")
stream.subscribe_quotes(saw, "AAPL")
stream.subscribe_bars(saw, "AAPL")
threading.Timer(15, lambda: os._exit(1)).start()
stream.run()
"#;

const MASSIVE: &str = r#"
import sys, threading, os
from massive import WebSocketClient
client = WebSocketClient("SECRET", feed=sys.argv[1], market="stocks", secure=False, subscriptions=["T.AAPL", "AM.AAPL"])
seen = []
def saw(messages):
    for one in messages:
        seen.append(one)
        print(one.event_type, one.symbol, getattr(one, "price", None) or one.close, flush=True)
    if len(seen) >= 2:
        os._exit(0)
threading.Timer(15, lambda: os._exit(1)).start()
client.run(saw)
"#;

#[test]
fn the_vendors_own_clients_read_the_replay_server() {
    let Some(python) = python() else {
        println!("skipped: no Python, or alpaca-py and massive cannot be installed from the index");
        return;
    };
    let server = StreamServer::start(Dialect::Alpaca, KEY, |_| {
        let time = "2024-02-22T15:51:44.208Z";
        vec![
            Step::Welcome,
            Step::Answer(Duration::from_millis(200)),
            Step::Send(vec![
                json!({"T": "t", "i": 1, "S": "AAPL", "x": "D", "p": 126.55, "s": 1, "t": time, "c": ["@"], "z": "C"}),
                json!({"T": "q", "S": "AAPL", "bx": "U", "bp": 87.66, "bs": 100, "ax": "Q", "ap": 87.68, "as": 400, "t": time, "c": ["R"], "z": "C"}),
                json!({"T": "b", "S": "AAPL", "o": 388.985, "h": 389.13, "l": 388.975, "c": 389.12, "v": 49378, "n": 461, "vw": 389.06, "t": time}),
            ]),
        ]
    })
    .unwrap();
    let said = output(&python, ALPACA, &server.url("/v2/iex"));
    for line in [
        "Trade AAPL 126.55 2024-02-22T15:51:44.208000+00:00",
        "Quote AAPL 87.66",
        "Bar AAPL 389.12",
    ] {
        assert!(said.contains(line), "{said}");
    }
    let server = StreamServer::start(Dialect::Massive, KEY, |_| {
        vec![
            Step::Welcome,
            Step::Send(vec![
                json!({"ev": "T", "sym": "AAPL", "x": 4, "i": "1", "z": 3, "p": 114.125, "s": 100, "c": [0], "t": 1_536_036_818_784_i64, "q": 1}),
                json!({"ev": "AM", "sym": "AAPL", "v": 1, "av": 1, "op": 1, "vw": 1, "o": 1, "c": 2.5, "h": 3, "l": 1, "a": 1, "z": 1, "s": 1_610_144_640_000_i64, "e": 1_610_144_700_000_i64}),
            ]),
        ]
    })
    .unwrap();
    let said = output(&python, MASSIVE, &server.address());
    assert!(
        said.contains("T AAPL 114.125") && said.contains("AM AAPL 2.5"),
        "{said}"
    );
}
