//! Messages as flat lists of named fields, from JSON text and from msgpack bytes alike.
//!
//! The vendors' decoders take typed values out of them. Any bytes give fields or a reason, never a panic, and no more
//! memory than a small multiple of their length. Numbers in JSON keep the digits that the vendor sent; msgpack carries
//! floats, each of which stands for the shortest decimal that gives it back.

use std::borrow::Cow;
use std::fmt;

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use trader_domain::{NANOS_PER_SECOND, Price, Quantity, Symbol, Timestamp, Volume};
use trader_storage::float_units;
use trader_storage::text::decimal::{ExtraDigits, Units, parse_units};

use super::event::Code;

/// Most messages in one frame; a vendor's frames hold some hundreds.
const MOST_MESSAGES: usize = 100_000;
/// Most fields in one message; the longest has about fifteen.
const MOST_FIELDS: usize = 64;
/// Most elements in a list of conditions.
const MOST_ELEMENTS: usize = 10_000;

/// A value as it is on the wire.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Field<'a> {
    Null,
    Flag(bool),
    /// A number of JSON, as written.
    Digits(&'a str),
    Whole(i64),
    Float(f64),
    Text(Cow<'a, str>),
    Time(Timestamp),
    List(Vec<Field<'a>>),
    /// Something that no message needs.
    Other,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Default)]
pub(super) struct Fields<'a>(Vec<(Cow<'a, str>, Field<'a>)>);

/// Why a message cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireFault {
    /// The frame is no list of messages.
    #[error("the frame is no list of messages: {0}")]
    Frame(String),
    /// The frame holds more messages than any vendor sends.
    #[error("the frame holds more than {MOST_MESSAGES} messages")]
    TooMany,
    /// A field that is needed is not there.
    #[error("there is no field `{0}`")]
    Missing(&'static str),
    /// A field holds something else.
    #[error("the field `{field}` is no {wanted}")]
    Type {
        /// Which field.
        field: &'static str,
        /// What it must be.
        wanted: &'static str,
    },
    /// The message's kind is not one that this version knows.
    #[error("messages of kind `{0}` are not known")]
    UnknownKind(String),
    /// The values contradict each other or cannot be.
    #[error("{0}")]
    Implausible(&'static str),
}

impl WireFault {
    /// A word for counting.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Frame(_) => "frame",
            Self::TooMany => "too_many",
            Self::Missing(_) => "missing_field",
            Self::Type { .. } => "wrong_type",
            Self::UnknownKind(_) => "unknown_kind",
            Self::Implausible(_) => "implausible",
        }
    }
}

/// The messages of a JSON frame, each by itself: one that is wrong does not spoil the others.
pub(super) fn json_messages(text: &str) -> Result<Vec<&str>, WireFault> {
    let frame = |error: serde_json::Error| WireFault::Frame(error.to_string());
    if text.trim_start().starts_with('{') {
        let one: &RawValue = serde_json::from_str(text).map_err(frame)?;
        return Ok(vec![one.get()]);
    }
    let all: Vec<&RawValue> = serde_json::from_str(text).map_err(frame)?;
    if all.len() > MOST_MESSAGES {
        return Err(WireFault::TooMany);
    }
    Ok(all.into_iter().map(RawValue::get).collect())
}

/// The fields of one JSON message.
pub(super) fn json_fields(text: &str) -> Result<Fields<'_>, WireFault> {
    serde_json::from_str::<JsonFields<'_>>(text)
        .map(|fields| fields.0)
        .map_err(|error| WireFault::Frame(error.to_string()))
}

/// The messages of a msgpack frame.
pub(super) fn msgpack_messages(bytes: &[u8]) -> Result<Vec<Fields<'_>>, WireFault> {
    let frame = |error: rmp_serde::decode::Error| WireFault::Frame(error.to_string());
    let mut reader = rmp_serde::Deserializer::from_read_ref(bytes);
    reader.set_max_depth(8);
    let messages = Messages::deserialize(&mut reader).map_err(frame)?.0;
    match IgnoredAny::deserialize(&mut reader) {
        Err(rmp_serde::decode::Error::InvalidMarkerRead(end))
            if end.kind() == std::io::ErrorKind::UnexpectedEof =>
        {
            Ok(messages)
        }
        _ => Err(WireFault::Frame("bytes follow the list".to_owned())),
    }
}

impl<'a> Fields<'a> {
    pub(super) fn get(&self, name: &'static str) -> Option<&Field<'a>> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found
            .map(|(_, field)| field)
            .filter(|field| **field != Field::Null)
    }

    fn need(&self, name: &'static str) -> Result<&Field<'a>, WireFault> {
        self.get(name).ok_or(WireFault::Missing(name))
    }

    pub(super) fn text(&self, name: &'static str) -> Result<&str, WireFault> {
        match self.need(name)? {
            Field::Text(text) => Ok(text),
            _ => Err(wrong(name, "text")),
        }
    }

    pub(super) fn symbol(&self, name: &'static str) -> Result<Symbol, WireFault> {
        Symbol::new(self.text(name)?).map_err(|_error| wrong(name, "symbol"))
    }

    /// A short text or whole number as text; empty when absent.
    pub(super) fn code(&self, name: &'static str) -> Result<Code, WireFault> {
        self.get(name)
            .map_or(Ok(Code::new()), |field| code_of(field, name))
    }

    pub(super) fn price(&self, name: &'static str) -> Result<Price, WireFault> {
        let units = units(self.need(name)?, name, 9, ExtraDigits::Refuse)?;
        Price::from_units(units.value).map_err(|_error| wrong(name, "price"))
    }

    /// A price above zero.
    pub(super) fn traded_price(&self, name: &'static str) -> Result<Price, WireFault> {
        let price = self.price(name)?;
        if price.is_positive() {
            Ok(price)
        } else {
            Err(WireFault::Implausible("a price is not above zero"))
        }
    }

    /// A statistic: digits beyond the ninth are rounded.
    pub(super) fn average(&self, name: &'static str) -> Result<Option<Price>, WireFault> {
        let Some(field) = self.get(name) else {
            return Ok(None);
        };
        let units = units(field, name, 9, ExtraDigits::RoundHalfEven)?;
        let price = Price::from_units(units.value).map_err(|_error| wrong(name, "price"))?;
        Ok(Some(price).filter(|price| price.is_positive()))
    }

    pub(super) fn quantity(&self, name: &'static str) -> Result<Quantity, WireFault> {
        let units = units(self.need(name)?, name, 9, ExtraDigits::Refuse)?;
        match Quantity::from_units(units.value) {
            Ok(quantity) if !quantity.is_negative() => Ok(quantity),
            _ => Err(wrong(name, "quantity")),
        }
    }

    pub(super) fn volume(&self, name: &'static str) -> Result<Volume, WireFault> {
        let units = units(self.need(name)?, name, 6, ExtraDigits::Refuse)?;
        match Volume::from_units(units.value) {
            Ok(volume) if !volume.is_negative() => Ok(volume),
            _ => Err(wrong(name, "volume")),
        }
    }

    pub(super) fn whole(&self, name: &'static str) -> Result<i64, WireFault> {
        Ok(units(self.need(name)?, name, 0, ExtraDigits::Refuse)?.value)
    }

    pub(super) fn count(&self, name: &'static str) -> Result<Option<u32>, WireFault> {
        let Some(field) = self.get(name) else {
            return Ok(None);
        };
        let number = units(field, name, 0, ExtraDigits::Refuse)?.value;
        u32::try_from(number)
            .map(Some)
            .map_err(|_range| wrong(name, "count"))
    }

    pub(super) fn sequence(&self, name: &'static str) -> Result<Option<u64>, WireFault> {
        let Some(field) = self.get(name) else {
            return Ok(None);
        };
        let number = units(field, name, 0, ExtraDigits::Refuse)?.value;
        u64::try_from(number)
            .map(Some)
            .map_err(|_range| wrong(name, "sequence number"))
    }

    /// An instant: RFC 3339 text or a msgpack timestamp.
    pub(super) fn time(&self, name: &'static str) -> Result<Timestamp, WireFault> {
        match self.need(name)? {
            Field::Time(time) => Ok(*time),
            Field::Text(text) => text.parse().map_err(|_error| wrong(name, "time")),
            _ => Err(wrong(name, "time")),
        }
    }

    /// An instant as a whole number since the epoch. The vendor documents milliseconds and shows microseconds in an
    /// example, so the size tells: milliseconds up to the year 5138, then microseconds, then nanoseconds.
    pub(super) fn epoch_time(&self, name: &'static str) -> Result<Timestamp, WireFault> {
        let number = self.whole(name)?;
        let scale = match number {
            0..100_000_000_000_000 => 1_000_000,
            100_000_000_000_000..100_000_000_000_000_000 => 1_000,
            100_000_000_000_000_000.. => 1,
            _ => return Err(wrong(name, "time")),
        };
        number
            .checked_mul(scale)
            .map(Timestamp::from_nanos)
            .ok_or(wrong(name, "time"))
    }

    /// A list of short codes; none when absent. A single code counts as a list of one.
    pub(super) fn codes(&self, name: &'static str) -> Result<Vec<Code>, WireFault> {
        match self.get(name) {
            None => Ok(Vec::new()),
            Some(Field::List(list)) => list.iter().map(|field| code_of(field, name)).collect(),
            Some(one) => Ok(vec![code_of(one, name)?]),
        }
    }

    /// A list of texts; none when absent.
    pub(super) fn texts(&self, name: &'static str) -> Vec<String> {
        match self.get(name) {
            Some(Field::List(list)) => list
                .iter()
                .filter_map(|field| match field {
                    Field::Text(text) => Some(text.to_string()),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        }
    }
}

fn wrong(field: &'static str, wanted: &'static str) -> WireFault {
    WireFault::Type { field, wanted }
}

fn code_of(field: &Field<'_>, name: &'static str) -> Result<Code, WireFault> {
    let code = match field {
        Field::Text(text) => Code::from(text).ok(),
        Field::Digits(text) => Code::from(text).ok(),
        Field::Whole(number) => Code::from(&number.to_string()).ok(),
        _ => None,
    };
    code.ok_or(wrong(name, "short code"))
}

fn units(
    field: &Field<'_>,
    name: &'static str,
    decimals: u32,
    extra: ExtraDigits,
) -> Result<Units, WireFault> {
    let units = match field {
        Field::Digits(digits) => parse_units(digits.as_bytes(), decimals, extra),
        Field::Text(text) => parse_units(text.as_bytes(), decimals, extra),
        Field::Float(value) => float_units(*value, decimals, extra),
        Field::Whole(number) => {
            let value = number.checked_mul(10_i64.pow(decimals.min(18)));
            return value
                .map(|value| Units {
                    value,
                    rounded: false,
                })
                .ok_or(wrong(name, "number in range"));
        }
        _ => return Err(wrong(name, "number")),
    };
    units.map_err(|_fault| wrong(name, "number in range"))
}

/// Fields of a JSON message: values are told apart by how they are written.
struct JsonFields<'a>(Fields<'a>);

impl<'de> Deserialize<'de> for JsonFields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = JsonFields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a message")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some((name, value)) = map.next_entry::<Name<'de>, &RawValue>()? {
                    if fields.len() == MOST_FIELDS {
                        return Err(serde::de::Error::custom("too many fields"));
                    }
                    fields.push((name.0, json_field(value.get())));
                }
                Ok(JsonFields(Fields(fields)))
            }
        }
        deserializer.deserialize_map(Each)
    }
}

fn json_field(text: &str) -> Field<'_> {
    match text.as_bytes().first() {
        Some(b'"') => {
            let plain = text
                .get(1..text.len().saturating_sub(1))
                .unwrap_or_default();
            if !plain.contains('\\') {
                return Field::Text(Cow::Borrowed(plain));
            }
            serde_json::from_str(text).map_or(Field::Other, |text| Field::Text(Cow::Owned(text)))
        }
        Some(b'[') => {
            let list: Result<Vec<&RawValue>, _> = serde_json::from_str(text);
            match list {
                Ok(list) if list.len() <= MOST_ELEMENTS => Field::List(
                    // Lists in lists are in no message.
                    list.into_iter()
                        .map(|one| match one.get().as_bytes().first() {
                            Some(b'[') => Field::Other,
                            _ => json_field(one.get()),
                        })
                        .collect(),
                ),
                _ => Field::Other,
            }
        }
        Some(b'-' | b'0'..=b'9') => Field::Digits(text),
        Some(b'n') => Field::Null,
        Some(b't') => Field::Flag(true),
        Some(b'f') => Field::Flag(false),
        _ => Field::Other,
    }
}

/// A field's name, without a copy where that is possible.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a field's name")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Each)
    }
}

/// The messages of a msgpack frame: a list of maps, or one map.
struct Messages<'a>(Vec<Fields<'a>>);

impl<'de> Deserialize<'de> for Messages<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Messages<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of messages")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut messages = Vec::new();
                while let Some(one) = list.next_element::<Fields<'de>>()? {
                    if messages.len() == MOST_MESSAGES {
                        return Err(serde::de::Error::custom("too many messages"));
                    }
                    messages.push(one);
                }
                Ok(Messages(messages))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                Ok(Messages(vec![fields_of(map)?]))
            }
        }
        deserializer.deserialize_any(Each)
    }
}

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a message")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                fields_of(map)
            }
        }
        deserializer.deserialize_map(Each)
    }
}

fn fields_of<'de, A: MapAccess<'de>>(mut map: A) -> Result<Fields<'de>, A::Error> {
    let mut fields = Vec::new();
    while let Some((name, value)) = map.next_entry::<Name<'de>, Field<'de>>()? {
        if fields.len() == MOST_FIELDS {
            return Err(serde::de::Error::custom("too many fields"));
        }
        fields.push((name.0, value));
    }
    Ok(Fields(fields))
}

impl<'de> Deserialize<'de> for Field<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyField)
    }
}

struct AnyField;

impl<'de> Visitor<'de> for AnyField {
    type Value = Field<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Field::Null)
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(Field::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Field::Flag(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Field::Whole(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(i64::try_from(value).map_or(Field::Other, Field::Whole))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Field::Float(value))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Field::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Field::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_bytes<E>(self, _bytes: &[u8]) -> Result<Self::Value, E> {
        Ok(Field::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::new();
        while let Some(one) = list.next_element()? {
            if fields.len() == MOST_ELEMENTS {
                return Err(serde::de::Error::custom("too many elements"));
            }
            fields.push(one);
        }
        Ok(Field::List(fields))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Field::Other)
    }

    /// An extension: (type, bytes).
    fn visit_newtype_struct<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Self::Value, D::Error> {
        struct Extension;
        impl<'de> Visitor<'de> for Extension {
            type Value = Field<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an extension")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Self::Value, A::Error> {
                let kind: Option<i8> = parts.next_element()?;
                let Some(Octets(bytes)) = parts.next_element()? else {
                    return Ok(Field::Other);
                };
                let time = kind.filter(|kind| *kind == -1).and(extension_time(bytes));
                Ok(time.map_or(Field::Other, Field::Time))
            }
        }
        deserializer.deserialize_tuple(2, Extension)
    }
}

/// Bytes without a copy.
struct Octets<'a>(&'a [u8]);

impl<'de> Deserialize<'de> for Octets<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Octets<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_borrowed_bytes<E>(self, bytes: &'de [u8]) -> Result<Self::Value, E> {
                Ok(Octets(bytes))
            }
        }
        deserializer.deserialize_bytes(Each)
    }
}

/// The msgpack timestamp extension in its three lengths (specification of 2017).
fn extension_time(bytes: &[u8]) -> Option<Timestamp> {
    let (seconds, nanos) = match bytes.len() {
        4 => (i64::from(u32::from_be_bytes(bytes.try_into().ok()?)), 0),
        8 => {
            let both = u64::from_be_bytes(bytes.try_into().ok()?);
            (
                i64::try_from(both & 0x3_ffff_ffff).ok()?,
                i64::try_from(both >> 34).ok()?,
            )
        }
        12 => {
            let (nanos, seconds) = bytes.split_at_checked(4)?;
            (
                i64::from_be_bytes(seconds.try_into().ok()?),
                i64::from(u32::from_be_bytes(nanos.try_into().ok()?)),
            )
        }
        _ => return None,
    };
    if !(0..NANOS_PER_SECOND).contains(&nanos) {
        return None;
    }
    let total = seconds.checked_mul(NANOS_PER_SECOND)?.checked_add(nanos)?;
    Some(Timestamp::from_nanos(total))
}
