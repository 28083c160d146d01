//! A realistic run for the report tests: ten stocks over five years of daily closes
//! (`tests/golden/prices10.csv`), three simple strategies, commissions and slippage booked exactly.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime};
use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};
use trader_research::metrics::{Conventions, Trials};
use trader_research::report::{
    BenchmarkData, CarryCost, CarryKind, Direction, EquityPoint, FillRecord, FillSide,
    OpenPosition, ParameterSurface, PriceSeries, Rejection, ReportData, RunFacts, StrategyData,
    TradeRecord,
};

/// Days and closes per symbol, the index last.
struct Market {
    days: Vec<NaiveDateTime>,
    symbols: Vec<String>,
    closes: Vec<Vec<f64>>,
}

fn market() -> Market {
    let mut reader = csv::Reader::from_reader(include_str!("../golden/prices10.csv").as_bytes());
    let symbols: Vec<String> = reader
        .headers()
        .unwrap()
        .iter()
        .skip(1)
        .map(str::to_owned)
        .collect();
    let mut market = Market {
        days: Vec::new(),
        closes: vec![Vec::new(); symbols.len()],
        symbols,
    };
    for row in reader.records() {
        let row = row.unwrap();
        let day: NaiveDate = row[0].parse().unwrap();
        market
            .days
            .push(day.and_time(NaiveTime::from_hms_opt(16, 0, 0).unwrap()));
        for (column, field) in market.closes.iter_mut().zip(row.iter().skip(1)) {
            column.push(field.parse().unwrap());
        }
    }
    market
}

fn cents(value: f64) -> Decimal {
    Decimal::from_f64(value).unwrap().round_dp(2)
}

/// One open round trip.
struct Open {
    quantity: Decimal,
    entry: Decimal,
    cost: Decimal,
    since: usize,
    signal: &'static str,
    low: f64,
    high: f64,
}

/// Books orders at the close plus slippage, a cent a share of commission.
struct Account {
    cash: Decimal,
    open: BTreeMap<usize, Open>,
    fills: Vec<FillRecord>,
    trades: Vec<TradeRecord>,
}

impl Account {
    fn fill(&mut self, market: &Market, day: usize, symbol: usize, signed: Decimal) -> Decimal {
        let close = cents(market.closes[symbol][day]);
        let slip = (close * Decimal::new(3, 4)).round_dp(4);
        let side = if signed > Decimal::ZERO {
            FillSide::Buy
        } else {
            FillSide::Sell
        };
        let price = if side == FillSide::Buy {
            close + slip
        } else {
            close - slip
        };
        let quantity = signed.abs();
        let value = price * quantity;
        let commission = (quantity * Decimal::new(5, 3))
            .max(Decimal::ONE)
            .round_dp(2);
        let fees = match side {
            FillSide::Sell => (value * Decimal::new(229, 7)).round_dp(2),
            FillSide::Buy => Decimal::ZERO,
        };
        self.cash -= signed * price + commission + fees;
        self.fills.push(FillRecord {
            at: market.days[day],
            symbol: market.symbols[symbol].clone(),
            side,
            quantity,
            price,
            value,
            commission,
            fees,
            slippage: slip * quantity,
            participation: Some(quantity.to_f64().unwrap() / 2e7),
        });
        commission + fees
    }

    fn enter(
        &mut self,
        market: &Market,
        day: usize,
        symbol: usize,
        quantity: Decimal,
        signal: &'static str,
    ) {
        let cost = self.fill(market, day, symbol, quantity);
        let entry = self.fills.last().unwrap().price;
        let open = Open {
            quantity,
            entry,
            cost,
            since: day,
            signal,
            low: 0.0,
            high: 0.0,
        };
        self.open.insert(symbol, open);
    }

    fn leave(&mut self, market: &Market, day: usize, symbol: usize, reason: &str) {
        let Some(open) = self.open.remove(&symbol) else {
            return;
        };
        let cost = self.fill(market, day, symbol, -open.quantity) + open.cost;
        let exit = self.fills.last().unwrap().price;
        let profit = (exit - open.entry) * open.quantity - cost;
        let value = (open.entry * open.quantity.abs()).to_f64().unwrap();
        self.trades.push(TradeRecord {
            symbol: market.symbols[symbol].clone(),
            direction: if open.quantity > Decimal::ZERO {
                Direction::Long
            } else {
                Direction::Short
            },
            signal: open.signal.to_owned(),
            exit_reason: reason.to_owned(),
            opened: market.days[open.since],
            closed: market.days[day],
            quantity: open.quantity.abs(),
            entry_price: open.entry,
            exit_price: exit,
            profit,
            return_on_entry: profit.to_f64().unwrap() / value,
            adverse_excursion: Some(open.low),
            favourable_excursion: Some(open.high),
            initial_risk: None,
            bars_held: (day - open.since) as u64,
        });
    }

    fn mark(&mut self, market: &Market, day: usize) -> EquityPoint {
        let (mut long, mut short) = (0.0, 0.0);
        for (symbol, open) in &mut self.open {
            let price = cents(market.closes[*symbol][day]).to_f64().unwrap();
            let quantity = open.quantity.to_f64().unwrap();
            let result = (price / open.entry.to_f64().unwrap() - 1.0) * quantity.signum();
            open.low = open.low.min(result);
            open.high = open.high.max(result);
            if quantity > 0.0 {
                long += quantity * price;
            } else {
                short -= quantity * price;
            }
        }
        let equity = self.cash.to_f64().unwrap() + long - short;
        EquityPoint {
            at: market.days[day],
            equity,
            long,
            short,
        }
    }
}

fn average(values: &[f64], day: usize, window: usize) -> f64 {
    values[day + 1 - window..=day].iter().sum::<f64>() / window as f64
}

const CAPITAL: i64 = 100_000;

/// Runs a rule that is called once per day and trades through the account.
fn run(
    market: &Market,
    name: &str,
    description: &str,
    parameters: &[(&str, &str)],
    mut rule: impl FnMut(&mut Account, usize),
) -> StrategyData {
    let mut account = Account {
        cash: Decimal::from(CAPITAL),
        open: BTreeMap::new(),
        fills: Vec::new(),
        trades: Vec::new(),
    };
    let mut equity = Vec::new();
    for day in 0..market.days.len() {
        rule(&mut account, day);
        equity.push(account.mark(market, day));
    }
    let last = market.days.len() - 1;
    let mut positions = Vec::new();
    let mut final_equity = account.cash;
    for (symbol, open) in &account.open {
        let mark = cents(market.closes[*symbol][last]);
        final_equity += mark * open.quantity;
        positions.push(OpenPosition {
            symbol: market.symbols[*symbol].clone(),
            quantity: open.quantity,
            entry_price: open.entry,
            mark,
            value: mark * open.quantity,
            unrealised: (mark - open.entry) * open.quantity,
        });
    }
    let traded: Vec<usize> = (0..10)
        .filter(|s| account.fills.iter().any(|f| f.symbol == market.symbols[*s]))
        .collect();
    let prices = traded.iter().map(|s| PriceSeries {
        symbol: market.symbols[*s].clone(),
        closes: market
            .days
            .iter()
            .copied()
            .zip(market.closes[*s].iter().copied())
            .collect(),
    });
    StrategyData {
        description: description.to_owned(),
        parameters: parameters
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect(),
        orders: account.fills.len() as u64,
        prices: prices.collect(),
        equity,
        positions,
        fills: account.fills,
        trades: account.trades,
        ..StrategyData::new(name, Decimal::from(CAPITAL), final_equity)
    }
}

fn crossover(market: &Market) -> StrategyData {
    let text = "Holds each stock while its fast average is above its slow one.";
    let parameters = [("fast", "20"), ("slow", "60"), ("weight", "10%")];
    run(
        market,
        "SMA crossover",
        text,
        &parameters,
        |account, day| {
            if day < 60 {
                return;
            }
            for symbol in 0..10 {
                let closes = &market.closes[symbol];
                let above = average(closes, day, 20) > average(closes, day, 60);
                match (above, account.open.contains_key(&symbol)) {
                    (true, false) => {
                        let quantity = (12_000.0 / closes[day]).floor();
                        let quantity = Decimal::from_f64(quantity).unwrap();
                        account.enter(market, day, symbol, quantity, "crossed above");
                    }
                    (false, true) => account.leave(market, day, symbol, "crossed below"),
                    _ => {}
                }
            }
        },
    )
}

fn momentum(market: &Market) -> StrategyData {
    let text =
        "Each month: long the three strongest of ten over six months, short the weakest two.";
    let parameters = [("lookback", "126"), ("long", "3"), ("short", "2")];
    let mut data = run(market, "Momentum 3/2", text, &parameters, |account, day| {
        let fresh = day > 0 && market.days[day].month() != market.days[day - 1].month();
        if day < 126 || !fresh {
            return;
        }
        let mut ranked: Vec<usize> = (0..10).collect();
        let strength = |s: usize| market.closes[s][day] / market.closes[s][day - 126];
        ranked.sort_by(|a, b| strength(*b).total_cmp(&strength(*a)));
        let wanted: BTreeMap<usize, f64> = ranked[..3]
            .iter()
            .map(|s| (*s, 30_000.0))
            .chain(ranked[8..].iter().map(|s| (*s, -12_000.0)))
            .collect();
        let held: Vec<usize> = account.open.keys().copied().collect();
        for symbol in held {
            let long = account.open[&symbol].quantity > Decimal::ZERO;
            if wanted
                .get(&symbol)
                .is_none_or(|value| (*value > 0.0) != long)
            {
                account.leave(market, day, symbol, "left the ranks");
            }
        }
        for (symbol, value) in wanted {
            if !account.open.contains_key(&symbol) {
                let quantity =
                    Decimal::from_f64((value / market.closes[symbol][day]).trunc()).unwrap();
                let signal = if value > 0.0 {
                    "top three"
                } else {
                    "bottom two"
                };
                account.enter(market, day, symbol, quantity, signal);
            }
        }
    });
    data.carry = carry();
    data.rejections = rejections();
    data.trials = Some(Trials {
        count: 25,
        sharpe_variance: 0.0004,
    });
    data
}

fn carry() -> Vec<CarryCost> {
    vec![
        CarryCost {
            kind: CarryKind::Borrow,
            symbol: Some("GE".to_owned()),
            amount: Decimal::new(81_240, 2),
        },
        CarryCost {
            kind: CarryKind::Borrow,
            symbol: Some("XOM".to_owned()),
            amount: Decimal::new(20_115, 2),
        },
        CarryCost {
            kind: CarryKind::Interest,
            symbol: None,
            amount: Decimal::new(9_930, 2),
        },
    ]
}

fn rejections() -> Vec<Rejection> {
    vec![
        Rejection {
            code: "position_weight".to_owned(),
            meaning: "Share of equity in one instrument".to_owned(),
            refused: 3,
            resized: 17,
        },
        Rejection {
            code: "buying_power".to_owned(),
            meaning: "Margin available for the order".to_owned(),
            refused: 2,
            resized: 0,
        },
    ]
}

fn reversion(market: &Market) -> StrategyData {
    let text = "Buys a stock two deviations below its 20-day mean, sells at the mean.";
    let parameters = [("window", "20"), ("entry", "-2.0"), ("exit", "0.0")];
    run(
        market,
        "Mean reversion",
        text,
        &parameters,
        |account, day| {
            if day < 20 {
                return;
            }
            for symbol in 0..10 {
                let closes = &market.closes[symbol];
                let mean = average(closes, day, 20);
                let spread = (closes[day + 1 - 20..=day]
                    .iter()
                    .map(|c| (c - mean).powi(2))
                    .sum::<f64>()
                    / 19.0)
                    .sqrt();
                let z = (closes[day] - mean) / spread;
                match account.open.contains_key(&symbol) {
                    false if z < -2.0 => {
                        let quantity = Decimal::from_f64((25_000.0 / closes[day]).floor()).unwrap();
                        account.enter(market, day, symbol, quantity, "two deviations low");
                    }
                    true if z > 0.0 => account.leave(market, day, symbol, "back at the mean"),
                    _ => {}
                }
            }
        },
    )
}

fn surface() -> ParameterSurface {
    let fast = [5_u32, 10, 15, 20, 25, 30, 40];
    let slow = [40_u32, 50, 60, 80, 100, 120, 150, 200];
    let value = |f: u32, s: u32| {
        let (f, s) = (f64::from(f), f64::from(s));
        (f < s).then(|| {
            0.9 - ((f - 19.0) / 18.0).powi(2) - ((s - 70.0) / 90.0).powi(2) + 0.1 * (f * s).sin()
        })
    };
    ParameterSurface {
        title: "Parameter surface: SMA crossover".to_owned(),
        figure: "Sharpe ratio".to_owned(),
        column_parameter: "slow".to_owned(),
        columns: slow.iter().map(ToString::to_string).collect(),
        row_parameter: "fast".to_owned(),
        rows: fast.iter().map(ToString::to_string).collect(),
        values: fast
            .iter()
            .map(|f| slow.iter().map(|s| value(*f, *s)).collect())
            .collect(),
        deflated: Some(0.412),
    }
}

/// Three strategies against the index.
pub(crate) fn report() -> ReportData {
    let market = market();
    let index = market.symbols.iter().position(|s| s == "SP500").unwrap();
    let points = market
        .days
        .iter()
        .copied()
        .zip(market.closes[index].iter().copied());
    ReportData {
        title: "Ten stocks, three ideas".to_owned(),
        facts: RunFacts {
            run: "2023-01-04-0007".to_owned(),
            data: "prices10.csv, 10 symbols, daily closes".to_owned(),
            data_fingerprint: "blake3:7f0c2a91d4b83e56".to_owned(),
            code_version: "0.1.0 (9ffd97e)".to_owned(),
            cost_model: "0.005 per share, at least 1.00; SEC fee; slippage 3 bp".to_owned(),
            fill_rule: "this close".to_owned(),
            account: "Reg T margin".to_owned(),
            currency: "USD".to_owned(),
            seed: Some(42),
            further: vec![("Symbols".to_owned(), market.symbols[..10].join(" "))],
            warnings: vec![
                "Fills at the close that gave the signal: a study, not a strategy to trade."
                    .to_owned(),
            ],
        },
        conventions: Conventions::daily().with_risk_free(0.015),
        benchmark: Some(BenchmarkData {
            name: "S&P 500".to_owned(),
            points: points.collect(),
        }),
        strategies: vec![momentum(&market), crossover(&market), reversion(&market)],
        surfaces: vec![surface()],
    }
}
