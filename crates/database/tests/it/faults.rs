//! Load, exhaustion, and servers that are killed, frozen and started again during work.

use std::time::Duration;

use futures_util::future::join_all;
use trader_database::{
    Blocking, Database, DatabaseError, NewRun, PoolSettings, RunRepository as _, Target,
};

use crate::engines::{Engines, PATIENT, metrics, on_both};
use crate::samples::at;

fn run(number: i64) -> NewRun {
    NewRun {
        vendor: "v".into(),
        source: "s".into(),
        request: format!("{number}"),
        started: at(number),
    }
}

#[test]
fn a_thousand_operations_at_once_on_ten_connections_all_succeed() {
    on_both(async |database| {
        let work = (0..1_000).map(|number| {
            let database = &database;
            async move {
                if number % 2 == 0 {
                    database.begin_run(&run(number)).await.map(drop)
                } else {
                    database.recent_runs(3).await.map(drop)
                }
            }
        });
        for outcome in join_all(work).await {
            outcome.unwrap();
        }
        assert_eq!(database.recent_runs(2_000).await.unwrap().len(), 500);
        let pool = database.pool_use();
        assert_eq!((pool.in_use, pool.most), (0, 10));
        assert!(pool.leaks.is_empty());
    });
}

/// Settings of a program that trades.
const STRICT: PoolSettings = PoolSettings {
    size: 2,
    overflow: 0,
    acquire_timeout: Duration::from_millis(300),
    deadline: Duration::from_secs(1),
    recycle: Duration::from_secs(600),
    test_before_use: true,
    slow_acquire: Duration::from_millis(100),
};

/// A new database with its tables, opened so; a busy machine may need more than one attempt.
async fn opened(engines: &Engines, pool: PoolSettings) -> Database {
    let ready = engines.database(PATIENT).await;
    ready.close().await;
    for _ in 0..100 {
        if let Ok(database) = Database::open(ready.target().clone(), pool, metrics()).await {
            return database;
        }
    }
    panic!("the database cannot be opened");
}

/// Tries until it succeeds; a server needs a moment after it was started.
async fn resumes(database: &Database) {
    for _ in 0..100 {
        if database.begin_run(&run(2)).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the database did not come back");
}

#[test]
fn writes_fail_closed_while_the_server_is_down_or_frozen_and_resume_alone() {
    let engines = Engines::postgres();
    let Engines::Postgres(server) = &engines else {
        panic!("asked for a server");
    };
    Blocking::new().unwrap().wait(async {
        let database = opened(&engines, STRICT).await;
        let mut written = 0;
        for round in 0..3 {
            resumes(&database).await;
            written += 1;
            if round == 1 {
                server.freeze().unwrap();
            } else {
                server.kill().unwrap();
            }
            let begun = tokio::time::Instant::now();
            let outcome = database.begin_run(&run(1)).await;
            let took = begun.elapsed();
            assert!(
                matches!(
                    outcome,
                    Err(DatabaseError::Unavailable { .. }
                        | DatabaseError::Deadline { .. }
                        | DatabaseError::Refused { .. }
                        | DatabaseError::PoolExhausted { .. })
                ),
                "round {round}: {outcome:?}"
            );
            // The configured deadline is the promise: a second; as much again is for a busy machine.
            assert_eq!(STRICT.deadline, Duration::from_secs(1));
            assert!(took < 2 * STRICT.deadline, "round {round}: {took:?}");
            if round == 1 {
                server.thaw().unwrap();
            } else {
                server.resume_from_stop().unwrap();
            }
            resumes(&database).await;
            written += 1;
        }
        let kept = database.recent_runs(100).await.unwrap().len();
        assert!(
            kept >= written,
            "{kept} of {written} acknowledged writes are there"
        );
        database.close().await;
    });
}

#[test]
fn a_pool_in_use_is_a_typed_error_and_is_counted() {
    let engines = Engines::postgres();
    let Engines::Postgres(server) = &engines else {
        panic!("asked for a server");
    };
    let blocking = Blocking::new().unwrap();
    let pool = PoolSettings {
        deadline: Duration::from_secs(60),
        ..STRICT
    };
    let database = blocking.wait(opened(&engines, pool));
    let Target::Postgres(at) = database.target().clone() else {
        panic!("asked for a server");
    };
    std::thread::scope(|scope| {
        // Somebody holds the table; who reads it meanwhile holds a connection.
        scope.spawn(|| {
            let hold =
                "BEGIN; LOCK TABLE runs IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(4); COMMIT";
            server.psql(&at.name, hold).unwrap();
        });
        blocking.wait(async {
            let mut readers = Vec::new();
            while database.pool_use().in_use < 2 {
                readers.push(tokio::spawn(read(database.clone())));
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            assert!(database.pool_use().is_nearly_full());
            let outcome = database.recent_runs(1).await;
            assert!(
                matches!(outcome, Err(DatabaseError::PoolExhausted { most: 2, .. })),
                "{outcome:?}"
            );
            assert!(
                outcome
                    .unwrap_err()
                    .to_string()
                    .contains("database.pool_size")
            );
            assert!(database.pool_use().slow_acquires > 0);
            for reader in readers {
                let outcome = reader.await.unwrap();
                assert!(
                    matches!(outcome, Ok(()) | Err(DatabaseError::PoolExhausted { .. })),
                    "{outcome:?}"
                );
            }
            resumes(&database).await;
            assert_eq!(database.pool_use().in_use, 0);
            database.close().await;
        });
    });
}

async fn read(database: Database) -> Result<(), DatabaseError> {
    database.recent_runs(1).await.map(drop)
}

#[test]
fn closing_lets_work_end_and_takes_no_more() {
    on_both(async |database| {
        let work: Vec<_> = (0..20)
            .map(|number| {
                let database = database.clone();
                tokio::spawn(async move { database.begin_run(&run(number)).await })
            })
            .collect();
        tokio::task::yield_now().await;
        database.close().await;
        for one in work {
            let outcome = one.await.unwrap();
            assert!(
                matches!(outcome, Ok(_) | Err(DatabaseError::Closed { .. })),
                "{outcome:?}"
            );
        }
        assert!(matches!(
            database.begin_run(&run(1)).await,
            Err(DatabaseError::Closed { .. })
        ));
    });
    assert_eq!(PATIENT.most(), 10);
}
