//! The generated files in the repository are those of the schema.

use std::path::Path;

use trader_config::documents;

#[test]
fn every_generated_file_is_that_of_the_schema() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let fresh = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let mut drifted = Vec::new();
    for document in documents() {
        let on_disk = std::fs::read_to_string(root.join(document.path)).unwrap_or_default();
        if on_disk != document.content {
            let copy = fresh.join(document.path);
            std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
            std::fs::write(&copy, &document.content).unwrap();
            drifted.push(format!(
                "{} (what it should be: {})",
                document.path,
                copy.display()
            ));
        }
    }
    assert!(
        drifted.is_empty(),
        "run `cargo xtask docs`; these differ from the schema: {drifted:#?}"
    );
}

#[test]
fn the_default_file_changes_nothing() {
    let default = documents()
        .into_iter()
        .find(|document| document.path == "config/default.toml")
        .unwrap();
    let loaded = crate::support::loaded(&crate::support::file(&default.content));
    let built_in = crate::support::loaded(&trader_config::Sources::default());
    assert_eq!(built_in.config.changes(&loaded.config), []);
}

#[test]
fn every_key_has_a_variable_in_the_example() {
    let example = documents()
        .into_iter()
        .find(|document| document.path == ".env.example")
        .unwrap();
    for spec in trader_config::schema::keys() {
        let line = format!("# {}=", trader_config::variable_of_key(spec.key));
        assert!(
            example
                .content
                .lines()
                .any(|found| found.starts_with(&line)),
            "{}",
            spec.key
        );
    }
}
