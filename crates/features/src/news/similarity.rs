//! How alike two texts are: cosine of TF-IDF vectors, and overlap of word n-grams.

use std::collections::{BTreeMap, BTreeSet};

/// The terms of a text: words of two or more letters, digits and underscores, in lower case (the
/// default token pattern of scikit-learn's vectorizers).
pub fn terms(text: &str) -> Vec<String> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| word.chars().nth(1).is_some())
        .map(str::to_lowercase)
        .collect()
}

/// Shared share of the two texts' sets of `n` consecutive words, 0..1 (Jaccard); 0 when neither has
/// that many. Words are what blanks separate, in lower case, with their punctuation.
pub fn ngram_jaccard(a: &str, b: &str, n: usize) -> f64 {
    let set = |text: &str| -> BTreeSet<Vec<String>> {
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        words.windows(n.max(1)).map(<[String]>::to_vec).collect()
    };
    let (a, b) = (set(a), set(b));
    let shared = a.intersection(&b).count();
    let all = a.len() + b.len() - shared;
    if all == 0 {
        0.0
    } else {
        shared as f64 / all as f64
    }
}

/// How often each term of the corpus stands in one text.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Document {
    /// (term, count), by term.
    counts: Vec<(usize, f64)>,
}

/// The texts seen so far: in how many of them each term stands.
#[derive(Debug, Clone, Default)]
pub struct Corpus {
    ids: BTreeMap<String, usize>,
    /// Texts that hold the term, by id.
    holding: Vec<f64>,
    texts: f64,
}

impl Corpus {
    /// Adds a text.
    pub fn add(&mut self, text: &str) -> Document {
        let mut counts: BTreeMap<usize, f64> = BTreeMap::new();
        for term in terms(text) {
            let next = self.ids.len();
            let id = *self.ids.entry(term).or_insert(next);
            *counts.entry(id).or_default() += 1.0;
        }
        self.holding.resize(self.ids.len(), 0.0);
        for id in counts.keys() {
            if let Some(texts) = self.holding.get_mut(*id) {
                *texts += 1.0;
            }
        }
        self.texts += 1.0;
        Document {
            counts: counts.into_iter().collect(),
        }
    }

    /// Cosine of the two texts' TF-IDF vectors, 0..1; 0 when one has no terms.
    ///
    /// Weights are count times ln((1 + texts) / (1 + texts holding the term)) + 1, of the corpus as it
    /// is now (the defaults of scikit-learn's `TfidfVectorizer`).
    pub fn cosine(&self, a: &Document, b: &Document) -> f64 {
        let weight = |(id, count): (usize, f64)| {
            let holding = self.holding.get(id).copied().unwrap_or(0.0);
            count * (((1.0 + self.texts) / (1.0 + holding)).ln() + 1.0)
        };
        let square = |document: &Document| -> f64 {
            document
                .counts
                .iter()
                .map(|term| weight(*term).powi(2))
                .sum()
        };
        let lengths = (square(a) * square(b)).sqrt();
        if lengths == 0.0 {
            return 0.0;
        }
        let mut others = b.counts.iter().peekable();
        let mut product = 0.0;
        for term in &a.counts {
            while others.next_if(|other| other.0 < term.0).is_some() {}
            if let Some(other) = others.next_if(|other| other.0 == term.0) {
                product += weight(*term) * weight(*other);
            }
        }
        (product / lengths).clamp(0.0, 1.0)
    }
}
