//! Tests of `forwarder`: its behaviour, and every case of the W3C trace-context suite over HTTP.
//!
//! The cases are those of `test/test.py` in w3c/trace-context at acab820be9db (2026-06-29) with `SPEC_LEVEL=2` and
//! `STRICT_LEVEL=2`: 41, of which [`traceparent`] has 24, [`tracestate`] 14 and [`several_calls`] 3, in the suite's order.
//! The expectations are the suite's. The requests are written to a socket byte by byte, so that repeated headers, unusual
//! case and white space arrive unchanged. The tests are in this package because Cargo passes the path of a binary only to
//! tests of its own package.

mod behaviour;
mod callbacks;
#[path = "../command/mod.rs"]
mod command;
mod harness;
mod process;
mod several_calls;
mod traceparent;
mod tracestate;
