//! `forwarder` as conformance clients see it: what it does, and each case of the W3C's suite on the wire.
//!
//! The cases are those of `test/test.py` in w3c/trace-context at acab820be9db (2026-06-29) with `SPEC_LEVEL=2` and
//! `STRICT_LEVEL=2`: 41, of which [`traceparent`] has 24, [`tracestate`] 14 and [`several`] 3, in the suite's order. What
//! they ask for is the suite's, how it is asked is not: what is sent is written byte by byte to a socket, so that
//! repeated headers, odd case and odd white space arrive as they are. They are here, since only the tests of a package
//! know where its binaries are.

mod behaviour;
mod callbacks;
mod harness;
mod process;
mod several;
mod traceparent;
mod tracestate;
