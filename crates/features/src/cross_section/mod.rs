//! Calculators over all symbols at one moment, instead of over one symbol's history.
//!
//! - [`ranks`]: order among the symbols: ranks, percentiles, deciles, best first.
//! - `scores`: distance from the others: z-scores, neutral to the sector, winsorized.
//! - [`window`]: the last moments of all symbols, for calculators that look at how symbols moved
//!   together (principal components, shrunk covariance; module [`crate::correlation`]).
//!
//! [`crate::Panel`] feeds them with one feature of each symbol. A symbol without a value at a moment
//! (missing, infinite, or at least 1e100) takes no part in it: nothing comes out for it, and the
//! others are ranked among themselves. With fewer than two symbols nothing comes out at all.

pub mod ranks;
pub(crate) mod scores;
pub mod window;

use crate::calculator::is_observed;
use crate::error::FeatureError;
use crate::snapshot::refused;

/// A configured calculator from one value per symbol to [`CrossSection::outputs`] values per symbol.
///
/// Most are functions of the moment alone; some remember earlier moments, and for those a moment
/// counts once: [`CrossSection::update`] takes it in, [`CrossSection::peek`] does not.
pub trait CrossSection: Send + Sync {
    /// Values that come out per symbol.
    fn outputs(&self) -> usize;

    /// Whether the sector numbers matter.
    fn reads(&self) -> Reads {
        Reads::Values
    }

    /// Takes a moment in. Reads `values` (NaN for a symbol without one) and, where groups matter,
    /// `groups` (a sector number per symbol). Writes one value per output and symbol, output by
    /// output; NaN for symbols that have none.
    ///
    /// # Errors
    /// [`FeatureError::LengthMismatch`] or [`FeatureError::Arity`] when the slices do not fit; the
    /// moment is then not taken in.
    fn update(
        &mut self,
        values: &[f64],
        groups: &[u32],
        out: &mut [f64],
    ) -> Result<(), FeatureError>;

    /// What [`CrossSection::update`] would write; takes nothing in.
    ///
    /// # Errors
    /// As [`CrossSection::update`].
    fn peek(&mut self, values: &[f64], groups: &[u32], out: &mut [f64])
    -> Result<(), FeatureError>;

    /// The same calculator before its first moment.
    fn fresh(&self) -> Box<dyn CrossSection>;

    /// The state as words; empty for functions of the moment alone.
    fn save(&self) -> Vec<u64>;

    /// Continues from [`CrossSection::save`] of an equally configured calculator.
    ///
    /// # Errors
    /// [`FeatureError::Snapshot`]; the state is then unchanged.
    fn load(&mut self, words: &[u64]) -> Result<(), FeatureError>;
}

/// What a cross-sectional calculator compares by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reads {
    /// The symbols' values alone.
    Values,
    /// Values and sectors.
    Sectors,
}

/// A function of the moment alone, with one output: `of(values, groups, out)`. The values it sees are
/// observed or NaN, `out` is filled with NaN.
#[derive(Debug, Clone)]
pub struct Momentary<F> {
    of: F,
    reads: Reads,
}

impl<F> Momentary<F>
where
    F: Fn(&[f64], &[u32], &mut [f64]) + Clone + Send + Sync + 'static,
{
    /// Over all symbols alike.
    pub fn over_all(of: F) -> Self {
        let reads = Reads::Values;
        Self { of, reads }
    }

    /// Within sectors.
    pub fn within_sectors(of: F) -> Self {
        let reads = Reads::Sectors;
        Self { of, reads }
    }
}

impl<F> CrossSection for Momentary<F>
where
    F: Fn(&[f64], &[u32], &mut [f64]) + Clone + Send + Sync + 'static,
{
    fn outputs(&self) -> usize {
        1
    }

    fn reads(&self) -> Reads {
        self.reads
    }

    fn update(
        &mut self,
        values: &[f64],
        groups: &[u32],
        out: &mut [f64],
    ) -> Result<(), FeatureError> {
        check(values, groups, out, 1)?;
        out.fill(f64::NAN);
        let observed = |x: &f64| if is_observed(*x) { *x } else { f64::NAN };
        let values: Vec<f64> = values.iter().map(observed).collect();
        if values.iter().filter(|x| !x.is_nan()).count() >= 2 {
            (self.of)(&values, groups, out);
        }
        Ok(())
    }

    fn peek(
        &mut self,
        values: &[f64],
        groups: &[u32],
        out: &mut [f64],
    ) -> Result<(), FeatureError> {
        self.update(values, groups, out)
    }

    fn fresh(&self) -> Box<dyn CrossSection> {
        Box::new(self.clone())
    }

    fn save(&self) -> Vec<u64> {
        Vec::new()
    }

    fn load(&mut self, words: &[u64]) -> Result<(), FeatureError> {
        if words.is_empty() {
            Ok(())
        } else {
            Err(refused("a function of the moment has no state"))
        }
    }
}

/// Whether the slices of one moment fit together.
pub(crate) fn check(
    values: &[f64],
    groups: &[u32],
    out: &[f64],
    outputs: usize,
) -> Result<(), FeatureError> {
    if groups.len() != values.len() {
        return Err(FeatureError::LengthMismatch {
            column: "groups".to_owned(),
            found: groups.len(),
            expected: values.len(),
        });
    }
    let expected = outputs.saturating_mul(values.len());
    if out.len() != expected {
        return Err(FeatureError::Arity {
            what: "outputs",
            expected,
            found: out.len(),
        });
    }
    Ok(())
}
