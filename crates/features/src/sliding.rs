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

/// How far apart, as a factor, the sums of a stretch may lie; see [`sums`].
const EVEN: f64 = 1e4;

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
/// themselves) is below a ten-thousandth of another: each value is then no larger than a sum it was in, and the roundings
/// of a stretch stay below 1e-9 of every sum (in practice below 1e-12).
pub(crate) fn sums<const N: usize, const O: usize>(
    rows: &[[f64; N]],
    length: usize,
    base: [f64; N],
    mut out: [&mut [f64]; O],
    finish: &mut impl FnMut([f64; N], [f64; N]) -> [f64; O],
) -> bool {
    let count = rows.len() - length;
    let (first, entering) = rows.split_at(length);
    if !first.as_flattened().iter().all(|value| *value >= 0.0) {
        return false;
    }
    let mut total = sum(first, base);
    let level = base.map(|base| base * length as f64);
    let whole = |sums: [f64; N]| -> [f64; N] { std::array::from_fn(|i| level[i] + sums[i]) };
    let mut range = Range::of(whole(total));
    let (new, new_rest) = entering.as_chunks::<4>();
    let (old, old_rest) = rows[..count].as_chunks::<4>();
    let mut fours = out.each_mut().map(|column| column.as_chunks_mut::<4>().0);
    for (at, (new, old)) in new.iter().zip(old).enumerate() {
        let carried: [[f64; 4]; N] = std::array::from_fn(|index| {
            let moves = std::array::from_fn(|row| new[row][index] - old[row][index]);
            carry(&mut total[index], moves)
        });
        for (row, value) in new.iter().enumerate() {
            let sums = carried.map(|sums| sums[row]);
            range.take(row, *value, whole(sums));
            for (column, value) in fours.iter_mut().zip(finish(sums, *value)) {
                column[at][row] = value;
            }
        }
    }
    let rest = count - new_rest.len();
    for (at, (new, old)) in new_rest.iter().zip(old_rest).enumerate() {
        for (index, total) in total.iter_mut().enumerate() {
            *total += new[index] - old[index];
        }
        range.take(0, *new, whole(total));
        for (column, value) in out.iter_mut().zip(finish(total, *new)) {
            column[rest + at] = value;
        }
    }
    range.is_even()
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

/// Writes what `of` makes of each pair of carried numbers and its row.
pub(crate) fn finish<const O: usize>(
    rows: &[[f64; 1]],
    carried: &[[f64; STRETCH]; 2],
    mut out: [&mut [f64]; O],
    mut of: impl FnMut([f64; 2], [f64; 1]) -> [f64; O],
) {
    let count = rows.len();
    let [first, second] = carried.each_ref().map(|column| &column[..count]);
    let mut out = out.each_mut().map(|column| &mut column[..count]);
    for at in 0..count {
        for (column, value) in out.iter_mut().zip(of([first[at], second[at]], rows[at])) {
            column[at] = value;
        }
    }
}

/// The running total after each of four moves; only one addition waits for the total before.
#[inline]
fn carry(total: &mut f64, moves: [f64; 4]) -> [f64; 4] {
    let [a, b, c, d] = moves;
    let (ab, cd) = (a + b, c + d);
    let middle = *total + ab;
    let out = [*total + a, middle, middle + c, middle + cd];
    *total += ab + cd;
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
    let [mut total, mut total_squares] = first_moments(&rows[..length], base);
    let mut most = total_squares;
    let (new, new_rest) = rows[length..].as_chunks::<4>();
    let (old, old_rest) = rows[..count].as_chunks::<4>();
    let (sum_fours, _) = sums.as_chunks_mut::<4>();
    let (square_fours, _) = squares.as_chunks_mut::<4>();
    let targets = sum_fours.iter_mut().zip(square_fours);
    for ((new, old), (sums, squares)) in new.iter().zip(old).zip(targets) {
        let moves: [f64; 4] = std::array::from_fn(|i| new[i] - old[i]);
        let places: [f64; 4] = std::array::from_fn(|i| (new[i] - base) + (old[i] - base));
        *sums = carry(&mut total, moves);
        let moves = std::array::from_fn(|i| moves[i] * places[i]);
        *squares = carry(&mut total_squares, moves);
    }
    let rest = count - new_rest.len();
    for (at, (new, old)) in new_rest.iter().zip(old_rest).enumerate() {
        let moved = new - old;
        total += moved;
        total_squares += moved * ((new - base) + (old - base));
        (sums[rest + at], squares[rest + at]) = (total, total_squares);
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
