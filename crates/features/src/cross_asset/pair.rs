//! The spread of a pair of symbols that belong together, and how far it is from its mean.
//!
//! Pairs trading (Gatev, Goetzmann and Rouwenhorst 2006) reads it: the spread is the residual of
//! ln(first) on ln(second) with constant, by least squares over the last n rows (Engle and Granger's
//! first step).

use crate::calculator::Kernel;
use crate::error::FeatureError;
use crate::parameter::window;
use crate::registry::{Build, Built, Definition};
use crate::rolling::{CoMoments, Window, ratio};
use crate::state_fields;

use super::relative::BASE;
use super::residual::Line;

pub(crate) const DEFINITIONS: &[Definition] = &[Definition {
    name: "pair_z",
    outputs: &["pair_z", "pair_hedge"],
    parameters: &[window("length", 3, 60)],
    description: "Distance of a pair's spread from its mean in standard deviations, and the hedge ratio: \
                  percent of the second that hedges one percent of the first.",
    convention: "Newest residual of ln(first) on ln(second) with constant over the last n rows, the row \
                 itself included, over the residuals' deviation (n - 2 degrees of freedom). Rows \
                 without two positive prices are skipped; missing while the second stands or the fit \
                 is exact.",
    build: Build::Series(|a| {
        Ok(Built::over_sources(
            a,
            PairSpread::new(a.length("length")?)?,
        ))
    }),
    ..BASE
}];

/// Inputs: the prices of the first and the second. Outputs: score and hedge ratio.
///
/// ```
/// use trader_features::{Streaming, cross_asset::pair::PairSpread};
///
/// let mut spread = Streaming::new(PairSpread::new(20)?);
/// let mut score = f64::NAN;
/// for day in 0..30 {
///     let second = 50.0 + f64::from(day % 7);
///     let first = second * if day == 29 { 2.2 } else { 2.0 + 0.01 * f64::from(day % 2) };
///     [score, _] = spread.commit([first, second]);
/// }
/// assert!(score > 3.0); // the first is dear
/// # Ok::<(), trader_features::FeatureError>(())
/// ```
#[derive(Debug, Clone)]
pub struct PairSpread {
    /// Rows are (ln second, ln first).
    window: Window<CoMoments, 2, 8>,
}

state_fields!(PairSpread { window });

impl PairSpread {
    /// Over `length` rows, at least 3.
    ///
    /// # Errors
    /// [`FeatureError::InvalidParameter`] for less.
    pub fn new(length: usize) -> Result<Self, FeatureError> {
        if length < 3 {
            return Err(FeatureError::InvalidParameter {
                feature: "pair_z".to_owned(),
                parameter: "length".to_owned(),
                reason: "must be at least 3".to_owned(),
            });
        }
        Ok(Self {
            window: Window::new(length),
        })
    }
}

impl Kernel<2, 2> for PairSpread {
    fn warm_up(&self) -> [usize; 2] {
        [self.window.length() - 1; 2]
    }

    #[inline]
    fn step(&mut self, [first, second]: [f64; 2]) -> [f64; 2] {
        if first <= 0.0 || second <= 0.0 {
            return [f64::NAN; 2];
        }
        let (x, y) = (second.ln(), first.ln());
        let Some(acc) = self.window.push([x, y]) else {
            return [f64::NAN; 2];
        };
        let line = Line::of(acc);
        [ratio(y - line.at(x), line.deviation), line.slope]
    }
}
