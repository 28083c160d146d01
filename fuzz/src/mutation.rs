//! Near misses of real input: the same seed gives the same sequence, on every machine.

use trader_testkit::Random;

/// Inputs that grew past this are cut; no parser under test needs more to be wrong.
const LONGEST: usize = 1 << 16;

/// How many accepted inputs are kept to mutate further.
const POOL: usize = 512;

/// Values at the edges of what integers and decimals hold.
const EDGES: &[&str] = &[
    "0",
    "-0",
    "-1",
    "1",
    "255",
    "256",
    "32768",
    "65536",
    "2147483647",
    "-2147483648",
    "4294967296",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551616",
    "79228162514264337593543950335",
    "170141183460469231731687303715884105728",
    "0.000000001",
    "0.0000000001",
    "1e308",
    "NaN",
    "inf",
    "-inf",
];

/// An endless source of inputs.
#[derive(Debug)]
pub struct Mutator {
    random: Random,
    pool: Vec<Vec<u8>>,
    words: &'static [&'static str],
}

impl Mutator {
    /// Starts from these inputs; without any, from an empty one.
    pub fn new(seed: u64, mut seeds: Vec<Vec<u8>>, words: &'static [&'static str]) -> Self {
        if seeds.is_empty() {
            seeds.push(Vec::new());
        }
        Self {
            random: Random::from_seed(seed),
            pool: seeds,
            words,
        }
    }

    /// The next input: a pool entry after one to eight changes.
    pub fn next_input(&mut self) -> Vec<u8> {
        let chosen = self.random.index(self.pool.len());
        let mut input = self.pool[chosen].clone();
        let changes = 1 + self.random.index(8);
        for _ in 0..changes {
            self.change(&mut input);
        }
        input.truncate(LONGEST);
        input
    }

    /// Keeps an input that the parser accepted, so that later ones start from it.
    pub fn keep(&mut self, input: Vec<u8>) {
        if self.pool.len() < POOL {
            self.pool.push(input);
        } else if self.random.index(16) == 0 {
            let replaced = self.random.index(POOL);
            self.pool[replaced] = input;
        }
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let at = self.random.index(input.len() + 1);
        match self.random.index(11) {
            0 if at < input.len() => input[at] ^= 1 << self.random.index(8),
            1 if at < input.len() => input[at] = self.byte(),
            2 => input.insert(at, self.byte()),
            3 => {
                input.drain(self.span(input, at));
            }
            4 => {
                let copied: Vec<u8> = input[self.span(input, at)].to_vec();
                let target = self.random.index(input.len() + 1);
                input.splice(target..target, copied);
            }
            5 => input.truncate(at),
            6 => self.splice(input, at),
            7 => self.replace_number(input, at),
            8 if !self.words.is_empty() => {
                let word = self.words[self.random.index(self.words.len())];
                input.splice(at..at, word.bytes());
            }
            9 => {
                let edge = EDGES[self.random.index(EDGES.len())];
                let end = input.len().min(at + self.random.index(4));
                input.splice(at..end, edge.bytes());
            }
            _ => self.overwrite_integer(input, at),
        }
    }

    fn byte(&mut self) -> u8 {
        const TELLING: &[u8] = b"\0\n\r\t ,;:\"'\\/.-+eE0919\x7f\x80\xc0\xed\xfe\xff[]{}=#";
        if self.random.index(2) == 0 {
            TELLING[self.random.index(TELLING.len())]
        } else {
            self.random.next_u64().to_le_bytes()[0]
        }
    }

    /// A short range from `at` on.
    fn span(&mut self, input: &[u8], at: usize) -> std::ops::Range<usize> {
        let longest = if self.random.index(8) == 0 {
            input.len()
        } else {
            16
        };
        at..input.len().min(at + self.random.index(longest + 1))
    }

    /// Continues with the tail of another input.
    fn splice(&mut self, input: &mut Vec<u8>, at: usize) {
        let other = self.random.index(self.pool.len());
        let from = self.random.index(self.pool[other].len() + 1);
        input.truncate(at);
        input.extend_from_slice(&self.pool[other][from..]);
    }

    /// Replaces the run of digits around `at` by a value from the edges.
    fn replace_number(&mut self, input: &mut Vec<u8>, at: usize) {
        let digit = |byte: &u8| byte.is_ascii_digit();
        let Some(offset) = input[at..].iter().position(digit) else {
            return;
        };
        let start = at + offset;
        let length = input[start..].iter().take_while(|byte| digit(byte)).count();
        let edge = EDGES[self.random.index(EDGES.len())];
        input.splice(start..start + length, edge.bytes());
    }

    /// Overwrites up to eight bytes with an integer, as lengths and offsets in binary files are.
    fn overwrite_integer(&mut self, input: &mut [u8], at: usize) {
        let value = match self.random.index(4) {
            0 => 0,
            1 => u64::MAX,
            2 => 1 << self.random.index(64),
            _ => self.random.next_u64(),
        };
        let width = 1 << self.random.index(4);
        for (byte, new) in input[at..]
            .iter_mut()
            .zip(value.to_le_bytes().into_iter().take(width))
        {
            *byte = new;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_inputs_and_another_seed_others() {
        let take = |seed| {
            let mut mutator = Mutator::new(seed, vec![b"2024-06-03,1.25".to_vec()], &["NaN"]);
            (0..1_000).map(|_| mutator.next_input()).collect::<Vec<_>>()
        };
        assert_eq!(take(7), take(7));
        assert_ne!(take(7), take(8));
    }

    #[test]
    fn an_empty_pool_still_gives_inputs_and_none_is_longer_than_the_limit() {
        let mut mutator = Mutator::new(1, Vec::new(), &[]);
        for _ in 0..10_000 {
            let input = mutator.next_input();
            assert!(input.len() <= LONGEST);
            mutator.keep(input);
        }
    }
}
