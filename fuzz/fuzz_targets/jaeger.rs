//! Fuzzes Jaeger's format. Input: one header per line.

#![no_main]

use anytrace_api::propagation::Jaeger;
use anytrace_wire_tests::{headers, invariants};

libfuzzer_sys::fuzz_target!(|text: &[u8]| {
    invariants::check_single_format(&Jaeger, &headers(text));
});
