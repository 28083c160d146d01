//! Old names of keys that still work for one minor version, with a warning.
//!
//! The first entries are the names of the predecessor's YAML files, so that its operators find
//! their limits again. A test fails when an entry outlives the version it was promised for.

/// An old name and what it is called now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rename {
    /// The name that is going away.
    pub old: &'static str,
    /// The name to use.
    pub new: &'static str,
    /// First minor version (of major version 0) that no longer knows the old name.
    pub removed_in_minor: u32,
}

/// Every old name that still works.
pub const RENAMES: &[Rename] = &[
    rename("cache.redis.host", "cache.host"),
    rename(
        "risk_management.concentration_limits.max_sector_weight",
        "risk.sector_weight",
    ),
    rename(
        "risk_management.daily_limits.max_daily_loss_ratio",
        "risk.daily_loss",
    ),
];

const fn rename(old: &'static str, new: &'static str) -> Rename {
    Rename {
        old,
        new,
        removed_in_minor: 2,
    }
}

/// The entry for an old name.
pub(crate) fn find(old: &str) -> Option<&'static Rename> {
    RENAMES.iter().find(|rename| rename.old == old)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_new_name_exists_and_no_old_name_does() {
        for rename in RENAMES {
            assert!(crate::schema::key(rename.new).is_some(), "{}", rename.new);
            assert!(crate::schema::key(rename.old).is_none(), "{}", rename.old);
        }
    }

    #[test]
    fn no_old_name_outlives_its_promise() {
        let minor: u32 = env!("CARGO_PKG_VERSION_MINOR").parse().unwrap();
        for rename in RENAMES {
            assert!(
                minor < rename.removed_in_minor,
                "remove {} from RENAMES",
                rename.old
            );
        }
    }
}
