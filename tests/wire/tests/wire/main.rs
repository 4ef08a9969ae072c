//! Tests of the wire formats: vectors in several carriers, properties, and allocation counts.

mod allocations;
mod b3;
mod b3_join;
mod baggage;
mod error_counts;
mod jaeger;
mod properties;
mod separate_parts;
mod traceparent;
mod tracestate;
mod vectors;
mod xray;
