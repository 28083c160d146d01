//! What rolling windows fold their rows into: sums, levels, extremes, moments. Calculators name one
//! as the `F` of a [`super::Window`]; each says how its aggregate grows, joins and, where the data
//! allow it, is carried from row to row.

use super::{Fold, larger, smaller};
use crate::calculator::fill;
use crate::sliding::{self, SHORT_STRETCH, STRETCH};

/// Plain sums of each value.
#[derive(Debug, Clone)]
pub struct Sum;

impl<const N: usize> Fold<N, N> for Sum {
    const STRIDE: usize = STRETCH;

    fn slide<const O: usize>(
        rows: &[[f64; N]],
        length: usize,
        out: [&mut [f64]; O],
        finish: &mut impl FnMut([f64; N], [f64; N]) -> [f64; O],
    ) -> bool {
        sliding::sums(rows, length, [0.0; N], out, finish)
    }

    #[inline]
    fn start(row: [f64; N]) -> [f64; N] {
        row
    }

    #[inline]
    fn append(acc: [f64; N], row: [f64; N]) -> [f64; N] {
        std::array::from_fn(|i| acc[i] + row[i])
    }

    #[inline]
    fn prepend(row: [f64; N], acc: [f64; N]) -> [f64; N] {
        std::array::from_fn(|i| acc[i] + row[i])
    }

    #[inline]
    fn join(older: [f64; N], newer: [f64; N]) -> [f64; N] {
        std::array::from_fn(|i| older[i] + newer[i])
    }
    /// Four rows per dependent addition.
    #[inline]
    fn suffixes(rows: &[[f64; N]], suffixes: &mut [[f64; N]]) {
        let mut acc = [0.0; N];
        let (head, fours) = rows.as_rchunks::<4>();
        let (head_out, fours_out) = suffixes.as_rchunks_mut::<4>();
        for ([s0, s1, s2, s3], [x0, x1, x2, x3]) in fours_out.iter_mut().zip(fours).rev() {
            for i in 0..N {
                let two = x2[i] + x3[i];
                let three = x1[i] + two;
                s3[i] = acc[i] + x3[i];
                s2[i] = acc[i] + two;
                s1[i] = acc[i] + three;
                s0[i] = acc[i] + (x0[i] + three);
            }
            acc = *s0;
        }
        for (cell, row) in head_out.iter_mut().zip(head).rev() {
            acc = Self::append(acc, *row);
            *cell = acc;
        }
    }
}

/// Count, base, and sum of the distances from the base: a mean that is exact on constant rows.
#[derive(Debug, Clone)]
pub struct Level;

impl Level {
    /// The mean; `share` is 1/n.
    #[inline]
    pub(crate) fn mean([_, base, sum]: [f64; 3], share: f64) -> f64 {
        base + sum * share
    }
}

impl Fold<1, 3> for Level {
    const STRIDE: usize = STRETCH;

    fn slide<const O: usize>(
        rows: &[[f64; 1]],
        length: usize,
        out: [&mut [f64]; O],
        finish: &mut impl FnMut([f64; 3], [f64; 1]) -> [f64; O],
    ) -> bool {
        let [base] = rows[rows.len() / 2];
        let mut finish = |[sum]: [f64; 1], row| finish([length as f64, base, sum], row);
        sliding::sums(rows, length, [base], out, &mut finish)
    }

    #[inline]
    fn start([x]: [f64; 1]) -> [f64; 3] {
        [1.0, x, 0.0]
    }

    #[inline]
    fn append([n, base, sum]: [f64; 3], [x]: [f64; 1]) -> [f64; 3] {
        [n + 1.0, base, sum + (x - base)]
    }

    #[inline]
    fn prepend(row: [f64; 1], acc: [f64; 3]) -> [f64; 3] {
        Self::append(acc, row)
    }

    #[inline]
    fn join([n, base, sum]: [f64; 3], [m, other, more]: [f64; 3]) -> [f64; 3] {
        [n + m, base, sum + (more + m * (other - base))]
    }
}

/// Rows are (high, low); keeps the highest high and the lowest low.
#[derive(Debug, Clone)]
pub struct Extremes;

impl Fold<2, 2> for Extremes {
    #[inline]
    fn start(row: [f64; 2]) -> [f64; 2] {
        row
    }

    #[inline]
    fn append([high, low]: [f64; 2], row: [f64; 2]) -> [f64; 2] {
        [larger(high, row[0]), smaller(low, row[1])]
    }

    #[inline]
    fn prepend(row: [f64; 2], acc: [f64; 2]) -> [f64; 2] {
        Self::append(acc, row)
    }

    #[inline]
    fn join(older: [f64; 2], newer: [f64; 2]) -> [f64; 2] {
        Self::append(older, newer)
    }
}

/// Rows are (high, low, position); keeps the extremes and their positions, of equal ones the newest.
#[derive(Debug, Clone)]
pub struct LocatedExtremes;

impl Fold<3, 4> for LocatedExtremes {
    #[inline]
    fn start([high, low, position]: [f64; 3]) -> [f64; 4] {
        [high, position, low, position]
    }

    #[inline]
    fn append(acc: [f64; 4], row: [f64; 3]) -> [f64; 4] {
        Self::join(acc, Self::start(row))
    }

    #[inline]
    fn prepend(row: [f64; 3], acc: [f64; 4]) -> [f64; 4] {
        Self::join(Self::start(row), acc)
    }

    #[inline]
    fn join(older: [f64; 4], newer: [f64; 4]) -> [f64; 4] {
        let [high, high_at] = if newer[0] >= older[0] {
            [newer[0], newer[1]]
        } else {
            [older[0], older[1]]
        };
        let [low, low_at] = if newer[2] <= older[2] {
            [newer[2], newer[3]]
        } else {
            [older[2], older[3]]
        };
        [high, high_at, low, low_at]
    }
}

/// Count, base, sum and sum of squares of the distances from the base; see [`moments`].
#[derive(Debug, Clone)]
pub struct Moments;

impl Fold<1, 4> for Moments {
    const STRIDE: usize = STRETCH;

    fn slide<const O: usize>(
        rows: &[[f64; 1]],
        length: usize,
        out: [&mut [f64]; O],
        finish: &mut impl FnMut([f64; 4], [f64; 1]) -> [f64; O],
    ) -> bool {
        let mut sums = [[0.0; STRETCH]; 2];
        let Some(base) = sliding::moments(rows.as_flattened(), length, &mut sums) else {
            return false;
        };
        let [first, second] = sums.each_ref().map(|sums| &sums[..rows.len() - length]);
        let values = rows[length..].as_flattened();
        fill([first, second, values], out, |[first, second, x]| {
            finish([length as f64, base, first, second], [x])
        });
        true
    }

    #[inline]
    fn start([x]: [f64; 1]) -> [f64; 4] {
        [1.0, x, 0.0, 0.0]
    }

    #[inline]
    fn append([n, base, sum, squares]: [f64; 4], [x]: [f64; 1]) -> [f64; 4] {
        let d = x - base;
        [n + 1.0, base, sum + d, squares + d * d]
    }

    #[inline]
    fn prepend(row: [f64; 1], acc: [f64; 4]) -> [f64; 4] {
        Self::append(acc, row)
    }

    #[inline]
    fn join([n, base, sum, squares]: [f64; 4], newer: [f64; 4]) -> [f64; 4] {
        let [m, other, more, more_squares] = newer;
        let d = other - base;
        [
            n + m,
            base,
            sum + more + m * d,
            squares + more_squares + d * (2.0 * more + m * d),
        ]
    }
}

/// Mean and sum of squared deviations from it, of a [`Moments`] aggregate; `share` is 1/n.
#[inline]
pub fn moments([_, base, sum, squares]: [f64; 4], share: f64) -> (f64, f64) {
    let shift = sum * share;
    (base + shift, larger(squares - sum * shift, 0.0))
}

/// Rows weighted 1 (oldest) to n (newest): count, base, sum and weighted sum of the distances from
/// the base.
#[derive(Debug, Clone)]
pub struct Weighted;

impl Fold<1, 4> for Weighted {
    const STRIDE: usize = SHORT_STRETCH;

    fn slide<const O: usize>(
        rows: &[[f64; 1]],
        length: usize,
        out: [&mut [f64]; O],
        finish: &mut impl FnMut([f64; 4], [f64; 1]) -> [f64; O],
    ) -> bool {
        let mut sums = [[0.0; SHORT_STRETCH]; 2];
        let Some(base) = sliding::weighted(rows, length, &mut sums) else {
            return false;
        };
        let [sums, weighted] = sums.each_ref().map(|sums| &sums[..rows.len() - length]);
        let values = rows[length..].as_flattened();
        fill([sums, weighted, values], out, |[sum, weighted, x]| {
            finish([length as f64, base, sum, weighted], [x])
        });
        true
    }

    #[inline]
    fn start([x]: [f64; 1]) -> [f64; 4] {
        [1.0, x, 0.0, 0.0]
    }

    #[inline]
    fn append([n, base, sum, weighted]: [f64; 4], [x]: [f64; 1]) -> [f64; 4] {
        let d = x - base;
        [n + 1.0, base, sum + d, weighted + (n + 1.0) * d]
    }

    #[inline]
    fn prepend([x]: [f64; 1], [n, base, sum, weighted]: [f64; 4]) -> [f64; 4] {
        let sum = sum + (x - base);
        [n + 1.0, base, sum, weighted + sum]
    }

    #[inline]
    fn join([n, base, sum, weighted]: [f64; 4], [m, other, s, w]: [f64; 4]) -> [f64; 4] {
        let d = other - base;
        let (s, w) = (s + m * d, w + 0.5 * m * (m + 1.0) * d);
        [n + m, base, sum + s, weighted + w + n * s]
    }
}

/// Rows are (x, y): count, two bases, sums, squares and products of the distances from them.
#[derive(Debug, Clone)]
pub struct CoMoments;

impl Fold<2, 8> for CoMoments {
    const STRIDE: usize = STRETCH;

    fn slide<const O: usize>(
        rows: &[[f64; 2]],
        length: usize,
        mut out: [&mut [f64]; O],
        finish: &mut impl FnMut([f64; 8], [f64; 2]) -> [f64; O],
    ) -> bool {
        let mut sums = [[0.0; STRETCH]; 5];
        let Some([bx, by]) = sliding::co_moments(rows, length, &mut sums) else {
            return false;
        };
        let n = length as f64;
        for (at, row) in rows[length..].iter().enumerate() {
            let [sx, sy, xx, yy, xy] = sums.each_ref().map(|sums| sums[at]);
            let values = finish([n, bx, by, sx, sy, xx, yy, xy], *row);
            for (column, value) in out.iter_mut().zip(values) {
                column[at] = value;
            }
        }
        true
    }

    #[inline]
    fn start([x, y]: [f64; 2]) -> [f64; 8] {
        [1.0, x, y, 0.0, 0.0, 0.0, 0.0, 0.0]
    }

    #[inline]
    fn append([n, bx, by, sx, sy, xx, yy, xy]: [f64; 8], [x, y]: [f64; 2]) -> [f64; 8] {
        let (dx, dy) = (x - bx, y - by);
        [
            n + 1.0,
            bx,
            by,
            sx + dx,
            sy + dy,
            xx + dx * dx,
            yy + dy * dy,
            xy + dx * dy,
        ]
    }

    #[inline]
    fn prepend(row: [f64; 2], acc: [f64; 8]) -> [f64; 8] {
        Self::append(acc, row)
    }

    #[inline]
    fn join([n, bx, by, sx, sy, xx, yy, xy]: [f64; 8], newer: [f64; 8]) -> [f64; 8] {
        let [m, ox, oy, tx, ty, uxx, uyy, uxy] = newer;
        let (dx, dy) = (ox - bx, oy - by);
        [
            n + m,
            bx,
            by,
            sx + tx + m * dx,
            sy + ty + m * dy,
            xx + uxx + dx * (2.0 * tx + m * dx),
            yy + uyy + dy * (2.0 * ty + m * dy),
            xy + uxy + dx * ty + dy * tx + m * dx * dy,
        ]
    }
}

/// Sums of squared deviations of x and of y and of their product, of a [`CoMoments`] aggregate.
#[inline]
pub fn co_moments([n, _, _, sx, sy, xx, yy, xy]: [f64; 8]) -> [f64; 3] {
    let share = 1.0 / n;
    [
        larger(xx - sx * sx * share, 0.0),
        larger(yy - sy * sy * share, 0.0),
        xy - sx * sy * share,
    ]
}
