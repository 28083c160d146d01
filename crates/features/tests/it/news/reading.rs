//! What single texts say.

use proptest::prelude::*;
use trader_features::news::similarity::{Corpus, ngram_jaccard};
use trader_features::news::{
    Analyst, Credibility, EventClass, EventClasses, Lexicon, SentimentError, SentimentModel,
    Valence,
};

use super::{headlines, item};

#[test]
fn the_reference_scores_are_reproduced() {
    let rows = headlines();
    assert_eq!(rows.len(), 25);
    for (headline, [negative, neutral, positive, compound]) in rows {
        let found = Lexicon::vader().score(&headline);
        let near =
            |found: f64, expected: f64, digit: f64| (found - expected).abs() <= 0.5001 * digit;
        assert!(
            near(found.negative, negative, 1e-3)
                && near(found.neutral, neutral, 1e-3)
                && near(found.positive, positive, 1e-3)
                && near(found.compound, compound, 1e-4),
            "{headline}: {found:?}"
        );
    }
}

/// Scores of vaderSentiment 3.3.2 for sentences that use every rule.
#[test]
fn every_rule_of_the_reference_is_followed() {
    for (text, expected) in [
        ("VADER is VERY SMART, handsome, and FUNNY!!!", 0.9342),
        (
            "VADER is VERY SMART, uber handsome, and FRIGGIN FUNNY!!!",
            0.9469,
        ),
        ("VADER is not smart, handsome, nor funny.", -0.7424),
        ("At least it isn't a horrible book.", 0.431),
        ("The book was only kind of good.", 0.3832),
        (
            "The plot was good, but the characters are uncompelling and the dialog is not great.",
            -0.7042,
        ),
        ("Today only kinda sux! But I'll get by, lol", 0.5249),
        ("Make sure you :) or :D today!", 0.8633),
        ("Catch utf-8 emoji such as 💘 and 💋 and 😁", 0.875),
        ("Not bad at all", 0.431),
        ("Sentiment analysis has never been this good!", 0.5672),
        ("With VADER, sentiment analysis is the shit!", 0.6476),
        ("On the other hand, VADER is quite bad ass", 0.802),
        ("Without a doubt, excellent idea.", 0.7013),
        (
            "Roger Dodger is one of the least compelling variations on this theme.",
            -0.1695,
        ),
        ("Is this really no good?? Really???", -0.519),
    ] {
        let found = Lexicon::vader().score(text).compound;
        assert!(
            (found - expected).abs() <= 0.5001e-4,
            "{text}: {found}, expected {expected}"
        );
    }
    assert_eq!(Lexicon::vader().score("  "), Valence::default());
}

#[test]
fn the_language_of_finance_is_understood() {
    let finance = |text: &str| Lexicon::finance().score(text).compound;
    let good = [
        "Acme beats Q3 expectations and raises full-year guidance",
        "FDA approves Acme's new cancer drug",
        "Acme wins $2.3 billion defense contract, stock soars",
        "Analyst upgrades Acme to strong buy, very bullish",
        "Acme to launch $5 billion share buyback",
    ];
    let bad = [
        "Acme misses estimates and cuts guidance",
        "Acme failed to beat expectations this quarter",
        "Auditor raises going concern doubt at Acme",
        "Acme shares plunge 20% after weak outlook!!!",
        "Regulator opens probe into Acme accounting fraud allegations",
        "Analyst downgrades Acme to sell, slashes price target",
        "Acme recalls 1 million vehicles over fire risk",
        "Acme dividend suspended amid liquidity crisis",
        "Acme CEO resigns unexpectedly; CFO named interim chief",
    ];
    for text in good {
        assert!(finance(text) > 0.2, "{text}: {}", finance(text));
    }
    for text in bad {
        assert!(finance(text) < -0.2, "{text}: {}", finance(text));
    }
    // What VADER takes for bad or good here is neither.
    for text in [
        "Gross margin was 58%",
        "Acme studies cancer drug",
        "Acme has 1.2 billion shares outstanding",
    ] {
        assert_eq!(finance(text), 0.0, "{text}");
    }
}

#[test]
fn likeness_is_that_of_the_reference() {
    let headlines: Vec<String> = headlines().into_iter().map(|(text, _)| text).collect();
    let mut corpus = Corpus::default();
    let documents: Vec<_> = headlines.iter().map(|text| corpus.add(text)).collect();
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/golden/news_similarity.csv"
    );
    let text = std::fs::read_to_string(path).expect("golden file");
    let mut compared = 0;
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let (a, b): (usize, usize) = (
            fields[0].parse().expect("index"),
            fields[1].parse().expect("index"),
        );
        let expected = |index: usize| fields[index].parse::<f64>().expect("number");
        let cosine = corpus.cosine(&documents[a], &documents[b]);
        assert!((cosine - expected(2)).abs() < 1e-12, "{line}: {cosine}");
        let jaccard = ngram_jaccard(&headlines[a], &headlines[b], 2);
        assert!((jaccard - expected(3)).abs() < 1e-12, "{line}: {jaccard}");
        compared += 1;
    }
    assert_eq!(compared, 35);
}

#[test]
fn headlines_are_sorted_by_what_they_report() {
    use EventClass::{
        Analyst as Rating, Contract, Distress, Distribution, Earnings, Fda, Guidance, Legal,
        Management, Merger, Product, Rumour,
    };
    let expected: [(usize, &[EventClass]); 17] = [
        (0, &[Earnings, Guidance]),
        (1, &[Earnings, Guidance]),
        (2, &[Earnings]),
        (3, &[Earnings]),
        (4, &[Fda]),
        (5, &[Legal, Distress]),
        (6, &[Earnings]),
        (7, &[Guidance]),
        (10, &[Contract]),
        (11, &[Legal]),
        (14, &[Distribution]),
        (15, &[Management]),
        (16, &[Rating]),
        (18, &[Product]),
        (20, &[Merger, Rumour]),
        (21, &[Merger]),
        (22, &[Distribution, Distress]),
    ];
    let headlines = headlines();
    for (index, classes) in expected {
        let found: Vec<EventClass> = EventClasses::of(&headlines[index].0).iter().collect();
        assert_eq!(found, classes, "{}", headlines[index].0);
    }
    assert!(EventClasses::of("").is_empty());
    assert!(!EventClasses::of("Acme settles lawsuit").contains(Merger));
}

#[test]
fn sources_are_believed_as_the_table_says() {
    let table = Credibility::default()
        .with("My Blog", 0.1)
        .expect("a share");
    assert_eq!(table.of(" reuters "), 0.9);
    assert_eq!(table.of("MY BLOG"), 0.1);
    assert_eq!(table.of("somebody"), 0.5);
    for wrong in [-0.1, 1.1, f64::NAN] {
        assert!(Credibility::default().with("x", wrong).is_err());
    }
}

struct Model(Result<f64, &'static str>);

impl SentimentModel for Model {
    fn sentiment(&self, _text: &str) -> Result<f64, SentimentError> {
        self.0
            .map_err(|words| SentimentError::Model(words.to_owned()))
    }
}

#[test]
fn a_model_of_the_callers_own_is_asked_and_checked() {
    let with = |answer| Analyst::new(Box::new(Model(answer)), Credibility::default());
    let read = |answer| {
        with(answer)
            .read(&item("1", 0, "Acme"))
            .map(|a| a.reading.expect("read").sentiment)
    };
    assert_eq!(read(Ok(0.25)), Ok(0.25));
    assert_eq!(read(Ok(1.5)), Err(SentimentError::OutOfRange(1.5)));
    assert!(read(Ok(f64::NAN)).is_err());
    assert!(
        read(Err("no memory"))
            .unwrap_err()
            .to_string()
            .contains("no memory")
    );
}

proptest! {
    #[test]
    fn any_text_is_survived_and_scores_stay_in_their_bounds(text in "\\PC{0,80}|([a-zA-Z$!?.' ]{0,12} ?){0,12}") {
        for lexicon in [Lexicon::vader(), Lexicon::finance()] {
            let score = lexicon.score(&text);
            prop_assert!((-1.0..=1.0).contains(&score.compound));
            let sum = score.negative + score.neutral + score.positive;
            prop_assert!(sum == 0.0 || (sum - 1.0).abs() < 1e-9);
        }
        let mut corpus = Corpus::default();
        let (a, b) = (corpus.add(&text), corpus.add("acme beats estimates"));
        prop_assert!((0.0..=1.0).contains(&corpus.cosine(&a, &b)));
        prop_assert!((corpus.cosine(&b, &b) - 1.0).abs() < 1e-9);
        let _classes = EventClasses::of(&text);
    }
}
