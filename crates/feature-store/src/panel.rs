//! A panel over the bars of many symbols: moment by moment, all symbols at once, in memory that grows
//! with the bars but not with what is computed.
//!
//! A moment is the bars of one start. A symbol without a bar then takes no part and has no row. Rows come
//! out in the order of time, and of one moment in the order of the source.

use std::borrow::Cow;
use std::collections::BTreeSet;

use trader_domain::{Symbol, Timeframe, Timestamp};
use trader_features::Panel;
use trader_storage::{BarSeries, Fingerprint};

use crate::budget::MemoryBudget;
use crate::companions::Companions;
use crate::compute::Watch;
use crate::error::StoreError;
use crate::export::Computed;
use crate::inputs::Inputs;
use crate::source::BarSource;

/// Rows of a symbol's inputs held at a time.
const READ_AHEAD: usize = 256;
/// Rows handed over at a time.
const CHUNK: usize = 8_192;

/// Rows of many symbols in the order of time.
#[derive(Debug, Clone, PartialEq)]
pub struct Moments {
    /// Length of all bars.
    pub timeframe: Timeframe,
    /// Whose row each is.
    pub symbols: Vec<Symbol>,
    /// Start of its bar.
    pub start: Vec<Timestamp>,
    /// When it could be known.
    pub available: Vec<Timestamp>,
    /// Per feature of the panel a value per row, NaN where missing.
    pub columns: Vec<Vec<f64>>,
}

impl Moments {
    fn new(timeframe: Timeframe, features: usize) -> Self {
        Self {
            timeframe,
            symbols: Vec::with_capacity(CHUNK),
            start: Vec::with_capacity(CHUNK),
            available: Vec::with_capacity(CHUNK),
            columns: vec![Vec::with_capacity(CHUNK); features],
        }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.symbols.len()
    }

    fn clear(&mut self) {
        self.symbols.clear();
        self.start.clear();
        self.available.clear();
        self.columns.iter_mut().for_each(Vec::clear);
    }
}

/// One symbol's bars on their way into the panel.
struct Cursor<'a> {
    series: &'a BarSeries,
    /// Next row of the series that is not in `inputs`.
    next: usize,
    inputs: Inputs,
    /// Next row of `inputs`.
    at: usize,
}

impl Cursor<'_> {
    /// The start of the next bar.
    fn start(
        &mut self,
        companions: &Companions,
        wanted: &[String],
    ) -> Result<Option<Timestamp>, StoreError> {
        if self.at >= self.inputs.rows() {
            let to = self.series.columns.len().min(self.next + READ_AHEAD);
            self.inputs = Inputs::of_bars(self.series, companions, wanted, self.next..to)?;
            self.inputs.require(wanted)?;
            (self.next, self.at) = (to, 0);
        }
        Ok(self.inputs.start.get(self.at).copied())
    }
}

/// Computes a fresh `panel` over all series of `source`, in the order of [`BarSource::symbols`], and
/// hands its rows to `take` chunk by chunk.
///
/// # Errors
/// [`StoreError::Memory`] when the bars of all symbols do not fit together,
/// [`StoreError::Features`] when the panel reads a column that bars lack or has another number of
/// symbols, [`StoreError::Panel`] for bars of different lengths, reading errors, what `take` returns, and
/// [`StoreError::Interrupted`] when `watch` breaks off.
pub fn compute_panel(
    panel: &mut Panel,
    source: &BarSource,
    companions: &Companions,
    budget: MemoryBudget,
    watch: &mut Watch<'_>,
    mut take: impl FnMut(&Moments) -> Result<(), StoreError>,
) -> Result<Computed, StoreError> {
    budget.fits(needed(panel, source, companions), "comparing all symbols")?;
    let all = source.all()?;
    let timeframe = comparable(&all)?;
    let wanted = panel.inputs().to_vec();
    let mut cursors: Vec<Cursor<'_>> = all
        .iter()
        .map(|series| Cursor {
            series: series.as_ref(),
            next: 0,
            inputs: Inputs::default(),
            at: 0,
        })
        .collect();
    let mut out = Moments::new(timeframe, panel.features().len());
    let mut done = 0_u64;
    let mut row = Vec::with_capacity(wanted.len());
    let mut starts = Vec::with_capacity(cursors.len());
    loop {
        starts.clear();
        for cursor in &mut cursors {
            starts.push(cursor.start(companions, &wanted)?);
        }
        let Some(moment) = starts.iter().flatten().min().copied() else {
            break;
        };
        for (symbol, (cursor, start)) in cursors.iter().zip(&starts).enumerate() {
            if *start == Some(moment) {
                cursor.inputs.row(cursor.at, &mut row);
                panel.update(symbol, &row)?;
            }
        }
        panel.complete()?;
        for (symbol, (cursor, start)) in cursors.iter_mut().zip(&starts).enumerate() {
            if *start == Some(moment) {
                out.symbols.push(cursor.series.symbol);
                out.start.push(moment);
                out.available.extend(cursor.inputs.available.get(cursor.at));
                for (feature, column) in out.columns.iter_mut().enumerate() {
                    column.push(panel.value(feature, symbol).unwrap_or(f64::NAN));
                }
                cursor.at += 1;
                done += 1;
            }
        }
        if out.rows() >= CHUNK {
            take(&out)?;
            out.clear();
            if watch(done).is_break() {
                return Err(StoreError::Interrupted);
            }
        }
    }
    if out.rows() > 0 {
        take(&out)?;
    }
    let mut data = companions.fingerprints();
    data.extend(all.iter().map(|series| series.fingerprint()));
    Ok(Computed {
        data: Fingerprint::of_parts(data),
        symbols: cursors.len() as u64,
        rows: done,
    })
}

/// Bytes that the work takes at most, beyond the writer: bars, inputs read ahead, the panel's state, and
/// the rows on their way.
fn needed(panel: &Panel, source: &BarSource, companions: &Companions) -> u64 {
    let symbols = panel.symbols() as u64;
    let inputs = panel.inputs().len() as u64 + 2;
    let features = panel.features().len() as u64 + 3;
    let state = panel.snapshot().words().len() as u64 * 8;
    let most = CHUNK as u64 + symbols;
    [
        MemoryBudget::series_bytes(source.rows()),
        companions.bytes(),
        symbols * (READ_AHEAD as u64) * inputs * 8,
        state.saturating_mul(2),
        most.saturating_mul(features * 8 * 2),
        MemoryBudget::writer_bytes(features),
    ]
    .into_iter()
    .fold(0, u64::saturating_add)
}

/// The length that all bars have; every symbol is there once.
fn comparable(all: &[Cow<'_, BarSeries>]) -> Result<Timeframe, StoreError> {
    let refused = |reason: String| Err(StoreError::Panel { reason });
    let Some(first) = all.first() else {
        return refused("there are no symbols to compare".to_owned());
    };
    let mut seen = BTreeSet::new();
    for one in all {
        if one.timeframe != first.timeframe {
            return refused(format!(
                "{} has bars of {}, {} has bars of {}; only bars of one length can be compared, choose \
                 symbols with --symbols",
                one.symbol, one.timeframe, first.symbol, first.timeframe
            ));
        }
        if !seen.insert(one.symbol) {
            return refused(format!(
                "the files hold {} twice; symbols are compared once each, leave one file out",
                one.symbol
            ));
        }
    }
    Ok(first.timeframe)
}
