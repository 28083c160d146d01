//! Sources for tests: a file in memory, variables, flags.

use trader_config::{ConfigError, Loaded, NamedFile, ProblemKind, Sources, Variables, load};

/// A file in memory under the name `x.toml`.
pub(crate) fn file(text: &str) -> Sources {
    let named = NamedFile::Memory {
        name: "x.toml".to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    Sources {
        file: Some(named),
        ..Sources::default()
    }
}

/// Adds variables.
pub(crate) fn with_variables(mut sources: Sources, pairs: &[(&str, &str)]) -> Sources {
    sources.variables = Variables::new(pairs.iter().copied());
    sources
}

/// Adds flags.
pub(crate) fn with_flags(mut sources: Sources, flags: &[&str]) -> Sources {
    sources.overrides = flags.iter().map(|&flag| flag.to_owned()).collect();
    sources
}

/// Loads what must load.
pub(crate) fn loaded(sources: &Sources) -> Loaded {
    load(sources).unwrap_or_else(|error| panic!("{error}"))
}

/// Loads what must not load.
pub(crate) fn refused(sources: &Sources) -> ConfigError {
    load(sources).expect_err("the configuration should have been refused")
}

/// Kind and first key of each problem.
pub(crate) fn summary(error: &ConfigError) -> Vec<(ProblemKind, String)> {
    error
        .problems
        .iter()
        .map(|problem| {
            (
                problem.kind,
                problem
                    .keys
                    .first()
                    .map(|(key, _)| key.clone())
                    .unwrap_or_default(),
            )
        })
        .collect()
}
