//! Alpaca's market-data stream (`/v2/sip`, `/v2/iex`), as JSON text or msgpack.
//!
//! The server greets, authenticates, and echoes the whole set of subscriptions after each change. Messages carry `T`:
//! `t` trade, `q` quote, `b` bar, `u` updated bar, `d` daily bar, `s` status, `l` limit-up/limit-down, `c` correction,
//! `x` cancellation. There are no sequence numbers.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Map, Value, json};
use trader_domain::{LuldBands, NANOS_PER_SECOND, Symbol, Timestamp, TradeConditions};

use super::event::{
    BarUpdate, Body, Channel, Code, Origin, Print, QuoteUpdate, StatusMeaning, StatusUpdate,
    StreamEvent,
};
use super::protocol::{
    BadMessage, Endpoint, Frame, Incoming, Numbering, StreamCapabilities, StreamFault,
    StreamingSource, Topic, excerpt,
};
use super::sale_conditions::{Plan, of_letter};
use super::wire::{Fields, WireFault, json_fields, json_messages, msgpack_messages};

/// Symbols in one subscription frame.
const SYMBOLS_IN_FRAME: usize = 500;

/// How frames are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// JSON text.
    Json,
    /// msgpack; prices travel as floats.
    MessagePack,
}

/// The stream of one feed.
#[derive(Clone)]
pub struct AlpacaStream {
    url: String,
    key_id: String,
    secret: String,
    encoding: Encoding,
}

impl fmt::Debug for AlpacaStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AlpacaStream")
            .field("url", &self.url)
            .field("encoding", &self.encoding)
            .finish_non_exhaustive()
    }
}

impl AlpacaStream {
    /// The stream at an address such as `wss://stream.data.alpaca.markets/v2/sip`.
    pub fn new(url: &str, key_id: &str, secret: &str, encoding: Encoding) -> Self {
        Self {
            url: url.to_owned(),
            key_id: key_id.to_owned(),
            secret: secret.to_owned(),
            encoding,
        }
    }

    fn frame(&self, value: &Value) -> Frame {
        match self.encoding {
            Encoding::Json => Frame::Text(value.to_string()),
            // A JSON value of strings and lists can always be written.
            Encoding::MessagePack => rmp_serde::to_vec_named(value)
                .map_or_else(|_error| Frame::Text(value.to_string()), Frame::Binary),
        }
    }

    fn change(&self, action: &str, topics: &BTreeSet<Topic>) -> Vec<Frame> {
        let mut frames = Vec::new();
        let all: Vec<&Topic> = topics
            .iter()
            .filter(|topic| word(topic.channel).is_some())
            .collect();
        for part in all.chunks(SYMBOLS_IN_FRAME) {
            let mut lists: Map<String, Value> = Map::new();
            for topic in part {
                let Some(word) = word(topic.channel) else {
                    continue;
                };
                let list = lists
                    .entry(word)
                    .or_insert_with(|| Value::Array(Vec::new()));
                if let Value::Array(list) = list {
                    list.push(Value::from(topic.symbol.as_str()));
                }
            }
            lists.insert("action".to_owned(), Value::from(action));
            frames.push(self.frame(&Value::Object(lists)));
        }
        frames
    }
}

/// A channel's name in subscriptions; none for those that come unasked.
const fn word(channel: Channel) -> Option<&'static str> {
    Some(match channel {
        Channel::Trades => "trades",
        Channel::Quotes => "quotes",
        Channel::Bars => "bars",
        Channel::UpdatedBars => "updatedBars",
        Channel::DailyBars => "dailyBars",
        Channel::Statuses => "statuses",
        Channel::Bands => "lulds",
        Channel::SecondBars | Channel::Corrections | Channel::Cancels => return None,
    })
}

impl StreamingSource for AlpacaStream {
    fn capabilities(&self) -> StreamCapabilities {
        StreamCapabilities {
            vendor: "alpaca",
            channels: Channel::ALL
                .into_iter()
                .filter(|channel| *channel != Channel::SecondBars)
                .collect(),
            numbering: Numbering::None,
            most_connections: None,
        }
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint {
            url: self.url.clone(),
            headers: match self.encoding {
                Encoding::Json => Vec::new(),
                Encoding::MessagePack => {
                    vec![("content-type", "application/msgpack".to_owned())]
                }
            },
        }
    }

    fn authentication(&self) -> Frame {
        self.frame(&json!({"action": "auth", "key": self.key_id, "secret": self.secret}))
    }

    fn subscription(&self, topics: &BTreeSet<Topic>) -> Vec<Frame> {
        self.change("subscribe", topics)
    }

    fn cancellation(&self, topics: &BTreeSet<Topic>) -> Vec<Frame> {
        self.change("unsubscribe", topics)
    }

    fn decode(&self, frame: &Frame, received: Timestamp) -> Vec<Incoming> {
        match frame {
            Frame::Text(text) => decode_json(text, received),
            // The server writes JSON into binary frames too, unless msgpack was asked for.
            Frame::Binary(bytes) if self.encoding == Encoding::Json => {
                match std::str::from_utf8(bytes) {
                    Ok(text) => decode_json(text, received),
                    Err(_error) => vec![bad(WireFault::Frame("it is not UTF-8".to_owned()), "")],
                }
            }
            Frame::Binary(bytes) => match msgpack_messages(bytes) {
                Ok(messages) => messages
                    .iter()
                    .map(|fields| {
                        message(fields, received)
                            .unwrap_or_else(|fault| bad(fault, &format!("{fields:?}")))
                    })
                    .collect(),
                Err(fault) => vec![bad(fault, &format!("{} bytes", bytes.len()))],
            },
        }
    }
}

fn decode_json(text: &str, received: Timestamp) -> Vec<Incoming> {
    match json_messages(text) {
        Ok(messages) => messages
            .into_iter()
            .map(|one| {
                json_fields(one)
                    .and_then(|fields| message(&fields, received))
                    .unwrap_or_else(|fault| bad(fault, one))
            })
            .collect(),
        Err(fault) => vec![bad(fault, text)],
    }
}

fn bad(fault: WireFault, text: &str) -> Incoming {
    Incoming::Bad(BadMessage {
        fault,
        excerpt: excerpt(text),
    })
}

fn message(fields: &Fields<'_>, received: Timestamp) -> Result<Incoming, WireFault> {
    let kind = fields.text("T")?;
    let body = match kind {
        "t" => Body::Trade(print(fields, "i", "p", "s", "c")?),
        "q" => Body::Quote(quote(fields)?),
        "b" => Body::Bar(bar(fields, Channel::Bars)?),
        "u" => Body::Bar(bar(fields, Channel::UpdatedBars)?),
        "d" => Body::Bar(bar(fields, Channel::DailyBars)?),
        "s" => Body::Status(status(fields)?),
        "l" => Body::Bands(LuldBands {
            lower: fields.traded_price("d")?,
            upper: fields.traded_price("u")?,
        }),
        "c" => Body::Correction {
            original: fields.code("oi")?,
            corrected: print(fields, "ci", "cp", "cs", "cc")?,
        },
        "x" => Body::Cancel {
            original: fields.code("i")?,
            price: fields.traded_price("p")?,
            size: fields.quantity("s")?,
        },
        "success" => {
            return Ok(match fields.text("msg")? {
                "connected" => Incoming::Greeting,
                "authenticated" => Incoming::Authenticated,
                other => Incoming::Note(excerpt(other)),
            });
        }
        "subscription" => return Ok(Incoming::Subscribed(subscribed(fields))),
        "error" => return Ok(Incoming::Fault(fault(fields))),
        other => return Err(WireFault::UnknownKind(excerpt(other))),
    };
    let start = fields.time("t")?;
    Ok(Incoming::Event(StreamEvent {
        vendor: "alpaca",
        symbol: fields.symbol("S")?,
        time: match &body {
            Body::Bar(bar) if bar.channel != Channel::DailyBars => {
                start.saturating_add(60 * NANOS_PER_SECOND)
            }
            _ => start,
        },
        received,
        origin: Origin::Live,
        sequence: None,
        body,
    }))
}

fn print(
    fields: &Fields<'_>,
    id: &'static str,
    price: &'static str,
    size: &'static str,
    codes: &'static str,
) -> Result<Print, WireFault> {
    let plan = if fields.code("z")?.as_str() == "C" {
        Plan::Utp
    } else {
        Plan::Cta
    };
    let list = fields.codes(codes)?;
    let conditions = list.iter().fold(TradeConditions::REGULAR, |all, code| {
        let letter = match code.as_bytes() {
            [letter] => *letter,
            _ => b'?',
        };
        all.with(of_letter(letter, plan))
    });
    Ok(Print {
        id: fields.code(id)?,
        exchange: fields.code("x")?,
        price: fields.traded_price(price)?,
        size: fields.quantity(size)?,
        conditions,
        codes: joined(&list)?,
    })
}

/// Codes with commas between them.
pub(super) fn joined(list: &[Code]) -> Result<Code, WireFault> {
    let mut text = Code::new();
    for (index, code) in list.iter().enumerate() {
        let separator = if index == 0 { "" } else { "," };
        text.try_push_str(separator)
            .and_then(|()| text.try_push_str(code))
            .map_err(|_full| {
                WireFault::Implausible("more sale conditions than a print can have")
            })?;
    }
    Ok(text)
}

fn quote(fields: &Fields<'_>) -> Result<QuoteUpdate, WireFault> {
    let quote = QuoteUpdate {
        bid: fields.price("bp")?,
        bid_size: fields.quantity("bs")?,
        bid_exchange: fields.code("bx")?,
        ask: fields.price("ap")?,
        ask_size: fields.quantity("as")?,
        ask_exchange: fields.code("ax")?,
    };
    if quote.bid.is_negative() || quote.ask.is_negative() {
        return Err(WireFault::Implausible("a price of a quote is below zero"));
    }
    Ok(quote)
}

fn bar(fields: &Fields<'_>, channel: Channel) -> Result<BarUpdate, WireFault> {
    checked(BarUpdate {
        channel,
        start: fields.time("t")?,
        open: fields.traded_price("o")?,
        high: fields.traded_price("h")?,
        low: fields.traded_price("l")?,
        close: fields.traded_price("c")?,
        volume: fields.volume("v")?,
        vwap: fields.average("vw")?,
        trades: fields.count("n")?,
    })
}

/// High and low enclose open and close.
pub(super) fn checked(bar: BarUpdate) -> Result<BarUpdate, WireFault> {
    if bar.high < bar.open.max(bar.close) || bar.low > bar.open.min(bar.close) {
        return Err(WireFault::Implausible(
            "high and low of a bar do not enclose open and close",
        ));
    }
    Ok(bar)
}

/// Status codes of the CTA (digits) and UTP (letters) plans.
fn status(fields: &Fields<'_>) -> Result<StatusUpdate, WireFault> {
    let code = fields.code("sc")?;
    let meaning = match code.as_str() {
        // CTA: opening delay, trading halt, no open/no resume; UTP: halt, pause, quotation resumption.
        "1" | "2" | "4" | "H" | "P" | "Q" => StatusMeaning::Halted,
        // CTA: resume; UTP: trading, resumption of trading.
        "3" | "T" | "R" => StatusMeaning::Trading,
        _ => StatusMeaning::Unknown,
    };
    Ok(StatusUpdate {
        meaning,
        code,
        reason: fields.code("rc")?,
    })
}

fn subscribed(fields: &Fields<'_>) -> Vec<Topic> {
    let mut topics = Vec::new();
    for channel in Channel::ALL {
        let Some(word) = word(channel) else { continue };
        for symbol in fields.texts(word) {
            if let Ok(symbol) = Symbol::new(&symbol) {
                topics.push(Topic { channel, symbol });
            }
        }
    }
    topics
}

fn fault(fields: &Fields<'_>) -> StreamFault {
    let code = fields.whole("code").unwrap_or(0);
    let message = excerpt(fields.text("msg").unwrap_or("no reason given"));
    match code {
        402 => StreamFault::credentials(message),
        404 => StreamFault::Unanswered("authenticating"),
        405 => StreamFault::SymbolLimit(message),
        406 => StreamFault::ConnectionLimit(message),
        407 => StreamFault::SlowClient(message),
        408 | 409 | 411 => StreamFault::NotEntitled(message),
        500..=599 => StreamFault::Server(message),
        _ => StreamFault::Refused { code, message },
    }
}
