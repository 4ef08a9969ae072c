//! All formats at once, one header a line.

#![no_main]

use anytrace_wire_tests::{headers, laws};

libfuzzer_sys::fuzz_target!(|text: &[u8]| {
    laws::of_text(&laws::all_formats(), &headers(text));
});
