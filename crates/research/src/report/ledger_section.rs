//! Tables of what was traded: costs, drawdowns, symbols, signals, positions, trades, refusals.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::analysis::Analysis;
use super::data::{Direction, TradeRecord};
use super::format::{approximate, date, exact, moment, money, percent, plain};
use super::ledger::Attribution;
use super::page::Page;
use super::table::{Cell, Column, Sorting, Tone, table};

/// Drawdowns shown.
const DRAWDOWNS: usize = 10;
/// Trades shown, the largest results first.
const TRADES: usize = 100;
/// Symbols shown.
const SYMBOL_ROWS: usize = 200;

fn share(part: Decimal, whole: Decimal) -> Option<f64> {
    let (part, whole) = (approximate(part), approximate(whole));
    (whole.abs() > 0.0).then(|| part / whole)
}

/// Costs by kind in account currency, against traded value and profit before costs.
pub(super) fn costs_table(page: &mut Page, analysis: &Analysis<'_>) {
    let costs = &analysis.costs;
    let row = |label: &str, amount: Decimal| {
        let points = share(amount, costs.traded()).map(|s| s * 1e4);
        let of_capital = share(amount, analysis.data.initial_capital);
        let of_gross = share(amount, costs.gross()).filter(|_| costs.gross() > Decimal::ZERO);
        let percentage =
            |v: Option<f64>| v.map_or_else(Cell::blank, |v| Cell::number(v, &percent(v)));
        vec![
            Cell::text(label),
            Cell::plain_amount(amount),
            points.map_or_else(Cell::blank, |v| Cell::number(v, &plain(v, 2))),
            percentage(of_capital),
            percentage(of_gross),
        ]
    };
    let mut rows: Vec<Vec<Cell>> = costs
        .parts()
        .into_iter()
        .map(|(label, amount)| row(label, amount))
        .collect();
    rows.push(row("All costs", costs.total()));
    let columns = [
        Column::Text("Cost"),
        Column::Number("Amount"),
        Column::Number("bp of traded"),
        Column::Number("% of capital"),
        Column::Number("% of gross"),
    ];
    table(
        &mut page.body,
        "Costs by kind",
        &columns,
        &rows,
        Sorting::Fixed,
    );
    page.note(&format!(
        "Traded value {} in {} fills of {} orders. Slippage is inside the fill prices.",
        money(costs.traded()),
        plain(analysis.data.fills.len() as f64, 0),
        analysis.data.orders,
    ));
}

/// The deepest drawdowns.
pub(super) fn drawdown_table(page: &mut Page, analysis: &Analysis<'_>) {
    if analysis.drawdowns.is_empty() {
        return page.note("Equity never closed below a previous peak.");
    }
    let day = |day: Option<NaiveDate>, missing: &str| {
        Cell::text(day.map_or_else(|| missing.to_owned(), date))
    };
    let rows: Vec<Vec<Cell>> = analysis
        .drawdowns
        .iter()
        .take(DRAWDOWNS)
        .enumerate()
        .map(|(rank, fall)| {
            let to_trough = fall.episode.trough - fall.episode.peak;
            vec![
                Cell::number((rank + 1) as f64, &(rank + 1).to_string()),
                Cell::number(fall.episode.depth, &percent(fall.episode.depth)).toned(Tone::Loss),
                day(fall.peak, "start"),
                day(fall.trough, ""),
                day(fall.recovered, "not yet"),
                Cell::number(to_trough as f64, &to_trough.to_string()),
                Cell::number(fall.length as f64, &fall.length.to_string()),
            ]
        })
        .collect();
    let columns = [
        Column::Text("#"),
        Column::Number("Depth"),
        Column::Text("Peak"),
        Column::Text("Trough"),
        Column::Text("Recovered"),
        Column::Number("Days to trough"),
        Column::Number("Days in all"),
    ];
    table(
        &mut page.body,
        "Worst drawdowns",
        &columns,
        &rows,
        Sorting::ByColumn,
    );
}

fn attribution_cells(row: &Attribution) -> Vec<Cell> {
    vec![
        Cell::text(row.key.as_str()),
        Cell::number(row.trades as f64, &plain(row.trades as f64, 0)),
        Cell::metric(row.hit_rate, percent),
        Cell::metric(row.payoff, |v| plain(v, 2)),
        Cell::metric(row.mean_return, percent),
        Cell::metric(row.mean_bars, |v| plain(v, 1)),
        Cell::amount(row.realised),
    ]
}

const ATTRIBUTION: [Column<'static>; 6] = [
    Column::Number("Trades"),
    Column::Number("Hit rate"),
    Column::Number("Payoff"),
    Column::Number("Mean return"),
    Column::Number("Mean bars"),
    Column::Number("Realised"),
];

/// Results per symbol.
pub(super) fn symbols_table(page: &mut Page, analysis: &Analysis<'_>) {
    if analysis.symbols.is_empty() {
        return page.note("Nothing was traded.");
    }
    let rows: Vec<Vec<Cell>> = analysis
        .symbols
        .iter()
        .take(SYMBOL_ROWS)
        .map(|row| {
            let mut cells = attribution_cells(row);
            cells.push(Cell::amount(row.unrealised));
            cells.push(Cell::plain_amount(row.costs));
            cells.push(Cell::plain_amount(row.traded));
            cells
        })
        .collect();
    let mut columns = vec![Column::Text("Symbol")];
    columns.extend(ATTRIBUTION);
    columns.extend([
        Column::Number("Unrealised"),
        Column::Number("Costs"),
        Column::Number("Traded value"),
    ]);
    table(
        &mut page.body,
        "Results by symbol",
        &columns,
        &rows,
        Sorting::ByColumn,
    );
    if analysis.symbols.len() > SYMBOL_ROWS {
        page.note(&format!(
            "The best {SYMBOL_ROWS} of {} symbols.",
            analysis.symbols.len()
        ));
    }
}

/// Results per entry signal.
pub(super) fn signals_table(page: &mut Page, analysis: &Analysis<'_>) {
    let rows: Vec<Vec<Cell>> = analysis.signals.iter().map(attribution_cells).collect();
    let mut columns = vec![Column::Text("Signal")];
    columns.extend(ATTRIBUTION);
    table(
        &mut page.body,
        "Results by entry signal",
        &columns,
        &rows,
        Sorting::ByColumn,
    );
}

/// Positions open at the end.
pub(super) fn positions_table(page: &mut Page, analysis: &Analysis<'_>) {
    let number = |amount: Decimal| Cell::number(approximate(amount), &exact(amount));
    let rows: Vec<Vec<Cell>> = analysis
        .data
        .positions
        .iter()
        .map(|position| {
            let weight = share(position.value, analysis.data.final_equity);
            vec![
                Cell::text(position.symbol.as_str()),
                number(position.quantity),
                number(position.entry_price),
                number(position.mark),
                Cell::plain_amount(position.value),
                weight.map_or_else(Cell::blank, |w| Cell::number(w, &percent(w))),
                Cell::amount(position.unrealised),
            ]
        })
        .collect();
    let columns = [
        Column::Text("Symbol"),
        Column::Number("Quantity"),
        Column::Number("Entry"),
        Column::Number("Mark"),
        Column::Number("Value"),
        Column::Number("Weight"),
        Column::Number("Unrealised"),
    ];
    table(
        &mut page.body,
        "Open positions",
        &columns,
        &rows,
        Sorting::ByColumn,
    );
}

/// Closed trades with the largest results.
pub(super) fn trades_table(page: &mut Page, analysis: &Analysis<'_>) {
    let resolution = analysis.resolution();
    let mut shown: Vec<&TradeRecord> = analysis.data.trades.iter().collect();
    shown.sort_by(|a, b| {
        b.profit
            .abs()
            .cmp(&a.profit.abs())
            .then(a.opened.cmp(&b.opened))
    });
    shown.truncate(TRADES);
    let number = |amount: Decimal| Cell::number(approximate(amount), &exact(amount));
    let fraction = |v: Option<f64>| v.map_or_else(Cell::blank, |v| Cell::number(v, &percent(v)));
    let rows: Vec<Vec<Cell>> = shown
        .into_iter()
        .map(|trade| {
            let side = if trade.direction == Direction::Long {
                "Long"
            } else {
                "Short"
            };
            vec![
                Cell::text(trade.symbol.as_str()),
                Cell::text(side),
                Cell::text(moment(trade.opened, resolution)),
                Cell::text(moment(trade.closed, resolution)),
                Cell::number(trade.bars_held as f64, &trade.bars_held.to_string()),
                number(trade.quantity),
                number(trade.entry_price),
                number(trade.exit_price),
                Cell::amount(trade.profit),
                Cell::number(trade.return_on_entry, &percent(trade.return_on_entry))
                    .toned(Tone::of(trade.return_on_entry)),
                fraction(trade.adverse_excursion),
                fraction(trade.favourable_excursion),
                Cell::text(trade.signal.as_str()),
                Cell::text(trade.exit_reason.as_str()),
            ]
        })
        .collect();
    let columns = [
        Column::Text("Symbol"),
        Column::Text("Side"),
        Column::Text("Opened"),
        Column::Text("Closed"),
        Column::Number("Bars"),
        Column::Number("Quantity"),
        Column::Number("Entry"),
        Column::Number("Exit"),
        Column::Number("Profit"),
        Column::Number("Return"),
        Column::Number("MAE"),
        Column::Number("MFE"),
        Column::Text("Signal"),
        Column::Text("Exit by"),
    ];
    page.body.raw("<div class=\"tall\">");
    table(
        &mut page.body,
        "Closed trades",
        &columns,
        &rows,
        Sorting::ByColumn,
    );
    page.body.raw("</div>");
    let all = analysis.data.trades.len();
    if all > TRADES {
        page.note(&format!(
            "The {TRADES} trades with the largest results of {}; the run folder has all.",
            plain(all as f64, 0)
        ));
    }
}

/// Refusals of the gate by check.
pub(super) fn rejections_table(page: &mut Page, analysis: &Analysis<'_>) {
    let data = analysis.data;
    if data.rejections.is_empty() {
        return page.note(&format!(
            "Nothing: all {} orders passed every check unchanged.",
            data.orders
        ));
    }
    let count = |n: u64| Cell::number(n as f64, &plain(n as f64, 0));
    let rows: Vec<Vec<Cell>> = data
        .rejections
        .iter()
        .map(|entry| {
            vec![
                Cell::text(entry.code.as_str()),
                Cell::text(entry.meaning.as_str()),
                count(entry.refused),
                count(entry.resized),
            ]
        })
        .collect();
    let columns = [
        Column::Text("Check"),
        Column::Text("Guards"),
        Column::Number("Refused"),
        Column::Number("Cut to size"),
    ];
    table(
        &mut page.body,
        "Refusals by check",
        &columns,
        &rows,
        Sorting::ByColumn,
    );
}
