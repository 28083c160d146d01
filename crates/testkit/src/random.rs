//! A seeded generator: xoshiro256++ (Blackman and Vigna, 2019), seeded through splitmix64.
//!
//! Not for secrets. Its sequence is part of the meaning of a seed in a bug report, so it never
//! changes.

/// A stream of pseudo-random numbers that depends on the seed alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Random([u64; 4]);

impl Random {
    /// The stream of this seed.
    pub fn from_seed(seed: u64) -> Self {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        };
        Self([next(), next(), next(), next()])
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        let [a, b, c, d] = self.0;
        let result = a.wrapping_add(d).rotate_left(23).wrapping_add(a);
        let (c, d) = (c ^ a, d ^ b);
        self.0 = [a ^ d, b ^ c, c ^ (b << 17), d.rotate_left(45)];
        result
    }

    /// A number below `bound`, without bias (Lemire 2019); 0 for a bound of 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 {
            return 0;
        }
        let threshold = bound.wrapping_neg() % bound;
        loop {
            let product = u128::from(self.next_u64()) * u128::from(bound);
            if low_half(product) >= threshold {
                return low_half(product >> 64);
            }
        }
    }

    /// A position in something of this length; 0 for a length of 0.
    pub fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or(0)
    }

    /// An integer from `low` to `high`, both included.
    ///
    /// # Panics
    /// When `low` is above `high`.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        assert!(low <= high, "an empty range: {low} to {high}");
        let width = high.abs_diff(low);
        let offset = if width == u64::MAX {
            self.next_u64()
        } else {
            self.below(width + 1)
        };
        low.wrapping_add_unsigned(offset)
    }

    /// True once in `times`.
    pub fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// A normal deviate times 65,536: the sum of twelve uniform ones, so within six deviations.
    pub fn normal_65536(&mut self) -> i64 {
        let mut sum: i64 = 0;
        for _ in 0..3 {
            let bits = self.next_u64();
            let quarters = bits.to_le_bytes();
            for quarter in quarters.chunks_exact(2) {
                sum += i64::from(quarter[0]) | i64::from(quarter[1]) << 8;
            }
        }
        sum - 6 * 65_536
    }
}

fn low_half(wide: u128) -> u64 {
    u64::try_from(wide & u128::from(u64::MAX)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The state {1, 2, 3, 4} of the reference implementation (prng.di.unimi.it, xoshiro256plusplus.c),
    /// with the values that `rand_xoshiro` tests against.
    #[test]
    fn gives_the_reference_sequence() {
        let mut random = Random([1, 2, 3, 4]);
        let first: Vec<u64> = (0..4).map(|_| random.next_u64()).collect();
        assert_eq!(
            first,
            [
                41_943_041,
                58_720_359,
                3_588_806_011_781_223,
                3_591_011_842_654_386
            ]
        );
    }

    #[test]
    fn keeps_within_bounds_and_reaches_both_ends() {
        let mut random = Random::from_seed(3);
        let drawn: Vec<i64> = (0..1_000).map(|_| random.between(-2, 2)).collect();
        assert_eq!(drawn.iter().min(), Some(&-2));
        assert_eq!(drawn.iter().max(), Some(&2));
        assert_eq!(random.between(i64::MAX, i64::MAX), i64::MAX);
        random.between(i64::MIN, i64::MAX);
        assert_eq!((random.below(0), random.below(1)), (0, 0));
    }

    #[test]
    fn normal_deviates_have_mean_zero_and_deviation_one() {
        let mut random = Random::from_seed(5);
        let count = 100_000_i64;
        let drawn: Vec<i64> = (0..count).map(|_| random.normal_65536()).collect();
        let mean = drawn.iter().sum::<i64>() / count;
        let variance = drawn.iter().map(|x| (x - mean) * (x - mean)).sum::<i64>() / count;
        assert!(mean.abs() < 1_000, "{mean}");
        assert!(
            (variance - 65_536 * 65_536).abs() < 65_536 * 655,
            "{variance}"
        );
    }
}
