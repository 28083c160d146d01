//! The domain's parsers: amounts, identifiers, times, option symbols.
#![allow(
    clippy::panic,
    reason = "a target reports a broken invariant by panicking"
)]

use std::fmt::Display;
use std::str::{FromStr, from_utf8};

use trader_domain::{
    ClientOrderId, ExerciseStyle, Money, OptionContract, Price, Quantity, Rate, Symbol, Timestamp,
    Volume,
};

use super::{any, texts};
use crate::Verdict;

/// Parses as `T`; what is accepted prints back to text that parses to the same value.
fn round_trip<T: FromStr + Display + PartialEq>(data: &[u8]) -> Verdict {
    let Ok(text) = from_utf8(data) else {
        return Verdict::Refused;
    };
    let Ok(value) = text.parse::<T>() else {
        return Verdict::Refused;
    };
    let printed = value.to_string();
    assert!(
        printed.parse::<T>().is_ok_and(|again| again == value),
        "`{text}` printed as `{printed}`, which is something else"
    );
    Verdict::Accepted
}

/// Decimal text as price, money, quantity, volume and rate.
pub fn money(data: &[u8]) -> Verdict {
    any(&[
        round_trip::<Price>(data),
        round_trip::<Money>(data),
        round_trip::<Quantity>(data),
        round_trip::<Volume>(data),
        round_trip::<Rate>(data),
    ])
}

/// Symbols and client order ids.
pub fn identifiers(data: &[u8]) -> Verdict {
    any(&[
        round_trip::<Symbol>(data),
        round_trip::<ClientOrderId>(data),
    ])
}

/// RFC 3339 times.
pub fn timestamp(data: &[u8]) -> Verdict {
    round_trip::<Timestamp>(data)
}

/// OCC option symbols, padded and compact.
///
/// # Panics
/// When a contract that was accepted does not come back from its own symbol.
pub fn occ_symbol(data: &[u8]) -> Verdict {
    let Ok(text) = from_utf8(data) else {
        return Verdict::Refused;
    };
    let Ok(contract) = OptionContract::parse_occ(text, ExerciseStyle::American) else {
        return Verdict::Refused;
    };
    let again = contract.occ_symbol().ok().and_then(|symbol| {
        OptionContract::parse_occ(symbol.as_str(), ExerciseStyle::American).ok()
    });
    assert!(
        again.as_ref() == Some(&contract),
        "`{text}` is {contract:?} and comes back as {again:?}"
    );
    Verdict::Accepted
}

pub(super) fn money_seeds() -> Vec<Vec<u8>> {
    texts(&[
        "0",
        "1",
        "-12.34",
        "+0.000000001",
        "189.9800",
        "1000000",
        ".5",
        "7.",
        "9223372036.854775807",
    ])
}

pub(super) fn identifier_seeds() -> Vec<Vec<u8>> {
    texts(&[
        "AAPL",
        "BRK.B",
        "BTC/USD",
        "at-0123456789abcdef-42",
        "at-0000000000000000-0",
    ])
}

pub(super) fn timestamp_seeds() -> Vec<Vec<u8>> {
    texts(&[
        "2024-06-03T13:30:00Z",
        "2024-03-10T02:30:00.123456789-05:00",
        "1970-01-01T00:00:00+00:00",
        "2016-12-31T23:59:60Z",
    ])
}

pub(super) fn occ_symbol_seeds() -> Vec<Vec<u8>> {
    texts(&[
        "AAPL  240621C00190000",
        "AAPL240621C00190000",
        "SPXW  241220P05000500",
        "F240119P00012000",
        "BRKB  250117C00450000",
    ])
}
