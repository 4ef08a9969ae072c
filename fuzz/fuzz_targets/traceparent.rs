//! Fuzzes the W3C trace context headers. Input: one header per line.

#![no_main]

use anytrace_api::propagation::W3cTraceContext;
use anytrace_wire_tests::{headers, invariants};

libfuzzer_sys::fuzz_target!(|text: &[u8]| {
    invariants::check_single_format(&W3cTraceContext, &headers(text));
});
