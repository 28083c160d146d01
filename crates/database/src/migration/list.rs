//! The migrations, compiled in. A new one gets a line in both lists and a file in both folders.

use super::Migration;

/// Declares a migration by its file.
macro_rules! migration {
    ($folder:literal, $version:literal, $file:literal, $name:literal, $changes:expr) => {
        Migration {
            version: $version,
            name: $name,
            sql: include_str!(concat!("../../../../migrations/", $folder, "/", $file)),
            changes: $changes,
        }
    };
}

/// Of `SQLite`.
pub(super) const SQLITE: &[Migration] = &[
    migration!(
        "sqlite",
        1,
        "0001_runs_and_records.sql",
        "runs and records",
        &[]
    ),
    migration!(
        "sqlite",
        2,
        "0002_forgettings.sql",
        "forgettings, no quota",
        &["quota_use"]
    ),
];

/// Of `PostgreSQL`.
pub(super) const POSTGRES: &[Migration] = &[
    migration!(
        "postgres",
        1,
        "0001_runs_and_records.sql",
        "runs and records",
        &[]
    ),
    migration!(
        "postgres",
        2,
        "0002_forgettings.sql",
        "forgettings, no quota",
        &["quota_use"]
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_in_its_list_and_both_have_the_same_steps() {
        for (folder, list) in [("sqlite", SQLITE), ("postgres", POSTGRES)] {
            let path = format!("{}/../../migrations/{folder}", env!("CARGO_MANIFEST_DIR"));
            let mut files: Vec<String> = std::fs::read_dir(path)
                .unwrap()
                .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
                .collect();
            let mut listed: Vec<String> = list.iter().map(|one| one.sql.to_owned()).collect();
            files.sort();
            listed.sort();
            assert_eq!(files, listed, "{folder}");
            assert!(
                list.iter()
                    .map(|one| one.version)
                    .eq((1..).take(list.len()))
            );
        }
        let names = |list: &[Migration]| list.iter().map(|one| one.name).collect::<Vec<_>>();
        assert_eq!(names(SQLITE), names(POSTGRES));
    }
}
