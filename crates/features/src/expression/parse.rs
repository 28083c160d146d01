//! Recursive descent over the tokens, with types checked on the way.
//!
//! ```text
//! or         = and ("or" and)*
//! and        = not ("and" not)*
//! not        = "not" not | comparison
//! comparison = sum (("<" | "<=" | ">" | ">=" | "==" | "!=") sum)?
//! sum        = product (("+" | "-") product)*
//! product    = unary (("*" | "/") unary)*
//! unary      = "-" unary | primary
//! primary    = number | feature | "(" or ")" | ("abs" | "min" | "max") "(" arguments ")"
//! feature    = name | name "(" feature ("," feature)* ")"
//! ```

use super::error::ExpressionError;
use super::token::{Token, Word};
use super::tree::{Arithmetic, Comparison, Condition, Kind, Number};

/// Deepest nesting, in parentheses, signs and `not`s together.
pub(super) const MAX_DEPTH: usize = 64;

/// A subexpression with its type.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Typed {
    Number(Number),
    Condition(Condition),
}

impl Typed {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Number(_) => Kind::Number,
            Self::Condition(_) => Kind::Condition,
        }
    }

    fn number(self, position: usize, context: &str) -> Result<Number, ExpressionError> {
        match self {
            Self::Number(number) => Ok(number),
            Self::Condition(_) => Err(wrong_type(position, context, Kind::Number)),
        }
    }

    fn condition(self, position: usize, context: &str) -> Result<Condition, ExpressionError> {
        match self {
            Self::Condition(condition) => Ok(condition),
            Self::Number(_) => Err(wrong_type(position, context, Kind::Condition)),
        }
    }
}

fn wrong_type(position: usize, context: &str, expected: Kind) -> ExpressionError {
    let found = match expected {
        Kind::Number => Kind::Condition,
        Kind::Condition => Kind::Number,
    };
    ExpressionError::Type {
        position,
        context: context.to_owned(),
        expected: expected.name(),
        found: found.name(),
    }
}

/// The parser's place, and the names it has met.
pub(super) struct Parser<'t, R> {
    tokens: &'t [Token],
    at: usize,
    depth: usize,
    /// Turns a name into its index among the inputs, or says what is wrong with it.
    resolve: R,
}

impl<'t, R: FnMut(&str, usize) -> Result<usize, ExpressionError>> Parser<'t, R> {
    pub(super) fn new(tokens: &'t [Token], resolve: R) -> Self {
        Self {
            tokens,
            at: 0,
            depth: 0,
            resolve,
        }
    }

    /// The whole text as one expression.
    pub(super) fn whole(mut self) -> Result<Typed, ExpressionError> {
        let tree = self.or()?;
        match self.word() {
            Word::End => Ok(tree),
            _ => Err(self.unexpected("an operator or the end")),
        }
    }

    fn word(&self) -> &'t Word {
        self.tokens.get(self.at).map_or(&Word::End, |t| &t.word)
    }

    fn position(&self) -> usize {
        let token = self.tokens.get(self.at).or(self.tokens.last());
        token.map_or(1, |token| token.position)
    }

    fn unexpected(&self, expected: &'static str) -> ExpressionError {
        ExpressionError::Unexpected {
            position: self.position(),
            expected,
            found: self.word().describe(),
        }
    }

    fn take_name(&mut self, name: &str) -> bool {
        let found = matches!(self.word(), Word::Name(word) if word == name);
        self.at += usize::from(found);
        found
    }

    fn take_symbol(&mut self, symbol: &str) -> bool {
        let found = matches!(self.word(), Word::Symbol(word) if *word == symbol);
        self.at += usize::from(found);
        found
    }

    fn require(&mut self, symbol: &str, expected: &'static str) -> Result<(), ExpressionError> {
        if self.take_symbol(symbol) {
            Ok(())
        } else {
            Err(self.unexpected(expected))
        }
    }

    /// One level deeper, within the limit.
    fn nested<T>(
        &mut self,
        inner: impl FnOnce(&mut Self) -> Result<T, ExpressionError>,
    ) -> Result<T, ExpressionError> {
        if self.depth == MAX_DEPTH {
            return Err(ExpressionError::TooDeep {
                position: self.position(),
                limit: MAX_DEPTH,
            });
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    fn or(&mut self) -> Result<Typed, ExpressionError> {
        let start = self.position();
        let mut left = self.and()?;
        while self.take_name("or") {
            let right_start = self.position();
            let right = self.and()?.condition(right_start, "`or`")?;
            let left_side = left.condition(start, "`or`")?;
            left = Typed::Condition(Condition::Or(Box::new(left_side), Box::new(right)));
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Typed, ExpressionError> {
        let start = self.position();
        let mut left = self.not()?;
        while self.take_name("and") {
            let right_start = self.position();
            let right = self.not()?.condition(right_start, "`and`")?;
            let left_side = left.condition(start, "`and`")?;
            left = Typed::Condition(Condition::And(Box::new(left_side), Box::new(right)));
        }
        Ok(left)
    }

    fn not(&mut self) -> Result<Typed, ExpressionError> {
        if !self.take_name("not") {
            return self.comparison();
        }
        let start = self.position();
        let of = self.nested(Self::not)?.condition(start, "`not`")?;
        Ok(Typed::Condition(Condition::Not(Box::new(of))))
    }

    fn comparison(&mut self) -> Result<Typed, ExpressionError> {
        let start = self.position();
        let left = self.sum()?;
        let Some((operator, symbol)) = self.comparison_operator() else {
            return Ok(left);
        };
        let left = left.number(start, symbol)?;
        let right_start = self.position();
        let right = self.sum()?.number(right_start, symbol)?;
        Ok(Typed::Condition(Condition::Compare(
            operator,
            Box::new(left),
            Box::new(right),
        )))
    }

    fn comparison_operator(&mut self) -> Option<(Comparison, &'static str)> {
        let Word::Symbol(symbol) = self.word() else {
            return None;
        };
        let operator = match *symbol {
            "<" => Comparison::Below,
            "<=" => Comparison::AtMost,
            ">" => Comparison::Above,
            ">=" => Comparison::AtLeast,
            "==" => Comparison::Equal,
            "!=" => Comparison::Unequal,
            _ => return None,
        };
        self.at += 1;
        Some((operator, symbol))
    }

    fn sum(&mut self) -> Result<Typed, ExpressionError> {
        let operators = [("+", Arithmetic::Add), ("-", Arithmetic::Subtract)];
        self.chain(operators, Self::product)
    }

    fn product(&mut self) -> Result<Typed, ExpressionError> {
        let operators = [("*", Arithmetic::Multiply), ("/", Arithmetic::Divide)];
        self.chain(operators, Self::unary)
    }

    /// Operands joined by operators of one rank, from the left.
    fn chain(
        &mut self,
        operators: [(&'static str, Arithmetic); 2],
        operand: fn(&mut Self) -> Result<Typed, ExpressionError>,
    ) -> Result<Typed, ExpressionError> {
        let start = self.position();
        let mut left = operand(self)?;
        loop {
            let found = operators
                .into_iter()
                .find(|(symbol, _)| self.take_symbol(symbol));
            let Some((symbol, operator)) = found else {
                return Ok(left);
            };
            let right_start = self.position();
            let right = operand(self)?.number(right_start, symbol)?;
            let left_side = left.number(start, symbol)?;
            left = Typed::Number(Number::Binary(
                operator,
                Box::new(left_side),
                Box::new(right),
            ));
        }
    }

    fn unary(&mut self) -> Result<Typed, ExpressionError> {
        if !self.take_symbol("-") {
            return self.primary();
        }
        let start = self.position();
        let of = self.nested(Self::unary)?.number(start, "`-`")?;
        Ok(Typed::Number(Number::Negate(Box::new(of))))
    }

    fn primary(&mut self) -> Result<Typed, ExpressionError> {
        match self.word() {
            Word::Number(value) => {
                self.at += 1;
                Ok(Typed::Number(Number::Constant(*value)))
            }
            Word::Symbol("(") => {
                self.at += 1;
                let inner = self.nested(Self::or)?;
                self.require(")", "`)`")?;
                Ok(inner)
            }
            Word::Name(name) => match name.as_str() {
                "and" | "or" | "not" => Err(self.unexpected("a number, a feature or `(`")),
                "abs" => self.function(1, |mut of| Some(Number::Absolute(Box::new(of.pop()?)))),
                "min" => self.function(2, |of| binary(Arithmetic::Smaller, of)),
                "max" => self.function(2, |of| binary(Arithmetic::Larger, of)),
                _ => {
                    let position = self.position();
                    let name = self.feature()?;
                    let input = (self.resolve)(&name, position)?;
                    Ok(Typed::Number(Number::Input(input)))
                }
            },
            Word::Symbol(_) | Word::End => Err(self.unexpected("a number, a feature or `(`")),
        }
    }

    fn function(
        &mut self,
        count: usize,
        make: fn(Vec<Number>) -> Option<Number>,
    ) -> Result<Typed, ExpressionError> {
        let context = self.word().describe();
        self.at += 1;
        self.require("(", "`(`")?;
        let mut arguments = Vec::with_capacity(count);
        for index in 0..count {
            if index > 0 {
                self.require(",", "`,` and another argument")?;
            }
            let start = self.position();
            arguments.push(self.nested(Self::or)?.number(start, &context)?);
        }
        self.require(")", "`)`")?;
        let number = make(arguments).ok_or_else(|| self.unexpected("an argument"))?;
        Ok(Typed::Number(number))
    }

    /// A feature's name as the registry reads it, sources included.
    fn feature(&mut self) -> Result<String, ExpressionError> {
        let Word::Name(name) = self.word() else {
            return Err(self.unexpected("the name of a feature or column"));
        };
        self.at += 1;
        let mut text = name.clone();
        if self.take_symbol("(") {
            text.push('(');
            loop {
                text.push_str(&self.nested(Self::feature)?);
                if !self.take_symbol(",") {
                    break;
                }
                text.push(',');
            }
            self.require(")", "`)` or `,`")?;
            text.push(')');
        }
        Ok(text)
    }
}

fn binary(operator: Arithmetic, arguments: Vec<Number>) -> Option<Number> {
    let [a, b]: [Number; 2] = arguments.try_into().ok()?;
    Some(Number::Binary(operator, Box::new(a), Box::new(b)))
}
