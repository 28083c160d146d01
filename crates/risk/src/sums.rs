//! [`Sums`]: what all positions and working orders come to, kept up to date by what has changed.
//!
//! Every instrument has a [`Part`] in the sums. A change of its position (told by
//! [`trader_broker::Holdings`]) or of its working orders (told by the gate) makes its part stale;
//! [`Sums::catch_up`] replaces stale parts and nothing else, so an order costs what has changed since
//! the one before. Sums that are not caught up are not used: [`Others`] is then added up from all
//! instruments, which gives the same.

use trader_broker::{AccountKind, Snapshot};
use trader_domain::{InstrumentId, SectorId};

use crate::exposure::{Credit, MarginBps, exposure_of};
use crate::ledger::Ledger;

/// What one instrument adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Part {
    gross: i128,
    initial: i128,
    maintenance: i128,
    /// [`place_of`] its sector and industry.
    sector: usize,
    industry: usize,
    /// Whether it is, or may become, a position.
    is_position: bool,
    is_option: bool,
    /// Whether its figures do not fit: whatever they are a part of is not known.
    is_unknown: bool,
}

/// What parts are computed from beside holding and working orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Basis {
    pub(crate) account: AccountKind,
    pub(crate) margin: MarginBps,
}

/// Sums over all instruments but the proposal's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Others {
    /// Instruments with a position or an order that may open one.
    pub(crate) positions: u64,
    /// Long and short exposure.
    pub(crate) gross: i128,
    /// The part of it in the proposal's sector.
    pub(crate) sector: i128,
    /// The part of it in the proposal's industry.
    pub(crate) industry: i128,
    /// Initial requirement, 10⁻¹⁸ times basis points.
    pub(crate) initial: i128,
    /// Maintenance requirement, 10⁻¹⁸ times basis points.
    pub(crate) maintenance: i128,
    /// How many of them are options.
    pub(crate) options: u64,
    /// How many have figures that do not fit.
    unknown: u64,
}

/// The proposal for which others are summed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Except {
    pub(crate) instrument: InstrumentId,
    pub(crate) sector: Option<SectorId>,
    pub(crate) industry: Option<SectorId>,
}

/// Where a sector's sum is kept; instruments without one are a sector too.
fn place_of(sector: Option<SectorId>) -> usize {
    sector.map_or(0, |sector| usize::from(sector.0) + 1)
}

/// All parts and their sums.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sums {
    parts: Vec<Part>,
    /// Over all instruments; the figures of one sector and industry are in the next two.
    all: Others,
    sectors: Vec<i128>,
    industries: Vec<i128>,
    /// The version of the holdings that parts and stale list are of.
    seen: u64,
    stale: Vec<InstrumentId>,
    is_stale: Vec<bool>,
    /// `None` while nothing was added up, or after a sum did not fit.
    basis: Option<Basis>,
}

impl Sums {
    /// Sums with room for `instruments`.
    pub(crate) fn with_instruments(instruments: usize) -> Self {
        Self {
            parts: vec![Part::default(); instruments],
            stale: Vec::with_capacity(instruments),
            is_stale: vec![false; instruments],
            ..Self::default()
        }
    }

    /// The working orders of an instrument have changed.
    #[inline]
    pub(crate) fn touch(&mut self, instrument: InstrumentId) {
        match self.is_stale.get_mut(instrument.index()) {
            Some(stale) if *stale => {}
            Some(stale) => {
                *stale = true;
                self.stale.push(instrument);
            }
            // Beyond what was ever added up: everything is added up anew.
            None => self.basis = None,
        }
    }

    /// Replaces the stale parts, but for that of `except`, which is not asked for next.
    pub(crate) fn catch_up(
        &mut self,
        snapshot: &Snapshot<'_>,
        ledger: &Ledger,
        basis: Basis,
        except: Option<InstrumentId>,
    ) {
        let holdings = snapshot.holdings;
        if self.basis != Some(basis) || self.parts.len() < holdings.len() {
            return self.rebuild(snapshot, ledger, basis);
        }
        if self.seen != holdings.version() {
            for instrument in holdings.changed_since(self.seen) {
                self.touch(instrument);
            }
            self.seen = holdings.version();
        }
        if self.stale.iter().all(|&id| Some(id) == except) {
            return;
        }
        self.replace_stale(snapshot, ledger, basis, except);
    }

    fn replace_stale(
        &mut self,
        snapshot: &Snapshot<'_>,
        ledger: &Ledger,
        basis: Basis,
        except: Option<InstrumentId>,
    ) {
        let mut stale = std::mem::take(&mut self.stale);
        stale.retain(|&id| {
            if Some(id) == except {
                return true;
            }
            if let Some(flag) = self.is_stale.get_mut(id.index()) {
                *flag = false;
            }
            let part = part_of(snapshot, ledger, id, basis);
            if self.replace(id, part).is_none() {
                self.basis = None;
            }
            false
        });
        self.stale = stale;
    }

    fn rebuild(&mut self, snapshot: &Snapshot<'_>, ledger: &Ledger, basis: Basis) {
        let count = snapshot.instruments.len().max(snapshot.holdings.len());
        self.parts.clear();
        self.parts.resize(count, Part::default());
        self.is_stale.clear();
        self.is_stale.resize(count, false);
        self.stale.clear();
        self.all = Others::default();
        self.sectors.clear();
        self.industries.clear();
        self.seen = snapshot.holdings.version();
        self.basis = Some(basis);
        for id in ids(count) {
            let part = part_of(snapshot, ledger, id, basis);
            if self.replace(id, part).is_none() {
                self.basis = None;
                return;
            }
        }
    }

    fn replace(&mut self, id: InstrumentId, new: Part) -> Option<()> {
        let place = self.parts.get_mut(id.index())?;
        if *place == new {
            return Some(());
        }
        let old = std::mem::replace(place, new);
        let all = &mut self.all;
        all.positions =
            all.positions.checked_sub(u64::from(old.is_position))? + u64::from(new.is_position);
        all.options = all.options.checked_sub(u64::from(old.is_option))? + u64::from(new.is_option);
        all.unknown =
            all.unknown.checked_sub(u64::from(old.is_unknown))? + u64::from(new.is_unknown);
        shift(&mut all.gross, old.gross, new.gross)?;
        shift(&mut all.initial, old.initial, new.initial)?;
        shift(&mut all.maintenance, old.maintenance, new.maintenance)?;
        move_gross(
            &mut self.sectors,
            (old.sector, old.gross),
            (new.sector, new.gross),
        )?;
        move_gross(
            &mut self.industries,
            (old.industry, old.gross),
            (new.industry, new.gross),
        )
    }

    /// Sums over all instruments but one; `None` when a figure does not fit.
    pub(crate) fn others(
        &self,
        snapshot: &Snapshot<'_>,
        ledger: &Ledger,
        basis: Basis,
        except: Except,
    ) -> Option<Others> {
        let is_current = self.basis == Some(basis)
            && self.seen == snapshot.holdings.version()
            && self.stale.iter().all(|&id| id == except.instrument);
        if !is_current {
            return scan(snapshot, ledger, basis, except);
        }
        let own = self
            .parts
            .get(except.instrument.index())
            .copied()
            .unwrap_or_default();
        let rest = |sums: &[i128], wanted: usize, place: usize| {
            let sum = sums.get(wanted).copied().unwrap_or(0);
            if wanted == place {
                sum - own.gross
            } else {
                sum
            }
        };
        let mut others = self.all.without(&own)?;
        others.sector = rest(&self.sectors, place_of(except.sector), own.sector);
        others.industry = rest(&self.industries, place_of(except.industry), own.industry);
        let others = (others.unknown == 0).then_some(others);
        debug_assert_eq!(others, scan(snapshot, ledger, basis, except));
        others
    }

    /// The maintenance requirement of everything, 10⁻¹⁸ times basis points.
    pub(crate) fn maintenance(
        &mut self,
        snapshot: &Snapshot<'_>,
        ledger: &Ledger,
        basis: Basis,
    ) -> Option<i128> {
        self.catch_up(snapshot, ledger, basis, None);
        (self.basis.is_some() && self.all.unknown == 0).then_some(self.all.maintenance)
    }
}

/// Takes an old amount out of a sum and puts the new one in.
#[inline]
fn shift(sum: &mut i128, old: i128, new: i128) -> Option<()> {
    *sum = sum.checked_sub(old)?.checked_add(new)?;
    Some(())
}

/// The same where the amount may belong to another sum than before.
#[inline]
fn move_gross(
    sums: &mut Vec<i128>,
    (from, old): (usize, i128),
    (to, new): (usize, i128),
) -> Option<()> {
    let places = from.max(to) + 1;
    if places > sums.len() {
        sums.resize(places, 0);
    }
    if from == to {
        return shift(sums.get_mut(to)?, old, new);
    }
    shift(sums.get_mut(from)?, old, 0)?;
    shift(sums.get_mut(to)?, 0, new)
}

fn ids(count: usize) -> impl Iterator<Item = InstrumentId> {
    (0..count).map_while(|index| u32::try_from(index).ok().map(InstrumentId))
}

impl Others {
    fn with(mut self, part: &Part) -> Option<Self> {
        self.positions += u64::from(part.is_position);
        self.options += u64::from(part.is_option);
        self.unknown += u64::from(part.is_unknown);
        self.gross = self.gross.checked_add(part.gross)?;
        self.initial = self.initial.checked_add(part.initial)?;
        self.maintenance = self.maintenance.checked_add(part.maintenance)?;
        Some(self)
    }

    fn without(mut self, part: &Part) -> Option<Self> {
        self.positions = self.positions.checked_sub(u64::from(part.is_position))?;
        self.options = self.options.checked_sub(u64::from(part.is_option))?;
        self.unknown = self.unknown.checked_sub(u64::from(part.is_unknown))?;
        self.gross = self.gross.checked_sub(part.gross)?;
        self.initial = self.initial.checked_sub(part.initial)?;
        self.maintenance = self.maintenance.checked_sub(part.maintenance)?;
        Some(self)
    }
}

/// The same from all instruments, one after the other.
#[cold]
fn scan(snapshot: &Snapshot<'_>, ledger: &Ledger, basis: Basis, except: Except) -> Option<Others> {
    let mut others = Others::default();
    let count = snapshot.instruments.len().max(snapshot.holdings.len());
    for id in ids(count).filter(|&id| id != except.instrument) {
        let part = part_of(snapshot, ledger, id, basis);
        others = others.with(&part)?;
        if part.sector == place_of(except.sector) {
            others.sector = others.sector.checked_add(part.gross)?;
        }
        if part.industry == place_of(except.industry) {
            others.industry = others.industry.checked_add(part.gross)?;
        }
    }
    (others.unknown == 0).then_some(others)
}

/// What an instrument adds now.
fn part_of(snapshot: &Snapshot<'_>, ledger: &Ledger, id: InstrumentId, basis: Basis) -> Part {
    let unknown = Part {
        is_unknown: true,
        ..Part::default()
    };
    measured_part(snapshot, ledger, id, basis).unwrap_or(unknown)
}

/// `None` when something does not fit.
fn measured_part(
    snapshot: &Snapshot<'_>,
    ledger: &Ledger,
    id: InstrumentId,
    basis: Basis,
) -> Option<Part> {
    let holding = snapshot.holding(id).copied().unwrap_or_default();
    let load = ledger.load(id);
    if holding.quantity.is_zero() && load.orders == 0 {
        return Some(Part::default());
    }
    let instrument = snapshot.instruments.get(id)?;
    let exposure = exposure_of(&holding, load, instrument)?;
    let gross = exposure.gross();
    if gross == 0 && holding.quantity.is_zero() {
        return Some(Part::default());
    }
    let credit = Credit::on(instrument, basis.account);
    Some(Part {
        gross,
        initial: exposure.initial(credit, basis.margin)?,
        maintenance: exposure.maintenance(credit, basis.margin)?,
        sector: place_of(instrument.sector),
        industry: place_of(instrument.industry),
        is_position: true,
        is_option: credit == Credit::Option,
        is_unknown: false,
    })
}
