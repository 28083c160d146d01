//! What all news amounts to at a bar's close.

use proptest::prelude::*;
use trader_domain::{Timestamp, VendorId};
use trader_features::news::{Analysis, Analyst};
use trader_features::{AsOfSet, Columns, FeatureError, FeatureSet, Knowledge, Registry};

use super::{MINUTE, item};

const NAMES: &[&str] = &[
    "news_items_60",
    "news_stories_60",
    "news_acceleration_60",
    "news_sentiment_60",
    "news_pressure_60",
    "news_disagreement_60",
    "news_novelty_60",
    "news_credibility_60",
    "news_events_earnings_60",
    "news_event_sentiment_earnings_60",
];

fn at(knowledge: &Knowledge, minute: i64, name: &str) -> f64 {
    let set = AsOfSet::new(Registry::standard(), &[name]).expect("known");
    let mut out = [0.0];
    let known = knowledge.at(Timestamp::from_nanos(minute * MINUTE));
    set.evaluate(&known, &[], &mut out).expect("fits");
    out[0]
}

/// Items received at the given minutes.
fn known(items: &[(&str, i64, &str)]) -> Knowledge {
    let mut knowledge = Knowledge::new();
    for (id, minute, headline) in items {
        let analysis = Analyst::default()
            .read(&item(id, *minute, headline))
            .expect("read");
        knowledge.news(analysis).expect("in order");
    }
    knowledge
}

#[test]
fn only_what_was_received_before_the_close_counts() {
    // Published at minute 1, but received at minute 30.
    let mut late = item("late", 1, "Acme beats estimates");
    late.received = Timestamp::from_nanos(30 * MINUTE);
    let mut knowledge = known(&[("a", 5, "Acme misses estimates")]);
    knowledge
        .news(Analyst::default().read(&late).expect("read"))
        .expect("in order");
    for (close, items) in [
        (5, 0.0),
        (6, 1.0),
        (29, 1.0),
        (30, 1.0),
        (31, 2.0),
        (66, 1.0),
        (91, 0.0),
    ] {
        assert_eq!(
            at(&knowledge, close, "news_items_60"),
            items,
            "close at {close}"
        );
    }
    assert!(at(&knowledge, 29, "news_sentiment_60") < -0.2);
    assert!(at(&knowledge, 5, "news_sentiment_60").is_nan());
}

#[test]
fn an_edit_replaces_a_retraction_removes_and_neither_makes_old_news_new() {
    let mut knowledge = known(&[
        ("a", 0, "Acme beats estimates"),
        ("b", 2, "Globex recalls cars"),
        ("a", 50, "Acme misses estimates"),
        ("a", 50, "Acme misses estimates"),
    ]);
    let retracted = Timestamp::from_nanos(55 * MINUTE);
    knowledge
        .news(Analysis::retraction(VendorId::INTERNAL, "b", retracted))
        .expect("in order");
    knowledge
        .news(Analysis::retraction(
            VendorId::INTERNAL,
            "unknown",
            retracted,
        ))
        .expect("in order");
    assert_eq!(at(&knowledge, 51, "news_items_60"), 2.0);
    assert_eq!(at(&knowledge, 56, "news_items_60"), 1.0);
    assert!(at(&knowledge, 49, "news_event_sentiment_earnings_60") > 0.0);
    assert!(at(&knowledge, 56, "news_event_sentiment_earnings_60") < 0.0);
    // Received first at 0: at 61 it is out of the window, whatever was edited since.
    assert_eq!(at(&knowledge, 61, "news_items_60"), 0.0);
    // The same id of another vendor is another item.
    let mut other = item("a", 56, "Acme misses estimates");
    other.vendor = VendorId(1);
    knowledge
        .news(Analyst::default().read(&other).expect("read"))
        .expect("in order");
    assert_eq!(at(&knowledge, 57, "news_items_60"), 2.0);
    assert_eq!(at(&knowledge, 57, "news_stories_60"), 1.0);
}

#[test]
fn repetitions_are_items_but_no_stories() {
    let knowledge = known(&[
        (
            "a",
            0,
            "Acme beats Q3 expectations and raises full-year guidance",
        ),
        (
            "b",
            1,
            "Acme beats Q3 expectations, raises full-year guidance",
        ),
        ("c", 2, "Globex opens a plant in Ohio"),
    ]);
    assert_eq!(at(&knowledge, 3, "news_items_60"), 3.0);
    assert_eq!(at(&knowledge, 3, "news_stories_60"), 2.0);
    let novelty = at(&knowledge, 3, "news_novelty_60");
    assert!((0.6..0.75).contains(&novelty), "{novelty}");
}

#[test]
fn sentiment_fades_with_its_half_life() {
    let knowledge = known(&[("a", 0, "Acme soars"), ("b", 60, "Globex plunges")]);
    let (good, bad) = (
        at(&knowledge, 1, "news_sentiment_60"),
        at(
            &known(&[("b", 60, "Globex plunges")]),
            61,
            "news_sentiment_60",
        ),
    );
    // At minute 60 plus one nanosecond... two hours on: weights 1/4 and 1/2.
    let expected = (good / 4.0 + bad / 2.0) / 0.75;
    let found = at(&knowledge, 120, "news_sentiment_60");
    assert!((found - expected).abs() < 1e-12, "{found} {expected}");
    let pressure = at(&knowledge, 120, "news_pressure_60");
    assert!((pressure - 0.9 * (good / 4.0 + bad / 2.0)).abs() < 1e-12);
    assert!(at(&knowledge, 120, "news_disagreement_60") > 0.3);
    assert_eq!(at(&knowledge, 61, "news_acceleration_60"), 0.0);
    assert_eq!(at(&knowledge, 59, "news_acceleration_60"), 1.0);
    assert!((at(&knowledge, 61, "news_credibility_60") - 0.9).abs() < 1e-12);
}

#[test]
fn items_out_of_order_are_refused() {
    let mut knowledge = known(&[("a", 10, "Acme")]);
    let early = Analyst::default()
        .read(&item("b", 9, "Globex"))
        .expect("read");
    let error = knowledge.news(early).unwrap_err();
    assert!(matches!(
        error,
        FeatureError::OutOfOrder { feed: "news", .. }
    ));
    assert!(error.to_string().contains("sort by time received"));
}

#[test]
fn features_over_rows_read_news_by_name() {
    let registry = Registry::standard();
    let set = FeatureSet::new(registry, &["sma_2(news_items_60)", "close_x"]);
    assert!(matches!(set, Err(FeatureError::UnknownFeature { .. })));
    let set = FeatureSet::new(registry, &["sma_2(news_items_60)", "news_items_60"]).expect("known");
    let as_of = AsOfSet::of(registry, &set).expect("news");
    assert_eq!(as_of.names(), ["news_items_60"]);
    let knowledge = known(&[("a", 5, "Acme"), ("b", 25, "Globex")]);
    let closes: Vec<Timestamp> = (1..=4)
        .map(|n| Timestamp::from_nanos(n * 10 * MINUTE))
        .collect();
    let news = as_of
        .batch(&knowledge, &closes, &Columns::new())
        .expect("ascending");
    let columns = Columns::new()
        .with("news_items_60", &news.columns[0])
        .expect("first");
    let table = set.batch(&columns).expect("all there");
    assert_eq!(table.columns[0][1..], [1.0, 1.5, 2.0]);
    assert_eq!(table.columns[1], [1.0, 1.0, 2.0, 2.0]);
    let twice = [closes[1], closes[1]];
    let unsorted = as_of.batch(&knowledge, &twice, &Columns::new());
    assert_eq!(unsorted, Err(FeatureError::Unsorted { row: 1 }));
    assert!(AsOfSet::new(registry, &["sma_20"]).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// What is received later changes nothing, and asking as items come gives what asking afterwards
    /// gives.
    #[test]
    fn history_and_live_agree_and_the_future_does_not_matter(
        items in prop::collection::vec((0_u8..6, 0_i64..30, 0_usize..6), 1..25)
    ) {
        let headlines = [
            "Acme beats estimates", "Acme misses estimates", "Acme CEO resigns", "Globex sues Acme",
            "Acme beats estimates again", "",
        ];
        let set = AsOfSet::new(Registry::standard(), NAMES).expect("known");
        let mut minute = 0;
        let mut live = Knowledge::new();
        let (mut closes, mut streamed) = (Vec::new(), Vec::new());
        for (id, wait, headline) in &items {
            minute += wait;
            let close = Timestamp::from_nanos(minute * MINUTE);
            if closes.last().is_none_or(|last| *last < close) {
                let mut out = vec![0.0; NAMES.len()];
                set.evaluate(&live.at(close), &[], &mut out).expect("fits");
                closes.push(close);
                streamed.push(out);
            }
            let analysis = if *id == 5 {
                Analysis::retraction(VendorId::INTERNAL, "1", close)
            } else {
                Analyst::default().read(&item(&id.to_string(), minute, headlines[*headline])).expect("read")
            };
            live.news(analysis).expect("in order");
        }
        let table = set.batch(&live, &closes, &Columns::new()).expect("ascending");
        for (row, out) in streamed.iter().enumerate() {
            for (column, value) in table.columns.iter().zip(out) {
                prop_assert_eq!(column[row].to_bits(), value.to_bits());
            }
        }
    }
}
