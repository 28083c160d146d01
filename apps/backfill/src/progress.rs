//! The progress bar, and the question whether somebody pressed Ctrl-C.

use std::io::IsTerminal as _;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use indicatif::{ProgressBar, ProgressStyle};
use trader_data::backfill::{Observer, Progress};

/// Shows how far a backfill is; nothing when standard error is not a terminal.
pub(crate) struct Display {
    bar: ProgressBar,
    rows: AtomicU64,
    interrupted: Arc<AtomicBool>,
}

impl Display {
    /// A bar that is shown if somebody is looking.
    pub(crate) fn new(quiet: bool, interrupted: &Arc<AtomicBool>) -> Self {
        let bar = if quiet || !std::io::stderr().is_terminal() {
            ProgressBar::hidden()
        } else {
            ProgressBar::new(0)
        };
        let template = "{msg:<32!} [{bar:28}] {percent:>3} %  {bytes_per_sec:>12}  {eta:>4} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        Self {
            bar,
            rows: AtomicU64::new(0),
            interrupted: Arc::clone(interrupted),
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Observer for Display {
    fn progress(&self, progress: Progress) {
        match progress {
            Progress::Planned { bytes, .. } => self.bar.set_length(bytes),
            Progress::Unit { name, bytes, rows } => {
                let rows = self.rows.fetch_add(rows, Ordering::Relaxed) + rows;
                self.bar.inc(bytes);
                self.bar
                    .set_message(format!("{} bars, {name}", crate::output::grouped(rows)));
            }
        }
    }

    fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }
}

/// Sets a flag at the first Ctrl-C; a second one ends the program at once, which harms nothing that is stored.
/// A program that asks again gets the same flag.
pub(crate) fn watch_interrupts() -> Arc<AtomicBool> {
    static FLAG: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    Arc::clone(FLAG.get_or_init(watched))
}

fn watched() -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        // Registering fails only for signals that cannot be caught.
        let conditional =
            signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&flag));
        let first = signal_hook::flag::register(signal, Arc::clone(&flag));
        debug_assert!(
            conditional.is_ok() && first.is_ok(),
            "signals can be caught"
        );
    }
    flag
}
