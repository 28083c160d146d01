//! What the visible order book looks like at one moment: depth, slope, what an order would cost.

use trader_domain::{Book, BookSide};

use super::middle;

/// Depth and pressure of the best levels of a book.
///
/// `bid_depth` and `ask_depth` are the columns of the same names that `depth_imbalance` reads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BookShape {
    /// Total size of the bid levels looked at.
    pub bid_depth: f64,
    /// Total size of the ask levels looked at.
    pub ask_depth: f64,
    /// Size at the best bid over `bid_depth`: 1 when all of it stands in front; `None` without bids.
    pub bid_concentration: Option<f64>,
    /// The same of the asks.
    pub ask_concentration: Option<f64>,
    /// (bids - asks) / (bids + asks), each level weighted by 1, 1/2, 1/3, ... from the best on; -1..1.
    /// `None` for an empty book.
    pub pressure: Option<f64>,
    /// Size gained per currency unit away from the best price, both sides together: how fast the
    /// book gets deeper (the slope of Naes and Skjeltorp 2006, in shares per currency). `None` when a
    /// side has fewer than two levels.
    pub slope: Option<f64>,
}

/// What taking `quantity` from one side would do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sweep {
    /// Mean price paid or received.
    pub mean_price: f64,
    /// Price of the last level reached.
    pub last_price: f64,
    /// Distance of the mean price from the middle, basis points; positive is a cost. `None` when
    /// the other side is empty or the book is crossed.
    pub cost_bps: Option<f64>,
}

impl BookShape {
    /// Of the best `levels` on each side.
    pub fn of(book: &Book, levels: usize) -> Self {
        let bids = side(book, BookSide::Bid, levels);
        let asks = side(book, BookSide::Ask, levels);
        let (bid_depth, ask_depth) = (total(&bids), total(&asks));
        let weighted = |side: &[(f64, f64)]| -> f64 {
            let levels = side.iter().enumerate();
            levels
                .map(|(level, (_, size))| size / (level + 1) as f64)
                .sum()
        };
        let (bid_weight, ask_weight) = (weighted(&bids), weighted(&asks));
        let front = |side: &[(f64, f64)], depth: f64| {
            let (_, size) = side.first()?;
            Some(size / depth)
        };
        Self {
            bid_depth,
            ask_depth,
            bid_concentration: front(&bids, bid_depth),
            ask_concentration: front(&asks, ask_depth),
            pressure: (bid_weight + ask_weight > 0.0)
                .then(|| (bid_weight - ask_weight) / (bid_weight + ask_weight)),
            slope: gain(&bids).zip(gain(&asks)).map(|(a, b)| 0.5 * (a + b)),
        }
    }

    /// What it would cost to take `quantity` off the book: [`BookSide::Ask`] is to buy. `None` when the
    /// visible levels hold less.
    pub fn sweep(book: &Book, taken: BookSide, quantity: f64) -> Option<Sweep> {
        if !(quantity > 0.0 && quantity.is_finite()) {
            return None;
        }
        let (mut left, mut paid) = (quantity, 0.0);
        for (price, size) in side(book, taken, usize::MAX) {
            let here = size.min(left);
            paid += here * price;
            left -= here;
            if left <= 0.0 {
                let mean_price = paid / quantity;
                let best = |side: Option<(trader_domain::Price, _)>| {
                    side.map_or(0.0, |(price, _)| price.to_f64_lossy())
                };
                let middle = middle(best(book.best_bid()), best(book.best_ask()));
                let direction = match taken {
                    BookSide::Ask => 1.0,
                    BookSide::Bid => -1.0,
                };
                return Some(Sweep {
                    mean_price,
                    last_price: price,
                    cost_bps: middle.map(|middle| 1e4 * direction * (mean_price - middle) / middle),
                });
            }
        }
        None
    }
}

/// (price, size), best first.
fn side(book: &Book, side: BookSide, levels: usize) -> Vec<(f64, f64)> {
    let number = |(price, size): (trader_domain::Price, trader_domain::Quantity)| {
        (price.to_f64_lossy(), size.to_f64_lossy())
    };
    match side {
        BookSide::Bid => book.bids().take(levels).map(number).collect(),
        BookSide::Ask => book.asks().take(levels).map(number).collect(),
    }
}

fn total(side: &[(f64, f64)]) -> f64 {
    side.iter().map(|(_, size)| size).sum()
}

/// Size behind the best level per currency unit of distance.
fn gain(side: &[(f64, f64)]) -> Option<f64> {
    let (first, last) = (side.first()?, side.last()?);
    let distance = (last.0 - first.0).abs();
    (distance > 0.0).then(|| (total(side) - first.1) / distance)
}
