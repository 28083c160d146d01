//! The vendors' messages: examples from their documents, in both encodings, and everything that can be wrong.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use trader_data::streams::{
    AlpacaStream, Body, Channel, Encoding, Frame, Incoming, MassiveStream, StatusMeaning,
    StreamEvent, StreamFault, StreamingSource, Topic,
};
use trader_domain::{Price, Quantity, TradeConditions, Volume};

use crate::{now, symbol};

fn alpaca(encoding: Encoding) -> AlpacaStream {
    AlpacaStream::new("ws://test/v2/sip", "KEY", "CANARY_SECRET", encoding)
}

fn massive() -> MassiveStream {
    MassiveStream::new("ws://test/stocks", "CANARY_SECRET")
}

fn said(source: &dyn StreamingSource, text: &str) -> Vec<Incoming> {
    source.decode(&Frame::Text(text.to_owned()), now())
}

fn events(messages: Vec<Incoming>) -> Vec<StreamEvent> {
    messages
        .into_iter()
        .map(|one| match one {
            Incoming::Event(event) => event,
            other => panic!("{other:?}"),
        })
        .collect()
}

/// The examples of Alpaca's documentation of the real-time stock data stream.
const ALPACA: &str = r#"[
 {"T":"t","i":96921,"S":"AAPL","x":"D","p":126.55,"s":1,"t":"2021-02-22T15:51:44.208Z","c":["@","I"],"z":"C"},
 {"T":"q","S":"AMD","bx":"U","bp":87.66,"bs":100,"ax":"Q","ap":87.68,"as":400,"t":"2021-02-22T15:51:45.335689322Z","c":["R"],"z":"C"},
 {"T":"b","S":"SPY","o":388.985,"h":389.13,"l":388.975,"c":389.12,"v":49378,"n":461,"vw":389.062639,"t":"2021-02-22T19:15:00Z"},
 {"T":"u","S":"SPY","o":388.985,"h":389.13,"l":388.975,"c":389.12,"v":49588,"n":468,"vw":389.06263912345678,"t":"2021-02-22T19:15:00Z"},
 {"T":"s","S":"AAPL","sc":"H","sm":"Trading Halt","rc":"T12","rm":"Trading Halted; For information requested by NASDAQ","t":"2021-02-22T19:15:00Z","z":"C"},
 {"T":"l","S":"IONM","u":3.24,"d":2.65,"i":"B","t":"2021-04-05T13:34:45.565004401Z","z":"C"},
 {"T":"c","S":"EEM","x":"M","oi":52983525033527,"op":39.1582,"os":440000,"oc":[" ","7"],"ci":52983525034326,"cp":39.1809,"cs":440000,"cc":[" ","7"],"z":"B","t":"2023-04-06T14:25:06.542305024Z"},
 {"T":"x","S":"GOOGL","i":465,"x":"D","p":105.31,"s":300,"a":"C","z":"C","t":"2023-04-06T13:15:42.83540958Z"}
]"#;

#[test]
fn alpaca_s_examples_are_read_digit_for_digit() {
    let all = events(said(&alpaca(Encoding::Json), ALPACA));
    let channels: Vec<Channel> = all.iter().map(StreamEvent::channel).collect();
    assert_eq!(
        channels,
        [
            Channel::Trades,
            Channel::Quotes,
            Channel::Bars,
            Channel::UpdatedBars,
            Channel::Statuses,
            Channel::Bands,
            Channel::Corrections,
            Channel::Cancels
        ]
    );
    let Body::Trade(print) = all[0].body else {
        panic!()
    };
    assert_eq!(
        (
            print.id.as_str(),
            print.exchange.as_str(),
            print.codes.as_str()
        ),
        ("96921", "D", "@,I")
    );
    assert_eq!(print.price, "126.55".parse::<Price>().unwrap());
    assert_eq!(print.conditions, TradeConditions::ODD_LOT);
    assert_eq!(all[0].time, "2021-02-22T15:51:44.208Z".parse().unwrap());
    assert_eq!((all[0].vendor, all[0].received), ("alpaca", now()));
    let Body::Quote(quote) = all[1].body else {
        panic!()
    };
    assert_eq!(
        (quote.bid, quote.ask_size),
        ("87.66".parse().unwrap(), Quantity::whole(400))
    );
    let Body::Bar(bar) = all[2].body else {
        panic!()
    };
    assert_eq!((bar.volume, bar.trades), (Volume::whole(49_378), Some(461)));
    assert_eq!(
        all[2].time,
        "2021-02-22T19:16:00Z".parse().unwrap(),
        "a bar is known at its end"
    );
    let Body::Bar(updated) = all[3].body else {
        panic!()
    };
    assert_eq!(updated.vwap, Some("389.062639123".parse().unwrap()));
    let Body::Status(status) = all[4].body else {
        panic!()
    };
    assert_eq!(
        (status.meaning, status.reason.as_str()),
        (StatusMeaning::Halted, "T12")
    );
    let Body::Correction {
        original,
        corrected,
    } = all[6].body
    else {
        panic!()
    };
    assert_eq!(
        (original.as_str(), corrected.id.as_str()),
        ("52983525033527", "52983525034326")
    );
}

/// JSON values as msgpack with times as the timestamp extension, as Alpaca's server writes them.
fn as_msgpack(value: &Value) -> Vec<u8> {
    fn write(value: &Value, key: &str, out: &mut Vec<u8>) {
        match value {
            Value::Array(list) => {
                out.push(0xdd);
                out.extend(u32::try_from(list.len()).unwrap().to_be_bytes());
                list.iter().for_each(|one| write(one, "", out));
            }
            Value::Object(map) => {
                out.push(0xdf);
                out.extend(u32::try_from(map.len()).unwrap().to_be_bytes());
                for (key, value) in map {
                    out.extend(rmp_serde::to_vec(key).unwrap());
                    write(value, key, out);
                }
            }
            Value::String(text) if key == "t" => {
                let time: trader_domain::Timestamp = text.parse().unwrap();
                let (seconds, nanos) = (
                    time.nanos() / trader_domain::NANOS_PER_SECOND,
                    time.nanos() % trader_domain::NANOS_PER_SECOND,
                );
                out.extend([0xc7, 12, 0xff]);
                out.extend(u32::try_from(nanos).unwrap().to_be_bytes());
                out.extend(seconds.to_be_bytes());
            }
            other => out.extend(rmp_serde::to_vec(other).unwrap()),
        }
    }
    let mut out = Vec::new();
    write(value, "", &mut out);
    out
}

#[test]
fn msgpack_says_the_same_as_json() {
    let value: Value = serde_json::from_str(ALPACA).unwrap();
    let source = alpaca(Encoding::MessagePack);
    let packed = events(source.decode(&Frame::Binary(as_msgpack(&value)), now()));
    let plain = events(said(&alpaca(Encoding::Json), ALPACA));
    assert_eq!(packed, plain);
}

#[test]
fn massive_s_examples_are_read_and_lots_become_shares() {
    let text = r#"[{"ev":"T","sym":"MSFT","x":4,"i":"12345","z":3,"p":114.125,"s":100,"c":[0,12],"t":1536036818784,"q":3681328},
      {"ev":"Q","sym":"MSFT","bx":4,"bp":114.125,"bs":100,"ax":7,"ap":114.128,"as":160,"c":0,"i":[604],"t":1536036818784,"q":50385480,"z":3},
      {"ev":"AM","sym":"GTE","v":4110,"av":9470157,"op":0.4372,"vw":0.4488,"o":0.4488,"c":0.4486,"h":0.4489,"l":0.4486,"a":0.4352,"z":685,"s":1610144640000,"e":1610144700000},
      {"ev":"A","sym":"SPCE","v":200,"av":8642007,"op":25.66,"vw":25.3981,"o":25.39,"c":25.39,"h":25.39,"l":25.39,"a":25.3714,"z":50,"s":1610144868000,"e":1610144869000},
      {"ev":"LULD","T":"MSFT","h":218.96,"l":198.11,"i":[21],"z":3,"t":1601316752683746,"q":290317}]"#;
    let all = events(said(&massive(), text));
    let Body::Trade(print) = all[0].body else {
        panic!()
    };
    assert!(print.conditions.contains(TradeConditions::EXTENDED_HOURS));
    assert_eq!(
        (all[0].sequence, print.codes.as_str()),
        (Some(3_681_328), "0,12")
    );
    assert_eq!(all[0].time.nanos(), 1_536_036_818_784_000_000);
    let Body::Quote(quote) = all[1].body else {
        panic!()
    };
    assert_eq!(quote.ask_size, Quantity::whole(16_000));
    assert_eq!(all[2].time.nanos(), 1_610_144_700_000_000_000);
    assert_eq!(all[3].channel(), Channel::SecondBars);
    assert_eq!(
        all[4].time.nanos(),
        1_601_316_752_683_746_000,
        "microseconds, as in the example"
    );
    assert_eq!(all[4].symbol, symbol("MSFT"));
}

#[test]
fn one_bad_message_does_not_spoil_the_others() {
    let good = r#"{"T":"t","i":1,"S":"AAPL","x":"D","p":126.55,"s":1,"t":"2021-02-22T15:51:44.208Z","c":["@"],"z":"C"}"#;
    for (bad, reason) in [
        (r#"{"T":"t","S":"AAPL"}"#, "missing_field"),
        (&good.replace("126.55", "\"twelve\""), "wrong_type"),
        (&good.replace("126.55", "-1"), "implausible"),
        (&good.replace("126.55", "0"), "implausible"),
        (&good.replace("126.55", "1e400"), "wrong_type"),
        (&good.replace("\"AAPL\"", "7"), "wrong_type"),
        (&good.replace("\"t\",", "\"new\","), "unknown_kind"),
        (
            &good.replace("2021-02-22T15:51:44.208Z", "yesterday"),
            "wrong_type",
        ),
        ("7", "frame"),
        (
            r#"{"T":"b","S":"SPY","o":1,"h":1,"l":2,"c":1,"v":1,"t":"2021-02-22T19:15:00Z"}"#,
            "implausible",
        ),
    ] {
        let said = said(&alpaca(Encoding::Json), &format!("[{good},{bad},{good}]"));
        assert_eq!(said.len(), 3, "{bad}");
        let Incoming::Bad(found) = &said[1] else {
            panic!("{bad}: {:?}", said[1]);
        };
        assert_eq!(found.fault.reason(), reason, "{bad}");
        assert!(matches!(said[0], Incoming::Event(_)) && matches!(said[2], Incoming::Event(_)));
    }
    let truncated = said(&alpaca(Encoding::Json), &good[..40]);
    assert!(matches!(&truncated[..], [Incoming::Bad(bad)] if bad.fault.reason() == "frame"));
}

#[test]
fn unknown_fields_and_conditions_do_not_stop_a_print() {
    let text = r#"{"T":"t","i":1,"S":"AAPL","x":"NEW","p":126.55,"s":0.5,"t":"2021-02-22T15:51:44.208Z","c":["@","?!"],"z":"C","extra":{"a":[1]}}"#;
    let all = events(said(&alpaca(Encoding::Json), text));
    let Body::Trade(print) = all[0].body else {
        panic!()
    };
    assert_eq!(print.size, "0.5".parse().unwrap());
    assert!(!print.conditions.updates_last() && print.conditions.updates_volume());
}

#[test]
fn refusals_have_their_types() {
    let source = alpaca(Encoding::Json);
    for (code, reason) in [
        (402, "unauthorized"),
        (404, "unanswered"),
        (405, "symbol_limit"),
        (406, "connection_limit"),
        (407, "slow_client"),
        (409, "not_entitled"),
        (400, "refused"),
        (500, "server"),
    ] {
        let text = json!([{"T": "error", "code": code, "msg": "words"}]).to_string();
        let said = said(&source, &text);
        assert!(
            matches!(&said[..], [Incoming::Fault(fault)] if fault.reason() == reason),
            "{said:?}"
        );
    }
    let expired = said(
        &source,
        r#"[{"T":"error","code":402,"msg":"token expired"}]"#,
    );
    assert!(matches!(
        &expired[..],
        [Incoming::Fault(StreamFault::TokenExpired(_))]
    ));
    for (status, reason) in [
        ("auth_failed", "unauthorized"),
        ("max_connections", "connection_limit"),
        ("auth_timeout", "unanswered"),
    ] {
        let text = json!([{"ev": "status", "status": status, "message": "words"}]).to_string();
        let said = said(&massive(), &text);
        assert!(
            matches!(&said[..], [Incoming::Fault(fault)] if fault.reason() == reason),
            "{said:?}"
        );
    }
}

#[test]
fn keys_are_in_one_frame_and_in_no_message() {
    let topics = BTreeSet::from([Topic {
        channel: Channel::Trades,
        symbol: symbol("SPY"),
    }]);
    let sources: [Box<dyn StreamingSource>; 3] = [
        Box::new(alpaca(Encoding::Json)),
        Box::new(alpaca(Encoding::MessagePack)),
        Box::new(massive()),
    ];
    for source in sources {
        assert!(!format!("{:?}", source.authentication()).contains("CANARY"));
        let asked = source.subscription(&topics);
        assert_eq!(asked.len(), 1);
        assert_eq!(source.cancellation(&topics).len(), 1);
    }
    assert!(!format!("{:?} {:?}", alpaca(Encoding::Json), massive()).contains("CANARY"));
}
