//! [`OrderLife`]: the life cycle of one order, as a value that broker reports are applied to.
//!
//! The core's order manager and the simulated exchange keep one per order. It stores facts (sent,
//! accepted, how much traded, how it ended, what is being asked for) and derives the
//! [`OrderStatus`] from them, so that reports which come late, twice or out of order lead to the
//! same state as reports in order:
//!
//! - a fill always counts: before the acceptance, after a cancellation, beyond the ordered
//!   quantity. The shares are real, whatever state we thought the order was in;
//! - the first end (cancelled, expired, rejected) is kept, everything later is absorbed;
//! - a refused cancellation or replacement returns to the state before, because that state was
//!   never overwritten.
//!
//! A fill carries no memory of itself: the caller asks its [`crate::ExecutionRegister`] whether an
//! execution is new *before* applying it. The same register answers what a bust has to take back
//! ([`OrderLife::bust`]).

use crate::money::{Money, MoneyError, Price, Quantity, Rounding};
use crate::order::{
    Applied, CancelCause, CancelStep, Fill, IgnoredReport, Leg, OrderEnd, OrderStateError,
    OrderStatus, ReplaceRequest, ReportKind, Side,
};

/// The most legs that one order can have.
pub const MAX_LEGS: usize = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Contact {
    /// Not sent.
    None,
    /// Sent.
    Sent,
    /// The broker works it.
    Accepted,
    /// The broker holds it back.
    Suspended,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct LegFills {
    /// Units of the leg for one unit of the order; zero means that there is no such leg.
    ratio: u16,
    side: Side,
    filled: Quantity,
}

impl LegFills {
    const NONE: Self = Self {
        ratio: 0,
        side: Side::Buy,
        filled: Quantity::ZERO,
    };
}

/// One order's life so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderLife {
    ordered: Quantity,
    legs: [LegFills; MAX_LEGS],
    value: Money,
    contact: Contact,
    end: Option<OrderEnd>,
    cancel_pending: bool,
    replace_pending: Option<ReplaceRequest>,
    /// The replacement in force, to know a duplicate of its confirmation.
    terms: Option<ReplaceRequest>,
}

impl OrderLife {
    /// An order of one instrument, not sent yet.
    ///
    /// # Errors
    /// [`OrderStateError::QuantityNotPositive`].
    pub fn new(quantity: Quantity) -> Result<Self, OrderStateError> {
        Self::with_ratios(
            quantity,
            std::iter::once(LegFills {
                ratio: 1,
                ..LegFills::NONE
            }),
        )
    }

    /// A multi-leg order, not sent yet. An empty slice is an order of one instrument.
    ///
    /// # Errors
    /// [`OrderStateError::QuantityNotPositive`], [`OrderStateError::BadLegs`].
    pub fn with_legs(quantity: Quantity, legs: &[Leg]) -> Result<Self, OrderStateError> {
        if legs.is_empty() {
            return Self::new(quantity);
        }
        Self::with_ratios(
            quantity,
            legs.iter().map(|leg| LegFills {
                ratio: leg.ratio,
                side: leg.side,
                filled: Quantity::ZERO,
            }),
        )
    }

    fn with_ratios(
        quantity: Quantity,
        legs: impl Iterator<Item = LegFills>,
    ) -> Result<Self, OrderStateError> {
        if !quantity.is_positive() {
            return Err(OrderStateError::QuantityNotPositive(quantity));
        }
        let mut table = [LegFills::NONE; MAX_LEGS];
        let mut places = table.iter_mut();
        for leg in legs {
            let place = places.next().ok_or(OrderStateError::BadLegs)?;
            if leg.ratio == 0 {
                return Err(OrderStateError::BadLegs);
            }
            *place = leg;
        }
        Ok(Self {
            ordered: quantity,
            legs: table,
            value: Money::ZERO,
            contact: Contact::None,
            end: None,
            cancel_pending: false,
            replace_pending: None,
            terms: None,
        })
    }

    /// The order goes out to the broker.
    ///
    /// # Errors
    /// [`OrderStateError::AlreadySent`], [`OrderStateError::AlreadyDone`].
    pub fn sent(&mut self) -> Result<(), OrderStateError> {
        if self.is_terminal() {
            return Err(OrderStateError::AlreadyDone(self.status()));
        }
        if self.contact != Contact::None {
            return Err(OrderStateError::AlreadySent(self.status()));
        }
        self.contact = Contact::Sent;
        Ok(())
    }

    /// We want it cancelled. Allowed in every state that is not terminal, also while a
    /// replacement is on its way: getting out must never have to wait.
    ///
    /// # Errors
    /// [`OrderStateError::AlreadyDone`].
    pub fn cancel_requested(&mut self) -> Result<CancelStep, OrderStateError> {
        let status = self.status();
        if status.is_terminal() {
            return Err(OrderStateError::AlreadyDone(status));
        }
        if self.contact == Contact::None {
            self.end = Some(OrderEnd::Canceled(CancelCause::Requested));
            return Ok(CancelStep::DoneLocally);
        }
        if self.cancel_pending {
            return Ok(CancelStep::AlreadyPending);
        }
        self.cancel_pending = true;
        Ok(CancelStep::AwaitBroker)
    }

    /// We want new terms; they are in force when the broker says so.
    ///
    /// # Errors
    /// [`OrderStateError::AlreadyDone`], [`OrderStateError::NotSent`],
    /// [`OrderStateError::ChangePending`], [`OrderStateError::QuantityNotPositive`],
    /// [`OrderStateError::ReplaceBelowFilled`].
    pub fn replace_requested(&mut self, request: ReplaceRequest) -> Result<(), OrderStateError> {
        let status = self.status();
        if status.is_terminal() {
            return Err(OrderStateError::AlreadyDone(status));
        }
        if self.contact == Contact::None {
            return Err(OrderStateError::NotSent);
        }
        if self.cancel_pending || self.replace_pending.is_some() {
            return Err(OrderStateError::ChangePending(status));
        }
        if !request.quantity.is_positive() {
            return Err(OrderStateError::QuantityNotPositive(request.quantity));
        }
        let filled = self.most_filled();
        if request.quantity < filled {
            return Err(OrderStateError::ReplaceBelowFilled {
                asked: request.quantity,
                filled,
            });
        }
        self.replace_pending = Some(request);
        Ok(())
    }

    /// Applies what a broker (or, for an order that was never sent, our own gate) reports.
    ///
    /// # Errors
    /// [`OrderStateError`]; the order is unchanged then.
    pub fn apply(&mut self, report: &ReportKind) -> Result<Applied, OrderStateError> {
        match *report {
            ReportKind::Rejected(reason) => Ok(self.ended(OrderEnd::Rejected(reason))),
            ReportKind::Canceled(cause) => Ok(self.ended(OrderEnd::Canceled(cause))),
            ReportKind::Expired => Ok(self.ended(OrderEnd::Expired)),
            _ if self.contact == Contact::None && self.end.is_none() => {
                Err(OrderStateError::NotSent)
            }
            ReportKind::Filled(ref fill) => self.fill(fill),
            ReportKind::Busted { execution } => Err(OrderStateError::BustNeedsExecution(execution)),
            ReportKind::CancelRejected(_) => Ok(refused(
                std::mem::take(&mut self.cancel_pending),
                Applied::CancelRefused,
            )),
            ReportKind::ReplaceRejected(_) => Ok(refused(
                self.replace_pending.take().is_some(),
                Applied::ReplaceRefused,
            )),
            _ if self.end.is_some() => Ok(Applied::Ignored {
                why: IgnoredReport::AlreadyDone,
            }),
            ReportKind::Accepted { .. } => Ok(self.contact(Contact::Accepted, Applied::Accepted)),
            ReportKind::Suspended => Ok(self.contact(Contact::Suspended, Applied::Suspended)),
            ReportKind::Replaced(ref terms) => self.replace(terms),
        }
    }

    /// The venue itself changed the terms, without our asking: an OCO sibling traded, or a corporate
    /// action adjusted the order. Whether the report is newer than the terms in force, the caller
    /// knows.
    ///
    /// # Errors
    /// [`OrderStateError::QuantityNotPositive`], [`OrderStateError::ReplaceBelowFilled`].
    pub fn changed_by_venue(&mut self, terms: ReplaceRequest) -> Result<Applied, OrderStateError> {
        if self.is_terminal() {
            return Ok(Applied::Ignored {
                why: IgnoredReport::AlreadyDone,
            });
        }
        if !terms.quantity.is_positive() {
            return Err(OrderStateError::QuantityNotPositive(terms.quantity));
        }
        let filled = self.most_filled();
        if terms.quantity < filled {
            return Err(OrderStateError::ReplaceBelowFilled {
                asked: terms.quantity,
                filled,
            });
        }
        self.ordered = terms.quantity;
        self.terms = Some(terms);
        Ok(Applied::Replaced)
    }

    /// Takes an execution back that the venue has cancelled. Whether it was applied, and what it
    /// traded, the caller has from its [`crate::ExecutionRegister`].
    ///
    /// An order that was done because it traded whole works again (FIX 4.4 appendix D, scenario
    /// F.1: the leaves come back with the bust): until the broker says that it is done we have to
    /// count with it. An order that was cancelled, expired or rejected stays so.
    ///
    /// # Errors
    /// [`OrderStateError::BustAboveFilled`], [`OrderStateError::UnknownLeg`],
    /// [`OrderStateError::FillNotPositive`], [`OrderStateError::Money`].
    pub fn bust(
        &mut self,
        leg: u8,
        quantity: Quantity,
        price: Price,
    ) -> Result<Applied, OrderStateError> {
        let (place, value) = self.traded(leg, quantity, price)?;
        let filled = place.filled;
        if quantity > filled {
            return Err(OrderStateError::BustAboveFilled {
                busted: quantity,
                filled,
            });
        }
        let left = filled.checked_sub(quantity)?;
        self.value = self.value.checked_sub(value)?;
        self.set_filled(leg, left);
        Ok(Applied::Busted)
    }

    fn fill(&mut self, fill: &Fill) -> Result<Applied, OrderStateError> {
        let (place, value) = self.traded(fill.leg, fill.quantity, fill.price)?;
        let filled = place.filled.checked_add(fill.quantity)?;
        self.value = self.value.checked_add(value)?;
        self.set_filled(fill.leg, filled);
        let most = self.most_filled();
        Ok(if most > self.ordered {
            Applied::OverFill {
                excess: most.checked_sub(self.ordered)?,
            }
        } else if self.end.is_some() {
            Applied::LateFill
        } else if self.is_terminal() {
            Applied::Filled
        } else {
            Applied::PartFilled
        })
    }

    /// The leg traded and the signed value of the trade.
    fn traded(
        &self,
        leg: u8,
        quantity: Quantity,
        price: Price,
    ) -> Result<(LegFills, Money), OrderStateError> {
        if !quantity.is_positive() {
            return Err(OrderStateError::FillNotPositive(quantity));
        }
        let place = self
            .legs
            .get(usize::from(leg))
            .copied()
            .filter(|place| place.ratio > 0)
            .ok_or(OrderStateError::UnknownLeg(leg))?;
        let value = price.notional(quantity);
        Ok(match place.side {
            Side::Buy => (place, value),
            Side::Sell => (place, value.negated()),
        })
    }

    fn set_filled(&mut self, leg: u8, filled: Quantity) {
        if let Some(place) = self.legs.get_mut(usize::from(leg)) {
            place.filled = filled;
        }
    }

    fn ended(&mut self, end: OrderEnd) -> Applied {
        let was_done = self.is_terminal();
        if self.end.is_some() {
            return Applied::Ignored {
                why: IgnoredReport::AlreadyDone,
            };
        }
        // Kept also when the order has traded whole: should an execution be busted later, the
        // order must not come back to life.
        self.end = Some(end);
        self.cancel_pending = false;
        self.replace_pending = None;
        if was_done {
            return Applied::Ignored {
                why: IgnoredReport::AlreadyDone,
            };
        }
        Applied::Done
    }

    fn contact(&mut self, contact: Contact, applied: Applied) -> Applied {
        if self.contact == contact {
            return Applied::Ignored {
                why: IgnoredReport::Duplicate,
            };
        }
        // Also kept when the order has traded whole, for the case that a bust revives it.
        self.contact = contact;
        if self.is_terminal() {
            return Applied::Ignored {
                why: IgnoredReport::AlreadyDone,
            };
        }
        applied
    }

    fn replace(&mut self, terms: &ReplaceRequest) -> Result<Applied, OrderStateError> {
        if self.replace_pending.as_ref() == Some(terms) {
            self.replace_pending = None;
            self.ordered = terms.quantity;
            self.terms = Some(*terms);
            self.contact = Contact::Accepted;
            return Ok(Applied::Replaced);
        }
        if self.terms.as_ref() == Some(terms) {
            return Ok(Applied::Ignored {
                why: IgnoredReport::Duplicate,
            });
        }
        Err(OrderStateError::UnexpectedReplace {
            reported: terms.quantity,
        })
    }

    /// Where the order stands.
    pub fn status(&self) -> OrderStatus {
        if self.is_whole() {
            if !self.asks_for_more() {
                return OrderStatus::Filled;
            }
            return if self.cancel_pending {
                OrderStatus::PendingCancel
            } else {
                OrderStatus::PendingReplace
            };
        }
        match self.end {
            Some(OrderEnd::Canceled(_)) => return OrderStatus::Canceled,
            Some(OrderEnd::Expired) => return OrderStatus::Expired,
            Some(OrderEnd::Rejected(_)) => return OrderStatus::Rejected,
            None => {}
        }
        if self.cancel_pending {
            return OrderStatus::PendingCancel;
        }
        if self.replace_pending.is_some() {
            return OrderStatus::PendingReplace;
        }
        let traded = self.legs.iter().any(|leg| leg.filled.is_positive());
        match self.contact {
            Contact::None => OrderStatus::Created,
            Contact::Suspended => OrderStatus::Suspended,
            Contact::Sent | Contact::Accepted if traded => OrderStatus::PartiallyFilled,
            Contact::Sent => OrderStatus::PendingNew,
            Contact::Accepted if self.terms.is_some() => OrderStatus::Replaced,
            Contact::Accepted => OrderStatus::Accepted,
        }
    }

    /// How it ended, when it ended other than by trading whole.
    pub const fn end(&self) -> Option<OrderEnd> {
        self.end
    }

    /// The total quantity asked for, after replacements.
    #[inline]
    pub const fn ordered(&self) -> Quantity {
        self.ordered
    }

    /// What has traded. For a multi-leg order, whole order units: the least complete leg, rounded
    /// down to 10⁻⁹.
    #[inline]
    pub fn filled(&self) -> Quantity {
        if let [only, none, ..] = &self.legs
            && only.ratio == 1
            && none.ratio == 0
        {
            return only.filled;
        }
        self.units_filled(Rounding::TowardsZero)
            .min()
            .unwrap_or(Quantity::ZERO)
    }

    /// What has traded of one leg, in units of the leg's instrument; zero for a leg that is not there.
    pub fn leg_filled(&self, leg: u8) -> Quantity {
        self.legs
            .get(usize::from(leg))
            .map_or(Quantity::ZERO, |place| place.filled)
    }

    /// What can still trade: nothing once the order is done.
    #[inline]
    pub fn leaves(&self) -> Quantity {
        self.leaves_when(self.status())
    }

    /// As [`Self::leaves`], where [`Self::status`] has been asked already.
    #[inline]
    pub fn leaves_when(&self, status: OrderStatus) -> Quantity {
        if status.is_terminal() {
            return Quantity::ZERO;
        }
        self.ordered
            .checked_sub(self.filled())
            .ok()
            .filter(|left| left.is_positive())
            .unwrap_or(Quantity::ZERO)
    }

    /// Σ price × quantity of what has traded, exact, without the contract multiplier. For a
    /// multi-leg order, the net of buying it: legs that are sold count negative.
    #[inline]
    pub const fn filled_value(&self) -> Money {
        self.value
    }

    /// The average price of what has traded, rounded half-even; `None` while nothing has.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] where unbalanced legs leave the range of a price.
    pub fn average_price(&self) -> Result<Option<Price>, MoneyError> {
        let filled = self.filled();
        if filled.is_zero() {
            return Ok(None);
        }
        self.value.per_unit(filled, Rounding::HalfEven).map(Some)
    }

    /// The terms of the last replacement in force; `None` when the original terms are.
    pub const fn replaced_terms(&self) -> Option<&ReplaceRequest> {
        self.terms.as_ref()
    }

    /// The replacement on its way, if there is one.
    pub const fn pending_replace(&self) -> Option<&ReplaceRequest> {
        self.replace_pending.as_ref()
    }

    /// Whether nothing but a late fill or a bust can change it any more.
    #[inline]
    pub fn is_terminal(&self) -> bool {
        if self.is_whole() {
            !self.asks_for_more()
        } else {
            self.end.is_some()
        }
    }

    /// Whether it may be live at a broker: sent and not done.
    #[inline]
    pub fn is_working(&self) -> bool {
        self.status().is_working()
    }

    #[inline]
    fn is_whole(&self) -> bool {
        self.filled() >= self.ordered
    }

    /// Whether a larger quantity is on its way: it may have been accepted before the last fill.
    #[inline]
    fn asks_for_more(&self) -> bool {
        self.end.is_none()
            && self
                .replace_pending
                .is_some_and(|asked| asked.quantity > self.ordered)
    }

    /// The most complete leg in order units, rounded up: no leg can be replaced below it.
    fn most_filled(&self) -> Quantity {
        if let [only, none, ..] = &self.legs
            && only.ratio == 1
            && none.ratio == 0
        {
            return only.filled;
        }
        self.units_filled(Rounding::Ceiling)
            .max()
            .unwrap_or(Quantity::ZERO)
    }

    fn units_filled(&self, rounding: Rounding) -> impl Iterator<Item = Quantity> {
        self.legs
            .iter()
            .take_while(|leg| leg.ratio > 0)
            .map(move |leg| {
                if leg.ratio == 1 {
                    return leg.filled;
                }
                // Dividing by a positive ratio can neither overflow nor divide by zero.
                leg.filled
                    .scale(1, i64::from(leg.ratio), rounding)
                    .unwrap_or(leg.filled)
            })
    }
}

fn refused(was_pending: bool, applied: Applied) -> Applied {
    if was_pending {
        applied
    } else {
        Applied::Ignored {
            why: IgnoredReport::NothingPending,
        }
    }
}
