//! Fuzzes the composite of all formats. Input: one header per line.

#![no_main]

use anytrace_wire_tests::{headers, invariants};

libfuzzer_sys::fuzz_target!(|text: &[u8]| {
    invariants::check_text(&invariants::all_formats(), &headers(text));
});
