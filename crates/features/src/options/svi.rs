//! One smile as a curve: Gatheral's raw SVI ("stochastic volatility inspired"), and where it would
//! let somebody make money for nothing.
//!
//! Total implied variance over log-moneyness k = ln(K / F):
//! w(k) = a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2)) (Gatheral 2004; Gatheral and Jacquier 2014,
//! "Arbitrage-free SVI volatility surfaces").

/// Raw SVI parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Svi {
    /// Level.
    pub a: f64,
    /// Slope of the wings; not negative.
    pub b: f64,
    /// Tilt, between -1 and 1.
    pub rho: f64,
    /// Where the smile turns.
    pub m: f64,
    /// How roundly it turns; positive.
    pub sigma: f64,
}

impl Svi {
    /// Total variance (volatility squared times years) at a log-moneyness.
    #[inline]
    pub fn total_variance(&self, k: f64) -> f64 {
        let x = k - self.m;
        self.a + self.b * (self.rho * x + x.hypot(self.sigma))
    }

    /// First and second derivative by log-moneyness.
    #[inline]
    pub fn derivatives(&self, k: f64) -> (f64, f64) {
        let x = k - self.m;
        let root = x.hypot(self.sigma);
        (
            self.b * (self.rho + x / root),
            self.b * self.sigma * self.sigma / (root * root * root),
        )
    }

    /// Durrleman's function: the density of the underlying at expiry over a positive factor. Where it
    /// is negative, a butterfly of options costs less than nothing.
    #[inline]
    pub fn density_factor(&self, k: f64) -> f64 {
        let w = self.total_variance(k);
        let (first, second) = self.derivatives(k);
        let tilted = 1.0 - 0.5 * k * first / w;
        tilted * tilted - 0.25 * first * first * (1.0 / w + 0.25) + 0.5 * second
    }

    /// Slopes of total variance far to the left (taken positive) and far to the right.
    pub fn wing_slopes(&self) -> (f64, f64) {
        (self.b * (1.0 - self.rho), self.b * (1.0 + self.rho))
    }

    /// The smallest total variance.
    pub fn lowest(&self) -> f64 {
        self.a + self.b * self.sigma * (1.0 - self.rho * self.rho).sqrt()
    }

    /// The most negative [`Svi::density_factor`] within `reach` of the money and where it is; `None`
    /// when there is none below zero, variance is positive, and the wings are no steeper than 2 (Lee
    /// 2004). Looked at are `Svi::judged`, far beyond the reach too: what is convex within it could
    /// still have prices that rise with the strike.
    pub fn butterfly(&self, reach: f64) -> Option<(f64, f64)> {
        let (left, right) = self.wing_slopes();
        if self.lowest() <= 0.0 || left > 2.0 || right > 2.0 {
            let k = if left > right { -reach } else { reach };
            return Some((k, self.density_factor(k)));
        }
        let mut points: Vec<f64> = self.judged(reach).collect();
        points.sort_unstable_by(f64::total_cmp);
        let densities: Vec<f64> = points.iter().map(|k| self.density_factor(*k)).collect();
        let lowest = points
            .windows(3)
            .zip(densities.windows(3))
            .filter_map(|(k, density)| {
                let ([from, _, to], [left, here, right]) = (k, density) else {
                    return None;
                };
                (here <= left && here <= right).then(|| self.least_density(*from, *to))
            });
        let judged = points.iter().copied().zip(densities.iter().copied());
        lowest
            .chain(judged)
            .filter(|(_, density)| *density < 0.0)
            .min_by(|a, b| a.1.total_cmp(&b.1))
    }

    /// The lowest [`Svi::density_factor`] between two points around a valley, by thirds: what dips below zero only
    /// between the points that are judged is found too.
    fn least_density(&self, mut from: f64, mut to: f64) -> (f64, f64) {
        for _ in 0..60 {
            let third = (to - from) / 3.0;
            let (a, b) = (from + third, to - third);
            if self.density_factor(a) < self.density_factor(b) {
                to = b;
            } else {
                from = a;
            }
        }
        let k = 0.5 * (from + to);
        (k, self.density_factor(k))
    }

    /// Where the curve is judged: on the grid, around its turn (which may be far sharper than the grid
    /// is dense), and out to twenty times the reach.
    pub(super) fn judged(&self, reach: f64) -> impl Iterator<Item = f64> {
        let (m, sigma) = (self.m, self.sigma);
        let turn = (-24..=24).map(move |step| {
            let step = f64::from(step) / 4.0;
            m + sigma * step * step.abs()
        });
        let wings = (1..=40).flat_map(move |step| {
            let far = reach * 1.08_f64.powi(step);
            [-far, far]
        });
        grid(reach).chain(turn).chain(wings)
    }

    /// Where, within `reach` of the money or in the wings, total variance falls below that of an
    /// earlier expiry, and by how much at most: a calendar spread there costs less than nothing.
    pub fn calendar(&self, earlier: &Self, reach: f64) -> Option<(f64, f64)> {
        let ((left, right), (left_before, right_before)) =
            (self.wing_slopes(), earlier.wing_slopes());
        let gap = |k: f64| (k, earlier.total_variance(k) - self.total_variance(k));
        let worst = grid(reach)
            .map(gap)
            .filter(|(_, gap)| *gap > 0.0)
            .max_by(|a, b| a.1.total_cmp(&b.1));
        let slack = 1e-12;
        worst
            .or_else(|| (left + slack < left_before).then_some((-reach, left_before - left)))
            .or_else(|| (right + slack < right_before).then_some((reach, right_before - right)))
    }
}

/// Points on which smiles are judged: dense at the money, out to `reach` on both sides.
pub(super) fn grid(reach: f64) -> impl Iterator<Item = f64> {
    const HALF: i32 = 200;
    (-HALF..=HALF).map(move |step| {
        let share = f64::from(step) / f64::from(HALF);
        // Half of the points lie within a quarter of the reach.
        reach * share * (0.5 * share.abs() + 0.5 * share * share + 0.01) / 1.01
    })
}
