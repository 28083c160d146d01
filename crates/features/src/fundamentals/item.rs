//! The lines of financial statements that ratios are made of, and the tags that filers use for them.

/// A line of a statement. Flows have a period, balances a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    /// Sales (flow).
    Revenue,
    /// Cost of what was sold (flow).
    CostOfRevenue,
    /// Sales less cost (flow).
    GrossProfit,
    /// Profit from operations: EBIT (flow).
    OperatingIncome,
    /// Profit after tax (flow).
    NetIncome,
    /// Diluted earnings a share (flow).
    DilutedEps,
    /// Interest on debt (flow).
    InterestExpense,
    /// Depreciation and amortisation (flow).
    Depreciation,
    /// Cash from operations (flow).
    OperatingCashFlow,
    /// Spent on fixed assets; positive (flow).
    CapitalExpenditure,
    /// Paid to shareholders; positive (flow).
    DividendsPaid,
    /// All assets (balance).
    Assets,
    /// Assets that turn to cash within a year (balance).
    CurrentAssets,
    /// Cash and equivalents (balance).
    Cash,
    /// All liabilities (balance).
    Liabilities,
    /// Liabilities due within a year (balance).
    CurrentLiabilities,
    /// Debt due after a year (balance).
    LongTermDebt,
    /// Debt due within a year (balance).
    ShortTermDebt,
    /// All debt, where it is given as one figure (balance).
    TotalDebt,
    /// Shareholders' equity (balance).
    Equity,
    /// Profits kept so far (balance).
    RetainedEarnings,
    /// Shares outstanding (balance).
    Shares,
    /// Diluted shares, mean of the period (flow).
    DilutedShares,
}

/// A line, and how well a tag stands for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tagged {
    /// The line.
    pub item: Item,
    /// 0 for the best tag of the line; where several were filed for one period, the lowest counts.
    pub rank: u8,
}

/// (tag, line, rank); `dei` and `us-gaap` tags.
const TAGS: &[(&str, Item, u8)] = &[
    ("Revenues", Item::Revenue, 0),
    (
        "RevenueFromContractWithCustomerExcludingAssessedTax",
        Item::Revenue,
        1,
    ),
    (
        "RevenueFromContractWithCustomerIncludingAssessedTax",
        Item::Revenue,
        2,
    ),
    ("SalesRevenueNet", Item::Revenue, 3),
    ("CostOfRevenue", Item::CostOfRevenue, 0),
    ("CostOfGoodsAndServicesSold", Item::CostOfRevenue, 1),
    ("CostOfGoodsSold", Item::CostOfRevenue, 2),
    ("GrossProfit", Item::GrossProfit, 0),
    ("OperatingIncomeLoss", Item::OperatingIncome, 0),
    ("NetIncomeLoss", Item::NetIncome, 0),
    ("ProfitLoss", Item::NetIncome, 1),
    ("EarningsPerShareDiluted", Item::DilutedEps, 0),
    ("EarningsPerShareBasicAndDiluted", Item::DilutedEps, 1),
    ("InterestExpense", Item::InterestExpense, 0),
    ("InterestExpenseNonoperating", Item::InterestExpense, 1),
    ("InterestExpenseDebt", Item::InterestExpense, 2),
    (
        "DepreciationDepletionAndAmortization",
        Item::Depreciation,
        0,
    ),
    ("DepreciationAndAmortization", Item::Depreciation, 1),
    (
        "DepreciationAmortizationAndAccretionNet",
        Item::Depreciation,
        2,
    ),
    (
        "NetCashProvidedByUsedInOperatingActivities",
        Item::OperatingCashFlow,
        0,
    ),
    (
        "NetCashProvidedByUsedInOperatingActivitiesContinuingOperations",
        Item::OperatingCashFlow,
        1,
    ),
    (
        "PaymentsToAcquirePropertyPlantAndEquipment",
        Item::CapitalExpenditure,
        0,
    ),
    (
        "PaymentsToAcquireProductiveAssets",
        Item::CapitalExpenditure,
        1,
    ),
    ("PaymentsOfDividends", Item::DividendsPaid, 0),
    ("PaymentsOfDividendsCommonStock", Item::DividendsPaid, 1),
    ("Assets", Item::Assets, 0),
    ("AssetsCurrent", Item::CurrentAssets, 0),
    ("CashAndCashEquivalentsAtCarryingValue", Item::Cash, 0),
    (
        "CashCashEquivalentsRestrictedCashAndRestrictedCashEquivalents",
        Item::Cash,
        1,
    ),
    ("Liabilities", Item::Liabilities, 0),
    ("LiabilitiesCurrent", Item::CurrentLiabilities, 0),
    ("LongTermDebtNoncurrent", Item::LongTermDebt, 0),
    ("ConvertibleNotesPayableNoncurrent", Item::LongTermDebt, 1),
    ("LongTermDebtCurrent", Item::ShortTermDebt, 0),
    ("DebtCurrent", Item::ShortTermDebt, 1),
    ("ShortTermBorrowings", Item::ShortTermDebt, 2),
    ("LongTermDebt", Item::TotalDebt, 0),
    ("DebtAndCapitalLeaseObligations", Item::TotalDebt, 1),
    ("StockholdersEquity", Item::Equity, 0),
    (
        "StockholdersEquityIncludingPortionAttributableToNoncontrollingInterest",
        Item::Equity,
        1,
    ),
    (
        "RetainedEarningsAccumulatedDeficit",
        Item::RetainedEarnings,
        0,
    ),
    ("EntityCommonStockSharesOutstanding", Item::Shares, 0),
    ("CommonStockSharesOutstanding", Item::Shares, 1),
    (
        "WeightedAverageNumberOfDilutedSharesOutstanding",
        Item::DilutedShares,
        0,
    ),
];

impl Item {
    /// The line that a `us-gaap` or `dei` tag stands for; `None` for tags that no ratio needs.
    pub fn of_us_gaap(tag: &str) -> Option<Tagged> {
        TAGS.iter()
            .find(|(name, _, _)| *name == tag)
            .map(|(_, item, rank)| Tagged {
                item: *item,
                rank: *rank,
            })
    }

    /// Whether figures refer to a date and not to a period.
    pub fn is_balance(self) -> bool {
        matches!(
            self,
            Self::Assets
                | Self::CurrentAssets
                | Self::Cash
                | Self::Liabilities
                | Self::CurrentLiabilities
                | Self::LongTermDebt
                | Self::ShortTermDebt
                | Self::TotalDebt
                | Self::Equity
                | Self::RetainedEarnings
                | Self::Shares
        )
    }
}
