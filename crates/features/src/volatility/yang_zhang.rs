//! Yang and Zhang's drift-independent volatility with overnight gaps.

use super::estimators::{log_ratio, rogers_satchell_of};
use crate::calculator::Kernel;
use crate::rolling::{Moments, Sum, Window, moments};
use crate::state_fields;

/// Inputs (open, high, low, close); output per year.
#[derive(Debug, Clone)]
pub(super) struct YangZhang {
    overnight: Window<Moments, 1, 4>,
    session: Window<Moments, 1, 4>,
    range: Window<Sum, 1, 1>,
    last_close: f64,
    weight: f64,
    per_year: f64,
}

state_fields!(YangZhang {
    overnight,
    session,
    range,
    last_close
});

impl YangZhang {
    pub(super) fn new(length: usize, per_year: f64) -> Self {
        let n = length as f64;
        Self {
            overnight: Window::new(length),
            session: Window::new(length),
            range: Window::new(length),
            last_close: f64::NAN,
            weight: 0.34 / (1.34 + (n + 1.0) / (n - 1.0)),
            per_year,
        }
    }
}

impl Kernel<4, 1> for YangZhang {
    fn warm_up(&self) -> [usize; 1] {
        [self.range.length()]
    }

    #[inline]
    fn step(&mut self, bar: [f64; 4]) -> [f64; 1] {
        let [open, high, low, close] = bar;
        let overnight = log_ratio(open, std::mem::replace(&mut self.last_close, close));
        let session = log_ratio(close, open);
        let range = rogers_satchell_of([log_ratio(high, open), log_ratio(low, open), session]);
        if overnight.is_nan() || session.is_nan() || range.is_nan() {
            return [f64::NAN];
        }
        let n = self.range.length() as f64;
        let overnight = self
            .overnight
            .push([overnight])
            .map(|acc| moments(acc, 1.0 / n));
        let session = self
            .session
            .push([session])
            .map(|acc| moments(acc, 1.0 / n));
        match (overnight, session, self.range.push([range])) {
            (Some((_, overnight)), Some((_, session)), Some([range])) => {
                let variances = (overnight + self.weight * session) / (n - 1.0);
                let variance = variances + (1.0 - self.weight) * range / n;
                [(variance * self.per_year).sqrt()]
            }
            _ => [f64::NAN],
        }
    }
}
