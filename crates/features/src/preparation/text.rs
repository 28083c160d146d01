//! A fitted preparation as text, with version and checksum: it travels with a model.
//!
//! ```text
//! ai-trader preparation 1
//! trained FROM UNTIL ROWS
//! steps winsorize:0.01 zscore
//! column rsi_14
//! clip LOW HIGH
//! scale CENTER WIDTH
//! end CHECKSUM
//! ```
//! Numbers are written so that they read back bit for bit. The checksum is BLAKE3 of all lines before
//! the last.

use std::fmt::Write as _;

use super::Step;
use super::error::PreparationError;
use super::fit::Training;
use super::fitted::{Action, FittedPreparation};

const HEADER: &str = "ai-trader preparation 1";
/// Longest text, in bytes.
const MAX_LENGTH: usize = 64 << 20;

impl FittedPreparation {
    /// The text.
    ///
    /// # Errors
    /// [`PreparationError::LooksAhead`]: what looks ahead must not reach a model.
    pub fn to_text(&self) -> Result<String, PreparationError> {
        self.refuse_look_ahead()?;
        let training = self.training();
        let mut text = format!(
            "{HEADER}\ntrained {} {} {}\nsteps",
            training.from, training.until, training.rows
        );
        for step in self.steps() {
            let _infallible = write!(text, " {step}");
        }
        text.push('\n');
        for (name, actions) in self.names().iter().zip(self.actions()) {
            let _infallible = writeln!(text, "column {name}");
            for action in actions {
                write_action(&mut text, action);
            }
        }
        let checksum = blake3::hash(text.as_bytes()).to_hex();
        let _infallible = writeln!(text, "end {checksum}");
        Ok(text)
    }

    /// Reads what [`FittedPreparation::to_text`] wrote.
    ///
    /// # Errors
    /// [`PreparationError::Text`] for anything else: another version, a wrong checksum, a number out of
    /// range.
    pub fn from_text(text: &str) -> Result<Self, PreparationError> {
        if text.len() > MAX_LENGTH {
            return Err(fault(1, "it is longer than 64 MiB"));
        }
        let last = text.lines().count();
        let body = text
            .rfind("end ")
            .filter(|at| *at == 0 || text[..*at].ends_with('\n'))
            .ok_or_else(|| fault(last, "it is cut short: the last line is missing"))?;
        let (body, end) = text.split_at(body);
        let checksum = blake3::hash(body.as_bytes()).to_hex();
        if end != format!("end {checksum}\n") {
            return Err(fault(last, "the checksum does not match"));
        }
        let mut lines = Lines {
            lines: body.lines().collect(),
            at: 0,
        };
        if lines.next() != Some(HEADER) {
            return Err(lines.fault("this version is not known"));
        }
        let training = lines.training()?;
        let steps = lines.steps()?;
        let (mut names, mut actions) = (Vec::new(), Vec::new());
        while let Some(line) = lines.next() {
            let name = line
                .strip_prefix("column ")
                .ok_or_else(|| lines.fault("expected `column NAME`"))?;
            names.push(name.to_owned());
            let of_steps = steps.iter().map(|step| lines.action(step));
            actions.push(of_steps.collect::<Result<Vec<_>, _>>()?);
        }
        Ok(Self::new(steps, names, actions, training))
    }
}

fn write_action(text: &mut String, action: &Action) {
    let _infallible = match action {
        Action::ForwardFill(limit) => writeln!(text, "ffill {limit}"),
        Action::BackwardFill(limit) => writeln!(text, "bfill {limit}"),
        Action::Clip { low, high } => writeln!(text, "clip {low:e} {high:e}"),
        Action::Drop { low, high } => writeln!(text, "drop {low:e} {high:e}"),
        Action::Scale { center, width } => writeln!(text, "scale {center:e} {width:e}"),
        Action::Rank(ranks) => {
            text.push_str("rank");
            for (value, rank) in ranks {
                let _infallible = write!(text, " {value:e} {rank:e}");
            }
            text.push('\n');
            Ok(())
        }
    };
}

fn fault(line: usize, reason: &str) -> PreparationError {
    PreparationError::Text {
        line,
        reason: reason.to_owned(),
    }
}

/// The lines, and where we are.
struct Lines<'t> {
    lines: Vec<&'t str>,
    at: usize,
}

impl<'t> Lines<'t> {
    fn next(&mut self) -> Option<&'t str> {
        let line = self.lines.get(self.at).copied();
        self.at += 1;
        line
    }

    fn fault(&self, reason: &str) -> PreparationError {
        fault(self.at, reason)
    }

    /// The words of the next line after `keyword`.
    fn words(&mut self, keyword: &str) -> Result<Vec<&'t str>, PreparationError> {
        let mut words = self.next().unwrap_or_default().split(' ');
        if words.next() != Some(keyword) {
            return Err(self.fault(&format!("expected `{keyword}`")));
        }
        Ok(words.collect())
    }

    fn training(&mut self) -> Result<Training, PreparationError> {
        let words = self.words("trained")?;
        let [from, until, rows] = words.as_slice() else {
            return Err(self.fault("expected three numbers"));
        };
        match (from.parse(), until.parse(), rows.parse()) {
            (Ok(from), Ok(until), Ok(rows)) if from < until => Ok(Training { from, until, rows }),
            _ => Err(self.fault("expected a range and a number of rows")),
        }
    }

    fn steps(&mut self) -> Result<Vec<Step>, PreparationError> {
        let words = self.words("steps")?;
        words
            .iter()
            .map(|word| Step::parse(word).map_err(|error| self.fault(&error.to_string())))
            .collect()
    }

    /// What `step` does to a column.
    fn action(&mut self, step: &Step) -> Result<Action, PreparationError> {
        let keyword = match step {
            Step::ForwardFill { limit } => {
                let same = self.words("ffill")? == [limit.to_string()];
                return if same {
                    Ok(Action::ForwardFill(*limit))
                } else {
                    Err(self.fault("is not the limit of the step"))
                };
            }
            Step::BackwardFill { .. } => return Err(self.fault("looks ahead")),
            Step::Outliers(super::Outliers::Drop { .. }) => "drop",
            Step::Outliers(_) => "clip",
            Step::Standardize(super::Standardizer::Rank) => "rank",
            Step::Standardize(_) => "scale",
        };
        let numbers = self.numbers(keyword)?;
        match (keyword, numbers.as_slice()) {
            ("drop", [low, high]) if low <= high => Ok(Action::Drop {
                low: *low,
                high: *high,
            }),
            ("clip", [low, high]) if low <= high => Ok(Action::Clip {
                low: *low,
                high: *high,
            }),
            ("scale", [center, width]) if *width > 0.0 => Ok(Action::Scale {
                center: *center,
                width: *width,
            }),
            ("rank", flat) => {
                let (pairs, rest) = flat.as_chunks::<2>();
                let ascending = pairs
                    .windows(2)
                    .all(|two| matches!(two, [[a, x], [b, y]] if a < b && x <= y));
                let shares = pairs.iter().all(|[_, rank]| (0.0..=1.0).contains(rank));
                if pairs.is_empty() || !rest.is_empty() || !ascending || !shares {
                    return Err(self.fault("expected ascending values with ranks"));
                }
                Ok(Action::Rank(pairs.iter().map(|[v, r]| (*v, *r)).collect()))
            }
            _ => Err(self.fault("expected two numbers in order")),
        }
    }

    fn numbers(&mut self, keyword: &str) -> Result<Vec<f64>, PreparationError> {
        let words = self.words(keyword)?;
        words
            .iter()
            .map(|word| {
                word.parse::<f64>()
                    .ok()
                    .filter(|value| value.is_finite())
                    .ok_or_else(|| self.fault(&format!("`{word}` is no number")))
            })
            .collect()
    }
}
