//! The clock: time of the processor, so that other work on the machine counts for little.

use cpu_time::ThreadTime;

/// Nanoseconds of one run, per item.
pub(crate) fn once(items: usize, mut run: impl FnMut()) -> f64 {
    let start = ThreadTime::now();
    run();
    start.elapsed().as_secs_f64() * 1e9 / items as f64
}

/// The best of `rounds` of each run, in turn.
pub(crate) fn best<const N: usize>(
    rounds: usize,
    items: usize,
    mut runs: [&mut dyn FnMut(); N],
) -> [f64; N] {
    let mut best = [f64::INFINITY; N];
    for _ in 0..rounds {
        for (best, run) in best.iter_mut().zip(&mut runs) {
            *best = best.min(once(items, &mut **run));
        }
    }
    best
}
