//! Which entries to forget: names in which `*` stands for anything.

/// A pattern of keys, such as `ohlcv:alpaca:AAPL:*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(String);

impl Pattern {
    /// A pattern; everything but `*` stands for itself.
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Whether a key is meant. Takes time in proportion to both lengths.
    pub fn matches(&self, key: &str) -> bool {
        let mut parts = self.0.split('*');
        let Some(mut rest) = parts.next().and_then(|first| key.strip_prefix(first)) else {
            return false;
        };
        let mut parts: Vec<&str> = parts.collect();
        let Some(last) = parts.pop() else {
            return rest.is_empty();
        };
        // The first place that fits leaves the most for the parts after it.
        for part in parts {
            match rest.find(part) {
                Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
                None => return false,
            }
        }
        rest.ends_with(last)
    }

    /// As Redis writes it, where more signs have a meaning.
    pub(crate) fn for_redis(&self) -> String {
        let mut text = String::with_capacity(self.0.len());
        for character in self.0.chars() {
            if matches!(character, '?' | '[' | ']' | '\\' | '^' | '-') {
                text.push('\\');
            }
            text.push(character);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything_and_nothing_else_does() {
        for (pattern, key, expected) in [
            ("a:*", "a:b:c", true),
            ("a:*", "ab:c", false),
            ("*", "", true),
            ("a", "a", true),
            ("a", "ab", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("*:AAPL:*", "quotes:x:AAPL:1m", true),
            ("a?c", "abc", false),
            ("a*a", "a", false),
        ] {
            assert_eq!(
                Pattern::new(pattern).matches(key),
                expected,
                "{pattern} {key}"
            );
        }
    }
}
