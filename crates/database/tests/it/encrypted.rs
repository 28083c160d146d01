//! Connections to a real server over TLS: the right name and authority, and everything that must be refused.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use trader_database::{
    Backups, Blocking, Database, DatabaseError, Keep, PoolSettings, RunRepository as _, Target, Tls,
};
use trader_domain::SimulatedClock;
use trader_testkit::certificates::Authority;

use crate::engines::{Engines, PATIENT, metrics};
use crate::samples::at;

/// Refusals come at once; what is refused is tried again until then.
const SHORT: PoolSettings = PoolSettings {
    acquire_timeout: Duration::from_secs(3),
    deadline: Duration::from_secs(3),
    ..PATIENT
};

#[test]
fn a_server_is_believed_when_its_name_and_authority_are_right_and_never_otherwise() {
    let engines = Engines::postgres();
    let Engines::Postgres(server) = &engines else {
        panic!("asked for a server");
    };
    let (authority, other) = (Authority::new().unwrap(), Authority::new().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, authority: &Authority| -> PathBuf {
        let path = folder.path().join(name);
        std::fs::write(&path, authority.certificate()).unwrap();
        path
    };
    let (ours, theirs) = (file("ours.pem", &authority), file("theirs.pem", &other));
    Blocking::new().unwrap().wait(async {
        let plain = engines.database(PATIENT).await;
        plain.close().await;
        let target = |host: &str, tls, roots: Option<&PathBuf>| {
            let Target::Postgres(mut to) = plain.target().clone() else {
                panic!("asked for a server");
            };
            host.clone_into(&mut to.host);
            to.tls = tls;
            to.root_certificate = roots.cloned();
            Target::Postgres(to)
        };
        let open = async |target: Target, pool| Database::open(target, pool, metrics()).await;
        let refused = async |target: Target, why: &str| {
            let outcome = open(target, SHORT).await;
            assert!(
                matches!(
                    outcome,
                    Err(DatabaseError::Unavailable { .. } | DatabaseError::Refused { .. })
                ),
                "{why}: {outcome:?}"
            );
        };
        let full = Tls::VerifyFull;
        refused(target("localhost", full, Some(&ours)), "it does not encrypt").await;
        refused(target("localhost", Tls::Require, None), "it does not encrypt").await;
        server.show(&authority.server("localhost").unwrap()).unwrap();
        refused(target("127.0.0.1", full, Some(&ours)), "another name").await;
        refused(target("localhost", full, Some(&theirs)), "another authority").await;
        refused(target("localhost", full, None), "the system does not know it").await;
        let encrypted = "SELECT bool_and(s.ssl) FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) \
                         WHERE a.application_name = 'ai-trader'";
        for (tls, roots) in [(full, Some(&ours)), (Tls::Require, None)] {
            let database = open(target("localhost", tls, roots), PATIENT).await.unwrap();
            database.recent_runs(1).await.unwrap();
            assert_eq!(server.psql("postgres", encrypted).unwrap(), "t");
            database.close().await;
        }
        // The server's programs verify the same way.
        let backups = |name: &str| {
            let key = SecretString::from("k".repeat(40));
            Backups::new(folder.path().join(name), key, Some(server.tools().to_owned()))
        };
        let database = open(target("localhost", full, Some(&ours)), PATIENT).await.unwrap();
        let clock = SimulatedClock::at(at(1_700_000_000));
        let taken = backups("b").run(&database, Keep::newest(1), &clock).await.unwrap();
        assert!(taken.proven);
        let wrong = target("localhost", full, Some(&theirs));
        assert!(backups("b").prove(&taken, &wrong).await.is_err());
        database.close().await;
    });
}
