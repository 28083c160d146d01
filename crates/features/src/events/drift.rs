//! Registry entries of what the price did since an event.

use super::series::BASE;
use crate::calculator::Kernel;
use crate::parameter::{Arguments, Parameter, real};
use crate::registry::{Build, Built, Cost, Definition};
use crate::state_fields;

const LONGEST: Parameter = real(
    "days",
    "calendar days after the event",
    (0.01, 1000.0),
    60.0,
);

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "event_drift",
        outputs: &["event_drift", "event_reaction"],
        parameters: &[LONGEST],
        inputs: &["close", "days_since_event_earnings"],
        cost: Cost::Constant,
        description: "Return since the last close before an event, and that of the event's own row.",
        convention: "Close over the close of the row before the event, less 1; the event is where the \
                     days since it fall. Drift after the reaction is (1 + drift) / (1 + reaction) - 1. \
                     Missing before the first event and after `days`.",
        build: Build::Series(|a| Ok(Built::over_sources(a, Drift::<2>::new(a)?))),
        ..BASE
    },
    Definition {
        name: "event_abnormal",
        outputs: &["event_abnormal_drift", "event_abnormal_reaction"],
        parameters: &[LONGEST],
        inputs: &["close", "days_since_event_earnings", "benchmark"],
        cost: Cost::Constant,
        description: "The same less the benchmark's return (post-earnings-announcement drift).",
        convention: "As `event_drift`, buy-and-hold: share's return less benchmark's (Bernard and Thomas \
                     1989, with the market instead of size deciles).",
        build: Build::Series(|a| Ok(Built::over_sources(a, Drift::<3>::new(a)?))),
        ..BASE
    },
];

/// Inputs (close, days since the event) and, with three, the benchmark.
#[derive(Debug, Clone)]
struct Drift<const I: usize> {
    longest: f64,
    /// Close and benchmark of the last row.
    last: Option<[f64; 2]>,
    /// Those before the event.
    base: Option<[f64; 2]>,
    age: f64,
    reaction: f64,
}

state_fields!(Drift<2> { last, base, age, reaction });
state_fields!(Drift<3> { last, base, age, reaction });

impl<const I: usize> Drift<I> {
    fn new(a: &Arguments) -> Result<Self, crate::FeatureError> {
        Ok(Self {
            longest: a.real("days")?,
            last: None,
            base: None,
            age: f64::INFINITY,
            reaction: f64::NAN,
        })
    }
}

impl<const I: usize> Kernel<I, 2> for Drift<I>
where
    Self: crate::snapshot::State,
{
    /// At the earliest: it waits for an event.
    fn warm_up(&self) -> [usize; 2] {
        [1; 2]
    }

    #[inline]
    fn step(&mut self, row: [f64; I]) -> [f64; 2] {
        let [close, age] = [row[0], row[1]];
        let now = [close, row.get(2).copied().unwrap_or(1.0)];
        let last = self.last.replace(now);
        let happened = age < std::mem::replace(&mut self.age, age);
        if happened {
            self.base = last;
        }
        let Some([close_then, benchmark_then]) = self.base else {
            return [f64::NAN; 2];
        };
        if close_then <= 0.0 || benchmark_then <= 0.0 {
            return [f64::NAN; 2];
        }
        let drift = now[0] / close_then - now[1] / benchmark_then;
        if happened {
            self.reaction = drift;
        }
        if age > self.longest {
            return [f64::NAN; 2];
        }
        [drift, self.reaction]
    }
}
