//! Posts, their authors and what they do together.

use proptest::prelude::*;
use trader_domain::{SocialPost, Timestamp, VendorId};
use trader_features::Knowledge;
use trader_features::social::Listener;
use trader_features::{AsOfSet, Registry};

const MINUTE: i64 = 60_000_000_000;

fn post(id: usize, author: &str, minute: i64, text: &str) -> SocialPost {
    SocialPost {
        id: id.to_string(),
        vendor: VendorId::INTERNAL,
        platform: "reddit".to_owned(),
        author: author.to_owned(),
        published: Timestamp::from_nanos(minute * MINUTE),
        received: Timestamp::from_nanos(minute * MINUTE),
        text: text.to_owned(),
        symbols: Vec::new(),
        likes: 0,
        shares: 0,
        replies: 0,
        followers: Some(100),
    }
}

fn known(posts: &[SocialPost]) -> Knowledge {
    let (listener, mut knowledge) = (Listener::default(), Knowledge::new());
    for post in posts {
        knowledge
            .post(listener.read(post).expect("read"))
            .expect("in order");
    }
    knowledge
}

fn at(knowledge: &Knowledge, minute: i64, names: &[&str]) -> Vec<f64> {
    let set = AsOfSet::new(Registry::standard(), names).expect("known");
    let mut out = vec![0.0; names.len()];
    let known = knowledge.at(Timestamp::from_nanos(minute * MINUTE));
    set.evaluate(&known, &[], &mut out).expect("fits");
    out
}

#[test]
fn mentions_are_counted_once_and_only_once_received() {
    let mut late = post(3, "carol", 1, "holding my shares");
    late.received = Timestamp::from_nanos(20 * MINUTE);
    let knowledge = known(&[
        post(1, "alice", 0, "earnings look great to me"),
        post(1, "alice", 5, "earnings look great to me"),
        post(2, "bob", 10, "terrible guidance, I am out"),
        late,
    ]);
    let names = [
        "social_mentions_60",
        "social_authors_60",
        "social_bot_share_60",
    ];
    assert_eq!(at(&knowledge, 20, &names), [2.0, 2.0, 0.0]);
    assert_eq!(at(&knowledge, 21, &names), [3.0, 3.0, 0.0]);
    let none = at(&knowledge, 0, &names);
    assert!(none[0] == 0.0 && none[2].is_nan());
    assert_eq!(at(&knowledge, 11, &["social_acceleration_6"]), [0.0]);
    assert_eq!(at(&knowledge, 11, &["social_acceleration_9"]), [0.0]);
    assert_eq!(at(&knowledge, 21, &["social_acceleration_12"]), [1.0 / 3.0]);
}

#[test]
fn an_author_who_repeats_himself_all_day_is_taken_for_a_machine() {
    let mut posts: Vec<SocialPost> = (0_usize..)
        .zip(0..30)
        .map(|(id, minute)| {
            let text = "$ACME to the moon buy now before it is too late";
            post(id, "pump", minute, text)
        })
        .collect();
    posts.push(post(99, "alice", 30, "the quarter was weak, sales fell"));
    let knowledge = known(&posts);
    let found = at(
        &knowledge,
        31,
        &[
            "social_mentions_60",
            "social_bot_share_60",
            "social_sentiment_60",
            "social_concentration_60",
        ],
    );
    // The first few do not look automated yet.
    assert!(found[0] <= 5.0 && found[1] > 0.8, "{found:?}");
    assert!(found[3] > 0.9, "{found:?}");
    let posts = knowledge.at(Timestamp::MAX).posts;
    assert!(posts[0].automation < 0.1 && posts[29].automation > 0.7);
    assert!(posts[29].credibility < posts[30].credibility);
    assert!(
        posts
            .windows(2)
            .take(29)
            .all(|pair| pair[0].automation <= pair[1].automation)
    );
}

#[test]
fn three_authors_with_one_text_within_an_hour_act_together() {
    let slogan = "Acme is about to announce a huge merger buy now";
    let others = [
        "I sold my Acme stock today",
        "does anybody know when Acme reports",
        "new store opened near me",
    ];
    let with = |copies: &[(&str, i64)]| {
        let mut posts: Vec<SocialPost> = Vec::new();
        for (author, minute) in copies {
            posts.push(post(posts.len(), author, *minute, slogan));
        }
        for (n, text) in others.iter().enumerate() {
            posts.push(post(100 + n, &format!("person{n}"), 200, text));
        }
        known(&posts)
    };
    let names = [
        "social_coordination_600",
        "social_group_share_600",
        "social_concentration_600",
    ];
    let together = at(&with(&[("a", 0), ("b", 10), ("c", 50)]), 201, &names);
    assert_eq!(together[..2], [0.5, 0.5]);
    assert!((together[2] - 6.0 / 36.0).abs() < 1e-12);
    // Two authors, one author three times, or hours apart: no group.
    for copies in [
        &[("a", 0), ("b", 10)][..],
        &[("a", 0), ("a", 1), ("a", 2)],
        &[("a", 0), ("b", 70), ("c", 140)],
    ] {
        assert_eq!(
            at(&with(copies), 201, &names)[..2],
            [0.0, 0.0],
            "{copies:?}"
        );
    }
    assert!(
        at(&known(&[]), 1, &names)
            .iter()
            .all(|value| value.is_nan())
    );
}

#[test]
fn signs_of_automation_add_up() {
    let listener = Listener::default();
    let read = |text: &str| listener.read(&post(1, "a", 0, text)).expect("read");
    let list = read("$A $B $C $D $E,");
    assert_eq!((list.cashtags, list.links, list.words), (5, 0, 0));
    let link = read("look https://example.com/x $a $A");
    assert_eq!((link.cashtags, link.links, link.words), (1, 1, 1));
    let knowledge = known(&[post(1, "a", 0, "$A $B $C $D $E http://x.example")]);
    let automation = knowledge.at(Timestamp::MAX).posts[0].automation;
    assert!(
        (automation - (1.0 - 0.6 * 0.7)).abs() < 1e-12,
        "{automation}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_posts_are_survived_and_scores_are_shares(
        posts in prop::collection::vec((0_u8..4, 0_i64..90, "\\PC{0,30}|(buy|sell|now|\\$[A-C]|http://x| ){0,8}"), 1..30)
    ) {
        let mut minute = 0;
        let posts: Vec<SocialPost> = posts.into_iter().enumerate().map(|(id, (author, wait, text))| {
            minute += wait;
            post(id, &author.to_string(), minute, &text)
        }).collect();
        let knowledge = known(&posts);
        let shares = ["social_bot_share_300", "social_credibility_300", "social_coordination_300",
            "social_concentration_300", "social_group_share_300"];
        for value in at(&knowledge, minute + 1, &shares) {
            prop_assert!(value.is_nan() || (-1e-12..=1.0 + 1e-12).contains(&value), "{value}");
        }
        let sentiment = at(&knowledge, minute + 1, &["social_sentiment_60", "social_acceleration_60"]);
        prop_assert!(sentiment.iter().all(|x| x.is_nan() || x.abs() <= 1.0));
    }
}
