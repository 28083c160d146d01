//! Orders: what is asked for, what a broker reports back, and the life cycle between.

mod kind;
mod report;
mod request;

pub use kind::{OrderKind, Session, Side, TimeInForce, Trail};
pub use report::{BrokerReport, CancelCause, Fill, RejectReason, ReportKind};
pub use request::{
    ContingentExits, ExitMode, Leg, OrderIntent, OrderRequest, OrderSize, PositionEffect,
    ReplaceRequest, ShortExemption, ShortMark,
};
