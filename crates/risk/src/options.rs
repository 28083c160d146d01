//! Option strategies: what covers what is written, and what that ties up.
//!
//! Long options are paid in full and tie up nothing more. A written call is covered by shares or by
//! a long call of the same underlying that expires no earlier; a written put by a long put or by
//! cash for the whole strike. What a pair can lose is the distance of the strikes on the wrong side.
//! Pairing is greedy, cheapest cover first, so the result is a requirement that certainly suffices.
//! Whatever stays uncovered is naked and refused.

use arrayvec::ArrayVec;
use trader_broker::Snapshot;
use trader_domain::{AssetClass, Instrument, InstrumentId, OptionContract, OptionRight, Side};

use crate::ledger::Ledger;
use crate::limits::OptionLevel;
use crate::subject::Subject;

/// Most option series that can be held or worked at once; more are refused, not ignored.
const MOST_LINES: usize = 128;

/// One series: what is surely long and what is at worst short, units of 10⁻⁹ contracts.
#[derive(Debug, Clone, Copy)]
struct Line {
    id: InstrumentId,
    contract: OptionContract,
    multiplier: i64,
    held: i64,
    selling: i64,
}

impl Line {
    fn long(&self) -> i64 {
        self.held.max(0).saturating_sub(self.selling).max(0)
    }

    fn short(&self) -> i64 {
        self.selling.saturating_sub(self.held).max(0)
    }
}

/// What written options tie up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Obligation {
    /// Cash or margin, units of 10⁻¹⁸.
    pub(crate) cash: i128,
    /// Contracts without cover at the account's level, units of 10⁻⁹.
    pub(crate) naked: i64,
}

/// The terms of an option, when the instrument is one.
pub(crate) const fn contract(instrument: &Instrument) -> Option<&OptionContract> {
    match &instrument.class {
        AssetClass::Option(contract) => Some(contract),
        _ => None,
    }
}

/// The account's options and what covers them.
pub(crate) struct OptionBook<'a> {
    snapshot: &'a Snapshot<'a>,
    ledger: &'a Ledger,
    level: OptionLevel,
    lines: ArrayVec<Line, MOST_LINES>,
}

impl<'a> OptionBook<'a> {
    /// All series that are held or worked, without the proposal; `None` when there are too many.
    pub(crate) fn new(
        snapshot: &'a Snapshot<'a>,
        ledger: &'a Ledger,
        level: OptionLevel,
        active: impl Iterator<Item = InstrumentId>,
    ) -> Option<Self> {
        let mut book = Self {
            snapshot,
            ledger,
            level,
            lines: ArrayVec::new(),
        };
        for id in active {
            book.add(id)?;
        }
        Some(book)
    }

    fn add(&mut self, id: InstrumentId) -> Option<()> {
        let instrument = self.snapshot.instruments.get(id)?;
        let Some(contract) = contract(instrument) else {
            return Some(());
        };
        if self.lines.iter().any(|line| line.id == id) {
            return Some(());
        }
        self.lines
            .try_push(Line {
                id,
                contract: *contract,
                multiplier: i64::from(instrument.multiplier),
                held: self.snapshot.holding(id)?.quantity.units(),
                selling: self.ledger.load(id).sell.quantity,
            })
            .ok()
    }

    /// What everything ties up when `selling` units of the proposal's instrument may be sold in
    /// all (an option itself, or the shares that cover one).
    pub(crate) fn with_sales(&self, subject: &Subject<'_>, selling: i64) -> Option<Obligation> {
        let mut lines = self.lines.clone();
        let id = subject.id_of_instrument;
        if let Some(line) = lines.iter_mut().find(|line| line.id == id) {
            line.selling = selling;
        } else if let Some(contract) = subject.instrument.and_then(contract) {
            lines
                .try_push(Line {
                    id,
                    contract: *contract,
                    multiplier: subject.multiplier,
                    held: subject.holding.quantity.units(),
                    selling,
                })
                .ok()?;
        }
        self.obligation(&mut lines, Some((id, selling)))
    }

    /// What everything ties up once `units` of a package have traded.
    pub(crate) fn with_package(&self, subject: &Subject<'_>, units: i64) -> Option<Obligation> {
        let mut lines = self.lines.clone();
        for leg in &subject.request.legs {
            let traded = leg_units(subject.side, leg.side, leg.ratio, units)?;
            if !lines.iter().any(|line| line.id == leg.instrument) {
                let instrument = self.snapshot.instruments.get(leg.instrument)?;
                lines
                    .try_push(Line {
                        id: leg.instrument,
                        contract: *contract(instrument)?,
                        multiplier: i64::from(instrument.multiplier),
                        held: self.snapshot.holding(leg.instrument)?.quantity.units(),
                        selling: self.ledger.load(leg.instrument).sell.quantity,
                    })
                    .ok()?;
            }
            let line = lines.iter_mut().find(|line| line.id == leg.instrument)?;
            line.held = line.held.checked_add(traded)?;
        }
        self.obligation(&mut lines, None)
    }

    fn obligation(
        &self,
        lines: &mut [Line],
        selling: Option<(InstrumentId, i64)>,
    ) -> Option<Obligation> {
        // Underlying by underlying; within one, the order is the same in every run.
        lines.sort_by_key(|line| {
            let contract = &line.contract;
            (
                contract.underlying,
                contract.right,
                contract.strike,
                contract.expiry,
                line.id,
            )
        });
        let mut total = Obligation::default();
        for group in lines.chunk_by(|a, b| {
            a.contract.underlying == b.contract.underlying && a.contract.right == b.contract.right
        }) {
            let Some(first) = group.first() else { continue };
            let one = match first.contract.right {
                OptionRight::Call => self.calls(group, self.free_shares(first, selling)?)?,
                OptionRight::Put => self.puts(group)?,
            };
            total.cash = total.cash.checked_add(one.cash)?;
            total.naked = total.naked.checked_add(one.naked)?;
        }
        Some(total)
    }

    /// Shares of the underlying that are held and not for sale, units of 10⁻⁹ shares.
    fn free_shares(&self, line: &Line, selling: Option<(InstrumentId, i64)>) -> Option<i64> {
        let Some(id) = self.snapshot.instruments.find(&line.contract.underlying) else {
            return Some(0);
        };
        let working = match selling {
            Some((proposed, units)) if proposed == id => units,
            _ => self.ledger.load(id).sell.quantity,
        };
        let held = self.snapshot.holding(id)?.quantity.units();
        Some(held.checked_sub(working)?.max(0))
    }

    fn calls(&self, group: &[Line], mut shares: i64) -> Option<Obligation> {
        let mut longs = Longs::of(group);
        let mut total = Obligation::default();
        for line in group {
            let mut open = line.short();
            let pairs = self.level >= OptionLevel::Spreads;
            // A long call at or below the strike costs nothing more.
            if pairs {
                open = longs.cover(line, open, Cost::Free, &mut total)?;
            }
            let by_shares = open.min(shares / line.multiplier.max(1));
            shares -= by_shares.checked_mul(line.multiplier)?;
            open -= by_shares;
            if pairs {
                open = longs.cover(line, open, Cost::Any, &mut total)?;
            }
            total.naked = total.naked.checked_add(open)?;
        }
        Some(total)
    }

    fn puts(&self, group: &[Line]) -> Option<Obligation> {
        let mut longs = Longs::of(group);
        let mut total = Obligation::default();
        for line in group {
            let mut open = line.short();
            if self.level >= OptionLevel::Spreads {
                open = longs.cover(line, open, Cost::Any, &mut total)?;
            }
            if self.level >= OptionLevel::Covered {
                let secured = strike_value(line)?.checked_mul(i128::from(open))?;
                total.cash = total.cash.checked_add(secured)?;
                open = 0;
            }
            total.naked = total.naked.checked_add(open)?;
        }
        Some(total)
    }
}

/// Units of a leg's instrument that `units` of a package trade, signed.
pub(crate) fn leg_units(package: Side, leg: Side, ratio: u16, units: i64) -> Option<i64> {
    units
        .checked_mul(i64::from(ratio))?
        .checked_mul(package.sign() * leg.sign())
}

/// The strike's value a contract unit (10⁻⁹ contract), in units of 10⁻¹⁸.
fn strike_value(line: &Line) -> Option<i128> {
    i128::from(line.contract.strike.units()).checked_mul(i128::from(line.multiplier))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Cost {
    Free,
    Any,
}

/// Long contracts that still can cover something.
struct Longs<'a> {
    group: &'a [Line],
    left: ArrayVec<i64, MOST_LINES>,
}

impl<'a> Longs<'a> {
    fn of(group: &'a [Line]) -> Self {
        Self {
            group,
            left: group.iter().map(Line::long).collect(),
        }
    }

    /// Covers up to `open` contracts of `short`, cheapest first; returns what stays open.
    fn cover(
        &mut self,
        short: &Line,
        mut open: i64,
        cost: Cost,
        total: &mut Obligation,
    ) -> Option<i64> {
        while open > 0 {
            let mut best: Option<(i128, usize)> = None;
            for (at, (long, &left)) in self.group.iter().zip(&self.left).enumerate() {
                if left <= 0
                    || long.contract.expiry < short.contract.expiry
                    || long.multiplier != short.multiplier
                {
                    continue;
                }
                let (own, other) = (strike_value(short)?, strike_value(long)?);
                let loss = match short.contract.right {
                    OptionRight::Call => other - own,
                    OptionRight::Put => own - other,
                }
                .max(0);
                if (cost == Cost::Any || loss == 0) && best.is_none_or(|(least, _)| loss < least) {
                    best = Some((loss, at));
                }
            }
            let Some((loss, at)) = best else { break };
            let left = self.left.get_mut(at)?;
            let covered = open.min(*left);
            *left -= covered;
            open -= covered;
            total.cash = total
                .cash
                .checked_add(loss.checked_mul(i128::from(covered))?)?;
        }
        Some(open)
    }
}
