//! `stream`: a vendor's stream that is replayed here ends up in the store.

use serde_json::{Value, json};
use trader_testkit::stream_server::{Dialect, Step, StreamServer};

use crate::program::Scratch;

const KEY: &str = concat!("PK", "CANARY0123456789AB");
const SECRET: &str = "canarysecret0123456789abcdef0123456789abcd";

fn bar(minute: u32) -> Value {
    json!({"T": "b", "S": "SPY", "o": 388.985, "h": 389.13, "l": 388.975, "c": 389.12, "v": 49378, "n": 461,
           "vw": 389.062_639, "t": format!("2024-06-03T14:{minute}:00Z")})
}

#[test]
fn bars_of_a_stream_are_stored_and_counted() {
    let server = StreamServer::start(Dialect::Alpaca, SECRET, |_| {
        vec![
            Step::Welcome,
            Step::Send(vec![bar(30), bar(31), bar(31)]),
            Step::SendText("nonsense".to_owned()),
            Step::Send(vec![bar(32)]),
        ]
    })
    .unwrap();
    let scratch = Scratch::new();
    let address = format!(
        "providers.alpaca.stream_url={}",
        server.url("").replace("ws://", "http://")
    );
    let run = |more: &[&str]| {
        let fixed = [
            "stream",
            "--provider",
            "alpaca-iex",
            "--symbols",
            "SPY",
            "--channels",
            "bars",
            "--for",
            "2s",
            "--json",
            "--set",
            &address,
        ];
        let mut command = scratch.command(&[&fixed[..], more].concat());
        command.env("AI_TRADER_PROVIDERS__ALPACA__API_KEY", KEY);
        command.env("AI_TRADER_PROVIDERS__ALPACA__SECRET_KEY", SECRET);
        command.output().unwrap()
    };
    for (more, added) in [(&["--json-frames"][..], 3), (&[], 0)] {
        let output = run(more);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}");
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["events"]["bars"], 3, "{report}");
        assert_eq!(report["bars_added"], added, "{report}");
        assert_eq!(
            (&report["duplicates"], &report["quarantined"]["frame"]),
            (&json!(1), &json!(1))
        );
        assert!(!errors.contains("canarysecret"));
    }
    let status = scratch.command(&["status", "--json"]).output().unwrap();
    let status: Value = serde_json::from_slice(&status.stdout).unwrap();
    assert_eq!(status["series"][0]["rows"], 3, "{status}");
    let refused = run(&["--channels", "lulds", "--for", "soon"]);
    assert_eq!(refused.status.code(), Some(2));
}
