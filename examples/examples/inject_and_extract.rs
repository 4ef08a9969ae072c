//! Shows how to inject and extract contexts by hand: custom carriers, several formats, and malformed headers.

use std::collections::HashMap;

use anytrace_api::{
    self as trace, Operation, TraceContext,
    propagation::{
        B3, Composite, ExtractErrorKind, Extracted, TextMapReader, TextMapWriter, W3cBaggage, W3cTraceContext,
    },
    with_tracer,
};
use anytrace_noop::NoopTracer;
use anytrace_recorder::MockTracer;

fn main() {
    let mock = MockTracer::new();
    with_tracer(&mock.handle(), || {
        let mut headers = HashMap::new();
        client(&mut headers);
        server(&headers);
        message();
    });
    print!("{}", mock.tree());
    assert_eq!(mock.span("GET /users").parent_span_id(), Some(mock.span("GET").span_id()));

    several_formats();
    malformed_headers();
    without_recording();
}

fn client(headers: &mut HashMap<String, String>) {
    trace::start_span(Operation::client("GET")).run(|| trace::inject(headers));
}

/// Joins the caller's trace, or starts one if the headers have no context.
fn server(headers: &HashMap<String, String>) {
    trace::join_trace(Operation::server("GET /users"), &trace::extract(headers)).run(|| {});
}

/// A custom carrier: a message's properties.
#[derive(Default)]
struct Properties(Vec<(String, Vec<u8>)>);

impl TextMapWriter for Properties {
    fn set(&mut self, key: &str, value: &str) {
        self.remove(key);
        self.0.push((key.to_owned(), value.into()));
    }

    fn remove(&mut self, key: &str) {
        self.0.retain(|(name, _)| !name.eq_ignore_ascii_case(key));
    }

    fn remove_with_prefix(&mut self, prefix: &str) {
        self.0.retain(|(name, _)| !has_prefix(name, prefix));
    }
}

impl TextMapReader for Properties {
    fn values<'a>(&'a self, key: &str, each: &mut dyn FnMut(&'a [u8])) {
        let named = self.0.iter().filter(|(name, _)| name.eq_ignore_ascii_case(key));
        named.for_each(|(_, value)| each(value));
    }

    fn fields_with_prefix<'a>(&'a self, prefix: &str, each: &mut dyn FnMut(&'a str, &'a [u8])) {
        let named = self.0.iter().filter(|(name, _)| has_prefix(name, prefix));
        named.for_each(|(name, value)| each(name, value));
    }
}

fn has_prefix(name: &str, prefix: &str) -> bool {
    name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

fn message() {
    let mut properties = Properties::default();
    let sent = trace::start_span(Operation::producer("send"));
    sent.inject(&mut properties);
    assert_eq!(trace::extract(&properties).context().ids(), sent.context().ids());
    sent.finish();
}

/// A tracer uses the configured formats. On extraction, the first format that finds ids wins.
fn several_formats() {
    let formats = Composite::new([B3::single()]).and(W3cTraceContext).and(W3cBaggage);
    let mock = MockTracer::with(|builder| builder.propagator(formats));
    let incoming =
        [("b3", "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1"), ("baggage", "tenant=acme")];
    let span = mock.handle().join_trace("serve", &mock.handle().extract(&incoming));
    let mut outgoing = HashMap::new();
    span.inject(&mut outgoing);
    assert_eq!(outgoing["b3"], format!("80f198ee56343ba864fe8b2a57d3eff7-{}-1", span.span_id().unwrap()));
    assert_eq!((outgoing.contains_key("traceparent"), &*outgoing["baggage"]), (true, "tenant=acme"));
}

/// A malformed header counts as absent. Its error can be counted and is safe to log.
fn malformed_headers() {
    let incoming = [("traceparent", "00-not an id-01"), ("baggage", "tenant=acme,,=")];
    let found = Extracted::read(&Composite::w3c(), &incoming);
    assert!(found.context().ids().is_none());
    assert_eq!(found.context().baggage().get("tenant"), Some("acme"));
    for error in found.errors() {
        println!("{error}");
    }
    assert_eq!(found.errors()[0].kind(), ExtractErrorKind::Malformed);
}

/// A service that records nothing still propagates the context.
fn without_recording() {
    let incoming = [("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")];
    with_tracer(&trace::TracerHandle::new(NoopTracer::new()), || {
        let mut outgoing = HashMap::new();
        trace::join_trace("serve", &trace::extract(&incoming)).run(|| client(&mut outgoing));
        assert_eq!(outgoing["traceparent"], incoming[0].1);
    });
}
