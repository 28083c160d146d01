//! Where an order stands, as one word: what journals, tables and risk checks read.

/// The state of an order; [`crate::OrderLife`] derives it from what has been reported.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    /// Made, not sent to a broker.
    Created,
    /// Sent; nothing heard yet.
    PendingNew,
    /// The broker works it, nothing has traded.
    Accepted,
    /// A part has traded, the rest works.
    PartiallyFilled,
    /// All of it has traded.
    Filled,
    /// We asked to cancel it; until the answer it may still trade.
    PendingCancel,
    /// It was cancelled, perhaps after a part had traded.
    Canceled,
    /// We asked to change it; until the answer it may trade on the old or the new terms.
    PendingReplace,
    /// It works on new terms and nothing has traded.
    Replaced,
    /// It was refused.
    Rejected,
    /// Its time in force ran out, perhaps after a part had traded.
    Expired,
    /// The broker holds it back for a while.
    Suspended,
}

impl OrderStatus {
    /// Whether nothing but a late fill or a bust can change the order any more.
    #[inline]
    pub const fn is_terminal(self) -> bool {
        matches!(
            self,
            Self::Filled | Self::Canceled | Self::Rejected | Self::Expired
        )
    }

    /// Whether the order may be live at a broker: sent and not terminal.
    #[inline]
    pub const fn is_working(self) -> bool {
        !self.is_terminal() && !matches!(self, Self::Created)
    }
}
