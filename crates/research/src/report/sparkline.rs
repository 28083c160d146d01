//! A curve in one line of text.

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Draws a series in `width` characters: each is the mean of its share of the points, scaled between
/// the lowest and the highest of them. Values that are no number are skipped; without any the line
/// is empty.
pub fn sparkline(values: &[f64], width: usize) -> String {
    let known: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    let width = width.min(known.len());
    let means: Vec<f64> = (0..width)
        .filter_map(|i| {
            let part = known.get(i * known.len() / width..(i + 1) * known.len() / width)?;
            (!part.is_empty()).then(|| part.iter().sum::<f64>() / part.len() as f64)
        })
        .collect();
    let low = means.iter().copied().fold(f64::INFINITY, f64::min);
    let high = means.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let level = |mean: f64| {
        let share = if high > low {
            (mean - low) / (high - low)
        } else {
            0.5
        };
        crate::metrics::floor_index(share * 7.0 + 0.5)
    };
    means
        .into_iter()
        .filter_map(|mean| BLOCKS.get(level(mean).min(7)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes() {
        assert_eq!(
            sparkline(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], 8),
            "▁▂▃▄▅▆▇█"
        );
        assert_eq!(sparkline(&[1.0; 5], 3), "▅▅▅");
        assert_eq!(sparkline(&[], 10), "");
        assert_eq!(sparkline(&[f64::NAN, 1.0, 2.0], 10), "▁█");
        assert_eq!(
            sparkline(&(0..1000).map(f64::from).collect::<Vec<_>>(), 20)
                .chars()
                .count(),
            20
        );
    }
}
