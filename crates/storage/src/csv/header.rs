//! What the columns of a CSV mean, from its header.

use trader_domain::Symbol;

use crate::columns::OptionalColumns;
use crate::error::{DataError, excerpt};
use crate::series::{Adjustment, PriceBasis};

/// Where a number goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Slot {
    Open,
    High,
    Low,
    Close,
    AdjustedClose,
    Volume,
    Vwap,
    Trades,
}

impl Slot {
    pub(crate) const COUNT: usize = 8;

    pub(crate) const fn decimals(self) -> u32 {
        match self {
            Self::Volume => 6,
            Self::Trades => 0,
            _ => 9,
        }
    }

    /// Whether an empty field means "not known" rather than a fault.
    pub(crate) const fn may_be_empty(self) -> bool {
        matches!(self, Self::Vwap | Self::Trades)
    }
}

/// What a column means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Not used.
    Skip,
    /// The whole time, or the date alone.
    Time,
    /// The date, with the time of day in another column.
    Date,
    /// The time of day.
    Clock,
    /// The symbol.
    Symbol,
    /// A number.
    Number(Slot),
}

impl Role {
    const fn meaning(self) -> &'static str {
        match self {
            Self::Skip => "nothing",
            Self::Time => "the time",
            Self::Date => "the date",
            Self::Clock => "the time of day",
            Self::Symbol => "the symbol",
            Self::Number(Slot::Open) => "the open",
            Self::Number(Slot::High) => "the high",
            Self::Number(Slot::Low) => "the low",
            Self::Number(Slot::Close) => "the close",
            Self::Number(Slot::AdjustedClose) => "the adjusted close",
            Self::Number(Slot::Volume) => "the volume",
            Self::Number(Slot::Vwap) => "the average price",
            Self::Number(Slot::Trades) => "the number of trades",
        }
    }
}

/// The layout of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) separator: u8,
    pub(crate) roles: Vec<Role>,
    pub(crate) names: Vec<String>,
    pub(crate) basis: PriceBasis,
    pub(crate) adjustment: Adjustment,
    pub(crate) optional: OptionalColumns,
    pub(crate) has_symbol: bool,
}

/// The role a normalised name suggests. `Date` stands for both date columns until the whole header is known.
fn role_of(name: &str) -> Role {
    match name {
        "timestamp" | "datetime" | "ts" | "t" | "opentime" | "windowstart" | "epoch" | "unix"
        | "unixtime" | "dateandtime" | "bartime" | "starttime" => Role::Time,
        "date" | "day" | "tradedate" | "tradingday" | "dtyyyymmdd" | "yyyymmdd" => Role::Date,
        "time" | "timeofday" | "hhmmss" => Role::Clock,
        "symbol" | "ticker" | "sym" | "instrument" | "s" => Role::Symbol,
        "open" | "o" | "openprice" | "openingprice" => Role::Number(Slot::Open),
        "high" | "h" | "highprice" => Role::Number(Slot::High),
        "low" | "l" | "lowprice" => Role::Number(Slot::Low),
        "close" | "c" | "last" | "closeprice" | "closelast" | "price" => Role::Number(Slot::Close),
        "adjclose" | "adjustedclose" | "closeadj" | "closeadjusted" => {
            Role::Number(Slot::AdjustedClose)
        }
        "volume" | "v" | "vol" | "basevolume" => Role::Number(Slot::Volume),
        "vwap" | "vw" | "average" | "wap" => Role::Number(Slot::Vwap),
        "trades" | "n" | "transactions" | "tradecount" | "numberoftrades" | "numtrades"
        | "barcount" => Role::Number(Slot::Trades),
        _ => Role::Skip,
    }
}

/// Lower case, without quotes, brackets, blanks and punctuation: `<Adj. Close>` becomes `adjclose`.
fn normalised(name: &str) -> String {
    name.chars()
        .filter(|character| character.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

impl Layout {
    /// Reads a header line (without byte order mark and line end).
    pub(crate) fn parse(file: &str, line: &str) -> Result<Self, DataError> {
        let separator = [b',', b'\t', b';', b'|']
            .into_iter()
            .max_by_key(|candidate| {
                (
                    line.bytes().filter(|byte| byte == candidate).count(),
                    *candidate == b',',
                )
            })
            .unwrap_or(b',');
        let names: Vec<String> = line
            .split(char::from(separator))
            .map(|name| name.trim().trim_matches('"').trim().to_owned())
            .collect();
        let known = names
            .iter()
            .any(|name| role_of(&normalised(name)) != Role::Skip);
        if !known && line.bytes().any(|byte| byte.is_ascii_digit()) {
            return Err(DataError::NoHeader {
                file: file.to_owned(),
                found: excerpt(line.as_bytes(), 80),
            });
        }
        Self::of_names(file, names, separator)
    }

    /// Whether a column of this name holds the time or the date.
    pub(crate) fn names_a_time(name: &str) -> bool {
        matches!(
            role_of(&normalised(name)),
            Role::Time | Role::Date | Role::Clock
        )
    }

    /// The layout that these column names mean.
    pub(crate) fn of_names(
        file: &str,
        names: Vec<String>,
        separator: u8,
    ) -> Result<Self, DataError> {
        let mut roles: Vec<Role> = names
            .iter()
            .map(|name| role_of(&normalised(name)))
            .collect();
        settle_time_columns(&mut roles);
        refuse_duplicates(file, &names, &roles)?;
        let has = |slot: Slot| roles.contains(&Role::Number(slot));
        let (basis, adjustment) = price_basis(file, &names, &roles)?;
        Ok(Self {
            separator,
            basis,
            adjustment,
            optional: OptionalColumns {
                volume: has(Slot::Volume),
                vwap: has(Slot::Vwap),
                trades: has(Slot::Trades),
                adjusted_close: has(Slot::AdjustedClose) && has(Slot::Close),
            },
            has_symbol: roles.contains(&Role::Symbol),
            names,
            roles,
        })
    }
}

/// `date` and `time` are two halves when both are there, else each is the whole; a full time column beats both.
fn settle_time_columns(roles: &mut [Role]) {
    let (full, date, clock) = (
        roles.contains(&Role::Time),
        roles.contains(&Role::Date),
        roles.contains(&Role::Clock),
    );
    for role in roles {
        match role {
            Role::Date | Role::Clock if full => *role = Role::Skip,
            Role::Date if !clock => *role = Role::Time,
            Role::Clock if !date => *role = Role::Time,
            _ => {}
        }
    }
}

fn refuse_duplicates(file: &str, names: &[String], roles: &[Role]) -> Result<(), DataError> {
    for (index, (role, second)) in roles.iter().zip(names).enumerate() {
        let earlier = roles
            .iter()
            .zip(names)
            .take(index)
            .find(|(other, _)| *other == role);
        if let (false, Some((_, first))) = (*role == Role::Skip, earlier) {
            return Err(DataError::AmbiguousColumns {
                file: file.to_owned(),
                first: first.clone(),
                second: second.clone(),
                meaning: role.meaning(),
            });
        }
    }
    Ok(())
}

/// What the price columns amount to, or which are missing.
fn price_basis(
    file: &str,
    names: &[String],
    roles: &[Role],
) -> Result<(PriceBasis, Adjustment), DataError> {
    let has = |slot: Slot| roles.contains(&Role::Number(slot));
    let mut missing = Vec::new();
    if !roles.contains(&Role::Time) && !roles.contains(&Role::Date) {
        missing.push("the time (timestamp, datetime, date or date and time)");
    }
    let range = [has(Slot::Open), has(Slot::High), has(Slot::Low)];
    let any_range = range.contains(&true);
    let words = ["open", "high", "low"];
    if any_range {
        missing.extend(
            range
                .iter()
                .zip(words)
                .filter(|(present, _)| !**present)
                .map(|(_, word)| word),
        );
    }
    if !has(Slot::Close) && (any_range || !has(Slot::AdjustedClose)) {
        missing.push("close");
    }
    if !missing.is_empty() {
        return Err(DataError::MissingColumns {
            file: file.to_owned(),
            missing: missing.join(", "),
            found: excerpt(names.join(", ").as_bytes(), 200),
        });
    }
    let basis = if any_range {
        PriceBasis::Ohlc
    } else {
        PriceBasis::CloseOnly
    };
    let adjustment = if has(Slot::Close) {
        Adjustment::Unknown
    } else {
        Adjustment::Vendor
    };
    Ok((basis, adjustment))
}

/// The symbol that a file's name suggests: up to the first dot, in capitals.
pub(crate) fn symbol_from_name(file: &str) -> Option<Symbol> {
    let name = file.rsplit(['/', '\\']).next()?;
    let stem = name.split('.').next()?;
    Symbol::new(&stem.to_ascii_uppercase()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(header: &str) -> Layout {
        Layout::parse("x.csv", header).unwrap()
    }

    #[test]
    fn knows_the_headers_of_the_usual_sources() {
        use Slot::{AdjustedClose, Close, High, Low, Open, Trades, Volume, Vwap};
        let plain = layout("timestamp,open,high,low,close,volume");
        assert_eq!(plain.roles.first(), Some(&Role::Time));
        assert_eq!(plain.basis, PriceBasis::Ohlc);
        let yahoo = layout("Date,Open,High,Low,Close,Adj Close,Volume");
        assert_eq!(yahoo.roles.get(5), Some(&Role::Number(AdjustedClose)));
        assert!(yahoo.optional.adjusted_close && yahoo.adjustment == Adjustment::Unknown);
        let stooq =
            layout("<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>");
        assert_eq!(
            stooq.roles.get(..4),
            Some([Role::Symbol, Role::Skip, Role::Date, Role::Clock].as_slice())
        );
        let alpaca = layout("symbol;timestamp;open;high;low;close;volume;trade_count;vwap");
        assert_eq!(alpaca.separator, b';');
        let numbers = [Open, High, Low, Close, Volume, Trades, Vwap].map(Role::Number);
        assert_eq!(alpaca.roles.get(2..), Some(numbers.as_slice()));
        let massive = layout("ticker,volume,open,close,high,low,window_start,transactions");
        assert_eq!(massive.roles.get(6), Some(&Role::Time));
    }

    #[test]
    fn closes_alone_are_marked_as_such() {
        assert_eq!(layout("date,close").basis, PriceBasis::CloseOnly);
        let adjusted = layout("date\tadj_close");
        assert_eq!(
            (adjusted.basis, adjusted.adjustment),
            (PriceBasis::CloseOnly, Adjustment::Vendor)
        );
        assert!(!adjusted.optional.adjusted_close);
    }

    #[test]
    fn says_what_is_missing_and_what_was_found() {
        let message = |header: &str| Layout::parse("x.csv", header).unwrap_err().to_string();
        assert_eq!(
            message("timestamp,open,low,volume"),
            "x.csv: no column for high, close; the header has timestamp, open, low, volume"
        );
        assert!(message("open,high,low,close").contains("no column for the time"));
        assert!(message("2020-01-02,1,2,3,4").contains("looks like data"));
        assert!(message("date,close,last").contains("`close` and `last` both mean the close"));
    }
}
