//! Exponential smoothing: EMA, Wilder's average, and cascades of them.

use crate::calculator::Kernel;
use crate::error::FeatureError;
use crate::parameter::require_length;
use crate::snapshot::{Reader, State, Writer};
use crate::state_fields;

/// `y += a * (x - y)`, seeded with the mean of the first `n` values (TA-Lib's convention).
#[derive(Debug, Clone)]
pub struct Ema {
    length: usize,
    alpha: f64,
    seen: u64,
    sum: f64,
    value: f64,
}

state_fields!(Ema { seen, sum, value });

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
            alpha,
            seen: 0,
            sum: 0.0,
            value: 0.0,
        }
    }

    /// Consumes a value; NaN until there are `n`.
    #[inline]
    pub fn next(&mut self, x: f64) -> f64 {
        if self.seen >= self.length as u64 {
            self.value = (1.0 - self.alpha) * self.value + self.alpha * x;
            return self.value;
        }
        self.seen += 1;
        self.sum += x;
        if self.seen < self.length as u64 {
            return f64::NAN;
        }
        self.value = self.sum / self.length as f64;
        self.value
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
    /// `y4 = b^4 y0 + (b^3 a x1 + b^2 a x2 + b a x3 + a x4)` with the bracket off the critical path.
    fn batch(&self, [x]: [&[f64]; 1], [out]: [&mut [f64]; 1]) {
        let seed = self.length.min(x.len());
        let mut kernel = self.clone();
        for (out, x) in out.iter_mut().zip(&x[..seed]) {
            *out = kernel.next(*x);
        }
        let (a, b) = (self.alpha, 1.0 - self.alpha);
        let (b2, b4) = (b * b, b * b * b * b);
        let mut y = kernel.value;
        let (blocks, rest) = x[seed..].as_chunks::<4>();
        let (outs, out_rest) = out[seed..].as_chunks_mut::<4>();
        for (out, x) in outs.iter_mut().zip(blocks) {
            let c1 = a * x[0];
            let c2 = b * c1 + a * x[1];
            let c3 = b * c2 + a * x[2];
            let c4 = b * c3 + a * x[3];
            *out = [b * y + c1, b2 * y + c2, b2 * b * y + c3, b4 * y + c4];
            y = out[3];
        }
        for (out, x) in out_rest.iter_mut().zip(rest) {
            y = b * y + a * x;
            *out = y;
        }
    }
}

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
}
