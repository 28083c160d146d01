//! The contract of every calculator, and the adapter that turns a plain step function into one.
//!
//! Authors write a [`Kernel`]: a state machine over rows in which every input is present. The
//! adapter [`Streaming`] adds what must be the same everywhere: missing values, `peek`, snapshots
//! and the batch form.
//!
//! # Missing values
//! An input is *missing* when it is NaN, infinite, or so large (|x| >= 1e100) that its square
//! could leave no usable sum. A row in which any input of a calculator is missing is skipped: its
//! outputs are missing and the state stays as it was, so the next row continues as if the skipped
//! one had not existed. Windows therefore hold the last `n` *observed* rows. Outputs that cannot
//! be computed (warm-up, 0/0) are missing too: NaN in columns, `None` in the typed streaming form.

use crate::error::FeatureError;
use crate::snapshot::{Snapshot, State};

/// Inputs at or beyond this magnitude count as missing.
pub const MISSING_BEYOND: f64 = 1e100;

/// Whether `x` is usable as an input.
#[inline]
pub fn is_observed(x: f64) -> bool {
    x.abs() < MISSING_BEYOND
}

/// A step function over rows of `I` observed inputs with `O` outputs; see the module's text.
///
/// `Clone` must copy the whole state and must not allocate in `clone_from` once sized (derive it,
/// and keep vectors at the size that parameters give them).
pub trait Kernel<const I: usize, const O: usize>: Clone + State + Send + Sync + 'static {
    /// Whether [`Kernel::run`] goes first and the look for missing values follows, while the rows are
    /// still in the nearest cache: fetching them and computing with them then overlap. Where a row
    /// turns out incomplete, the state is put back and the run done again without it. For kernels
    /// of few words of state, whose arithmetic takes any value.
    const RUNS_FIRST: bool = false;

    /// For each output, how many observed rows come before the first value (TA-Lib's lookback).
    fn warm_up(&self) -> [usize; O];

    /// Consumes one row and gives its outputs, NaN while warming up or undefined.
    fn step(&mut self, row: [f64; I]) -> [f64; O];

    /// What `step` would give, computed in `scratch` (any state of an equally configured kernel).
    #[inline]
    fn preview(&self, scratch: &mut Self, row: [f64; I]) -> [f64; O] {
        scratch.clone_from(self);
        scratch.step(row)
    }

    /// Consumes whole columns of observed rows, from the present state on.
    ///
    /// Override only for speed, with the state and the values that `step` row by row would give
    /// (1e-9 relative, better bit for bit). All slices have the same length, which may be 0.
    fn run(&mut self, columns: [&[f64]; I], mut out: [&mut [f64]; O]) {
        let rows = columns.first().map_or(0, |column| column.len());
        let columns = columns.map(|column| &column[..rows]);
        let mut out = out.each_mut().map(|column| &mut column[..rows]);
        // A local copy: nothing else can see it, so the optimiser keeps it in registers.
        let mut state = self.clone();
        for row in 0..rows {
            let values = state.step(columns.map(|column| column[row]));
            for (column, value) in out.iter_mut().zip(values) {
                column[row] = value;
            }
        }
        *self = state;
    }
}

/// One configured calculator: batch over columns, streaming over rows.
///
/// Inputs and outputs are positional; the registry and the feature graph bind them to names.
pub trait Calculator: Send + Sync {
    /// Number of inputs.
    fn inputs(&self) -> usize;

    /// Rows before the first value, per output; its length is the number of outputs.
    fn warm_up(&self) -> Vec<usize>;

    /// Fills `out` (one slice per output, as long as the inputs) from a fresh state. The streaming
    /// state is neither read nor changed.
    ///
    /// # Errors
    /// [`FeatureError::Arity`] or [`FeatureError::LengthMismatch`] when the slices do not fit.
    fn batch(&self, inputs: &[&[f64]], out: &mut [&mut [f64]]) -> Result<(), FeatureError> {
        self.fresh().run(inputs, out)
    }

    /// Commits many rows at once: what [`Calculator::update`] gives for each, at batch speed.
    ///
    /// # Errors
    /// As [`Calculator::batch`]; nothing is then committed.
    fn run(&mut self, inputs: &[&[f64]], out: &mut [&mut [f64]]) -> Result<(), FeatureError>;

    /// The same calculator before its first row.
    fn fresh(&self) -> Box<dyn Calculator>;

    /// Commits one row: reads one value per input, writes one per output (NaN when missing).
    ///
    /// # Errors
    /// [`FeatureError::Arity`] when the slices do not fit; the state is then unchanged.
    fn update(&mut self, inputs: &[f64], out: &mut [f64]) -> Result<(), FeatureError>;

    /// What [`Calculator::update`] would write for a bar that is still forming; commits nothing.
    /// (`&mut` because a scratch copy of the state is reused instead of allocated.)
    ///
    /// # Errors
    /// As [`Calculator::update`].
    fn peek(&mut self, inputs: &[f64], out: &mut [f64]) -> Result<(), FeatureError>;

    /// The streaming state as words.
    fn save(&self) -> Vec<u64>;

    /// Continues from [`Calculator::save`] of an equally configured calculator.
    ///
    /// # Errors
    /// [`FeatureError::Snapshot`]; the state is then unchanged.
    fn load(&mut self, words: &[u64]) -> Result<(), FeatureError>;

    /// Back to the state before the first row.
    fn reset(&mut self);
}

/// A kernel in use: committed state, a scratch copy for `peek`, and the fresh one for batch.
///
/// ```
/// use trader_features::{Streaming, trend::Sma};
///
/// let mut sma = Streaming::new(Sma::new(3)?);
/// assert_eq!(sma.next(1.0), None);
/// assert_eq!(sma.next(2.0), None);
/// assert_eq!(sma.preview(6.0), Some(3.0)); // a bar that is still forming
/// assert_eq!(sma.next(3.0), Some(2.0));
/// assert_eq!(sma.next(f64::NAN), None); // skipped
/// assert_eq!(sma.next(4.0), Some(3.0)); // mean of 2, 3, 4
/// # Ok::<(), trader_features::FeatureError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Streaming<K, const I: usize, const O: usize> {
    fresh: K,
    state: K,
    scratch: K,
}

impl<K: Kernel<I, O>, const I: usize, const O: usize> Streaming<K, I, O> {
    /// A calculator that has seen nothing yet.
    pub fn new(kernel: K) -> Self {
        Self {
            state: kernel.clone(),
            scratch: kernel.clone(),
            fresh: kernel,
        }
    }

    /// Commits one row; NaN outputs are missing.
    #[inline]
    pub fn commit(&mut self, row: [f64; I]) -> [f64; O] {
        if row.iter().all(|x| is_observed(*x)) {
            self.state.step(row)
        } else {
            [f64::NAN; O]
        }
    }

    /// The outputs that [`Streaming::commit`] would give, without committing.
    #[inline]
    pub fn foresee(&mut self, row: [f64; I]) -> [f64; O] {
        if row.iter().all(|x| is_observed(*x)) {
            self.state.preview(&mut self.scratch, row)
        } else {
            [f64::NAN; O]
        }
    }

    /// As [`Kernel::run`], without the rows in which an input is missing.
    fn run_stretches(&mut self, columns: [&[f64]; I], mut out: [&mut [f64]; O]) {
        let rows = columns.first().map_or(0, |column| column.len());
        let complete = |row: usize| columns.iter().all(|column| is_observed(column[row]));
        let mut row = 0;
        while row < rows {
            let end = (row..rows).find(|row| !complete(*row)).unwrap_or(rows);
            let stretch = columns.map(|column| &column[row..end]);
            let results = out.each_mut().map(|column| &mut column[row..end]);
            self.state.run(stretch, results);
            row = end;
            while row < rows && !complete(row) {
                out.iter_mut().for_each(|column| column[row] = f64::NAN);
                row += 1;
            }
        }
    }

    /// The state under the name `owner`.
    pub fn snapshot(&self, owner: &str) -> Snapshot {
        Snapshot::capture(owner, &self.state)
    }

    /// Continues from a snapshot.
    ///
    /// # Errors
    /// [`FeatureError::Snapshot`] when it belongs to another owner or is damaged.
    pub fn restore(&mut self, owner: &str, snapshot: &Snapshot) -> Result<(), FeatureError> {
        snapshot.apply(owner, &mut self.state)
    }

    /// The kernel with its committed state.
    pub fn kernel(&self) -> &K {
        &self.state
    }
}

impl<K: Kernel<1, 1>> Streaming<K, 1, 1> {
    /// Commits one value; `None` while warming up, undefined, or when `x` is missing.
    #[inline]
    pub fn next(&mut self, x: f64) -> Option<f64> {
        present(self.commit([x])[0])
    }

    /// What [`Streaming::next`] would give, without committing.
    #[inline]
    pub fn preview(&mut self, x: f64) -> Option<f64> {
        present(self.foresee([x])[0])
    }
}

/// `None` for a missing value.
#[inline]
pub fn present(value: f64) -> Option<f64> {
    (!value.is_nan()).then_some(value)
}

impl<K: Kernel<I, O>, const I: usize, const O: usize> Calculator for Streaming<K, I, O> {
    fn inputs(&self) -> usize {
        I
    }

    fn warm_up(&self) -> Vec<usize> {
        self.fresh.warm_up().to_vec()
    }

    fn run(&mut self, inputs: &[&[f64]], out: &mut [&mut [f64]]) -> Result<(), FeatureError> {
        let columns = *as_array::<_, I>(inputs, "inputs")?;
        let found = out.len();
        let out: &mut [&mut [f64]; O] = out.try_into().map_err(|_wrong| FeatureError::Arity {
            what: "outputs",
            expected: O,
            found,
        })?;
        check_lengths(&columns, out)?;
        if K::RUNS_FIRST {
            self.scratch.clone_from(&self.state);
            self.state
                .run(columns, out.each_mut().map(|column| &mut **column));
            if all_observed(columns) {
                return Ok(());
            }
            self.state.clone_from(&self.scratch);
        } else if all_observed(columns) {
            self.state
                .run(columns, out.each_mut().map(|column| &mut **column));
            return Ok(());
        }
        self.run_stretches(columns, out.each_mut().map(|column| &mut **column));
        Ok(())
    }

    fn fresh(&self) -> Box<dyn Calculator> {
        Box::new(Self::new(self.fresh.clone()))
    }

    fn update(&mut self, inputs: &[f64], out: &mut [f64]) -> Result<(), FeatureError> {
        let row = one_by_one(as_array(inputs, "inputs")?);
        check_outputs::<O>(out)?;
        out.copy_from_slice(&one_by_one(&self.commit(row)));
        Ok(())
    }

    fn peek(&mut self, inputs: &[f64], out: &mut [f64]) -> Result<(), FeatureError> {
        let row = one_by_one(as_array(inputs, "inputs")?);
        check_outputs::<O>(out)?;
        out.copy_from_slice(&one_by_one(&self.foresee(row)));
        Ok(())
    }

    fn save(&self) -> Vec<u64> {
        Snapshot::capture("", &self.state).words().to_vec()
    }

    fn load(&mut self, words: &[u64]) -> Result<(), FeatureError> {
        Snapshot::new("", words.to_vec()).apply("", &mut self.state)
    }

    fn reset(&mut self) {
        self.state.clone_from(&self.fresh);
    }
}

fn as_array<'a, T, const N: usize>(
    slice: &'a [T],
    what: &'static str,
) -> Result<&'a [T; N], FeatureError> {
    slice.try_into().map_err(|_wrong| FeatureError::Arity {
        what,
        expected: N,
        found: slice.len(),
    })
}

/// The same values. A pair that was written value by value cannot be loaded as a pair before both
/// have left the store buffer, which takes longer than most updates; so the optimiser is kept from
/// doing it.
#[inline]
fn one_by_one<const I: usize>(row: &[f64; I]) -> [f64; I] {
    std::array::from_fn(|index| std::hint::black_box(row[index]))
}

fn check_outputs<const O: usize>(out: &[f64]) -> Result<(), FeatureError> {
    if out.len() == O {
        Ok(())
    } else {
        Err(FeatureError::Arity {
            what: "outputs",
            expected: O,
            found: out.len(),
        })
    }
}

fn check_lengths(columns: &[&[f64]], out: &[&mut [f64]]) -> Result<(), FeatureError> {
    let expected = columns.first().map_or(0, |column| column.len());
    let lengths = columns.iter().map(|column| column.len());
    for (index, found) in lengths
        .chain(out.iter().map(|column| column.len()))
        .enumerate()
    {
        if found != expected {
            return Err(FeatureError::LengthMismatch {
                column: format!("#{index}"),
                found,
                expected,
            });
        }
    }
    Ok(())
}

/// Fills `out` row by row with a pure function of the columns. Eight rows are computed before they
/// are written: the optimiser cannot know that outputs and inputs lie apart.
pub(crate) fn fill<const I: usize, const O: usize>(
    columns: [&[f64]; I],
    out: [&mut [f64]; O],
    mut of: impl FnMut([f64; I]) -> [f64; O],
) {
    let rows = out.first().map_or(0, |column| column.len());
    let columns = columns.map(|column| column[..rows].as_chunks::<8>());
    let mut out = out.map(|column| column[..rows].as_chunks_mut::<8>());
    for at in 0..rows / 8 {
        let eight = columns.map(|(eights, _)| eights[at]);
        let mut values = [[0.0; 8]; O];
        for row in 0..8 {
            let found = of(eight.map(|column| column[row]));
            values
                .iter_mut()
                .zip(found)
                .for_each(|(column, value)| column[row] = value);
        }
        for ((eights, _), values) in out.iter_mut().zip(values) {
            eights[at] = values;
        }
    }
    for row in 0..rows % 8 {
        let found = of(columns.map(|(_, rest)| rest[row]));
        for ((_, rest), value) in out.iter_mut().zip(found) {
            rest[row] = value;
        }
    }
}

/// Values looked at side by side.
const LANES: usize = 16;

/// Whether every value is observed, all columns side by side, so that their memory is fetched
/// together. A sum of squares below the square of the limit proves it in two operations a value;
/// otherwise each is looked at.
pub(crate) fn all_observed<const I: usize>(columns: [&[f64]; I]) -> bool {
    let rows = columns.first().map_or(0, |column| column.len());
    let parts = columns.map(|column| column[..rows].as_chunks::<LANES>());
    let mut sums = [0.0; LANES];
    for at in 0..rows / LANES {
        for (lanes, _) in &parts {
            for (sum, value) in sums.iter_mut().zip(&lanes[at]) {
                *sum += value * value;
            }
        }
    }
    let rest = parts.iter().flat_map(|(_, rest)| *rest);
    let sum = sums.iter().sum::<f64>() + rest.map(|value| value * value).sum::<f64>();
    sum < MISSING_BEYOND * MISSING_BEYOND
        || columns
            .iter()
            .all(|column| column.iter().all(|x| is_observed(*x)))
}
