//! [`Latency`]: how long orders take to the exchange and reports back.

use trader_domain::Timestamp;

use crate::generator::Generator;

/// Both ways of one message, in nanoseconds; not negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Delays {
    /// From our decision to the exchange.
    pub order: i64,
    /// From the exchange's event to us.
    pub report: i64,
}

/// A latency model. Messages never overtake each other: one that would arrive before its
/// predecessor arrives with it; messages to the exchange sent at one instant travel together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Latency {
    /// None: an order is there at the instant of its decision.
    #[default]
    None,
    /// Always the same.
    Fixed(Delays),
    /// Uniform between two bounds, both included.
    Uniform {
        /// Shortest.
        least: Delays,
        /// Longest.
        most: Delays,
        /// Seed of the generator.
        seed: u64,
    },
    /// Drawn from measured delays, each equally likely.
    Sampled {
        /// The measurements; not empty.
        delays: Vec<Delays>,
        /// Seed of the generator.
        seed: u64,
    },
    /// As measured at the time: the last entry at or before the message; the first before it.
    Replayed(
        /// In ascending order of time; not empty.
        Vec<(Timestamp, Delays)>,
    ),
}

impl Latency {
    /// Whether it can delay anything.
    pub(crate) const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// Whether every delay is at least zero and every table usable.
    pub(crate) fn is_usable(&self) -> bool {
        let fits = |delays: &Delays| delays.order >= 0 && delays.report >= 0;
        match self {
            Self::None => true,
            Self::Fixed(delays) => fits(delays),
            Self::Uniform { least, most, .. } => {
                fits(least) && least.order <= most.order && least.report <= most.report
            }
            Self::Sampled { delays, .. } => !delays.is_empty() && delays.iter().all(fits),
            Self::Replayed(table) => {
                !table.is_empty()
                    && table.is_sorted_by(|a, b| a.0 < b.0)
                    && table.iter().all(|(_, delays)| fits(delays))
            }
        }
    }

    /// The generator that the model asks for.
    pub(crate) const fn generator(&self) -> Generator {
        match self {
            Self::Uniform { seed, .. } | Self::Sampled { seed, .. } => Generator::new(*seed),
            Self::None | Self::Fixed(_) | Self::Replayed(_) => Generator::new(0),
        }
    }

    /// The delays of a message at `at`.
    pub(crate) fn draw(&self, at: Timestamp, generator: &mut Generator) -> Delays {
        match self {
            Self::None => Delays::default(),
            Self::Fixed(delays) => *delays,
            Self::Uniform { least, most, .. } => Delays {
                order: between(least.order, most.order, generator),
                report: between(least.report, most.report, generator),
            },
            Self::Sampled { delays, .. } => {
                let index = generator.below(delays.len() as u64);
                usize::try_from(index)
                    .ok()
                    .and_then(|index| delays.get(index))
                    .copied()
                    .unwrap_or_default()
            }
            Self::Replayed(table) => {
                let begun = table.partition_point(|(from, _)| *from <= at);
                table
                    .get(begun.saturating_sub(1))
                    .map(|(_, delays)| *delays)
                    .unwrap_or_default()
            }
        }
    }
}

fn between(least: i64, most: i64, generator: &mut Generator) -> i64 {
    let width = most.abs_diff(least).saturating_add(1);
    least.saturating_add_unsigned(generator.below(width))
}
