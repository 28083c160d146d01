//! Typed, layered configuration with provenance, environment validation and secrets.
//!
//! What it does: merges built-in defaults, files, environment variables and flags into one typed
//! [`Config`], and either hands it out whole or lists everything that is wrong with it. What it
//! never does: open a connection, read a clock, hold global state, show a secret. Who uses it: the
//! apps, once at start and on reload; libraries take their own section's values as arguments.
//!
//! | module | is |
//! |---|---|
//! | `schema` | every key, declared once with type, default, unit, range |
//! | `value` | types of settings and how they are read |
//! | `document`, `variables` | the outside: files and environment (the only reader of it) |
//! | `layers`, `loader` | merging, [`load`] |
//! | `checks` | contradictions, credentials' form, what production refuses |
//! | `probe` | connecting to dependencies at level `paranoid` |
//! | `reload` | change while trading |
//! | `print`, `reference` | `--print-config`, generated documents |
//! | `secret`, `secret_source` | [`Secret`] and where secrets come from |
//!
//! ```
//! use trader_config::{Running, Sources, Variables, load};
//!
//! let sources = Sources { variables: Variables::of_process(), ..Sources::default() };
//! let running = Running::new(load(&sources)?);
//! println!("{}", trader_config::render(&running.current()));
//! # Ok::<(), trader_config::ConfigError>(())
//! ```

mod checks;
mod document;
mod interval;
mod key;
mod layers;
mod loader;
mod origin;
mod print;
mod probe;
mod problem;
mod raw;
mod reference;
mod reload;
mod renames;
pub mod schema;
mod secret;
mod secret_source;
mod suggest;
pub mod value;
mod variables;

pub use checks::{CredentialFault, Vendor};
pub use document::MAX_FILE_BYTES;
pub use key::{KeyChange, KeySpec, Reload, SectionSpec};
pub use loader::{Loaded, NamedFile, SecretCommands, Sources, load};
pub use origin::Origin;
pub use print::render;
pub use probe::{Criticality, Dependency, Probe, ProbeFailure, probe_dependencies};
pub use problem::{ConfigError, Problem, ProblemKind};
pub use reference::{Document, documents};
pub use reload::Running;
pub use renames::{RENAMES, Rename};
pub use schema::Config;
pub use secret::{MASK, Secret};
pub use secret_source::{COMMAND_TIMEOUT, MAX_SECRET_BYTES, SecretError, SecretSource};
pub use variables::{ALLOWED_REFERENCES, PREFIX, Variables, variable_of_key};
