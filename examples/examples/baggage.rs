//! Baggage: pairs that travel with the trace, in-band, to everything that starts later, here and in other services.

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
        of_an_owner();
        of_a_request();
        of_a_branch();
        of_one_call();
        separable();
    });
    println!("baggage arrives where it should, and nowhere else");
}

fn outgoing() -> Headers {
    let mut headers = Headers::new();
    trace::inject(&mut headers);
    headers
}

/// The owner of a span sets it for what starts from then on.
fn of_an_owner() {
    let mut span = trace::start_span("order");
    let earlier = span.start_child("earlier");
    span.set_baggage("tenant", "acme & sons").unwrap();
    span.run(|| {
        assert_eq!(trace::start_span("later").baggage().get("tenant"), Some("acme & sons"));
        assert_eq!(outgoing()["baggage"], "tenant=acme%20&%20sons");
    });
    assert!(earlier.baggage().is_empty());
}

/// Where the request shares one baggage, anybody in it may set it. Server layers do that.
fn of_a_request() {
    fn authenticate() {
        trace::start_span("authenticate").run(|| trace::set_baggage("tenant", "acme")).unwrap();
    }
    let mut request = trace::start_trace(Operation::server("POST /orders"));
    request.share_baggage();
    request.run(|| {
        authenticate();
        assert_eq!(outgoing()["baggage"], "tenant=acme");
    });
    // Elsewhere nobody would see it, and that is an error rather than a loss.
    assert_eq!(trace::set_baggage("tenant", "acme"), Err(BaggageError::NotShared));
}

/// A branch that goes its own way.
fn of_a_branch() {
    let mut request = trace::start_trace("request");
    request.share_baggage();
    request.set_baggage("plan", "a").unwrap();
    let mut branch = request.start_child("branch");
    branch.fork_baggage();
    branch.run(|| trace::set_baggage("plan", "b")).unwrap();
    assert_eq!(request.baggage().get("plan"), Some("a"));
}

/// What only one destination may know, or not know.
fn of_one_call() {
    let mut span = trace::start_span("call");
    span.set_baggage("tenant", "acme").unwrap();
    let to_a_stranger = SpanRef::clone(&span).with_baggage_items(Baggage::new());
    let mut headers = Headers::new();
    to_a_stranger.inject(&mut headers);
    assert_eq!(headers.keys().collect::<Vec<_>>(), ["traceparent"]);
    assert_eq!(span.baggage().get("tenant"), Some("acme"));
}

/// Identity and baggage are two formats, and each goes alone.
fn separable() {
    let mut span = trace::start_span("call");
    span.set_baggage("tenant", "acme").unwrap();
    let (mut identity, mut attributes, mut both) = (Headers::new(), Headers::new(), Headers::new());
    W3cTraceContext.inject(span.context(), &mut identity);
    W3cBaggage.inject(span.context(), &mut attributes);
    W3C.inject(span.context(), &mut both);
    identity.extend(attributes);
    assert_eq!(identity, both);
}
