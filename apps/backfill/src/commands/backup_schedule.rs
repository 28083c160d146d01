//! `backfill backup schedule`: does at its time what `backup.schedule` says.
//!
//! One task at a time, in this process; what is due while another works is done after it, once. A task that fails is
//! told and does not end the schedule. What was due while the program did not run is not made up for.

use std::sync::atomic::Ordering;
use std::time::Duration;

use serde::Serialize;
use trader_config::schema::Config;
use trader_config::value::{BackupJob, BackupTask};
use trader_database::Scope;
use trader_domain::{Clock, Timestamp};

use super::{backup, backup_files, copies, recovery};
use crate::cli::BackupScheduleArgs;
use crate::failure::{Failure, on_one_line};
use crate::output::{self, SystemClock};
use crate::progress::watch_interrupts;
use crate::session::Session;

/// Longest sleep between two looks at the clock, which may be set meanwhile.
const LOOK: Duration = Duration::from_millis(200);

/// When a job is due next.
#[derive(Debug, Serialize, PartialEq, Eq)]
struct Next {
    at: Timestamp,
    task: &'static str,
}

pub(super) fn schedule(args: &BackupScheduleArgs) -> Result<(), Failure> {
    let session = Session::without_store(&args.common)?;
    let config = &session.loaded.config;
    let jobs = &config.backup.schedule;
    if jobs.is_empty() {
        return Err(Failure::Usage(
            "backup.schedule is empty; set it to something like [\"15 3 * * *: database\", \"*/5 * * * *: copy\"]"
                .to_owned(),
        ));
    }
    if args.dry_run {
        let next: Vec<Next> = upcoming(jobs, SystemClock.now());
        if args.common.json {
            return output::json(&next);
        }
        let lines = next
            .iter()
            .map(|next| format!("{}  {}\n", next.at, next.task));
        output::print(&lines.collect::<String>());
        return Ok(());
    }
    let interrupted = watch_interrupts();
    let mut since = SystemClock.now();
    while !interrupted.load(Ordering::Relaxed) {
        let now = SystemClock.now();
        // A clock that was set back starts anew from there: nothing is done twice for it.
        for job in due(jobs, since.min(now), now) {
            if let Err(failure) = carry_out(config, job.task()) {
                tracing::error!(
                    task = job.task().name(),
                    failure = on_one_line(&failure),
                    "a backup on schedule failed"
                );
            }
            if interrupted.load(Ordering::Relaxed) {
                break;
            }
        }
        since = now;
        std::thread::sleep(LOOK);
    }
    Ok(())
}

/// The jobs that became due after one instant, and not after another: each once, in the order of the configuration.
fn due(jobs: &[BackupJob], after: Timestamp, until: Timestamp) -> Vec<&BackupJob> {
    let is_due = |job: &&BackupJob| {
        let next = job.next_after(after.to_datetime());
        next.is_some_and(|next| next <= until.to_datetime())
    };
    jobs.iter().filter(is_due).collect()
}

/// Every job with its next time, the first one first.
fn upcoming(jobs: &[BackupJob], after: Timestamp) -> Vec<Next> {
    let next = |job: &BackupJob| {
        let at = Timestamp::from_datetime(job.next_after(after.to_datetime())?).ok()?;
        Some(Next {
            at,
            task: job.task().name(),
        })
    };
    let mut all: Vec<Next> = jobs.iter().filter_map(next).collect();
    all.sort_by_key(|next| next.at);
    all
}

fn carry_out(config: &Config, task: BackupTask) -> Result<(), Failure> {
    match task {
        BackupTask::Database => backup::take_database(config),
        BackupTask::Base => recovery::take_base(config),
        BackupTask::FilesFull => backup_files::take_files(config, Scope::Full),
        BackupTask::FilesIncremental => backup_files::take_files(config, Scope::Incremental),
        BackupTask::FilesDifferential => backup_files::take_files(config, Scope::Differential),
        BackupTask::Copy => copies::after_backup(config),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use trader_domain::SimulatedClock;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn over_a_simulated_week_every_job_is_done_at_its_times_and_once() {
        let jobs: Vec<BackupJob> = ["15 3 * * *: database", "0 4 * * 0: files full"]
            .iter()
            .map(|text| text.parse().unwrap())
            .collect();
        let clock = SimulatedClock::at(at("2024-03-04T00:00:00Z"));
        let mut since = clock.now();
        let mut done = Vec::new();
        // Looks at uneven times, also across two that are due and exactly at one.
        for step in (1..=700).cycle().take(9_000) {
            clock.advance_to(since.saturating_add(step * 200_000_000));
            for job in due(&jobs, since, clock.now()) {
                done.push((clock.now().utc_date(), job.task()));
            }
            since = clock.now();
        }
        let days = since
            .utc_date()
            .signed_duration_since(at("2024-03-04T00:00:00Z").utc_date());
        let databases = done
            .iter()
            .filter(|(_, task)| *task == BackupTask::Database);
        assert_eq!(
            databases.count(),
            usize::try_from(days.num_days()).unwrap() + 1
        );
        let mut once = done.clone();
        once.dedup();
        assert_eq!(once, done);
        assert!(done.contains(&(at("2024-03-10T00:00:00Z").utc_date(), BackupTask::FilesFull)));
    }

    #[test]
    fn what_was_due_several_times_meanwhile_is_done_once_and_a_clock_set_back_repeats_nothing() {
        let jobs = vec!["*/5 * * * *: copy".parse::<BackupJob>().unwrap()];
        let (early, late) = (at("2024-03-04T00:01:00Z"), at("2024-03-04T09:00:00Z"));
        assert_eq!(due(&jobs, early, late).len(), 1);
        assert_eq!(due(&jobs, late, late).len(), 0);
        assert_eq!(due(&jobs, late.min(early), early).len(), 0);
        assert_eq!(
            upcoming(&jobs, late),
            [Next {
                at: at("2024-03-04T09:05:00Z"),
                task: "copy"
            }]
        );
    }
}
