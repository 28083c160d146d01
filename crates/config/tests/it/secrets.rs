//! No secret is ever shown: logs, debug output, errors, panics, printing.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::support::{file, loaded, refused, with_flags, with_variables};
use trader_config::schema::{DatabaseSettings, SecuritySettings};
use trader_config::{Loaded, ProblemKind, Running, Secret, SecretSource, Sources, render};

const CANARY: &str = "canary-5e0c7b1a9f3d4826-zQ7rT2mX9w";

/// Every key that holds a secret gets the canary.
fn canary_sources() -> Sources {
    let names: Vec<String> = trader_config::schema::keys()
        .filter(|spec| spec.secret)
        .map(|spec| trader_config::variable_of_key(spec.key))
        .collect();
    assert!(names.len() >= 8);
    let pairs: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), CANARY)).collect();
    with_variables(file(""), &pairs)
}

#[test]
fn every_type_that_bears_a_secret_keeps_it_in_debug_output_panics_and_documents() {
    let loaded = loaded(&canary_sources());
    assert_eq!(
        loaded
            .config
            .security
            .secret_key
            .as_ref()
            .map(Secret::expose),
        Some(CANARY)
    );
    let security: &SecuritySettings = &loaded.config.security;
    let database: &DatabaseSettings = &loaded.config.database;
    let changes = trader_config::load(&Sources::default())
        .unwrap()
        .config
        .changes(&loaded.config);
    let mut shown = vec![
        format!("{:?}", Secret::new(CANARY.to_owned())),
        format!("{:#?}", Some(Secret::new(CANARY.to_owned()))),
        format!("{security:?} {database:#?}"),
        format!("{:?}", loaded.config),
        format!("{loaded:#?}"),
        format!("{:?}", Running::new(loaded.clone())),
        format!("{changes:?}"),
        render(&loaded),
    ];
    let texts = loaded.config.render();
    shown.push(format!("{texts:?}"));
    shown.push(logged_at_trace(&loaded));
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        assert!(
            loaded.config.security.secret_key.is_none(),
            "{:?}",
            loaded.config
        );
    }));
    let message = panicked.unwrap_err();
    shown.push(message.downcast_ref::<String>().unwrap().clone());
    for text in shown {
        assert!(!text.contains("canary"), "{text}");
    }
}

/// What a JSON log at the lowest level holds after everything was logged in every way there is.
fn logged_at_trace(loaded: &Loaded) -> String {
    let file = tempfile::NamedTempFile::new().unwrap();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(std::sync::Mutex::new(file.reopen().unwrap()))
        .finish();
    tracing::subscriber::with_default(subscriber, || {
        let secret = Secret::new(CANARY.to_owned());
        let _span = tracing::trace_span!("start", config = ?loaded.config).entered();
        tracing::trace!(?secret, ?loaded, "starting with {:?}", loaded.config.alpaca);
    });
    let text = std::fs::read_to_string(file.path()).unwrap();
    assert!(text.contains("starting with"), "{text}");
    text
}

#[test]
fn no_error_shows_a_secret() {
    let in_file =
        format!("[security]\nsecret_key = '{CANARY}'\n[database]\npassword = ['{CANARY}']\n");
    let cases = [
        file(&in_file),
        file(&format!("[cache]\npassword = 'x${{{CANARY}}}'\n")),
        with_flags(file(""), &[&format!("security.secret_key={CANARY}")]),
        with_variables(file(""), &[("AI_TRADER_SECURITY__SECRET_KEI", CANARY)]),
        Sources {
            overrides: vec!["providers.alpaca.enabled=true".to_owned()],
            ..canary_sources()
        },
    ];
    for sources in cases {
        let error = refused(&sources);
        for text in [
            error.to_string(),
            format!("{error:?}"),
            format!("{error:#?}"),
        ] {
            assert!(!text.contains("canary"), "{text}");
        }
    }
}

#[test]
fn a_secret_in_a_file_or_on_the_command_line_is_refused_with_advice() {
    let error = refused(&file("[security]\nsecret_key = 'x'\n"));
    assert_eq!(error.problems[0].kind, ProblemKind::Secret);
    assert!(
        error
            .to_string()
            .contains("set AI_TRADER_SECURITY__SECRET_KEY"),
        "{error}"
    );
    let error = refused(&with_flags(file(""), &["security.secret_key=x"]));
    assert_eq!(error.problems[0].kind, ProblemKind::Secret);
}

#[cfg(unix)]
#[test]
fn secrets_come_from_files_commands_references_and_variables() {
    use std::os::unix::fs::PermissionsExt;
    let stored = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(stored.path(), format!("{CANARY}\n")).unwrap();
    std::fs::set_permissions(stored.path(), std::fs::Permissions::from_mode(0o600)).unwrap();
    let path = stored.path().display();
    let sources = [
        file(&format!(
            "[security]\nsecret_key = {{ file = \"{path}\" }}\n"
        )),
        file(&format!(
            "[security]\nsecret_key = {{ command = [\"cat\", \"{path}\"] }}\n"
        )),
        with_variables(
            file("[security]\nsecret_key = \"${SECRET_KEY}\"\n"),
            &[("SECRET_KEY", CANARY)],
        ),
        with_variables(
            file(""),
            &[("AI_TRADER_SECURITY__SECRET_KEY__FILE", &path.to_string())],
        ),
        with_flags(file(""), &[&format!("security.secret_key.file={path}")]),
    ];
    for sources in sources {
        let loaded = loaded(&sources);
        assert_eq!(
            loaded
                .config
                .security
                .secret_key
                .as_ref()
                .map(Secret::expose),
            Some(CANARY)
        );
    }
    std::fs::set_permissions(stored.path(), std::fs::Permissions::from_mode(0o644)).unwrap();
    let error = refused(&file(&format!(
        "[security]\nsecret_key = {{ file = \"{path}\" }}\n"
    )));
    assert!(
        error
            .to_string()
            .contains("readable by everybody (mode 644)"),
        "{error}"
    );
}

#[test]
fn a_command_of_a_lower_layer_does_not_run() {
    let marker = tempfile::tempdir().unwrap();
    let touched = marker.path().join("touched");
    let text = format!(
        "[security]\nsecret_key = {{ command = [\"touch\", \"{}\"] }}\n",
        touched.display()
    );
    let loaded = loaded(&with_variables(
        file(&text),
        &[("AI_TRADER_SECURITY__SECRET_KEY", CANARY)],
    ));
    assert!(loaded.config.security.secret_key.is_some());
    assert!(!touched.exists());
}

#[test]
fn two_sources_of_one_secret_in_one_layer_are_a_contradiction() {
    let error = refused(&file(
        "[security]\nsecret_key = { file = 'a', command = ['b'] }\n",
    ));
    assert_eq!(
        error.problems[0].kind,
        ProblemKind::Contradiction,
        "{error}"
    );
    assert!(!format!("{:?}", SecretSource::File("a".into())).is_empty());
}
