//! One candlestick pattern as a kernel.

use std::marker::PhantomData;
use std::sync::LazyLock;

use ta_lib::{Core, OutRange, RetCode};

use crate::calculator::Kernel;
use crate::error::FeatureError;
use crate::snapshot::{Reader, State, Writer, refused};

/// Rows after which a pattern starts afresh from the bars it looks back on.
pub(crate) const CHUNK: usize = 512;

/// Open, high, low, close.
pub(crate) type Bar = [f64; 4];

static CORE: LazyLock<Core> = LazyLock::new(Core::new);

/// The functions of one pattern in the `ta-lib` crate.
pub(crate) trait Pattern: Clone + Send + Sync + 'static {
    /// Its streaming handle.
    type Handle: Clone + Send + Sync + 'static;

    /// Bars before the first value.
    fn look_back(core: &Core, penetration: f64) -> Result<usize, RetCode>;
    /// Values for all bars from the look-back on.
    fn batch(
        core: &Core,
        bars: [&[f64]; 4],
        penetration: f64,
        out: &mut [i32],
    ) -> Result<OutRange, RetCode>;
    /// A handle over past bars and the value at the last of them.
    fn open(
        core: &Core,
        bars: [&[f64]; 4],
        penetration: f64,
    ) -> Result<(Self::Handle, i32), RetCode>;
    /// The value at the next bar.
    fn update(handle: &mut Self::Handle, bar: Bar) -> Result<i32, RetCode>;
    /// The same without committing.
    fn peek(handle: &Self::Handle, bar: Bar) -> Result<i32, RetCode>;
}

/// Inputs (open, high, low, close).
pub(crate) struct Candle<P: Pattern> {
    penetration: f64,
    look_back: usize,
    /// The bars since `look_back` before the chunk's start.
    bars: Vec<Bar>,
    /// Rows of the current chunk, below [`CHUNK`] between rows.
    rows: usize,
    /// Whether this is not the first chunk, so that `bars` starts with the look-back.
    continued: bool,
    handle: Option<P::Handle>,
    pattern: PhantomData<P>,
}

impl<P: Pattern> Clone for Candle<P> {
    fn clone(&self) -> Self {
        Self {
            penetration: self.penetration,
            look_back: self.look_back,
            bars: self.bars.clone(),
            rows: self.rows,
            continued: self.continued,
            handle: self.handle.clone(),
            pattern: PhantomData,
        }
    }
}

impl<P: Pattern> Candle<P> {
    /// `penetration` is ignored by patterns without it.
    pub(crate) fn new(feature: &str, penetration: f64) -> Result<Self, FeatureError> {
        let look_back =
            P::look_back(&CORE, penetration).map_err(|code| FeatureError::InvalidParameter {
                feature: feature.to_owned(),
                parameter: "penetration".to_owned(),
                reason: format!("was refused: {code:?}"),
            })?;
        Ok(Self {
            penetration,
            look_back,
            bars: Vec::with_capacity(look_back + CHUNK),
            rows: 0,
            continued: false,
            handle: None,
            pattern: PhantomData,
        })
    }

    /// The value at the newest of `bars`, which starts the handle if there are enough.
    fn start(&mut self) -> f64 {
        if self.bars.len() <= self.look_back {
            return f64::NAN;
        }
        let columns = by_column(&self.bars);
        match P::open(
            &CORE,
            columns.each_ref().map(Vec::as_slice),
            self.penetration,
        ) {
            Ok((handle, value)) => {
                self.handle = Some(handle);
                f64::from(value)
            }
            Err(_refused) => f64::NAN,
        }
    }

    /// The values of a whole chunk, given its bars after the `before` bars looked back on.
    fn run_chunk(&self, bars: [&[f64]; 4], before: usize, out: &mut [f64]) {
        let mut values = [0_i32; CHUNK];
        let Ok(range) = P::batch(&CORE, bars, self.penetration, &mut values) else {
            out.fill(f64::NAN);
            return;
        };
        let (cold, warm) = out.split_at_mut(range.beg_idx.saturating_sub(before));
        cold.fill(f64::NAN);
        for (out, value) in warm.iter_mut().zip(&values[..range.count]) {
            *out = f64::from(*value);
        }
    }

    /// Takes over the bars that the next chunk looks back on, the last of these.
    fn keep_last(&mut self, bars: [&[f64]; 4]) {
        let count = bars[0].len();
        let kept = count.saturating_sub(self.look_back)..count;
        self.bars.clear();
        self.bars
            .extend(kept.map(|row| bars.map(|column| column[row])));
        self.continued = true;
    }

    /// Drops all bars but those that the next chunk looks back on.
    fn end_chunk(&mut self) {
        self.bars
            .drain(..self.bars.len().saturating_sub(self.look_back));
        self.rows = 0;
        self.continued = true;
        self.handle = None;
    }
}

/// Open, high, low and close of the bars, each for itself.
fn by_column(bars: &[Bar]) -> [Vec<f64>; 4] {
    std::array::from_fn(|column| {
        let mut values = Vec::with_capacity(bars.len() + CHUNK);
        values.extend(bars.iter().map(|bar| bar[column]));
        values
    })
}

impl<P: Pattern> State for Candle<P> {
    fn save(&self, writer: &mut Writer) {
        writer.word(self.rows as u64);
        self.continued.save(writer);
        self.bars.save(writer);
    }

    fn load(&mut self, reader: &mut Reader<'_>) -> Result<(), FeatureError> {
        let rows = usize::try_from(reader.word()?).unwrap_or(usize::MAX);
        if rows >= CHUNK {
            return Err(refused("position in the chunk out of range"));
        }
        let mut continued = false;
        continued.load(reader)?;
        let count = if continued {
            self.look_back + rows
        } else {
            rows
        };
        let mut bars = vec![[0.0; 4]; count];
        bars.load(reader)?;
        // Replayed, so that the handle's sums are those of the calculator that was saved.
        let before = count - rows;
        self.bars.clear();
        self.bars.extend_from_slice(&bars[..before]);
        self.rows = 0;
        self.continued = continued;
        self.handle = None;
        for bar in &bars[before..] {
            self.step(*bar);
        }
        Ok(())
    }
}

impl<P: Pattern> Kernel<4, 1> for Candle<P> {
    fn warm_up(&self) -> [usize; 1] {
        [self.look_back]
    }

    #[inline]
    fn step(&mut self, bar: Bar) -> [f64; 1] {
        self.bars.push(bar);
        self.rows += 1;
        let value = match &mut self.handle {
            Some(handle) => P::update(handle, bar).map_or(f64::NAN, f64::from),
            None => self.start(),
        };
        if self.rows == CHUNK {
            self.end_chunk();
        }
        [value]
    }

    fn preview(&self, scratch: &mut Self, bar: Bar) -> [f64; 1] {
        if let Some(handle) = &self.handle {
            return [P::peek(handle, bar).map_or(f64::NAN, f64::from)];
        }
        scratch.clone_from(self);
        scratch.step(bar)
    }

    fn run(&mut self, columns: [&[f64]; 4], [out]: [&mut [f64]; 1]) {
        let mut row = 0;
        while row < out.len() {
            if self.rows > 0 || out.len() - row < CHUNK {
                [out[row]] = self.step(columns.map(|column| column[row]));
                row += 1;
                continue;
            }
            let part = &mut out[row..row + CHUNK];
            if row >= self.look_back {
                let bars = columns.map(|column| &column[row - self.look_back..row + CHUNK]);
                self.run_chunk(bars, self.look_back, part);
                self.keep_last(bars);
            } else {
                let before = self.bars.len();
                let mut bars = by_column(&self.bars);
                for (bars, column) in bars.iter_mut().zip(columns) {
                    bars.extend_from_slice(&column[row..row + CHUNK]);
                }
                let bars = bars.each_ref().map(Vec::as_slice);
                self.run_chunk(bars, before, part);
                self.keep_last(bars);
            }
            row += CHUNK;
        }
    }
}
