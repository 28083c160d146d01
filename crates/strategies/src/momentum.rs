//! Cross-sectional momentum: each month, hold the winners of the past year, skipping the last month
//! (Jegadeesh and Titman 1993; the 12-1 convention of Asness, Moskowitz and Pedersen 2013).

use chrono::Datelike as _;
use trader_domain::{
    Bar, InstrumentId, Instruments, OrderIntent, Quantity, Rounding, Side, TimeInForce, Timestamp,
};
use trader_engine::{Context, DataKinds, DataNeeds, RestoreError, Strategy};
use trader_features::cross_section::ranks::best_first;
use trader_features::momentum::SkippedReturn;

use crate::parameter::{ParameterError, ParameterKind, ParameterSpec, Parameters};
use crate::rule::contradiction;
use crate::scaled::{SavedScaled, Scaled};
use crate::sizing::{WEIGHT, lots_for};
use crate::state;

pub(crate) const PARAMETERS: &[ParameterSpec] = &[
    ParameterSpec {
        name: "lookback",
        description: "bars over which the past return is measured",
        kind: ParameterKind::Integer {
            min: 2,
            max: 10_000,
        },
        default: Some("252"),
    },
    ParameterSpec {
        name: "skip",
        description: "most recent bars left out of the past return",
        kind: ParameterKind::Integer { min: 0, max: 1_000 },
        default: Some("21"),
    },
    ParameterSpec {
        name: "holdings",
        description: "how many winners are held, in equal weights",
        kind: ParameterKind::Integer {
            min: 1,
            max: 10_000,
        },
        default: Some("5"),
    },
    WEIGHT,
];

pub(crate) fn build(
    parameters: &Parameters,
    instruments: &Instruments,
) -> Result<Box<dyn Strategy>, ParameterError> {
    let (lookback, skip) = (parameters.length("lookback"), parameters.length("skip"));
    let holdings = parameters.length("holdings");
    if skip >= lookback {
        return Err(ParameterError::Contradiction(format!(
            "parameter `skip` ({skip}) must be below `lookback` ({lookback})"
        )));
    }
    if holdings > instruments.len() {
        return Err(ParameterError::Contradiction(format!(
            "parameter `holdings` ({holdings}) exceeds the number of instruments ({})",
            instruments.len()
        )));
    }
    let past = SkippedReturn::new(lookback, skip).map_err(contradiction)?;
    Ok(Box::new(Momentum {
        lookback,
        holdings,
        weight: parameters.decimal(WEIGHT.name),
        past: vec![Scaled::new(past); instruments.len()],
        returns: vec![f64::NAN; instruments.len()],
        month: None,
        queued: Vec::new(),
    }))
}

struct Momentum {
    lookback: usize,
    holdings: usize,
    weight: trader_domain::Rate,
    past: Vec<Scaled<SkippedReturn, 1, 1>>,
    /// The past return of each instrument as of its newest bar; NaN without a full history.
    returns: Vec<f64>,
    /// Year and month of the last rebalancing.
    month: Option<(i32, u32)>,
    /// Purchases that wait for the sales to be done.
    queued: Vec<InstrumentId>,
}

impl Momentum {
    /// The winners, best first, of equal ones the lower index first; instruments without a full
    /// history do not take part.
    fn winners(&self) -> Vec<InstrumentId> {
        let best = best_first(&self.returns).into_iter().take(self.holdings);
        best.filter_map(|index| u32::try_from(index).ok().map(InstrumentId))
            .collect()
    }

    /// Sells what is no longer wanted and queues the purchases; tells whether anything was sold.
    fn rebalance(&mut self, context: &mut Context<'_>) -> bool {
        let winners = self.winners();
        if winners.len() < self.holdings {
            return false;
        }
        let mut sold = false;
        for index in 0..self.returns.len() {
            let Ok(id) = u32::try_from(index).map(InstrumentId) else {
                continue;
            };
            let held = context.position(id);
            let wanted = if winners.contains(&id) {
                self.target(id, context).unwrap_or(held)
            } else {
                Quantity::ZERO
            };
            let Ok(surplus) = held.checked_sub(wanted) else {
                continue;
            };
            if surplus.is_positive() {
                send(id, Side::Sell, surplus, context);
                sold = true;
            }
        }
        self.queued = winners;
        sold
    }

    /// Buys once nothing is waiting to be sold: the cash is there then.
    fn buy_queued(&mut self, context: &mut Context<'_>) {
        if self.queued.is_empty() || self.sales_pending(context) {
            return;
        }
        for id in std::mem::take(&mut self.queued) {
            let Some(wanted) = self.target(id, context) else {
                continue;
            };
            let Ok(missing) = wanted.checked_sub(context.position(id)) else {
                continue;
            };
            if missing.is_positive() && context.pending(id).is_zero() {
                send(id, Side::Buy, missing, context);
            }
        }
    }

    fn sales_pending(&self, context: &Context<'_>) -> bool {
        (0_u32..)
            .zip(&self.returns)
            .any(|(id, _)| context.pending(InstrumentId(id)).is_negative())
    }

    fn target(&self, id: InstrumentId, context: &Context<'_>) -> Option<Quantity> {
        let slots = i64::try_from(self.holdings).ok()?;
        let invested = context
            .account()
            .equity
            .at_rate(self.weight, Rounding::TowardsZero)
            .ok()?;
        lots_for(
            invested.scale(1, slots, Rounding::TowardsZero).ok()?,
            id,
            context,
        )
    }
}

fn send(id: InstrumentId, side: Side, quantity: Quantity, context: &mut Context<'_>) {
    context.submit(OrderIntent::market(id, side, quantity).with_time_in_force(TimeInForce::Gtc));
}

impl Strategy for Momentum {
    fn needs(&self) -> DataNeeds {
        DataNeeds {
            instruments: None,
            kinds: DataKinds::BARS.and(DataKinds::BATCHES),
            warm_up: self.lookback + 1,
        }
    }

    fn on_bar(&mut self, bar: &Bar, _context: &mut Context<'_>) {
        let index = bar.instrument.index();
        if let (Some(past), Some(value)) = (self.past.get_mut(index), self.returns.get_mut(index)) {
            [*value] = past.next([bar.close]);
        }
    }

    fn on_bars_complete(&mut self, time: Timestamp, context: &mut Context<'_>) {
        let date = time.utc_date();
        let month = Some((date.year(), date.month()));
        if self.month != month {
            let first = self.month.is_none();
            self.month = month;
            // Sales proposed just now are not pending yet: what they pay for waits for them.
            if !first && self.rebalance(context) {
                return;
            }
        }
        self.buy_queued(context);
    }

    fn on_split(&mut self, instrument: InstrumentId, to: u32, from: u32) {
        if let Some(past) = self.past.get_mut(instrument.index()) {
            past.split(to, from);
        }
    }

    fn snapshot(&self, out: &mut Vec<u8>) {
        let past: Vec<SavedScaled> = self.past.iter().map(Scaled::save).collect();
        state::save(&(past, &self.returns, self.month, &self.queued), out);
    }

    fn restore(&mut self, bytes: &[u8]) -> Result<(), RestoreError> {
        let (saved, returns, month, queued): (Vec<SavedScaled>, Vec<f64>, _, _) =
            state::load(bytes)?;
        let fits = saved.len() == self.past.len() && returns.len() == self.returns.len();
        state::expect_shape(fits, "the number of instruments")?;
        let mut past = self.past.clone();
        past.iter_mut()
            .zip(saved)
            .try_for_each(|(past, saved)| past.load(saved))?;
        (self.past, self.returns) = (past, returns);
        (self.month, self.queued) = (month, queued);
        Ok(())
    }
}
