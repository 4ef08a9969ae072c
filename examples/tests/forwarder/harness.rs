//! The harness: sends headers to the service and reads the headers of its callbacks.

use serde_json::{Value as Json, json};

use crate::{
    callbacks::{Callback, Callbacks},
    process::Forwarder,
};

/// The trace id of the caller.
pub(crate) const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// The span id of the caller.
pub(crate) const PARENT: &str = "00f067aa0ba902b7";

/// Returns the caller's `traceparent` line with these flags.
pub(crate) fn parent_line(flags: &str) -> String {
    format!("traceparent: 00-{TRACE}-{PARENT}-{flags}")
}

pub(crate) struct Harness {
    forwarder: Forwarder,
    callbacks: Callbacks,
}

impl Harness {
    pub(crate) fn start() -> Self {
        Harness { forwarder: Forwarder::start(), callbacks: Callbacks::start() }
    }

    /// Sends these header lines and asks for one callback.
    pub(crate) fn send(&self, lines: &[impl AsRef<str>]) -> Sent {
        self.send_for(lines, 1).remove(0)
    }

    /// Sends these header lines and asks for `count` callbacks.
    pub(crate) fn send_for(&self, lines: &[impl AsRef<str>], count: usize) -> Vec<Sent> {
        let call = |n: usize| json!({ "url": self.callbacks.url(&format!("/{n}")), "arguments": [] });
        let response = self.forwarder.post(lines, &Json::Array((0..count).map(call).collect()).to_string());
        assert_eq!(response.status, 200, "{response:?}");
        let sent = (0..count).map(|_| Sent::of(&self.callbacks.next())).collect();
        assert!(self.callbacks.is_empty(), "one callback too many");
        sent
    }

    /// Checks that each of these values of `traceparent` starts a new trace.
    pub(crate) fn assert_restarts(&self, values: &[String]) {
        for value in values {
            let sent = self.send(&[format!("traceparent: {value}")]);
            assert_ne!(sent.trace_id, TRACE, "{value}");
        }
    }

    /// Checks that each of these header lines continues the caller's trace.
    pub(crate) fn assert_continues(&self, lines: &[String]) {
        for line in lines {
            let sent = self.send(&[line]);
            assert_eq!(sent.trace_id, TRACE, "{line:?}");
            assert_ne!(sent.parent_id, PARENT, "{line:?}");
        }
    }

    /// Returns the outgoing trace state for these incoming header lines.
    pub(crate) fn state_after(&self, lines: &[&str]) -> String {
        let parent = parent_line("00");
        let lines: Vec<_> = [parent.as_str()].iter().chain(lines).copied().collect();
        let sent = self.send(&lines);
        assert_eq!(sent.trace_id, TRACE, "{lines:?}");
        sent.state
    }
}

/// The trace context of a callback.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) trace_id: String,
    pub(crate) parent_id: String,
    pub(crate) flags: u8,
    /// The `tracestate` lines, joined.
    pub(crate) state: String,
}

impl Sent {
    /// Reads the context of a callback. Checks that it has exactly one valid `traceparent` of version 00.
    fn of(callback: &Callback) -> Self {
        let values = |wanted: &str| {
            let named = callback.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
            named.map(|(_, value)| value.as_str()).collect::<Vec<_>>()
        };
        let parents = values("traceparent");
        assert_eq!(parents.len(), 1, "{callback:?}");
        let parts: Vec<&str> = parents[0].split('-').collect();
        let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
        let hex = |part: &&str| part.bytes().all(|c| c.is_ascii_digit() || (b'a'..=b'f').contains(&c));
        let is_zero = |part: &str| part.bytes().all(|c| c == b'0');
        assert!(lengths == [2, 32, 16, 2] && parts.iter().all(hex), "{callback:?}");
        assert!(parts[0] == "00" && !is_zero(parts[1]) && !is_zero(parts[2]), "{callback:?}");
        Sent {
            trace_id: parts[1].to_owned(),
            parent_id: parts[2].to_owned(),
            flags: u8::from_str_radix(parts[3], 16).unwrap(),
            state: values("tracestate").join(","),
        }
    }
}
