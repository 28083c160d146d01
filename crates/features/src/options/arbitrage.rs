//! Where SVI curves would let somebody make money for nothing, and the proof that they nowhere do.
//!
//! [`Svi::butterfly`] and [`Svi::calendar`] judge every strike from zero to infinity, not a grid: a
//! closed interval is free when a lower bound over the whole of it is not negative, otherwise it is
//! halved; both wings are bounded by their asymptotes. What is called free here has been shown to
//! be; where the bounds do not decide within their budget, the curve counts as not free. The fit of
//! [`super::surface`] accepts nothing else.

use super::svi::{Svi, grid};

/// How far from the money the first judged points reach, in log-moneyness.
const SAMPLED: f64 = 2.0;
/// Intervals looked at before a proof is given up.
const BUDGET: usize = 100_000;
/// Doublings of the place where a wing begins before its bound is given up.
const DOUBLINGS: i32 = 30;
/// How precisely the gap between two curves is known, in total variance.
pub(super) const RESOLUTION: f64 = 1e-10;

/// A place and what was found there.
type Found = (f64, f64);

impl Svi {
    /// Where [`Svi::density_factor`] is lowest, if it is negative anywhere; `None` has been shown for
    /// every strike. Together with wings no steeper than 2 (Lee 2004) that means call prices that fall
    /// and are convex in the strike.
    ///
    /// A value that comes closer to zero than can be told apart from it counts as negative, and
    /// what is given for it is the lower bound. Variance that is not positive and wings steeper than 2
    /// are given with their place: the lowest point, or infinity on the side of the wing.
    pub fn butterfly(&self) -> Option<(f64, f64)> {
        let (left, right) = self.wing_slopes();
        let steepest = left.max(right);
        if is_below(self.lowest(), f64::MIN_POSITIVE) {
            return Some((self.m, self.density_factor(self.m)));
        }
        if is_below(2.0, steepest) {
            let side = if left > right { -1.0 } else { 1.0 };
            return Some((side * f64::INFINITY, 0.25 - steepest * steepest / 16.0));
        }
        if self.b == 0.0 {
            // Black and Scholes: the normal density.
            return None;
        }
        let sampled = self
            .sampled(SAMPLED)
            .map(|k| (k, self.density_factor(k)))
            .filter(|(_, density)| is_below(*density, 0.0))
            .min_by(|a, b| a.1.total_cmp(&b.1));
        sampled.or_else(|| self.unproven_density())
    }

    /// The first interval on which the density could not be shown to be non-negative.
    fn unproven_density(&self) -> Option<Found> {
        let right = match self.density_wing() {
            Ok(from) => from,
            Err(found) => return Some(found),
        };
        let left = match self.mirrored().density_wing() {
            Ok(from) => -from,
            Err((k, bound)) => return Some((-k, bound)),
        };
        let mut open = vec![(left, right)];
        for _ in 0..BUDGET {
            let (from, to) = open.pop()?;
            let bound = self.least_density(from, to);
            if bound >= 0.0 {
                continue;
            }
            let middle = 0.5 * (from + to);
            let is_narrowest = middle <= from || middle >= to;
            if is_narrowest || is_below(self.density_factor(middle), 0.0) {
                return Some((middle, bound.min(self.density_factor(middle))));
            }
            open.push((from, middle));
            open.push((middle, to));
        }
        let (from, to) = open.pop()?;
        Some((0.5 * (from + to), self.least_density(from, to)))
    }

    /// A lower bound of the density factor over an interval, by interval arithmetic on its terms: slopes
    /// rise, variance is convex, curvature has one peak.
    fn least_density(&self, from: f64, to: f64) -> f64 {
        let (low, low_bend) = self.derivatives(from);
        let (high, high_bend) = self.derivatives(to);
        let (at_from, at_to) = (self.total_variance(from), self.total_variance(to));
        let most = at_from.max(at_to);
        let least = if low < 0.0 && high > 0.0 {
            self.lowest()
        } else {
            at_from.min(at_to)
        };
        let products = [from * low, from * high, to * low, to * high];
        let lowest = products.iter().copied().fold(f64::INFINITY, f64::min);
        let highest = products.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let share = |product: f64, largest: bool| {
            let variance = if (product >= 0.0) == largest {
                least
            } else {
                most
            };
            0.5 * product / variance
        };
        let tilted = least_square(1.0 - share(highest, true), 1.0 - share(lowest, false));
        let slope = low.abs().max(high.abs());
        tilted - 0.25 * slope * slope * (1.0 / least + 0.25) + 0.5 * low_bend.min(high_bend)
    }

    /// From where on to the right the density factor is shown to be non-negative; else the last place
    /// tried and the bound there.
    fn density_wing(&self) -> Result<f64, Found> {
        let (_, steepest) = self.wing_slopes();
        let start = (self.m + 4.0 * self.sigma).max(SAMPLED);
        let mut last = (start, f64::NEG_INFINITY);
        for doubling in 0..DOUBLINGS {
            let from = start * 2_f64.powi(doubling);
            let (slope, _) = self.derivatives(from);
            if slope <= 0.0 {
                continue;
            }
            let variance = self.total_variance(from);
            // k w' / 2 w lies between those of the flattest and the steepest line, each monotone in k.
            let here = 0.5 * from / variance;
            let low = slope * here.min(0.5 / steepest);
            let high = steepest * here.max(0.5 / slope);
            let tilted = least_square(1.0 - high, 1.0 - low);
            let bound = tilted - 0.25 * steepest * steepest * (1.0 / variance + 0.25);
            if bound >= 0.0 {
                return Ok(from);
            }
            last = (from, bound);
        }
        Err(last)
    }

    /// Where total variance falls below that of an earlier expiry, and by how much at most over all
    /// strikes: a calendar spread there costs less than nothing. `None` has been shown for every strike, to
    /// within 1e-10 of total variance. A wing flatter than before is given at infinity, with the
    /// difference of the slopes.
    pub fn calendar(&self, earlier: &Self) -> Option<(f64, f64)> {
        let ((left, right), (left_before, right_before)) =
            (self.wing_slopes(), earlier.wing_slopes());
        if is_below(left, left_before) {
            return Some((f64::NEG_INFINITY, left_before - left));
        }
        if is_below(right, right_before) {
            return Some((f64::INFINITY, right_before - right));
        }
        let over = Over {
            later: self,
            earlier,
        };
        let mirrored = Over {
            later: &self.mirrored(),
            earlier: &earlier.mirrored(),
        };
        let (to, far_right) = over.wing();
        let (from, far_left) = mirrored.wing();
        let (k, least) = [(to, far_right), (-from, far_left), over.least(-from, to)]
            .into_iter()
            .min_by(|a, b| a.1.total_cmp(&b.1))?;
        is_below(least, -RESOLUTION).then_some((k, -least))
    }

    /// The same curve seen in a mirror: left is right.
    fn mirrored(&self) -> Self {
        Self {
            rho: -self.rho,
            m: -self.m,
            ..*self
        }
    }

    /// Where the curve is sampled before anything is proven: on the grid, and around its turn (which may
    /// be far sharper than the grid is dense).
    pub(super) fn sampled(&self, reach: f64) -> impl Iterator<Item = f64> {
        let (m, sigma) = (self.m, self.sigma);
        let turn = (-24..=24).map(move |step| {
            let step = f64::from(step) / 4.0;
            m + sigma * step * step.abs()
        });
        grid(reach).chain(turn)
    }
}

/// How far one curve lies over another.
struct Over<'c> {
    later: &'c Svi,
    earlier: &'c Svi,
}

impl Over<'_> {
    fn at(&self, k: f64) -> f64 {
        self.later.total_variance(k) - self.earlier.total_variance(k)
    }

    /// A place to the right, beyond both turns, and a lower bound of the difference beyond it that is
    /// not negative, or as good as the bounds get. The wings are not flatter than before.
    fn wing(&self) -> Found {
        let (later, earlier) = (self.later, self.earlier);
        let start = (later.m + 4.0 * later.sigma)
            .max(earlier.m + 4.0 * earlier.sigma)
            .max(SAMPLED);
        let line = |curve: &Svi, k: f64| curve.a + curve.b * (curve.rho + 1.0) * (k - curve.m);
        let mut last = (start, f64::NEG_INFINITY);
        for doubling in 0..DOUBLINGS {
            let from = start * 2_f64.powi(doubling);
            // A hyperbola lies over its asymptote by less than sigma^2 / 2 (k - m).
            let above = 0.5 * earlier.b * earlier.sigma * earlier.sigma / (from - earlier.m);
            let bound = line(later, from) - line(earlier, from) - above;
            if bound > last.1 {
                last = (from, bound);
            }
            if bound >= 0.0 {
                break;
            }
        }
        last
    }

    /// A lower bound of the difference over an interval, no further than [`RESOLUTION`] from a value that it
    /// takes where it is negative, and where that is.
    fn least(&self, from: f64, to: f64) -> Found {
        let value = |k: f64| (k, self.at(k));
        let mut best = self
            .later
            .sampled(SAMPLED)
            .chain(self.earlier.sampled(SAMPLED))
            .chain([from, to])
            .filter(|k| (from..=to).contains(k))
            .map(value)
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .unwrap_or((from, f64::NEG_INFINITY));
        let mut open = vec![(value(from), value(to))];
        for _ in 0..BUDGET {
            let Some((left, right)) = open.pop() else {
                // Everything left out lies above this.
                return (
                    best.0,
                    (best.1 - RESOLUTION)
                        .min(0.0)
                        .max(best.1.min(0.0) - RESOLUTION),
                );
            };
            let bound = self.bound(left, right);
            if bound >= 0.0 || bound >= best.1 - RESOLUTION {
                continue;
            }
            let middle = value(0.5 * (left.0 + right.0));
            if middle.1 < best.1 {
                best = middle;
            }
            if middle.0 <= left.0 || middle.0 >= right.0 {
                return (middle.0, bound);
            }
            open.push((left, middle));
            open.push((middle, right));
        }
        open.iter()
            .map(|(left, right)| (left.0, self.bound(*left, *right)))
            .chain([best])
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .unwrap_or(best)
    }

    /// A lower bound between two places: the chord, less what the difference can sag below it.
    fn bound(&self, left: Found, right: Found) -> f64 {
        let (from, to) = (left.0, right.0);
        let peak = self.later.derivatives(self.later.m.clamp(from, to)).1;
        let trough = self
            .earlier
            .derivatives(from)
            .1
            .min(self.earlier.derivatives(to).1);
        let width = to - from;
        left.1.min(right.1) - (peak - trough).max(0.0) * width * width / 8.0
    }
}

/// Below the limit, or no number at all.
fn is_below(value: f64, limit: f64) -> bool {
    value.is_nan() || limit.is_nan() || value < limit
}

/// The least square of a number between two others.
fn least_square(low: f64, high: f64) -> f64 {
    if low <= 0.0 && high >= 0.0 {
        0.0
    } else {
        low.abs().min(high.abs()).powi(2)
    }
}
