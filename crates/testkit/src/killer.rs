//! `kill -9` at random instants of a process's life, on a machine of any speed.
//!
//! The first run of a program says little about how long the next one takes: files are cached by then, and a store that
//! is half complete is sooner done. So the span that instants are drawn from follows what happened: it shrinks when a
//! process had ended before its kill and grows when it died of it. About one kill in three then comes too late, which
//! is where the last steps of a run are hit.

use std::process::Child;
use std::time::Duration;

use crate::Random;

/// Kills processes until enough of them died at work.
#[derive(Debug)]
pub struct Killer {
    random: Random,
    span: Duration,
    wanted: u64,
    died: u64,
    late: u64,
}

#[allow(
    clippy::print_stdout,
    reason = "a test shows its seed and what it reached"
)]
impl Killer {
    /// How many kills may come too late for each one that is wanted, before the experiment has failed.
    const PATIENCE: u64 = 20;

    /// Kills `wanted` processes at work; one undisturbed run took about `span`.
    pub fn new(seed: u64, wanted: u64, span: Duration) -> Self {
        println!("seed {seed}, {wanted} kills, at first within {span:?}");
        Self {
            random: Random::from_seed(seed),
            span,
            wanted,
            died: 0,
            late: 0,
        }
    }

    /// Whether more processes have to die.
    ///
    /// # Panics
    /// When nearly all kills came too late: the experiment would show nothing.
    pub fn goes_on(&self) -> bool {
        assert!(
            self.late <= Self::PATIENCE * self.wanted,
            "{} died at work and {} had ended before their kill",
            self.died,
            self.late
        );
        if self.died >= self.wanted {
            println!("{} died at work, {} had ended before", self.died, self.late);
        }
        self.died < self.wanted
    }

    /// The generator, for what else the experiment leaves to chance.
    pub fn random(&mut self) -> &mut Random {
        &mut self.random
    }

    /// Kills a process that has just started, at a random instant; true when it had ended well before.
    ///
    /// # Panics
    /// When the process cannot be killed or waited for.
    pub fn kill(&mut self, mut child: Child) -> bool {
        let span = u64::try_from(self.span.as_micros()).unwrap_or(u64::MAX);
        std::thread::sleep(Duration::from_micros(self.random.below(span)));
        let outcome = child.kill().and_then(|()| child.wait());
        let finished = outcome
            .unwrap_or_else(|error| panic!("a process to kill: {error}"))
            .success();
        if finished {
            self.late += 1;
            self.span = self.span * 9 / 10;
        } else {
            self.died += 1;
            self.span = self.span * 21 / 20;
        }
        finished
    }
}
