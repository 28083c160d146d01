//! Logging, metrics and the health model.
