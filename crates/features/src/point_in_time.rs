//! Which row could be known when: the join as of a time, which cannot leak.
//!
//! Every row of features has an *event* time (what it is about) and an *available* time (from when it
//! could be known; never before the event for bars, later for revisions and late data). As of a time,
//! only rows available by then exist. Among those the latest event counts, and of several rows for one
//! event the one that became available last: the revision.

/// For each of `times`, the index of the row to use, or `None`. Rows and times may come in any order.
/// A row whose event is more than `max_age` before the time is too old to be used.
///
/// `event` and `available` are in nanoseconds since 1970-01-01 UTC and of equal length; rows beyond the
/// shorter one are not looked at. O((n + m) log(n + m)).
///
/// ```
/// use trader_features::point_in_time::as_of;
///
/// // Two days' features, each known at its day's end; the first day's is revised during the third day.
/// let (event, available) = ([10, 20, 10], [11, 21, 25]);
/// assert_eq!(as_of(&[5, 11, 20, 21, 30], &event, &available, None), [None, Some(0), Some(0), Some(1), Some(1)]);
/// assert_eq!(as_of(&[26], &[10, 10], &[11, 25], None), [Some(1)]);
/// assert_eq!(as_of(&[26], &[10], &[11], Some(15)), [None]);
/// ```
pub fn as_of(
    times: &[i64],
    event: &[i64],
    available: &[i64],
    max_age: Option<i64>,
) -> Vec<Option<usize>> {
    let count = event.len().min(available.len());
    let mut rows: Vec<usize> = (0..count).collect();
    // The index last: of rows equal in both times the later one in the list is the revision.
    rows.sort_unstable_by_key(|row| (available[*row], event[*row], *row));
    let mut asked: Vec<usize> = (0..times.len()).collect();
    asked.sort_unstable_by_key(|index| times[*index]);
    let mut found = vec![None; times.len()];
    let mut waiting = rows.into_iter().peekable();
    let mut best: Option<usize> = None;
    for index in asked {
        let now = times[index];
        while let Some(row) = waiting.next_if(|row| available[*row] <= now) {
            // Rows come in the order of availability: an equal event is a revision.
            if best.is_none_or(|best| event[row] >= event[best]) {
                best = Some(row);
            }
        }
        let fresh =
            |row: &usize| max_age.is_none_or(|limit| now.saturating_sub(event[*row]) <= limit);
        found[index] = best.filter(fresh);
    }
    found
}
