//! Cross-sectional momentum: each month, hold the winners of the past year, skipping the last month
//! (Jegadeesh and Titman 1993; the 12-1 convention of Asness, Moskowitz and Pedersen 2013).

use chrono::Datelike as _;
use trader_domain::{
    Bar, InstrumentId, Instruments, OrderIntent, Quantity, Rounding, Side, TimeInForce, Timestamp,
};
use trader_engine::{Context, DataKinds, DataNeeds, RestoreError, Strategy};

use crate::parameter::{ParameterError, ParameterKind, ParameterSpec, Parameters};
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
    Ok(Box::new(Momentum {
        lookback,
        skip,
        holdings,
        weight: parameters.decimal(WEIGHT.name),
        closes: vec![Closes::new(lookback + 1); instruments.len()],
        month: None,
        queued: Vec::new(),
    }))
}

/// The last closes of one instrument in units of 10⁻⁹.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
struct Closes {
    ring: Vec<i64>,
    next: usize,
    seen: usize,
}

impl Closes {
    fn new(length: usize) -> Self {
        Self {
            ring: vec![0; length],
            next: 0,
            seen: 0,
        }
    }

    fn push(&mut self, close: i64) {
        if let Some(place) = self.ring.get_mut(self.next) {
            *place = close;
        }
        self.next = (self.next + 1) % self.ring.len().max(1);
        self.seen = (self.seen + 1).min(self.ring.len());
    }

    /// The close `age` bars ago (0 is the newest).
    fn back(&self, age: usize) -> Option<i64> {
        let length = self.ring.len();
        (age < self.seen).then(|| {
            self.ring
                .get((self.next + length - 1 - age) % length)
                .copied()
        })?
    }
}

struct Momentum {
    lookback: usize,
    skip: usize,
    holdings: usize,
    weight: trader_domain::Rate,
    closes: Vec<Closes>,
    /// Year and month of the last rebalancing.
    month: Option<(i32, u32)>,
    /// Purchases that wait for the sales to be done.
    queued: Vec<InstrumentId>,
}

impl Momentum {
    /// The winners, best first; instruments without a full history do not take part.
    fn winners(&self) -> Vec<InstrumentId> {
        let mut ranked: Vec<(i128, i128, InstrumentId)> = (0_u32..)
            .map(InstrumentId)
            .zip(&self.closes)
            .filter_map(|(id, closes)| {
                let (then, now) = (closes.back(self.lookback)?, closes.back(self.skip)?);
                (then > 0).then_some((i128::from(now), i128::from(then), id))
            })
            .collect();
        // now/then compared by cross-multiplication: exact; ties go to the lower index.
        ranked.sort_by(|a, b| (b.0 * a.1).cmp(&(a.0 * b.1)).then(a.2.cmp(&b.2)));
        ranked
            .into_iter()
            .take(self.holdings)
            .map(|(_, _, id)| id)
            .collect()
    }

    /// Sells what is no longer wanted and queues the purchases; tells whether anything was sold.
    fn rebalance(&mut self, context: &mut Context<'_>) -> bool {
        let winners = self.winners();
        if winners.len() < self.holdings {
            return false;
        }
        let mut sold = false;
        for index in 0..self.closes.len() {
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
            .zip(&self.closes)
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
        if let Some(closes) = self.closes.get_mut(bar.instrument.index()) {
            closes.push(bar.close.units());
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
        if let Some(closes) = self.closes.get_mut(instrument.index()) {
            for close in &mut closes.ring {
                let scaled = i128::from(*close) * i128::from(from) / i128::from(to.max(1));
                *close = i64::try_from(scaled).unwrap_or(*close);
            }
        }
    }

    fn snapshot(&self, out: &mut Vec<u8>) {
        state::save(&(&self.closes, self.month, &self.queued), out);
    }

    fn restore(&mut self, bytes: &[u8]) -> Result<(), RestoreError> {
        let (closes, month, queued): (Vec<Closes>, _, _) = state::load(bytes)?;
        let fits = closes.len() == self.closes.len()
            && closes
                .iter()
                .all(|c| c.ring.len() == self.lookback + 1 && c.next <= self.lookback);
        state::expect_shape(fits, "the number of instruments or the lookback")?;
        (self.closes, self.month, self.queued) = (closes, month, queued);
        Ok(())
    }
}
