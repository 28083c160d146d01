//! Messages of vendors' real-time streams.

use trader_data::streams::{
    AlpacaStream, Body, Encoding, Frame, Incoming, MassiveStream, StreamingSource,
};
use trader_domain::Timestamp;
use trader_testkit::stream_server::packed;

use super::{any, texts};
use crate::Verdict;

/// A text frame, given to both vendors.
///
/// # Panics
/// When an event breaks what calculators rely on.
pub fn stream_json(data: &[u8]) -> Verdict {
    let Ok(text) = std::str::from_utf8(data) else {
        return Verdict::Refused;
    };
    let frame = Frame::Text(text.to_owned());
    let alpaca = AlpacaStream::new("ws://fuzz", "", "", Encoding::Json);
    let massive = MassiveStream::new("ws://fuzz", "");
    any(&[decode(&alpaca, &frame), decode(&massive, &frame)])
}

/// A binary frame of Alpaca's.
///
/// # Panics
/// As [`stream_json`].
pub fn stream_msgpack(data: &[u8]) -> Verdict {
    let alpaca = AlpacaStream::new("ws://fuzz", "", "", Encoding::MessagePack);
    decode(&alpaca, &Frame::Binary(data.to_vec()))
}

fn decode(source: &dyn StreamingSource, frame: &Frame) -> Verdict {
    let mut verdict = Verdict::Refused;
    for message in source.decode(frame, Timestamp::EPOCH) {
        if !matches!(message, Incoming::Bad(_)) {
            verdict = Verdict::Accepted;
        }
        let Incoming::Event(event) = message else {
            continue;
        };
        match event.body {
            Body::Trade(print) => {
                assert!(
                    print.price.is_positive() && !print.size.is_negative(),
                    "{event:?}"
                );
            }
            Body::Bar(bar) => {
                assert!(bar.low.is_positive() && bar.low <= bar.high, "{event:?}");
                assert!(!bar.volume.is_negative(), "{event:?}");
            }
            Body::Quote(quote) => {
                assert!(
                    !quote.bid.is_negative() && !quote.ask.is_negative(),
                    "{event:?}"
                );
            }
            _ => {}
        }
    }
    verdict
}

const MESSAGES: [&str; 4] = [
    r#"[{"T":"t","i":96921,"S":"AAPL","x":"D","p":126.55,"s":1,"t":"2021-02-22T15:51:44.208Z","c":["@","I"],"z":"C"}]"#,
    r#"[{"T":"q","S":"AMD","bx":"U","bp":87.66,"bs":100,"ax":"Q","ap":87.68,"as":400,"t":"2021-02-22T15:51:45.335689322Z","c":["R"],"z":"C"}]"#,
    r#"[{"T":"b","S":"SPY","o":388.985,"h":389.13,"l":388.975,"c":389.12,"v":49378,"n":461,"vw":389.062639,"t":"2021-02-22T19:15:00Z"}]"#,
    r#"[{"T":"error","code":406,"msg":"connection limit exceeded"},{"T":"subscription","trades":["AAPL"]}]"#,
];

pub(super) fn json_seeds() -> Vec<Vec<u8>> {
    let mut seeds = texts(&MESSAGES);
    seeds.extend(texts(&[
        r#"[{"ev":"T","sym":"MSFT","x":4,"i":"12345","z":3,"p":114.125,"s":100,"c":[0,12],"t":1536036818784,"q":3681328}]"#,
        r#"[{"ev":"AM","sym":"GTE","v":4110,"vw":0.4488,"o":0.4488,"c":0.4486,"h":0.4489,"l":0.4486,"s":1610144640000,"e":1610144700000}]"#,
        r#"[{"ev":"LULD","T":"MSFT","h":218.96,"l":198.11,"i":[21],"z":3,"t":1601316752683746,"q":290317}]"#,
    ]));
    seeds
}

pub(super) fn msgpack_seeds() -> Vec<Vec<u8>> {
    MESSAGES
        .iter()
        .filter_map(|text| serde_json::from_str(text).ok())
        .map(|value| packed(&value))
        .collect()
}
