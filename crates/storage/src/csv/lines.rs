//! Whole lines from a byte source, block by block, in a buffer that does not grow with the file.

use std::io::{self, Read};

/// Longest line accepted.
pub(crate) const LONGEST_LINE: usize = 64 * 1024;
/// Bytes read at a time.
const BLOCK: usize = 256 * 1024;

/// A reader that hands out runs of whole lines.
#[derive(Debug)]
pub(crate) struct LineBlocks<R> {
    source: R,
    buffer: Vec<u8>,
    /// Bytes handed out already.
    taken: usize,
    /// Bytes in the buffer.
    filled: usize,
    ended: bool,
}

/// A run of lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Block<'a> {
    /// Whole lines; the very last may lack its line end.
    Lines(&'a [u8]),
    /// A line longer than [`LONGEST_LINE`] starts here.
    TooLong,
    /// Nothing left.
    End,
}

impl<R: Read> LineBlocks<R> {
    pub(crate) fn new(source: R) -> Self {
        Self {
            source,
            buffer: vec![0; BLOCK + LONGEST_LINE],
            taken: 0,
            filled: 0,
            ended: false,
        }
    }

    /// The next run of lines.
    pub(crate) fn next_block(&mut self) -> io::Result<Block<'_>> {
        self.buffer.copy_within(self.taken..self.filled, 0);
        self.filled -= self.taken;
        self.taken = 0;
        while !self.ended && self.filled < BLOCK {
            let Some(space) = self.buffer.get_mut(self.filled..) else {
                break;
            };
            match self.source.read(space) {
                Ok(0) => self.ended = true,
                Ok(count) => self.filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        let available = self.buffer.get(..self.filled).unwrap_or_default();
        if available.is_empty() {
            return Ok(Block::End);
        }
        let whole = match memchr::memrchr(b'\n', available) {
            _ if self.ended => available.len(),
            Some(at) => at + 1,
            None => return Ok(Block::TooLong),
        };
        self.taken = whole;
        Ok(Block::Lines(available.get(..whole).unwrap_or_default()))
    }
}

/// The first line of `block` without its line end, and the rest.
#[inline]
pub(crate) fn split_line(block: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memchr(b'\n', block) {
        Some(at) => {
            let (line, rest) = block.split_at(at);
            (
                line.strip_suffix(b"\r").unwrap_or(line),
                rest.get(1..).unwrap_or_default(),
            )
        }
        None => (block.strip_suffix(b"\r").unwrap_or(block), &[]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_join_to_the_input_and_end_on_line_ends() {
        let text: Vec<u8> = (0..200_000)
            .flat_map(|n: u32| format!("{n},x\n").into_bytes())
            .chain(*b"last")
            .collect();
        let mut lines = LineBlocks::new(text.as_slice());
        let mut joined = Vec::new();
        while let Block::Lines(block) = lines.next_block().unwrap() {
            joined.extend_from_slice(block);
            assert!(block.ends_with(b"\n") || joined.len() == text.len());
        }
        assert_eq!(joined, text);
    }

    #[test]
    fn an_endless_line_is_reported_and_does_not_grow_the_buffer() {
        let mut lines = LineBlocks::new(io::repeat(b'x'));
        assert_eq!(lines.next_block().unwrap(), Block::TooLong);
        assert!(lines.buffer.len() <= BLOCK + LONGEST_LINE);
    }
}
