//! Calculators that are a pure function of the last `n` observed rows.
//!
//! Write a [`WindowStatistic`]; [`Windowed`] makes a [`Kernel`] of it whose batch and streaming
//! forms call the same function on the same slices and so agree bit for bit. Use it where no O(1)
//! recurrence exists (entropies, rank statistics, regressions with tests); where one exists, write
//! a [`Kernel`].

use std::ops::Range;

use crate::calculator::Kernel;
use crate::error::FeatureError;
use crate::snapshot::{Reader, State, Writer, refused};

/// A function of the last [`WindowStatistic::length`] rows; oldest first in each slice.
pub trait WindowStatistic<const I: usize, const O: usize>: Clone + Send + Sync + 'static {
    /// Working memory, sized once from the parameters; carries nothing from call to call.
    type Scratch: Clone + Send + Sync + 'static;

    /// Rows in the window, at least 1.
    fn length(&self) -> usize;

    /// Fresh working memory.
    fn scratch(&self) -> Self::Scratch;

    /// The outputs; NaN where undefined. Every slice has [`WindowStatistic::length`] values, all
    /// observed.
    fn evaluate(&self, window: [&[f64]; I], scratch: &mut Self::Scratch) -> [f64; O];
}

/// A [`WindowStatistic`] with the rows it needs.
///
/// Each column is kept twice, `n` apart, so that the window is always one contiguous slice.
#[derive(Debug, Clone)]
pub struct Windowed<S: WindowStatistic<I, O>, const I: usize, const O: usize> {
    statistic: S,
    scratch: S::Scratch,
    columns: [Vec<f64>; I],
    next: usize,
    seen: usize,
}

impl<S: WindowStatistic<I, O>, const I: usize, const O: usize> Windowed<S, I, O> {
    /// An empty window.
    pub fn new(statistic: S) -> Self {
        let length = statistic.length().max(1);
        Self {
            scratch: statistic.scratch(),
            statistic,
            columns: std::array::from_fn(|_| vec![0.0; 2 * length]),
            next: 0,
            seen: 0,
        }
    }

    fn length(&self) -> usize {
        self.statistic.length().max(1)
    }

    /// Takes a row in; where the window now lies in the columns.
    #[inline]
    fn push(&mut self, row: [f64; I]) -> Range<usize> {
        let length = self.length();
        for (column, value) in self.columns.iter_mut().zip(row) {
            column[self.next] = value;
            column[self.next + length] = value;
        }
        self.next += 1;
        let window = self.next..self.next + length;
        if self.next == length {
            self.next = 0;
        }
        self.seen = (self.seen + 1).min(length);
        window
    }
}

impl<S: WindowStatistic<I, O>, const I: usize, const O: usize> State for Windowed<S, I, O> {
    fn save(&self, writer: &mut Writer) {
        self.columns.save(writer);
        writer.word(self.next as u64);
        writer.word(self.seen as u64);
    }

    fn load(&mut self, reader: &mut Reader<'_>) -> Result<(), FeatureError> {
        self.columns.load(reader)?;
        let length = self.length() as u64;
        let (next, seen) = (reader.word()?, reader.word()?);
        if next >= length || seen > length {
            return Err(refused("window position out of range"));
        }
        self.next = usize::try_from(next).map_err(|_wide| refused("window position"))?;
        self.seen = usize::try_from(seen).map_err(|_wide| refused("window fill"))?;
        Ok(())
    }
}

impl<S: WindowStatistic<I, O>, const I: usize, const O: usize> Kernel<I, O> for Windowed<S, I, O> {
    fn warm_up(&self) -> [usize; O] {
        [self.length() - 1; O]
    }

    #[inline]
    fn step(&mut self, row: [f64; I]) -> [f64; O] {
        let length = self.length();
        let window = self.push(row);
        if self.seen < length {
            return [f64::NAN; O];
        }
        let slices = self
            .columns
            .each_ref()
            .map(|column| &column[window.clone()]);
        self.statistic.evaluate(slices, &mut self.scratch)
    }

    fn run(&mut self, columns: [&[f64]; I], mut out: [&mut [f64]; O]) {
        let length = self.length();
        let rows = columns.first().map_or(0, |column| column.len());
        let head = rows.min(length - 1);
        for row in 0..head {
            let values = self.step(columns.map(|column| column[row]));
            for (column, value) in out.iter_mut().zip(values) {
                column[row] = value;
            }
        }
        for end in length..=rows {
            let window = columns.map(|column| &column[end - length..end]);
            let values = self.statistic.evaluate(window, &mut self.scratch);
            for (column, value) in out.iter_mut().zip(values) {
                column[end - 1] = value;
            }
        }
        for row in head.max(rows.saturating_sub(length))..rows {
            self.push(columns.map(|column| column[row]));
        }
    }
}
