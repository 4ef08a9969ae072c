//! Fuzzes the binary format.

#![no_main]

use anytrace_wire_tests::invariants;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    invariants::check_bytes(bytes);
});
