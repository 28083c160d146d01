//! Judging: what is computed once for a proposal, and the list of all checks that read it.

use trader_broker::{Assessment, CheckId, Proposal, Snapshot};
use trader_domain::{NANOS_PER_DAY, Side, Timestamp};

use super::Gate;
use crate::checks::{
    Before, View, day_trading, exposure, flow, funds, market, options, short_sale, size, state,
    terms,
};
use crate::day_trading::DayTradingRule;
use crate::judge::Sizes;
use crate::ledger::{Ledger, Totals};
use crate::options::{OptionBook, contract, leg_units};
use crate::subject::Subject;
use crate::sums::{Basis, Except, Others};

impl Gate {
    /// Runs every check and records every one.
    pub(super) fn judge(
        &self,
        proposal: Proposal<'_>,
        snapshot: &Snapshot<'_>,
        into: &mut Assessment,
    ) {
        let subject = self.subject(proposal, snapshot);
        let others = self.others(&subject, snapshot);
        let options = subject.is_package()
            || others.is_some_and(|others| others.options > 0)
            || subject
                .instrument
                .is_some_and(|found| contract(found).is_some());
        if options {
            self.assess_with_options(&subject, others, snapshot, into);
        } else {
            let view = self.view(&subject, others, None, snapshot);
            self.assess_view(&view, into);
        }
    }

    pub(super) fn subject<'a>(
        &self,
        proposal: Proposal<'a>,
        snapshot: &'a Snapshot<'a>,
    ) -> Subject<'a> {
        Subject::new(
            proposal,
            snapshot,
            &self.ledger,
            self.limits.reference_age_nanos,
            self.limits.market_reserve,
        )
    }

    pub(super) const fn basis(&self, snapshot: &Snapshot<'_>) -> Basis {
        Basis {
            account: snapshot.account.kind,
            margin: self.margin,
        }
    }

    fn others(&self, subject: &Subject<'_>, snapshot: &Snapshot<'_>) -> Option<Others> {
        let (sector, industry) = subject
            .instrument
            .map_or((None, None), |found| (found.sector, found.industry));
        let except = Except {
            instrument: subject.id_of_instrument,
            sector,
            industry,
        };
        self.sums
            .others(snapshot, &self.ledger, self.basis(snapshot), except)
    }

    /// The account's options; `None` when there are more than can be judged. The book is large:
    /// only orders of accounts with options pay for it.
    #[inline(never)]
    pub(super) fn option_book<'a>(&'a self, snapshot: &'a Snapshot<'a>) -> Option<OptionBook<'a>> {
        let held = snapshot.instruments.iter().map(|(id, _)| id).filter(|&id| {
            let holding = snapshot.holding(id);
            holding.is_some_and(|holding| !holding.quantity.is_zero())
                || self.ledger.load(id).orders > 0
        });
        OptionBook::new(snapshot, &self.ledger, self.limits.option_level, held)
    }

    /// Judges an order where options are concerned.
    #[inline(never)]
    fn assess_with_options(
        &self,
        subject: &Subject<'_>,
        others: Option<Others>,
        snapshot: &Snapshot<'_>,
        into: &mut Assessment,
    ) {
        let book = self.option_book(snapshot);
        let mut view = self.view(subject, others, book.as_ref(), snapshot);
        if book.is_none() {
            // Where the options cannot be judged, nothing that rests on them can.
            (view.before.others, view.whole) = (None, None);
        }
        self.assess_view(&view, into);
    }

    fn view<'a>(
        &'a self,
        subject: &'a Subject<'a>,
        others: Option<Others>,
        book: Option<&'a OptionBook<'a>>,
        snapshot: &'a Snapshot<'a>,
    ) -> View<'a> {
        let here = self.ledger.load(subject.id_of_instrument);
        let totals = self.ledger.totals();
        let elsewhere = Totals {
            buys: totals.buys.saturating_sub(here.buy.notional),
            sells: totals.sells.saturating_sub(here.sell.notional),
            cost: totals.cost.saturating_sub(here.buy.cost),
            slippage: totals
                .slippage
                .saturating_sub(here.buy.slippage)
                .saturating_sub(here.sell.slippage),
            ..*totals
        };
        let account = snapshot.account;
        let before = Before {
            margin: self.margin,
            others,
            options: book,
            elsewhere,
            equity: (account.unpriced_positions == 0).then(|| account.equity.units()),
        };
        View {
            limits: &self.limits,
            snapshot,
            subject,
            sizes: Sizes {
                open: subject.open.units(),
                lot: subject.lot,
                filled: subject.filled.units(),
                reducing: reducing(subject, snapshot, &self.ledger).max(subject.lowered),
                lowered: subject.lowered,
                reserved: subject.reserved_already(),
            },
            whole: before.with(subject, account.kind, subject.open.units()),
            before,
        }
    }

    /// The rule of the day; before the first day was seen to begin, of the UTC date.
    pub(super) fn day_trading_rule(&self, now: Timestamp) -> DayTradingRule {
        let day = self.day_trades.day().unwrap_or_else(|| {
            i32::try_from(now.nanos().div_euclid(NANOS_PER_DAY)).unwrap_or(i32::MAX)
        });
        self.schedule.rule_on(day)
    }

    /// Other instruments with a working order that were not opened today: each may add a day trade.
    fn may_open(&self, view: &View<'_>) -> u32 {
        let instruments = view.snapshot.instruments.iter();
        let count = instruments
            .filter(|&(id, _)| {
                id != view.subject.id_of_instrument
                    && self.ledger.load(id).orders > 0
                    && !self.day_trades.opened_today(id)
            })
            .count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    fn assess_view(&self, view: &View<'_>, into: &mut Assessment) {
        terms::quantity_positive(view, into);
        terms::price_positive(view, into);
        terms::tick(view, into);
        terms::lot(view, into);
        terms::tradable(view, into);
        terms::session_open(view, into);
        terms::order_terms(view, into);
        terms::reduce_only(view, into);
        market::snapshot_fresh(view, into);
        market::reference_present(view, into);
        market::reference_fresh(view, into);
        market::quote_not_crossed(view, into);
        market::price_collar(view, into);
        market::luld_band(view, into);
        market::not_halted(view, into);
        size::max_quantity(view, into);
        size::max_notional(view, into);
        size::adv_share(view, into);
        funds::buying_power(view, into);
        funds::settled_cash(view, into);
        funds::initial_margin(view, into);
        funds::maintenance_margin(view, into);
        funds::minimum_equity(view, into);
        let rule = self.day_trading_rule(view.snapshot.now);
        day_trading::day_trading(view, into, rule, &self.day_trades, || self.may_open(view));
        options::option_level(view, into);
        exposure::position_weight(view, into);
        exposure::utilisation(view, into);
        exposure::max_positions(view, into);
        exposure::gross_leverage(view, into);
        exposure::net_leverage(view, into);
        exposure::sector_weight(view, into);
        exposure::industry_weight(view, into);
        size::liquidity(view, into);
        let short = short_sale::short_part(view);
        short_sale::shortable(view, into, short);
        short_sale::locate(view, into, short, &self.locates);
        short_sale::price_test(view, into, short);
        flow::duplicate(view, into, &self.flow);
        flow::message_rate(view, into, &self.flow);
        flow::loop_throttle(view, into, &self.flow);
        size::open_orders(view, into);
        flow::cancel_ratio(view, into, &self.flow);
        flow::parent_child(view, into, &self.parents);
        size::basket_notional(view, into);
        let state = self.halt.effective();
        state::trading_state(view, into, state, self.ledger.fault());
        state::daily_loss(view, into);
        state::drawdown(view, into);
        state::loss_streak(view, into);
        if view.only_lowers() {
            into.relieve(&[CheckId::QuantityPositive, CheckId::Lot]);
        }
    }
}

/// How much of the order only takes from the position, given the other working orders.
fn reducing(subject: &Subject<'_>, snapshot: &Snapshot<'_>, ledger: &Ledger) -> i64 {
    if subject.is_package() {
        return closing_packages(subject, snapshot, ledger);
    }
    let Some(base) = &subject.base else {
        return 0;
    };
    let held = subject.holding.quantity.units();
    let (opposite, working) = match subject.side {
        Side::Buy => (-held, base.buy.quantity),
        Side::Sell => (held, base.sell.quantity),
    };
    opposite.saturating_sub(working).max(0)
}

/// A package reduces when every leg does and no leg is being traded otherwise.
fn closing_packages(subject: &Subject<'_>, snapshot: &Snapshot<'_>, ledger: &Ledger) -> i64 {
    let open = subject.open.units();
    let closes = subject.request.legs.iter().all(|leg| {
        let held = snapshot
            .holding(leg.instrument)
            .map_or(0, |holding| holding.quantity.units());
        leg_units(subject.side, leg.side, leg.ratio, open).is_some_and(|traded| {
            ledger.load(leg.instrument).orders == 0
                && held.signum() == -traded.signum()
                && traded.saturating_abs() <= held.saturating_abs()
        })
    });
    if closes { open } else { 0 }
}
