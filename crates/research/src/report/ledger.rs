//! Exact sums of a run: costs by kind, results per symbol and per signal.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::data::{CarryKind, FillSide, StrategyData, TradeRecord};
use super::error::ReportError;
use crate::metrics::{Metric, expectancy, hit_rate, payoff_ratio};

/// Costs by kind, a cost when positive, and what they are measured against.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Costs {
    pub(super) commission: Decimal,
    pub(super) fees: Decimal,
    pub(super) slippage: Decimal,
    pub(super) borrow: Decimal,
    pub(super) interest: Decimal,
    pub(super) bought: Decimal,
    pub(super) sold: Decimal,
    /// Final equity less initial capital.
    pub(super) net: Decimal,
}

impl Costs {
    /// Sums up fills and holding costs.
    pub(super) fn of(data: &StrategyData) -> Result<Self, ReportError> {
        Self::summed(data).ok_or_else(|| ReportError::Overflow {
            strategy: data.name.clone(),
        })
    }

    fn summed(data: &StrategyData) -> Option<Self> {
        let mut sum = Self {
            net: data.final_equity.checked_sub(data.initial_capital)?,
            ..Self::default()
        };
        for fill in &data.fills {
            add(&mut sum.commission, fill.commission)?;
            add(&mut sum.fees, fill.fees)?;
            add(&mut sum.slippage, fill.slippage)?;
            match fill.side {
                FillSide::Buy => add(&mut sum.bought, fill.value)?,
                FillSide::Sell => add(&mut sum.sold, fill.value)?,
            }
        }
        for cost in &data.carry {
            match cost.kind {
                CarryKind::Borrow => add(&mut sum.borrow, cost.amount)?,
                CarryKind::Interest => add(&mut sum.interest, cost.amount)?,
            }
        }
        // Both totals are needed later; a sum that does not fit must fail here.
        sum.checked_total()?.checked_add(sum.net)?;
        sum.bought.checked_add(sum.sold)?;
        Some(sum)
    }

    fn checked_total(&self) -> Option<Decimal> {
        let trading = self
            .commission
            .checked_add(self.fees)?
            .checked_add(self.slippage)?;
        trading.checked_add(self.borrow)?.checked_add(self.interest)
    }

    /// All costs.
    pub(super) fn total(&self) -> Decimal {
        self.checked_total().unwrap_or(Decimal::MAX)
    }

    /// Profit before costs.
    pub(super) fn gross(&self) -> Decimal {
        self.net.saturating_add(self.total())
    }

    /// Value of purchases and sales.
    pub(super) fn traded(&self) -> Decimal {
        self.bought.saturating_add(self.sold)
    }

    /// Label and amount of each kind.
    pub(super) fn parts(&self) -> [(&'static str, Decimal); 5] {
        [
            ("Commission", self.commission),
            ("Regulatory fees", self.fees),
            ("Slippage", self.slippage),
            ("Stock borrow", self.borrow),
            ("Margin interest", self.interest),
        ]
    }
}

fn add(sum: &mut Decimal, amount: Decimal) -> Option<()> {
    *sum = sum.checked_add(amount)?;
    Some(())
}

/// Results of the trades that share a key.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Attribution {
    pub(super) key: String,
    pub(super) trades: usize,
    pub(super) hit_rate: Metric,
    pub(super) payoff: Metric,
    /// Mean return on entry.
    pub(super) mean_return: Metric,
    /// Mean number of bars held.
    pub(super) mean_bars: Metric,
    /// Realised profit after trading costs.
    pub(super) realised: Decimal,
    /// Profit of open positions.
    pub(super) unrealised: Decimal,
    /// Commission, fees, slippage and borrow.
    pub(super) costs: Decimal,
    /// Value bought and sold.
    pub(super) traded: Decimal,
}

#[derive(Default)]
struct Group<'a> {
    trades: Vec<&'a TradeRecord>,
    unrealised: Decimal,
    costs: Decimal,
    traded: Decimal,
}

/// Results per symbol, best first.
pub(super) fn by_symbol(data: &StrategyData) -> Result<Vec<Attribution>, ReportError> {
    let overflow = || ReportError::Overflow {
        strategy: data.name.clone(),
    };
    let mut groups: BTreeMap<&str, Group<'_>> = BTreeMap::new();
    for trade in &data.trades {
        groups.entry(&trade.symbol).or_default().trades.push(trade);
    }
    for fill in &data.fills {
        let group = groups.entry(&fill.symbol).or_default();
        for cost in [fill.commission, fill.fees, fill.slippage] {
            add(&mut group.costs, cost).ok_or_else(overflow)?;
        }
        add(&mut group.traded, fill.value).ok_or_else(overflow)?;
    }
    for position in &data.positions {
        let group = groups.entry(&position.symbol).or_default();
        add(&mut group.unrealised, position.unrealised).ok_or_else(overflow)?;
    }
    for cost in &data.carry {
        if let Some(symbol) = &cost.symbol {
            add(&mut groups.entry(symbol).or_default().costs, cost.amount).ok_or_else(overflow)?;
        }
    }
    attribute(groups).ok_or_else(overflow)
}

/// Results per entry signal, best first.
pub(super) fn by_signal(data: &StrategyData) -> Result<Vec<Attribution>, ReportError> {
    let mut groups: BTreeMap<&str, Group<'_>> = BTreeMap::new();
    for trade in &data.trades {
        groups.entry(&trade.signal).or_default().trades.push(trade);
    }
    attribute(groups).ok_or_else(|| ReportError::Overflow {
        strategy: data.name.clone(),
    })
}

fn attribute(groups: BTreeMap<&str, Group<'_>>) -> Option<Vec<Attribution>> {
    let mut rows = Vec::with_capacity(groups.len());
    for (key, group) in groups {
        let returns: Vec<f64> = group.trades.iter().map(|t| t.return_on_entry).collect();
        let bars: Vec<f64> = group.trades.iter().map(|t| t.bars_held as f64).collect();
        let mut realised = Decimal::ZERO;
        for trade in &group.trades {
            add(&mut realised, trade.profit)?;
        }
        realised.checked_add(group.unrealised)?;
        rows.push(Attribution {
            key: key.to_owned(),
            trades: group.trades.len(),
            hit_rate: hit_rate(&returns),
            payoff: payoff_ratio(&returns),
            mean_return: expectancy(&returns),
            mean_bars: expectancy(&bars),
            realised,
            unrealised: group.unrealised,
            costs: group.costs,
            traded: group.traded,
        });
    }
    rows.sort_by(|a, b| b.result().cmp(&a.result()).then_with(|| a.key.cmp(&b.key)));
    Some(rows)
}

impl Attribution {
    /// Realised and unrealised profit.
    pub(super) fn result(&self) -> Decimal {
        self.realised.saturating_add(self.unrealised)
    }
}
