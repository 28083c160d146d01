//! Items collected until there are enough of them or the first has waited long enough: windows by count and by time.

use trader_domain::Timestamp;

/// A tumbling window.
#[derive(Debug)]
pub struct Window<T> {
    most: usize,
    longest_nanos: i64,
    items: Vec<T>,
    since: Option<Timestamp>,
}

impl<T> Window<T> {
    /// A window that ends with its `most`-th item (at least one) or `longest_nanos` after its first.
    pub const fn new(most: usize, longest_nanos: i64) -> Self {
        Self {
            most: if most == 0 { 1 } else { most },
            longest_nanos,
            items: Vec::new(),
            since: None,
        }
    }

    /// Adds an item; the window's items when it ends by that.
    #[must_use]
    pub fn push(&mut self, item: T, now: Timestamp) -> Option<Vec<T>> {
        let since = *self.since.get_or_insert(now);
        self.items.push(item);
        let is_over = self.items.len() >= self.most || now.nanos_since(since) >= self.longest_nanos;
        is_over.then(|| self.take())
    }

    /// The window's items when its time is over.
    #[must_use]
    pub fn due(&mut self, now: Timestamp) -> Option<Vec<T>> {
        let since = self.since?;
        (now.nanos_since(since) >= self.longest_nanos).then(|| self.take())
    }

    /// Ends the window.
    pub fn take(&mut self) -> Vec<T> {
        self.since = None;
        std::mem::take(&mut self.items)
    }

    /// Items in it.
    pub const fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(nanos: i64) -> Timestamp {
        Timestamp::from_nanos(nanos)
    }

    #[test]
    fn a_window_ends_by_count_or_by_time() {
        let mut window = Window::new(3, 100);
        assert_eq!(window.push(1, at(0)), None);
        assert_eq!(window.push(2, at(10)), None);
        assert_eq!(window.push(3, at(20)), Some(vec![1, 2, 3]));
        assert_eq!(window.push(4, at(30)), None);
        assert_eq!(window.due(at(129)), None);
        assert_eq!(window.due(at(130)), Some(vec![4]));
        assert_eq!(window.due(at(1_000)), None);
        assert_eq!(window.push(5, at(1_000)), None);
        assert_eq!(window.push(6, at(1_100)), Some(vec![5, 6]));
        assert!(window.is_empty());
    }
}
