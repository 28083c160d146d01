//! When which backup is taken: `15 3 * * *: database`.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use croner::Cron;

use super::{NotAllowed, Setting, text_of, toml_string};
use crate::raw::RawValue;

/// What is done at the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackupTask {
    /// A backup of the database.
    Database,
    /// A base backup of the server.
    Base,
    /// All files.
    FilesFull,
    /// Files that the newest backup does not have.
    FilesIncremental,
    /// Files that the newest full backup does not have.
    FilesDifferential,
    /// Copies to `backup.copies`.
    Copy,
}

/// Every task with its words.
const TASKS: [(BackupTask, &str); 6] = [
    (BackupTask::Database, "database"),
    (BackupTask::Base, "base"),
    (BackupTask::FilesFull, "files full"),
    (BackupTask::FilesIncremental, "files incremental"),
    (BackupTask::FilesDifferential, "files differential"),
    (BackupTask::Copy, "copy"),
];

impl BackupTask {
    /// Its words.
    pub fn name(self) -> &'static str {
        let own = TASKS.iter().find(|(task, _)| *task == self);
        own.map_or("", |(_, name)| name)
    }
}

/// A task and the times at which it is due, in UTC.
#[derive(Clone, Debug)]
pub struct BackupJob {
    pattern: String,
    times: Cron,
    task: BackupTask,
}

impl PartialEq for BackupJob {
    fn eq(&self, other: &Self) -> bool {
        (&self.pattern, self.task) == (&other.pattern, other.task)
    }
}

impl BackupJob {
    /// What is done.
    pub const fn task(&self) -> BackupTask {
        self.task
    }

    /// The first time after this one at which it is due; `None` when there is none.
    pub fn next_after(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.times.find_next_occurrence(&instant, false).ok()
    }
}

impl FromStr for BackupJob {
    type Err = NotAllowed;

    fn from_str(text: &str) -> Result<Self, NotAllowed> {
        let (pattern, task) = text.split_once(':').ok_or(NotAllowed)?;
        let pattern = pattern.split_whitespace().collect::<Vec<_>>().join(" ");
        let words = task.split_whitespace().collect::<Vec<_>>().join(" ");
        let task = TASKS.iter().find(|(_, name)| *name == words);
        let (task, _) = task.ok_or(NotAllowed)?;
        // Five fields, or six with seconds: no nicknames, nothing that is never due.
        if !(5..=6).contains(&pattern.split(' ').count()) || pattern.len() > 200 {
            return Err(NotAllowed);
        }
        let times: Cron = pattern.parse().map_err(|_malformed| NotAllowed)?;
        let job = Self {
            pattern,
            times,
            task: *task,
        };
        job.next_after(DateTime::UNIX_EPOCH).ok_or(NotAllowed)?;
        Ok(job)
    }
}

impl fmt::Display for BackupJob {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.pattern, self.task.name())
    }
}

impl Setting for BackupJob {
    const TYPE: &'static str = "backup job";

    fn read(raw: &RawValue, _range: &str) -> Result<Self, NotAllowed> {
        text_of(raw)?.parse()
    }

    fn allowed(_range: &str) -> String {
        "`MINUTE HOUR DAY MONTH WEEKDAY: database|base|files full|files incremental|files differential|copy`, times in UTC as in a crontab"
            .to_owned()
    }

    fn render(&self) -> Option<String> {
        Some(toml_string(&self.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(text: &str, after: &str) -> String {
        let job: BackupJob = text.parse().unwrap();
        let after = after.parse().unwrap();
        job.next_after(after).unwrap().to_rfc3339()
    }

    #[test]
    fn times_are_those_of_a_crontab_in_utc() {
        for (text, after, expected) in [
            (
                "15 3 * * *: database",
                "2024-03-09T03:14:59Z",
                "2024-03-09T03:15:00+00:00",
            ),
            // The time itself was the last one: nothing is due twice.
            (
                "15 3 * * *: database",
                "2024-03-09T03:15:00Z",
                "2024-03-10T03:15:00+00:00",
            ),
            // New York's change to summer time is none of UTC's.
            (
                "30 7 * * *: base",
                "2024-03-10T06:59:59Z",
                "2024-03-10T07:30:00+00:00",
            ),
            (
                "0 4 * * 0: files full",
                "2024-02-26T00:00:00Z",
                "2024-03-03T04:00:00+00:00",
            ),
            (
                "0 4 * * 1-6: files incremental",
                "2024-03-02T04:00:00Z",
                "2024-03-04T04:00:00+00:00",
            ),
            (
                "0 0 29 2 *: copy",
                "2024-02-29T00:00:00Z",
                "2028-02-29T00:00:00+00:00",
            ),
            (
                "*/5 * * * *: copy",
                "2024-12-31T23:59:00Z",
                "2025-01-01T00:00:00+00:00",
            ),
        ] {
            assert_eq!(next(text, after), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_job_is_refused() {
        for text in [
            "",
            "15 3 * * *",
            "15 3 * *: database",
            "60 3 * * *: database",
            "15 25 * * *: database",
            "0 0 30 2 *: database",
            "@daily: database",
            "15 3 * * *: everything",
            "15 3 * * *: files",
            "15 3 * * * ; rm -rf /: database",
            "15 3 * * *: database: copy",
        ] {
            assert!(text.parse::<BackupJob>().is_err(), "{text}");
        }
        let job: BackupJob = " 15  3 * * * :  files   full ".parse().unwrap();
        assert_eq!(job.to_string(), "15 3 * * *: files full");
        assert_eq!(job.to_string().parse::<BackupJob>().unwrap(), job);
    }
}
