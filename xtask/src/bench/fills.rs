//! What a fill costs when there have been a thousand of them, and when there have been a million.
//!
//! The crossover of the last close with the mean of the last two trades about every other bar, so
//! the bars per fill stay the same while the history grows; a cost that grows with it shows. What a
//! run costs before its first bar, and what the bars cost without orders, is no cost of a fill: the
//! crossover of two very slow means, over the same bars in the same minute, hardly trades, and the
//! difference of the two runs is divided by the difference of their fills.

use std::path::Path;

use super::study::{self, Backtest, median};
use crate::failure::{Failure, Outcome};

/// Bars that give about a thousand fills, and so on tenfold.
const LENGTHS: &[u64] = &[2_000, 20_000, 200_000, 2_000_000];

/// Runs of each length; the median counts.
const RUNS: usize = 5;

/// The means that trade all the time, and those that hardly do.
const BUSY: (u32, u32) = (1, 2);
const IDLE: (u32, u32) = (5_000, 10_000);

/// Measures every length, interleaved.
///
/// # Errors
/// When the program fails or makes no fills.
pub(crate) fn run(root: &Path) -> Outcome {
    let backtest = Backtest::build(root)?;
    let files = LENGTHS
        .iter()
        .map(|length| study::bars(root, *length))
        .collect::<Outcome<Vec<_>>>()?;
    let mut fills = vec![0; LENGTHS.len()];
    let mut costs = vec![Vec::new(); LENGTHS.len()];
    for _ in 0..RUNS {
        for (index, file) in files.iter().enumerate() {
            let busy = backtest.crossover(file, BUSY.0, BUSY.1)?;
            let idle = backtest.crossover(file, IDLE.0, IDLE.1)?;
            fills[index] = busy.count("fills")?;
            let more = fills[index].saturating_sub(idle.count("fills")?);
            let more = u32::try_from(more).map_err(|error| Failure::new(error.to_string()))?;
            if more == 0 {
                return Err(Failure::new(format!(
                    "{} bars gave no fill",
                    LENGTHS[index]
                )));
            }
            let field = "run_cpu_seconds";
            let seconds = busy.seconds(field)? - idle.seconds(field)?;
            costs[index].push(seconds * 1e9 / f64::from(more));
        }
    }
    println!(
        "\n{:>10} {:>10} {:>16} {:>10}",
        "bars", "fills", "CPU ns a fill", "ratio"
    );
    let first = costs.first().map_or(f64::NAN, |costs| median(costs));
    for ((length, fills), costs) in LENGTHS.iter().zip(&fills).zip(&costs) {
        let cost = median(costs);
        println!(
            "{length:>10} {fills:>10} {cost:>16.1} {:>10.3}",
            cost / first
        );
    }
    println!("(median of {RUNS} differences to a run over the same bars that hardly trades)");
    Ok(())
}
