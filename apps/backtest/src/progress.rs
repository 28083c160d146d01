//! The progress bar and the question whether somebody pressed Ctrl-C.

use std::cell::Cell;
use std::io::IsTerminal as _;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::{ProgressBar, ProgressStyle};

/// How many events pass between two questions of the driver.
const EVENTS_PER_POLL: u64 = 4_096;

/// Shows how far a run is; nothing when standard error is not a terminal.
pub(crate) struct Progress {
    bar: ProgressBar,
    polls: Cell<u64>,
    interrupted: Arc<AtomicBool>,
}

impl Progress {
    /// A bar over `events` events.
    pub(crate) fn new(label: &str, events: u64, show: Show, interrupted: &Arc<AtomicBool>) -> Self {
        let visible = show == Show::Bar && std::io::stderr().is_terminal();
        let bar = if visible {
            ProgressBar::new(events)
        } else {
            ProgressBar::hidden()
        };
        let template = "{msg:<24} [{bar:32}] {percent:>3} %  {per_sec:>16}  {eta:>4} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message(label.to_owned());
        Self {
            bar,
            polls: Cell::new(0),
            interrupted: Arc::clone(interrupted),
        }
    }

    /// Called by the driver every few thousand events; true stops the run.
    pub(crate) fn poll(&self) -> bool {
        let polls = self.polls.get() + 1;
        self.polls.set(polls);
        self.bar.set_position(polls * EVENTS_PER_POLL);
        self.interrupted.load(Ordering::Relaxed)
    }

    /// Called with how much is done so far; breaks when the work shall stop.
    pub(crate) fn reached(&self, done: u64) -> ControlFlow<()> {
        self.bar.set_position(done);
        if self.interrupted.load(Ordering::Relaxed) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// Whether to show a bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Show {
    /// If somebody is looking.
    Bar,
    /// Never.
    Nothing,
}

/// Sets a flag at the first Ctrl-C; a second one ends the program at once.
pub(crate) fn watch_interrupts() -> Arc<AtomicBool> {
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
