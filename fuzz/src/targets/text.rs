//! What strangers write: headlines and posts.

use std::sync::LazyLock;

use trader_domain::{SocialPost, Symbol, Timestamp, VendorId};
use trader_features::news::similarity::{Corpus, ngram_jaccard};
use trader_features::news::{Company, EventClasses, Lexicon, Linker};
use trader_features::social::Listener;

use super::texts;
use crate::Verdict;

static LINKER: LazyLock<Option<Linker>> = LazyLock::new(|| {
    let company = |ticker: &str, names: &[&str]| {
        Some(Company {
            symbol: Symbol::new(ticker).ok()?,
            names: names.iter().map(|name| (*name).to_owned()).collect(),
        })
    };
    let companies = [
        company("AAPL", &["Apple"])?,
        company("BRK.B", &["Berkshire Hathaway"])?,
        company("UAL", &["United Airlines", "United"])?,
        company("UPS", &["United"])?,
    ];
    Linker::new(&companies).ok()
});

/// A headline or post: scored, sorted, compared and linked.
///
/// # Panics
/// When a score leaves its bounds.
pub fn news_text(data: &[u8]) -> Verdict {
    let Ok(text) = std::str::from_utf8(data) else {
        return Verdict::Refused;
    };
    for lexicon in [Lexicon::vader(), Lexicon::finance()] {
        let score = lexicon.score(text);
        assert!((-1.0..=1.0).contains(&score.compound), "{score:?}");
    }
    let classes = EventClasses::of(text);
    assert_eq!(classes.is_empty(), classes.iter().next().is_none());
    let mut corpus = Corpus::default();
    let (one, two) = (corpus.add(text), corpus.add("Acme beats estimates"));
    assert!((0.0..=1.0).contains(&corpus.cosine(&one, &two)));
    assert!((0.0..=1.0).contains(&ngram_jaccard(text, "Acme beats estimates", 2)));
    if let Some(linker) = LINKER.as_ref() {
        let linked = linker.link(text, &[]);
        assert!(linked.links.len() <= 4, "{linked:?}");
    }
    let post = SocialPost {
        id: "1".to_owned(),
        vendor: VendorId::INTERNAL,
        platform: "fuzz".to_owned(),
        author: "fuzz".to_owned(),
        published: Timestamp::EPOCH,
        received: Timestamp::EPOCH,
        text: text.to_owned(),
        symbols: Vec::new(),
        likes: 0,
        shares: 0,
        replies: 0,
        followers: None,
    };
    Verdict::from(&Listener::default().read(&post))
}

pub(super) fn news_seeds() -> Vec<Vec<u8>> {
    texts(&[
        "Acme beats Q3 expectations and raises full-year guidance",
        "Apple Inc. (NASDAQ: AAPL) isn't NEVER so bad, but the outlook is awful!!!",
        "$AAPL $UAL to the moon \u{1f680} https://example.com",
        "Strike looms at United; Berkshire Hathaway's BRK.B falls",
        "no kind of least :( bad ass, to die for",
        "",
    ])
}
