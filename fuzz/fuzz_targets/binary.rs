//! The binary format.

#![no_main]

use anytrace_wire_tests::laws;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    laws::of_bytes(bytes);
});
