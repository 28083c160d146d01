//! Manifests of backups that lie in the clear, and names that a server gives to files of its log.

use secrecy::SecretString;
use trader_database::Backups;

use super::texts;
use crate::Verdict;

/// A manifest of a database's backup and of a base backup, each under the name that it has and found by listing.
///
/// # Panics
/// When listing what was accepted fails to add up.
pub fn backup_manifest(data: &[u8]) -> Verdict {
    let Ok(folder) = tempfile::tempdir() else {
        return Verdict::Refused;
    };
    let base = folder.path().join("base");
    let named = |path: std::path::PathBuf| std::fs::write(path, data);
    let written = std::fs::create_dir(&base)
        .and_then(|()| named(base.join("base-20240603-040000-000000000.json")))
        .and_then(|()| named(folder.path().join("trader-20240603-040000-000000000.json")));
    if written.is_err() {
        return Verdict::Refused;
    }
    let backups = backups(folder.path());
    let (bases, databases) = (backups.bases(), backups.list());
    if let Ok(bases) = &bases {
        for base in bases {
            assert!(base.total_rows() >= base.rows.values().copied().max().unwrap_or(0));
        }
    }
    if let Ok(databases) = &databases {
        for manifest in databases {
            let largest = manifest.contents.values().map(|table| table.rows).max();
            assert!(manifest.rows() >= largest.unwrap_or(0));
        }
    }
    super::any(&[Verdict::from(&bases), Verdict::from(&databases)])
}

/// The name under which a file is handed over by `archive_command`.
///
/// # Panics
/// When a file that was accepted lands anywhere but in the archive of the log.
pub fn wal_name(data: &[u8]) -> Verdict {
    let is_file =
        !data.is_empty() && data.len() < 200 && !data.contains(&b'/') && !data.contains(&0);
    let Some(name) = std::str::from_utf8(data)
        .ok()
        .filter(|name| is_file && !matches!(*name, "." | ".."))
    else {
        return Verdict::Refused;
    };
    let Ok(folder) = tempfile::tempdir() else {
        return Verdict::Refused;
    };
    let given = folder.path().join(name);
    if std::fs::write(&given, b"segment").is_err() {
        return Verdict::Refused;
    }
    let kept = folder.path().join("kept");
    let accepted = backups(&kept).accept_wal(&given);
    let sealed = kept.join(format!("wal/{name}.sealed"));
    assert_eq!(accepted.is_ok(), sealed.is_file(), "{name}");
    Verdict::from(&accepted)
}

fn backups(folder: &std::path::Path) -> Backups {
    Backups::new(folder.to_owned(), SecretString::from("k".repeat(40)), None)
}

/// As they are written, shortened.
pub(super) fn manifest_seeds() -> Vec<Vec<u8>> {
    texts(&[
        r#"{"format":1,"name":"base-20240603-040000-000000000","started":1717387200000000000,"finished":1717387201000000000,
            "bytes":4000000,"sha256":"ab","server_version":150004,"system":"7375","segment_bytes":16777216,"timeline":1,
            "first_segment":"000000010000000000000002","restored_in_ms":900,"rows":{"runs":1,"filings":20},"proven":true}"#,
        r#"{"format":1,"name":"trader-20240603-040000-000000000","kind":"sqlite","taken":1717387200000000000,"bytes":4000,
            "sha256":"ab","contents":{"runs":{"columns":["id"],"rows":3,"digest":"00"}},"proven":true}"#,
    ])
}

pub(super) fn wal_name_seeds() -> Vec<Vec<u8>> {
    texts(&[
        "0000000100000002000000FF",
        "0000000100000002000000FF.partial",
        "0000000100000002000000FF.00000028.backup",
        "00000002.history",
    ])
}
