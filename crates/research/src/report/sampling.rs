//! Fewer points, same picture: long series are cut into buckets, and of each bucket the lowest and
//! the highest point of every series stay, so that no peak or trough disappears.

use serde::{Serialize, Serializer};

/// Points of a chart above which it is thinned out.
pub(super) const CHART_POINTS: usize = 1_600;

/// Positions to keep, ascending: all of them up to `limit`, else the ends and the extremes per
/// bucket of each series. Series have the same length; missing values are skipped.
pub(super) fn keep(series: &[&[Option<f64>]], limit: usize) -> Vec<usize> {
    let length = series.iter().map(|s| s.len()).max().unwrap_or(0);
    if length <= limit {
        return (0..length).collect();
    }
    let buckets = (limit / (2 * series.len().max(1))).max(1);
    let size = length.div_ceil(buckets);
    let mut kept = vec![0, length - 1];
    for values in series {
        for (bucket, chunk) in values.chunks(size).enumerate() {
            let known = || {
                chunk
                    .iter()
                    .enumerate()
                    .filter_map(|(i, v)| v.map(|v| (i, v)))
            };
            let low = known().min_by(|a, b| a.1.total_cmp(&b.1));
            let high = known().max_by(|a, b| a.1.total_cmp(&b.1));
            kept.extend(
                [low, high]
                    .into_iter()
                    .flatten()
                    .map(|(i, _)| bucket * size + i),
            );
        }
    }
    kept.sort_unstable();
    kept.dedup();
    kept
}

/// A number with seven significant digits in JSON: more than a pixel shows, half the bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Num(pub(super) f64);

impl Serialize for Num {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !self.0.is_finite() {
            return serializer.serialize_none();
        }
        let rounded = format!("{:.6e}", self.0).parse::<f64>().unwrap_or(self.0);
        // Whole numbers without ".0".
        if rounded.fract() == 0.0 && rounded.abs() < 9e15 {
            #[allow(
                clippy::cast_possible_truncation,
                reason = "a whole number below 2^53 is an exact i64"
            )]
            return serializer.serialize_i64(rounded as i64);
        }
        serializer.serialize_f64(rounded)
    }
}

/// Picks positions out of a series.
pub(super) fn pick(series: &[Option<f64>], kept: &[usize]) -> Vec<Option<Num>> {
    kept.iter()
        .map(|i| series.get(*i).copied().flatten().map(Num))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extremes_survive_thinning() {
        let mut values: Vec<Option<f64>> =
            (0..100_000_u32).map(|i| Some(f64::from(i % 7))).collect();
        values[54_321] = Some(1e9);
        values[77_777] = Some(-1e9);
        let kept = keep(&[&values], 1_000);
        assert!(kept.len() <= 1_004);
        assert!(kept.contains(&54_321) && kept.contains(&77_777));
        assert_eq!((kept[0], kept[kept.len() - 1]), (0, 99_999));
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(
            serde_json::to_string(&Num(0.123_456_789)).unwrap(),
            "0.1234568"
        );
        assert_eq!(serde_json::to_string(&Num(100_000.0)).unwrap(), "100000");
        assert_eq!(serde_json::to_string(&Num(f64::NAN)).unwrap(), "null");
    }
}
