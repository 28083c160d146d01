//! Rolling aggregates that hold nothing but what is in their window, O(1) amortised.
//!
//! An aggregate that adds the newest value and subtracts the oldest keeps the rounding error of
//! every value it ever saw: after one print of 1e12 a mean of prices near 100 stays off by 1e-5 for
//! good, and a variance may turn negative. Here the stream is cut into blocks of `n` rows. A window
//! is a suffix of one block and a prefix of the next: the suffix aggregates are computed when a
//! block ends (n steps once per n rows), the prefix aggregate grows by one step per row, and
//! nothing is ever subtracted. (The same scheme as van Herk's and Gil and Werman's for extrema.)
//!
//! Aggregates that could cancel (variance, regression) are kept relative to a *base* that is
//! itself in the window: the newest row for suffixes, the oldest for prefixes. With n rows the
//! base lies within sqrt(n) standard deviations of the mean, so at most log10(n) digits cancel,
//! whatever the level of the data and whatever came before.
//!
//! Over whole columns, most data let sums be carried from row to row all the same, at half the
//! cost; [`Fold::slide`] says where (`crate::sliding` how), and blocks do the rest.

mod folds;

use std::fmt::Debug;
use std::marker::PhantomData;

use crate::calculator::{Kernel, all_observed};
use crate::error::FeatureError;
use crate::snapshot::{Reader, State, Writer, refused};

pub use folds::{
    CoMoments, Extremes, Level, LocatedExtremes, Moments, Sum, Weighted, co_moments, moments,
};

/// Fewer rows than this are not worth a fresh start.
const WORTHWHILE: usize = 64;

/// An aggregate over consecutive rows of `N` values, kept in `A` numbers.
pub trait Fold<const N: usize, const A: usize>: Clone + Debug + Send + Sync + 'static {
    /// Of a single row.
    fn start(row: [f64; N]) -> [f64; A];
    /// With a row that is newer than all others.
    fn append(acc: [f64; A], row: [f64; N]) -> [f64; A];
    /// With a row that is older than all others.
    fn prepend(row: [f64; N], acc: [f64; A]) -> [f64; A];
    /// Of two neighbouring stretches.
    fn join(older: [f64; A], newer: [f64; A]) -> [f64; A];

    /// Rows after which [`Fold::slide`] is started afresh, a divisor of the longest stretch; 0 when there is
    /// none.
    const STRIDE: usize = 0;

    /// What `finish` makes of the aggregates of the windows that end in each row after the first
    /// `length`; false, with anything in `out`, where carrying them on would lose digits.
    fn slide<const O: usize>(
        _rows: &[[f64; N]],
        _length: usize,
        _out: [&mut [f64]; O],
        _finish: &mut impl FnMut([f64; A], [f64; N]) -> [f64; O],
    ) -> bool {
        false
    }

    /// For each row of a block, the aggregate from there to the block's end.
    #[inline]
    fn suffixes(rows: &[[f64; N]], suffixes: &mut [[f64; A]]) {
        let mut acc = None;
        for (cell, row) in suffixes.iter_mut().zip(rows).rev() {
            let next = acc.map_or_else(|| Self::start(*row), |acc| Self::prepend(*row, acc));
            *cell = next;
            acc = Some(next);
        }
    }
}

/// The rolling window of one [`Fold`].
#[derive(Debug)]
pub struct Window<F, const N: usize, const A: usize> {
    /// The rows of the current block, `filled` of them.
    rows: Vec<[f64; N]>,
    /// Suffix aggregates of the block before.
    suffixes: Vec<[f64; A]>,
    prefix: [f64; A],
    filled: usize,
    warm: bool,
    fold: PhantomData<F>,
}

impl<F, const N: usize, const A: usize> Clone for Window<F, N, A> {
    fn clone(&self) -> Self {
        Self {
            rows: self.rows.clone(),
            suffixes: self.suffixes.clone(),
            prefix: self.prefix,
            filled: self.filled,
            warm: self.warm,
            fold: PhantomData,
        }
    }

    /// Reuses the allocations; `peek` relies on it.
    fn clone_from(&mut self, source: &Self) {
        self.rows.clone_from(&source.rows);
        self.suffixes.clone_from(&source.suffixes);
        self.prefix = source.prefix;
        self.filled = source.filled;
        self.warm = source.warm;
    }
}

impl<F: Fold<N, A>, const N: usize, const A: usize> Window<F, N, A> {
    /// Over `length` rows (at least one; callers validate).
    pub fn new(length: usize) -> Self {
        let length = length.max(1);
        Self {
            rows: vec![[0.0; N]; length],
            suffixes: vec![[0.0; A]; length],
            prefix: [0.0; A],
            filled: 0,
            warm: false,
            fold: PhantomData,
        }
    }

    /// Rows in the window.
    #[inline]
    pub fn length(&self) -> usize {
        self.rows.len()
    }

    /// Adds a row; the aggregate of the last `n`, once there are `n`.
    #[expect(
        clippy::inline_always,
        reason = "a call passes the row through memory, which costs more than the work"
    )]
    #[inline(always)]
    pub fn push(&mut self, row: [f64; N]) -> Option<[f64; A]> {
        let length = self.rows.len();
        let at = self.filled;
        self.prefix = if at == 0 {
            F::start(row)
        } else {
            F::append(self.prefix, row)
        };
        if at + 1 == length {
            self.rows[at] = row;
            self.end_block();
            return Some(self.prefix);
        }
        self.rows[at] = row;
        self.filled = at + 1;
        self.warm
            .then(|| F::join(self.suffixes[at + 1], self.prefix))
    }

    /// Takes whole columns in: `prepare` turns a row into what is folded, `finish` the aggregate and
    /// the row into outputs; NaN until there are `n` rows. The values are those of
    /// [`Window::push`], bit for bit.
    #[inline]
    pub fn run<const I: usize, const O: usize>(
        &mut self,
        columns: [&[f64]; I],
        mut out: [&mut [f64]; O],
        mut prepare: impl FnMut([f64; I]) -> [f64; N],
        mut finish: impl FnMut([f64; A], [f64; N]) -> [f64; O],
    ) {
        let count = columns.first().map_or(0, |column| column.len());
        let mut done = 0;
        while done < count {
            // Up to the end of the block, or of the columns.
            let take = (self.rows.len() - self.filled).min(count - done);
            let columns = columns.map(|column| &column[done..done + take]);
            let cells = &mut self.rows[self.filled..self.filled + take];
            for (at, cell) in cells.iter_mut().enumerate() {
                *cell = prepare(columns.map(|column| column[at]));
            }
            let out = out.each_mut().map(|column| &mut column[done..done + take]);
            self.fold_in(take, out, &mut finish);
            done += take;
        }
    }

    /// Folds the `take` rows in that follow the filled ones; they end the block or stay within it.
    #[inline]
    fn fold_in<const O: usize>(
        &mut self,
        take: usize,
        mut out: [&mut [f64]; O],
        finish: &mut impl FnMut([f64; A], [f64; N]) -> [f64; O],
    ) {
        let (length, filled) = (self.rows.len(), self.filled);
        let mut put = |at: usize, values: [f64; O]| {
            for (column, value) in out.iter_mut().zip(values) {
                column[at] = value;
            }
        };
        let cells = &self.rows[filled..filled + take];
        let older = &self.suffixes[filled..length];
        let mut prefix = self.prefix;
        // The first row of a block starts the prefix, its last one completes it; in between the
        // loop has nothing to decide.
        let from = usize::from(filled == 0);
        let ends = filled + take == length;
        if from == 1 {
            prefix = F::start(cells[0]);
            if length > 1 {
                let whole = self.warm.then(|| F::join(older[1], prefix));
                put(0, whole.map_or([f64::NAN; O], |acc| finish(acc, cells[0])));
            }
        }
        for at in from..take - usize::from(ends) {
            prefix = F::append(prefix, cells[at]);
            if self.warm {
                put(at, finish(F::join(older[at + 1], prefix), cells[at]));
            } else {
                put(at, [f64::NAN; O]);
            }
        }
        if ends {
            let last = take - 1;
            if last >= from {
                prefix = F::append(prefix, cells[last]);
            }
            put(last, finish(prefix, cells[last]));
        }
        self.prefix = prefix;
        self.filled += take;
        if ends {
            self.end_block();
        }
    }

    /// As [`Window::run`] over rows that are there already; the values are those of
    /// [`Window::push`] to 1e-11. `finish` must be a pure function: a stretch that cannot be carried
    /// is done again in blocks.
    pub fn run_rows<const O: usize>(
        &mut self,
        rows: &[[f64; N]],
        mut out: [&mut [f64]; O],
        mut finish: impl FnMut([f64; A], [f64; N]) -> [f64; O],
    ) {
        let length = self.rows.len();
        let mut head = rows.len();
        if (4..=F::STRIDE / 2).contains(&length) {
            let cold = self.until_warm();
            if cold + WORTHWHILE <= rows.len() {
                head = cold;
            }
        }
        let parts = out.each_mut().map(|column| &mut column[..head]);
        self.run_blocks(&rows[..head], parts, &mut finish);
        let rows = &rows[head..];
        if rows.is_empty() {
            return;
        }
        // The first windows reach back to rows that were there before: those and as many new ones
        // as the window is long stand in one slice.
        let (newer, older) = self.rows.split_at(self.filled);
        let joined = [older, newer, &rows[..rows.len().min(length)]].concat();
        let mut start = 0;
        while start < rows.len() {
            let (seen, count) = if start == 0 {
                (&joined[..], joined.len() - length)
            } else {
                let count = F::STRIDE.min(rows.len() - start);
                (&rows[start - length..start + count], count)
            };
            let from = head + start;
            let part = out.each_mut().map(|column| &mut column[from..from + count]);
            if !F::slide(seen, length, part, &mut finish) {
                self.adopt(&seen[..length]);
                let part = out.each_mut().map(|column| &mut column[from..from + count]);
                self.run_blocks(&seen[length..], part, &mut finish);
            }
            start += count;
        }
        let last = if rows.len() < length { &joined } else { rows };
        self.adopt(&last[last.len() - length..]);
    }

    /// Rows that are missing from the first full window.
    pub(crate) fn until_warm(&self) -> usize {
        if self.warm {
            0
        } else {
            self.rows.len() - self.filled
        }
    }

    /// One value of each row of a full window, oldest first.
    pub(crate) fn oldest_first(&self, index: usize) -> impl Iterator<Item = f64> + '_ {
        let (newer, older) = self.rows.split_at(self.filled);
        older.iter().chain(newer).map(move |row| row[index])
    }

    /// The state of a full window after these columns, whose aggregates are known already.
    pub(crate) fn take_over(&mut self, columns: [&[f64]; N]) {
        let count = columns.first().map_or(0, |column| column.len());
        let length = self.rows.len();
        self.rows.rotate_left(self.filled);
        self.rows.rotate_left(count.min(length));
        let kept = length.saturating_sub(count);
        let from = count.saturating_sub(length);
        for (at, row) in self.rows[kept..].iter_mut().enumerate() {
            *row = columns.map(|column| column[from + at]);
        }
        self.end_block();
    }

    /// The state after these rows, as many as the window holds.
    fn adopt(&mut self, rows: &[[f64; N]]) {
        self.rows.copy_from_slice(rows);
        self.end_block();
    }

    /// Block by block; the values of [`Window::push`], bit for bit.
    fn run_blocks<const O: usize>(
        &mut self,
        rows: &[[f64; N]],
        mut out: [&mut [f64]; O],
        finish: &mut impl FnMut([f64; A], [f64; N]) -> [f64; O],
    ) {
        let mut done = 0;
        while done < rows.len() {
            let take = (self.rows.len() - self.filled).min(rows.len() - done);
            let cells = &mut self.rows[self.filled..self.filled + take];
            cells.copy_from_slice(&rows[done..done + take]);
            let out = out.each_mut().map(|column| &mut column[done..done + take]);
            self.fold_in(take, out, finish);
            done += take;
        }
    }

    #[inline(never)]
    fn end_block(&mut self) {
        F::suffixes(&self.rows, &mut self.suffixes);
        self.filled = 0;
        self.warm = true;
    }
}

impl<F, const N: usize, const A: usize> State for Window<F, N, A> {
    fn save(&self, writer: &mut Writer) {
        self.rows.save(writer);
        self.suffixes.save(writer);
        self.prefix.save(writer);
        writer.word(self.filled as u64);
        self.warm.save(writer);
    }

    fn load(&mut self, reader: &mut Reader<'_>) -> Result<(), FeatureError> {
        self.rows.load(reader)?;
        self.suffixes.load(reader)?;
        self.prefix.load(reader)?;
        let filled = reader.word()?;
        if filled >= self.rows.len() as u64 {
            return Err(refused("window position out of range"));
        }
        self.filled = usize::try_from(filled).map_err(|_wide| refused("window position"))?;
        self.warm.load(reader)
    }
}

/// A kernel made of a rolling aggregate: `prepare` turns a row into what is folded, `finish` turns
/// the aggregate into outputs. A row that `prepare` turns into NaN is skipped.
#[derive(Debug, Clone)]
pub struct Rolling<F, P, G, const N: usize, const A: usize> {
    window: Window<F, N, A>,
    prepare: P,
    finish: G,
}

impl<F: Fold<N, A>, P, G, const N: usize, const A: usize> Rolling<F, P, G, N, A> {
    /// Over `length` rows.
    pub fn new(length: usize, prepare: P, finish: G) -> Self {
        Self {
            window: Window::new(length),
            prepare,
            finish,
        }
    }
}

impl<F, P, G, const N: usize, const A: usize> State for Rolling<F, P, G, N, A> {
    fn save(&self, writer: &mut Writer) {
        self.window.save(writer);
    }

    fn load(&mut self, reader: &mut Reader<'_>) -> Result<(), FeatureError> {
        self.window.load(reader)
    }
}

impl<F, P, G, const I: usize, const O: usize, const N: usize, const A: usize> Kernel<I, O>
    for Rolling<F, P, G, N, A>
where
    F: Fold<N, A>,
    P: Fn([f64; I]) -> [f64; N] + Clone + Send + Sync + 'static,
    G: Fn([f64; A]) -> [f64; O] + Clone + Send + Sync + 'static,
{
    fn warm_up(&self) -> [usize; O] {
        [self.window.length() - 1; O]
    }

    #[inline]
    fn step(&mut self, row: [f64; I]) -> [f64; O] {
        let row = (self.prepare)(row);
        if row.iter().any(|value| value.is_nan()) {
            return [f64::NAN; O];
        }
        match self.window.push(row) {
            Some(acc) => (self.finish)(acc),
            None => [f64::NAN; O],
        }
    }

    fn run(&mut self, columns: [&[f64]; I], mut out: [&mut [f64]; O]) {
        let rows = columns.first().map_or(0, |column| column.len());
        let columns = columns.map(|column| &column[..rows]);
        let prepared: Vec<[f64; N]> = (0..rows)
            .map(|row| (self.prepare)(columns.map(|column| column[row])))
            .collect();
        if all_observed([prepared.as_flattened()]) {
            let finish = &self.finish;
            self.window.run_rows(&prepared, out, |acc, _| finish(acc));
            return;
        }
        for row in 0..rows {
            let values = self.step(columns.map(|column| column[row]));
            for (column, value) in out.iter_mut().zip(values) {
                column[row] = value;
            }
        }
    }
}

/// `f64::max` for observed values, without its NaN rules, so that it compiles to one instruction.
#[inline]
pub(crate) fn larger(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

/// As [`larger`], for the minimum.
#[inline]
pub(crate) fn smaller(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

/// `a / b`, missing when `b` is zero.
#[inline]
pub(crate) fn ratio(a: f64, b: f64) -> f64 {
    if b == 0.0 { f64::NAN } else { a / b }
}

/// `x`, but no more than `limit`; a missing `x` stays missing (unlike with `f64::min`).
#[inline]
pub(crate) fn at_most(x: f64, limit: f64) -> f64 {
    if x > limit { limit } else { x }
}
