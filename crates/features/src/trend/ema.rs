//! Exponential smoothing: EMA, Wilder's average, and cascades of them.

use crate::calculator::Kernel;
use crate::error::FeatureError;
use crate::parameter::require_length;
use crate::snapshot::{Reader, State, Writer};
use crate::state_fields;

/// `y += a (x - y)`, seeded with the mean of the first `n` values (TA-Lib's convention).
///
/// Kept as the distance of `y` from the last value: `y - x = b (y' - x' - (x - x'))`, `b = 1 - a`.
/// That is exact on constant values and one operation shorter than the usual form.
#[derive(Debug, Clone)]
pub struct Ema {
    length: usize,
    keep: f64,
    seen: u64,
    sum: f64,
    last: f64,
    distance: f64,
}

state_fields!(Ema {
    seen,
    sum,
    last,
    distance,
});

impl Ema {
    /// The usual one, a = 2 / (n + 1).
    ///
    /// # Errors
    /// [`FeatureError::InvalidParameter`] for a length of 0.
    pub fn new(length: usize) -> Result<Self, FeatureError> {
        require_length("ema", length)?;
        Ok(Self::with_alpha(length, 2.0 / (length as f64 + 1.0)))
    }

    /// Wilder's, a = 1 / n ("RMA", "smoothed moving average").
    ///
    /// # Errors
    /// [`FeatureError::InvalidParameter`] for a length of 0.
    pub fn wilder(length: usize) -> Result<Self, FeatureError> {
        require_length("rma", length)?;
        Ok(Self::with_alpha(length, 1.0 / length as f64))
    }

    fn with_alpha(length: usize, alpha: f64) -> Self {
        Self {
            length,
            keep: 1.0 - alpha,
            seen: 0,
            sum: 0.0,
            last: 0.0,
            distance: 0.0,
        }
    }

    /// The same, as if it had been `x` for ever.
    pub(crate) fn starting_at(self, x: f64) -> Self {
        Self {
            seen: self.length as u64,
            last: x,
            distance: 0.0,
            ..self
        }
    }

    /// Consumes a value; NaN until there are `n`.
    #[inline]
    pub fn next(&mut self, x: f64) -> f64 {
        if self.is_warm() {
            self.next_warm(x)
        } else {
            self.seed(x)
        }
    }

    /// As [`Ema::next`], once there were `n` values.
    #[inline]
    fn next_warm(&mut self, x: f64) -> f64 {
        self.distance = self.keep * (self.distance - (x - self.last));
        self.last = x;
        x + self.distance
    }

    /// Whether there were `n` values.
    #[inline]
    pub(crate) fn is_warm(&self) -> bool {
        self.seen >= self.length as u64
    }

    fn seed(&mut self, x: f64) -> f64 {
        self.seen += 1;
        self.sum += x;
        if self.seen < self.length as u64 {
            return f64::NAN;
        }
        let mean = self.sum / self.length as f64;
        self.last = x;
        self.distance = mean - x;
        mean
    }
}

impl Kernel<1, 1> for Ema {
    fn warm_up(&self) -> [usize; 1] {
        [self.length - 1]
    }

    #[inline]
    fn step(&mut self, [x]: [f64; 1]) -> [f64; 1] {
        [self.next(x)]
    }

    /// Four values per turn of the recursion, which otherwise waits for itself:
    /// `d4 = b^4 d0 - (b^4 m1 + b^3 m2 + b^2 m3 + b m4)` for moves `m`, the bracket off the
    /// critical path.
    fn run(&mut self, [x]: [&[f64]; 1], [out]: [&mut [f64]; 1]) {
        let missing = (self.length as u64).saturating_sub(self.seen);
        let seed = usize::try_from(missing).unwrap_or(usize::MAX).min(x.len());
        for (out, x) in out.iter_mut().zip(&x[..seed]) {
            *out = self.next(*x);
        }
        let b = self.keep;
        let (b2, b3, b4) = (b * b, b * b * b, b * b * b * b);
        let (mut d, mut last) = (self.distance, self.last);
        let (blocks, rest) = x[seed..].as_chunks::<4>();
        let (outs, out_rest) = out[seed..].as_chunks_mut::<4>();
        for (out, x) in outs.iter_mut().zip(blocks) {
            let c1 = b * (x[0] - last);
            let c2 = b * (c1 + (x[1] - x[0]));
            let c3 = b * (c2 + (x[2] - x[1]));
            let c4 = b * (c3 + (x[3] - x[2]));
            *out = [
                x[0] + (b * d - c1),
                x[1] + (b2 * d - c2),
                x[2] + (b3 * d - c3),
                x[3] + (b4 * d - c4),
            ];
            d = b4 * d - c4;
            last = x[3];
        }
        for (out, x) in out_rest.iter_mut().zip(rest) {
            d = b * (d - (x - last));
            last = *x;
            *out = x + d;
        }
        self.distance = d;
        self.last = last;
    }
}

/// Rows that composed kernels pass from stage to stage at a time.
pub(crate) const STRETCH: usize = 256;

/// `N` EMAs of one length, each over the one before; outputs all of them.
#[derive(Debug, Clone)]
pub struct EmaCascade<const N: usize> {
    stages: [Ema; N],
}

impl<const N: usize> State for EmaCascade<N> {
    fn save(&self, writer: &mut Writer) {
        self.stages.save(writer);
    }

    fn load(&mut self, reader: &mut Reader<'_>) -> Result<(), FeatureError> {
        self.stages.load(reader)
    }
}

impl<const N: usize> EmaCascade<N> {
    /// Of `length` rows per stage.
    ///
    /// # Errors
    /// [`FeatureError::InvalidParameter`] for a length of 0.
    pub fn new(length: usize) -> Result<Self, FeatureError> {
        let stage = Ema::new(length)?;
        Ok(Self {
            stages: std::array::from_fn(|_| stage.clone()),
        })
    }

    /// All stages, `None` until the last has a value.
    #[inline]
    pub fn next(&mut self, x: f64) -> Option<[f64; N]> {
        let mut values = [f64::NAN; N];
        let mut input = x;
        for (stage, value) in self.stages.iter_mut().zip(&mut values) {
            input = stage.next(input);
            if input.is_nan() {
                return None;
            }
            *value = input;
        }
        Some(values)
    }

    /// Whether the last stage has given a value.
    fn is_warm(&self) -> bool {
        self.stages.last().is_none_or(Ema::is_warm)
    }

    /// Rows before the last stage has a value.
    pub fn warm_up(&self) -> usize {
        self.stages.iter().map(|stage| stage.length - 1).sum()
    }
}

/// A function of an EMA cascade: DEMA, TEMA, T3.
#[derive(Debug, Clone)]
pub struct OfCascade<G, const N: usize> {
    cascade: EmaCascade<N>,
    finish: G,
}

impl<G, const N: usize> OfCascade<G, N> {
    /// `finish` gets the stages in order.
    ///
    /// # Errors
    /// [`FeatureError::InvalidParameter`] for a length of 0.
    pub fn new(length: usize, finish: G) -> Result<Self, FeatureError> {
        Ok(Self {
            cascade: EmaCascade::new(length)?,
            finish,
        })
    }
}

/// Three stages of a warm cascade at each row; the values of [`Ema::next`], bit for bit.
fn run_abreast(stages: &mut [Ema; 3], x: &[f64], out: [&mut [f64]; 3]) {
    let mut state = stages.clone();
    let [first, second, third] = out;
    let outs = first.iter_mut().zip(second).zip(third);
    for (x, ((first, second), third)) in x.iter().zip(outs) {
        *first = state[0].next_warm(*x);
        *second = state[1].next_warm(*first);
        *third = state[2].next_warm(*second);
    }
    *stages = state;
}

impl<G, const N: usize> State for OfCascade<G, N> {
    fn save(&self, writer: &mut Writer) {
        self.cascade.save(writer);
    }

    fn load(&mut self, reader: &mut Reader<'_>) -> Result<(), FeatureError> {
        self.cascade.load(reader)
    }
}

impl<G, const N: usize> Kernel<1, 1> for OfCascade<G, N>
where
    G: Fn([f64; N]) -> f64 + Clone + Send + Sync + 'static,
{
    fn warm_up(&self) -> [usize; 1] {
        [self.cascade.warm_up()]
    }

    #[inline]
    fn step(&mut self, [x]: [f64; 1]) -> [f64; 1] {
        [self.cascade.next(x).map_or(f64::NAN, &self.finish)]
    }

    /// Over stretches that stay in the nearest cache: three stages row by row, where one is
    /// computed while the others wait for themselves, then the next three; what is left, each alone.
    fn run(&mut self, [x]: [&[f64]; 1], [out]: [&mut [f64]; 1]) {
        let mut head = 0;
        while head < x.len() && !self.cascade.is_warm() {
            [out[head]] = self.step([x[head]]);
            head += 1;
        }
        let mut buffers = [[0.0; STRETCH]; N];
        for (x, out) in x[head..]
            .chunks(STRETCH)
            .zip(out[head..].chunks_mut(STRETCH))
        {
            let mut input = x;
            let (threes, rest) = self.cascade.stages.as_chunks_mut::<3>();
            let (three_buffers, rest_buffers) = buffers.as_chunks_mut::<3>();
            for (three, buffers) in threes.iter_mut().zip(three_buffers) {
                let [first, second, third] = buffers.each_mut().map(|each| &mut each[..x.len()]);
                run_abreast(three, input, [first, second, &mut *third]);
                input = third;
            }
            for (stage, buffer) in rest.iter_mut().zip(rest_buffers) {
                let buffer = &mut buffer[..x.len()];
                stage.run([input], [&mut *buffer]);
                input = buffer;
            }
            for (at, out) in out.iter_mut().enumerate() {
                *out = (self.finish)(buffers.each_ref().map(|buffer| buffer[at]));
            }
        }
    }
}
