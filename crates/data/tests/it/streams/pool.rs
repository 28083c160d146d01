//! Connections in simulated time, against a server that is a few lines of test.

use std::collections::BTreeSet;
use std::sync::Arc;

use trader_data::streams::{
    AlpacaStream, Channel, Command, Encoding, Frame, Input, Pool, PoolNews, PoolSettings,
    StreamFault, StreamingSource, Topic,
};
use trader_domain::{NANOS_PER_SECOND, Timestamp};

use crate::{now, symbol};

struct World {
    pool: Pool,
    source: Arc<dyn StreamingSource>,
    now: Timestamp,
    commands: Vec<(usize, Command)>,
    news: Vec<PoolNews>,
    market_is_open: bool,
}

fn topics(symbols: &[&str]) -> BTreeSet<Topic> {
    let of = |text: &&str| {
        [Channel::Trades, Channel::Quotes].map(|channel| Topic {
            channel,
            symbol: symbol(text),
        })
    };
    symbols.iter().flat_map(of).collect()
}

impl World {
    fn new(symbols: &[&str]) -> Self {
        let source: Arc<dyn StreamingSource> =
            Arc::new(AlpacaStream::new("ws://test", "K", "S", Encoding::Json));
        let pool = Pool::new(
            &source,
            &PoolSettings::default(),
            &topics(symbols),
            7,
            now(),
        );
        Self {
            pool,
            source,
            now: now(),
            commands: Vec::new(),
            news: Vec::new(),
            market_is_open: true,
        }
    }

    fn give(&mut self, connection: usize, input: Input) {
        self.pool.handle(
            connection,
            input,
            self.now,
            self.market_is_open,
            &mut self.commands,
            &mut self.news,
        );
    }

    fn say(&mut self, connection: usize, text: &str) {
        let said = self.source.decode(&Frame::Text(text.to_owned()), self.now);
        self.give(connection, Input::Said(said));
    }

    fn pass(&mut self, seconds: i64) {
        self.now = self.now.saturating_add(seconds * NANOS_PER_SECOND);
        for connection in 0..self.pool.connections() {
            self.give(connection, Input::Tick);
        }
    }

    /// Commands of a connection since the last question; frames as text.
    fn did(&mut self, connection: usize) -> Vec<String> {
        let (own, others) = std::mem::take(&mut self.commands)
            .into_iter()
            .partition(|(at, _)| *at == connection);
        self.commands = others;
        let own: Vec<(usize, Command)> = own;
        own.into_iter()
            .map(|(_, command)| match command {
                Command::Send(Frame::Text(text)) => text,
                other => format!("{other:?}"),
            })
            .collect()
    }

    fn news(&mut self) -> Vec<PoolNews> {
        std::mem::take(&mut self.news)
    }

    /// Opens, authenticates and confirms; returns what was subscribed.
    fn bring_up(&mut self, connection: usize) -> String {
        self.give(connection, Input::Opened);
        self.say(connection, r#"[{"T":"success","msg":"connected"}]"#);
        self.say(connection, r#"[{"T":"success","msg":"authenticated"}]"#);
        let did = self.did(connection);
        let asked = did.last().unwrap().clone();
        self.say(
            connection,
            &asked.replace(r#""action":"subscribe""#, r#""T":"subscription""#),
        );
        asked
    }

    fn trade(&mut self, connection: usize, name: &str, id: u32) {
        self.say(
            connection,
            &format!(r#"[{{"T":"t","i":{id},"S":"{name}","x":"D","p":1.5,"s":1,"t":"2023-12-29T20:00:00Z","c":["@"],"z":"C"}}]"#),
        );
    }
}

#[test]
fn nothing_is_subscribed_before_the_key_is_accepted() {
    let mut world = World::new(&["SPY"]);
    assert_eq!(
        world.pool.connections(),
        1,
        "no more connections than symbols"
    );
    world.pass(0);
    assert_eq!(world.did(0), ["Open"]);
    world.give(0, Input::Opened);
    assert_eq!(world.did(0), [""; 0]);
    world.say(0, r#"[{"T":"success","msg":"connected"}]"#);
    let did = world.did(0);
    assert!(did.len() == 1 && did[0].contains("auth"), "{did:?}");
    world.trade(0, "SPY", 1);
    assert!(
        world.news().is_empty(),
        "data before authentication is none"
    );
    world.say(0, r#"[{"T":"success","msg":"authenticated"}]"#);
    let did = world.did(0);
    assert!(did.len() == 1 && did[0].contains("subscribe"), "{did:?}");
    assert_eq!(world.pool.healthy(), 0, "not confirmed yet");
    world.say(
        0,
        r#"[{"T":"subscription","trades":["SPY"],"quotes":["SPY"]}]"#,
    );
    assert_eq!(world.pool.healthy(), 1);
}

#[test]
fn topics_are_spread_and_restored_and_the_gap_is_told() {
    let mut world = World::new(&["A", "B", "C", "D", "E", "F", "G"]);
    assert_eq!(world.pool.connections(), 3);
    world.pass(0);
    let asked: Vec<String> = (0..3).map(|at| world.bring_up(at)).collect();
    assert!(
        asked[0].contains(r#""trades":["A","D","G"]"#),
        "{}",
        asked[0]
    );
    assert!(asked[1].contains(r#""quotes":["B","E"]"#), "{}", asked[1]);
    assert_eq!((world.pool.healthy(), world.pool.live_topics()), (3, 14));
    for (at, name) in [(0, "A"), (1, "B"), (2, "C")] {
        world.trade(at, name, 1);
    }
    world.news();
    let last_life = world.now;
    world.pass(5);
    world.give(1, Input::Ended(StreamFault::Closed("reset".to_owned())));
    assert_eq!(world.pool.live_topics(), 10);
    assert_eq!(world.did(1), ["Close"]);
    world.pass(2);
    assert_eq!(world.did(1), ["Open"]);
    assert_eq!(world.bring_up(1), asked[1], "the same subscriptions");
    let outages: Vec<_> = world
        .news()
        .into_iter()
        .filter_map(|news| match news {
            PoolNews::Outage(outage) => Some(outage),
            _ => None,
        })
        .collect();
    let [outage] = &outages[..] else {
        panic!("{outages:?}")
    };
    assert_eq!(outage.topics, topics(&["B", "E"]));
    assert_eq!((outage.from, outage.until), (last_life, world.now));
}

#[test]
fn a_mute_connection_is_ended_after_thirty_seconds_and_left_alone_when_the_market_is_closed() {
    let mut world = World::new(&["SPY"]);
    world.pass(0);
    world.bring_up(0);
    for _ in 0..2 {
        world.pass(10);
        assert_eq!(world.did(0), ["Ping"]);
        world.give(0, Input::Alive);
    }
    world.pass(9);
    world.give(0, Input::Alive);
    assert_eq!(world.pool.healthy(), 1);
    world.news();
    world.pass(1);
    let news = world.news();
    assert!(
        matches!(
            &news[..],
            [PoolNews::Down {
                fault: StreamFault::Mute { seconds: 30 },
                ..
            }]
        ),
        "pongs are no data: {news:?}"
    );

    let mut closed = World::new(&["SPY"]);
    closed.market_is_open = false;
    closed.pass(0);
    closed.bring_up(0);
    for _ in 0..12 {
        closed.pass(10);
        closed.give(0, Input::Alive);
    }
    assert_eq!(closed.pool.healthy(), 0, "quiet is told");
    let told = closed.news();
    assert!(told.contains(&PoolNews::Quiet { connection: 0 }));
    assert!(
        !told
            .iter()
            .any(|news| matches!(news, PoolNews::Down { .. }))
    );
    closed.trade(0, "SPY", 1);
    assert_eq!(closed.pool.healthy(), 1);
    closed.pass(30);
    let told = closed.news();
    assert!(
        told.iter()
            .any(|news| matches!(news, PoolNews::Down { .. })),
        "no pong either: dead, market or not: {told:?}"
    );
}

#[test]
fn a_storm_of_reconnects_slows_down_to_five_minutes_and_data_ends_it() {
    let mut world = World::new(&["SPY"]);
    let mut waits = Vec::new();
    for _ in 0..40 {
        world.pass(400);
        world.give(0, Input::Opened);
        world.give(0, Input::Ended(StreamFault::Closed("storm".to_owned())));
        let news = world.news();
        let Some(PoolNews::Down {
            again: Some(again), ..
        }) = news.last()
        else {
            panic!("{news:?}")
        };
        waits.push(again.nanos_since(world.now));
    }
    assert!(waits[0] <= NANOS_PER_SECOND);
    let longest = waits.iter().max().unwrap();
    assert!(
        (200..=300).contains(&(longest / NANOS_PER_SECOND)),
        "{longest}"
    );
    let distinct: BTreeSet<_> = waits.iter().collect();
    assert!(distinct.len() > 30, "jitter");
    world.pass(400);
    world.bring_up(0);
    world.trade(0, "SPY", 1);
    world.news();
    world.give(0, Input::Ended(StreamFault::Closed("once".to_owned())));
    let news = world.news();
    let Some(PoolNews::Down {
        again: Some(again), ..
    }) = news.first()
    else {
        panic!("{news:?}")
    };
    assert!(again.nanos_since(world.now) <= NANOS_PER_SECOND);
}

#[test]
fn a_refused_connection_gives_its_topics_to_those_that_work() {
    let mut world = World::new(&["A", "B", "C", "D"]);
    world.pass(0);
    world.bring_up(0);
    for refused in [1, 2] {
        world.give(refused, Input::Opened);
        world.say(
            refused,
            r#"[{"T":"error","code":406,"msg":"connection limit exceeded"}]"#,
        );
        assert!(world.pool.is_over(refused));
    }
    let did = world.did(0);
    let asked: String = did.concat();
    assert!(
        asked.contains(r#""B""#) && asked.contains(r#""C""#),
        "{asked}"
    );
    world.say(
        0,
        r#"[{"T":"subscription","trades":["A","B","C","D"],"quotes":["A","B","C","D"]}]"#,
    );
    assert_eq!((world.pool.live_topics(), world.pool.healthy()), (8, 1));
    // The server may still hold a dead connection of ours: the last one tries again.
    world.say(
        0,
        r#"[{"T":"error","code":406,"msg":"connection limit exceeded"}]"#,
    );
    assert!(!world.pool.is_over(0));
    world.news();
    world.pass(2);
    assert!(world.did(0).contains(&"Open".to_owned()));
    world.bring_up(0);
    assert_eq!(world.pool.live_topics(), 8);
}

#[test]
fn an_expired_token_ends_it_with_its_type() {
    let mut world = World::new(&["A"]);
    world.pass(0);
    world.give(0, Input::Opened);
    world.say(0, r#"[{"T":"success","msg":"connected"}]"#);
    world.say(0, r#"[{"T":"error","code":402,"msg":"token expired"}]"#);
    let news = world.news();
    assert!(
        matches!(
            news.last(),
            Some(PoolNews::Over(StreamFault::TokenExpired(_)))
        ),
        "{news:?}"
    );
    world.did(0);
    world.pass(1_000);
    assert_eq!(world.did(0), [""; 0]);
}

#[test]
fn a_server_that_says_nothing_is_left_after_ten_seconds() {
    let mut world = World::new(&["A"]);
    world.pass(0);
    world.give(0, Input::Opened);
    world.pass(10);
    let news = world.news();
    assert!(matches!(
        &news[..],
        [PoolNews::Down {
            fault: StreamFault::Unanswered("greeting"),
            ..
        }]
    ));
}
