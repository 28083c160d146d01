//! Words and phrases with a valence: VADER's, and VADER's with the language of finance on top.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::valence::{self, Valence};

const VADER: &str = include_str!("../../assets/vader/valences.tsv");
const EMOJI: &str = include_str!("../../assets/vader/emoji.tsv");
const FINANCE: &str = include_str!("../../assets/finance.tsv");

/// Longest phrase, words.
pub(super) const LONGEST_PHRASE: usize = 3;

/// A valence (-4 bad to 4 good) for each of some words, phrases and emoticons, in lower case.
#[derive(Debug, Clone)]
pub struct Lexicon {
    valences: BTreeMap<String, f64>,
    /// First words of phrases, so that most words are not tried.
    phrase_starts: BTreeMap<String, usize>,
}

static PLAIN: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::of(&[VADER]));
static FINANCIAL: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::of(&[VADER, FINANCE]));
static DESCRIPTIONS: LazyLock<BTreeMap<char, &'static str>> = LazyLock::new(|| {
    rows(EMOJI)
        .filter_map(|(emoji, description)| Some((emoji.chars().next()?, description)))
        .collect()
});

impl Lexicon {
    /// VADER's general-purpose lexicon (Hutto and Gilbert 2014), made for social media.
    pub fn vader() -> &'static Self {
        &PLAIN
    }

    /// VADER's lexicon with the words and phrases of financial news over it: "misses estimates" is
    /// bad, "gross margin" and "cancer drug" are neither. The default.
    pub fn finance() -> &'static Self {
        &FINANCIAL
    }

    /// Later lists override earlier ones.
    fn of(lists: &[&'static str]) -> Self {
        let entries = lists.iter().flat_map(|list| rows(list));
        let mut lexicon = Self {
            valences: BTreeMap::new(),
            phrase_starts: BTreeMap::new(),
        };
        for (words, valence) in entries.filter_map(|(w, v)| Some((w, v.parse().ok()?))) {
            lexicon.set(words, valence);
        }
        lexicon
    }

    /// The same with a word or phrase (up to three words) changed or added. Valences beyond -4..4 are
    /// brought to the end of the scale; NaN counts as 0.
    #[must_use]
    pub fn with(mut self, words: &str, valence: f64) -> Self {
        let valence = if valence.is_nan() { 0.0 } else { valence };
        self.set(&words.to_lowercase(), valence.clamp(-4.0, 4.0));
        self
    }

    fn set(&mut self, words: &str, valence: f64) {
        let split: Vec<&str> = words.split_whitespace().collect();
        if let [first, _, ..] = split.as_slice() {
            let longest = self.phrase_starts.entry((*first).to_owned()).or_default();
            *longest = (*longest).max(split.len().min(LONGEST_PHRASE));
        }
        self.valences.insert(split.join(" "), valence);
    }

    /// Number of words and phrases.
    pub fn len(&self) -> usize {
        self.valences.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.valences.is_empty()
    }

    /// The valence of a word or phrase in lower case.
    pub fn get(&self, words: &str) -> Option<f64> {
        self.valences.get(words).copied()
    }

    /// How many words phrases that begin with `word` have at most; 0 when there are none.
    pub(super) fn longest_from(&self, word: &str) -> usize {
        self.phrase_starts.get(word).copied().unwrap_or(0)
    }

    /// Scores a text by VADER's rules over this lexicon.
    pub fn score(&self, text: &str) -> Valence {
        valence::score(self, text)
    }
}

/// The words an emoji stands for.
pub(super) fn description(emoji: char) -> Option<&'static str> {
    if emoji.is_ascii() {
        return None;
    }
    DESCRIPTIONS.get(&emoji).copied()
}

fn rows(list: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    list.lines().filter_map(|line| line.split_once('\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_lists_is_read() {
        for list in [VADER, FINANCE] {
            for line in list.lines() {
                let (_, valence) = line.split_once('\t').unwrap();
                let valence: f64 = valence.parse().unwrap();
                assert!((-4.0..=4.0).contains(&valence), "{line}");
            }
        }
        assert_eq!(Lexicon::vader().len(), VADER.lines().count());
        assert_eq!(DESCRIPTIONS.len(), EMOJI.lines().count());
        assert!(Lexicon::finance().len() > Lexicon::vader().len());
        assert_eq!(Lexicon::finance().get("gross"), Some(0.0));
        assert_eq!(Lexicon::vader().get("gross"), Some(-2.1));
    }

    #[test]
    fn a_word_of_the_callers_own_overrides() {
        let own = Lexicon::finance().clone().with("Tender Offer", 9.0);
        assert_eq!(own.get("tender offer"), Some(4.0));
        assert!(own.score("Acme gets tender offer").compound > 0.5);
    }
}
