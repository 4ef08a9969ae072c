//! Shows how baggage, key/value pairs that travel with the trace, reaches later spans and other services.

use std::collections::BTreeMap;

use anytrace_api::{
    self as trace, Baggage, Operation, SpanRef, TraceContext,
    errors::BaggageError,
    propagation::{Propagator, W3C, W3cBaggage, W3cTraceContext},
    with_tracer,
};
use anytrace_recorder::MockTracer;

type Headers = BTreeMap<String, String>;

fn main() {
    with_tracer(&MockTracer::new().handle(), || {
        owner();
        shared_by_a_request();
        forked_branch();
        one_call();
        separate_formats();
    });
    println!("baggage reached only the intended spans and requests");
}

fn outgoing() -> Headers {
    let mut headers = Headers::new();
    trace::inject(&mut headers);
    headers
}

/// The owner of a span sets baggage for all children started afterwards.
fn owner() {
    let mut span = trace::start_span("order");
    let earlier = span.start_child("earlier");
    span.set_baggage("tenant", "acme & sons").unwrap();
    span.run(|| {
        assert_eq!(trace::start_span("later").baggage().get("tenant"), Some("acme & sons"));
        assert_eq!(outgoing()["baggage"], "tenant=acme%20&%20sons");
    });
    assert!(earlier.baggage().is_empty());
}

/// With shared baggage, all code in the request can set entries. Server layers enable this.
fn shared_by_a_request() {
    fn authenticate() {
        trace::start_span("authenticate").run(|| trace::set_baggage("tenant", "acme")).unwrap();
    }
    let mut request = trace::start_trace(Operation::server("POST /orders"));
    request.share_baggage();
    request.run(|| {
        authenticate();
        assert_eq!(outgoing()["baggage"], "tenant=acme");
    });
    // Without shared baggage the call would have no effect, so it returns an error.
    assert_eq!(trace::set_baggage("tenant", "acme"), Err(BaggageError::NotShared));
}

/// A forked branch changes its baggage without affecting the request.
fn forked_branch() {
    let mut request = trace::start_trace("request");
    request.share_baggage();
    request.set_baggage("plan", "a").unwrap();
    let mut branch = request.start_child("branch");
    branch.fork_baggage();
    branch.run(|| trace::set_baggage("plan", "b")).unwrap();
    assert_eq!(request.baggage().get("plan"), Some("a"));
}

/// Sends one request without baggage.
fn one_call() {
    let mut span = trace::start_span("call");
    span.set_baggage("tenant", "acme").unwrap();
    let without_baggage = SpanRef::clone(&span).with_baggage_items(Baggage::new());
    let mut headers = Headers::new();
    without_baggage.inject(&mut headers);
    assert_eq!(headers.keys().collect::<Vec<_>>(), ["traceparent"]);
    assert_eq!(span.baggage().get("tenant"), Some("acme"));
}

/// The trace context and the baggage are two formats, which can be injected separately.
fn separate_formats() {
    let mut span = trace::start_span("call");
    span.set_baggage("tenant", "acme").unwrap();
    let (mut context, mut baggage, mut both) = (Headers::new(), Headers::new(), Headers::new());
    W3cTraceContext.inject(span.context(), &mut context);
    W3cBaggage.inject(span.context(), &mut baggage);
    W3C.inject(span.context(), &mut both);
    context.extend(baggage);
    assert_eq!(context, both);
}
