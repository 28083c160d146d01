//! The five fields that tie a log line to an order.
//!
//! Everyone who works on an order opens [`TradeContext::span`]; lines inside it carry the fields,
//! under these names, in every file.

use std::fmt::Display;

use tracing::Span;
use tracing::field::{DisplayValue, display};

/// What a piece of work is about. Fields that are not known are left out of the line.
#[derive(Clone, Copy, Default)]
pub struct TradeContext<'a> {
    /// Field `order_id`.
    pub order_id: Option<&'a dyn Display>,
    /// Field `symbol`.
    pub symbol: Option<&'a dyn Display>,
    /// Field `strategy`.
    pub strategy: Option<&'a dyn Display>,
    /// Field `account`.
    pub account: Option<&'a dyn Display>,
    /// Field `correlation_id`: the same on all lines that one outside event caused.
    pub correlation_id: Option<&'a dyn Display>,
}

impl TradeContext<'_> {
    /// A span that carries the fields.
    ///
    /// ```
    /// use trader_telemetry::TradeContext;
    /// let context = TradeContext { symbol: Some(&"AAPL"), ..TradeContext::default() };
    /// let _entered = context.span().entered();
    /// tracing::info!("this line carries the symbol");
    /// ```
    pub fn span(&self) -> Span {
        let [order_id, symbol, strategy, account, correlation_id] = self.fields();
        tracing::info_span!(target: "trader", "trade", order_id, symbol, strategy, account, correlation_id)
    }

    /// The fields in the order of the struct, ready to be recorded.
    pub(crate) fn fields(&self) -> [Option<DisplayValue<&dyn Display>>; 5] {
        [
            self.order_id,
            self.symbol,
            self.strategy,
            self.account,
            self.correlation_id,
        ]
        .map(|field| field.map(display))
    }
}
