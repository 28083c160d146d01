//! The known name nearest to a mistyped one.

/// Longer names are compared by their beginning only, so that hostile input costs little.
const MAX_COMPARED: usize = 80;

/// The candidate within a third of its length in edits (insert, delete, replace, swap), else one
/// whose last segment is equal to that of `name`.
pub(crate) fn nearest<'a>(
    name: &str,
    candidates: impl Iterator<Item = &'a str> + Clone,
) -> Option<&'a str> {
    let name: String = name
        .chars()
        .take(MAX_COMPARED)
        .collect::<String>()
        .to_ascii_lowercase();
    let best = candidates
        .clone()
        .map(|candidate| (strsim::damerau_levenshtein(&name, candidate), candidate))
        .min();
    if let Some((distance, candidate)) = best
        && distance <= (candidate.len() / 3).min(5)
    {
        return Some(candidate);
    }
    let last = name.rsplit('.').next()?;
    candidates
        .filter(|candidate| candidate.rsplit('.').next() == Some(last))
        .min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_and_wrong_sections_are_recognised() {
        let known = ["risk.positions", "logging.level", "backtest.hours"];
        let nearest = |name| nearest(name, known.into_iter());
        assert_eq!(nearest("risk.postions"), Some("risk.positions"));
        assert_eq!(nearest("Logging.Level"), Some("logging.level"));
        assert_eq!(nearest("trading.limits.hours"), Some("backtest.hours"));
        assert_eq!(nearest("something.else.entirely"), None);
        assert_eq!(nearest(""), None);
    }
}
