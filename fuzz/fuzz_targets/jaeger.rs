//! Jaeger's format, one header a line.

#![no_main]

use anytrace_api::propagation::Jaeger;
use anytrace_wire_tests::{headers, laws};

libfuzzer_sys::fuzz_target!(|text: &[u8]| {
    laws::of_one_format(&Jaeger, &headers(text));
});
