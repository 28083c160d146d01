//! Orders: what is asked for, what a broker reports back, and the life cycle between.

mod executions;
mod kind;
mod life;
mod report;
mod request;
mod status;
mod transition;

pub use executions::{
    Execution, ExecutionBust, ExecutionRegister, RegisterCapacityError, Registration,
};
pub use kind::{OrderKind, Session, Side, TimeInForce, Trail};
pub use life::{MAX_LEGS, OrderLife};
pub use report::{BrokerReport, CancelCause, Fill, RejectReason, ReportKind};
pub use request::{
    ContingentExits, ExitMode, Leg, OrderIntent, OrderRequest, OrderSize, PositionEffect,
    ReplaceRequest, ShortExemption, ShortMark,
};
pub use status::OrderStatus;
pub use transition::{Applied, CancelStep, IgnoredReport, OrderEnd, OrderStateError};
