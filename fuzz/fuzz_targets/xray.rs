//! X-Ray's header, one a line.

#![no_main]

use anytrace_api::propagation::XRay;
use anytrace_wire_tests::{headers, laws};

libfuzzer_sys::fuzz_target!(|text: &[u8]| {
    laws::of_one_format(&XRay, &headers(text));
});
