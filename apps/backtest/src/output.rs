//! What goes to the terminal.

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;

use serde::Serialize;
use trader_config::Loaded;
use trader_domain::Timestamp;
use trader_research::report::{Color, Output, TerminalStyle};

use crate::failure::Failure;

/// Wall time since the program began its work.
pub(crate) struct Stopwatch(std::time::Instant);

impl Stopwatch {
    #[expect(
        clippy::disallowed_methods,
        reason = "measures the program itself, decides nothing"
    )]
    pub(crate) fn start() -> Self {
        Self(std::time::Instant::now())
    }

    pub(crate) fn seconds(&self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }
}

/// The wall clock, against which future-dated rows are found.
#[expect(
    clippy::disallowed_methods,
    reason = "the app is where the system clock is read"
)]
pub(crate) fn now() -> Timestamp {
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let nanos = since_epoch
        .ok()
        .and_then(|elapsed| i64::try_from(elapsed.as_nanos()).ok());
    nanos.map_or(Timestamp::MAX, Timestamp::from_nanos)
}

/// Writes to standard output; a closed pipe is not an error of ours.
pub(crate) fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let _closed_pipe = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// One JSON object and a line break.
pub(crate) fn json<T: Serialize>(value: &T) -> Result<(), Failure> {
    let text = serde_json::to_string(value).map_err(|error| Failure::File {
        path: "standard output".to_owned(),
        action: "writing JSON",
        source: error.into(),
    })?;
    print(&format!("{text}\n"));
    Ok(())
}

/// Configuration warnings go to standard error.
pub(crate) fn warn(loaded: &Loaded) {
    for warning in &loaded.warnings {
        self::warning(&warning.to_string());
    }
}

/// A warning, to standard error.
pub(crate) fn warning(text: &str) {
    let _closed_pipe = writeln!(std::io::stderr(), "warning: {text}");
}

/// Width and colour of the terminal.
pub(crate) fn style() -> TerminalStyle {
    let output = if std::io::stdout().is_terminal() {
        Output::Terminal
    } else {
        Output::Redirected
    };
    #[expect(
        clippy::disallowed_methods,
        reason = "NO_COLOR is a convention of terminals, not configuration"
    )]
    let no_color = std::env::var("NO_COLOR").ok();
    let width = terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0));
    TerminalStyle {
        width,
        color: Color::choose(output, no_color.as_deref()),
    }
}

/// Where the run went.
pub(crate) fn print_folder(folder: Option<&Path>) {
    if let Some(folder) = folder {
        print(&format!(
            "\nrun folder  {}\nreport      {}\n",
            folder.display(),
            folder.join("report.html").display()
        ));
    }
}
