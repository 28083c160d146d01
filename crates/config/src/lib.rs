//! Typed, layered configuration with provenance, environment validation and secrets.
