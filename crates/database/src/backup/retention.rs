//! [`Keep`]: which backups stay.

use std::collections::BTreeSet;

use chrono::{Datelike as _, NaiveDate};
use trader_domain::Timestamp;

/// How many proven backups stay: the newest ones, and the newest of each of the last days, weeks and months that have
/// one. A backup that any of these names stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// The newest; one stays in any case.
    pub newest: u32,
    /// Days (UTC).
    pub daily: u32,
    /// Weeks, from Monday on.
    pub weekly: u32,
    /// Months.
    pub monthly: u32,
}

impl Keep {
    /// So many of the newest and no others.
    pub const fn newest(newest: u32) -> Self {
        Self {
            newest,
            daily: 0,
            weekly: 0,
            monthly: 0,
        }
    }

    /// Which of these stay, told by when they were taken, the newest first.
    pub(super) fn kept(&self, taken: &[Timestamp]) -> BTreeSet<usize> {
        let newest = usize::try_from(self.newest.max(1)).unwrap_or(usize::MAX);
        let mut kept: BTreeSet<usize> = (0..taken.len().min(newest)).collect();
        for (most, period) in [
            (self.daily, day as fn(NaiveDate) -> (i32, u32)),
            (self.weekly, week),
            (self.monthly, month),
        ] {
            let most = usize::try_from(most).unwrap_or(usize::MAX);
            let mut seen = BTreeSet::new();
            for (index, taken) in taken.iter().enumerate() {
                if seen.len() == most {
                    break;
                }
                if seen.insert(period(taken.utc_date())) {
                    kept.insert(index);
                }
            }
        }
        kept
    }
}

fn day(date: NaiveDate) -> (i32, u32) {
    (date.year(), date.ordinal())
}

fn week(date: NaiveDate) -> (i32, u32) {
    (date.iso_week().year(), date.iso_week().week())
}

fn month(date: NaiveDate) -> (i32, u32) {
    (date.year(), date.month())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: &str) -> Timestamp {
        format!("{day}T03:00:00Z").parse().unwrap()
    }

    fn days(keep: Keep, taken: &[&str]) -> Vec<String> {
        let times: Vec<Timestamp> = taken.iter().map(|day| at(day)).collect();
        let kept = keep.kept(&times);
        kept.into_iter()
            .map(|index| taken[index].to_owned())
            .collect()
    }

    #[test]
    fn the_newest_of_each_day_week_and_month_stays() {
        let taken = [
            "2024-03-03", // Sunday
            "2024-03-02",
            "2024-03-01",
            "2024-02-29",
            "2024-02-26", // Monday of the same week
            "2024-02-25",
            "2024-01-31",
            "2023-12-31",
        ];
        assert_eq!(days(Keep::newest(2), &taken), ["2024-03-03", "2024-03-02"]);
        assert_eq!(days(Keep::newest(0), &taken), ["2024-03-03"]);
        let weekly = Keep {
            weekly: 2,
            ..Keep::newest(1)
        };
        assert_eq!(days(weekly, &taken), ["2024-03-03", "2024-02-25"]);
        let monthly = Keep {
            monthly: 3,
            ..Keep::newest(1)
        };
        assert_eq!(
            days(monthly, &taken),
            ["2024-03-03", "2024-02-29", "2024-01-31"]
        );
        let daily = Keep {
            daily: 3,
            monthly: 9,
            ..Keep::newest(1)
        };
        assert_eq!(
            days(daily, &taken),
            [
                "2024-03-03",
                "2024-03-02",
                "2024-03-01",
                "2024-02-29",
                "2024-01-31",
                "2023-12-31"
            ]
        );
    }

    #[test]
    fn days_without_a_backup_do_not_use_up_the_retention() {
        let daily = Keep {
            daily: 2,
            ..Keep::newest(1)
        };
        let taken = ["2024-06-30", "2024-01-01", "2020-01-01"];
        assert_eq!(days(daily, &taken), ["2024-06-30", "2024-01-01"]);
        assert!(daily.kept(&[]).is_empty());
    }
}
