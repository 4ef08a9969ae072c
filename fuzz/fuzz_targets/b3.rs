//! B3 in both forms, one header a line.

#![no_main]

use anytrace_api::propagation::B3;
use anytrace_wire_tests::{headers, laws};

libfuzzer_sys::fuzz_target!(|text: &[u8]| {
    let headers = headers(text);
    laws::of_one_format(&B3::single(), &headers);
    laws::of_one_format(&B3::multi(), &headers);
    laws::of_text(&B3::both(), &headers);
});
