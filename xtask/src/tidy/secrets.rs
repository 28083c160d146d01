//! Nothing that opens a door is checked in: known shapes of keys and tokens, and paths that only
//! exist on one machine.
//!
//! A made-up key that a test shows on purpose is listed in [`MADE_UP`], where a reviewer sees it.

use super::files::TextFile;

/// Keys that open nothing, without their prefix; tests of credential checks need the shape.
const MADE_UP: &[&str] = &["X7Q2M4T9L5V8R3W1ZB"];

/// A prefix, the characters that follow, and how many of them make it a secret.
struct Shape {
    name: &'static str,
    prefix: &'static str,
    follows: fn(char) -> bool,
    at_least: usize,
}

fn base62(c: char) -> bool {
    c.is_ascii_alphanumeric()
}

fn upper(c: char) -> bool {
    c.is_ascii_uppercase() || c.is_ascii_digit()
}

fn token(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

// The prefixes are split so that this file does not find itself.
const SHAPES: &[Shape] = &[
    Shape {
        name: "AWS access key",
        prefix: concat!("AK", "IA"),
        follows: upper,
        at_least: 16,
    },
    Shape {
        name: "Alpaca live key",
        prefix: concat!("A", "K"),
        follows: upper,
        at_least: 18,
    },
    Shape {
        name: "Alpaca paper key",
        prefix: concat!("P", "K"),
        follows: upper,
        at_least: 18,
    },
    Shape {
        name: "GitHub token",
        prefix: concat!("gh", "p_"),
        follows: base62,
        at_least: 30,
    },
    Shape {
        name: "GitHub token",
        prefix: concat!("gh", "s_"),
        follows: base62,
        at_least: 30,
    },
    Shape {
        name: "GitHub token",
        prefix: concat!("github", "_pat_"),
        follows: token,
        at_least: 30,
    },
    Shape {
        name: "Slack token",
        prefix: concat!("xo", "xb-"),
        follows: token,
        at_least: 20,
    },
    Shape {
        name: "API key",
        prefix: concat!("s", "k-"),
        follows: token,
        at_least: 32,
    },
    Shape {
        name: "JSON web token",
        prefix: concat!("ey", "J"),
        follows: token,
        at_least: 60,
    },
];

/// Judges one text file.
pub(crate) fn judge(file: &TextFile) -> Vec<String> {
    let mut found = Vec::new();
    for (number, line) in file.lines() {
        let made_up = MADE_UP.iter().any(|key| line.contains(key));
        if let Some(what) = secret(line).filter(|_| !made_up) {
            found.push(format!(
                "{}:{number}: looks like a secret ({what})",
                file.path
            ));
        }
        if let Some(path) = machine_path(line) {
            found.push(format!(
                "{}:{number}: `{path}` exists on one machine only",
                file.path
            ));
        }
    }
    found
}

fn secret(line: &str) -> Option<&'static str> {
    if line.contains(concat!("PRIVATE", " KEY-----")) && line.contains("BEGIN") {
        return Some("private key");
    }
    SHAPES
        .iter()
        .find(|shape| has(line, shape))
        .map(|shape| shape.name)
        .or_else(|| assigned(line))
}

fn has(line: &str, shape: &Shape) -> bool {
    line.match_indices(shape.prefix).any(|(at, _)| {
        let starts_word = !line[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
        let run = line[at + shape.prefix.len()..]
            .chars()
            .take_while(|c| (shape.follows)(*c))
            .count();
        starts_word && run >= shape.at_least
    })
}

/// `api_key = "..."` and its relatives, when the quoted value mixes letters and digits.
fn assigned(line: &str) -> Option<&'static str> {
    let lower = line.to_ascii_lowercase();
    for name in [
        "api_key",
        "apikey",
        "api_secret",
        "secret_key",
        "password",
        "access_token",
        "auth_token",
    ] {
        let Some(at) = lower.find(name) else { continue };
        let rest = lower[at + name.len()..].trim_start_matches(['"', '\'', ' ']);
        let Some(value) = rest.strip_prefix(['=', ':']).map(str::trim_start) else {
            continue;
        };
        let Some(value) = value.strip_prefix(['"', '\'']) else {
            continue;
        };
        let value: String = value
            .chars()
            .take_while(|c| base62(*c) || "+/=_-".contains(*c))
            .collect();
        let letters = value.chars().any(|c| c.is_ascii_alphabetic());
        let digits = value.chars().any(|c| c.is_ascii_digit());
        if value.len() >= 20 && letters && digits {
            return Some("assigned credential");
        }
    }
    None
}

fn machine_path(line: &str) -> Option<&'static str> {
    const ROOTS: &[&str] = &[
        concat!("/ho", "me/"),
        concat!("/ro", "ot/"),
        concat!("/Us", "ers/"),
        concat!("/wo", "rk/"),
        concat!("C:\\", "Users"),
    ];
    ROOTS.iter().copied().find(|root| {
        line.match_indices(root).any(|(at, _)| {
            !line[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || "._-}~/*".contains(c))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: &str) -> Vec<String> {
        judge(&TextFile {
            path: "x".into(),
            text: line.into(),
        })
    }

    #[test]
    fn shapes_of_keys_are_found() {
        for line in [
            format!("key: {}{}", "AKIA", "ABCDEFGH12345678"),
            format!("ALPACA={}{}", "PK", "ABCDEFGH1234567890"),
            format!("{}{}", "ghp_", "a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4e5f6"),
            format!("api_{} = \"{}\"", "secret", "q1w2e3r4t5y6u7i8o9p0"),
            format!("-----BEGIN {} KEY-----", "PRIVATE"),
        ] {
            assert_eq!(found(&line).len(), 1, "{line}");
        }
    }

    #[test]
    fn ordinary_text_and_made_up_keys_pass() {
        for line in [
            "password = \"${DB_PASSWORD}\"",
            "the task-sk-list",
            "let api_key = \"placeholder-without-digits\";",
            "https://example.org/home/page",
        ] {
            assert!(found(line).is_empty(), "{line}");
        }
        assert!(found(&format!("{}{}", "PK", MADE_UP[0])).is_empty());
    }

    #[test]
    fn a_path_of_one_machine_is_found() {
        assert_eq!(
            found(&format!("open(\"{}ann/data.csv\")", concat!("/ho", "me/"))).len(),
            1
        );
    }
}
