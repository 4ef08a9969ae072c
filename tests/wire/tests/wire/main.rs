//! Every vector, through carriers of strings, of bytes and of HTTP headers; properties; allocations.

mod allocations;
mod b3;
mod b3_join;
mod baggage;
mod counts;
mod jaeger;
mod parts;
mod properties;
mod traceparent;
mod tracestate;
mod vectors;
mod xray;
