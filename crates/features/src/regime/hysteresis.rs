//! Bands with hysteresis: a state begins at one level of a measure and ends at another, so that a
//! measure that wavers around a threshold does not flip the state at every row.

use crate::calculator::Kernel;
use crate::error::FeatureError;
use crate::parameter::Arguments;
use crate::state_fields;

/// A band of a measure that has no upper end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// The state begins at or above this level.
    pub enter: f64,
    /// It ends below this one, which is lower than `enter`.
    pub leave: f64,
}

impl Band {
    /// Whether the measure is in the band, after it was (`inside`) or was not.
    #[inline]
    pub fn holds(&self, measure: f64, inside: bool) -> bool {
        measure >= if inside { self.leave } else { self.enter }
    }

    /// How sure it is that the measure is in the band (or is not): its distance from the level at
    /// which that would change, over twice the distance of the two levels, at most 1. So 1/2 where the
    /// band has just been entered or left, 0 where it is about to be left or entered.
    #[inline]
    pub fn confidence(&self, measure: f64, inside: bool) -> f64 {
        let distance = if inside {
            measure - self.leave
        } else {
            self.enter - measure
        };
        (distance / (2.0 * (self.enter - self.leave))).clamp(0.0, 1.0)
    }
}

/// Input: a measure. Outputs: 1 in the upper band, -1 in the lower one, else 0; and the confidence,
/// between the bands that of the nearer one.
#[derive(Debug, Clone)]
pub struct Bands {
    high: Band,
    /// Of the measure with its sign turned.
    low: Band,
    state: f64,
}

state_fields!(Bands { state });

impl Bands {
    /// An upper band, and a lower one as a band of the measure with its sign turned. They must not
    /// overlap.
    ///
    /// # Errors
    /// [`FeatureError::InvalidParameter`] when a band is left at or above the level at which it is
    /// entered, or the bands overlap.
    pub fn new(high: Band, low: Band) -> Result<Self, FeatureError> {
        let reject = |parameter: &str, reason: &str| FeatureError::InvalidParameter {
            feature: "bands".to_owned(),
            parameter: parameter.to_owned(),
            reason: reason.to_owned(),
        };
        for (name, band) in [("high", high), ("low", low)] {
            if !(band.leave < band.enter && band.enter.is_finite() && band.leave.is_finite()) {
                return Err(reject(
                    name,
                    "must be left below the level at which it is entered",
                ));
            }
        }
        if high.leave < -low.leave {
            return Err(reject("low", "overlaps the upper band"));
        }
        Ok(Self {
            high,
            low,
            state: 0.0,
        })
    }

    /// Takes a measure in.
    #[inline]
    pub fn next(&mut self, measure: f64) -> [f64; 2] {
        let high = self.high.holds(measure, self.state > 0.0);
        let low = self.low.holds(-measure, self.state < 0.0);
        self.state = f64::from(i8::from(high) - i8::from(low));
        let confidence = if high {
            self.high.confidence(measure, true)
        } else if low {
            self.low.confidence(-measure, true)
        } else {
            let below = self.high.confidence(measure, false);
            below.min(self.low.confidence(-measure, false))
        };
        [self.state, confidence]
    }
}

impl Kernel<1, 2> for Bands {
    fn warm_up(&self) -> [usize; 2] {
        [0; 2]
    }

    #[inline]
    fn step(&mut self, [measure]: [f64; 1]) -> [f64; 2] {
        self.next(measure)
    }
}

/// Bands of a percentile from the parameters `high`, `low` and `margin`.
pub(crate) fn percentile_bands(a: &Arguments) -> Result<Bands, FeatureError> {
    let level = |name: &str| a.length(name).map(|level| level as f64);
    let (high, low, margin) = (level("high")?, level("low")?, level("margin")?);
    let bands = Bands::new(
        Band {
            enter: high,
            leave: high - margin,
        },
        Band {
            enter: -low,
            leave: -low - margin,
        },
    );
    bands.map_err(|_overlap| {
        let levels = format!("is {margin}: {low} and {high} must stay apart by twice as much");
        a.reject("margin", levels)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bands() -> Bands {
        let band = Band {
            enter: 80.0,
            leave: 70.0,
        };
        let low = Band {
            enter: -20.0,
            leave: -30.0,
        };
        Bands::new(band, low).unwrap()
    }

    #[test]
    fn a_state_ends_later_than_it_begins() {
        let mut bands = bands();
        let states: Vec<f64> = [
            50.0, 79.0, 80.0, 71.0, 69.0, 75.0, 20.0, 29.0, 31.0, 25.0, 90.0,
        ]
        .map(|measure| bands.next(measure)[0])
        .to_vec();
        assert_eq!(
            states,
            [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, -1.0, -1.0, 0.0, 0.0, 1.0]
        );
    }

    #[test]
    fn confidence_is_a_half_at_the_threshold_and_grows_beyond() {
        let mut bands = bands();
        assert_eq!(bands.next(50.0), [0.0, 1.0]);
        assert_eq!(bands.next(79.999)[1].round(), 0.0);
        assert_eq!(bands.next(80.0), [1.0, 0.5]);
        assert_eq!(bands.next(90.0), [1.0, 1.0]);
        assert_eq!(bands.next(70.0), [1.0, 0.0]);
        assert_eq!(bands.next(0.0), [-1.0, 1.0]);
    }

    #[test]
    fn bands_that_overlap_are_refused() {
        let band = |enter, leave| Band { enter, leave };
        assert!(Bands::new(band(5.0, 5.0), band(5.0, 4.0)).is_err());
        assert!(Bands::new(band(5.0, -5.0), band(5.0, 4.0)).is_err());
        assert!(Bands::new(band(f64::NAN, 1.0), band(5.0, 4.0)).is_err());
    }
}
