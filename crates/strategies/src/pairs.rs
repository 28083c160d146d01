//! Pairs: trade the spread of two related instruments back to its mean (Gatev, Goetzmann and
//! Rouwenhorst 2006; hedge ratio by rolling regression as in Engle and Granger's first step).
//!
//! Instruments pair up in the order in which they are given: first with second, third with fourth.
//! The spread is the residual of ln(first) regressed on ln(second) over `lookback` bars
//! ([`PairSpread`]). When the newest residual is more than `entry` standard deviations away, the cheap
//! one is bought and the dear one sold short for the same value; within `exit` deviations both are
//! closed.

use trader_domain::{
    Bar, InstrumentId, Instruments, OrderIntent, Quantity, Rate, Rounding, Side, TimeInForce,
    Timestamp,
};
use trader_engine::{Context, DataKinds, DataNeeds, RestoreError, Strategy};
use trader_features::cross_asset::pair::PairSpread;
use trader_features::{Calculator as _, Streaming};

use crate::parameter::{ParameterError, ParameterKind, ParameterSpec, Parameters};
use crate::rule::contradiction;
use crate::sizing::{WEIGHT, lots_for};
use crate::state;

pub(crate) const PARAMETERS: &[ParameterSpec] = &[
    ParameterSpec {
        name: "lookback",
        description: "bars in the regression and the deviation",
        kind: ParameterKind::Integer {
            min: 10,
            max: 10_000,
        },
        default: Some("60"),
    },
    ParameterSpec {
        name: "entry",
        description: "open when the spread is this many deviations away",
        kind: ParameterKind::Decimal {
            min: Rate::from_bps(100),
            max: Rate::from_percent(1_000),
        },
        default: Some("2"),
    },
    ParameterSpec {
        name: "exit",
        description: "close when the spread is within this many deviations",
        kind: ParameterKind::Decimal {
            min: Rate::ZERO,
            max: Rate::from_percent(1_000),
        },
        default: Some("0.5"),
    },
    WEIGHT,
];

pub(crate) fn build(
    parameters: &Parameters,
    instruments: &Instruments,
) -> Result<Box<dyn Strategy>, ParameterError> {
    let (entry, exit) = (parameters.decimal("entry"), parameters.decimal("exit"));
    if exit >= entry {
        return Err(ParameterError::Contradiction(format!(
            "parameter `exit` ({exit}) must be below `entry` ({entry})"
        )));
    }
    if instruments.len() < 2 || !instruments.len().is_multiple_of(2) {
        return Err(ParameterError::Contradiction(format!(
            "pairs needs an even number of instruments, found {}",
            instruments.len()
        )));
    }
    let lookback = parameters.length("lookback");
    let pairs = instruments.len() / 2;
    Ok(Box::new(Pairs {
        entry: entry.to_f64_lossy(),
        exit: exit.to_f64_lossy(),
        weight: parameters.decimal(WEIGHT.name),
        lookback,
        pairs: vec![Pair::new(PairSpread::new(lookback).map_err(contradiction)?); pairs],
    }))
}

#[derive(Debug, Clone)]
struct Pair {
    /// Newest closes of the current instant, already on the scale of the first ones.
    latest: [Option<f64>; 2],
    /// What splits have made of the prices.
    scale: [f64; 2],
    spread: Streaming<PairSpread, 2, 2>,
}

/// What is saved of a pair: closes, scales and the calculator's words.
type SavedPair = ([Option<f64>; 2], [f64; 2], Vec<u64>);

impl Pair {
    fn new(spread: PairSpread) -> Self {
        Self {
            latest: [None; 2],
            scale: [1.0; 2],
            spread: Streaming::new(spread),
        }
    }
}

struct Pairs {
    entry: f64,
    exit: f64,
    weight: Rate,
    lookback: usize,
    pairs: Vec<Pair>,
}

/// The pair's instruments.
fn members(pair: usize) -> Option<[InstrumentId; 2]> {
    let first = u32::try_from(pair).ok()?.checked_mul(2)?;
    Some([InstrumentId(first), InstrumentId(first.checked_add(1)?)])
}

impl Pairs {
    fn trade(&self, members: [InstrumentId; 2], score: f64, context: &mut Context<'_>) {
        let idle = members.iter().all(|&id| context.pending(id).is_zero());
        if !idle {
            return;
        }
        let held = members.map(|id| context.position(id));
        let flat = held.iter().all(|quantity| quantity.is_zero());
        if flat && score.abs() > self.entry {
            // Above its relation to the second, the first is dear: sell it, buy the second.
            let sides = if score > 0.0 {
                [Side::Sell, Side::Buy]
            } else {
                [Side::Buy, Side::Sell]
            };
            self.open(members, sides, context);
        } else if !flat && score.abs() < self.exit {
            for (id, quantity) in members.into_iter().zip(held) {
                let side = if quantity.is_positive() {
                    Side::Sell
                } else {
                    Side::Buy
                };
                if !quantity.is_zero() {
                    send(id, side, quantity.abs(), context);
                }
            }
        }
    }

    fn open(&self, members: [InstrumentId; 2], sides: [Side; 2], context: &mut Context<'_>) {
        let legs = i64::try_from(self.pairs.len() * 2).unwrap_or(i64::MAX);
        let budget = context
            .account()
            .equity
            .at_rate(self.weight, Rounding::TowardsZero)
            .and_then(|total| total.scale(1, legs, Rounding::TowardsZero));
        let Ok(budget) = budget else { return };
        let quantities = members.map(|id| lots_for(budget, id, context));
        // Both legs or none.
        if let [Some(first), Some(second)] = quantities {
            send(members[0], sides[0], first, context);
            send(members[1], sides[1], second, context);
        }
    }
}

fn send(id: InstrumentId, side: Side, quantity: Quantity, context: &mut Context<'_>) {
    context.submit(OrderIntent::market(id, side, quantity).with_time_in_force(TimeInForce::Gtc));
}

impl Strategy for Pairs {
    fn needs(&self) -> DataNeeds {
        DataNeeds {
            instruments: None,
            kinds: DataKinds::BARS.and(DataKinds::BATCHES),
            warm_up: self.lookback,
        }
    }

    fn on_bar(&mut self, bar: &Bar, _context: &mut Context<'_>) {
        let (pair, member) = (bar.instrument.index() / 2, bar.instrument.index() % 2);
        if let Some(pair) = self.pairs.get_mut(pair)
            && let (Some(slot), Some(scale)) = (pair.latest.get_mut(member), pair.scale.get(member))
        {
            *slot = Some(bar.close.to_f64_lossy() * scale);
        }
    }

    fn on_bars_complete(&mut self, _time: Timestamp, context: &mut Context<'_>) {
        for index in 0..self.pairs.len() {
            let Some(pair) = self.pairs.get_mut(index) else {
                continue;
            };
            // Only instants at which both traded count.
            let [Some(first), Some(second)] = std::mem::take(&mut pair.latest) else {
                continue;
            };
            let [score, _hedge] = pair.spread.commit([first, second]);
            if let Some(members) = members(index).filter(|_| !score.is_nan()) {
                self.trade(members, score, context);
            }
        }
    }

    fn on_split(&mut self, instrument: InstrumentId, to: u32, from: u32) {
        if let Some(pair) = self.pairs.get_mut(instrument.index() / 2)
            && let Some(scale) = pair.scale.get_mut(instrument.index() % 2)
        {
            *scale *= f64::from(to) / f64::from(from.max(1));
        }
    }

    fn snapshot(&self, out: &mut Vec<u8>) {
        let saved = |pair: &Pair| -> SavedPair { (pair.latest, pair.scale, pair.spread.save()) };
        let pairs: Vec<SavedPair> = self.pairs.iter().map(saved).collect();
        state::save(&pairs, out);
    }

    fn restore(&mut self, bytes: &[u8]) -> Result<(), RestoreError> {
        let saved: Vec<SavedPair> = state::load(bytes)?;
        state::expect_shape(saved.len() == self.pairs.len(), "the number of pairs")?;
        let mut pairs = self.pairs.clone();
        for (pair, (latest, scale, words)) in pairs.iter_mut().zip(saved) {
            let loaded = pair.spread.load(&words);
            loaded.map_err(|error| RestoreError {
                reason: error.to_string(),
            })?;
            (pair.latest, pair.scale) = (latest, scale);
        }
        self.pairs = pairs;
        Ok(())
    }
}
