//! Built-in strategies: ordinary users of `trader_engine::Strategy`, asked for by name.
//!
//! [`STRATEGIES`] lists them with typed parameters; [`find`] gives one by name.
//!
//! ```
//! use std::collections::BTreeMap;
//! use trader_domain::{Instrument, Instruments};
//!
//! let mut instruments = Instruments::new();
//! instruments.add(Instrument::equity("SPY".parse()?))?;
//! let definition = trader_strategies::find("sma-crossover")?;
//! let given = BTreeMap::from([("fast".to_owned(), "5".to_owned())]);
//! let parameters = definition.check(&given)?;
//! let strategy = definition.build(&parameters, &instruments)?;
//! assert_eq!(strategy.needs().warm_up, 31);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod breakout;
mod buy_and_hold;
mod crossover;
mod long_flat;
mod mean_reversion;
mod momentum;
mod pairs;
mod parameter;
mod registry;
mod rule;
mod scaled;
mod sizing;
mod state;

pub use parameter::{ParameterError, ParameterKind, ParameterSpec, ParameterValue, Parameters};
pub use registry::{Definition, STRATEGIES, UnknownStrategy, find};
