//! Quarantine files: every rejected row with reason, place and raw text, one JSON object a line.

use std::collections::BTreeMap;

use serde::Serialize;
use trader_storage::store::MarketStore;
use trader_storage::{DataError, Place, Rejected};

use crate::error::BackfillError;

/// The quarantine file of one unit of work.
pub(crate) struct Quarantine<'a> {
    store: &'a MarketStore,
    path: String,
    started: bool,
    counts: BTreeMap<String, u64>,
}

#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<&'a str>,
    reason: &'a str,
    message: String,
    raw: &'a str,
}

impl<'a> Quarantine<'a> {
    pub(crate) fn new(store: &'a MarketStore, run: &str, unit: usize) -> Self {
        Self {
            store,
            path: format!("_quarantine/{run}/{unit:06}.jsonl"),
            started: false,
            counts: BTreeMap::new(),
        }
    }

    /// Writes rejected rows down. The first call replaces what an interrupted run left.
    pub(crate) fn add(&mut self, rejects: &[Rejected]) -> Result<(), BackfillError> {
        let mut text = String::new();
        for rejected in rejects {
            let problem = &rejected.problem;
            let reason = problem.kind.name();
            *self.counts.entry(reason.to_owned()).or_default() += 1;
            let (line, row) = match problem.place {
                Place::Line(line) => (Some(line), None),
                Place::Row(row) => (None, Some(row)),
            };
            self.push(
                &Line {
                    file: &problem.file,
                    line,
                    row,
                    column: problem.column.as_deref(),
                    reason,
                    message: format!("{}; {}", problem.kind, problem.kind.advice()),
                    raw: &rejected.raw,
                },
                &mut text,
            )?;
        }
        self.write(text)
    }

    /// Writes down that a whole source could not be used.
    pub(crate) fn add_source(
        &mut self,
        file: &str,
        error: &DataError,
    ) -> Result<(), BackfillError> {
        *self.counts.entry("source".to_owned()).or_default() += 1;
        let mut text = String::new();
        let line = Line {
            file,
            line: None,
            row: None,
            column: None,
            reason: "source",
            message: error.to_string(),
            raw: "",
        };
        self.push(&line, &mut text)?;
        self.write(text)
    }

    fn push(&self, line: &Line<'_>, text: &mut String) -> Result<(), BackfillError> {
        let json = serde_json::to_string(line).map_err(|error| BackfillError::Journal {
            file: self.store.files().shown(&self.path),
            detail: error.to_string(),
        })?;
        text.push_str(&json);
        text.push('\n');
        Ok(())
    }

    fn write(&mut self, text: String) -> Result<(), BackfillError> {
        if text.is_empty() {
            return Ok(());
        }
        let files = self.store.files();
        let done = if self.started {
            files.append(&self.path, text.as_bytes())
        } else {
            files.write(&[(self.path.clone(), text.into_bytes())])
        };
        self.started = true;
        done.map_err(BackfillError::Store)
    }

    /// How many rows, by reason. A file that an earlier state of the source filled goes when there is nothing now.
    pub(crate) fn finish(self) -> Result<BTreeMap<String, u64>, BackfillError> {
        if !self.started {
            self.store
                .files()
                .remove(&self.path)
                .map_err(BackfillError::Store)?;
        }
        Ok(self.counts)
    }
}
