//! A fitted preparation: the only thing that transforms, columns at once or row by row.

use super::error::PreparationError;
use super::fill::{ForwardFill, backward_fill, forward_fill};
use super::fit::{Training, check};
use super::{Preparation, Step};

/// What one step does to one column.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Action {
    ForwardFill(u32),
    BackwardFill(u32),
    Clip {
        low: f64,
        high: f64,
    },
    Drop {
        low: f64,
        high: f64,
    },
    Scale {
        center: f64,
        width: f64,
    },
    /// Values with their ranks, both ascending.
    Rank(Vec<(f64, f64)>),
}

impl Action {
    /// The step over a whole column of one symbol.
    pub(super) fn apply(&self, column: &mut [f64]) {
        match self {
            Self::ForwardFill(limit) => forward_fill(column, *limit),
            Self::BackwardFill(limit) => backward_fill(column, *limit),
            _ => column
                .iter_mut()
                .for_each(|value| *value = self.pointwise(*value)),
        }
    }

    /// Of steps that look at one value alone; fills leave it as it is.
    pub(super) fn pointwise(&self, value: f64) -> f64 {
        if !value.is_finite() {
            return f64::NAN;
        }
        match self {
            Self::ForwardFill(_) | Self::BackwardFill(_) => value,
            Self::Clip { low, high } => value.max(*low).min(*high),
            Self::Drop { low, high } if value < *low || value > *high => f64::NAN,
            Self::Drop { .. } => value,
            Self::Scale { center, width } => {
                let scaled = (value - center) / width;
                if scaled.is_finite() { scaled } else { f64::NAN }
            }
            Self::Rank(ranks) => rank(ranks, value),
        }
    }
}

fn rank(ranks: &[(f64, f64)], value: f64) -> f64 {
    let above = ranks.partition_point(|(known, _)| *known < value);
    match (
        above.checked_sub(1).and_then(|at| ranks.get(at)),
        ranks.get(above),
    ) {
        (_, Some((known, rank))) if *known <= value => *rank,
        (None, _) => 0.0,
        (_, None) => 1.0,
        (Some((a, rank_a)), Some((b, rank_b))) => {
            // Halves first: the difference of two huge values would overflow.
            let part = (value / 2.0 - a / 2.0) / (b / 2.0 - a / 2.0);
            rank_a + (rank_b - rank_a) * part
        }
    }
}

/// Steps fitted on training rows, with the names of the columns they belong to.
#[derive(Debug, Clone, PartialEq)]
pub struct FittedPreparation {
    steps: Vec<Step>,
    names: Vec<String>,
    /// Per column, one per step.
    actions: Vec<Vec<Action>>,
    training: Training,
}

impl FittedPreparation {
    pub(super) fn new(
        steps: Vec<Step>,
        names: Vec<String>,
        actions: Vec<Vec<Action>>,
        training: Training,
    ) -> Self {
        Self {
            steps,
            names,
            actions,
            training,
        }
    }

    /// The columns, in the order in which they are given and come back.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The steps.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// What it was fitted on.
    pub const fn training(&self) -> Training {
        self.training
    }

    pub(super) fn actions(&self) -> &[Vec<Action>] {
        &self.actions
    }

    /// Transforms whole columns of one symbol, rows in time order; one per name.
    ///
    /// # Errors
    /// [`PreparationError::Shape`] for another number of columns.
    pub fn batch(&self, columns: &[&[f64]]) -> Result<Vec<Vec<f64>>, PreparationError> {
        check("columns", self.names.len(), columns.len())?;
        let transformed = columns.iter().zip(&self.actions).map(|(column, actions)| {
            let mut values = column.to_vec();
            actions.iter().for_each(|action| action.apply(&mut values));
            values
        });
        Ok(transformed.collect())
    }

    /// The same, row by row, for one symbol.
    ///
    /// # Errors
    /// [`PreparationError::LooksAhead`] when a step needs later rows.
    pub fn streaming(&self) -> Result<Prepared<'_>, PreparationError> {
        self.refuse_look_ahead()?;
        let fills = self.actions.iter().map(|actions| {
            actions
                .iter()
                .map(|action| match action {
                    Action::ForwardFill(limit) => Some(ForwardFill::new(*limit)),
                    _ => None,
                })
                .collect()
        });
        Ok(Prepared {
            fitted: self,
            fills: fills.collect(),
        })
    }

    pub(super) fn refuse_look_ahead(&self) -> Result<(), PreparationError> {
        let backward = |step: &&Step| matches!(step, Step::BackwardFill { .. });
        match self.steps.iter().find(backward) {
            None => Ok(()),
            Some(step) => Err(PreparationError::LooksAhead {
                step: step.to_string(),
            }),
        }
    }

    /// The steps without what they learned.
    pub fn unfitted(&self) -> Preparation {
        Preparation::new(self.steps.clone())
    }
}

/// A fitted preparation at work on the rows of one symbol.
#[derive(Debug, Clone)]
pub struct Prepared<'f> {
    fitted: &'f FittedPreparation,
    /// Per column and step, the state of fills.
    fills: Vec<Vec<Option<ForwardFill>>>,
}

impl Prepared<'_> {
    /// Transforms one row in place, one value per name.
    ///
    /// # Errors
    /// [`PreparationError::Shape`] for another number of values; nothing is then remembered.
    pub fn next(&mut self, row: &mut [f64]) -> Result<(), PreparationError> {
        check("values", self.fitted.names.len(), row.len())?;
        let columns = self.fitted.actions.iter().zip(&mut self.fills);
        for (value, (actions, fills)) in row.iter_mut().zip(columns) {
            for (action, fill) in actions.iter().zip(fills) {
                *value = match fill {
                    Some(fill) => fill.next(*value),
                    None => action.pointwise(*value),
                };
            }
        }
        Ok(())
    }
}
