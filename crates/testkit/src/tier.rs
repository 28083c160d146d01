//! How large an experiment is: small in CI, large on request.

/// The size of an experiment named `torture_*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// What every change must survive.
    Short,
    /// The full numbers.
    Long,
}

impl Tier {
    /// What `cargo xtask torture` asked for in `TRADER_TORTURE`; short when nothing is set.
    ///
    /// # Panics
    /// When the variable holds anything but `short` or `long`.
    pub fn current() -> Self {
        #[allow(
            clippy::disallowed_methods,
            reason = "set by the task that starts the tests, not configuration"
        )]
        let asked = std::env::var("TRADER_TORTURE");
        match asked.as_deref() {
            Ok("long") => Self::Long,
            Ok("short") | Err(std::env::VarError::NotPresent) => Self::Short,
            other => panic!("TRADER_TORTURE is `short` or `long`, found {other:?}"),
        }
    }

    /// One of two numbers, by tier.
    pub fn pick(self, short: u64, long: u64) -> u64 {
        match self {
            Self::Short => short,
            Self::Long => long,
        }
    }
}
