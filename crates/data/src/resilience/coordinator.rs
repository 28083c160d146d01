//! Which provider is asked for which kind of data.
//!
//! Each kind has an order of preference. The first usable provider is asked; one that is slow, failing, limited or
//! silent is passed over. A better one that recovers is taken again only after it has been well for a while, so that
//! a provider on the edge does not make the choice swing.

use std::collections::BTreeMap;

use trader_domain::{NANOS_PER_SECOND, Timestamp};

use super::health::Health;

/// One preference list with the provider that is in use.
#[derive(Clone, Debug)]
struct Preference<P> {
    order: Vec<P>,
    in_use: usize,
    /// Since when which better provider has been healthy without a break.
    well_since: BTreeMap<usize, Timestamp>,
}

/// A change of provider, for the log and the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Switch<P> {
    /// Asked until now.
    pub from: P,
    /// Asked from now on.
    pub to: P,
}

/// The choice for every kind of data `K` among providers `P`.
#[derive(Clone, Debug)]
pub struct Coordinator<K, P> {
    preferences: BTreeMap<K, Preference<P>>,
    failback_nanos: i64,
}

impl<K: Ord, P: Copy + Eq> Coordinator<K, P> {
    /// No kinds yet; a better provider is taken again when it has been healthy for a minute.
    pub fn new() -> Self {
        Self::with_failback(60 * NANOS_PER_SECOND)
    }

    /// As [`Self::new`] with another time of proving.
    pub fn with_failback(failback_nanos: i64) -> Self {
        Self {
            preferences: BTreeMap::new(),
            failback_nanos,
        }
    }

    /// Sets the order for a kind; the first is asked first.
    pub fn prefer(&mut self, kind: K, order: Vec<P>) {
        let preference = Preference {
            order,
            in_use: 0,
            well_since: BTreeMap::new(),
        };
        self.preferences.insert(kind, preference);
    }

    /// The provider to ask now, and whether that is a change. `None` when the kind has none or none is usable.
    pub fn choose(
        &mut self,
        kind: &K,
        now: Timestamp,
        health: impl Fn(P) -> Health,
    ) -> Option<(P, Option<Switch<P>>)> {
        let failback = self.failback_nanos;
        let preference = self.preferences.get_mut(kind)?;
        let before = preference.in_use;
        preference.note(now, &health);
        let chosen = preference.best(now, failback, &health)?;
        preference.in_use = chosen;
        let to = *preference.order.get(chosen)?;
        let from = *preference.order.get(before)?;
        Some((to, (from != to).then_some(Switch { from, to })))
    }
}

impl<K: Ord, P: Copy + Eq> Default for Coordinator<K, P> {
    fn default() -> Self {
        Self::new()
    }
}

impl<P: Copy> Preference<P> {
    /// Follows the better providers' health.
    fn note(&mut self, now: Timestamp, health: &impl Fn(P) -> Health) {
        for (index, &provider) in self.order.iter().enumerate().take(self.in_use) {
            if health(provider) == Health::Healthy {
                self.well_since.entry(index).or_insert(now);
            } else {
                self.well_since.remove(&index);
            }
        }
        let in_use = self.in_use;
        self.well_since.retain(|&index, _| index < in_use);
    }

    /// A better one that has proved itself; else the one in use while it is healthy; else the first of the best
    /// health that still answers.
    fn best(&self, now: Timestamp, failback: i64, health: &impl Fn(P) -> Health) -> Option<usize> {
        let proved = self
            .well_since
            .iter()
            .find(|(_, since)| now.nanos_since(**since) >= failback);
        if let Some((&index, _)) = proved {
            return Some(index);
        }
        let current = health(*self.order.get(self.in_use)?);
        if current == Health::Healthy {
            return Some(self.in_use);
        }
        let usable = |health: Health| matches!(health, Health::Healthy | Health::Degraded);
        let others = self
            .order
            .iter()
            .enumerate()
            .map(|(index, &provider)| (health(provider), index));
        let best = others.filter(|(health, _)| usable(*health)).min();
        match best {
            // Nothing is gained by leaving a degraded provider for another degraded one.
            Some((found, _)) if found == current => Some(self.in_use),
            Some((_, index)) => Some(index),
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    struct World {
        coordinator: Coordinator<&'static str, char>,
        health: RefCell<BTreeMap<char, Health>>,
    }

    impl World {
        fn new() -> Self {
            let mut coordinator = Coordinator::with_failback(60);
            coordinator.prefer("bars", vec!['a', 'b', 'c']);
            let health = ['a', 'b', 'c'].map(|name| (name, Health::Healthy));
            Self {
                coordinator,
                health: RefCell::new(health.into()),
            }
        }

        fn set(&self, provider: char, health: Health) {
            self.health.borrow_mut().insert(provider, health);
        }

        fn ask(&mut self, now: i64) -> Option<char> {
            let health = self.health.borrow();
            let of = |provider| health[&provider];
            let chosen = self
                .coordinator
                .choose(&"bars", Timestamp::from_nanos(now), of);
            chosen.map(|(provider, _)| provider)
        }
    }

    #[test]
    fn a_provider_in_trouble_is_left_for_the_next_usable_one() {
        for trouble in [Health::Degraded, Health::RateLimited, Health::Unavailable] {
            let mut world = World::new();
            assert_eq!(world.ask(0), Some('a'));
            world.set('a', trouble);
            world.set('b', Health::Unavailable);
            assert_eq!(world.ask(1), Some('c'));
        }
    }

    #[test]
    fn a_better_one_is_taken_again_when_it_has_been_well_without_a_break() {
        let mut world = World::new();
        world.set('a', Health::Unavailable);
        assert_eq!(world.ask(0), Some('b'));
        world.set('a', Health::Healthy);
        assert_eq!(world.ask(10), Some('b'));
        assert_eq!(world.ask(69), Some('b'));
        world.set('a', Health::Degraded);
        assert_eq!(world.ask(69), Some('b'));
        world.set('a', Health::Healthy);
        assert_eq!(world.ask(70), Some('b'), "counting anew");
        assert_eq!(world.ask(130), Some('a'));
    }

    #[test]
    fn degraded_is_better_than_nothing_and_does_not_swing() {
        let mut world = World::new();
        world.set('a', Health::Unavailable);
        world.set('b', Health::Degraded);
        world.set('c', Health::Degraded);
        assert_eq!(world.ask(0), Some('b'));
        assert_eq!(world.ask(1), Some('b'));
        for provider in ['a', 'b', 'c'] {
            world.set(provider, Health::RateLimited);
        }
        assert_eq!(world.ask(2), None);
        assert_eq!(
            world
                .coordinator
                .choose(&"news", Timestamp::from_nanos(0), |_| Health::Healthy),
            None
        );
    }

    #[test]
    fn a_change_is_told() {
        let mut coordinator = Coordinator::new();
        coordinator.prefer(1, vec!['a', 'b']);
        let now = Timestamp::from_nanos(0);
        assert_eq!(
            coordinator.choose(&1, now, |_| Health::Healthy),
            Some(('a', None))
        );
        let health = |provider| {
            if provider == 'a' {
                Health::Unavailable
            } else {
                Health::Healthy
            }
        };
        let switch = Switch { from: 'a', to: 'b' };
        assert_eq!(
            coordinator.choose(&1, now, health),
            Some(('b', Some(switch)))
        );
    }
}
