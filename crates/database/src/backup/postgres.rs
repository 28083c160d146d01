//! Backups of a database on a server: a dump of one snapshot, by the server's own programs.
//!
//! `pg_dump` copies the same exported snapshot in which the digests are computed, so that both are of one instant
//! whatever is written meanwhile. The dump goes through a pipe into the sealed file and never lies on a disk in the
//! clear. Passwords go to the programs in their environment, never in arguments.

use std::io::Read as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use secrecy::ExposeSecret as _;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, PgPool};

use super::cluster::program;
use super::{BackupError, Backups, Manifest, compare};
use crate::database::{Database, connection};
use crate::error::{DatabaseError, Fault};
use crate::migration::{Contents, contents_postgres};
use crate::settings::{Server, Target, Tls};

/// The longest name of a database.
const LONGEST_NAME: usize = 63;
/// The database that every server has.
const MAINTENANCE: &str = "postgres";

/// Dumps and seals the database; gives what it held.
pub(super) async fn dump(
    backups: &Backups,
    database: &Database,
    pool: &PgPool,
    path: &Path,
) -> Result<Contents, BackupError> {
    let Target::Postgres(server) = database.target() else {
        return Err(BackupError::Refused(
            "this is no PostgreSQL database".to_owned(),
        ));
    };
    let refused = |source| DatabaseError::Refused {
        operation: "read the snapshot",
        source,
    };
    let mut holder = pool.acquire().await.map_err(refused)?;
    let mut held = holder
        .begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        .await
        .map_err(refused)?;
    let (snapshot,): (String,) = sqlx::query_as("SELECT pg_export_snapshot()")
        .fetch_one(&mut *held)
        .await
        .map_err(refused)?;
    let mut program = tool(backups, "pg_dump", server, &server.name);
    program
        .args([
            "--format=custom",
            "--compress=0",
            "--no-owner",
            "--no-privileges",
            "--no-password",
        ])
        .arg(format!("--snapshot={snapshot}"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    let child = start("pg_dump", &mut program)?;
    // The pipe is emptied on this thread; the digests follow in the same snapshot.
    let sealed = drain(backups, "pg_dump", child, path);
    let contents = match sealed {
        Ok(()) => {
            let work = async { Ok::<_, Fault>(contents_postgres(&mut held, None).await?) };
            database.once("digest the snapshot", work).await?
        }
        Err(error) => return Err(error),
    };
    held.rollback().await.map_err(refused)?;
    Ok(contents)
}

/// Seals what a program writes; nothing stays when it fails.
pub(super) fn drain(
    backups: &Backups,
    program: &'static str,
    mut child: Child,
    path: &Path,
) -> Result<(), BackupError> {
    let sealed = match child.stdout.take() {
        Some(mut output) => backups.seal_into(&mut output, path),
        None => Ok(()),
    };
    let outcome = ended(program, child).and(sealed);
    if outcome.is_err() {
        // The name of a backup is not for half of one; why there is none is told already.
        drop(std::fs::remove_file(path));
    }
    outcome
}

/// Restores into a scratch database of the same server and compares.
pub(super) async fn prove(
    backups: &Backups,
    manifest: &Manifest,
    server: &Server,
) -> Result<(), BackupError> {
    let scratch = format!("proof_{}", manifest.name.as_str().replace('-', "_"));
    let made = restore(backups, manifest, server, &scratch).await;
    let removed = administer(
        server,
        format!("DROP DATABASE IF EXISTS \"{scratch}\" WITH (FORCE)"),
    )
    .await;
    made.and(removed)
}

/// Restores into a new database and compares; a failure leaves none behind.
pub(super) async fn restore(
    backups: &Backups,
    manifest: &Manifest,
    server: &Server,
    into: &str,
) -> Result<(), BackupError> {
    let is_name = (1..=LONGEST_NAME).contains(&into.len())
        && into.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && into
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !is_name {
        return Err(BackupError::Refused(format!(
            "`{}` is no name for a database: 1 to {LONGEST_NAME} letters, digits and _, not beginning with a digit",
            into.chars().take(LONGEST_NAME).collect::<String>()
        )));
    }
    // Fails when it exists: nothing is overwritten.
    administer(
        server,
        format!("CREATE DATABASE \"{into}\" TEMPLATE template0"),
    )
    .await?;
    let outcome = fill(backups, manifest, server, into).await;
    if outcome.is_err() {
        administer(server, format!("DROP DATABASE \"{into}\" WITH (FORCE)")).await?;
    }
    outcome
}

async fn fill(
    backups: &Backups,
    manifest: &Manifest,
    server: &Server,
    into: &str,
) -> Result<(), BackupError> {
    let mut program = tool(backups, "pg_restore", server, into);
    program
        .args([
            "--exit-on-error",
            "--single-transaction",
            "--no-owner",
            "--no-privileges",
            "--no-password",
        ])
        .args(["--dbname", into])
        .stdin(Stdio::piped())
        .stdout(Stdio::null());
    let mut child = start("pg_restore", &mut program)?;
    let written = match child.stdin.take() {
        Some(mut input) => backups.open_from(&manifest.name, &mut input),
        None => Ok(()),
    };
    // What the program says tells more than that its pipe broke.
    ended("pg_restore", child).and(written)?;
    let refused = |source| DatabaseError::Refused {
        operation: "read the restored database",
        source,
    };
    let mut reader = connect(server, into).await?;
    let contents = contents_postgres(&mut reader, None)
        .await
        .map_err(refused)?;
    reader.close().await.map_err(refused)?;
    compare(manifest, &contents)
}

pub(super) async fn connect(server: &Server, name: &str) -> Result<PgConnection, BackupError> {
    let outcome = connection(server).database(name).connect().await;
    outcome.map_err(|source| {
        DatabaseError::Unavailable {
            operation: "connect for a backup",
            source,
        }
        .into()
    })
}

/// Runs a statement that no transaction takes; names in it were checked.
async fn administer(server: &Server, statement: String) -> Result<(), BackupError> {
    let refused = |source| DatabaseError::Refused {
        operation: "make or remove a database",
        source,
    };
    let mut administrator = connect(server, MAINTENANCE).await?;
    let done = sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(&mut administrator)
        .await;
    administrator.close().await.map_err(refused)?;
    done.map(drop).map_err(|source| refused(source).into())
}

/// One of the server's programs with everything it needs to connect, and nothing of our own environment.
pub(super) fn tool(backups: &Backups, name: &str, server: &Server, database: &str) -> Command {
    let mut command = program(backups.tools.as_deref(), name);
    if let Some(password) = &server.password {
        command.env("PGPASSWORD", password.expose_secret());
    }
    if let Some(file) = &server.root_certificate {
        command.env("PGSSLROOTCERT", file);
    }
    command
        .env("PGHOST", &server.host)
        .env("PGPORT", server.port.to_string())
        .env("PGUSER", &server.user)
        .env("PGDATABASE", database)
        .env(
            "PGSSLMODE",
            match server.tls {
                Tls::Disable => "disable",
                Tls::Require => "require",
                Tls::VerifyFull => "verify-full",
            },
        )
        .stderr(Stdio::piped());
    command
}

pub(super) fn start(program: &'static str, command: &mut Command) -> Result<Child, BackupError> {
    command.spawn().map_err(|error| BackupError::Program {
        program,
        detail: format!(
            "{error}; install PostgreSQL's client programs, or name their folder with backup.tools"
        ),
    })
}

/// Waits for the end of a program; its complaint is part of the error.
pub(super) fn ended(program: &'static str, mut child: Child) -> Result<(), BackupError> {
    let mut said = String::new();
    if let Some(mut errors) = child.stderr.take() {
        // Complaints fit into a pipe; what is not text is shown as far as it is.
        let mut bytes = Vec::new();
        drop(errors.read_to_end(&mut bytes));
        said = String::from_utf8_lossy(&bytes).trim().to_owned();
    }
    let failed = |detail: String| BackupError::Program { program, detail };
    let status = child.wait().map_err(|error| failed(error.to_string()))?;
    if status.success() {
        Ok(())
    } else {
        Err(failed(format!("{status}: {said}")))
    }
}
