//! Hostile text: whatever a vendor or a file name says is stored as text and comes back as it was.

use trader_database::{
    Known, NewRun, Order, Outcome, RecordRepository, RunRepository as _, RunResult, SeriesResult,
    Trouble,
};
use trader_domain::{Filing, NewsItem, SocialPost, Timestamp};
use trader_testkit::Random;

use crate::engines::on_both;
use crate::samples::{at, filing, news, post, vendors};

const STRINGS: usize = 10_000;

/// What attacks on databases are made of.
const PIECES: &[&str] = &[
    "'",
    "''",
    "\"",
    "`",
    ";",
    "--",
    "/*",
    "*/",
    "#",
    "\\",
    "\\'",
    "%",
    "_",
    "$1",
    "$$",
    "?",
    "?1",
    ":id",
    "@x",
    "||",
    " OR 1=1",
    " UNION SELECT * FROM runs",
    "; DROP TABLE news; --",
    "'; DELETE FROM runs WHERE 'a'='a",
    "1); ATTACH DATABASE '/tmp/x' AS x; --",
    "pg_sleep(10)",
    "COPY runs TO PROGRAM 'id'",
    "\u{2019}",
    "\u{ff07}",
    "\u{202e}",
    "\u{1}",
    "\t",
    "\r\n",
    "\u{7f}",
    "\u{feff}",
    "é",
    "漢",
    "🚀",
    "NULL",
    "null",
    "{}",
    "[\"]",
    "\\u0027",
    "%27",
    "&#39;",
    "0x27",
    "CHAR(39)",
    "U&'\\0027'",
    "E'\\047'",
    "\u{301}",
    " ",
];

/// Texts from a seed, none the same as another.
fn corpus() -> Vec<String> {
    let mut random = Random::from_seed(0x5317);
    (0..STRINGS)
        .map(|number| {
            let pieces = 1 + random.below(6);
            let mut text: String = (0..pieces)
                .map(|_| PIECES[random.index(PIECES.len())])
                .collect();
            text.push_str(&format!("{number}"));
            text
        })
        .collect()
}

const ALL: Known = Known {
    symbol: None,
    from: Timestamp::MIN,
    until: Timestamp::MAX,
    at: Timestamp::MAX,
};

#[test]
fn ten_thousand_hostile_texts_come_back_from_every_field_as_they_were() {
    let corpus = corpus();
    on_both(async |database| {
        let vendors = vendors();
        let mut items: Vec<NewsItem> = corpus
            .iter()
            .map(|text| NewsItem {
                body: Some(text.clone()),
                source: text.clone(),
                url: Some(text.clone()),
                ..news(text, 1, text)
            })
            .collect();
        assert_eq!(
            database.keep(&items, &vendors).await.unwrap().added,
            STRINGS as u64
        );
        let mut found: Vec<NewsItem> = database.records(&ALL, &vendors).await.unwrap();
        // Engines sort text differently.
        items.sort_by(|a, b| a.id.cmp(&b.id));
        found.sort_by(|a, b| a.id.cmp(&b.id));
        assert!(found == items, "news differ");

        for text in corpus.iter().take(300) {
            assert_eq!(
                RecordRepository::<NewsItem>::forget(
                    &database,
                    text,
                    Timestamp::MAX,
                    &Order {
                        at: Timestamp::EPOCH,
                        reason: text.clone()
                    }
                )
                .await
                .unwrap(),
                0
            );
        }
        assert_eq!(
            RecordRepository::<NewsItem>::count(&database)
                .await
                .unwrap(),
            STRINGS as u64
        );
    });
}

#[test]
fn ten_thousand_hostile_texts_come_back_from_a_run_as_they_were() {
    let corpus = corpus();
    on_both(async |database| {
        let result = RunResult {
            finished: at(2),
            outcome: Outcome::Done,
            detail: Some(corpus[0].clone()),
            work: Some(corpus[1].clone()),
            units: 1,
            bars: 1,
            added: 1,
            replaced: 0,
            series: (0..STRINGS)
                .map(|number| SeriesResult {
                    series: corpus[number].clone(),
                    bars: 1,
                    missing_days: 0,
                    first: Some(corpus[number].clone()),
                    last: Some(corpus[number].clone()),
                })
                .collect(),
            troubles: corpus
                .iter()
                .map(|text| Trouble::Failed {
                    unit: text.clone(),
                    detail: text.clone(),
                })
                .collect(),
        };
        let run = NewRun {
            vendor: corpus[2].clone(),
            source: corpus[3].clone(),
            request: corpus[4].clone(),
            started: at(1),
        };
        let id = database.begin_run(&run).await.unwrap();
        database.finish_run(id, &result).await.unwrap();
        let told = &database.recent_runs(1).await.unwrap()[0];
        assert_eq!(
            (&told.vendor, &told.source, &told.request),
            (&corpus[2], &corpus[3], &corpus[4])
        );
        assert_eq!(
            (told.detail.as_ref(), told.work.as_ref()),
            (Some(&corpus[0]), Some(&corpus[1]))
        );
        let mut series = database.run_series(id).await.unwrap();
        let mut expected = result.series;
        series.sort_by(|a, b| a.series.cmp(&b.series));
        expected.sort_by(|a, b| a.series.cmp(&b.series));
        assert!(series == expected, "series differ");
        assert_eq!(database.run_troubles(id).await.unwrap().len(), STRINGS);
    });
}

#[test]
fn hostile_filings_and_posts_come_back_as_they_were() {
    let corpus = corpus();
    on_both(async |database| {
        let vendors = vendors();
        for text in corpus.iter().take(500) {
            let one = Filing {
                form: text.clone(),
                items: vec![text.clone(), text.clone()],
                ..filing(text)
            };
            database
                .keep(std::slice::from_ref(&one), &vendors)
                .await
                .unwrap();
            database.keep(&[post(text, text)], &vendors).await.unwrap();
        }
        let filings: Vec<Filing> = database.records(&ALL, &vendors).await.unwrap();
        assert!(
            filings
                .iter()
                .all(|one| one.form == one.id && one.items[1] == one.id)
        );
        let posts: Vec<SocialPost> = database.records(&ALL, &vendors).await.unwrap();
        assert!(posts.iter().all(|one| one.text == one.id));
        assert_eq!((filings.len(), posts.len()), (500, 500));
    });
}
