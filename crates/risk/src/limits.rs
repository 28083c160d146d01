//! [`Limits`]: every number the gate holds orders against, with its default, unit and range.
//!
//! Built by configuration, validated by [`crate::Gate::new`] and by every change of limits. No
//! value here switches a check off: a limit is either a finite number or, for the two that rest on
//! a volume statistic, absent because the instruments have no such statistic.

use thiserror::Error;
use trader_domain::{Money, NANOS_PER_DAY, NANOS_PER_SECOND, Quantity, Rate};

/// At most `count` of something in any `window_nanos`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// How many; at least one.
    pub count: u32,
    /// In how many nanoseconds; at least one.
    pub window_nanos: i64,
}

/// Margin rates and the minimum equity. Rates are whole basis points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MarginRates {
    /// Regulation T initial margin (12 CFR 220.12), long and short. Default 50 %; never lower.
    pub initial: Rate,
    /// Maintenance of long stock, FINRA 4210(c)(1). Default 25 %; never lower.
    pub long_maintenance: Rate,
    /// Maintenance of short stock at or above $5, FINRA 4210(c)(3). Default 30 %; never lower.
    pub short_maintenance: Rate,
    /// Minimum equity of a margin account, FINRA 4210(b)(4). Default $2,000; never lower.
    pub minimum_equity: Money,
}

impl Default for MarginRates {
    fn default() -> Self {
        Self {
            initial: Rate::from_percent(50),
            long_maintenance: Rate::from_percent(25),
            short_maintenance: Rate::from_percent(30),
            minimum_equity: Money::whole(2_000),
        }
    }
}

/// What an account may do with options, as brokers number the levels.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Default,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum OptionLevel {
    /// No options.
    #[default]
    None,
    /// Covered calls and cash-secured puts.
    Covered,
    /// Also long calls and puts, paid in full.
    Long,
    /// Also spreads whose loss is limited.
    Spreads,
}

/// All limits. [`Limits::default`] is the table of the risk specification; [`Limits::research`]
/// is for studies that put everything into one instrument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// How far a limit may be on the aggressive side of the reference. Default 5 %.
    pub collar: Rate,
    /// How far a limit or trigger may be on the passive side (a decimal slip is farther). Default 50 %.
    pub passive_collar: Rate,
    /// By how much a market order may trade worse than the reference; its reservation includes it.
    /// Default 5 %, as the collar.
    pub market_reserve: Rate,
    /// Oldest snapshot against which an order may be judged, nanoseconds. Default 1 s.
    pub snapshot_age_nanos: i64,
    /// Oldest price that may be a reference, nanoseconds. Default 1 s.
    pub reference_age_nanos: i64,
    /// Largest quantity of one order. Default 10,000.
    pub order_quantity: Quantity,
    /// Largest worst-case notional of one order. Default $250,000.
    pub order_notional: Money,
    /// Largest worst-case notional of all working orders together (basket). Default $1,000,000.
    pub basket_notional: Money,
    /// Largest share of average daily volume in one order. Default 10 %. `None` only where the
    /// instruments have no daily volume statistic (price-only history, first days of a study): a
    /// limit that is set refuses every order whose volume is not known.
    pub adv_share: Option<Rate>,
    /// Share of equity that must stay free of reservations. Default 5 %.
    pub buying_power_buffer: Rate,
    /// Largest weight of one position in equity. Default 10 %.
    pub position_weight: Rate,
    /// Largest share of equity tied up: positions paid in full count whole, margined ones with
    /// their initial margin. Default 95 %.
    pub utilisation: Rate,
    /// Most positions at a time, instruments with an opening order included. Default 20.
    pub positions: u32,
    /// Largest sum of long and short exposure over equity. Default 2.
    pub gross_leverage: Rate,
    /// Largest difference of long and short exposure over equity, either way. Default 1.
    pub net_leverage: Rate,
    /// Largest gross weight of one sector; instruments without one count as a sector. Default 30 %.
    pub sector_weight: Rate,
    /// Largest gross weight of one industry; instruments without one count as an industry. Default 25 %.
    pub industry_weight: Rate,
    /// Most days to leave a position at `participation` of daily volume. Default 5. `None` as
    /// [`Limits::adv_share`].
    pub liquidity_days: Option<Rate>,
    /// Share of daily volume assumed when leaving a position. Default 10 %.
    pub participation: Rate,
    /// Margin rates.
    pub margin: MarginRates,
    /// Option strategies allowed. Default none.
    pub option_level: OptionLevel,
    /// Window in which the same order again is a duplicate, nanoseconds; 0 is the same instant.
    /// Default 1 s.
    pub duplicate_window_nanos: i64,
    /// Messages (orders, replacements, cancellations) in a window. Default 50 in 1 s.
    pub message_rate: RateLimit,
    /// Orders of one instrument and side that traded or may trade, in a window (loop throttle).
    /// Default 30 in 60 s.
    pub loop_rate: RateLimit,
    /// Most working orders in one instrument. Default 10.
    pub open_orders: u32,
    /// Most cancellations for one execution in a day, above `free_cancels`. Default 20.
    pub cancels_per_fill: u32,
    /// Cancellations a day before the ratio counts. Default 100.
    pub free_cancels: u32,
    /// Largest loss since the start of the day, as a share of the equity then. Default 3 %.
    pub daily_loss: Rate,
    /// Largest fall from the equity peak. Default 15 %.
    pub drawdown: Rate,
    /// Losing trades in a row after which nothing opens. Default 10.
    pub loss_streak: u32,
    /// Share of a limit from which a pass becomes a warning. Default 80 %.
    pub warn_share: Rate,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            collar: Rate::from_percent(5),
            passive_collar: Rate::from_percent(50),
            market_reserve: Rate::from_percent(5),
            snapshot_age_nanos: NANOS_PER_SECOND,
            reference_age_nanos: NANOS_PER_SECOND,
            order_quantity: Quantity::whole(10_000),
            order_notional: Money::whole(250_000),
            basket_notional: Money::whole(1_000_000),
            adv_share: Some(Rate::from_percent(10)),
            buying_power_buffer: Rate::from_percent(5),
            position_weight: Rate::from_percent(10),
            utilisation: Rate::from_percent(95),
            positions: 20,
            gross_leverage: Rate::from_percent(200),
            net_leverage: Rate::from_percent(100),
            sector_weight: Rate::from_percent(30),
            industry_weight: Rate::from_percent(25),
            liquidity_days: Some(Rate::whole(5)),
            participation: Rate::from_percent(10),
            margin: MarginRates::default(),
            option_level: OptionLevel::None,
            duplicate_window_nanos: NANOS_PER_SECOND,
            message_rate: RateLimit {
                count: 50,
                window_nanos: NANOS_PER_SECOND,
            },
            loop_rate: RateLimit {
                count: 30,
                window_nanos: 60 * NANOS_PER_SECOND,
            },
            open_orders: 10,
            cancels_per_fill: 20,
            free_cancels: 100,
            daily_loss: Rate::from_percent(3),
            drawdown: Rate::from_percent(15),
            loss_streak: 10,
            warn_share: Rate::from_percent(80),
        }
    }
}

impl Limits {
    /// For studies on history: everything in one instrument is allowed, bars may be days apart,
    /// and losses stop a study only at ruin. Every limit is still finite, checked and recorded;
    /// buying power, margin, settlement and short-sale rules are those of the account.
    pub fn research() -> Self {
        Self {
            collar: Rate::from_percent(50),
            passive_collar: Rate::from_percent(1_000),
            market_reserve: Rate::from_percent(2),
            snapshot_age_nanos: 10 * NANOS_PER_DAY,
            reference_age_nanos: 10 * NANOS_PER_DAY,
            order_quantity: Quantity::whole(1_000_000_000),
            order_notional: Money::whole(100_000_000_000),
            basket_notional: Money::whole(100_000_000_000),
            adv_share: None,
            buying_power_buffer: Rate::ZERO,
            position_weight: Rate::from_percent(400),
            utilisation: Rate::from_percent(200),
            positions: 1_000_000,
            gross_leverage: Rate::from_percent(400),
            net_leverage: Rate::from_percent(400),
            sector_weight: Rate::from_percent(400),
            industry_weight: Rate::from_percent(400),
            liquidity_days: None,
            participation: Rate::from_percent(10),
            margin: MarginRates::default(),
            option_level: OptionLevel::Spreads,
            duplicate_window_nanos: 0,
            message_rate: RateLimit {
                count: 1_000_000,
                window_nanos: NANOS_PER_SECOND,
            },
            loop_rate: RateLimit {
                count: 1_000_000,
                window_nanos: 60 * NANOS_PER_SECOND,
            },
            open_orders: 1_000,
            cancels_per_fill: 1_000_000,
            free_cancels: 1_000_000,
            daily_loss: Rate::from_percent(100),
            drawdown: Rate::from_percent(100),
            loss_streak: 1_000_000,
            warn_share: Rate::from_percent(100),
        }
    }

    /// Checks every value against its range.
    ///
    /// # Errors
    /// [`LimitErrors`] lists all faults at once.
    pub fn validate(&self) -> Result<(), LimitErrors> {
        let mut faults = Vec::new();
        self.validate_rates(&mut faults);
        self.validate_sizes(&mut faults);
        self.validate_margin(&mut faults);
        if faults.is_empty() {
            Ok(())
        } else {
            Err(LimitErrors(faults))
        }
    }

    fn validate_rates(&self, faults: &mut Vec<LimitError>) {
        let percent = Rate::from_percent;
        let (zero, above_zero) = (Rate::ZERO, Rate::from_small_units(1));
        let (full, tenfold) = (percent(100), percent(1_000));
        let adv_share = self.adv_share.unwrap_or(full);
        let days = self.liquidity_days.unwrap_or(Rate::ONE);
        let rows = [
            ("collar", self.collar, above_zero, full),
            ("passive_collar", self.passive_collar, above_zero, tenfold),
            ("market_reserve", self.market_reserve, above_zero, full),
            ("adv_share", adv_share, above_zero, full),
            ("buying_power_buffer", self.buying_power_buffer, zero, full),
            ("position_weight", self.position_weight, above_zero, tenfold),
            ("utilisation", self.utilisation, above_zero, tenfold),
            ("gross_leverage", self.gross_leverage, above_zero, tenfold),
            ("net_leverage", self.net_leverage, above_zero, tenfold),
            ("sector_weight", self.sector_weight, above_zero, tenfold),
            ("industry_weight", self.industry_weight, above_zero, tenfold),
            ("liquidity_days", days, above_zero, Rate::whole(1_000)),
            ("participation", self.participation, above_zero, full),
            ("daily_loss", self.daily_loss, above_zero, full),
            ("drawdown", self.drawdown, above_zero, full),
            ("warn_share", self.warn_share, above_zero, full),
        ];
        for (limit, found, at_least, at_most) in rows {
            if found < at_least || found > at_most {
                faults.push(LimitError::RateOutOfRange {
                    limit,
                    found,
                    at_least,
                    at_most,
                });
            }
        }
    }

    fn validate_sizes(&self, faults: &mut Vec<LimitError>) {
        if !self.order_quantity.is_positive() {
            faults.push(LimitError::NotPositive {
                limit: "order_quantity",
            });
        }
        for (limit, amount) in [
            ("order_notional", self.order_notional),
            ("basket_notional", self.basket_notional),
        ] {
            if !amount.is_positive() || amount > Money::whole(1_000_000_000_000) {
                faults.push(LimitError::NotPositive { limit });
            }
        }
        for (limit, count) in [
            ("positions", self.positions),
            ("message_rate.count", self.message_rate.count),
            ("loop_rate.count", self.loop_rate.count),
            ("open_orders", self.open_orders),
            ("loss_streak", self.loss_streak),
        ] {
            if count == 0 {
                faults.push(LimitError::NotPositive { limit });
            }
        }
        for (limit, nanos) in [
            ("snapshot_age_nanos", self.snapshot_age_nanos),
            ("reference_age_nanos", self.reference_age_nanos),
            ("message_rate.window_nanos", self.message_rate.window_nanos),
            ("loop_rate.window_nanos", self.loop_rate.window_nanos),
            // Zero means the same instant.
            (
                "duplicate_window_nanos",
                self.duplicate_window_nanos.saturating_add(1),
            ),
        ] {
            if nanos <= 0 || nanos > 366 * NANOS_PER_DAY {
                faults.push(LimitError::WindowOutOfRange { limit, nanos });
            }
        }
    }

    fn validate_margin(&self, faults: &mut Vec<LimitError>) {
        let legal = MarginRates::default();
        for (limit, found, legal) in [
            ("margin.initial", self.margin.initial, legal.initial),
            (
                "margin.long_maintenance",
                self.margin.long_maintenance,
                legal.long_maintenance,
            ),
            (
                "margin.short_maintenance",
                self.margin.short_maintenance,
                legal.short_maintenance,
            ),
        ] {
            if found < legal || found > Rate::ONE {
                faults.push(LimitError::BelowLaw { limit });
            }
            if !found.is_multiple_of(Rate::from_bps(1)) {
                faults.push(LimitError::NotBasisPoints { limit, found });
            }
        }
        if self.margin.minimum_equity < legal.minimum_equity {
            faults.push(LimitError::BelowLaw {
                limit: "margin.minimum_equity",
            });
        }
    }
}

/// One value outside its range.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LimitError {
    /// A ratio outside its range.
    #[error("`{limit}` must be {at_least} to {at_most}, found {found}")]
    RateOutOfRange {
        /// Which limit.
        limit: &'static str,
        /// What was given.
        found: Rate,
        /// Smallest accepted.
        at_least: Rate,
        /// Largest accepted.
        at_most: Rate,
    },
    /// An amount, quantity or count that is not positive (amounts end at 10^12).
    #[error("`{limit}` must be positive and finite")]
    NotPositive {
        /// Which limit.
        limit: &'static str,
    },
    /// A time span outside 1 ns to 366 days.
    #[error("`{limit}` must be 1 ns to 366 days, found {nanos} ns")]
    WindowOutOfRange {
        /// Which limit.
        limit: &'static str,
        /// What was given.
        nanos: i64,
    },
    /// A margin figure looser than Regulation T or FINRA 4210 allow, or above 100 %.
    #[error("`{limit}` is looser than the rule allows, or above 100 %")]
    BelowLaw {
        /// Which limit.
        limit: &'static str,
    },
    /// A margin rate with a fraction of a basis point.
    #[error("`{limit}` must be a whole number of basis points, found {found}")]
    NotBasisPoints {
        /// Which limit.
        limit: &'static str,
        /// What was given.
        found: Rate,
    },
}

/// All faults of a set of limits.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{} limits are out of range: {}", .0.len(), .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct LimitErrors(pub Vec<LimitError>);
