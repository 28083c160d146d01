//! Massive's stocks stream (formerly Polygon; `wss://socket.massive.com/stocks`), JSON text.
//!
//! Messages carry `ev`: `T` trade, `Q` quote, `A` bar of a second, `AM` bar of a minute, `LULD` bands, `status`. `q`
//! ascends per symbol with holes, so order and duplicates can be told and losses cannot. Sizes of quotes are in round
//! lots (specification) and are given here in shares, with lots of 100.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::json;
use trader_domain::{LuldBands, Quantity, Symbol, Timestamp, TradeConditions};

use super::alpaca::{checked, joined};
use super::event::{BarUpdate, Body, Channel, Origin, Print, QuoteUpdate, StreamEvent};
use super::protocol::{
    BadMessage, Endpoint, Frame, Incoming, Numbering, StreamCapabilities, StreamFault,
    StreamingSource, Topic, excerpt,
};
use super::sale_conditions::of_massive;
use super::wire::{Fields, WireFault, json_fields, json_messages};

/// Topics in one subscription frame.
const TOPICS_IN_FRAME: usize = 500;

/// Shares in a round lot.
const ROUND_LOT: i64 = 100;

/// The stream.
#[derive(Clone)]
pub struct MassiveStream {
    url: String,
    key: String,
}

impl fmt::Debug for MassiveStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MassiveStream")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl MassiveStream {
    /// The stream at an address such as `wss://socket.massive.com/stocks`.
    pub fn new(url: &str, key: &str) -> Self {
        Self {
            url: url.to_owned(),
            key: key.to_owned(),
        }
    }
}

const fn prefix(channel: Channel) -> Option<&'static str> {
    Some(match channel {
        Channel::Trades => "T",
        Channel::Quotes => "Q",
        Channel::SecondBars => "A",
        Channel::Bars => "AM",
        Channel::Bands => "LULD",
        Channel::UpdatedBars
        | Channel::DailyBars
        | Channel::Statuses
        | Channel::Corrections
        | Channel::Cancels => return None,
    })
}

fn change(action: &str, topics: &BTreeSet<Topic>) -> Vec<Frame> {
    let names: Vec<String> = topics
        .iter()
        .filter_map(|topic| Some(format!("{}.{}", prefix(topic.channel)?, topic.symbol)))
        .collect();
    names
        .chunks(TOPICS_IN_FRAME)
        .map(|part| Frame::Text(json!({"action": action, "params": part.join(",")}).to_string()))
        .collect()
}

impl StreamingSource for MassiveStream {
    fn capabilities(&self) -> StreamCapabilities {
        StreamCapabilities {
            vendor: "massive",
            channels: Channel::ALL
                .into_iter()
                .filter(|channel| prefix(*channel).is_some())
                .collect(),
            numbering: Numbering::Ascending,
            most_connections: None,
        }
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint {
            url: self.url.clone(),
            headers: Vec::new(),
        }
    }

    fn authentication(&self) -> Frame {
        Frame::Text(json!({"action": "auth", "params": self.key}).to_string())
    }

    fn subscription(&self, topics: &BTreeSet<Topic>) -> Vec<Frame> {
        change("subscribe", topics)
    }

    fn cancellation(&self, topics: &BTreeSet<Topic>) -> Vec<Frame> {
        change("unsubscribe", topics)
    }

    fn decode(&self, frame: &Frame, received: Timestamp) -> Vec<Incoming> {
        let text = match frame {
            Frame::Text(text) => Ok(text.as_str()),
            Frame::Binary(bytes) => std::str::from_utf8(bytes),
        };
        let Ok(text) = text else {
            return vec![bad(WireFault::Frame("it is not UTF-8".to_owned()), "")];
        };
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
}

fn bad(fault: WireFault, text: &str) -> Incoming {
    Incoming::Bad(BadMessage {
        fault,
        excerpt: excerpt(text),
    })
}

fn message(fields: &Fields<'_>, received: Timestamp) -> Result<Incoming, WireFault> {
    let kind = fields.text("ev")?;
    let (name, time, sequence, body) = match kind {
        "status" => return status(fields),
        "T" => (
            "sym",
            "t",
            fields.sequence("q")?,
            Body::Trade(print(fields)?),
        ),
        "Q" => (
            "sym",
            "t",
            fields.sequence("q")?,
            Body::Quote(quote(fields)?),
        ),
        "A" => (
            "sym",
            "e",
            None,
            Body::Bar(bar(fields, Channel::SecondBars)?),
        ),
        "AM" => ("sym", "e", None, Body::Bar(bar(fields, Channel::Bars)?)),
        "LULD" => {
            let bands = LuldBands {
                lower: fields.traded_price("l")?,
                upper: fields.traded_price("h")?,
            };
            // This message calls its symbol `T`.
            ("T", "t", fields.sequence("q")?, Body::Bands(bands))
        }
        other => return Err(WireFault::UnknownKind(excerpt(other))),
    };
    Ok(Incoming::Event(StreamEvent {
        vendor: "massive",
        symbol: fields.symbol(name)?,
        time: fields.epoch_time(time)?,
        received,
        origin: Origin::Live,
        sequence,
        body,
    }))
}

fn print(fields: &Fields<'_>) -> Result<Print, WireFault> {
    let list = fields.codes("c")?;
    let conditions = list.iter().fold(TradeConditions::REGULAR, |all, code| {
        all.with(of_massive(code.parse().unwrap_or(-1)))
    });
    Ok(Print {
        id: fields.code("i")?,
        exchange: fields.code("x")?,
        price: fields.traded_price("p")?,
        size: fields.quantity("s")?,
        conditions,
        codes: joined(&list)?,
    })
}

fn quote(fields: &Fields<'_>) -> Result<QuoteUpdate, WireFault> {
    let shares = |name: &'static str| -> Result<Quantity, WireFault> {
        let lots = fields.quantity(name)?;
        let units = lots.units().checked_mul(ROUND_LOT);
        units
            .and_then(|units| Quantity::from_units(units).ok())
            .ok_or(WireFault::Implausible("the size of a quote is too large"))
    };
    // A side that is empty is left out.
    let side = |price: &'static str, size: &'static str| {
        if fields.get(price).is_some() {
            Ok((fields.price(price)?, shares(size)?))
        } else {
            Ok((trader_domain::Price::ZERO, Quantity::ZERO))
        }
    };
    let (bid, bid_size) = side("bp", "bs")?;
    let (ask, ask_size) = side("ap", "as")?;
    if bid.is_negative() || ask.is_negative() {
        return Err(WireFault::Implausible("a price of a quote is below zero"));
    }
    Ok(QuoteUpdate {
        bid,
        bid_size,
        bid_exchange: fields.code("bx")?,
        ask,
        ask_size,
        ask_exchange: fields.code("ax")?,
    })
}

fn bar(fields: &Fields<'_>, channel: Channel) -> Result<BarUpdate, WireFault> {
    checked(BarUpdate {
        channel,
        start: fields.epoch_time("s")?,
        open: fields.traded_price("o")?,
        high: fields.traded_price("h")?,
        low: fields.traded_price("l")?,
        close: fields.traded_price("c")?,
        volume: fields.volume("v")?,
        vwap: fields.average("vw")?,
        // `z` is the average size of trades; their number is not said.
        trades: None,
    })
}

fn status(fields: &Fields<'_>) -> Result<Incoming, WireFault> {
    let message = excerpt(fields.text("message").unwrap_or(""));
    Ok(match fields.text("status")? {
        "connected" => Incoming::Greeting,
        "auth_success" => Incoming::Authenticated,
        "auth_failed" => Incoming::Fault(StreamFault::credentials(message)),
        "auth_timeout" => Incoming::Fault(StreamFault::Unanswered("authenticating")),
        "max_connections" => Incoming::Fault(StreamFault::ConnectionLimit(message)),
        "not_authorized" => Incoming::Fault(StreamFault::NotEntitled(message)),
        "error" => {
            let lower = message.to_ascii_lowercase();
            Incoming::Fault(if lower.contains("not authorized") {
                StreamFault::NotEntitled(message)
            } else if lower.contains("maximum") && lower.contains("connection") {
                StreamFault::ConnectionLimit(message)
            } else {
                StreamFault::Refused { code: 0, message }
            })
        }
        "success" => subscribed(&message).map_or(Incoming::Note(message), |topic| {
            Incoming::Subscribed(vec![topic])
        }),
        _ => Incoming::Note(message),
    })
}

/// `subscribed to: T.AAPL`.
fn subscribed(message: &str) -> Option<Topic> {
    let name = message.strip_prefix("subscribed to:")?.trim();
    let (kind, symbol) = name.split_once('.')?;
    let channel = Channel::ALL
        .into_iter()
        .find(|channel| prefix(*channel) == Some(kind))?;
    Some(Topic {
        channel,
        symbol: Symbol::new(symbol).ok()?,
    })
}
