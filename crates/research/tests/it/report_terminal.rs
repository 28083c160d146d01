//! The terminal summary: fits the width, plain where asked, safe against escape sequences.

use trader_research::report::{Color, Tearsheet, TerminalStyle};

use crate::report_fixture::report;

fn summary(width: usize, color: Color) -> String {
    let data = report();
    Tearsheet::new(&data)
        .unwrap()
        .terminal(TerminalStyle { width, color })
}

#[test]
fn every_line_of_the_table_fits_the_width() {
    let data = report();
    let sheet = Tearsheet::new(&data).unwrap();
    for width in 44..=200 {
        let text = sheet.terminal(TerminalStyle {
            width,
            color: Color::Plain,
        });
        for line in text.lines().skip(3).take(5) {
            assert!(line.chars().count() <= width, "{width}: {line}");
        }
    }
}

#[test]
fn all_strategies_and_the_benchmark_are_compared() {
    let text = summary(140, Color::Plain);
    println!("{text}");
    for name in [
        "Momentum 3/2",
        "SMA crossover",
        "Mean reversion",
        "S&P 500",
        "Max DD",
        "Equity curve",
    ] {
        assert!(text.contains(name), "{name}");
    }
    assert!(text.contains("246,841.98") && text.contains('▁') && text.contains('█'));
}

#[test]
fn narrow_terminals_keep_the_most_important_columns() {
    let text = summary(50, Color::Plain);
    for kept in ["Return", "Sharpe", "Max DD"] {
        assert!(text.contains(kept), "{kept}");
    }
    assert!(!text.contains("Sortino"));
}

#[test]
fn plain_text_has_no_escape_sequences_and_colour_does() {
    assert!(!summary(120, Color::Plain).contains('\u{1b}'));
    let colored = summary(120, Color::Ansi);
    println!("{colored}");
    assert!(colored.contains("\u{1b}[1m") && colored.contains("\u{1b}[0m"));
}

#[test]
fn names_cannot_steer_the_terminal() {
    let mut data = report();
    data.title = "\u{1b}[2J\u{1b}]0;owned\u{7}".to_owned();
    data.strategies[0].name = "\u{1b}[31mred".to_owned();
    let style = TerminalStyle {
        width: 100,
        color: Color::Plain,
    };
    let text = Tearsheet::new(&data).unwrap().terminal(style);
    assert!(!text.contains('\u{1b}') && !text.contains('\u{7}'));
}
