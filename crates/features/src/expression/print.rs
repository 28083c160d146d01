//! An expression as text again, in one spelling: what two expressions share exactly when they compute
//! the same thing in the same order. Feature sets know derived features by it.

use std::fmt::Write as _;

use super::parse::Typed;
use super::tree::{Arithmetic, Comparison, Condition, Number};

/// The canonical text; `inputs` are the names behind the indexes.
pub(super) fn canonical(tree: &Typed, inputs: &[String]) -> String {
    let mut text = String::new();
    match tree {
        Typed::Number(number) => print_number(number, inputs, &mut text),
        Typed::Condition(condition) => print_condition(condition, inputs, &mut text),
    }
    text
}

fn print_number(number: &Number, inputs: &[String], text: &mut String) {
    match number {
        Number::Constant(value) => {
            let _infallible = write!(text, "{value}");
        }
        Number::Input(index) => text.push_str(inputs.get(*index).map_or("?", String::as_str)),
        Number::Negate(of) => {
            text.push('-');
            print_number(of, inputs, text);
        }
        Number::Absolute(of) => {
            text.push_str("abs(");
            print_number(of, inputs, text);
            text.push(')');
        }
        Number::Binary(operator, a, b) => {
            let (open, between) = match operator {
                Arithmetic::Add => ("(", " + "),
                Arithmetic::Subtract => ("(", " - "),
                Arithmetic::Multiply => ("(", " * "),
                Arithmetic::Divide => ("(", " / "),
                Arithmetic::Smaller => ("min(", ", "),
                Arithmetic::Larger => ("max(", ", "),
            };
            text.push_str(open);
            print_number(a, inputs, text);
            text.push_str(between);
            print_number(b, inputs, text);
            text.push(')');
        }
    }
}

fn print_condition(condition: &Condition, inputs: &[String], text: &mut String) {
    let mut joined = |a: &Condition, word: &str, b: &Condition| {
        text.push('(');
        print_condition(a, inputs, text);
        text.push_str(word);
        print_condition(b, inputs, text);
        text.push(')');
    };
    match condition {
        Condition::And(a, b) => joined(a, " and ", b),
        Condition::Or(a, b) => joined(a, " or ", b),
        Condition::Not(of) => {
            text.push_str("not (");
            print_condition(of, inputs, text);
            text.push(')');
        }
        Condition::Compare(operator, a, b) => {
            text.push('(');
            print_number(a, inputs, text);
            text.push_str(match operator {
                Comparison::Below => " < ",
                Comparison::AtMost => " <= ",
                Comparison::Above => " > ",
                Comparison::AtLeast => " >= ",
                Comparison::Equal => " == ",
                Comparison::Unequal => " != ",
            });
            print_number(b, inputs, text);
            text.push(')');
        }
    }
}
