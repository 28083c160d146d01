//! Backups on both engines: of one snapshot, proven, restored beside what is there.

use std::path::Path;
use std::time::Duration;

use secrecy::SecretString;
use trader_database::{
    BackupError, BackupRepository as _, Backups, Blocking, Database, Keep, NewRun,
    RunRepository as _, Target,
};
use trader_domain::{Clock, SimulatedClock, Timestamp};

use crate::engines::{Engines, PATIENT, open};
use crate::samples::{at, listing, news, vendors};

use trader_database::RecordRepository as _;

fn backups(folder: &Path, engines: &Engines) -> Backups {
    let tools = match engines {
        Engines::Postgres(server) => Some(server.tools().to_owned()),
        Engines::Sqlite(_) => None,
    };
    Backups::new(folder.to_owned(), SecretString::from("k".repeat(40)), tools)
}

/// A clock that goes on by a second whenever it is looked at.
struct Ticking(SimulatedClock);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        self.0
            .advance_to(self.0.now().saturating_add(1_000_000_000));
        self.0.now()
    }
}

async fn fill(database: &Database) {
    let vendors = vendors();
    let items: Vec<_> = (0..700)
        .map(|n| news(&format!("{n}'\"\\"), n, "a; DROP TABLE x"))
        .collect();
    database.keep(&items, &vendors).await.unwrap();
    database.keep(&[listing("1")], &vendors).await.unwrap();
    database.begin_run(&run()).await.unwrap();
}

fn run() -> NewRun {
    NewRun {
        vendor: "v".into(),
        source: "s".into(),
        request: "r".into(),
        started: at(1),
    }
}

#[test]
fn a_backup_taken_during_work_restores_to_its_snapshot() {
    for engines in [Engines::sqlite(), Engines::postgres()] {
        let folder = tempfile::tempdir().unwrap();
        let backups = backups(folder.path(), &engines);
        let clock = Ticking(SimulatedClock::at(at(1_700_000_000)));
        Blocking::new().unwrap().wait(async {
            let database = engines.database(PATIENT).await;
            fill(&database).await;
            let writer = tokio::spawn({
                let database = database.clone();
                async move {
                    for _ in 0..40 {
                        database.begin_run(&run()).await.unwrap();
                        tokio::time::sleep(Duration::from_millis(5)).await;
                    }
                }
            });
            let manifest = backups
                .run(&database, Keep::newest(5), &clock)
                .await
                .unwrap();
            writer.await.unwrap();
            assert!(manifest.proven);
            assert_eq!(manifest.contents["news"].rows, 700);
            let into = match &engines {
                Engines::Sqlite(_) => folder.path().join("restored.db").display().to_string(),
                Engines::Postgres(_) => "restored".to_owned(),
            };
            let target = database.target().clone();
            backups
                .restore(&manifest, &target, Some(&into))
                .await
                .unwrap();
            let second = match target {
                Target::Sqlite { .. } => Target::Sqlite {
                    file: into.clone().into(),
                },
                Target::Postgres(mut server) => {
                    server.name.clone_from(&into);
                    Target::Postgres(server)
                }
            };
            let restored = open(second, PATIENT).await;
            let runs = restored.recent_runs(1_000).await.unwrap().len();
            assert_eq!(u64::try_from(runs).unwrap(), manifest.contents["runs"].rows);
            assert!((1..=41).contains(&runs));
            assert_eq!(database.recent_runs(1_000).await.unwrap().len(), 41);
            // It lives: what is restored takes writes.
            restored.begin_run(&run()).await.unwrap();
            restored.close().await;
            assert_eq!(
                database.recent_backups(9).await.unwrap()[0].status,
                "proven"
            );
            database.close().await;
        });
        let left: Vec<_> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| {
                name.starts_with('.') || name.ends_with("plain") || name.ends_with("part")
            })
            .collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

#[test]
fn what_differs_from_its_snapshot_is_not_proven_and_not_restored() {
    for engines in [Engines::sqlite(), Engines::postgres()] {
        let folder = tempfile::tempdir().unwrap();
        let backups = backups(folder.path(), &engines);
        let clock = Ticking(SimulatedClock::at(at(1_700_000_000)));
        Blocking::new().unwrap().wait(async {
            let database = engines.database(PATIENT).await;
            fill(&database).await;
            let target = database.target().clone();
            let manifest = backups
                .run(&database, Keep::newest(5), &clock)
                .await
                .unwrap();
            let mut other = manifest.clone();
            other.contents.get_mut("news").unwrap().rows += 1;
            let differs = backups.prove(&other, &target).await;
            assert!(
                matches!(differs, Err(BackupError::Differs { .. })),
                "{differs:?}"
            );
            let into = match &engines {
                Engines::Sqlite(_) => folder.path().join("other.db").display().to_string(),
                Engines::Postgres(_) => "other".to_owned(),
            };
            assert!(backups.restore(&other, &target, Some(&into)).await.is_err());
            assert!(!Path::new(&into).exists());
            let mut unproven = manifest.clone();
            unproven.proven = false;
            let refused = backups.restore(&unproven, &target, Some(&into)).await;
            assert!(
                matches!(refused, Err(BackupError::Refused(_))),
                "{refused:?}"
            );
            // The name is free: nothing of the attempts is left.
            backups
                .restore(&manifest, &target, Some(&into))
                .await
                .unwrap();
            if let Engines::Postgres(_) = engines {
                let taken = backups.restore(&manifest, &target, Some(&into)).await;
                assert!(taken.is_err(), "nothing is overwritten");
                let hostile = backups
                    .restore(&manifest, &target, Some("x\"; DROP DATABASE other; --"))
                    .await;
                assert!(
                    matches!(hostile, Err(BackupError::Refused(_))),
                    "{hostile:?}"
                );
            }
            database.close().await;
        });
    }
}

#[test]
fn a_backup_that_fails_says_so_in_the_catalogue() {
    let engines = Engines::postgres();
    let folder = tempfile::tempdir().unwrap();
    let nowhere = Some(folder.path().join("no-tools"));
    let backups = Backups::new(folder.path().to_owned(), SecretString::from("k"), nowhere);
    let clock = Ticking(SimulatedClock::at(at(1_700_000_000)));
    Blocking::new().unwrap().wait(async {
        let database = engines.database(PATIENT).await;
        let failed = backups.run(&database, Keep::newest(5), &clock).await;
        assert!(
            matches!(failed, Err(BackupError::Program { .. })),
            "{failed:?}"
        );
        let told = &database.recent_backups(1).await.unwrap()[0];
        assert_eq!(told.status, "failed");
        assert!(
            told.detail.as_ref().unwrap().contains("pg_dump"),
            "{told:?}"
        );
        assert!(backups.list().unwrap().is_empty());
        database.close().await;
    });
}
