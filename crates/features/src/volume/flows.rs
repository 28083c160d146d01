//! Registry entries of money flow and cumulative volume.

use crate::calculator::Kernel;
use crate::compose::{Pointwise, Total};
use crate::error::FeatureError;
use crate::parameter::{Arguments, real, window};
use crate::registry::{Build, Built, Cost, Definition, Family};
use crate::rolling::{Rolling, Sum, Window, ratio};
use crate::snapshot::{Reader, State, Writer};
use crate::state_fields;
use crate::trend::{Ema, STRETCH, Sma};

const BASE: Definition = Definition {
    name: "",
    family: Family::Volume,
    outputs: &[],
    parameters: &[],
    inputs: &["high", "low", "close", "volume"],
    cost: Cost::Constant,
    description: "",
    convention: "",
    build: Build::Items,
};

const CLOSE_VOLUME: &[&str] = &["close", "volume"];

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "obv",
        outputs: &["obv"],
        inputs: CLOSE_VOLUME,
        description: "On-balance volume.",
        convention: "Starts at the first volume (Granville 1963, TA-Lib OBV); compensated sum.",
        build: Build::Series(|a| Ok(Built::over_sources(a, Balance::new(obv)))),
        ..BASE
    },
    Definition {
        name: "vpt",
        outputs: &["vpt"],
        inputs: CLOSE_VOLUME,
        description: "Volume price trend.",
        convention: "Running sum of volume times simple return, starts at 0 (TA-Lib PVT); \
                     compensated sum.",
        build: Build::Series(|a| Ok(Built::over_sources(a, Balance::new(vpt)))),
        ..BASE
    },
    Definition {
        name: "ad",
        outputs: &["ad"],
        description: "Chaikin's accumulation/distribution line.",
        convention: "Running sum of ((C-L)-(H-C))/(H-L) * volume; a bar without range adds nothing \
                     (TA-Lib AD); compensated sum.",
        build: Build::Series(|a| {
            Ok(Built::over_sources(
                a,
                Accumulation {
                    total: Total::default(),
                },
            ))
        }),
        ..BASE
    },
    Definition {
        name: "adosc",
        outputs: &["adosc"],
        parameters: &[window("fast", 1, 3), window("slow", 2, 10)],
        description: "Chaikin oscillator.",
        convention: "EMA minus EMA of the A/D line, both seeded with its first value (TA-Lib \
                     ADOSC).",
        build: Build::Series(adosc),
        ..BASE
    },
    Definition {
        name: "cmf",
        outputs: &["cmf"],
        parameters: &[window("length", 1, 20)],
        description: "Chaikin money flow, -1..1.",
        convention: "Sum of money flow volume over sum of volume (TA-Lib CMF); missing without \
                     volume.",
        build: Build::Series(|a| {
            let kernel = Rolling::<Sum, _, _, 2, 2>::new(
                a.length("length")?,
                |bar: [f64; 4]| [inflow(bar), bar[3]],
                |[inflow, volume]: [f64; 2]| [ratio(2.0 * inflow - volume, volume)],
            );
            Ok(Built::over_sources(a, kernel))
        }),
        ..BASE
    },
    Definition {
        name: "mfi",
        outputs: &["mfi"],
        parameters: &[window("length", 2, 14)],
        description: "Money flow index, 0..100.",
        convention: "100 positive/(positive + negative) flow of typical price * volume over n rows \
                     (Quong and Soudack 1989, TA-Lib MFI); missing without flow.",
        build: Build::Series(|a| Ok(Built::over_sources(a, MoneyFlow::new(a.length("length")?)))),
        ..BASE
    },
    Definition {
        name: "force",
        outputs: &["force"],
        parameters: &[window("length", 1, 13)],
        inputs: CLOSE_VOLUME,
        description: "Elder's force index.",
        convention: "EMA of change times volume (Elder 1993, TA-Lib EFI); in price times shares.",
        build: Build::Series(|a| {
            let kernel = Force {
                last: f64::NAN,
                average: Ema::new(a.length("length")?)?,
            };
            Ok(Built::over_sources(a, kernel))
        }),
        ..BASE
    },
    Definition {
        name: "emv",
        outputs: &["emv"],
        parameters: &[
            window("length", 1, 14),
            real("divisor", "volume unit", (1.0, 1e15), 10_000.0),
        ],
        inputs: &["high", "low", "volume"],
        description: "Ease of movement.",
        convention: "SMA of the move of the bar's middle over (volume/divisor)/(high - low) (Arms, \
                     TA-Lib EMV); bars without volume or range count as 0.",
        build: Build::Series(|a| {
            let kernel = EaseOfMovement {
                divisor: a.real("divisor")?,
                last: f64::NAN,
                average: Sma::new(a.length("length")?)?,
            };
            Ok(Built::over_sources(a, kernel))
        }),
        ..BASE
    },
    Definition {
        name: "rvol",
        outputs: &["rvol"],
        parameters: &[window("length", 1, 20)],
        inputs: &["volume"],
        description: "Relative volume.",
        convention: "Volume over the mean of the n rows before it (TA-Lib RVOL).",
        build: Build::Series(|a| {
            let kernel = RelativeVolume {
                average: Sma::new(a.length("length")?)?,
                mean: f64::NAN,
            };
            Ok(Built::over_sources(a, kernel))
        }),
        ..BASE
    },
    Definition {
        name: "volume_trend",
        outputs: &["volume_trend"],
        parameters: &[window("fast", 1, 5), window("slow", 2, 20)],
        inputs: &["volume"],
        description: "Short against long average volume, as a share.",
        convention: "SMA fast / SMA slow - 1.",
        build: Build::Series(|a| {
            let of = a.sources().join(",");
            let (fast, slow) = (a.length("fast")?, a.length("slow")?);
            let sources = vec![format!("sma_{fast}({of})"), format!("sma_{slow}({of})")];
            let gap = Pointwise(|[fast, slow]: [f64; 2]| [ratio(fast, slow) - 1.0]);
            Ok(Built::reading(gap, sources))
        }),
        ..BASE
    },
];

/// Chaikin's money flow volume of a bar (high, low, close, volume).
#[inline]
fn money_flow([high, low, close, volume]: [f64; 4]) -> f64 {
    let flow = ((close - low) - (high - close)) / (high - low) * volume;
    if high > low { flow } else { 0.0 }
}

/// The part of a bar's volume (high, low, close, volume) that flowed in: half of it and of its
/// money flow, so that nothing is negative.
#[inline]
fn inflow([high, low, close, volume]: [f64; 4]) -> f64 {
    let inflow = (close - low) / (high - low) * volume;
    if high > low { inflow } else { 0.5 * volume }
}

fn obv(close: f64, last: f64, volume: f64) -> f64 {
    let fell = if close < last { -volume } else { 0.0 };
    if last.is_nan() || close > last {
        volume
    } else {
        fell
    }
}

fn vpt(close: f64, last: f64, volume: f64) -> f64 {
    if last.is_nan() || last == 0.0 {
        0.0
    } else {
        volume * (close - last) / last
    }
}

/// A running total of a function of (close, last close, volume).
#[derive(Debug, Clone)]
struct Balance<F> {
    total: Total,
    last: f64,
    of: F,
}

impl<F> Balance<F> {
    fn new(of: F) -> Self {
        Self {
            total: Total::default(),
            last: f64::NAN,
            of,
        }
    }
}

impl<F> State for Balance<F> {
    fn save(&self, writer: &mut Writer) {
        self.total.save(writer);
        self.last.save(writer);
    }

    fn load(&mut self, reader: &mut Reader<'_>) -> Result<(), FeatureError> {
        self.total.load(reader)?;
        self.last.load(reader)
    }
}

impl<F: Fn(f64, f64, f64) -> f64 + Clone + Send + Sync + 'static> Kernel<2, 1> for Balance<F> {
    const RUNS_FIRST: bool = true;

    fn warm_up(&self) -> [usize; 1] {
        [0]
    }

    #[inline]
    fn step(&mut self, [close, volume]: [f64; 2]) -> [f64; 1] {
        let last = std::mem::replace(&mut self.last, close);
        [self.total.add((self.of)(close, last, volume))]
    }

    fn run(&mut self, [close, volume]: [&[f64]; 2], [out]: [&mut [f64]; 1]) {
        let (Some(first), Some(last)) = (close.first(), close.last()) else {
            return;
        };
        out[0] = (self.of)(*first, self.last, volume[0]);
        let rows = close[1..].iter().zip(close).zip(&volume[1..]);
        for (out, ((close, last), volume)) in out[1..].iter_mut().zip(rows) {
            *out = (self.of)(*close, *last, *volume);
        }
        self.total.run(out);
        self.last = *last;
    }
}

#[derive(Debug, Clone)]
struct Accumulation {
    total: Total,
}

state_fields!(Accumulation { total });

impl Kernel<4, 1> for Accumulation {
    const RUNS_FIRST: bool = true;

    fn warm_up(&self) -> [usize; 1] {
        [0]
    }

    #[inline]
    fn step(&mut self, bar: [f64; 4]) -> [f64; 1] {
        [self.total.add(money_flow(bar))]
    }

    fn run(&mut self, columns: [&[f64]; 4], [out]: [&mut [f64]; 1]) {
        let [high, low, close, volume] = columns;
        let bars = high.iter().zip(low).zip(close).zip(volume);
        for (out, (((high, low), close), volume)) in out.iter_mut().zip(bars) {
            *out = money_flow([*high, *low, *close, *volume]);
        }
        self.total.run(out);
    }
}

fn adosc(a: &Arguments) -> Result<Built, FeatureError> {
    let (fast, slow) = (a.length("fast")?, a.length("slow")?);
    if fast >= slow {
        return Err(a.reject("fast", format!("is {fast}, must be below slow ({slow})")));
    }
    let kernel = ChaikinOscillator {
        warm_up: slow - 1,
        seen: 0,
        averages: [Ema::new(fast)?, Ema::new(slow)?],
    };
    Ok(Built::reading(
        kernel,
        vec![format!("ad({})", a.sources().join(","))],
    ))
}

/// Input: the A/D line.
#[derive(Debug, Clone)]
struct ChaikinOscillator {
    warm_up: usize,
    seen: u64,
    averages: [Ema; 2],
}

state_fields!(ChaikinOscillator { seen, averages });

impl Kernel<1, 1> for ChaikinOscillator {
    fn warm_up(&self) -> [usize; 1] {
        [self.warm_up]
    }

    #[inline]
    fn step(&mut self, [line]: [f64; 1]) -> [f64; 1] {
        if self.seen == 0 {
            let seeded = |average: &Ema| average.clone().starting_at(line);
            self.averages = self.averages.each_ref().map(seeded);
        }
        let [fast, slow] = self.averages.each_mut().map(|average| average.next(line));
        let ready = self.seen >= self.warm_up as u64;
        self.seen = self.seen.saturating_add(1);
        [if ready { fast - slow } else { f64::NAN }]
    }

    fn run(&mut self, [line]: [&[f64]; 1], [out]: [&mut [f64]; 1]) {
        let mut head = 0;
        while head < line.len() && self.seen < self.warm_up as u64 {
            [out[head]] = self.step([line[head]]);
            head += 1;
        }
        let mut slow = [0.0; STRETCH];
        let parts = line[head..].chunks(STRETCH);
        for (line, out) in parts.zip(out[head..].chunks_mut(STRETCH)) {
            let slow = &mut slow[..line.len()];
            self.averages[0].run([line], [&mut *out]);
            self.averages[1].run([line], [&mut *slow]);
            for (out, slow) in out.iter_mut().zip(slow) {
                *out -= *slow;
            }
        }
        self.seen = self.seen.saturating_add((line.len() - head) as u64);
    }
}

/// Inputs (high, low, close, volume).
#[derive(Debug, Clone)]
struct MoneyFlow {
    flows: Window<Sum, 2, 2>,
    last: f64,
}

state_fields!(MoneyFlow { flows, last });

impl MoneyFlow {
    fn new(length: usize) -> Self {
        Self {
            flows: Window::new(length),
            last: f64::NAN,
        }
    }
}

impl Kernel<4, 1> for MoneyFlow {
    fn warm_up(&self) -> [usize; 1] {
        [self.flows.length()]
    }

    #[inline]
    fn step(&mut self, bar: [f64; 4]) -> [f64; 1] {
        let first = self.last.is_nan();
        let row = signed_flow(&mut self.last, bar);
        if first {
            return [f64::NAN];
        }
        match self.flows.push(row) {
            Some(flows) => [share_of_inflow(flows)],
            None => [f64::NAN],
        }
    }

    fn run(&mut self, columns: [&[f64]; 4], [out]: [&mut [f64]; 1]) {
        let mut from = 0;
        if self.last.is_nan() && !out.is_empty() {
            [out[0]] = self.step(columns.map(|column| column[0]));
            from = 1;
        }
        let flows: Vec<[f64; 2]> = (from..out.len())
            .map(|row| signed_flow(&mut self.last, columns.map(|column| column[row])))
            .collect();
        self.flows.run_rows(&flows, [&mut out[from..]], |flows, _| {
            [share_of_inflow(flows)]
        });
    }
}

/// Flow of a bar (high, low, close, volume) as (up, down) against the last typical price.
#[inline]
fn signed_flow(last: &mut f64, [high, low, close, volume]: [f64; 4]) -> [f64; 2] {
    let price = (high + low + close) / 3.0;
    let before = std::mem::replace(last, price);
    let flow = price * volume;
    [
        if price > before { flow } else { 0.0 },
        if price < before { flow } else { 0.0 },
    ]
}

#[inline]
fn share_of_inflow([up, down]: [f64; 2]) -> f64 {
    100.0 * ratio(up, up + down)
}

/// Inputs (close, volume).
#[derive(Debug, Clone)]
struct Force {
    last: f64,
    average: Ema,
}

state_fields!(Force { last, average });

impl Kernel<2, 1> for Force {
    fn warm_up(&self) -> [usize; 1] {
        self.average.warm_up().map(|rows| rows + 1)
    }

    #[inline]
    fn step(&mut self, [close, volume]: [f64; 2]) -> [f64; 1] {
        let change = close - std::mem::replace(&mut self.last, close);
        [if change.is_nan() {
            f64::NAN
        } else {
            self.average.next(change * volume)
        }]
    }
}

/// Inputs (high, low, volume).
#[derive(Debug, Clone)]
struct EaseOfMovement {
    divisor: f64,
    last: f64,
    average: Sma,
}

state_fields!(EaseOfMovement { last, average });

impl Kernel<3, 1> for EaseOfMovement {
    fn warm_up(&self) -> [usize; 1] {
        self.average.warm_up().map(|rows| rows + 1)
    }

    #[inline]
    fn step(&mut self, [high, low, volume]: [f64; 3]) -> [f64; 1] {
        let middle = 0.5 * (high + low);
        let moved = middle - std::mem::replace(&mut self.last, middle);
        if moved.is_nan() {
            return [f64::NAN];
        }
        let traded = volume > 0.0 && high > low;
        let ease = if traded {
            moved * (high - low) * self.divisor / volume
        } else {
            0.0
        };
        self.average.step([ease])
    }
}

/// Input: volume.
#[derive(Debug, Clone)]
struct RelativeVolume {
    average: Sma,
    /// Mean of the rows before the next one.
    mean: f64,
}

state_fields!(RelativeVolume { average, mean });

impl Kernel<1, 1> for RelativeVolume {
    fn warm_up(&self) -> [usize; 1] {
        self.average.warm_up().map(|rows| rows + 1)
    }

    #[inline]
    fn step(&mut self, [volume]: [f64; 1]) -> [f64; 1] {
        let relative = ratio(volume, self.mean);
        [self.mean] = self.average.step([volume]);
        [relative]
    }
}
