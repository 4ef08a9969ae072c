//! W3C baggage, one header a line.

#![no_main]

use anytrace_api::propagation::W3cBaggage;
use anytrace_wire_tests::{headers, laws};

libfuzzer_sys::fuzz_target!(|text: &[u8]| {
    laws::of_one_format(&W3cBaggage, &headers(text));
});
