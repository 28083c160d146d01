//! Real-time streams: decoding, order, connections, bars.

mod bars;
mod clients;
mod decoders;
mod live;
mod overload;
mod pool;
