//! Redis that is shared, killed, frozen, emptied and refuses: the cache goes on, says so once a minute, and comes back.

use std::sync::Arc;
use std::time::Duration;

use trader_cache::{Cache, Layers, Pattern, RedisSettings, RedisTier};
use trader_domain::SimulatedClock;
use trader_testkit::Tier;
use trader_testkit::certificates::Authority;
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
        root_certificate: None,
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
        root_certificate: None,
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

#[test]
fn an_encrypted_server_is_believed_when_its_name_and_authority_are_right_and_never_otherwise() {
    let (authority, other) = (Authority::new().unwrap(), Authority::new().unwrap());
    let identity = authority.server("localhost").unwrap();
    let server = RedisServer::start_encrypted(Some(PASSWORD), &identity).unwrap();
    let Some(server) = server else {
        println!("skipped: no redis-server here; `cargo xtask setup` installs it");
        return;
    };
    let on = |host: &str, roots: Option<&str>, tls: bool| {
        let clock = clock();
        let tier = RedisTier::new(RedisSettings {
            host: host.to_owned(),
            port: server.port(),
            password: Some(PASSWORD.into()),
            tls,
            root_certificate: roots.map(|pem| pem.as_bytes().to_vec()),
            limit: Duration::from_secs(2),
        });
        let tier = Arc::new(tier.unwrap());
        let layers = Layers {
            redis: Some(Arc::clone(&tier)),
            ..Layers::default()
        };
        (cache(ROOM, layers, &clock), tier)
    };
    let trusted = Some(authority.certificate());
    let (first, tier) = on("localhost", trusted, true);
    assert!(answer(&first, "tls", b"x").1, "it was not there");
    assert_eq!(tier.warnings(), 0);
    let (second, _) = on("localhost", trusted, true);
    assert!(!answer(&second, "tls", b"y").1, "another process finds it");
    for (host, roots, tls, why) in [
        (
            "127.0.0.1",
            trusted,
            true,
            "the certificate is of another name",
        ),
        (
            "localhost",
            Some(other.certificate()),
            true,
            "nobody trusts who signed it",
        ),
        (
            "localhost",
            None,
            true,
            "the system does not trust who signed it",
        ),
        (
            "localhost",
            trusted,
            false,
            "the server takes encrypted connections only",
        ),
    ] {
        let (cache, tier) = on(host, roots, tls);
        assert!(
            answer(&cache, "tls", b"z").1,
            "{why}: nothing is taken from it"
        );
        assert_eq!(tier.warnings(), 1, "{why}");
    }
}
