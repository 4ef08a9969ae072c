//! What the suite's harness does: sends headers to a service, and looks at those with which it is called back.

use serde_json::{Value as Json, json};

use crate::{
    callbacks::{Callback, Callbacks},
    process::Forwarder,
};

/// The trace and the span of the caller.
pub(crate) const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
pub(crate) const PARENT: &str = "00f067aa0ba902b7";

/// Their header line, with other flags where they are not `01`.
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

    /// Sends these header lines and asks for so many callbacks.
    pub(crate) fn send_for(&self, lines: &[impl AsRef<str>], count: usize) -> Vec<Sent> {
        let call = |n: usize| json!({ "url": self.callbacks.url(&format!("/{n}")), "arguments": [] });
        let answer = self.forwarder.post(lines, &Json::Array((0..count).map(call).collect()).to_string());
        assert_eq!(answer.status, 200, "{answer:?}");
        let sent = (0..count).map(|_| Sent::of(&self.callbacks.next())).collect();
        assert!(self.callbacks.is_quiet(), "one callback too many");
        sent
    }

    /// Each of these values of `traceparent` starts a new trace.
    pub(crate) fn refuses(&self, values: &[String]) {
        for value in values {
            let sent = self.send(&[format!("traceparent: {value}")]);
            assert_ne!(sent.trace_id, TRACE, "{value}");
        }
    }

    /// Each of these header lines continues the caller's trace.
    pub(crate) fn continues(&self, lines: &[String]) {
        for line in lines {
            let sent = self.send(&[line]);
            assert_eq!(sent.trace_id, TRACE, "{line:?}");
            assert_ne!(sent.parent_id, PARENT, "{line:?}");
        }
    }

    /// The state that is sent on when the caller sends these header lines.
    pub(crate) fn state_after(&self, lines: &[&str]) -> String {
        let parent = parent_line("00");
        let lines: Vec<_> = [parent.as_str()].iter().chain(lines).copied().collect();
        let sent = self.send(&lines);
        assert_eq!(sent.trace_id, TRACE, "{lines:?}");
        sent.state
    }
}

/// The trace context with which somebody was called back.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) trace_id: String,
    pub(crate) parent_id: String,
    pub(crate) flags: u8,
    /// All lines of it, joined.
    pub(crate) state: String,
}

impl Sent {
    /// There must be exactly one `traceparent`, and it must be a good one of version 00.
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
