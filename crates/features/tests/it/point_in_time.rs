//! The join as of a time says what a plain search says, and nothing that came later changes it.

use proptest::prelude::*;
use trader_features::point_in_time::as_of;

/// Event, available and value of a row.
type Row = (i64, i64, u8);

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (0_i64..50, 0_i64..20, any::<u8>())
        .prop_map(|(event, delay, value)| (event, event + delay, value));
    proptest::collection::vec(row, 0..40)
}

fn join(times: &[i64], rows: &[Row], max_age: Option<i64>) -> Vec<Option<Row>> {
    let event: Vec<i64> = rows.iter().map(|row| row.0).collect();
    let available: Vec<i64> = rows.iter().map(|row| row.1).collect();
    let found = as_of(times, &event, &available, max_age);
    found
        .into_iter()
        .map(|row| row.map(|row| rows[row]))
        .collect()
}

proptest! {
    #[test]
    fn the_join_is_the_plain_search(
        rows in rows(),
        times in proptest::collection::vec(0_i64..80, 0..20),
        max_age in proptest::option::of(0_i64..40),
    ) {
        let plain: Vec<Option<Row>> = times
            .iter()
            .map(|time| {
                let known = rows.iter().enumerate().filter(|(_, row)| row.1 <= *time);
                let best = known.max_by_key(|(index, row)| (row.0, row.1, *index))?;
                max_age.is_none_or(|limit| time - best.1.0 <= limit).then_some(*best.1)
            })
            .collect();
        prop_assert_eq!(join(&times, &rows, max_age), plain);
    }

    /// Whatever becomes available after a time, in whatever order it is stored, the row for that time
    /// is the same.
    #[test]
    fn nothing_available_later_changes_a_row(
        rows in rows(),
        later in rows(),
        time in 0_i64..60,
        shuffle in any::<prop::sample::Index>(),
    ) {
        let before = join(&[time], &rows, None);
        let mut altered: Vec<Row> = rows.iter().copied().filter(|row| row.1 <= time).collect();
        // The future is replaced: events of any age, all of them available only afterwards.
        let future = later.iter().map(|row| (row.0, time + 1 + row.1, row.2));
        let known = altered.len();
        altered.extend(future);
        // Mixed in between, with the order of what was known kept.
        if known < altered.len() {
            let count = altered.len() - known;
            altered.rotate_right(shuffle.index(count + 1).min(count));
        }
        prop_assert_eq!(join(&[time], &altered, None), before);
    }
}
