//! The catalogue of pre-trade checks: one stable code each, for records, tests and reports.

/// A pre-trade check. Codes never change meaning; retired ones are not reused.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum CheckId {
    /// Quantity above zero and within the type's range.
    QuantityPositive,
    /// Every price of the order above zero.
    PricePositive,
    /// Prices on the instrument's grid.
    Tick,
    /// Quantity a multiple of the lot.
    Lot,
    /// Instrument known, tradable, not delisted.
    Tradable,
    /// The market phase takes this order type and session flag.
    SessionOpen,
    /// The order type, time in force and session go together.
    OrderTerms,
    /// A reduce-only order reduces.
    ReduceOnly,
    /// The snapshot is not older than allowed.
    SnapshotFresh,
    /// There is a reference price.
    ReferencePresent,
    /// The reference price is not older than allowed.
    ReferenceFresh,
    /// The quote is not crossed.
    QuoteNotCrossed,
    /// Limit and trigger within the collar around the reference.
    PriceCollar,
    /// Limit within the LULD bands.
    LuldBand,
    /// The instrument is not halted.
    NotHalted,
    /// Order quantity limit.
    MaxQuantity,
    /// Order notional limit.
    MaxNotional,
    /// Share of average daily volume.
    AdvShare,
    /// Buying power with buffer.
    BuyingPower,
    /// Settled funds in a cash account (good-faith and free-riding violations).
    SettledCash,
    /// Reg T initial margin.
    InitialMargin,
    /// Maintenance margin after the trade.
    MaintenanceMargin,
    /// Minimum margin equity.
    MinimumEquity,
    /// Day-trading rule in force on the day.
    DayTrading,
    /// Option strategies allowed at the account's level.
    OptionLevel,
    /// Weight of one position.
    PositionWeight,
    /// Share of equity invested.
    Utilisation,
    /// Number of positions.
    MaxPositions,
    /// Gross leverage.
    GrossLeverage,
    /// Net leverage.
    NetLeverage,
    /// Weight of one sector.
    SectorWeight,
    /// Weight of one industry.
    IndustryWeight,
    /// Days needed to leave the position.
    Liquidity,
    /// Instrument can be sold short.
    Shortable,
    /// Locate for a short sale.
    Locate,
    /// Rule 201 price test.
    ShortSalePriceTest,
    /// The same order again within the window.
    Duplicate,
    /// Messages a second.
    MessageRate,
    /// The same kind of order executed again and again (loop).
    LoopThrottle,
    /// Working orders in one instrument.
    OpenOrders,
    /// Cancels a fill.
    CancelRatio,
    /// Children do not exceed their parent.
    ParentChild,
    /// Worst-case notional of all working orders together.
    BasketNotional,
    /// Active, reducing or halted.
    TradingState,
    /// Loss since the start of the day.
    DailyLoss,
    /// Fall from the peak.
    Drawdown,
    /// Losing trades in a row.
    LossStreak,
    /// Restricted list.
    RestrictedList,
    /// No order of ours on the other side at a crossing price.
    SelfTrade,
    /// Sale marked long or short as the net position demands (Reg SHO 200(g)).
    ShortMarking,
}

impl CheckId {
    /// All checks, in the order of their codes.
    pub const ALL: [Self; 50] = [
        Self::QuantityPositive,
        Self::PricePositive,
        Self::Tick,
        Self::Lot,
        Self::Tradable,
        Self::SessionOpen,
        Self::OrderTerms,
        Self::ReduceOnly,
        Self::SnapshotFresh,
        Self::ReferencePresent,
        Self::ReferenceFresh,
        Self::QuoteNotCrossed,
        Self::PriceCollar,
        Self::LuldBand,
        Self::NotHalted,
        Self::MaxQuantity,
        Self::MaxNotional,
        Self::AdvShare,
        Self::BuyingPower,
        Self::SettledCash,
        Self::InitialMargin,
        Self::MaintenanceMargin,
        Self::MinimumEquity,
        Self::DayTrading,
        Self::OptionLevel,
        Self::PositionWeight,
        Self::Utilisation,
        Self::MaxPositions,
        Self::GrossLeverage,
        Self::NetLeverage,
        Self::SectorWeight,
        Self::IndustryWeight,
        Self::Liquidity,
        Self::Shortable,
        Self::Locate,
        Self::ShortSalePriceTest,
        Self::Duplicate,
        Self::MessageRate,
        Self::LoopThrottle,
        Self::OpenOrders,
        Self::CancelRatio,
        Self::ParentChild,
        Self::BasketNotional,
        Self::TradingState,
        Self::DailyLoss,
        Self::Drawdown,
        Self::LossStreak,
        Self::RestrictedList,
        Self::SelfTrade,
        Self::ShortMarking,
    ];

    /// The stable code, e.g. `R013`; `C` codes are compliance checks.
    pub const fn code(self) -> &'static str {
        match self {
            Self::QuantityPositive => "R001",
            Self::PricePositive => "R002",
            Self::Tick => "R003",
            Self::Lot => "R004",
            Self::Tradable => "R005",
            Self::SessionOpen => "R006",
            Self::OrderTerms => "R007",
            Self::ReduceOnly => "R008",
            Self::SnapshotFresh => "R009",
            Self::ReferencePresent => "R010",
            Self::ReferenceFresh => "R011",
            Self::QuoteNotCrossed => "R012",
            Self::PriceCollar => "R013",
            Self::LuldBand => "R014",
            Self::NotHalted => "R015",
            Self::MaxQuantity => "R020",
            Self::MaxNotional => "R021",
            Self::AdvShare => "R022",
            Self::BuyingPower => "R030",
            Self::SettledCash => "R031",
            Self::InitialMargin => "R032",
            Self::MaintenanceMargin => "R033",
            Self::MinimumEquity => "R034",
            Self::DayTrading => "R035",
            Self::OptionLevel => "R036",
            Self::PositionWeight => "R040",
            Self::Utilisation => "R041",
            Self::MaxPositions => "R042",
            Self::GrossLeverage => "R043",
            Self::NetLeverage => "R044",
            Self::SectorWeight => "R045",
            Self::IndustryWeight => "R046",
            Self::Liquidity => "R047",
            Self::Shortable => "R050",
            Self::Locate => "R051",
            Self::ShortSalePriceTest => "R052",
            Self::Duplicate => "R060",
            Self::MessageRate => "R061",
            Self::LoopThrottle => "R062",
            Self::OpenOrders => "R063",
            Self::CancelRatio => "R064",
            Self::ParentChild => "R065",
            Self::BasketNotional => "R066",
            Self::TradingState => "R070",
            Self::DailyLoss => "R071",
            Self::Drawdown => "R072",
            Self::LossStreak => "R073",
            Self::RestrictedList => "C001",
            Self::SelfTrade => "C002",
            Self::ShortMarking => "C003",
        }
    }

    /// What the check asks for, in words.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::QuantityPositive => "Quantity above zero and within the type's range",
            Self::PricePositive => "Every price of the order above zero",
            Self::Tick => "Prices on the instrument's grid",
            Self::Lot => "Quantity a multiple of the lot",
            Self::Tradable => "Instrument known, tradable, not delisted",
            Self::SessionOpen => "The market phase takes this order type and session flag",
            Self::OrderTerms => "The order type, time in force and session go together",
            Self::ReduceOnly => "A reduce-only order reduces",
            Self::SnapshotFresh => "The snapshot is not older than allowed",
            Self::ReferencePresent => "There is a reference price",
            Self::ReferenceFresh => "The reference price is not older than allowed",
            Self::QuoteNotCrossed => "The quote is not crossed",
            Self::PriceCollar => "Limit and trigger within the collar around the reference",
            Self::LuldBand => "Limit within the LULD bands",
            Self::NotHalted => "The instrument is not halted",
            Self::MaxQuantity => "Order quantity limit",
            Self::MaxNotional => "Order notional limit",
            Self::AdvShare => "Share of average daily volume",
            Self::BuyingPower => "Buying power with buffer",
            Self::SettledCash => {
                "Settled funds in a cash account (good-faith and free-riding violations)"
            }
            Self::InitialMargin => "Reg T initial margin",
            Self::MaintenanceMargin => "Maintenance margin after the trade",
            Self::MinimumEquity => "Minimum margin equity",
            Self::DayTrading => "Day-trading rule in force on the day",
            Self::OptionLevel => "Option strategies allowed at the account's level",
            Self::PositionWeight => "Weight of one position",
            Self::Utilisation => "Share of equity invested",
            Self::MaxPositions => "Number of positions",
            Self::GrossLeverage => "Gross leverage",
            Self::NetLeverage => "Net leverage",
            Self::SectorWeight => "Weight of one sector",
            Self::IndustryWeight => "Weight of one industry",
            Self::Liquidity => "Days needed to leave the position",
            Self::Shortable => "Instrument can be sold short",
            Self::Locate => "Locate for a short sale",
            Self::ShortSalePriceTest => "Rule 201 price test",
            Self::Duplicate => "The same order again within the window",
            Self::MessageRate => "Messages a second",
            Self::LoopThrottle => "The same kind of order executed again and again (loop)",
            Self::OpenOrders => "Working orders in one instrument",
            Self::CancelRatio => "Cancels a fill",
            Self::ParentChild => "Children do not exceed their parent",
            Self::BasketNotional => "Worst-case notional of all working orders together",
            Self::TradingState => "Active, reducing or halted",
            Self::DailyLoss => "Loss since the start of the day",
            Self::Drawdown => "Fall from the peak",
            Self::LossStreak => "Losing trades in a row",
            Self::RestrictedList => "Restricted list",
            Self::SelfTrade => "No order of ours on the other side at a crossing price",
            Self::ShortMarking => {
                "Sale marked long or short as the net position demands (Reg SHO 200(g))"
            }
        }
    }
}

impl std::fmt::Display for CheckId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}
