//! True range and its Wilder average.

use crate::calculator::Kernel;
use crate::compose::Chain;
use crate::error::FeatureError;
use crate::rolling::larger;
use crate::snapshot::{Reader, State, Writer};
use crate::state_fields;
use crate::trend::Ema;

/// The largest of high - low and the distances of both from the last close.
#[inline]
pub(crate) fn true_range([high, low, _]: [f64; 3], last_close: f64) -> f64 {
    larger(
        larger(high - low, (high - last_close).abs()),
        (low - last_close).abs(),
    )
}

/// Inputs (high, low, close). The first row has no last close and gives nothing (TA-Lib).
#[derive(Debug, Clone)]
pub struct TrueRange {
    last: f64,
}

state_fields!(TrueRange { last });

impl TrueRange {
    /// Before the first row.
    pub fn new() -> Self {
        Self { last: f64::NAN }
    }
}

impl Default for TrueRange {
    fn default() -> Self {
        Self::new()
    }
}

impl Kernel<3, 1> for TrueRange {
    const RUNS_FIRST: bool = true;

    fn warm_up(&self) -> [usize; 1] {
        [1]
    }

    #[inline]
    fn step(&mut self, bar: [f64; 3]) -> [f64; 1] {
        let last = std::mem::replace(&mut self.last, bar[2]);
        [if last.is_nan() {
            f64::NAN
        } else {
            true_range(bar, last)
        }]
    }

    fn run(&mut self, [high, low, close]: [&[f64]; 3], [out]: [&mut [f64]; 1]) {
        let (Some(first), Some(last)) = (close.first(), close.last()) else {
            return;
        };
        [out[0]] = self.step([high[0], low[0], *first]);
        let bars = high.iter().zip(low).zip(close).skip(1);
        for ((out, ((high, low), close)), last) in out[1..].iter_mut().zip(bars).zip(close) {
            *out = true_range([*high, *low, *close], *last);
        }
        self.last = *last;
    }
}

/// Average true range: inputs (high, low, close), Wilder's average of the true range, seeded with
/// the mean of the first `n`.
#[derive(Debug, Clone)]
pub struct Atr {
    chain: Chain<TrueRange, Ema>,
}

impl State for Atr {
    fn save(&self, writer: &mut Writer) {
        self.chain.save(writer);
    }

    fn load(&mut self, reader: &mut Reader<'_>) -> Result<(), FeatureError> {
        self.chain.load(reader)
    }
}

impl Atr {
    /// Over `length` rows.
    ///
    /// # Errors
    /// [`FeatureError::InvalidParameter`] for a length of 0.
    pub fn new(length: usize) -> Result<Self, FeatureError> {
        Ok(Self {
            chain: Chain::new(TrueRange::new(), Ema::wilder(length)?),
        })
    }
}

impl Kernel<3, 1> for Atr {
    const RUNS_FIRST: bool = true;

    fn warm_up(&self) -> [usize; 1] {
        self.chain.warm_up()
    }

    #[inline]
    fn step(&mut self, bar: [f64; 3]) -> [f64; 1] {
        self.chain.step(bar)
    }

    fn run(&mut self, columns: [&[f64]; 3], out: [&mut [f64]; 1]) {
        self.chain.run(columns, out);
    }
}
