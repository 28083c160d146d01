//! Arbitrary input: an error at worst, never a panic.

use proptest::collection::vec;
use proptest::prelude::*;
use trader_config::{NamedFile, SecretCommands, Sources, Variables, load, render, schema};

fn load_bytes(bytes: Vec<u8>) {
    let file = Some(NamedFile::Memory {
        name: "x.toml".to_owned(),
        bytes,
    });
    if let Ok(loaded) = load(&Sources {
        file,
        secret_commands: SecretCommands::Refuse,
        ..Sources::default()
    }) {
        assert!(!render(&loaded).is_empty());
    }
}

fn any_key() -> impl Strategy<Value = String> {
    let known: Vec<String> = schema::keys().map(|spec| spec.key.to_owned()).collect();
    prop_oneof![
        8 => proptest::sample::select(known),
        1 => "[a-z_.]{0,30}",
        1 => any::<String>(),
    ]
}

fn any_toml_value() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<i64>().prop_map(|value| value.to_string()),
        any::<f64>().prop_map(|value| format!("{value:?}")),
        "[0-9]{1,60}(\\.[0-9]{1,60})?",
        "0x[0-9a-fA-F]{1,40}",
        "\"[ -!#-\\[\\]-~]{0,40}\"",
        "'\\$\\{[A-Z_{}$]{0,20}\\}?'",
        "\\[[0-9, \"a]{0,20}\\]",
        "\\{ ?(file|command|x) = [\"'\\[\\]a-z/]{0,10} ?\\}",
        "[0-9]{4}-[0-9]{2}-[0-9]{2}",
        "[0-9]{1,25}(ns|us|ms|s|min|h|d|B|KiB|GiB)",
        Just("true".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes(bytes in vec(any::<u8>(), 0..600)) {
        load_bytes(bytes);
    }

    #[test]
    fn arbitrary_text(text in any::<String>()) {
        load_bytes(text.into_bytes());
    }

    #[test]
    fn known_keys_with_arbitrary_values(lines in vec((any_key(), any_toml_value()), 0..12)) {
        let text: String = lines.iter().map(|(key, value)| format!("{key} = {value}\n")).collect();
        load_bytes(text.into_bytes());
    }

    #[test]
    fn arbitrary_variables_and_flags(
        pairs in vec((any_key(), any::<String>()), 0..8),
        flags in vec((any_key(), any::<String>()).prop_map(|(key, value)| format!("{key}={value}")), 0..8),
    ) {
        let named: Vec<(String, String)> =
            pairs.into_iter().map(|(key, value)| (trader_config::variable_of_key(&key), value)).collect();
        let sources = Sources { variables: Variables::new(named), overrides: flags, ..Sources::default() };
        if let Ok(loaded) = load(&sources) {
            prop_assert!(!render(&loaded).is_empty());
        }
    }

    #[test]
    fn a_cut_or_flipped_default_file(cut in 0_usize..40_000, at in 0_usize..40_000, byte in any::<u8>()) {
        let default = trader_config::documents().into_iter().find(|document| document.path == "config/default.toml");
        let mut bytes = default.map(|document| document.content.into_bytes()).unwrap_or_default();
        if let Some(place) = bytes.get_mut(at) {
            *place = byte;
        }
        bytes.truncate(cut);
        load_bytes(bytes);
    }
}

#[test]
fn deep_long_and_crowded_files_are_refused_quickly() {
    load_bytes("[".repeat(100_000).into_bytes());
    load_bytes(format!("a = {}1{}", "[".repeat(50_000), "]".repeat(50_000)).into_bytes());
    load_bytes(format!("{}a = 1", "x.".repeat(100_000)).into_bytes());
    load_bytes(vec![b'\n'; trader_config::MAX_FILE_BYTES + 1]);
    let crowded: String = (0..60_000)
        .map(|number| format!("k{number} = 1\n"))
        .collect();
    load_bytes(crowded.into_bytes());
}
