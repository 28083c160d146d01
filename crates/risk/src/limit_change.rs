//! Who may change limits: anybody and any model may lower them, only two people together may raise
//! them.
//!
//! [`crate::Gate::lower_limits`] refuses whatever is looser in any figure. Raising takes an
//! [`AuthorisedChange`], which only exists with two different named people and a reason. Both
//! return a [`LimitChange`] for the audit trail.

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

/// The first of the named figures that is looser in `$new` than in `$old`. Every field of the struct
/// is named, so a new limit does not compile until its strict direction is decided.
macro_rules! first_looser_figure {
    ($kind:ident, $old:expr, $new:expr,
     smaller is stricter: [$($smaller:ident),*], larger is stricter: [$($larger:ident),*],
     judged apart: [$($apart:ident),*]) => {{
        let $kind { $($smaller: _,)* $($larger: _,)* $($apart: _,)* } = $new;
        let looser = [
            $((stringify!($smaller), $new.$smaller > $old.$smaller),)*
            $((stringify!($larger), $new.$larger < $old.$larger),)*
        ];
        looser.into_iter().find(|(_, looser)| *looser).map(|(limit, _)| limit)
    }};
}

/// The first figure of `new` that is looser than in `old`.
pub(crate) fn first_looser(old: &Limits, new: &Limits) -> Option<&'static str> {
    first_looser_figure!(
        Limits, old, new,
        smaller is stricter: [
            collar, passive_collar, snapshot_age_nanos, reference_age_nanos, order_quantity,
            order_notional, basket_notional, position_weight, utilisation, positions,
            gross_leverage, net_leverage, sector_weight, industry_weight, participation,
            option_level, open_orders, cancels_per_fill, free_cancels, daily_loss, drawdown,
            loss_streak, warn_share
        ],
        larger is stricter: [market_reserve, buying_power_buffer, duplicate_window_nanos],
        judged apart: [adv_share, liquidity_days, margin, message_rate, loop_rate]
    )
    .or_else(|| looser_option("adv_share", old.adv_share, new.adv_share))
    .or_else(|| looser_option("liquidity_days", old.liquidity_days, new.liquidity_days))
    .or_else(|| looser_margin(&old.margin, &new.margin))
    .or_else(|| looser_rate("message_rate", old.message_rate, new.message_rate))
    .or_else(|| looser_rate("loop_rate", old.loop_rate, new.loop_rate))
}

/// No limit is the loosest.
fn looser_option(
    limit: &'static str,
    old: Option<Rate>,
    new: Option<Rate>,
) -> Option<&'static str> {
    let looser = match (new, old) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(new), Some(old)) => new > old,
    };
    looser.then_some(limit)
}

fn looser_margin(old: &MarginRates, new: &MarginRates) -> Option<&'static str> {
    first_looser_figure!(
        MarginRates, old, new,
        smaller is stricter: [],
        larger is stricter: [initial, long_maintenance, short_maintenance, minimum_equity],
        judged apart: []
    )
}

fn looser_rate(limit: &'static str, old: RateLimit, new: RateLimit) -> Option<&'static str> {
    (new.count > old.count || new.window_nanos < old.window_nanos).then_some(limit)
}
