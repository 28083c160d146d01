//! Who may change limits: anybody and any model may lower them, only two people together may raise
//! them.
//!
//! [`crate::Gate::lower_limits`] refuses whatever is looser in any figure. Raising takes an
//! [`AuthorisedChange`], which only exists with two different named people and a reason. Both
//! return a [`LimitChange`] for the audit trail.

use std::cmp::Ordering;

use thiserror::Error;
use trader_domain::{Rate, Timestamp};

use crate::limits::{LimitErrors, Limits, MarginRates, RateLimit};

/// A named person.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct Person(String);

impl Person {
    /// A name with something in it; blanks around it do not count.
    ///
    /// # Errors
    /// [`AuthorisationError::Nameless`].
    pub fn new(name: &str) -> Result<Self, AuthorisationError> {
        let name = name.trim();
        if name.is_empty() {
            return Err(AuthorisationError::Nameless);
        }
        Ok(Self(name.to_owned()))
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.0
    }

    fn is_same_as(&self, other: &Self) -> bool {
        self.0.to_lowercase() == other.0.to_lowercase()
    }
}

/// Why a change of limits was not authorised or not made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AuthorisationError {
    /// A person without a name.
    #[error("a change of limits needs named people")]
    Nameless,
    /// One person alone.
    #[error("`{0}` cannot approve their own change of limits: a second person must")]
    SamePerson(String),
    /// Nobody could say later why.
    #[error("a change of limits needs a reason")]
    NoReason,
    /// Somebody who may only lower asked for more.
    #[error("`{limit}` would be looser than it is: that takes an authorised change by two people")]
    Looser {
        /// The first figure that is looser.
        limit: &'static str,
    },
    /// The new limits are out of range.
    #[error(transparent)]
    OutOfRange(#[from] LimitErrors),
}

/// New limits that two people stand for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorisedChange {
    limits: Limits,
    author: Author,
}

impl AuthorisedChange {
    /// `requested_by` asks, `approved_by` agrees.
    ///
    /// # Errors
    /// [`AuthorisationError`] when it is the same person, there is no reason, or a limit is out of
    /// range.
    pub fn new(
        limits: Limits,
        requested_by: Person,
        approved_by: Person,
        reason: &str,
    ) -> Result<Self, AuthorisationError> {
        if requested_by.is_same_as(&approved_by) {
            return Err(AuthorisationError::SamePerson(approved_by.0));
        }
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(AuthorisationError::NoReason);
        }
        limits.validate()?;
        Ok(Self {
            limits,
            author: Author::People {
                requested_by,
                approved_by,
                reason: reason.to_owned(),
            },
        })
    }

    /// What the limits will be, and who stands for them.
    pub(crate) fn into_parts(self) -> (Limits, Author) {
        (self.limits, self.author)
    }
}

/// Who made a change.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case", tag = "by")]
pub enum Author {
    /// A person, breaker or model that may only lower.
    Lowering {
        /// Its name, such as a model's.
        name: Person,
        /// Why.
        reason: String,
    },
    /// Two people.
    People {
        /// Who asked.
        requested_by: Person,
        /// Who agreed.
        approved_by: Person,
        /// Why.
        reason: String,
    },
}

/// The record of a change for the audit trail.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct LimitChange {
    /// When.
    pub at: Timestamp,
    /// By whom and why.
    pub author: Author,
    /// What held before.
    pub before: Limits,
    /// What holds now.
    pub after: Limits,
}

/// Which direction of a figure is the strict one.
#[derive(Clone, Copy)]
enum Stricter {
    Lower,
    Higher,
}

impl Stricter {
    fn is_looser(self, found: Ordering) -> bool {
        match self {
            Self::Lower => found == Ordering::Greater,
            Self::Higher => found == Ordering::Less,
        }
    }
}

/// The first figure of `new` that is looser than in `old`. Every field is named in the pattern, so
/// a new limit does not compile until its strict direction is decided here.
pub(crate) fn first_looser(old: &Limits, new: &Limits) -> Option<&'static str> {
    use Stricter::{Higher, Lower};
    let Limits {
        collar,
        passive_collar,
        market_reserve,
        snapshot_age_nanos,
        reference_age_nanos,
        order_quantity,
        order_notional,
        basket_notional,
        adv_share,
        buying_power_buffer,
        position_weight,
        utilisation,
        positions,
        gross_leverage,
        net_leverage,
        sector_weight,
        industry_weight,
        liquidity_days,
        participation,
        margin,
        option_level,
        duplicate_window_nanos,
        message_rate,
        loop_rate,
        open_orders,
        cancels_per_fill,
        free_cancels,
        daily_loss,
        drawdown,
        loss_streak,
        warn_share,
    } = new;
    let rows = [
        ("collar", Lower, collar.cmp(&old.collar)),
        (
            "passive_collar",
            Lower,
            passive_collar.cmp(&old.passive_collar),
        ),
        (
            "market_reserve",
            Higher,
            market_reserve.cmp(&old.market_reserve),
        ),
        (
            "snapshot_age_nanos",
            Lower,
            snapshot_age_nanos.cmp(&old.snapshot_age_nanos),
        ),
        (
            "reference_age_nanos",
            Lower,
            reference_age_nanos.cmp(&old.reference_age_nanos),
        ),
        (
            "order_quantity",
            Lower,
            order_quantity.cmp(&old.order_quantity),
        ),
        (
            "order_notional",
            Lower,
            order_notional.cmp(&old.order_notional),
        ),
        (
            "basket_notional",
            Lower,
            basket_notional.cmp(&old.basket_notional),
        ),
        ("adv_share", Lower, optional(*adv_share, old.adv_share)),
        (
            "buying_power_buffer",
            Higher,
            buying_power_buffer.cmp(&old.buying_power_buffer),
        ),
        (
            "position_weight",
            Lower,
            position_weight.cmp(&old.position_weight),
        ),
        ("utilisation", Lower, utilisation.cmp(&old.utilisation)),
        ("positions", Lower, positions.cmp(&old.positions)),
        (
            "gross_leverage",
            Lower,
            gross_leverage.cmp(&old.gross_leverage),
        ),
        ("net_leverage", Lower, net_leverage.cmp(&old.net_leverage)),
        (
            "sector_weight",
            Lower,
            sector_weight.cmp(&old.sector_weight),
        ),
        (
            "industry_weight",
            Lower,
            industry_weight.cmp(&old.industry_weight),
        ),
        (
            "liquidity_days",
            Lower,
            optional(*liquidity_days, old.liquidity_days),
        ),
        (
            "participation",
            Lower,
            participation.cmp(&old.participation),
        ),
        ("option_level", Lower, option_level.cmp(&old.option_level)),
        (
            "duplicate_window_nanos",
            Higher,
            duplicate_window_nanos.cmp(&old.duplicate_window_nanos),
        ),
        ("open_orders", Lower, open_orders.cmp(&old.open_orders)),
        (
            "cancels_per_fill",
            Lower,
            cancels_per_fill.cmp(&old.cancels_per_fill),
        ),
        ("free_cancels", Lower, free_cancels.cmp(&old.free_cancels)),
        ("daily_loss", Lower, daily_loss.cmp(&old.daily_loss)),
        ("drawdown", Lower, drawdown.cmp(&old.drawdown)),
        ("loss_streak", Lower, loss_streak.cmp(&old.loss_streak)),
        ("warn_share", Lower, warn_share.cmp(&old.warn_share)),
    ];
    rows.into_iter()
        .find(|(_, stricter, found)| stricter.is_looser(*found))
        .map(|(limit, _, _)| limit)
        .or_else(|| looser_margin(&old.margin, margin))
        .or_else(|| looser_rate("message_rate", old.message_rate, *message_rate))
        .or_else(|| looser_rate("loop_rate", old.loop_rate, *loop_rate))
}

/// No limit is the loosest.
fn optional(new: Option<Rate>, old: Option<Rate>) -> Ordering {
    match (new, old) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(new), Some(old)) => new.cmp(&old),
    }
}

fn looser_margin(old: &MarginRates, new: &MarginRates) -> Option<&'static str> {
    let MarginRates {
        initial,
        long_maintenance,
        short_maintenance,
        minimum_equity,
    } = new;
    [
        ("margin.initial", *initial < old.initial),
        (
            "margin.long_maintenance",
            *long_maintenance < old.long_maintenance,
        ),
        (
            "margin.short_maintenance",
            *short_maintenance < old.short_maintenance,
        ),
        (
            "margin.minimum_equity",
            *minimum_equity < old.minimum_equity,
        ),
    ]
    .into_iter()
    .find(|(_, looser)| *looser)
    .map(|(limit, _)| limit)
}

fn looser_rate(limit: &'static str, old: RateLimit, new: RateLimit) -> Option<&'static str> {
    (new.count > old.count || new.window_nanos < old.window_nanos).then_some(limit)
}
