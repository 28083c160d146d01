//! The loop: feeds mutated inputs to one target and stops at the first that breaks a bound.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use crate::mutation::Mutator;
use crate::{Target, Verdict};

/// The most processor time that one input may take.
pub const TIME_BOUND: Duration = Duration::from_millis(100);

/// The most memory one input may take, in bytes.
pub const MEMORY_BOUND: usize = 64 << 20;

/// How long to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    /// This long.
    Time(Duration),
    /// This many inputs.
    Inputs(u64),
}

/// What the loop measures with; the program that owns the process provides it.
pub trait Gauge {
    /// Time since some fixed instant.
    fn elapsed(&self) -> Duration;
    /// Processor time that this thread has used: what an input costs on a busy machine too.
    fn worked(&self) -> Duration;
    /// Forgets the memory peak so far and returns the bytes in use now.
    fn reset_memory_peak(&self) -> usize;
    /// The most bytes in use since the last reset.
    fn memory_peak(&self) -> usize;
    /// Told before an input is fed, so that a hang can be reported from outside.
    fn feeding(&self, target: &'static str, input: &[u8]);
}

/// What a loop did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Inputs fed.
    pub fed: u64,
    /// Inputs that were values.
    pub accepted: u64,
    /// The longest that one input took.
    pub slowest: Duration,
    /// The most memory that one input took, in bytes.
    pub largest: usize,
}

/// An input that broke a bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// What happened.
    pub what: String,
    /// The input.
    pub input: Vec<u8>,
}

/// Feeds one input and judges time and memory.
///
/// # Errors
/// [`Broken`] when the target panics or takes too long or too much.
pub fn feed(
    target: &Target,
    input: &[u8],
    gauge: &dyn Gauge,
    tally: &mut Tally,
) -> Result<Verdict, Broken> {
    let broken = |what: String| Broken {
        what,
        input: input.to_vec(),
    };
    gauge.feeding(target.name, input);
    let before = gauge.reset_memory_peak();
    let start = gauge.worked();
    let verdict = catch_unwind(AssertUnwindSafe(|| (target.feed)(input)));
    let took = gauge.worked().saturating_sub(start);
    let memory = gauge.memory_peak().saturating_sub(before);
    let verdict =
        verdict.map_err(|panic| broken(format!("panicked: {}", message(panic.as_ref()))))?;
    tally.fed += 1;
    tally.accepted += u64::from(verdict == Verdict::Accepted);
    tally.slowest = tally.slowest.max(took);
    tally.largest = tally.largest.max(memory);
    if memory > MEMORY_BOUND {
        return Err(broken(format!(
            "took {memory} bytes of memory, the bound is {MEMORY_BOUND}"
        )));
    }
    Ok(verdict)
}

/// Feeds a target until the budget is used up.
///
/// An input over [`TIME_BOUND`] is fed twice more before it counts: its pages may have been cold.
///
/// # Errors
/// The first [`Broken`] input; a seed that the target refuses is one.
pub fn hammer(
    target: &Target,
    seed: u64,
    budget: Budget,
    gauge: &dyn Gauge,
) -> Result<Tally, Broken> {
    let mut tally = Tally::default();
    let seeds = (target.seeds)();
    for input in &seeds {
        if feed(target, input, gauge, &mut tally)? == Verdict::Refused {
            return Err(Broken {
                what: "a seed was refused".into(),
                input: input.clone(),
            });
        }
    }
    let mut mutator = Mutator::new(seed, seeds, target.words);
    let start = gauge.elapsed();
    let goes_on = |fed: u64| match budget {
        Budget::Inputs(limit) => fed < limit,
        Budget::Time(limit) => gauge.elapsed().saturating_sub(start) < limit,
    };
    while goes_on(tally.fed) {
        let input = mutator.next_input();
        let slowest_before = std::mem::take(&mut tally.slowest);
        let verdict = feed(target, &input, gauge, &mut tally)?;
        if tally.slowest > TIME_BOUND {
            tally.slowest = again(target, &input, gauge)?;
        }
        tally.slowest = tally.slowest.max(slowest_before);
        if verdict == Verdict::Accepted {
            mutator.keep(input);
        }
    }
    Ok(tally)
}

/// The shortest of two more tries with an input that took too long.
fn again(target: &Target, input: &[u8], gauge: &dyn Gauge) -> Result<Duration, Broken> {
    let mut shortest = Duration::MAX;
    for _ in 0..2 {
        let mut tally = Tally::default();
        feed(target, input, gauge, &mut tally)?;
        shortest = shortest.min(tally.slowest);
    }
    if shortest > TIME_BOUND {
        return Err(Broken {
            what: format!("took {shortest:?}, the bound is {TIME_BOUND:?}"),
            input: input.to_vec(),
        });
    }
    Ok(shortest)
}

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("without a message")
        .to_owned()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// Time moves by what the target says it took.
    #[derive(Default)]
    struct Scripted {
        now: Cell<Duration>,
        step: Duration,
        memory: usize,
    }

    impl Gauge for Scripted {
        fn elapsed(&self) -> Duration {
            self.now.set(self.now.get() + self.step);
            self.now.get()
        }
        fn worked(&self) -> Duration {
            self.elapsed()
        }
        fn reset_memory_peak(&self) -> usize {
            0
        }
        fn memory_peak(&self) -> usize {
            self.memory
        }
        fn feeding(&self, _target: &'static str, _input: &[u8]) {}
    }

    fn target(feed: fn(&[u8]) -> Verdict) -> Target {
        Target {
            name: "t",
            feed,
            seeds: || vec![b"7".to_vec()],
            words: &[],
        }
    }

    fn digits(input: &[u8]) -> Verdict {
        if input.iter().all(u8::is_ascii_digit) {
            Verdict::Accepted
        } else {
            Verdict::Refused
        }
    }

    #[test]
    fn a_sound_target_uses_up_the_budget() {
        let tally = hammer(
            &target(digits),
            1,
            Budget::Inputs(5_000),
            &Scripted::default(),
        )
        .unwrap();
        assert_eq!(tally.fed, 5_000);
        assert!(tally.accepted > 0 && tally.accepted < 5_000, "{tally:?}");
    }

    #[test]
    fn a_panic_is_found_with_its_input() {
        let broken = hammer(
            &target(|input| {
                assert!(!input.contains(&b'-'), "no minus");
                digits(input)
            }),
            1,
            Budget::Inputs(100_000),
            &Scripted::default(),
        )
        .unwrap_err();
        assert!(
            broken.what.contains("no minus") && broken.input.contains(&b'-'),
            "{broken:?}"
        );
    }

    #[test]
    fn a_slow_input_a_greedy_input_and_a_refused_seed_are_found() {
        let slow = Scripted {
            step: Duration::from_millis(101),
            ..Scripted::default()
        };
        assert!(
            hammer(&target(digits), 1, Budget::Inputs(5), &slow)
                .unwrap_err()
                .what
                .starts_with("took 101ms")
        );
        let greedy = Scripted {
            memory: MEMORY_BOUND + 1,
            ..Scripted::default()
        };
        assert!(
            hammer(&target(digits), 1, Budget::Inputs(5), &greedy)
                .unwrap_err()
                .what
                .contains("bytes of memory")
        );
        let refusing = target(|_| Verdict::Refused);
        assert_eq!(
            hammer(&refusing, 1, Budget::Inputs(5), &Scripted::default())
                .unwrap_err()
                .what,
            "a seed was refused"
        );
    }
}
