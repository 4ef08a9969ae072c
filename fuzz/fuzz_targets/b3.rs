//! Fuzzes B3 in both forms. Input: one header per line.

#![no_main]

use anytrace_api::propagation::B3;
use anytrace_wire_tests::{headers, invariants};

libfuzzer_sys::fuzz_target!(|text: &[u8]| {
    let headers = headers(text);
    invariants::check_single_format(&B3::single(), &headers);
    invariants::check_single_format(&B3::multi(), &headers);
    invariants::check_text(&B3::both(), &headers);
});
