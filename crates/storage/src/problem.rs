//! Faults in the rows of a file: where, what was found, what to do.
//!
//! Readers hand every fault to a [`Problems`] collector. Strict reading gathers the first few (20 by default) and then
//! fails with all of them at once, so that a file is not repaired one message at a time. Nothing is ever skipped silently.

use std::fmt;

use trader_domain::{Price, Timestamp, Volume};

use crate::error::excerpt;
use crate::options::{FaultPolicy, ReadOptions};
use crate::text::decimal::NumberFault;
use crate::text::time::TimeFault;

/// What is wrong with a field or row.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProblemKind {
    /// Fewer or more fields than the header has.
    FieldCount {
        /// Fields in the row.
        found: usize,
        /// Fields in the header.
        expected: usize,
    },
    /// The last line ends in the middle.
    Truncated,
    /// Longer than any row can be.
    LineTooLong {
        /// Bytes allowed.
        most: usize,
    },
    /// A number that is none, or does not fit.
    Number {
        /// The text.
        found: String,
        /// Why not.
        fault: NumberFault,
        /// Decimals that fit.
        decimals: u32,
    },
    /// A time that is none.
    Time {
        /// The text.
        found: String,
        /// Why not.
        fault: TimeFault,
    },
    /// Dates and times of day in one column.
    MixedTimes {
        /// The text.
        found: String,
    },
    /// A symbol that is empty, too long or not printable.
    Symbol {
        /// The text.
        found: String,
    },
    /// A symbol outside the list asked for.
    UnknownSymbol {
        /// The symbol.
        found: String,
    },
    /// Earlier than the row before.
    Unsorted {
        /// Time of the row before.
        previous: Timestamp,
        /// Time of this row.
        found: Timestamp,
    },
    /// The same time twice for one symbol.
    Duplicate {
        /// The time.
        time: Timestamp,
    },
    /// Later than now.
    FutureDated {
        /// The time found.
        found: Timestamp,
        /// The clock.
        now: Timestamp,
    },
    /// Before any plausible market data.
    TooEarly {
        /// The time found.
        found: Timestamp,
        /// The earliest accepted.
        earliest: Timestamp,
    },
    /// A price at or below zero.
    NotPositive {
        /// The price.
        found: Price,
    },
    /// A volume below zero.
    NegativeVolume {
        /// The volume.
        found: Volume,
    },
    /// High below low, open or close, or low above one of them.
    NotEnclosed {
        /// Open.
        open: Price,
        /// High.
        high: Price,
        /// Low.
        low: Price,
        /// Close.
        close: Price,
    },
    /// A price no instrument has.
    ImplausiblePrice {
        /// The price.
        found: Price,
        /// The highest accepted.
        most: Price,
    },
    /// A close that moved by more than the factor allowed, up or down, from one row to the next.
    ImplausibleMove {
        /// Close of the row before.
        previous: Price,
        /// Close of this row.
        found: Price,
        /// Factor allowed.
        factor: u32,
    },
    /// More time between two rows than allowed.
    Gap {
        /// The row before.
        from: Timestamp,
        /// This row.
        to: Timestamp,
    },
    /// Bars whose labels are not as far apart as their timeframe says.
    Timeframe {
        /// What is wrong and what to do.
        detail: &'static str,
    },
    /// A value that must be there is null.
    Null,
}

impl ProblemKind {
    /// Whether the rest of the file can be used without the row.
    const fn concerns_one_row(&self) -> bool {
        !matches!(
            self,
            Self::LineTooLong { .. } | Self::Timeframe { .. } | Self::Gap { .. }
        )
    }

    /// The kind in one word, for counting.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::FieldCount { .. } => "field-count",
            Self::Truncated => "truncated",
            Self::LineTooLong { .. } => "line-too-long",
            Self::Number { .. } => "number",
            Self::Time { .. } => "time",
            Self::MixedTimes { .. } => "mixed-times",
            Self::Symbol { .. } => "symbol",
            Self::UnknownSymbol { .. } => "unknown-symbol",
            Self::Unsorted { .. } => "unsorted",
            Self::Duplicate { .. } => "duplicate",
            Self::FutureDated { .. } => "future-dated",
            Self::TooEarly { .. } => "too-early",
            Self::NotPositive { .. } => "price-not-positive",
            Self::NegativeVolume { .. } => "negative-volume",
            Self::NotEnclosed { .. } => "range-not-enclosing",
            Self::ImplausiblePrice { .. } => "implausible-price",
            Self::ImplausibleMove { .. } => "implausible-move",
            Self::Gap { .. } => "gap",
            Self::Timeframe { .. } => "timeframe",
            Self::Null => "null",
        }
    }

    /// What the user can do about it.
    pub const fn advice(&self) -> &'static str {
        match self {
            Self::FieldCount { .. } => "complete or remove the row",
            Self::Truncated => "the file was cut off: copy or download it again",
            Self::LineTooLong { .. } => "this is not a market-data row: check the file",
            Self::Number { fault, .. } => match fault {
                NumberFault::TooManyDecimals => "round the source, or allow rounding explicitly",
                NumberFault::OutOfRange => "correct the value or its unit",
                NumberFault::Empty | NumberFault::NotFinite => {
                    "fill in the value or remove the row"
                }
                NumberFault::NotANumber => "write plain decimals such as 101.25",
            },
            Self::Time { fault, .. } => match fault {
                TimeFault::Nonexistent | TimeFault::Ambiguous => {
                    "write the time in UTC or with an offset"
                }
                _ => "write 2020-01-31, 2020-01-31T14:30:00Z or epoch numbers",
            },
            Self::MixedTimes { .. } => "keep daily and intraday rows in separate files",
            Self::Symbol { .. } => "a symbol is 1 to 24 printable ASCII characters",
            Self::UnknownSymbol { .. } => "correct the symbol or add it to the universe",
            Self::Unsorted { .. } => "sort the rows by time",
            Self::Duplicate { .. } => "remove one of the rows",
            Self::FutureDated { .. } => "check the epoch unit, the zone and the clock",
            Self::TooEarly { .. } => "check the epoch unit",
            Self::NotPositive { .. } | Self::NegativeVolume { .. } | Self::NotEnclosed { .. } => {
                "correct or remove the row"
            }
            Self::ImplausiblePrice { .. } => "check the unit of the prices",
            Self::ImplausibleMove { .. } => {
                "check for a missing split or a wrong digit, or allow larger moves explicitly"
            }
            Self::Gap { .. } => "fetch the missing rows, or only report gaps",
            Self::Timeframe { .. } => "name the timeframe explicitly",
            Self::Null => "fill in the value or remove the row",
        }
    }
}

impl fmt::Display for ProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FieldCount { found, expected } => {
                write!(f, "{found} fields, the header has {expected}")
            }
            Self::Truncated => f.write_str("the last line ends in the middle of the row"),
            Self::LineTooLong { most } => write!(f, "longer than {most} bytes"),
            Self::Number {
                found,
                fault,
                decimals,
            } => match fault {
                NumberFault::Empty => f.write_str("the value is missing"),
                NumberFault::NotANumber => write!(f, "`{found}` is not a number"),
                NumberFault::NotFinite => write!(f, "`{found}` is not a finite number"),
                NumberFault::TooManyDecimals => {
                    write!(f, "`{found}` has more than {decimals} decimals")
                }
                NumberFault::OutOfRange => write!(f, "`{found}` is too large"),
            },
            Self::Time { found, fault } => match fault {
                TimeFault::Empty => f.write_str("the time is missing"),
                TimeFault::NotATime => write!(f, "`{found}` is not a time"),
                TimeFault::OutOfRange => write!(
                    f,
                    "`{found}` is outside the years 1678 to 2261 (or 1946 on, in New York)"
                ),
                TimeFault::Nonexistent => {
                    write!(f, "`{found}` did not exist: clocks were put forward")
                }
                TimeFault::Ambiguous => write!(f, "`{found}` happened twice: clocks were put back"),
            },
            Self::MixedTimes { found } => write!(f, "`{found}`: dates and times of day are mixed"),
            Self::Symbol { found } => write!(f, "`{found}` is not a symbol"),
            Self::UnknownSymbol { found } => write!(f, "unknown symbol `{found}`"),
            Self::Unsorted { previous, found } => {
                write!(f, "{found} comes after {previous}: not sorted by time")
            }
            Self::Duplicate { time } => write!(f, "{time} appears twice"),
            Self::FutureDated { found, now } => {
                write!(f, "{found} is in the future (now is {now})")
            }
            Self::TooEarly { found, earliest } => write!(f, "{found} is before {earliest}"),
            Self::NotPositive { found } => write!(f, "price {found} is not above zero"),
            Self::NegativeVolume { found } => write!(f, "volume {found} is negative"),
            Self::NotEnclosed {
                open,
                high,
                low,
                close,
            } => {
                write!(
                    f,
                    "high {high} and low {low} do not enclose open {open} and close {close}"
                )
            }
            Self::ImplausiblePrice { found, most } => write!(f, "price {found} is above {most}"),
            Self::ImplausibleMove {
                previous,
                found,
                factor,
            } => {
                write!(
                    f,
                    "close moves from {previous} to {found}, more than {factor}-fold"
                )
            }
            Self::Gap { from, to } => write!(f, "no rows between {from} and {to}"),
            Self::Timeframe { detail } => f.write_str(detail),
            Self::Null => f.write_str("the value is missing"),
        }
    }
}

/// Where a fault is. CSV counts lines from 1 with the header as line 1; columnar files count rows from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A line of a text file.
    Line(u64),
    /// A row of a columnar file.
    Row(u64),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Row(row) => write!(f, "row {row}"),
        }
    }
}

/// One fault at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file as the user named it.
    pub file: String,
    /// The line or row.
    pub place: Place,
    /// The column's name, where one column is at fault.
    pub column: Option<String>,
    /// What is wrong.
    pub kind: ProblemKind,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.place)?;
        if let Some(column) = &self.column {
            write!(f, ", column `{column}`")?;
        }
        write!(f, ": {}; {}", self.kind, self.kind.advice())
    }
}

/// Faults found in one read, in file order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProblemReport {
    /// The first faults, never empty.
    pub problems: Vec<Problem>,
    /// Reading stopped at the limit: there may be more.
    pub stopped_early: bool,
}

impl fmt::Display for ProblemReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.problems.len();
        let plural = if count == 1 { "problem" } else { "problems" };
        let more = if self.stopped_early { "at least " } else { "" };
        write!(f, "{more}{count} {plural} in the data, nothing was loaded")?;
        for problem in &self.problems {
            write!(f, "\n  {problem}")?;
        }
        if self.stopped_early {
            f.write_str("\n  (reading stopped here)")?;
        }
        Ok(())
    }
}

/// A row that was left out under [`FaultPolicy::SetAside`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// What is wrong, and where.
    pub problem: Problem,
    /// The row as the source has it, cut at 1,000 characters.
    pub raw: String,
}

/// Characters of a rejected row that are kept.
const LONGEST_RAW: usize = 1_000;

/// How many rejected rows a stream holds before it hands out what it has.
const MOST_ASIDE: usize = 4_096;

/// Collects faults up to a limit, or sets faulty rows aside.
#[derive(Debug)]
pub(crate) struct Problems {
    file: String,
    limit: usize,
    found: Vec<Problem>,
    stopped: bool,
    policy: FaultPolicy,
    aside: Vec<Rejected>,
    rejects: u64,
}

impl Problems {
    pub(crate) fn new(file: &str, limit: usize) -> Self {
        Self {
            file: file.to_owned(),
            limit: limit.max(1),
            found: Vec::new(),
            stopped: false,
            policy: FaultPolicy::Refuse,
            aside: Vec::new(),
            rejects: 0,
        }
    }

    /// A collector for rows of bars, which may be set aside one by one.
    pub(crate) fn of_rows(file: &str, options: &ReadOptions) -> Self {
        Self {
            policy: options.faults,
            ..Self::new(file, options.most_problems)
        }
    }

    pub(crate) const fn policy(&self) -> FaultPolicy {
        self.policy
    }

    /// Rows set aside since the beginning.
    pub(crate) const fn rejects(&self) -> u64 {
        self.rejects
    }

    /// Adds the source's text to rows set aside since there were `before` of them.
    #[cold]
    pub(crate) fn attach_raw(&mut self, before: u64, raw: &[u8]) {
        let new = usize::try_from(self.rejects - before).unwrap_or(usize::MAX);
        for rejected in self.aside.iter_mut().rev().take(new) {
            rejected.raw = excerpt(raw, LONGEST_RAW);
        }
    }

    /// Whether a stream must hand out what it has, so that memory stays flat.
    pub(crate) fn must_drain(&self) -> bool {
        self.aside.len() >= MOST_ASIDE
    }

    /// The rows set aside since the last call.
    pub(crate) fn take_rejects(&mut self) -> Vec<Rejected> {
        std::mem::take(&mut self.aside)
    }

    /// Names the file that following faults are in.
    pub(crate) fn set_file(&mut self, file: &str) {
        file.clone_into(&mut self.file);
    }

    pub(crate) fn file(&self) -> &str {
        &self.file
    }

    /// Notes one fault; past the limit only that there were more.
    #[cold]
    pub(crate) fn add(&mut self, place: Place, column: Option<&str>, kind: ProblemKind) {
        if self.is_full() {
            self.stopped = true;
            return;
        }
        let problem = Problem {
            file: self.file.clone(),
            place,
            column: column.map(str::to_owned),
            kind,
        };
        if self.policy == FaultPolicy::SetAside && problem.kind.concerns_one_row() {
            self.rejects += 1;
            self.aside.push(Rejected {
                problem,
                raw: String::new(),
            });
        } else {
            self.found.push(problem);
        }
    }

    /// Whether reading on cannot add anything.
    pub(crate) fn is_full(&self) -> bool {
        self.found.len() >= self.limit
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The report so far; call it when `is_empty` is false.
    pub(crate) fn take_report(&mut self, more_input: bool) -> ProblemReport {
        ProblemReport {
            stopped_early: self.stopped || (self.is_full() && more_input),
            problems: std::mem::take(&mut self.found),
        }
    }
}
