//! Social media: how much is said, by whom, how far they can be believed, and whether they act
//! together.
//!
//! [`Listener`] reads a post once, when it arrives; [`crate::Knowledge`] keeps it with what its author
//! had posted before. Scores of automation and credibility are rules of thumb that are written down in
//! [`Post`]; they are not measurements.

mod coordination;
mod listener;
mod post;
pub(crate) mod series;

pub use listener::{Heard, Listener};
pub use post::Post;
pub(crate) use post::PostLog;
