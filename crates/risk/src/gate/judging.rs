//! Judging: what is computed once for a proposal, and the list of all checks that read it.

use trader_broker::{Assessment, Proposal, Snapshot};
use trader_domain::{NANOS_PER_DAY, Side, Timestamp};

use super::Gate;
use crate::checks::{
    View, day_trading, exposure, flow, funds, market, options, short_sale, size, state, terms,
};
use crate::day_trading::DayTradingRule;
use crate::exposure::{Coverage, Others, Own, Scan};
use crate::judge::Sizes;
use crate::ledger::{Ledger, Totals};
use crate::options::{OptionBook, contract, leg_units};
use crate::subject::Subject;

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
            || others.is_some_and(|others| others.options)
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

    pub(super) fn others(&self, subject: &Subject<'_>, snapshot: &Snapshot<'_>) -> Option<Others> {
        let (sector, industry) = subject
            .instrument
            .map_or((None, None), |found| (found.sector, found.industry));
        let scan = Scan {
            snapshot,
            ledger: &self.ledger,
            except: Some(subject.id_of_instrument),
            sector,
            industry,
            margin: self.margin,
        };
        Others::sum(scan, &self.active)
    }

    /// The account's options; `None` when there are more than can be judged. The book is large:
    /// only orders of accounts with options pay for it.
    #[inline(never)]
    pub(super) fn option_book<'a>(
        &'a self,
        others: Option<&Others>,
        snapshot: &'a Snapshot<'a>,
    ) -> Option<OptionBook<'a>> {
        let level = self.limits.option_level;
        if others.is_some_and(|others| others.list == Coverage::Active) {
            let active = self.active.iter().copied();
            OptionBook::new(snapshot, &self.ledger, level, active)
        } else {
            let held = snapshot.instruments.iter().map(|(id, _)| id).filter(|&id| {
                let holding = snapshot.holding(id);
                holding.is_some_and(|holding| !holding.quantity.is_zero())
                    || self.ledger.load(id).orders > 0
            });
            OptionBook::new(snapshot, &self.ledger, level, held)
        }
    }

    /// Judges an order where options are concerned.
    #[inline(never)]
    pub(super) fn assess_with_options(
        &self,
        subject: &Subject<'_>,
        others: Option<Others>,
        snapshot: &Snapshot<'_>,
        into: &mut Assessment,
    ) {
        let book = self.option_book(others.as_ref(), snapshot);
        let mut view = self.view(subject, others, book.as_ref(), snapshot);
        if book.is_none() {
            // Where the options cannot be judged, nothing that rests on them can.
            (view.others, view.own) = (None, None);
        }
        self.assess_view(&view, into);
    }

    pub(super) fn view<'a>(
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
        let own = Own::with(subject, book, subject.open.units());
        View {
            limits: &self.limits,
            margin: self.margin,
            snapshot,
            subject,
            sizes: Sizes {
                open: subject.open.units(),
                lot: subject.lot,
                filled: subject.filled.units(),
                reducing: reducing(subject, snapshot, &self.ledger),
                reserved: subject.reserved_already(),
            },
            others,
            own,
            options: book,
            elsewhere,
            equity: (account.unpriced_positions == 0).then(|| account.equity.units()),
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
    pub(super) fn may_open(&self, subject: &Subject<'_>) -> u32 {
        let count = self
            .active
            .iter()
            .filter(|&&id| {
                id != subject.id_of_instrument
                    && self.ledger.load(id).orders > 0
                    && !self.day_trades.opened_today(id)
            })
            .count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    pub(super) fn assess_view(&self, view: &View<'_>, into: &mut Assessment) {
        into.push(terms::quantity_positive(view));
        into.push(terms::price_positive(view));
        into.push(terms::tick(view));
        into.push(terms::lot(view));
        into.push(terms::tradable(view));
        into.push(terms::session_open(view));
        into.push(terms::order_terms(view));
        into.push(terms::reduce_only(view));
        into.push(market::snapshot_fresh(view));
        into.push(market::reference_present(view));
        into.push(market::reference_fresh(view));
        into.push(market::quote_not_crossed(view));
        into.push(market::price_collar(view));
        into.push(market::luld_band(view));
        into.push(market::not_halted(view));
        into.push(size::max_quantity(view));
        into.push(size::max_notional(view));
        into.push(size::adv_share(view));
        into.push(funds::buying_power(view));
        into.push(funds::settled_cash(view));
        into.push(funds::initial_margin(view));
        into.push(funds::maintenance_margin(view));
        into.push(funds::minimum_equity(view));
        into.push(day_trading::day_trading(
            view,
            self.day_trading_rule(view.snapshot.now),
            &self.day_trades,
            self.may_open(view.subject),
        ));
        into.push(options::option_level(view));
        into.push(exposure::position_weight(view));
        into.push(exposure::utilisation(view));
        into.push(exposure::max_positions(view));
        into.push(exposure::gross_leverage(view));
        into.push(exposure::net_leverage(view));
        into.push(exposure::sector_weight(view));
        into.push(exposure::industry_weight(view));
        into.push(size::liquidity(view));
        into.push(short_sale::shortable(view));
        into.push(short_sale::locate(view, &self.locates));
        into.push(short_sale::price_test(view));
        into.push(flow::duplicate(view, &self.flow));
        into.push(flow::message_rate(view, &self.flow));
        into.push(flow::loop_throttle(view, &self.flow));
        into.push(size::open_orders(view));
        into.push(flow::cancel_ratio(view, &self.flow));
        into.push(flow::parent_child(view, &self.parents));
        into.push(size::basket_notional(view));
        into.push(state::trading_state(
            view,
            self.halt.effective(),
            self.ledger.fault(),
        ));
        into.push(state::daily_loss(view));
        into.push(state::drawdown(view));
        into.push(state::loss_streak(view));
    }
}

/// How much of the order only takes from the position, given the other working orders.
fn reducing(subject: &Subject<'_>, snapshot: &Snapshot<'_>, ledger: &Ledger) -> i64 {
    if subject.is_package() {
        return closing_packages(subject, snapshot, ledger);
    }
    let Some(base) = subject.base else { return 0 };
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
