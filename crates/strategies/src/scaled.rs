//! A streaming calculator that goes on over splits: later prices are brought to the scale of the
//! first one, and every rule here compares prices only with each other.

use trader_domain::Price;
use trader_engine::RestoreError;
use trader_features::{Calculator, Kernel, Streaming};

/// A calculator with the factor that splits have made of its prices.
#[derive(Debug, Clone)]
pub(crate) struct Scaled<K: Kernel<I, O>, const I: usize, const O: usize> {
    inner: Streaming<K, I, O>,
    scale: f64,
}

/// What is saved: the calculator's words and the factor.
pub(crate) type SavedScaled = (Vec<u64>, f64);

impl<K: Kernel<I, O>, const I: usize, const O: usize> Scaled<K, I, O> {
    pub(crate) fn new(kernel: K) -> Self {
        Self {
            inner: Streaming::new(kernel),
            scale: 1.0,
        }
    }

    /// A price on the scale of the first one.
    pub(crate) fn scaled(&self, price: Price) -> f64 {
        price.to_f64_lossy() * self.scale
    }

    /// Takes one row of prices; outputs are NaN while warming up.
    pub(crate) fn next(&mut self, prices: [Price; I]) -> [f64; O] {
        self.inner.commit(prices.map(|price| self.scaled(price)))
    }

    pub(crate) fn split(&mut self, to: u32, from: u32) {
        self.scale *= f64::from(to) / f64::from(from.max(1));
    }

    pub(crate) fn save(&self) -> SavedScaled {
        (self.inner.save(), self.scale)
    }

    pub(crate) fn load(&mut self, (words, scale): SavedScaled) -> Result<(), RestoreError> {
        self.inner.load(&words).map_err(|error| RestoreError {
            reason: error.to_string(),
        })?;
        self.scale = scale;
        Ok(())
    }
}
