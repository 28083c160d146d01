//! Calculators over all symbols at one moment, instead of over one symbol's history.

use crate::error::FeatureError;

/// A pure function from one value per symbol to one value per symbol.
pub trait CrossSection: Send + Sync {
    /// Reads `values` (NaN for a symbol without one) and, where groups matter, `groups` (a sector
    /// number per symbol); writes NaN for symbols that have no value.
    ///
    /// # Errors
    /// [`FeatureError::LengthMismatch`] when the slices differ in length.
    fn evaluate(&self, values: &[f64], groups: &[u32], out: &mut [f64])
    -> Result<(), FeatureError>;
}
