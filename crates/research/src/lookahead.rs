//! Proof by experiment that a strategy does not see the future: `backtest --check-lookahead`.
//!
//! The whole history is run once. Then the future is taken away at a number of instants, strategies are built
//! anew from what is left, the run is repeated up to the instant, and every order, refusal, change,
//! cancellation and timer must be what it was in the whole run. Each instant is tried twice: with the future
//! absent, and with another future in its place (prices mirrored at the last known close, volumes in reverse),
//! which catches strategies that only need the future to be there.
//!
//! What a strategy was told outside its history (a model trained on the test period, say) is the same in every
//! rerun and cannot be found this way; whatever is computed from the history has to be computed by the
//! [`Study::build`] function.

use std::fmt;

use thiserror::Error;
use trader_broker::CompliancePolicy;
use trader_domain::{
    CorporateAction, InstrumentId, Instruments, OrderId, OrderRequest, ReplaceRequest,
    SequencedEvent, StrategyId, TimerId, Timestamp,
};
use trader_engine::driver::backtest::RunObserver;
use trader_engine::{Command, Core, Effects};

use crate::run::{HistoryFeed, RunError, RunRules, Strategies, drive};

mod future;

pub use future::{Future, Prices};

/// At how many evenly spread instants the future is taken away.
const SPREAD_CUTS: usize = 12;
/// At how many of the first orders' and fills' instants as well.
const TRADING_CUTS: usize = 6;

/// What is studied: a history, and how runs over it are made.
pub struct Study<'a, P, E> {
    /// The rules of the run.
    pub rules: &'a RunRules,
    /// The instruments, one for each series.
    pub instruments: &'a Instruments,
    /// Prices by instrument index.
    pub series: &'a [P],
    /// Corporate actions.
    pub actions: &'a [CorporateAction],
    /// First instant of the run.
    pub from: Timestamp,
    /// The instant before which the run ends.
    pub to: Timestamp,
    /// Builds fresh strategies from the prices they may know.
    pub build: &'a dyn Fn(&[P]) -> Result<Strategies, E>,
    /// Makes a fresh compliance policy.
    pub compliance: &'a dyn Fn() -> Box<dyn CompliancePolicy>,
}

/// Why the check could not be done.
#[derive(Debug, Error)]
pub enum LookaheadError<E: std::error::Error + 'static> {
    /// The strategies could not be built.
    #[error("the strategies could not be built from a part of the history")]
    Build(#[source] E),
    /// A run failed.
    #[error(transparent)]
    Run(#[from] RunError),
}

/// Something a run decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// When.
    pub time: Timestamp,
    /// Who, where it is known.
    pub strategy: Option<StrategyId>,
    /// What.
    pub kind: DecisionKind,
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecisionKind {
    /// An order left.
    Order(Box<OrderRequest>),
    /// An order was proposed and refused.
    Refused(OrderId, InstrumentId),
    /// New terms left.
    Replace(ReplaceRequest),
    /// A cancellation was asked for.
    Cancel(OrderId),
    /// A timer was set.
    Timer(TimerId, Timestamp),
}

/// The first decision that depended on the future.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The last instant that was left of the history.
    pub cut: Timestamp,
    /// What stood in the place of the rest.
    pub future: Future,
    /// When the decisions part.
    pub time: Timestamp,
    /// Whose decision it was, where that is known.
    pub strategy: Option<StrategyId>,
    /// What was decided over the whole history; `None` when nothing was.
    pub with_future: Option<Decision>,
    /// What was decided without the future; `None` when nothing was.
    pub without: Option<Decision>,
}

/// What the check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookaheadReport {
    /// The instants at which the future was taken away, ascending.
    pub cuts: Vec<Timestamp>,
    /// Decisions of the whole run.
    pub decisions: usize,
    /// Decisions compared, all reruns together.
    pub compared: usize,
    /// The earliest decision that was different; `None` when all were the same.
    pub finding: Option<Finding>,
}

/// Runs the study whole and with its future taken away, and compares all decisions.
///
/// # Errors
/// [`LookaheadError`].
pub fn check_lookahead<P: Prices, E: std::error::Error + 'static>(
    study: &Study<'_, P, E>,
) -> Result<LookaheadReport, LookaheadError<E>> {
    let whole = study.run(study.series, Timestamp::MAX)?;
    let cuts = study.cuts(&whole);
    let mut report = LookaheadReport {
        decisions: whole.decisions.len(),
        compared: 0,
        finding: None,
        cuts,
    };
    'cuts: for &cut in &report.cuts {
        let until = whole
            .decisions
            .partition_point(|decision| decision.time <= cut);
        let expected = whole.decisions.get(..until).unwrap_or_default();
        for future in [Future::Absent, Future::Replaced] {
            let series: Vec<P> = study
                .series
                .iter()
                .map(|series| series.without_future(cut, future))
                .collect();
            let found = study.run(&series, cut)?.decisions;
            report.compared += expected.len();
            if let Some(finding) = first_difference(cut, future, expected, &found) {
                report.finding = Some(finding);
                break 'cuts;
            }
        }
    }
    Ok(report)
}

impl<P: Prices, E: std::error::Error + 'static> Study<'_, P, E> {
    /// Runs up to and including `last`.
    fn run(&self, series: &[P], last: Timestamp) -> Result<Watcher, LookaheadError<E>> {
        let strategies = (self.build)(series).map_err(LookaheadError::Build)?;
        let to = self.to.min(last.saturating_add(1));
        let mut feed = HistoryFeed::new(self.from, to);
        for (id, series) in (0_u32..).zip(series) {
            series.feed(InstrumentId(id), &mut feed);
        }
        let known = self
            .actions
            .iter()
            .filter(|action| action.effective <= last);
        feed.add_actions(known.copied());
        let mut watcher = Watcher::default();
        drive(
            self.rules,
            self.instruments.clone(),
            strategies,
            (self.compliance)(),
            &mut feed,
            &mut watcher,
            &|| false,
        )?;
        Ok(watcher)
    }

    /// Evenly spread ends of bars, and the instants of the first orders and fills: a strategy that looks one
    /// bar ahead decides differently exactly there. The same study has the same cuts.
    fn cuts(&self, whole: &Watcher) -> Vec<Timestamp> {
        let longest = self.series.iter().map(Prices::bar_ends);
        let ends: Vec<Timestamp> = longest
            .max_by_key(Vec::len)
            .into_iter()
            .flatten()
            .filter(|end| self.from <= *end && *end < self.to)
            .collect();
        let mut cuts: Vec<Timestamp> = (1..=SPREAD_CUTS)
            .filter_map(|part| ends.get(ends.len() * part / (SPREAD_CUTS + 1)).copied())
            .collect();
        let decided = whole.decisions.iter().map(|decision| decision.time);
        cuts.extend(first_distinct(decided));
        cuts.extend(first_distinct(whole.fills.iter().copied()));
        cuts.sort_unstable();
        cuts.dedup();
        cuts
    }
}

/// The first few different instants of an ascending sequence.
fn first_distinct(times: impl Iterator<Item = Timestamp>) -> Vec<Timestamp> {
    let mut distinct: Vec<Timestamp> = Vec::with_capacity(TRADING_CUTS);
    for time in times {
        if distinct.last() != Some(&time) {
            distinct.push(time);
        }
        if distinct.len() == TRADING_CUTS {
            break;
        }
    }
    distinct
}

fn first_difference(
    cut: Timestamp,
    future: Future,
    with_future: &[Decision],
    without: &[Decision],
) -> Option<Finding> {
    let same = with_future
        .iter()
        .zip(without)
        .take_while(|(left, right)| left == right)
        .count();
    let (left, right) = (with_future.get(same), without.get(same));
    // The earlier one is the one that the other run did not make.
    let earlier = match (left, right) {
        (Some(left), Some(right)) if right.time < left.time => right,
        (Some(left), _) => left,
        (None, Some(right)) => right,
        (None, None) => return None,
    };
    Some(Finding {
        cut,
        future,
        time: earlier.time,
        strategy: earlier.strategy,
        with_future: left.cloned(),
        without: right.cloned(),
    })
}

/// Notes every decision of a run.
#[derive(Debug, Default)]
struct Watcher {
    decisions: Vec<Decision>,
    fills: Vec<Timestamp>,
}

impl RunObserver for Watcher {
    fn on_effects(&mut self, event: &SequencedEvent, effects: &Effects, _core: &Core) {
        let time = event.time;
        let mut note = |strategy, kind| {
            self.decisions.push(Decision {
                time,
                strategy,
                kind,
            });
        };
        for refused in effects.decisions.iter().filter(|one| !one.approved) {
            let kind = DecisionKind::Refused(refused.order, refused.instrument);
            note(Some(refused.strategy), kind);
        }
        for command in &effects.commands {
            match command {
                Command::Submit(order) => {
                    let order = order.request();
                    note(
                        Some(order.strategy),
                        DecisionKind::Order(Box::new(order.clone())),
                    );
                }
                Command::Replace(terms) => note(None, DecisionKind::Replace(*terms.terms())),
                Command::Cancel(order) => note(None, DecisionKind::Cancel(*order)),
                Command::SetTimer { id, at } => note(None, DecisionKind::Timer(*id, *at)),
            }
        }
        self.fills.extend(effects.fills.iter().map(|_| time));
    }

    #[inline]
    fn on_instant(&mut self, _core: &Core, _next: Option<Timestamp>) {}
}

impl fmt::Display for LookaheadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.finding {
            Some(finding) => finding.fmt(f),
            None => write!(
                f,
                "no look-ahead: {} decisions, the same without the future and with another one from {} instants on",
                self.decisions,
                self.cuts.len()
            ),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = |decision: &Option<Decision>| {
            decision
                .as_ref()
                .map_or_else(|| "nothing".to_owned(), ToString::to_string)
        };
        let future = match self.future {
            Future::Absent => "without the data after",
            Future::Replaced => "with other data after",
        };
        match self.strategy {
            Some(strategy) => write!(f, "look-ahead: strategy {} decided", strategy.0)?,
            None => f.write_str("look-ahead: the run decided")?,
        }
        write!(
            f,
            " at {}: {} over the whole history, but {} {future} {}",
            self.time,
            told(&self.with_future),
            told(&self.without),
            self.cut
        )
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            DecisionKind::Order(order) => write!(
                f,
                "order {} at {} ({:?} {} of instrument {}, {})",
                order.id.0,
                self.time,
                order.side,
                order.quantity,
                order.instrument,
                order.kind.name()
            ),
            DecisionKind::Refused(order, instrument) => write!(
                f,
                "refused order {} at {} (instrument {instrument})",
                order.0, self.time
            ),
            DecisionKind::Replace(terms) => {
                write!(f, "new terms for order {} at {}", terms.order.0, self.time)
            }
            DecisionKind::Cancel(order) => {
                write!(f, "cancellation of order {} at {}", order.0, self.time)
            }
            DecisionKind::Timer(timer, at) => {
                write!(f, "timer {} for {at} at {}", timer.0, self.time)
            }
        }
    }
}
