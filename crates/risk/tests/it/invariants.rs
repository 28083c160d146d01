//! No sequence of proposals, executions, cancellations, busts and replacements, in any order,
//! exceeds a hard limit: held against a model that keeps a plain list of orders and sums it anew.

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use trader_broker::{AccountKind, GateEvent, Resize, Verdict};
use trader_domain::{
    InstrumentId, Money, OrderKind, OrderRequest, Price, Quantity, Rate, ReplaceRequest, Side,
};
use trader_testkit::Tier;

use crate::world::{World, shares};

const INSTRUMENTS: u32 = 5;
const MAX_POSITIONS: u32 = 3;
const OPEN_ORDERS: usize = 4;
const WEIGHT: i64 = 20;
const GROSS: i64 = 60;
const NET: i64 = 40;
const SECTOR: i64 = 30;
/// Equity at the start; marks do not move, so only executions change it.
const START: Money = Money::whole(1_000_000);

/// One thing that happens.
#[derive(Debug, Clone)]
enum Step {
    Propose {
        instrument: u32,
        side: Side,
        quantity: i32,
        /// Cents from the reference; `None` is a market order.
        limit: Option<i32>,
    },
    /// The pick-th working order trades this share of what is open, this far (in tenths) from the
    /// reference towards the worst price.
    Fill {
        pick: usize,
        tenths: i64,
        worse: i64,
    },
    Cancel {
        pick: usize,
    },
    Replace {
        pick: usize,
        quantity: i32,
        limit: i32,
    },
    /// The broker takes or refuses the oldest replacement.
    Settle {
        accepted: bool,
    },
    /// The latest execution is taken back.
    Bust,
}

fn step() -> impl Strategy<Value = Step> {
    let side = prop_oneof![Just(Side::Buy), Just(Side::Sell)];
    prop_oneof![
        5 => (0..INSTRUMENTS, side, 1..4_000_i32, prop::option::of(-300..300_i32)).prop_map(
            |(instrument, side, quantity, limit)| Step::Propose { instrument, side, quantity, limit }
        ),
        4 => (0..8_usize, 1..=10_i64, 0..=10_i64)
            .prop_map(|(pick, tenths, worse)| Step::Fill { pick, tenths, worse }),
        1 => (0..8_usize).prop_map(|pick| Step::Cancel { pick }),
        2 => (0..8_usize, 1..4_000_i32, -300..300_i32)
            .prop_map(|(pick, quantity, limit)| Step::Replace { pick, quantity, limit }),
        2 => any::<bool>().prop_map(|accepted| Step::Settle { accepted }),
        1 => Just(Step::Bust),
    ]
}

/// A working order as the model sees it.
#[derive(Clone)]
struct Working {
    request: OrderRequest,
    filled: Quantity,
    asked: Option<ReplaceRequest>,
    /// The worst value and cost of its terms.
    worst: Vec<(Quantity, i128, i128)>,
}

impl Working {
    fn open(&self) -> Quantity {
        let total = self
            .worst
            .iter()
            .map(|(total, _, _)| *total)
            .max()
            .unwrap_or(Quantity::ZERO);
        total.checked_sub(self.filled).unwrap().max(Quantity::ZERO)
    }

    /// Largest value of any terms that may be in force.
    fn notional(&self) -> i128 {
        self.largest(|(_, value, _)| *value)
    }

    /// Most cash that any terms may take.
    fn cost(&self) -> i128 {
        self.largest(|(_, _, cost)| *cost)
    }

    fn largest(&self, price: impl Fn(&(Quantity, i128, i128)) -> i128) -> i128 {
        self.worst
            .iter()
            .map(|terms| {
                let open = i128::from(terms.0.units() - self.filled.units()).max(0);
                open * price(terms)
            })
            .max()
            .unwrap_or(0)
    }
}

struct Model {
    world: World,
    orders: Vec<Working>,
    /// Orders that ended because they were filled.
    ended: Vec<Working>,
    last_fill: Option<(OrderRequest, Quantity, Price)>,
    busted: bool,
    /// Whether an order was approved that only takes from a position: such an order may move the
    /// net of the account away from zero.
    reduced: bool,
}

/// Terms with the highest value a unit may have and the most it may cost.
fn worst(
    side: Side,
    quantity: Quantity,
    limit: Option<Price>,
    reference: Price,
) -> (Quantity, i128, i128) {
    let mark = i128::from(reference.units());
    let price = limit.map(|price| i128::from(price.units()));
    match (side, price) {
        (Side::Buy, Some(price)) => (quantity, price.max(mark), price),
        // 5 % above, as the limits below say.
        (Side::Buy, None) => (quantity, mark * 105 / 100, mark * 105 / 100),
        (Side::Sell, price) => (quantity, price.unwrap_or(0).max(mark), 0),
    }
}

impl Model {
    fn new(kind: AccountKind, resize: Resize) -> Self {
        let mut world = World::with(|config| {
            config.resize = resize;
            let limits = &mut config.limits;
            *limits = trader_risk::Limits::research();
            limits.market_reserve = Rate::from_percent(5);
            limits.collar = Rate::from_percent(100);
            limits.position_weight = Rate::from_percent(20);
            limits.gross_leverage = Rate::from_percent(60);
            limits.net_leverage = Rate::from_percent(40);
            limits.sector_weight = Rate::from_percent(30);
            limits.positions = MAX_POSITIONS;
            limits.open_orders = 4;
            limits.order_quantity = shares(3_000);
            limits.order_notional = Money::whole(150_000);
        });
        // The studies' other limits are far away; LULD bands around the reference are not meant here.
        world.phase = trader_broker::MarketPhase::Continuous;
        world.account.kind = kind;
        Self {
            world,
            orders: Vec::new(),
            ended: Vec::new(),
            last_fill: None,
            busted: false,
            reduced: false,
        }
    }

    fn reference(&self, id: InstrumentId) -> Price {
        self.world.marks[id.index()].last.unwrap()
    }

    fn limit_of(&self, id: InstrumentId, basis_points: i32) -> Price {
        let reference = self.reference(id);
        let moved = reference
            .scale(
                i64::from(10_000 + basis_points),
                10_000,
                trader_domain::Rounding::HalfUp,
            )
            .unwrap();
        moved
            .round_to(
                Price::from_small_units(10_000_000),
                trader_domain::Rounding::HalfUp,
            )
            .unwrap()
    }

    fn apply(&mut self, step: &Step) {
        match *step {
            Step::Propose {
                instrument,
                side,
                quantity,
                limit,
            } => self.propose(InstrumentId(instrument), side, quantity, limit),
            Step::Fill {
                pick,
                tenths,
                worse,
            } => self.fill(pick, tenths, worse),
            Step::Cancel { pick } => {
                if pick < self.orders.len() {
                    let order = self.orders.remove(pick);
                    self.world.done(order.request.id);
                    if order.filled >= order.request.quantity {
                        self.end(order);
                    }
                }
            }
            Step::Replace {
                pick,
                quantity,
                limit,
            } => self.replace(pick, quantity, limit),
            Step::Settle { accepted } => self.settle(accepted),
            Step::Bust => self.bust(),
        }
    }

    /// An order is over, and a replacement that was not answered with it.
    fn end(&mut self, mut order: Working) {
        order.asked = None;
        order.worst.truncate(1);
        self.ended.push(order);
    }

    /// Whether `open` more on a side only takes from the position, beside the orders other than
    /// the one given.
    fn only_reduces(
        &self,
        id: InstrumentId,
        side: Side,
        open: Quantity,
        but: Option<usize>,
    ) -> bool {
        let held = self.world.held(id).units() * -side.sign();
        let others: i64 = self
            .orders
            .iter()
            .enumerate()
            .filter(|(place, order)| {
                Some(*place) != but && order.request.instrument == id && order.request.side == side
            })
            .map(|(_, order)| order.open().units())
            .sum();
        open.units() <= held - others
    }

    fn propose(&mut self, id: InstrumentId, side: Side, quantity: i32, limit: Option<i32>) {
        // Time passes, so that equal orders are no duplicates.
        self.world.now = self.world.now.saturating_add(1);
        self.world.taken = self.world.now;
        let mut request = self.world.order(id, side, quantity);
        if let Some(limit) = limit {
            request.kind = OrderKind::Limit {
                price: self.limit_of(id, limit),
            };
        }
        let before = self.measures();
        let decision = self.world.send(&request);
        let Ok(approved) = decision.outcome else {
            return;
        };
        assert!(approved.request().quantity <= request.quantity, "grown");
        request.quantity = approved.request().quantity;
        let reduces = self.only_reduces(id, side, request.quantity, None);
        let terms = worst(
            side,
            request.quantity,
            request.kind.limit_price(),
            self.reference(id),
        );
        self.orders.push(Working {
            worst: vec![terms],
            request,
            filled: Quantity::ZERO,
            asked: None,
        });
        self.held_back(&before, reduces);
    }

    fn fill(&mut self, pick: usize, tenths: i64, worse: i64) {
        let Some(order) = self.orders.get_mut(pick) else {
            return;
        };
        // The broker works the terms in force, not those asked for.
        let open = order
            .request
            .quantity
            .checked_sub(order.filled)
            .unwrap()
            .max(Quantity::ZERO);
        let quantity = open
            .scale(tenths, 10, trader_domain::Rounding::Floor)
            .unwrap()
            .round_to(Quantity::ONE, trader_domain::Rounding::Floor)
            .unwrap();
        if !quantity.is_positive() {
            return;
        }
        let request = order.request.clone();
        let reference = self.world.marks[request.instrument.index()].last.unwrap();
        let edge = match (request.kind.limit_price(), request.side) {
            (Some(limit), _) => limit,
            (None, Side::Buy) => reference
                .scale(105, 100, trader_domain::Rounding::Floor)
                .unwrap(),
            (None, Side::Sell) => reference
                .scale(95, 100, trader_domain::Rounding::Ceiling)
                .unwrap(),
        };
        // Between the reference (or better) and the worst price.
        let distance = edge.checked_sub(reference).unwrap();
        let at = reference
            .checked_add(
                distance
                    .scale(worse, 10, trader_domain::Rounding::TowardsZero)
                    .unwrap(),
            )
            .unwrap();
        let at = match request.side {
            Side::Buy => at.min(edge),
            Side::Sell => at.max(edge),
        };
        order.filled = order.filled.checked_add(quantity).unwrap();
        let finished = order.filled == order.request.quantity && order.asked.is_none();
        self.world.fill(&request, quantity, at);
        if finished {
            self.world.done(request.id);
            let order = self.orders.remove(pick);
            self.end(order);
        }
        self.last_fill = Some((request, quantity, at));
    }

    fn replace(&mut self, pick: usize, quantity: i32, limit: i32) {
        let Some(order) = self.orders.get(pick) else {
            return;
        };
        if order.asked.is_some() {
            return;
        }
        let (request, filled) = (order.request.clone(), order.filled);
        let price = self.limit_of(request.instrument, limit);
        let terms = ReplaceRequest {
            order: request.id,
            quantity: shares(quantity),
            kind: OrderKind::Limit { price },
            time_in_force: request.time_in_force,
        };
        let before = self.measures();
        let open = shares(quantity).checked_sub(filled).unwrap();
        let reduces = self.only_reduces(request.instrument, request.side, open, Some(pick));
        if self.world.replace(&request, filled, terms).verdict() >= Verdict::Reject {
            return;
        }
        let reference = self.reference(request.instrument);
        let order = &mut self.orders[pick];
        order.asked = Some(terms);
        order
            .worst
            .push(worst(request.side, terms.quantity, Some(price), reference));
        self.held_back(&before, reduces);
    }

    fn settle(&mut self, accepted: bool) {
        let Some(place) = self.orders.iter().position(|order| order.asked.is_some()) else {
            return;
        };
        let order = &mut self.orders[place];
        let terms = order.asked.take().unwrap();
        // A broker cannot shrink an order below what has filled meanwhile.
        let kept = if accepted && terms.quantity >= order.filled {
            order.request.quantity = terms.quantity;
            order.request.kind = terms.kind;
            1
        } else {
            0
        };
        order.worst = vec![order.worst[kept]];
        let (id, quantity) = (order.request.id, order.request.quantity);
        let limit = order.request.kind.limit_price();
        let finished = order.filled >= quantity;
        self.world.tell(GateEvent::ReplacementSettled {
            order: id,
            quantity,
            limit,
        });
        if finished {
            self.world.done(id);
            let order = self.orders.remove(place);
            self.end(order);
        }
    }

    fn bust(&mut self) {
        let Some((request, quantity, at)) = self.last_fill.take() else {
            return;
        };
        self.busted = true;
        self.world
            .trade(request.instrument, request.side.opposite(), quantity, at);
        self.world.tell(GateEvent::Busted {
            order: request.id,
            quantity,
        });
        // An order that had been filled lives again: what was taken back may trade again.
        if let Some(place) = self
            .ended
            .iter()
            .position(|order| order.request.id == request.id)
        {
            let order = self.ended.remove(place);
            self.orders.push(order);
        }
        if let Some(order) = self
            .orders
            .iter_mut()
            .find(|order| order.request.id == request.id)
        {
            order.filled = order.filled.checked_sub(quantity).unwrap();
        }
    }

    fn orders_of(&self, id: u32, side: Side) -> impl Iterator<Item = &Working> {
        self.orders
            .iter()
            .filter(move |order| order.request.instrument.0 == id && order.request.side == side)
    }

    /// Worst-case value of each instrument, by the plain list.
    fn exposure(&self, id: u32) -> i128 {
        let holding = *self.world.holdings.get(InstrumentId(id)).unwrap();
        let (held, value) = (
            i128::from(holding.quantity.units()),
            holding.market_value.units(),
        );
        let sum = |side| {
            let quantity: i128 = self
                .orders_of(id, side)
                .map(|order| i128::from(order.open().units()))
                .sum();
            let notional: i128 = self.orders_of(id, side).map(Working::notional).sum();
            (quantity, notional)
        };
        let reach = |against: i128, (quantity, notional): (i128, i128)| {
            // The part beyond the position, at least at the average price: a lower bound of what
            // the gate has to count, and exact with one order.
            if quantity <= against {
                0
            } else {
                notional * (quantity - against) / quantity
            }
        };
        let (buys, sells) = (sum(Side::Buy), sum(Side::Sell));
        if held >= 0 {
            (value + buys.1).max(reach(held, sells))
        } else {
            (-value + sells.1).max(reach(-held, buys))
        }
    }

    fn measures(&self) -> Measures {
        let exposures: Vec<i128> = (0..INSTRUMENTS).map(|id| self.exposure(id)).collect();
        let account = &self.world.account;
        let sells: i128 = self.total(Side::Sell);
        let buys: i128 = self.total(Side::Buy);
        let net = account.long_value.units() - account.short_value.units();
        Measures {
            gross: exposures.iter().sum(),
            // AAPL and MSFT are one sector.
            sector: exposures[0] + exposures[1],
            net: (net + buys).max(sells - net),
            positions: exposures.iter().filter(|&&value| value > 0).count() as i128,
            cost: self.orders.iter().map(Working::cost).sum(),
            exposures,
        }
    }

    fn total(&self, side: Side) -> i128 {
        self.orders
            .iter()
            .filter(|order| order.request.side == side)
            .map(Working::notional)
            .sum()
    }

    /// After an approval no measure is above its limit, unless the order added nothing to it or only
    /// takes from its position.
    fn held_back(&mut self, before: &Measures, reduces: bool) {
        self.reduced |= reduces;
        let after = self.measures();
        let equity = self.world.account.equity.units();
        let share = |percent: i64| equity * i128::from(percent) / 100;
        let rows = [
            ("gross", after.gross, before.gross, share(GROSS)),
            ("sector", after.sector, before.sector, share(SECTOR)),
            ("net", after.net, before.net, share(NET)),
            (
                "positions",
                after.positions,
                before.positions,
                i128::from(MAX_POSITIONS),
            ),
        ];
        for (name, after, before, limit) in rows {
            assert!(
                after <= limit || after == before || reduces,
                "{name}: {after} of {limit}"
            );
        }
        for (id, (&after, &before)) in after.exposures.iter().zip(&before.exposures).enumerate() {
            let within = after <= share(WEIGHT) || after == before || reduces;
            assert!(within, "weight of {id}");
        }
        if self.world.account.kind == AccountKind::Cash {
            let cash = self.world.account.cash.units();
            let within = after.cost <= cash || after.cost == before.cost;
            assert!(within, "cash");
        }
        for id in 0..INSTRUMENTS {
            let count = self
                .orders
                .iter()
                .filter(|order| order.request.instrument.0 == id);
            assert!(count.count() <= OPEN_ORDERS + usize::from(self.busted));
        }
    }

    /// What the account has become is within the limits too, as long as nothing was taken back.
    fn account_is_within_limits(&self) {
        if self.busted {
            return;
        }
        let account = &self.world.account;
        let equity = account.equity.units();
        let gross = account.long_value.units() + account.short_value.units();
        assert!(gross * 100 <= equity * i128::from(GROSS), "gross");
        let net = account.long_value.units() - account.short_value.units();
        assert!(
            self.reduced || net.abs() * 100 <= equity * i128::from(NET),
            "net"
        );
        assert!(account.positions <= MAX_POSITIONS, "positions");
        // What other orders lost on execution since then shrinks the equity that a weight was
        // allowed against, as a falling market would: the weight is held against equity without it.
        let allowed_against = equity.max(START.units());
        for holding in self.world.holdings.iter() {
            let value = holding.market_value.units().abs();
            assert!(
                value * 100 <= allowed_against * i128::from(WEIGHT),
                "weight"
            );
        }
        if account.kind == AccountKind::Cash {
            assert!(!account.cash.is_negative(), "cash below zero");
            let short = self.world.holdings.iter().any(|h| h.quantity.is_negative());
            assert!(!short, "short in a cash account");
        }
    }

    /// The gate's sums are those of the plain list.
    fn sums_agree(&self) {
        let cost = self.orders.iter().map(Working::cost).sum();
        assert_eq!(
            self.world.gate.reserved_cash(),
            Money::from_units(cost).unwrap()
        );
        for id in 0..INSTRUMENTS {
            let (buys, sells) = self.world.gate.working(InstrumentId(id));
            for (side, found) in [(Side::Buy, buys), (Side::Sell, sells)] {
                let listed: i64 = self.orders_of(id, side).map(|o| o.open().units()).sum();
                assert_eq!(found.units(), listed, "{side:?} of {id}");
            }
        }
        assert_eq!(self.world.gate.working_orders() as usize, self.orders.len());
    }
}

struct Measures {
    exposures: Vec<i128>,
    gross: i128,
    sector: i128,
    net: i128,
    positions: i128,
    cost: i128,
}

fn run(kind: AccountKind, resize: Resize, steps: &[Step]) -> Model {
    let mut model = Model::new(kind, resize);
    for step in steps {
        model.apply(step);
        model.sums_agree();
        model.account_is_within_limits();
    }
    model
}

/// Sequences of 60 steps, half of them orders: the long tier makes a million of those.
#[test]
fn torture_random_orders_never_exceed_a_hard_limit() {
    let cases = u32::try_from(Tier::current().pick(500, 34_000)).unwrap();
    let mut runner = TestRunner::new(ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let input = (
        any::<bool>(),
        any::<bool>(),
        prop::collection::vec(step(), 60),
    );
    let outcome = runner.run(&input, |(cash, shrink, steps)| {
        let kind = if cash {
            AccountKind::Cash
        } else {
            AccountKind::Margin
        };
        let resize = if shrink {
            Resize::ToLargestSafe
        } else {
            Resize::Never
        };
        run(kind, resize, &steps);
        Ok(())
    });
    outcome.unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_exceeds_a_limit_in_a_margin_account(
        steps in prop::collection::vec(step(), 1..60)
    ) {
        run(AccountKind::Margin, Resize::Never, &steps);
    }

    #[test]
    fn no_sequence_exceeds_a_limit_in_a_cash_account(
        steps in prop::collection::vec(step(), 1..60)
    ) {
        run(AccountKind::Cash, Resize::Never, &steps);
    }

    #[test]
    fn no_sequence_exceeds_a_limit_when_orders_are_shrunk(
        steps in prop::collection::vec(step(), 1..60)
    ) {
        run(AccountKind::Margin, Resize::ToLargestSafe, &steps);
    }

    #[test]
    fn the_same_events_give_the_same_state(steps in prop::collection::vec(step(), 1..60)) {
        let first = run(AccountKind::Margin, Resize::ToLargestSafe, &steps);
        let second = run(AccountKind::Margin, Resize::ToLargestSafe, &steps);
        prop_assert_eq!(first.world.hash(), second.world.hash());
    }

    #[test]
    fn once_everything_is_done_nothing_is_reserved(steps in prop::collection::vec(step(), 1..60)) {
        let mut model = run(AccountKind::Margin, Resize::Never, &steps);
        for order in std::mem::take(&mut model.orders) {
            model.world.done(order.request.id);
        }
        prop_assert_eq!(model.world.gate.reserved_cash(), Money::ZERO);
        prop_assert_eq!(model.world.gate.working_orders(), 0);
        model.sums_agree();
    }
}
