//! Highest and lowest values of rolling windows, over whole columns.
//!
//! The extreme of a window is that of two windows which together cover it, overlapping or not. So
//! extremes over 4, 16, 64 ... rows are built from four neighbours of the level below, and any
//! length from four of the highest level that fits: three comparisons a level and row, without
//! branches, several rows at a time. The values are those of the streaming form bit for bit:
//! comparing does not round.

use crate::rolling::{Extremes, Window, larger, smaller};

/// Rows taken at a time, so that all levels stay in the nearest cache.
const PIECE: usize = 1024;

impl Window<Extremes, 2, 2> {
    /// Highest and lowest of the last `n` rows into `out`, NaN until there are `n`.
    pub(crate) fn run_extremes(&mut self, columns: [&[f64]; 2], mut out: [&mut [f64]; 2]) {
        let rows = columns[0].len();
        let cold = self.until_warm().min(rows);
        let first = out.each_mut().map(|column| &mut column[..cold]);
        let heads = columns.map(|column| &column[..cold]);
        self.run(heads, first, |row| row, |edges, _| edges);
        let length = self.length();
        let mut levels = Levels::new(length);
        for from in (cold..rows).step_by(PIECE) {
            let to = rows.min(from + PIECE);
            let [high, low] = columns.map(|column| &column[from..to]);
            let [highest, lowest] = out.each_mut().map(|column| &mut column[from..to]);
            let before = self.oldest_first(0);
            levels.run(before, high, highest, larger);
            let before = self.oldest_first(1);
            levels.run(before, low, lowest, smaller);
            self.take_over([high, low]);
        }
    }
}

/// Working memory: the input with the rows before it, and two levels in turn.
struct Levels {
    length: usize,
    level: Vec<f64>,
    next: Vec<f64>,
}

impl Levels {
    fn new(length: usize) -> Self {
        Self {
            length,
            level: Vec::with_capacity(length + PIECE),
            next: Vec::with_capacity(length + PIECE),
        }
    }

    /// Extremes of the windows that end in each of `values`, the rows `before` (as many as the
    /// window holds, oldest first) preceding them.
    fn run(
        &mut self,
        before: impl Iterator<Item = f64>,
        values: &[f64],
        out: &mut [f64],
        better: impl Fn(f64, f64) -> f64 + Copy,
    ) {
        self.level.clear();
        self.level.extend(before.skip(1));
        self.level.extend_from_slice(values);
        let mut width = 1;
        while 4 * width < self.length {
            let count = self.level.len() - 3 * width;
            self.next.resize(count, 0.0);
            let offsets = [0, width, 2 * width, 3 * width];
            best_of_four(&self.level, offsets, &mut self.next, better);
            std::mem::swap(&mut self.level, &mut self.next);
            width *= 4;
        }
        let last = self.length - width;
        let offsets = [0, width.min(last), (2 * width).min(last), last];
        best_of_four(&self.level, offsets, out, better);
    }
}

/// The best of the four values at the offsets from each row.
#[inline]
fn best_of_four(
    values: &[f64],
    offsets: [usize; 4],
    out: &mut [f64],
    better: impl Fn(f64, f64) -> f64,
) {
    let count = out.len();
    let [a, b, c, d] = offsets.map(|offset| &values[offset..offset + count]);
    for ((((out, a), b), c), d) in out.iter_mut().zip(a).zip(b).zip(c).zip(d) {
        *out = better(better(*a, *b), better(*c, *d));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_gives_what_pushing_row_by_row_gives() {
        let values: Vec<f64> = (0..3000).map(|i| f64::from(i * 7919 % 1009)).collect();
        for length in (1..70).chain([255, 256, 257, 1030]) {
            let (mut batch, mut streamed) = (Window::new(length), Window::new(length));
            let mut out = [vec![0.0; 3000], vec![0.0; 3000]];
            for (from, to) in [(0, 10), (10, 1500), (1500, 3000)] {
                let part = out.each_mut().map(|column| &mut column[from..to]);
                batch.run_extremes([&values[from..to]; 2], part);
            }
            for (row, value) in values.iter().enumerate() {
                let expected: Option<[f64; 2]> =
                    Window::<Extremes, 2, 2>::push(&mut streamed, [*value; 2]);
                let found = [out[0][row], out[1][row]];
                match expected {
                    Some(expected) => assert_eq!(found, expected, "length {length} row {row}"),
                    None => assert!(found.iter().all(|value| value.is_nan())),
                }
            }
        }
    }
}
