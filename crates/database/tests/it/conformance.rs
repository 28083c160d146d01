//! One suite for both engines: what a repository promises holds on each.

use trader_database::{
    DatabaseError, ForgettingRepository, KeptRecord, Known, NewRun, Order, Outcome,
    RecordRepository, RunRepository as _, RunResult, SeriesResult, Trouble, Written,
};
use trader_domain::{AnnouncedAction, NewsItem, Symbol, Timestamp, VendorId};

use crate::engines::on_both;
use crate::samples::{action, at, filing, listing, news, post, symbol, vendors};

fn run(started: i64) -> NewRun {
    NewRun {
        vendor: "alpaca".into(),
        source: "files in x".into(),
        request: "all".into(),
        started: at(started),
    }
}

fn result(bars: u64) -> RunResult {
    RunResult {
        finished: at(20),
        outcome: Outcome::Partly,
        detail: Some("half".into()),
        work: Some("0123456789abcdef".into()),
        units: 3,
        bars,
        added: 2,
        replaced: 1,
        series: vec![SeriesResult {
            series: "bars 1d raw SPY".into(),
            bars,
            missing_days: 4,
            first: Some("2024-01-02".into()),
            last: None,
        }],
        troubles: vec![
            Trouble::Rejected {
                reason: "unsorted".into(),
                rows: 7,
            },
            Trouble::Failed {
                unit: "SPY".into(),
                detail: "gone".into(),
            },
        ],
    }
}

#[test]
fn a_run_is_told_as_it_was_and_recording_it_twice_changes_nothing() {
    on_both(async |database| {
        let first = database.begin_run(&run(10)).await.unwrap();
        let second = database.begin_run(&run(11)).await.unwrap();
        assert_ne!(first, second);
        for _ in 0..2 {
            database.finish_run(first, &result(5)).await.unwrap();
        }
        let runs = database.recent_runs(10).await.unwrap();
        assert_eq!(
            runs.iter().map(|run| run.id).collect::<Vec<_>>(),
            [second, first]
        );
        assert_eq!((runs[0].outcome, runs[0].finished), (None, None));
        let told = &runs[1];
        assert_eq!(
            (told.outcome, told.finished),
            (Some(Outcome::Partly), Some(at(20)))
        );
        assert_eq!(
            (
                told.units,
                told.bars,
                told.added,
                told.replaced,
                told.rejected
            ),
            (3, 5, 2, 1, 7)
        );
        assert_eq!(told.work.as_deref(), Some("0123456789abcdef"));
        assert_eq!(database.run_series(first).await.unwrap(), result(5).series);
        assert_eq!(
            database.run_troubles(first).await.unwrap(),
            result(5).troubles
        );
        assert_eq!(database.recent_runs(1).await.unwrap().len(), 1);
    });
}

#[test]
fn what_cannot_be_kept_is_refused_whole() {
    on_both(async |database| {
        let id = database.begin_run(&run(10)).await.unwrap();
        let beyond = database.finish_run(id, &result(u64::MAX)).await;
        assert!(
            matches!(beyond, Err(DatabaseError::Number { .. })),
            "{beyond:?}"
        );
        let mut nul = result(1);
        nul.series[0].series.push('\0');
        let nul = database.finish_run(id, &nul).await;
        assert!(matches!(nul, Err(DatabaseError::Text { .. })), "{nul:?}");
        // The same unit twice: the second detail holds, nothing fails.
        let mut bad = result(1);
        bad.troubles.push(bad.troubles[1].clone());
        database.finish_run(id, &bad).await.unwrap();
        assert_eq!(database.recent_runs(1).await.unwrap()[0].bars, 1);
        let vendors = vendors();
        let mut nameless = news("b", 1, "x");
        nameless.vendor = VendorId(99);
        let batch = [news("a", 1, "x"), nameless];
        let refused = database.keep(&batch, &vendors).await;
        assert!(
            matches!(refused, Err(DatabaseError::UnknownVendor(_))),
            "{refused:?}"
        );
        let early = NewsItem {
            received: at(0),
            ..news("c", 1, "x")
        };
        let refused = database.keep(&[early], &vendors).await;
        assert!(
            matches!(refused, Err(DatabaseError::Record { .. })),
            "{refused:?}"
        );
        assert_eq!(
            RecordRepository::<NewsItem>::count(&database)
                .await
                .unwrap(),
            0
        );
    });
}

const ALL: Known = Known {
    symbol: None,
    from: Timestamp::MIN,
    until: Timestamp::MAX,
    at: Timestamp::MAX,
};

async fn returns_verbatim<R>(
    database: &(impl RecordRepository<R> + ForgettingRepository),
    record: R,
) where
    R: KeptRecord + PartialEq + std::fmt::Debug,
{
    let vendors = vendors();
    let written = database
        .keep(std::slice::from_ref(&record), &vendors)
        .await
        .unwrap();
    assert_eq!(
        (written.added, written.changed, written.unchanged),
        (1, 0, 0)
    );
    assert_eq!(
        database.records(&ALL, &vendors).await.unwrap(),
        std::slice::from_ref(&record)
    );
    let of = |symbol: Option<Symbol>| Known { symbol, ..ALL };
    let found = database
        .records(&of(record.symbols().first().copied()), &vendors)
        .await
        .unwrap();
    assert_eq!(found, std::slice::from_ref(&record));
    assert!(
        database
            .records(&of(Some(symbol("ZZZ"))), &vendors)
            .await
            .unwrap()
            .is_empty()
    );
    let again = record
        .clone()
        .with(record.vendor(), record.received().saturating_add(77));
    let written = database.keep(&[again], &vendors).await.unwrap();
    assert_eq!(written.unchanged, 1, "the same record received again");
    assert_eq!(
        database.records(&ALL, &vendors).await.unwrap(),
        std::slice::from_ref(&record)
    );
    let name = vendors.name(record.vendor()).unwrap();
    let order = Order {
        at: at(99),
        reason: "keep=30".into(),
    };
    let forget =
        async |vendor: &str, before| database.forget(vendor, before, &order).await.unwrap();
    assert_eq!(database.vendors_of().await.unwrap(), [name]);
    assert_eq!(database.forgettable(name, Timestamp::MAX).await.unwrap(), 1);
    let noted = database.recent_forgettings(99).await.unwrap().len();
    assert_eq!(forget(name, record.received()).await, 0);
    assert_eq!(forget("nobody", Timestamp::MAX).await, 0);
    assert_eq!(database.recent_forgettings(99).await.unwrap().len(), noted);
    assert_eq!(forget(name, Timestamp::MAX).await, 1);
    let note = database.recent_forgettings(1).await.unwrap().remove(0);
    assert_eq!((note.vendor.as_str(), note.versions), (name, 1));
    assert_eq!((note.at, note.reason.as_str()), (at(99), "keep=30"));
    assert_eq!(database.count().await.unwrap(), 0);
}

#[test]
fn every_kind_of_record_comes_back_as_it_was_and_is_forgotten_when_told() {
    on_both(async |database| {
        returns_verbatim(&database, listing("1")).await;
        returns_verbatim(&database, action("1")).await;
        // One announcement of a vendor can concern several symbols.
        let other = AnnouncedAction {
            symbol: symbol("MSFT"),
            ..action("1")
        };
        let both = database
            .keep(&[action("1"), other], &vendors())
            .await
            .unwrap();
        assert_eq!(both.added, 2);
        returns_verbatim(&database, news("1", 1, "headline")).await;
        returns_verbatim(&database, filing("1")).await;
        returns_verbatim(&database, post("1", "text")).await;
    });
}

#[test]
fn a_corrected_record_was_the_old_one_before_the_correction() {
    on_both(async |database| {
        let vendors = vendors();
        let first = news("1", 10, "Apple buys Tesla");
        let corrected = NewsItem {
            received: at(100),
            symbols: vec![symbol("TSLA")],
            ..news("1", 10, "Apple does not buy Tesla")
        };
        let reverted = NewsItem {
            received: at(200),
            ..first.clone()
        };
        for item in [&first, &corrected, &reverted] {
            database
                .keep(std::slice::from_ref(item), &vendors)
                .await
                .unwrap();
        }
        let known = async |second: i64, symbol: Option<Symbol>| {
            let known = Known {
                at: at(second),
                symbol,
                ..ALL
            };
            let found: Vec<NewsItem> = database.records(&known, &vendors).await.unwrap();
            found
        };
        let none: [NewsItem; 0] = [];
        assert_eq!(known(10, None).await, none);
        assert_eq!(known(11, None).await, std::slice::from_ref(&first));
        assert_eq!(known(150, None).await, std::slice::from_ref(&corrected));
        assert_eq!(known(200, None).await, std::slice::from_ref(&reverted));
        assert_eq!(
            known(150, Some(symbol("AAPL"))).await,
            none,
            "the correction is about Tesla only"
        );
        assert_eq!(known(150, Some(symbol("TSLA"))).await, [corrected]);
        assert_eq!(
            RecordRepository::<NewsItem>::count(&database)
                .await
                .unwrap(),
            1
        );
    });
}

#[test]
fn records_come_in_the_order_of_publication_within_their_bounds() {
    on_both(async |database| {
        let vendors = vendors();
        let mut items: Vec<_> = (0..1_200)
            .map(|n| news(&format!("{n:04}"), 1_200 - n, "x"))
            .collect();
        let written: Written = database.keep(&items, &vendors).await.unwrap();
        assert_eq!(written.added, 1_200);
        items.reverse();
        let found: Vec<NewsItem> = database.records(&ALL, &vendors).await.unwrap();
        assert_eq!(found, items);
        let some = Known {
            from: at(5),
            until: at(8),
            ..ALL
        };
        let found: Vec<NewsItem> = database.records(&some, &vendors).await.unwrap();
        assert_eq!(found, items[4..7]);
    });
}
