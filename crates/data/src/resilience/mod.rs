//! What stands between us and a provider: limits, retries, circuit breaker, health.
//!
//! All of it is plain state that is told the time and given randomness, so it can be tested without waiting. The
//! calls themselves are in [`http`](crate::http).
//!
//! - [`QuotaLimits`], [`Quota`]: calls a minute, a day, at once; survives restarts.
//! - [`CircuitBreaker`]: refuses calls to a service that is down.
//! - [`RetryPolicy`]: what is tried again, after how long.
//! - [`TokenLife`]: when a token must be renewed.
//! - [`HealthWatch`]: how the provider is doing.
//! - [`ProviderGuard`]: all but the retries of one provider, shared by all its callers.
//! - [`Coordinator`]: which of several providers is asked.

mod breaker;
mod coordinator;
mod guard;
mod health;
mod quota;
mod retry;
mod token;

pub use breaker::{BreakerSettings, BreakerState, CircuitBreaker};
pub use coordinator::{Coordinator, Switch};
pub use guard::{GuardReport, ProviderGuard, Refusal};
pub use health::{CallEnd, Health, HealthSettings, HealthWatch};
pub use quota::{Admission, Quota, QuotaLimits, QuotaState};
pub use retry::{FailureKind, RetryPolicy};
pub use token::{TokenLife, TokenNeed, jwt_expiry};
