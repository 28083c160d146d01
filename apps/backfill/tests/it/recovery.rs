//! A whole `PostgreSQL` server led back to an instant, from base backup and archived log, by the program itself.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use trader_testkit::postgres::PostgresServer;

const KEY: &str = "0123456789abcdefghijklmnopqrstuvwxyz";

/// A server with the program beside it, run by the server's user.
struct Server(PostgresServer);

impl Server {
    fn start() -> Self {
        let server = Self(PostgresServer::start().unwrap());
        // The folder that Cargo builds in may be closed to that user.
        let program = server.program();
        std::fs::copy(env!("CARGO_BIN_EXE_backfill"), &program).unwrap();
        std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
        server
    }

    /// One whose log goes through `backfill backup wal`.
    fn archiving() -> Self {
        let server = Self::start();
        let command = format!(
            "AI_TRADER_BACKUP__KEY={KEY} {} backup wal %p --set backup.folder={}",
            server.program().display(),
            server.backups().display()
        );
        let settings = [
            ("archive_mode", "on"),
            ("archive_command", command.as_str()),
            ("archive_timeout", "60"),
        ];
        server.0.configure(&settings).unwrap();
        server.sql("CREATE TABLE runs (id bigint PRIMARY KEY)");
        server
    }

    fn program(&self) -> PathBuf {
        self.0.beside("backfill")
    }

    fn backups(&self) -> PathBuf {
        self.0.beside("backups")
    }

    fn sql(&self, statement: &str) -> String {
        self.0.psql(PostgresServer::DATABASE, statement).unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.0.as_its_user(&self.program());
        command.arg("backup").args(arguments).env_clear();
        for (name, value) in [
            ("BACKUP__KEY", KEY.to_owned()),
            ("BACKUP__FOLDER", self.backups().display().to_string()),
            ("BACKUP__TOOLS", self.0.tools().display().to_string()),
            ("DATABASE__KIND", "postgres".to_owned()),
            ("DATABASE__HOST", "127.0.0.1".to_owned()),
            ("DATABASE__PORT", self.0.port().to_string()),
            ("DATABASE__NAME", PostgresServer::DATABASE.to_owned()),
            ("DATABASE__USER", PostgresServer::USER.to_owned()),
            ("DATABASE__PASSWORD", self.0.password().to_owned()),
            ("DATABASE__TLS", "disable".to_owned()),
        ] {
            command.env(format!("AI_TRADER_{name}"), value);
        }
        command
    }

    fn backup(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn json(&self, arguments: &[&str]) -> serde_json::Value {
        let output = self.backup(&[arguments, &["--json"]].concat());
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {error}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn fail(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.backup(arguments);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {error}");
        error
    }

    /// Writes a file that the server's user can read.
    fn put(&self, path: &Path, content: &[u8]) {
        std::fs::write(path, content).unwrap();
        std::fs::set_permissions(path, PermissionsExt::from_mode(0o644)).unwrap();
    }

    /// The server's clock, between the transactions before and after.
    fn instant(&self) -> String {
        std::thread::sleep(Duration::from_millis(20));
        let now = self.sql(
            "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')",
        );
        std::thread::sleep(Duration::from_millis(20));
        now
    }

    /// Ends the segment and waits until it is archived; gives its name.
    fn archived(&self) -> String {
        let segment = self.sql("SELECT pg_walfile_name(pg_switch_wal())");
        let path = self.backups().join(format!("wal/{segment}.sealed"));
        for _ in 0..600 {
            if path.exists() {
                return segment;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("{segment} was not archived");
    }
}

fn ids(server: &PostgresServer) -> String {
    let statement = "SELECT string_agg(id::text, ',' ORDER BY id) FROM runs";
    server.psql(PostgresServer::DATABASE, statement).unwrap()
}

#[test]
fn a_server_is_led_back_to_the_instant_before_a_table_was_dropped() {
    let server = Server::archiving();
    server.sql("INSERT INTO runs VALUES (1)");
    let base = server.json(&["base"]);
    assert_eq!(base["proven"], true);
    assert_eq!(base["rows"]["runs"], 1);
    assert_eq!(base["archive"]["archive_timeout"], 60);
    server.sql("INSERT INTO runs VALUES (2)");
    server.archived();
    server.sql("INSERT INTO runs VALUES (3)");
    let good = server.instant();
    server.sql("INSERT INTO runs VALUES (4)");
    server.sql("DROP TABLE runs");
    server.sql("CREATE TABLE other (id int)");
    server.archived();

    let into = server.0.beside("then/data");
    let into = into.to_str().unwrap();
    let done = server.json(&["recover", "--to", &good, "--into", into]);
    assert_eq!(done["rows"]["runs"], 3, "{done}");
    assert!(done["last_transaction"].is_string() || done["last_transaction"].is_number());
    let then = server.0.of_restored("then").unwrap();
    assert_eq!(ids(&then), "1,2,3");
    assert_eq!(
        then.psql(PostgresServer::DATABASE, "SHOW archive_mode")
            .unwrap(),
        "off"
    );
    // It lives on its own; the one that works is not touched.
    then.psql(PostgresServer::DATABASE, "INSERT INTO runs VALUES (9)")
        .unwrap();
    assert_eq!(server.sql("SELECT to_regclass('runs') IS NULL"), "t");
    assert_eq!(server.sql("SELECT failed_count FROM pg_stat_archiver"), "0");
    assert!(
        server
            .fail(5, &["recover", "--into", into])
            .contains("is there already")
    );

    // All that is archived, for a server that is gone.
    server.0.kill().unwrap();
    let all = server.0.beside("all/data");
    let all = server.json(&["recover", "--into", all.to_str().unwrap()]);
    assert_eq!(all["rows"]["other"], 0, "{all}");
    assert!(all["rows"].get("runs").is_none(), "{all}");
    server.0.resume_from_stop().unwrap();
}

#[test]
fn a_gap_in_the_log_and_an_instant_out_of_reach_are_told() {
    let server = Server::archiving();
    let early = server.instant();
    server.json(&["base"]);
    let mut segments = Vec::new();
    for id in 1..=3 {
        server.sql(&format!("INSERT INTO runs VALUES ({id})"));
        segments.push(server.archived());
    }
    let late = server.instant();
    server.sql("INSERT INTO runs VALUES (4)");
    let fresh = |name: &str| server.0.beside(name).display().to_string();
    let error = server.fail(5, &["recover", "--to", &early, "--into", &fresh("early")]);
    assert!(error.contains("no proven base backup"), "{error}");
    // What was committed after the instant is not archived yet: nobody knows that nothing is missing before it.
    let error = server.fail(5, &["recover", "--to", &late, "--into", &fresh("late")]);
    assert!(
        error.contains("no transaction after that instant"),
        "{error}"
    );
    server.archived();
    assert_eq!(
        server.json(&["recover", "--to", &late, "--into", &fresh("late")])["rows"]["runs"],
        3
    );

    let lost = server.backups().join(format!("wal/{}.sealed", segments[1]));
    let aside = server.backups().join("aside");
    std::fs::rename(&lost, &aside).unwrap();
    for to in [Some(late.as_str()), None] {
        let into = fresh("gap");
        let mut arguments = vec!["recover", "--into", &into];
        arguments.extend(to.iter().flat_map(|to| ["--to", to]));
        let error = server.fail(7, &arguments);
        assert!(error.contains(&segments[1]), "{error}");
        assert!(
            !server.0.beside("gap").exists(),
            "nothing half-restored stays"
        );
    }
    // A segment under another's name, and a damaged one.
    let other = server.backups().join(format!("wal/{}.sealed", segments[0]));
    server.put(&lost, &std::fs::read(other).unwrap());
    let error = server.fail(5, &["recover", "--into", &fresh("gap")]);
    assert!(error.contains("not that segment"), "{error}");
    let mut bad = std::fs::read(&aside).unwrap();
    let middle = bad.len() / 2;
    bad[middle] ^= 1;
    server.put(&lost, &bad);
    let error = server.fail(5, &["recover", "--into", &fresh("gap")]);
    assert!(error.contains("is damaged"), "{error}");
    std::fs::rename(&aside, &lost).unwrap();
    assert_eq!(
        server.json(&["recover", "--into", &fresh("whole")])["rows"]["runs"],
        4
    );
}

#[test]
fn base_backups_are_verified_file_by_file_without_starting_a_server() {
    let server = Server::archiving();
    let name = server.json(&["base"])["name"].as_str().unwrap().to_owned();
    let verified = server.json(&["verify"]);
    assert_eq!(verified[0]["name"], name.as_str());
    assert_eq!(verified[0]["status"], "proven");
    let error = server.fail(2, &["restore", &name]);
    assert!(error.contains(&format!("recover --base {name}")), "{error}");
    // Whether the files in it are right is what the server's own program says.
    let without_tools = server
        .command(&["verify", &name])
        .env("AI_TRADER_BACKUP__TOOLS", server.backups())
        .output()
        .unwrap();
    assert_eq!(without_tools.status.code(), Some(7));
    let said = String::from_utf8_lossy(&without_tools.stdout);
    assert!(said.contains("pg_verifybackup"), "{said}");

    let manifest = server.backups().join(format!("base/{name}.json"));
    let text = std::fs::read_to_string(&manifest).unwrap();
    let claims = format!("{{ \"a\": {}, ", u64::MAX);
    server.put(
        &manifest,
        text.replacen("\"rows\": {", &format!("\"rows\": {claims}"), 1)
            .as_bytes(),
    );
    assert_eq!(server.json(&["list"])[0]["rows"], u64::MAX);

    let sealed = server.backups().join(format!("base/{name}.backup"));
    let mut bytes = std::fs::read(&sealed).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    server.put(&sealed, &bytes);
    let error = server.fail(7, &["verify", &name]);
    assert!(error.contains("1 of 1 backups"), "{error}");
    let left = std::fs::read_dir(server.backups()).unwrap();
    let hidden = left.filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_string_lossy().starts_with('.')
    });
    assert_eq!(hidden.count(), 0, "what was unpacked is removed");
}

#[test]
fn a_server_that_archives_nothing_gets_no_base_backup() {
    let server = Server::start();
    let error = server.fail(5, &["base"]);
    assert!(error.contains("archive_command"), "{error}");
}
