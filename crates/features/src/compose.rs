//! Small kernels from which others are put together.

use crate::calculator::{Kernel, fill};
use crate::error::FeatureError;
use crate::ring::Ring;
use crate::snapshot::{Reader, State, Writer};
use crate::state_fields;
use crate::trend::STRETCH;

/// A function of the current row alone.
#[derive(Debug, Clone)]
pub struct Pointwise<F>(pub F);

impl<F> State for Pointwise<F> {
    fn save(&self, _writer: &mut Writer) {}

    fn load(&mut self, _reader: &mut Reader<'_>) -> Result<(), FeatureError> {
        Ok(())
    }
}

impl<F, const I: usize, const O: usize> Kernel<I, O> for Pointwise<F>
where
    F: Fn([f64; I]) -> [f64; O] + Clone + Send + Sync + 'static,
{
    const RUNS_FIRST: bool = true;

    fn warm_up(&self) -> [usize; O] {
        [0; O]
    }

    #[inline]
    fn step(&mut self, row: [f64; I]) -> [f64; O] {
        (self.0)(row)
    }

    fn run(&mut self, columns: [&[f64]; I], out: [&mut [f64]; O]) {
        fill(columns, out, &self.0);
    }
}

/// A function of the current value and the one `lag` rows before.
#[derive(Debug, Clone)]
pub struct Lagged<F> {
    past: Ring,
    of: F,
}

impl<F> Lagged<F> {
    /// `of(now, then)`, `lag` rows apart (at least one).
    pub fn new(lag: usize, of: F) -> Self {
        Self {
            past: Ring::new(lag),
            of,
        }
    }
}

impl<F> State for Lagged<F> {
    fn save(&self, writer: &mut Writer) {
        self.past.save(writer);
    }

    fn load(&mut self, reader: &mut Reader<'_>) -> Result<(), FeatureError> {
        self.past.load(reader)
    }
}

impl<F> Kernel<1, 1> for Lagged<F>
where
    F: Fn(f64, f64) -> f64 + Clone + Send + Sync + 'static,
{
    fn warm_up(&self) -> [usize; 1] {
        [self.past.capacity()]
    }

    #[inline]
    fn step(&mut self, [x]: [f64; 1]) -> [f64; 1] {
        let then = self.past.push(x);
        [if then.is_nan() {
            f64::NAN
        } else {
            (self.of)(x, then)
        }]
    }

    fn run(&mut self, [x]: [&[f64]; 1], [out]: [&mut [f64]; 1]) {
        let lag = self.past.capacity();
        let head = lag.min(x.len());
        for (out, x) in out.iter_mut().zip(&x[..head]) {
            [*out] = self.step([*x]);
        }
        for ((out, now), then) in out[head..].iter_mut().zip(&x[head..]).zip(x) {
            *out = (self.of)(*now, *then);
        }
        for x in &x[head.max(x.len().saturating_sub(lag))..] {
            self.past.push(*x);
        }
    }
}

/// `B` over the single output of `A`, from the first row that `A` has a value for.
#[derive(Debug, Clone)]
pub struct Chain<A, B> {
    first: A,
    then: B,
}

impl<A, B> Chain<A, B> {
    /// Feeds `first` into `then`.
    pub fn new(first: A, then: B) -> Self {
        Self { first, then }
    }
}

impl<A: State, B: State> State for Chain<A, B> {
    fn save(&self, writer: &mut Writer) {
        self.first.save(writer);
        self.then.save(writer);
    }

    fn load(&mut self, reader: &mut Reader<'_>) -> Result<(), FeatureError> {
        self.first.load(reader)?;
        self.then.load(reader)
    }
}

impl<A, B, const I: usize, const O: usize> Kernel<I, O> for Chain<A, B>
where
    A: Kernel<I, 1>,
    B: Kernel<1, O>,
{
    fn warm_up(&self) -> [usize; O] {
        let [first] = self.first.warm_up();
        self.then.warm_up().map(|rows| rows + first)
    }

    #[inline]
    fn step(&mut self, row: [f64; I]) -> [f64; O] {
        let [value] = self.first.step(row);
        if value.is_nan() {
            [f64::NAN; O]
        } else {
            self.then.step([value])
        }
    }

    /// Stage by stage in stretches that stay in the nearest cache.
    fn run(&mut self, columns: [&[f64]; I], mut out: [&mut [f64]; O]) {
        let rows = columns.first().map_or(0, |column| column.len());
        let mut buffer = [0.0; STRETCH];
        for from in (0..rows).step_by(STRETCH) {
            let to = rows.min(from + STRETCH);
            let values = &mut buffer[..to - from];
            self.first
                .run(columns.map(|column| &column[from..to]), [&mut *values]);
            // What the first stage has no value for, the second one never sees.
            let mut row = 0;
            for part in values.chunk_by(|a, b| a.is_nan() == b.is_nan()) {
                let at = from + row..from + row + part.len();
                let mut out = out.each_mut().map(|column| &mut column[at.clone()]);
                if part[0].is_nan() {
                    out.iter_mut().for_each(|column| column.fill(f64::NAN));
                } else {
                    self.then.run([part], out);
                }
                row += part.len();
            }
        }
    }
}

/// A running total with the rounding error of every addition carried along (Knuth's two-sum), so
/// that a huge amount that is added and later taken back leaves nothing.
#[derive(Debug, Clone, Default)]
pub struct Total {
    sum: f64,
    error: f64,
}

state_fields!(Total { sum, error });

impl Total {
    /// Adds `x`; the total so far.
    #[inline]
    pub fn add(&mut self, x: f64) -> f64 {
        let sum = self.sum + x;
        let added = sum - self.sum;
        self.error += (self.sum - (sum - added)) + (x - added);
        self.sum = sum;
        self.value()
    }

    /// Adds each value in turn and puts the total after it in its place.
    ///
    /// Only the additions to the sum and to the error wait for each other; what each of them lost is
    /// found for several rows at once. The totals are those of [`Total::add`], bit for bit.
    pub fn run(&mut self, values: &mut [f64]) {
        let (eights, rest) = values.as_chunks_mut::<8>();
        let (mut sum, mut error) = (self.sum, self.error);
        for eight in eights {
            let (mut before, mut after) = ([0.0; 8], [0.0; 8]);
            for row in 0..8 {
                before[row] = sum;
                sum += eight[row];
                after[row] = sum;
            }
            let mut lost = [0.0; 8];
            for row in 0..8 {
                let added = after[row] - before[row];
                lost[row] = (before[row] - (after[row] - added)) + (eight[row] - added);
            }
            for lost in &mut lost {
                error += *lost;
                *lost = error;
            }
            for row in 0..8 {
                eight[row] = after[row] + lost[row];
            }
        }
        (self.sum, self.error) = (sum, error);
        for value in rest {
            *value = self.add(*value);
        }
    }

    /// The total so far.
    #[inline]
    pub fn value(&self) -> f64 {
        self.sum + self.error
    }
}
