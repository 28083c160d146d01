//! Every key has an effect: something outside the schema reads it.

use std::path::Path;

/// Keys that a program passes on as a whole section, by `Config::render`.
const WHOLE: &str = "strategies.";

#[test]
fn every_key_is_read_by_something() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = String::new();
    for place in ["src/checks", "src/probe.rs", "../startup", "../../apps"] {
        collect(&root.join(place), &mut sources);
    }
    let unread: Vec<&str> = trader_config::schema::keys()
        .map(|spec| spec.key)
        .filter(|key| !key.starts_with(WHOLE))
        .filter(|key| !reads(&sources, key))
        .collect();
    assert!(
        unread.is_empty(),
        "nothing reads these keys; remove them: {unread:#?}"
    );
}

/// Whether `sources` accesses the field of `key`: `risk.collar`, or with the
/// last word of the section alone, `flow.open_orders`.
fn reads(sources: &str, key: &str) -> bool {
    let (section, field) = key.rsplit_once('.').unwrap_or(("deployment", key));
    let section = section.rsplit('.').next().unwrap_or(section);
    let word = section.rsplit('_').next().unwrap_or(section);
    [section, word].iter().any(|owner| {
        let access = format!("{owner}.{field}");
        sources.match_indices(&access).any(|(at, _)| {
            let before = sources[..at].chars().next_back();
            let after = sources[at + access.len()..].chars().next();
            // The name of a key in a message is no access.
            !matches!(before, Some('"' | '`' | '_' | 'a'..='z'))
                && !matches!(after, Some('_' | 'a'..='z' | '0'..='9'))
        })
    })
}

/// Appends every Rust file below `place` without comments, chains of calls on one line.
fn collect(place: &Path, sources: &mut String) {
    if place.is_dir() {
        for entry in std::fs::read_dir(place).unwrap() {
            collect(&entry.unwrap().path(), sources);
        }
    } else if place.extension().is_some_and(|extension| extension == "rs") {
        for line in std::fs::read_to_string(place).unwrap().lines() {
            let code = line.trim();
            if code.starts_with("//") {
                continue;
            }
            if !code.starts_with('.') {
                sources.push('\n');
            }
            sources.push_str(code);
        }
    }
}
