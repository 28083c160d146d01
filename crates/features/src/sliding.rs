//! Rolling sums carried from row to row, where the data let it be done without loss.
//!
//! Adding the newest row and subtracting the oldest is the fastest way to a rolling sum, and the
//! one that keeps the rounding error of every value it ever met. Here it is used only over short
//! stretches, each started afresh from its own first window, and only when a look at the stretch
//! proves that what is left behind stays below the last digits: otherwise the caller,
//! [`crate::rolling::Window`], takes its blocks. Four rows at a time, so that the processor does not
//! wait for one addition to start the next.

use crate::rolling::{larger, smaller};

/// Rows after which a sum is started afresh.
pub(crate) const STRETCH: usize = 512;

/// The same where roundings grow faster; see [`weighted`].
pub(crate) const SHORT_STRETCH: usize = 64;

/// How far apart, as a factor, the sums of a stretch may lie; see [`sums`].
const EVEN: f64 = 1e4;

/// How far apart, as a factor, the values of a stretch may lie for [`weighted`].
const CLOSE: f64 = 100.0;

/// Sum of the distances from `base`, in eight lanes.
fn sum<const N: usize>(rows: &[[f64; N]], base: [f64; N]) -> [f64; N] {
    let (eights, rest) = rows.as_chunks::<8>();
    let mut lanes = [[0.0; N]; 8];
    for eight in eights {
        for (lane, row) in lanes.iter_mut().zip(eight) {
            for index in 0..N {
                lane[index] += row[index] - base[index];
            }
        }
    }
    for (lane, row) in lanes.iter_mut().zip(rest) {
        for index in 0..N {
            lane[index] += row[index] - base[index];
        }
    }
    std::array::from_fn(|index| lanes.iter().map(|lane| lane[index]).sum())
}

/// What `finish` makes of the sums of the distances from `base` over the windows of `length` rows
/// that end in each row after the first `length`.
///
/// False, with anything in `out`, unless all values are positive or zero and no sum (of the values
/// themselves) is below a ten-thousandth of another: each value is then no larger than a sum it was
/// in, and the roundings of a stretch stay below 1e-9 of every sum (in practice below 1e-12).
pub(crate) fn sums<const N: usize, const O: usize>(
    rows: &[[f64; N]],
    length: usize,
    base: [f64; N],
    out: [&mut [f64]; O],
    finish: &mut impl FnMut([f64; N], [f64; N]) -> [f64; O],
) -> bool {
    let first = &rows[..length];
    let total = sum(first, base);
    // Where the values are even, so are their sums, and nobody has to look at each.
    if are_even(rows, EVEN) {
        carried(rows, length, total, out, finish, |_, _, _| ());
        return true;
    }
    if !first.as_flattened().iter().all(|value| *value >= 0.0) {
        return false;
    }
    let level = base.map(|base| base * length as f64);
    let whole = |sums: [f64; N]| -> [f64; N] { std::array::from_fn(|i| level[i] + sums[i]) };
    let mut range = Range::of(whole(total));
    carried(rows, length, total, out, finish, |lane, row, sums| {
        range.take(lane, row, whole(sums));
    });
    range.is_even()
}

/// Carries `total`, the sum of the first `length` rows, on through the others; `look` sees each row
/// and the sum after it, and which of four lanes it is in.
#[inline]
fn carried<const N: usize, const O: usize>(
    rows: &[[f64; N]],
    length: usize,
    mut total: [f64; N],
    mut out: [&mut [f64]; O],
    finish: &mut impl FnMut([f64; N], [f64; N]) -> [f64; O],
    mut look: impl FnMut(usize, [f64; N], [f64; N]),
) {
    let count = rows.len() - length;
    let (new, new_rest) = rows[length..].as_chunks::<4>();
    let (old, old_rest) = rows[..count].as_chunks::<4>();
    let mut fours = out
        .each_mut()
        .map(|column| column[..count].as_chunks_mut::<4>().0);
    for (at, (new, old)) in new.iter().zip(old).enumerate() {
        let moves: [[f64; N]; 4] = std::array::from_fn(|row| less(new[row], old[row]));
        let sums = carry(&mut total, moves);
        for row in 0..4 {
            look(row, new[row], sums[row]);
            for (column, value) in fours.iter_mut().zip(finish(sums[row], new[row])) {
                column[at][row] = value;
            }
        }
    }
    let rest = count - new_rest.len();
    for (at, (new, old)) in new_rest.iter().zip(old_rest).enumerate() {
        total = plus(total, less(*new, *old));
        look(0, *new, total);
        for (column, value) in out.iter_mut().zip(finish(total, *new)) {
            column[rest + at] = value;
        }
    }
}

/// Whether all values are positive and none is more than `factor` times another in its column.
fn are_even<const N: usize>(rows: &[[f64; N]], factor: f64) -> bool {
    let (fours, rest) = rows.as_chunks::<4>();
    let Some(first) = rows.first() else {
        return true;
    };
    let (mut least, mut most) = ([*first; 4], [*first; 4]);
    for four in fours {
        for lane in 0..4 {
            for index in 0..N {
                let value = four[lane][index];
                least[lane][index] = smaller(value, least[lane][index]);
                most[lane][index] = larger(value, most[lane][index]);
            }
        }
    }
    for row in rest {
        for index in 0..N {
            least[0][index] = smaller(row[index], least[0][index]);
            most[0][index] = larger(row[index], most[0][index]);
        }
    }
    (0..N).all(|index| {
        let least = least.iter().fold(f64::INFINITY, |a, b| a.min(b[index]));
        let most = most.iter().fold(0.0, |a: f64, b| a.max(b[index]));
        least > 0.0 && most <= factor * least
    })
}

#[inline]
fn plus<const N: usize>(a: [f64; N], b: [f64; N]) -> [f64; N] {
    std::array::from_fn(|i| a[i] + b[i])
}

#[inline]
fn less<const N: usize>(a: [f64; N], b: [f64; N]) -> [f64; N] {
    std::array::from_fn(|i| a[i] - b[i])
}

/// The smallest value, and the smallest and largest sum, in four lanes.
struct Range<const N: usize> {
    value: [[f64; N]; 4],
    least: [[f64; N]; 4],
    most: [[f64; N]; 4],
}

impl<const N: usize> Range<N> {
    fn of(sums: [f64; N]) -> Self {
        Self {
            value: [[0.0; N]; 4],
            least: [sums; 4],
            most: [sums; 4],
        }
    }

    #[inline]
    fn take(&mut self, lane: usize, value: [f64; N], sums: [f64; N]) {
        for index in 0..N {
            let lowest = &mut self.value[lane][index];
            *lowest = smaller(*lowest, value[index]);
            let least = &mut self.least[lane][index];
            *least = smaller(*least, sums[index]);
            let most = &mut self.most[lane][index];
            *most = larger(*most, sums[index]);
        }
    }

    fn is_even(&self) -> bool {
        let is_positive = self.value.as_flattened().iter().all(|value| *value >= 0.0);
        is_positive
            && (0..N).all(|index| {
                let least = self
                    .least
                    .iter()
                    .fold(f64::INFINITY, |a, b| a.min(b[index]));
                let most = self.most.iter().fold(0.0, |a: f64, b| a.max(b[index]));
                least > 0.0 && most <= EVEN * least
            })
    }
}

/// The running total after each of four moves; only one addition waits for the total before.
#[inline]
fn carry<const N: usize>(total: &mut [f64; N], moves: [[f64; N]; 4]) -> [[f64; N]; 4] {
    let [a, b, c, d] = moves;
    let (ab, cd) = (plus(a, b), plus(c, d));
    let middle = plus(*total, ab);
    let out = [plus(*total, a), middle, plus(middle, c), plus(middle, cd)];
    *total = plus(*total, plus(ab, cd));
    out
}

/// Sums and sums of squares of the distances from a base in the middle of the stretch, for the
/// windows that end in each row after the first `length`; gives the base. `None` when a window's
/// own dispersion is so small against what the sums went through that more than five of their
/// digits would be lost.
pub(crate) fn moments(rows: &[f64], length: usize, out: &mut [[f64; STRETCH]; 2]) -> Option<f64> {
    let [sums, squares] = out;
    let base = rows[rows.len() / 2];
    let count = rows.len() - length;
    let [mut total, mut total_squares] = first_moments(&rows[..length], base).map(|sum| [sum]);
    let [mut most] = total_squares;
    let (new, new_rest) = rows[length..].as_chunks::<4>();
    let (old, old_rest) = rows[..count].as_chunks::<4>();
    let (sum_fours, _) = sums.as_chunks_mut::<4>();
    let (square_fours, _) = squares.as_chunks_mut::<4>();
    let targets = sum_fours.iter_mut().zip(square_fours);
    for ((new, old), (sums, squares)) in new.iter().zip(old).zip(targets) {
        let moves: [f64; 4] = std::array::from_fn(|i| new[i] - old[i]);
        let places: [f64; 4] = std::array::from_fn(|i| (new[i] - base) + (old[i] - base));
        *sums = carry(&mut total, moves.map(|x| [x])).map(|[sum]| sum);
        let moves = std::array::from_fn(|i| moves[i] * places[i]);
        *squares = carry(&mut total_squares, moves.map(|x| [x])).map(|[sum]| sum);
    }
    let rest = count - new_rest.len();
    for (at, (new, old)) in new_rest.iter().zip(old_rest).enumerate() {
        let moved = new - old;
        total[0] += moved;
        total_squares[0] += moved * ((new - base) + (old - base));
        (sums[rest + at], squares[rest + at]) = (total[0], total_squares[0]);
    }
    let share = 1.0 / length as f64;
    let mut least = f64::INFINITY;
    for (sum, squares) in sums[..count].iter().zip(&squares[..count]) {
        let spread = squares - sum * sum * share;
        least = if spread < least { spread } else { least };
        most = if *squares > most { *squares } else { most };
    }
    (least >= 1e-5 * most).then_some(base)
}

/// Sum and sum of squares of the distances from `base`, in four lanes.
fn first_moments(rows: &[f64], base: f64) -> [f64; 2] {
    let (fours, rest) = rows.as_chunks::<4>();
    let (mut sums, mut squares) = ([0.0; 4], [0.0; 4]);
    for four in fours {
        for i in 0..4 {
            let d = four[i] - base;
            sums[i] += d;
            squares[i] += d * d;
        }
    }
    let mut total = [sums.iter().sum::<f64>(), squares.iter().sum::<f64>()];
    for value in rest {
        let d = value - base;
        total[0] += d;
        total[1] += d * d;
    }
    total
}

/// Sums, and sums weighted 1 (oldest) to `length`, of the distances from a base in the middle of
/// the stretch, for the windows that end in each row after the first `length`; gives the base.
/// `None` unless the values are even: the weighted sum takes in the roundings of the plain one at
/// every row, and so loses more.
pub(crate) fn weighted(
    rows: &[[f64; 1]],
    length: usize,
    out: &mut [[f64; SHORT_STRETCH]; 2],
) -> Option<f64> {
    if !are_even(rows, CLOSE) {
        return None;
    }
    let [sums, weighted] = out;
    let [base] = rows[rows.len() / 2];
    let count = rows.len() - length;
    let n = length as f64;
    let mut total = [0.0];
    let mut total_weighted = [0.0];
    let (fours, rest) = rows[..length].as_chunks::<4>();
    let mut lanes = [[0.0; 4]; 2];
    let mut weights = [1.0, 2.0, 3.0, 4.0];
    for four in fours {
        for lane in 0..4 {
            let d = four[lane][0] - base;
            lanes[0][lane] += d;
            lanes[1][lane] += weights[lane] * d;
            weights[lane] += 4.0;
        }
    }
    for (lane, [value]) in rest.iter().enumerate() {
        lanes[0][lane] += value - base;
        lanes[1][lane] += weights[lane] * (value - base);
    }
    let [sum_lanes, weighted_lanes] = lanes;
    total[0] += sum_lanes.iter().sum::<f64>();
    total_weighted[0] += weighted_lanes.iter().sum::<f64>();
    let (new, new_rest) = rows[length..].as_chunks::<4>();
    let (old, old_rest) = rows[..count].as_chunks::<4>();
    let (sum_fours, _) = sums.as_chunks_mut::<4>();
    let (weighted_fours, _) = weighted.as_chunks_mut::<4>();
    let targets = sum_fours.iter_mut().zip(weighted_fours);
    for ((new, old), (sums, weighted)) in new.iter().zip(old).zip(targets) {
        let [before] = total;
        let moves = std::array::from_fn(|i| [new[i][0] - old[i][0]]);
        *sums = carry(&mut total, moves).map(|[sum]| sum);
        let earlier = [before, sums[0], sums[1], sums[2]];
        let moves = std::array::from_fn(|i| [n * (new[i][0] - base) - earlier[i]]);
        *weighted = carry(&mut total_weighted, moves).map(|[sum]| sum);
    }
    let rest = count - new_rest.len();
    for (at, ([new], [old])) in new_rest.iter().zip(old_rest).enumerate() {
        total_weighted[0] += n * (new - base) - total[0];
        total[0] += new - old;
        (sums[rest + at], weighted[rest + at]) = (total[0], total_weighted[0]);
    }
    Some(base)
}

/// Sums, sums of squares and of products of the distances of x and y from bases in the middle of
/// the stretch, as [`moments`] does for one column, and on the same terms; gives the bases.
pub(crate) fn co_moments(
    rows: &[[f64; 2]],
    length: usize,
    out: &mut [[f64; STRETCH]; 5],
) -> Option<[f64; 2]> {
    let base = rows[rows.len() / 2];
    let count = rows.len() - length;
    let terms = |row: [f64; 2]| {
        let [x, y] = less(row, base);
        [x, y, x * x, y * y, x * y]
    };
    let mut total = [0.0; 5];
    for row in &rows[..length] {
        total = plus(total, terms(*row));
    }
    let mut most = [total[2], total[3]];
    let mut least = [f64::INFINITY; 2];
    let share = 1.0 / length as f64;
    for (at, (new, old)) in rows[length..].iter().zip(&rows[..count]).enumerate() {
        let [mx, my] = less(*new, *old);
        let [[nx, ny], [ox, oy]] = [less(*new, base), less(*old, base)];
        let moves = [mx, my, mx * (nx + ox), my * (ny + oy), mx * ny + ox * my];
        total = plus(total, moves);
        for (column, value) in out.iter_mut().zip(total) {
            column[at] = value;
        }
        for i in 0..2 {
            let spread = total[2 + i] - total[i] * total[i] * share;
            least[i] = smaller(spread, least[i]);
            most[i] = larger(total[2 + i], most[i]);
        }
    }
    (0..2).all(|i| least[i] >= 1e-5 * most[i]).then_some(base)
}
