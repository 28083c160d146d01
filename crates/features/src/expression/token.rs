//! The words of the expression language.

use super::error::ExpressionError;

/// A word with the position of its first character, counted from 1.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) position: usize,
    pub(super) word: Word,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Word {
    Number(f64),
    /// A feature, column, function or word operator.
    Name(String),
    Symbol(&'static str),
    End,
}

impl Word {
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Number(value) => format!("`{value}`"),
            Self::Name(name) => format!("`{name}`"),
            Self::Symbol(symbol) => format!("`{symbol}`"),
            Self::End => "the end".to_owned(),
        }
    }
}

/// Longer ones first, so that `<=` is not read as `<`.
const SYMBOLS: &[&str] = &[
    "<=", ">=", "==", "!=", "<", ">", "+", "-", "*", "/", "(", ")", ",",
];

/// Splits the text; the last token is always [`Word::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, ExpressionError> {
    let characters: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = characters.get(at).copied() {
        let position = at + 1;
        let run = |accepted: fn(char) -> bool| -> String {
            let rest = characters.iter().skip(at).copied();
            rest.take_while(|c| accepted(*c)).collect()
        };
        if first.is_whitespace() {
            at += 1;
        } else if first.is_ascii_digit() || first == '.' {
            let text = run(|c| c.is_ascii_digit() || c == '.');
            at += text.chars().count();
            let value: f64 = text.parse().ok().filter(|v: &f64| v.is_finite()).ok_or(
                ExpressionError::Number {
                    position,
                    text: text.clone(),
                },
            )?;
            tokens.push(Token {
                position,
                word: Word::Number(value),
            });
        } else if first.is_ascii_alphabetic() || first == '_' {
            let mut name = run(|c| c.is_ascii_alphanumeric() || c == '_');
            at += name.chars().count();
            if characters.get(at) == Some(&'@') {
                // `close@BRK.B`: the symbol belongs to the word. No `-`: that is a minus here.
                let rest = characters.iter().skip(at + 1).copied();
                let symbol = rest.take_while(|c| c.is_ascii_alphanumeric() || "._^".contains(*c));
                let symbol: String = symbol.collect();
                at += 1 + symbol.chars().count();
                name = format!("{name}@{symbol}");
            }
            tokens.push(Token {
                position,
                word: Word::Name(name),
            });
        } else {
            let rest: String = characters.iter().skip(at).take(2).collect();
            let symbol = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol));
            let symbol = symbol.ok_or(ExpressionError::Character {
                position,
                found: first,
            })?;
            at += symbol.len();
            tokens.push(Token {
                position,
                word: Word::Symbol(symbol),
            });
        }
    }
    tokens.push(Token {
        position: characters.len() + 1,
        word: Word::End,
    });
    Ok(tokens)
}
