//! [`Log`]: what a run appends to while it goes on, in blocks. A vector that grows moves all it holds to
//! fresh memory each time it doubles; a log touches each byte once.

/// Records of one block.
const BLOCK: usize = 512;

/// Records in the order in which they were appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log<T> {
    /// All full but the last.
    blocks: Vec<Vec<T>>,
}

impl<T> Default for Log<T> {
    fn default() -> Self {
        Self { blocks: Vec::new() }
    }
}

impl<T> Log<T> {
    /// How many records there are.
    pub fn len(&self) -> usize {
        self.blocks.iter().map(Vec::len).sum()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// The records, oldest first.
    pub fn iter(&self) -> std::iter::Flatten<std::slice::Iter<'_, Vec<T>>> {
        self.blocks.iter().flatten()
    }

    /// Appends a record.
    #[inline]
    pub(super) fn push(&mut self, record: T) {
        match self.blocks.last_mut() {
            Some(block) if block.len() < BLOCK => block.push(record),
            _ => self.begin_block(record),
        }
    }

    #[cold]
    fn begin_block(&mut self, record: T) {
        let mut block = Vec::with_capacity(BLOCK);
        block.push(record);
        self.blocks.push(block);
    }
}

impl<T> Extend<T> for Log<T> {
    #[inline]
    fn extend<I: IntoIterator<Item = T>>(&mut self, records: I) {
        for record in records {
            self.push(record);
        }
    }
}

impl<'a, T> IntoIterator for &'a Log<T> {
    type Item = &'a T;
    type IntoIter = std::iter::Flatten<std::slice::Iter<'a, Vec<T>>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, Log};

    #[test]
    fn records_come_back_in_the_order_in_which_they_were_appended() {
        for count in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK] {
            let mut log = Log::default();
            log.extend(0..count);
            assert_eq!((log.len(), log.is_empty()), (count, count == 0));
            assert!(log.iter().copied().eq(0..count), "{count}");
        }
    }
}
