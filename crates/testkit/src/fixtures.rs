//! Instruments and instants that many tests need.

use trader_domain::{Instrument, Instruments, Symbol, Timestamp};

/// A symbol.
///
/// # Panics
/// When the text is no symbol.
pub fn symbol(text: &str) -> Symbol {
    Symbol::new(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// An instant from RFC 3339 text.
///
/// # Panics
/// When the text is no time.
pub fn time(text: &str) -> Timestamp {
    text.parse()
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// A table of this many stocks, named `S0`, `S1`, ..., with ids in that order.
///
/// # Panics
/// When there are more than an instrument table holds.
pub fn stocks(count: usize) -> Instruments {
    let mut table = Instruments::new();
    for number in 0..count {
        let stock = Instrument::equity(symbol(&format!("S{number}")));
        table
            .add(stock)
            .unwrap_or_else(|error| panic!("S{number}: {error}"));
    }
    table
}
