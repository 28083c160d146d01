//! Secrets that are no secrets: examples, placeholders, patterns.

/// Words of example files and documentation, in lower case without separators.
const WORDS: &[&str] = &[
    "changeme",
    "changeit",
    "replaceme",
    "replacewith",
    "yourkey",
    "yourapikey",
    "yoursecret",
    "yourpassword",
    "yourtoken",
    "placeholder",
    "example",
    "default",
    "dummy",
    "sample",
    "todo",
    "fixme",
    "insert",
    "password",
    "passw0rd",
    "secretkey",
    "mysecret",
    "letmein",
    "qwerty",
    "admin",
    "foobar",
    "lorem",
    "xxxx",
    "hunter2",
    "donotuse",
    "notsecret",
    "testkey",
    "testsecret",
    "testtoken",
    "keyhere",
    "tbd",
];

/// Whole texts that are too short to be looked for inside longer ones.
const WHOLE: &[&str] = &[
    "test",
    "testing",
    "secret",
    "key",
    "token",
    "none",
    "null",
    "undefined",
    "abc",
    "dev",
    "demo",
];

/// Fewest different characters of a secret worth the name.
const MIN_DISTINCT: usize = 6;

/// Why a text cannot be a real secret; `None` when it may be one.
pub(super) fn why_not_a_secret(text: &str) -> Option<&'static str> {
    let plain: String = text
        .chars()
        .filter(|character| character.is_alphanumeric())
        .collect::<String>()
        .to_lowercase();
    let wrapped = (text.starts_with('<') && text.ends_with('>')) || text.contains("${");
    // A long random key contains a short word by chance; a word that is a good part of it is none.
    let dominated =
        |word: &&&str| plain.contains(**word) && word.len() * 3 >= plain.len().saturating_sub(12);
    if wrapped || WHOLE.contains(&plain.as_str()) || WORDS.iter().find(dominated).is_some() {
        return Some("it is a placeholder from an example");
    }
    let mut distinct: Vec<char> = text.chars().collect();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() < MIN_DISTINCT {
        return Some("it has too few different characters");
    }
    let steps = plain.as_bytes().windows(2).filter(|pair| match pair {
        [first, second] => second.checked_sub(*first) == Some(1),
        _ => false,
    });
    // `0123456789abcdef...` and the like.
    if plain.len() >= 8 && steps.count() * 4 >= plain.len() * 3 {
        return Some("it is a sequence");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_and_patterns_are_recognised() {
        let fakes = [
            "changeme",
            "CHANGE_ME",
            "your_key_here",
            "your-api-key",
            "test",
            "<secret>",
            "REPLACE_ME",
            "aaaaaaaaaaaaaaaa",
            "0123456789abcdef",
            "abcdefghijklmnopqrstuvwxyz",
            "password123",
            "test_key",
            "example-secret-for-docs",
            "12121212",
            "changemechangemechangemechangeme",
            "TODO: ask ops",
            "",
        ];
        for text in fakes {
            assert!(why_not_a_secret(text).is_some(), "{text}");
        }
    }

    #[test]
    fn random_keys_pass() {
        let real = [
            "PKX7Q2M4T9L5V8R3W1ZB",
            "q8Zr1Xv6TnB3mKp9LwDf4GsHj2YcVa7Ue5RiOo0P",
            "d41d8cd98f00b204e9800998ecf8427e",
            "Tq3todoX9vL2mP8rZ5wK7nB4cY6dF1gHjS0aQeRtUiOpLkMn",
        ];
        for text in real {
            assert_eq!(why_not_a_secret(text), None, "{text}");
        }
    }
}
