//! Wilder's directional movement, Aroon and Vortex.

use crate::calculator::Kernel;
use crate::compose::{Lagged, Pointwise};
use crate::parameter::{Arguments, window};
use crate::registry::{Build, Built, Cost, Definition, Family};
use crate::rolling::{LocatedExtremes, Sum, Window, larger, ratio};
use crate::state_fields;
use crate::trend::{Ema, STRETCH};
use crate::volatility::true_range;

const BASE: Definition = Definition {
    name: "",
    family: Family::Trend,
    outputs: &[],
    parameters: &[window("length", 2, 14)],
    inputs: &["high", "low", "close"],
    cost: Cost::Constant,
    description: "",
    convention: "",
    build: Build::Items,
};

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "dmi",
        outputs: &["plus_dm", "minus_dm", "plus_di", "minus_di", "dx"],
        description: "Directional movement (sums), directional indicators and index.",
        convention: "Wilder's sums S += x - S/n, seeded with the first n-1 moves (Wilder 1978, \
                     TA-Lib); indicators in percent of the summed true range.",
        build: Build::Series(|a| {
            Ok(Built::over_sources(
                a,
                Directional::new(a.length("length")?),
            ))
        }),
        ..BASE
    },
    Definition {
        name: "adx",
        outputs: &["adx"],
        description: "Average directional index: strength of trend, 0..100.",
        convention: "Wilder's average of dx, seeded with the mean of the first n (TA-Lib ADX).",
        build: Build::Series(|a| {
            let length = a.length("length")?;
            Ok(Built::reading(
                Ema::wilder(length)?,
                vec![over(a, "dx", length)],
            ))
        }),
        ..BASE
    },
    Definition {
        name: "adxr",
        outputs: &["adxr"],
        description: "Average directional index rating.",
        convention: "Mean of adx now and n-1 rows ago (TA-Lib ADXR).",
        build: Build::Series(|a| {
            let length = a.length("length")?;
            let kernel = Lagged::new(length - 1, |now, then| 0.5 * (now + then));
            Ok(Built::reading(kernel, vec![over(a, "adx", length)]))
        }),
        ..BASE
    },
    Definition {
        name: "aroon",
        outputs: &["aroon_up", "aroon_down"],
        inputs: &["high", "low"],
        description: "How recent the highest high and the lowest low are, 0..100.",
        convention: "100 (n - rows since the extreme)/n over n+1 rows, of equal ones the newest \
                     (Chande 1995, TA-Lib AROON).",
        build: Build::Series(|a| Ok(Built::over_sources(a, Aroon::new(a.length("length")?)))),
        ..BASE
    },
    Definition {
        name: "aroonosc",
        outputs: &["aroonosc"],
        inputs: &["high", "low"],
        description: "Aroon up minus Aroon down.",
        convention: "TA-Lib AROONOSC.",
        build: Build::Series(|a| {
            let length = a.length("length")?;
            let sources = vec![over(a, "aroon_up", length), over(a, "aroon_down", length)];
            Ok(Built::reading(
                Pointwise(|[up, down]: [f64; 2]| [up - down]),
                sources,
            ))
        }),
        ..BASE
    },
    Definition {
        name: "vortex",
        outputs: &["vortex_plus", "vortex_minus"],
        description: "Vortex indicator: up and down swings against true range.",
        convention: "Sums over n of |high - last low| and |low - last high| over the sum of true \
                     range (Botes and Siepman 2010, TA-Lib VORTEX).",
        build: Build::Series(|a| Ok(Built::over_sources(a, Vortex::new(a.length("length")?)))),
        ..BASE
    },
];

fn over(a: &Arguments, base: &str, length: usize) -> String {
    format!("{base}_{length}({})", a.sources().join(","))
}

/// Wilder's sum: the plain sum of the first n-1 values, then `S += x - S/n`.
#[derive(Debug, Clone)]
struct WilderSum {
    length: u64,
    keep: f64,
    seen: u64,
    sum: f64,
}

state_fields!(WilderSum { seen, sum });

impl WilderSum {
    fn new(length: usize) -> Self {
        Self {
            length: length as u64,
            keep: 1.0 - 1.0 / length as f64,
            seen: 0,
            sum: 0.0,
        }
    }

    #[inline]
    fn next(&mut self, x: f64) -> f64 {
        if self.seen + 1 < self.length {
            self.seen += 1;
            self.sum += x;
        } else {
            self.sum = self.keep * self.sum + x;
        }
        self.sum
    }
}

/// Inputs (high, low, close); outputs (+DM, -DM, +DI, -DI, DX).
#[derive(Debug, Clone)]
struct Directional {
    length: usize,
    seen: u64,
    plus: WilderSum,
    minus: WilderSum,
    range: WilderSum,
    last: [f64; 3],
}

state_fields!(Directional {
    seen,
    plus,
    minus,
    range,
    last
});

impl Directional {
    fn new(length: usize) -> Self {
        let sum = WilderSum::new(length);
        Self {
            length,
            seen: 0,
            plus: sum.clone(),
            minus: sum.clone(),
            range: sum,
            last: [0.0; 3],
        }
    }
}

impl Kernel<3, 5> for Directional {
    fn warm_up(&self) -> [usize; 5] {
        let n = self.length;
        [n - 1, n - 1, n, n, n]
    }

    #[inline]
    fn step(&mut self, bar: [f64; 3]) -> [f64; 5] {
        let last = std::mem::replace(&mut self.last, bar);
        let seen = self.seen;
        self.seen = self.seen.saturating_add(1);
        if seen == 0 {
            return [f64::NAN; 5];
        }
        let [plus, minus, range] = moves(bar, last);
        let sums = [
            self.plus.next(plus),
            self.minus.next(minus),
            self.range.next(range),
        ];
        let mut out = indicators(sums);
        if seen < self.length as u64 {
            out[2..].fill(f64::NAN);
        }
        if seen + 1 < self.length as u64 {
            out[..2].fill(f64::NAN);
        }
        out
    }

    fn run(&mut self, columns: [&[f64]; 3], out: [&mut [f64]; 5]) {
        let rows = columns[0].len();
        let mut out = out.map(|column| &mut column[..rows]);
        let [high, low, close] = columns.map(|column| &column[..rows]);
        let mut head = 0;
        while head < rows && self.seen <= self.length as u64 {
            let values = self.step([high[head], low[head], close[head]]);
            out.iter_mut()
                .zip(values)
                .for_each(|(column, value)| column[head] = value);
            head += 1;
        }
        let keep = self.plus.keep;
        let mut sums = [self.plus.sum, self.minus.sum, self.range.sum];
        let mut last = self.last;
        // First the sums, each of which waits for the one before; then what is made of them, for
        // several rows at once.
        let mut ranges = [0.0; STRETCH];
        let [plus, minus, plus_di, minus_di, dx] = out;
        for from in (head..rows).step_by(STRETCH) {
            let to = rows.min(from + STRETCH);
            for row in from..to {
                let bar = [high[row], low[row], close[row]];
                let moved = moves(bar, last);
                sums = std::array::from_fn(|i| keep * sums[i] + moved[i]);
                last = bar;
                [plus[row], minus[row], ranges[row - from]] = sums;
            }
            let columns = [&mut *plus_di, &mut *minus_di, &mut *dx];
            let [plus_di, minus_di, dx] = columns.map(|column| &mut column[from..to]);
            let (plus, minus) = (&plus[from..to], &minus[from..to]);
            let ranges = &ranges[..to - from];
            for at in 0..to - from {
                [_, _, plus_di[at], minus_di[at], dx[at]] =
                    indicators([plus[at], minus[at], ranges[at]]);
            }
        }
        [self.plus.sum, self.minus.sum, self.range.sum] = sums;
        self.last = last;
        self.seen = self.seen.saturating_add((rows - head) as u64);
    }
}

/// Directional movements up and down, and the true range.
#[inline]
fn moves(bar: [f64; 3], last: [f64; 3]) -> [f64; 3] {
    let up = larger(bar[0] - last[0], 0.0);
    let down = larger(last[1] - bar[1], 0.0);
    let plus = if up > down { up } else { 0.0 };
    let minus = if down > up { down } else { 0.0 };
    [plus, minus, true_range(bar, last[2])]
}

/// All outputs from the three sums.
#[inline]
fn indicators([plus, minus, range]: [f64; 3]) -> [f64; 5] {
    let percent = ratio(100.0, range);
    let dx = 100.0 * ratio((plus - minus).abs(), plus + minus);
    // Without any range there is no movement either, and nothing to relate it to.
    let dx = if range == 0.0 { f64::NAN } else { dx };
    [plus, minus, plus * percent, minus * percent, dx]
}

/// Inputs (high, low); outputs (up, down).
#[derive(Debug, Clone)]
struct Aroon {
    window: Window<LocatedExtremes, 3, 4>,
    /// Number of the row; whole numbers are exact to 2^53, more rows than any feed has.
    position: f64,
}

state_fields!(Aroon { window, position });

impl Aroon {
    fn new(length: usize) -> Self {
        Self {
            window: Window::new(length + 1),
            position: 0.0,
        }
    }
}

impl Kernel<2, 2> for Aroon {
    fn warm_up(&self) -> [usize; 2] {
        [self.window.length() - 1; 2]
    }

    #[inline]
    fn step(&mut self, [high, low]: [f64; 2]) -> [f64; 2] {
        self.position += 1.0;
        let length = (self.window.length() - 1) as f64;
        let share = 100.0 / length;
        match self.window.push([high, low, self.position]) {
            Some([_, high_at, _, low_at]) => {
                [high_at, low_at].map(|at| share * (length - (self.position - at)))
            }
            None => [f64::NAN; 2],
        }
    }

    fn run(&mut self, columns: [&[f64]; 2], out: [&mut [f64]; 2]) {
        let length = (self.window.length() - 1) as f64;
        let share = 100.0 / length;
        let position = &mut self.position;
        let prepare = |[high, low]: [f64; 2]| {
            *position += 1.0;
            [high, low, *position]
        };
        let finish = |[_, high_at, _, low_at]: [f64; 4], [_, _, now]: [f64; 3]| {
            [high_at, low_at].map(|at| share * (length - (now - at)))
        };
        self.window.run(columns, out, prepare, finish);
    }
}

/// Inputs (high, low, close); outputs (plus, minus).
#[derive(Debug, Clone)]
struct Vortex {
    sums: Window<Sum, 3, 3>,
    last: Option<[f64; 3]>,
}

state_fields!(Vortex { sums, last });

impl Vortex {
    fn new(length: usize) -> Self {
        Self {
            sums: Window::new(length),
            last: None,
        }
    }
}

impl Kernel<3, 2> for Vortex {
    fn warm_up(&self) -> [usize; 2] {
        [self.sums.length(); 2]
    }

    #[inline]
    fn step(&mut self, bar: [f64; 3]) -> [f64; 2] {
        let Some(last) = self.last.replace(bar) else {
            return [f64::NAN; 2];
        };
        self.sums
            .push(swings(bar, last))
            .map_or([f64::NAN; 2], shares)
    }

    fn run(&mut self, columns: [&[f64]; 3], mut out: [&mut [f64]; 2]) {
        let rows = columns[0].len();
        let mut head = 0;
        if self.last.is_none() && rows > 0 {
            let values = self.step(columns.map(|column| column[0]));
            for (column, value) in out.iter_mut().zip(values) {
                column[0] = value;
            }
            head = 1;
        }
        let Some(mut last) = self.last else {
            return;
        };
        let moves: Vec<[f64; 3]> = (head..rows)
            .map(|row| {
                let bar = columns.map(|column| column[row]);
                swings(bar, std::mem::replace(&mut last, bar))
            })
            .collect();
        self.last = Some(last);
        let out = out.map(|column| &mut column[head..]);
        self.sums.run_rows(&moves, out, |sums, _| shares(sums));
    }
}

/// Up swing, down swing and true range of a bar (high, low, close) after the last one.
#[inline]
fn swings(bar: [f64; 3], last: [f64; 3]) -> [f64; 3] {
    [
        (bar[0] - last[1]).abs(),
        (bar[1] - last[0]).abs(),
        true_range(bar, last[2]),
    ]
}

#[inline]
fn shares([up, down, range]: [f64; 3]) -> [f64; 2] {
    [ratio(up, range), ratio(down, range)]
}
