//! Fuzz targets for every parser of outside bytes, and the loop that runs them.
//!
//! A target ([`targets`]) is a function from bytes to a [`Verdict`] that panics when an invariant
//! breaks: what was accepted prints back to something that parses to the same value. [`mutation`]
//! turns real inputs into millions of near misses, the same ones for the same seed, and [`hammer`]
//! feeds them, timing each and counting its memory. `cargo xtask fuzz` runs that loop on the stable
//! compiler; `cargo +nightly fuzz run NAME --features libfuzzer` runs the same functions under
//! libFuzzer.
//!
//! A new parser gets a function and its seeds in [`targets`], and a file in `fuzz_targets/`.

pub mod hammer;
pub mod mutation;
pub mod targets;

/// What a parser made of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is a value.
    Accepted,
    /// It is not, and the parser said so.
    Refused,
}

impl<T, E> From<&Result<T, E>> for Verdict {
    fn from(parsed: &Result<T, E>) -> Self {
        if parsed.is_ok() {
            Self::Accepted
        } else {
            Self::Refused
        }
    }
}

/// One parser under test.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, also that of its file in `fuzz_targets/`.
    pub name: &'static str,
    /// Feeds it one input; panics when an invariant breaks.
    pub feed: fn(&[u8]) -> Verdict,
    /// Real inputs that it accepts, where mutation starts.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Words of its language, spliced into inputs.
    pub words: &'static [&'static str],
}
