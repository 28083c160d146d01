//! Filling missing values from their neighbours, with a limit.

/// The last value, for at most `limit` missing rows in a row: the streaming form of [`forward_fill`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ForwardFill {
    limit: u32,
    last: f64,
    age: u32,
}

impl ForwardFill {
    /// Nothing seen yet.
    pub const fn new(limit: u32) -> Self {
        Self {
            limit,
            last: f64::NAN,
            age: 0,
        }
    }

    /// The value itself, or the last one when this one is missing and the last is young enough; NaN
    /// otherwise.
    pub fn next(&mut self, value: f64) -> f64 {
        if value.is_finite() {
            self.last = value;
            self.age = 0;
            return value;
        }
        self.age = self.age.saturating_add(1);
        if self.age <= self.limit {
            self.last
        } else {
            f64::NAN
        }
    }
}

/// Fills what is missing with the last value before it, for at most `limit` rows in a row.
pub fn forward_fill(column: &mut [f64], limit: u32) {
    let mut fill = ForwardFill::new(limit);
    for value in column {
        *value = fill.next(*value);
    }
}

/// Fills what is missing with the next value after it, for at most `limit` rows in a row. It looks
/// ahead: for studies over whole columns, never for anything that trades.
pub fn backward_fill(column: &mut [f64], limit: u32) {
    let mut fill = ForwardFill::new(limit);
    for value in column.iter_mut().rev() {
        *value = fill.next(*value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_stop_at_their_limit() {
        let nan = f64::NAN;
        let mut column = [nan, 1.0, nan, nan, nan, 2.0, nan];
        forward_fill(&mut column, 2);
        assert_eq!(column[1..4], [1.0, 1.0, 1.0]);
        assert!(column[0].is_nan() && column[4].is_nan());
        assert_eq!(column[6], 2.0);
        let mut column = [nan, nan, 1.0, nan];
        backward_fill(&mut column, 1);
        assert!(column[0].is_nan() && column[3].is_nan());
        assert_eq!(column[1..3], [1.0, 1.0]);
    }
}
