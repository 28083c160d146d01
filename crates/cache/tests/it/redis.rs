//! Redis that is shared, killed, frozen, emptied and refuses: the cache goes on, says so once a minute, and comes back.

use std::sync::Arc;
use std::time::Duration;

use trader_cache::{Cache, Layers, Pattern, RedisSettings, RedisTier};
use trader_domain::SimulatedClock;
use trader_testkit::Tier;
use trader_testkit::redis_server::RedisServer;

use crate::{ROOM, answer, cache, clock, later};

const PASSWORD: &str = "a-test-password";

/// A server, or a message that there is none.
fn server() -> Option<RedisServer> {
    let server = RedisServer::start(Some(PASSWORD)).unwrap();
    if server.is_none() {
        println!("skipped: no redis-server here; `cargo xtask setup` installs it");
    }
    server
}

fn on(server: &RedisServer, password: &str, clock: &Arc<SimulatedClock>) -> Cache {
    let tier = RedisTier::new(RedisSettings {
        host: "127.0.0.1".to_owned(),
        port: server.port(),
        password: Some(password.into()),
        tls: false,
        limit: Duration::from_millis(150),
    });
    let layers = Layers {
        redis: Some(Arc::new(tier.unwrap())),
        ..Layers::default()
    };
    cache(ROOM, layers, clock)
}

#[test]
fn what_one_process_loaded_another_one_finds() {
    let Some(server) = server() else { return };
    let clock = clock();
    let (one, two) = (on(&server, PASSWORD, &clock), on(&server, PASSWORD, &clock));
    assert!(answer(&one, "A", &[5; 3_000]).1);
    assert_eq!(answer(&two, "A", b"other"), (vec![5; 3_000], false));
    assert_eq!(two.statistics().redis.hits, 1);
    two.invalidate(&Pattern::new("answers:*:A"));
    assert!(answer(&on(&server, PASSWORD, &clock), "A", b"new").1);
}

#[test]
fn redis_killed_frozen_and_started_again_fails_nothing_and_is_used_again() {
    let Some(mut server) = server() else { return };
    let clock = clock();
    let rounds = Tier::current().pick(3, 200);
    let cache = on(&server, PASSWORD, &clock);
    for round in 0..rounds {
        let name = |what: &str| format!("{what}{round}");
        assert!(answer(&cache, &name("before"), b"x").1);
        if round % 2 == 0 {
            server.kill().unwrap();
        } else {
            server.freeze().unwrap();
        }
        for number in 0..20 {
            // Memory goes on, and so does the source.
            assert!(!answer(&cache, &name("before"), b"y").1);
            assert!(answer(&cache, &format!("{round}during{number}"), b"x").1);
        }
        if round % 2 == 0 {
            server.restart().unwrap();
        } else {
            server.thaw().unwrap();
        }
        later(&clock, 31);
        assert!(answer(&cache, &name("after"), b"x").1);
        let other = on(&server, PASSWORD, &clock);
        assert!(!answer(&other, &name("after"), b"y").1, "round {round}");
    }
}

#[test]
fn a_server_that_is_away_is_warned_of_once_a_minute() {
    let Some(mut server) = server() else { return };
    let clock = clock();
    let tier = RedisTier::new(RedisSettings {
        host: "127.0.0.1".to_owned(),
        port: server.port(),
        password: Some(PASSWORD.into()),
        tls: false,
        limit: Duration::from_millis(150),
    });
    server.kill().unwrap();
    let tier = Arc::new(tier.unwrap());
    let cache = cache(
        ROOM,
        Layers {
            redis: Some(Arc::clone(&tier)),
            ..Layers::default()
        },
        &clock,
    );
    for second in 0..180 {
        answer(&cache, &second.to_string(), b"x");
        later(&clock, 1);
    }
    assert!((2..=4).contains(&tier.warnings()), "{}", tier.warnings());
}

#[test]
fn a_wrong_password_is_a_server_that_is_away() {
    let Some(server) = server() else { return };
    let clock = clock();
    let cache = on(&server, "not-the-password", &clock);
    assert!(answer(&cache, "A", b"x").1);
    assert!(!answer(&cache, "A", b"x").1);
    assert!(!format!("{cache:?}").contains("not-the-password"));
}
