//! Identifiers: dense indexes inside the process, short inline text from outside.

use std::fmt;

use thiserror::Error;

/// Declares a dense or sequential integer id.
macro_rules! integer_id {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default,
            serde::Serialize, serde::Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

integer_id! {
    /// Index of an instrument in the run's [`crate::Instruments`] table; state is kept in arrays by it.
    InstrumentId(u32)
}
integer_id! {
    /// An order's number within one journal, in the order of proposal.
    OrderId(u64)
}
integer_id! {
    /// Index of a strategy in the run.
    StrategyId(u16)
}
integer_id! {
    /// Index of a trading account in the run.
    AccountId(u16)
}
integer_id! {
    /// Index of a market-data vendor in the run; every record keeps its own (licensing).
    VendorId(u16)
}
integer_id! {
    /// A sector or industry, as an index into the run's classification.
    SectorId(u16)
}
integer_id! {
    /// Orders of which one execution reduces or cancels the others.
    OcoGroupId(u64)
}
integer_id! {
    /// A timer that the core asked for.
    TimerId(u64)
}

impl InstrumentId {
    /// The position in dense arrays.
    #[inline]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl VendorId {
    /// Data that no vendor delivered: computed here or simulated.
    pub const INTERNAL: Self = Self(0);
}

/// The id under which a broker knows our order: a pure function of the run's identity and the
/// order's number, so that a retry after any crash carries the same id.
///
/// `run` comes from a cryptographically secure source, once a journal, so ids
/// never repeat across restarts.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize, serde::Deserialize,
)]
pub struct ClientOrderId {
    /// The journal's identity.
    pub run: u64,
    /// The order's number in it.
    pub order: OrderId,
}

impl fmt::Display for ClientOrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at-{:016x}-{}", self.run, self.order)
    }
}

impl fmt::Debug for ClientOrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientOrderId({self})")
    }
}

/// Text that is not an id of the kind asked for.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IdError {
    /// Not of the form `at-<16 hex digits>-<number>`.
    #[error("`{0}` is not one of our client order ids (at-<16 hex digits>-<number>)")]
    NotAClientOrderId(String),
    /// Empty, too long, or with characters outside printable ASCII.
    #[error("a {kind} is 1 to {max} printable ASCII characters, found `{found}`")]
    NotText {
        /// Which id.
        kind: &'static str,
        /// Longest accepted.
        max: usize,
        /// What was found, cut at 60 characters.
        found: String,
    },
}

impl std::str::FromStr for ClientOrderId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let refused = || IdError::NotAClientOrderId(text.chars().take(60).collect());
        let (run, order) = text
            .strip_prefix("at-")
            .and_then(|rest| rest.split_once('-'))
            .ok_or_else(refused)?;
        let canonical_run =
            run.len() == 16 && run.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let canonical_order =
            order.bytes().all(|b| b.is_ascii_digit()) && (order == "0" || !order.starts_with('0'));
        if !canonical_run || !canonical_order {
            return Err(refused());
        }
        Ok(Self {
            run: u64::from_str_radix(run, 16).map_err(|_not_hex| refused())?,
            order: OrderId(order.parse().map_err(|_not_a_number| refused())?),
        })
    }
}

/// Declares a short text id from outside, kept inline so that it copies without allocation.
macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident[$max:literal]) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name {
            /// Printable ASCII, then zeros: ids compare as their texts do.
            bytes: [u8; $max],
            length: u8,
        }

        impl $name {
            /// Checks and takes the text.
            ///
            /// # Errors
            /// [`IdError::NotText`] when empty, too long, or not printable ASCII.
            pub fn new(text: &str) -> Result<Self, IdError> {
                let refused = || IdError::NotText {
                    kind: stringify!($name),
                    max: $max,
                    found: text.chars().take(60).collect(),
                };
                if text.is_empty() || !text.bytes().all(|b| b.is_ascii_graphic() || b == b' ') {
                    return Err(refused());
                }
                let mut bytes = [0; $max];
                let room = bytes.get_mut(..text.len()).ok_or_else(refused)?;
                room.copy_from_slice(text.as_bytes());
                let length = u8::try_from(text.len()).map_err(|_too_long| refused())?;
                Ok(Self { bytes, length })
            }

            /// The text.
            #[inline]
            pub fn as_str(&self) -> &str {
                // ASCII is always UTF-8.
                std::str::from_utf8(self.as_bytes()).unwrap_or_default()
            }

            /// The text's bytes.
            #[inline]
            pub fn as_bytes(&self) -> &[u8] {
                self.bytes.get(..usize::from(self.length)).unwrap_or_default()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                Self::new(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}

text_id! {
    /// A broker's id of one execution: the key by which a fill is applied exactly once.
    ExecutionId[40]
}
text_id! {
    /// A broker's own id of an order.
    BrokerOrderId[40]
}
text_id! {
    /// A ticker, OCC option symbol or currency pair as the market writes it, e.g. `BRK.B`,
    /// `AAPL  240621C00190000`, `BTC/USD`.
    Symbol[24]
}
text_id! {
    /// A broker's confirmation that shares are there to borrow for a short sale.
    LocateId[24]
}

/// The bytes of `sim-<number>` and how many they are.
///
/// Digits are written by hand: a backtest makes two such ids for every order.
fn simulated(number: u64) -> ([u8; 40], u8) {
    let mut bytes = [0; 40];
    let (name, digits) = bytes.split_at_mut(4);
    name.copy_from_slice(b"sim-");
    // At most 20 digits.
    let count = 1 + number.checked_ilog10().unwrap_or(0);
    let mut left = number;
    for place in digits.iter_mut().take(count as usize).rev() {
        // A remainder of ten always fits a byte.
        *place = b'0' + u8::try_from(left % 10).unwrap_or(0);
        left /= 10;
    }
    (bytes, 4 + u8::try_from(count).unwrap_or(20))
}

impl ExecutionId {
    /// The id of the `number`-th execution of a simulated venue.
    pub fn simulated(number: u64) -> Self {
        let (bytes, length) = simulated(number);
        Self { bytes, length }
    }
}

impl BrokerOrderId {
    /// The id of the `number`-th order of a simulated venue.
    pub fn simulated(number: u64) -> Self {
        let (bytes, length) = simulated(number);
        Self { bytes, length }
    }
}

#[cfg(test)]
mod tests {
    use super::ExecutionId;

    #[test]
    fn simulated_ids_are_plain_decimal_numbers() {
        for number in [0, 7, 10, 1_234_567_890, u64::MAX] {
            let id = ExecutionId::simulated(number);
            assert_eq!(id.as_str(), format!("sim-{number}"));
        }
    }
}
