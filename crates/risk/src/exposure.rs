//! Worst-case exposure: what positions and working orders can become together.
//!
//! [`Exposure`] is that of one instrument ([`crate::sums`] adds them up); [`Own`] gives the
//! proposal's instrument as a function of the quantity. All figures are in units of 10⁻¹⁸ and never
//! decrease with the quantity, which is what lets [`crate::judge`] find the largest passing quantity
//! by bisection.

use trader_broker::{AccountKind, Holding};
use trader_domain::{AssetClass, Instrument, OptionRight, Price, Side};

use crate::judge::product;
use crate::ledger::{InstrumentLoad, SideLoad};
use crate::limits::MarginRates;
use crate::options::{Obligation, OptionBook, contract};
use crate::subject::Subject;

/// Basis points of one.
const BPS: i128 = crate::checks::BPS as i128;
/// Units of 10⁻⁹ in a basis point.
const RATE_UNITS_A_BPS: i64 = 100_000;
const FIVE_DOLLARS: i128 = Price::whole(5).units() as i128;
const TWO_FIFTY: i128 = FIVE_DOLLARS / 2;

/// Margin rates as whole basis points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MarginBps {
    initial: i128,
    long: i128,
    short: i128,
}

impl MarginBps {
    /// From validated rates.
    pub(crate) fn new(rates: &MarginRates) -> Self {
        let bps = |rate: trader_domain::Rate| i128::from(rate.units() / RATE_UNITS_A_BPS);
        Self {
            initial: bps(rates.initial),
            long: bps(rates.long_maintenance),
            short: bps(rates.short_maintenance),
        }
    }
}

/// What one instrument can become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Exposure {
    /// Largest value long.
    pub(crate) long: i128,
    /// Largest value short.
    pub(crate) short: i128,
    /// Largest quantity short, units of 10⁻⁹ times the multiplier.
    pub(crate) short_units: i128,
}

impl Exposure {
    /// From a holding and the loads of both sides; `None` when a product does not fit.
    pub(crate) fn of(
        quantity: i64,
        value: i128,
        multiplier: i64,
        buy: &SideLoad,
        sell: &SideLoad,
    ) -> Option<Self> {
        let mut exposure = Self::default();
        if quantity >= 0 {
            exposure.long = value.max(0).checked_add(buy.notional)?;
            let flipped = sell.quantity.checked_sub(quantity)?;
            if flipped > 0 {
                exposure.short = beyond(flipped, sell)?;
                exposure.short_units = i128::from(flipped).checked_mul(i128::from(multiplier))?;
            }
        } else {
            let flipped = buy.quantity.checked_add(quantity)?;
            if flipped > 0 {
                exposure.long = beyond(flipped, buy)?;
            }
            exposure.short = value.min(0).checked_neg()?.checked_add(sell.notional)?;
            let units = sell.quantity.checked_sub(quantity)?;
            exposure.short_units = i128::from(units).checked_mul(i128::from(multiplier))?;
        }
        Some(exposure)
    }

    /// A written put weighs what its strike obliges to buy, not what it is worth today.
    fn as_held(mut self, instrument: &Instrument) -> Option<Self> {
        if self.short_units > 0
            && let Some(contract) = contract(instrument)
            && contract.right == OptionRight::Put
        {
            let strike = i128::from(contract.strike.units());
            self.short = self.short.max(self.short_units.checked_mul(strike)?);
        }
        Some(self)
    }

    /// The larger of both directions: a position ends on one side.
    pub(crate) fn gross(&self) -> i128 {
        self.long.max(self.short)
    }

    /// Initial requirement in hundredths of a percent: Regulation T on margin, in full otherwise.
    pub(crate) fn initial(&self, credit: Credit, bps: MarginBps) -> Option<i128> {
        let long = product(self.long, credit.rate(bps.initial))?;
        if self.short == 0 || credit == Credit::Option {
            return Some(long);
        }
        let short = product(self.short, bps.initial)?;
        Some(long.max(short).max(self.short_maintenance(bps)?))
    }

    /// Maintenance requirement in hundredths of a percent, FINRA 4210(c).
    pub(crate) fn maintenance(&self, credit: Credit, bps: MarginBps) -> Option<i128> {
        let long = product(self.long, credit.rate(bps.long))?;
        if self.short == 0 || credit == Credit::Option {
            return Some(long);
        }
        Some(long.max(self.short_maintenance(bps)?))
    }

    /// FINRA 4210(c)(2) and (3): below $5 a share the greater of $2.50 a share and the whole value,
    /// at or above $5 the greater of $5 a share and 30 %.
    fn short_maintenance(&self, bps: MarginBps) -> Option<i128> {
        let at_five = self.short_units.checked_mul(FIVE_DOLLARS)?;
        if self.short >= at_five {
            Some(
                at_five
                    .checked_mul(BPS)?
                    .max(self.short.checked_mul(bps.short)?),
            )
        } else {
            self.short_units
                .checked_mul(TWO_FIFTY)?
                .max(self.short)
                .checked_mul(BPS)
        }
    }
}

/// The value of the last `quantity` units of a load, at the highest price in it.
fn beyond(quantity: i64, load: &SideLoad) -> Option<i128> {
    Some(
        i128::from(quantity)
            .checked_mul(load.unit_price)?
            .min(load.notional),
    )
}

/// What is lent on an instrument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Credit {
    /// Nothing: it is paid in full.
    None,
    /// What Regulation T allows.
    Margin,
    /// Nothing on what is bought; what is written is counted as an [`crate::options::Obligation`].
    Option,
}

impl Credit {
    /// What is lent on an instrument in an account of this kind.
    pub(crate) const fn on(instrument: &Instrument, account: AccountKind) -> Self {
        match (&instrument.class, account) {
            (AssetClass::Option(_), _) => Self::Option,
            (_, AccountKind::Margin) if instrument.marginable => Self::Margin,
            _ => Self::None,
        }
    }

    const fn rate(self, margined: i128) -> i128 {
        match self {
            Self::Margin => margined,
            Self::None | Self::Option => BPS,
        }
    }
}

/// What an instrument's position and working orders can become together.
pub(crate) fn exposure_of(
    holding: &Holding,
    load: &InstrumentLoad,
    instrument: &Instrument,
) -> Option<Exposure> {
    Exposure::of(
        holding.quantity.units(),
        holding.market_value.units(),
        i64::from(instrument.multiplier),
        &load.buy,
        &load.sell,
    )?
    .as_held(instrument)
}

/// The proposal's instrument with `open` units of the proposal working.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Own {
    pub(crate) exposure: Exposure,
    pub(crate) buy: SideLoad,
    pub(crate) sell: SideLoad,
    /// What all written options then tie up, units of 10⁻¹⁸.
    pub(crate) obligation: i128,
    /// Written contracts without cover, units of 10⁻⁹.
    pub(crate) naked: i64,
    /// What a package costs beyond that.
    pub(crate) package: i128,
}

impl Own {
    /// `book` is needed where options are concerned.
    pub(crate) fn with(
        subject: &Subject<'_>,
        book: Option<&OptionBook<'_>>,
        open: i64,
    ) -> Option<Self> {
        let base = subject.base.as_ref()?;
        let candidate = subject.candidate(open)?;
        let (mut buy, mut sell) = (base.buy, base.sell);
        match subject.side {
            Side::Buy => buy = buy.plus(candidate)?,
            Side::Sell => sell = sell.plus(candidate)?,
        }
        let mut exposure = Exposure::of(
            subject.holding.quantity.units(),
            subject.holding.market_value.units(),
            subject.multiplier,
            &buy,
            &sell,
        )?;
        if let Some(instrument) = subject.instrument {
            exposure = exposure.as_held(instrument)?;
        }
        let mut own = Self {
            exposure,
            buy,
            sell,
            obligation: 0,
            naked: 0,
            package: 0,
        };
        if let Some(book) = book {
            own.oblige(subject, book, open)?;
        }
        Some(own)
    }

    fn oblige(&mut self, subject: &Subject<'_>, book: &OptionBook<'_>, open: i64) -> Option<()> {
        let worst = if subject.is_package() {
            // It may trade or not: the larger requirement counts.
            let before = book.with_package(subject, 0)?;
            let after = book.with_package(subject, open)?;
            self.package = subject.package_cost(open)?;
            Obligation {
                cash: before.cash.max(after.cash),
                naked: before.naked.max(after.naked),
            }
        } else {
            book.with_sales(subject, self.sell.quantity)?
        };
        self.obligation = worst.cash;
        self.naked = worst.naked;
        Some(())
    }

    /// Whether the instrument is, or may become, a position.
    pub(crate) fn is_position(&self, subject: &Subject<'_>) -> bool {
        !subject.holding.quantity.is_zero() || self.exposure.gross() > 0
    }
}
