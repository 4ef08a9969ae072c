//! The data that the gateway passes to its plugins.

use std::collections::BTreeMap;

use anytrace_api::{self as trace, SpanRef, propagation::Extracted};

/// The gateway's current span as separate fields.
#[derive(Clone, Copy)]
pub(crate) struct Gateway {
    pub(crate) trace_id: &'static str,
    pub(crate) span_id: &'static str,
    pub(crate) trace_flags: u8,
}

impl Gateway {
    /// Returns the context in these fields. If they are malformed, the context is empty and has an error. Joining an empty
    /// context starts a trace.
    pub(crate) fn context(self) -> Extracted {
        Extracted::from_parts(self.trace_id, self.span_id, self.trace_flags)
    }
}

/// The request and the response as a plugin sees them.
pub(crate) struct Object {
    pub(crate) gateway: Gateway,
    pub(crate) api_key: &'static str,
    pub(crate) status: u16,
    pub(crate) set_headers: BTreeMap<&'static str, &'static str>,
    pub(crate) log: Vec<String>,
}

impl Object {
    pub(crate) fn new(gateway: Gateway, api_key: &'static str) -> Self {
        Object { gateway, api_key, status: 200, set_headers: BTreeMap::new(), log: Vec::new() }
    }

    pub(crate) fn log(&mut self, message: &str) {
        self.log.push(log_line(message));
    }
}

fn log_line(message: &str) -> String {
    match trace::current_ids() {
        Some((trace_id, _)) => format!("trace_id={trace_id} {message}"),
        None => message.to_owned(),
    }
}

/// Makes the gateway's context current without starting a span, so that log lines have its trace id.
pub(crate) fn log_without_a_span(gateway: Gateway) -> String {
    SpanRef::from(gateway.context().into_context()).in_scope(|| log_line("cache hit"))
}
