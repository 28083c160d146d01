//! One smile as a curve: Gatheral's raw SVI ("stochastic volatility inspired"). Where such curves would
//! let somebody make money for nothing is judged beside it ([`Svi::butterfly`], [`Svi::calendar`]).
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
