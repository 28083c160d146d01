//! Saving and restoring a strategy's state as bytes.

use serde::Serialize;
use serde::de::DeserializeOwned;
use trader_engine::RestoreError;

/// Appends a state; the encoding is canonical, so equal states give equal bytes.
pub(crate) fn save<T: Serialize>(state: &T, out: &mut Vec<u8>) {
    // Writing into memory fails only for types that serde cannot express; the strategies' states
    // are vectors and integers.
    let saved = postcard::to_extend(state, std::mem::take(out));
    debug_assert!(saved.is_ok(), "a state of plain values serialises");
    if let Ok(bytes) = saved {
        *out = bytes;
    }
}

/// Reads a state written by [`save`].
pub(crate) fn load<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, RestoreError> {
    postcard::from_bytes(bytes).map_err(|error| RestoreError {
        reason: error.to_string(),
    })
}

/// A restored state must have the shape that the parameters give.
pub(crate) fn expect_shape(fits: bool, what: &str) -> Result<(), RestoreError> {
    if fits {
        Ok(())
    } else {
        Err(RestoreError {
            reason: format!("{what} differs"),
        })
    }
}
