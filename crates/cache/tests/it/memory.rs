//! Memory: lifetimes, bounds, one load for many, invalidation, counts.

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use trader_cache::{Bounds, Key, Kind, Layers, Market, Pattern};
use trader_domain::{Quote, Trade};

use crate::{ROOM, answer, cache, clock, key, later};

#[test]
fn entries_count_for_as_long_as_their_kind_and_the_market_say() {
    for (kind, market, seconds) in [
        (Kind::Quotes, Market::Open, 60),
        (Kind::Trades, Market::Open, 60),
        (Kind::Ohlcv, Market::Open, 300),
        (Kind::Features, Market::Open, 300),
        (Kind::Quotes, Market::Closed, 3_600),
        (Kind::Ohlcv, Market::Closed, 3_600),
    ] {
        let clock = clock();
        let cache = cache(ROOM, Layers::default(), &clock);
        let key = key(kind, "AAPL");
        let loads = AtomicU32::new(0);
        let get = || {
            loads.fetch_add(1, Ordering::Relaxed);
        };
        let ask = || match kind {
            Kind::Quotes => {
                let load = || {
                    get();
                    Ok::<Vec<Quote>, ()>(Vec::new())
                };
                cache.get_quotes(&key, market, load).unwrap().len()
            }
            Kind::Trades => {
                let load = || {
                    get();
                    Ok::<Vec<Trade>, ()>(Vec::new())
                };
                cache.get_trades(&key, market, load).unwrap().len()
            }
            Kind::Features => {
                let load = || {
                    get();
                    Ok::<_, ()>(vec![None, Some(1.5)])
                };
                cache.get_features(&key, market, load).unwrap().len()
            }
            _ => {
                let load = || {
                    get();
                    Ok::<_, ()>(Vec::new())
                };
                cache.get_ohlcv(&key, market, load).unwrap().len()
            }
        };
        ask();
        later(&clock, seconds - 1);
        ask();
        assert_eq!(loads.load(Ordering::Relaxed), 1, "{kind:?} {market:?}");
        later(&clock, 1);
        ask();
        assert_eq!(loads.load(Ordering::Relaxed), 2, "{kind:?} {market:?}");
    }
}

#[test]
fn neither_entries_nor_bytes_exceed_their_bounds_at_any_time() {
    let (clock, bounds) = (
        clock(),
        Bounds {
            entries: 50,
            bytes: 100_000,
        },
    );
    let cache = cache(bounds, Layers::default(), &clock);
    for number in 0..2_000_usize {
        answer(&cache, &number.to_string(), &vec![7; number % 40]);
        assert!(cache.statistics().entries <= 50);
    }
    for number in 0..500_usize {
        answer(&cache, &format!("big{number}"), &vec![7; 9_000 + number]);
        assert!(cache.statistics().bytes <= 100_000);
    }
    assert!(cache.statistics().entries > 0);
    let (_, loaded) = answer(&cache, "huge", &vec![7; 200_000]);
    assert!(loaded && cache.statistics().bytes <= 100_000);
}

#[test]
fn what_many_ask_for_at_once_is_loaded_once() {
    let clock = clock();
    let cache = cache(ROOM, Layers::default(), &clock);
    let (key, loads) = (key(Kind::Answers, "AAPL"), AtomicU32::new(0));
    thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                let found = cache.get_answer(&key, || {
                    loads.fetch_add(1, Ordering::SeqCst);
                    thread::sleep(Duration::from_millis(50));
                    Ok::<_, ()>(vec![1, 2, 3])
                });
                assert_eq!(*found.unwrap(), [1, 2, 3]);
            });
        }
    });
    assert_eq!(
        (loads.load(Ordering::SeqCst), cache.statistics().loads),
        (1, 1)
    );
}

#[test]
fn a_load_that_fails_or_panics_is_told_to_its_caller_and_the_next_one_tries_again() {
    let clock = clock();
    let cache = cache(ROOM, Layers::default(), &clock);
    let key = key(Kind::Answers, "AAPL");
    assert_eq!(cache.get_answer(&key, || Err("down")), Err("down"));
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        cache.get_answer(&key, || -> Result<Vec<u8>, ()> { panic!("on purpose") })
    }));
    assert!(panicked.is_err());
    assert_eq!(answer(&cache, "AAPL", b"x"), (b"x".to_vec(), true));
}

#[test]
fn patterns_forget_what_they_mean_and_nothing_else() {
    let clock = clock();
    let cache = cache(ROOM, Layers::default(), &clock);
    for name in ["AAPL", "MSFT"] {
        answer(&cache, name, b"x");
    }
    cache.invalidate(&Pattern::new("answers:*:AAPL"));
    assert!(answer(&cache, "AAPL", b"y").1);
    assert!(!answer(&cache, "MSFT", b"y").1);
    let counted = cache.statistics();
    assert_eq!(
        (counted.memory.hits, counted.memory.misses, counted.loads),
        (1, 3, 3)
    );
}

#[test]
fn keys_hold_no_signs_with_a_meaning() {
    for part in ["", "a:b", "a*", "a\nb"] {
        assert!(Key::new(Kind::Quotes, &[part]).is_err(), "{part}");
    }
    assert!(Key::new(Kind::Quotes, &[&"x".repeat(600)]).is_err());
    assert_eq!(
        Key::new(Kind::Ohlcv, &["a", "B.C"]).unwrap().as_str(),
        "ohlcv:a:B.C"
    );
}
