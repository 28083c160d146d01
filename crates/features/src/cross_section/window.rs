//! The last moments of all symbols, for cross-sectional calculators with a memory.

use crate::calculator::is_observed;
use crate::error::FeatureError;
use crate::snapshot::{Reader, State, Writer, refused};

use super::{CrossSection, check};

/// A function of the last n complete moments: how the symbols moved together.
pub trait PanelStatistic: Clone + Send + Sync + 'static {
    /// Moments in the window, at least 2.
    fn length(&self) -> usize;

    /// Values that come out per symbol.
    fn outputs(&self) -> usize;

    /// Reads one series per symbol, oldest moment first, all values observed; writes output by
    /// output. `out` is filled with NaN before.
    fn evaluate(&self, series: &[&[f64]], out: &mut [f64]);
}

/// A [`PanelStatistic`] with the moments it needs.
///
/// A moment at which some symbol has no value is skipped: nothing comes out and nothing is forgotten.
/// The number of symbols is that of the first moment; [`CrossSection::update`] refuses another one.
#[derive(Debug, Clone)]
pub struct PanelWindow<S> {
    statistic: S,
    /// Of each symbol, every value twice, `length` apart, so that the window is one slice.
    series: Vec<Vec<f64>>,
    next: usize,
    seen: usize,
}

impl<S: PanelStatistic> PanelWindow<S> {
    /// An empty window.
    pub fn new(statistic: S) -> Self {
        Self {
            statistic,
            series: Vec::new(),
            next: 0,
            seen: 0,
        }
    }

    fn take(&mut self, values: &[f64], out: &mut [f64]) {
        let length = self.statistic.length().max(2);
        out.fill(f64::NAN);
        if values.len() < 2 || !values.iter().all(|x| is_observed(*x)) {
            return;
        }
        if self.series.is_empty() {
            self.series = vec![vec![0.0; 2 * length]; values.len()];
        }
        for (series, value) in self.series.iter_mut().zip(values) {
            series[self.next] = *value;
            series[self.next + length] = *value;
        }
        self.next += 1;
        self.seen = (self.seen + 1).min(length);
        if self.seen == length {
            let window = self.next..self.next + length;
            let series: Vec<&[f64]> = self.series.iter().map(|s| &s[window.clone()]).collect();
            self.statistic.evaluate(&series, out);
        }
        self.next %= length;
    }

    fn check(&self, values: &[f64], groups: &[u32], out: &[f64]) -> Result<(), FeatureError> {
        if !self.series.is_empty() && self.series.len() != values.len() {
            return Err(FeatureError::LengthMismatch {
                column: "symbols".to_owned(),
                found: values.len(),
                expected: self.series.len(),
            });
        }
        check(values, groups, out, self.statistic.outputs())
    }
}

impl<S: PanelStatistic> CrossSection for PanelWindow<S> {
    fn outputs(&self) -> usize {
        self.statistic.outputs()
    }

    fn update(
        &mut self,
        values: &[f64],
        groups: &[u32],
        out: &mut [f64],
    ) -> Result<(), FeatureError> {
        self.check(values, groups, out)?;
        self.take(values, out);
        Ok(())
    }

    fn peek(
        &mut self,
        values: &[f64],
        groups: &[u32],
        out: &mut [f64],
    ) -> Result<(), FeatureError> {
        self.check(values, groups, out)?;
        self.clone().take(values, out);
        Ok(())
    }

    fn fresh(&self) -> Box<dyn CrossSection> {
        Box::new(Self::new(self.statistic.clone()))
    }

    fn save(&self) -> Vec<u64> {
        let mut writer = Writer::default();
        for number in [self.series.len(), self.next, self.seen] {
            writer.word(number as u64);
        }
        self.series.save(&mut writer);
        writer.into_words()
    }

    fn load(&mut self, words: &[u64]) -> Result<(), FeatureError> {
        let length = self.statistic.length().max(2);
        let mut reader = Reader::new(words);
        let mut number = || {
            let word = reader.word()?;
            usize::try_from(word).map_err(|_wide| refused("number too large"))
        };
        let (symbols, next, seen) = (number()?, number()?, number()?);
        // The rest of the words decides how many symbols there can be: no allocation on their word.
        let values = words.len().saturating_sub(3);
        if symbols.checked_mul(2 * length) != Some(values) || next >= length || seen > length {
            return Err(refused("window of another shape"));
        }
        let mut series = vec![vec![0.0; 2 * length]; symbols];
        series.load(&mut reader)?;
        (self.series, self.next, self.seen) = (series, next, seen);
        Ok(())
    }
}
