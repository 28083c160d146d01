//! [`Vendors`]: the run's table of data vendors, by which every record's origin is known.
//!
//! What a vendor's licence allows is `compliance`'s business; this table only gives the names their
//! indexes.

use thiserror::Error;

use crate::ids::VendorId;

/// The longest name of a vendor, in bytes.
pub const MAX_VENDOR_NAME: usize = 40;

/// Why a vendor could not be added.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum VendorError {
    /// Not 1 to 40 characters of `a-z`, `0-9`, `-`, `_`.
    #[error("`{0}` is not a vendor name: 1 to 40 of a-z, 0-9, - and _")]
    NotAName(String),
    /// The name is there already.
    #[error("vendor `{0}` is already in the table")]
    Duplicate(String),
    /// More than 65,535 vendors.
    #[error("the vendor table is full")]
    Full,
}

/// Names by index; index 0 is [`VendorId::INTERNAL`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vendors {
    names: Vec<String>,
}

impl Vendors {
    /// The name of [`VendorId::INTERNAL`].
    pub const INTERNAL_NAME: &str = "internal";

    /// A table with the internal vendor only.
    pub fn new() -> Self {
        Self {
            names: vec![Self::INTERNAL_NAME.to_owned()],
        }
    }

    /// Adds a vendor.
    ///
    /// # Errors
    /// [`VendorError`].
    pub fn add(&mut self, name: &str) -> Result<VendorId, VendorError> {
        let fits = (1..=MAX_VENDOR_NAME).contains(&name.len())
            && name
                .bytes()
                .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'));
        if !fits {
            return Err(VendorError::NotAName(name.chars().take(60).collect()));
        }
        if self.find(name).is_some() {
            return Err(VendorError::Duplicate(name.to_owned()));
        }
        let id = u16::try_from(self.names.len()).map_err(|_full| VendorError::Full)?;
        self.names.push(name.to_owned());
        Ok(VendorId(id))
    }

    /// The name of an index.
    pub fn name(&self, id: VendorId) -> Option<&str> {
        self.names.get(usize::from(id.0)).map(String::as_str)
    }

    /// The index of a name.
    pub fn find(&self, name: &str) -> Option<VendorId> {
        self.iter()
            .find(|(_, known)| *known == name)
            .map(|(id, _)| id)
    }

    /// All, by index.
    pub fn iter(&self) -> impl Iterator<Item = (VendorId, &str)> {
        (0_u16..)
            .map(VendorId)
            .zip(self.names.iter().map(String::as_str))
    }
}

impl Default for Vendors {
    fn default() -> Self {
        Self::new()
    }
}
