//! Registry entry of order-flow imbalance: what queues at the best prices gained and lost.

use super::quotes::BASE;
use crate::calculator::Kernel;
use crate::parameter::window;
use crate::registry::{Build, Built, Definition};
use crate::rolling::{Sum, Window, ratio};
use crate::state_fields;

pub(crate) const DEFINITIONS: &[Definition] = &[Definition {
    name: "ofi",
    outputs: &["ofi", "ofi_depth", "bid_flow", "ask_flow"],
    parameters: &[window("length", 1, 50)],
    inputs: &["bid", "ask", "bid_size", "ask_size"],
    description: "Order-flow imbalance of the last quote changes, in size and over the mean depth; and \
                  its two sides.",
    convention: "Sum of e = bid flow - ask flow, where the bid flow is the new size if the bid did not \
                 fall, less the old size if it did not rise, and the ask flow the mirror image (Cont, \
                 Kukanov, Stoikov 2014, eq. 4); `ofi_depth` divides by the mean of (bid_size + \
                 ask_size) / 2. A one-sided, empty or crossed quote (a halt) ends the comparison; the \
                 next one starts anew.",
    build: Build::Series(|a| Ok(Built::over_sources(a, OrderFlow::new(a.length("length")?)))),
    ..BASE
}];

/// Inputs (bid, ask, bid size, ask size).
#[derive(Debug, Clone)]
struct OrderFlow {
    last: Option<[f64; 4]>,
    flows: Window<Sum, 3, 3>,
}

state_fields!(OrderFlow { last, flows });

impl OrderFlow {
    fn new(length: usize) -> Self {
        Self {
            last: None,
            flows: Window::new(length),
        }
    }
}

impl Kernel<4, 4> for OrderFlow {
    fn warm_up(&self) -> [usize; 4] {
        [self.flows.length(); 4]
    }

    #[inline]
    fn step(&mut self, quote: [f64; 4]) -> [f64; 4] {
        let [bid, ask, bids, asks] = quote;
        let market = super::middle(bid, ask).is_some();
        let last = std::mem::replace(&mut self.last, market.then_some(quote));
        let (Some([old_bid, old_ask, old_bids, old_asks]), true) = (last, market) else {
            return [f64::NAN; 4];
        };
        let when = |holds: bool, size: f64| if holds { size } else { 0.0 };
        let bid_flow = when(bid >= old_bid, bids) - when(bid <= old_bid, old_bids);
        let ask_flow = when(ask <= old_ask, asks) - when(ask >= old_ask, old_asks);
        match self.flows.push([bid_flow, ask_flow, 0.5 * (bids + asks)]) {
            Some([bids, asks, depth]) => {
                let flow = bids - asks;
                let mean = depth / self.flows.length() as f64;
                [flow, ratio(flow, mean), bids, asks]
            }
            None => [f64::NAN; 4],
        }
    }
}
