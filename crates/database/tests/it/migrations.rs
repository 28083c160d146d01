//! The tables: made once, checked, never changed behind anyone's back.

use trader_database::{Blocking, DatabaseError, Migrator, RunRepository as _};
use trader_domain::Timestamp;

use crate::engines::{Engines, PATIENT, metrics, of_server, on_both, open};
use crate::samples::at;

fn on_empty(test: &impl AsyncFn(&Engines)) {
    let blocking = Blocking::new().unwrap();
    for engines in [Engines::sqlite(), Engines::postgres()] {
        blocking.wait(test(&engines));
    }
}

#[test]
fn tables_are_made_once_and_what_is_there_stays() {
    on_empty(&async |engines: &Engines| {
        let database = open(engines.target(), PATIENT).await;
        let migrator = Migrator::new(&database);
        let missing = migrator.require_current().await;
        assert!(
            matches!(missing, Err(DatabaseError::Schema { .. })),
            "{missing:?}"
        );
        let plan = migrator.plan().await.unwrap();
        assert_eq!(plan.from, 0);
        let done = migrator.apply(at(1)).await.unwrap();
        assert_eq!(done.plan, plan);
        migrator.require_current().await.unwrap();
        let again = migrator.apply(at(2)).await.unwrap();
        assert!(again.plan.steps.is_empty());
        assert!(database.recent_runs(1).await.unwrap().is_empty());
        database.close().await;
        let closed = database.recent_runs(1).await;
        assert!(
            matches!(closed, Err(DatabaseError::Closed { .. })),
            "{closed:?}"
        );
    });
}

#[test]
fn several_who_migrate_at_once_make_the_tables_once() {
    on_empty(&async |engines: &Engines| {
        let target = engines.target();
        let mut databases = Vec::new();
        for _ in 0..4 {
            databases.push(open(target.clone(), PATIENT).await);
        }
        let work = databases.iter().map(|database| async {
            // SQLite gives up on its lock now and then: whoever comes again finds it done.
            let mut outcome = Migrator::new(database).apply(Timestamp::EPOCH).await;
            while matches!(outcome, Err(DatabaseError::Conflict { .. })) {
                outcome = Migrator::new(database).apply(Timestamp::EPOCH).await;
            }
            outcome
        });
        for outcome in futures_util::future::join_all(work).await {
            outcome.unwrap();
        }
        for database in databases {
            Migrator::new(&database).require_current().await.unwrap();
            database.close().await;
        }
    });
}

#[test]
fn a_migration_that_is_not_this_program_s_is_named() {
    let server = Engines::postgres();
    let Engines::Postgres(running) = &server else {
        panic!("asked for a server");
    };
    let blocking = Blocking::new().unwrap();
    blocking.wait(async {
        running.psql("postgres", "CREATE DATABASE edited").unwrap();
        let target = trader_database::Target::Postgres(of_server(running, "edited"));
        let database = open(target, PATIENT).await;
        let migrator = Migrator::new(&database);
        migrator.apply(at(1)).await.unwrap();
        let note = "INSERT INTO schema_migrations VALUES (99, 'of the future', 'x', 0)";
        running.psql("edited", note).unwrap();
        let newer = migrator.plan().await.unwrap_err().to_string();
        assert!(newer.contains("of the future"), "{newer}");
        running
            .psql("edited", "DELETE FROM schema_migrations WHERE version = 99")
            .unwrap();
        running
            .psql("edited", "UPDATE schema_migrations SET checksum = 'y'")
            .unwrap();
        let other = migrator.apply(at(1)).await.unwrap_err().to_string();
        assert!(other.contains("other statements"), "{other}");
        database.close().await;
    });
}

#[test]
fn a_database_that_is_not_there_is_unavailable_and_no_password_is_shown() {
    let server = trader_database::Server {
        host: "127.0.0.1".into(),
        port: 1,
        name: "x".into(),
        user: "x".into(),
        password: Some("canary-password".to_owned().into()),
        tls: trader_database::Tls::Disable,
        root_certificate: None,
    };
    let target = trader_database::Target::Postgres(server);
    assert!(!format!("{target:?} {}", target.shown()).contains("canary"));
    let mut quick = PATIENT;
    quick.acquire_timeout = std::time::Duration::from_millis(200);
    let blocking = Blocking::new().unwrap();
    let outcome = blocking.wait(trader_database::Database::open(target, quick, metrics()));
    assert!(
        matches!(outcome, Err(DatabaseError::Unavailable { .. })),
        "{outcome:?}"
    );
    on_both(async |database| assert!(!format!("{database:?}").contains("scratch server")));
}
