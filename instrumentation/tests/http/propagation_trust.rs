//! Limits on inbound trace contexts and on outbound baggage.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anytrace_api::{Sampling, TraceContext, propagation::B3};
use anytrace_instrumentation::{
    ClientPolicy, InboundContext, Propagation, RateLimit, RefusalCounts, ServerPolicy, before_http_request,
    before_request,
};
use anytrace_recorder::{MockTracer, Sampler};
use http::{Request, header::HeaderValue};

const CALLER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn incoming() -> Request<()> {
    Request::get("/").header("traceparent", CALLER).header("baggage", "k=v").body(()).unwrap()
}

fn refused(contexts: u64, debug: u64, forced: u64) -> RefusalCounts {
    let mut refused = RefusalCounts::default();
    (refused.contexts, refused.debug, refused.forced) = (contexts, debug, forced);
    refused
}

/// Returns whether the span has a parent, its number of links, and its number of baggage members.
fn serve(mock: &MockTracer, request: &Request<()>, policy: &ServerPolicy) -> (bool, usize, usize) {
    let span = before_request(request, policy);
    let baggage = span.baggage().len();
    span.finish();
    let span = mock.span("GET");
    let links = span.links().filter_map(|link| link.context().span_id()).count();
    mock.reset();
    (span.parent_span_id().is_some(), links, baggage)
}

const CONTINUED: (bool, usize, usize) = (true, 0, 1);
const LINKED: (bool, usize, usize) = (false, 1, 0);
const IGNORED: (bool, usize, usize) = (false, 0, 0);

#[test]
fn inbound_contexts_are_continued_linked_or_ignored() {
    let mock = MockTracer::new();
    for (inbound, expected, contexts) in [
        (InboundContext::Continue, CONTINUED, 0),
        (InboundContext::ContinueDebug, CONTINUED, 0),
        (InboundContext::Link, LINKED, 1),
        (InboundContext::Ignore, IGNORED, 1),
    ] {
        let policy = ServerPolicy::new().tracer(mock.handle()).inbound_context(inbound);
        assert_eq!(serve(&mock, &incoming(), &policy), expected, "{inbound:?}");
        // A request without a context is not counted.
        assert_eq!(serve(&mock, &Request::new(()), &policy), IGNORED);
        assert_eq!(policy.refused(), refused(contexts, 0, 0), "{inbound:?}");
    }
}

#[test]
fn the_policy_decides_per_request() {
    let mock = MockTracer::new();
    let policy = ServerPolicy::new()
        .tracer(mock.handle())
        .peer(|extensions| extensions.get::<SocketAddr>().copied())
        .inbound_context(InboundContext::Continue)
        .inbound_context_by(|request, peer| match peer {
            Some(peer) if peer.ip().is_loopback() => InboundContext::Continue,
            Some(_) if request.headers().contains_key("x-partner") => InboundContext::Link,
            Some(_) => InboundContext::Ignore,
            None => panic!("no peer"),
        });
    let from = |peer: &str, partner: bool| {
        let mut request = incoming();
        request.extensions_mut().insert::<SocketAddr>(peer.parse().unwrap());
        if partner {
            request.headers_mut().insert("x-partner", HeaderValue::from_static("1"));
        }
        serve(&mock, &request, &policy)
    };
    assert_eq!(from("127.0.0.1:5", false), CONTINUED);
    assert_eq!(from("192.0.2.7:5", true), LINKED);
    assert_eq!(from("192.0.2.7:5", false), IGNORED);
    assert_eq!((policy.refused(), policy.callback_panics()), (refused(2, 0, 0), 0));
    assert_eq!(serve(&mock, &incoming(), &policy), IGNORED, "a panic does not make the caller trusted");
    assert_eq!((policy.refused(), policy.callback_panics()), (refused(3, 0, 0), 1));
    assert_eq!(serve(&mock, &Request::new(()), &policy), IGNORED);
    assert_eq!(policy.callback_panics(), 1, "the callback is not called without a context");
}

const DEBUG: &str = "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-d";

/// Returns a tracer whose sampler records nothing by itself.
fn with_b3(formats: B3) -> MockTracer {
    MockTracer::with(|builder| builder.propagator(formats).sampler(Sampler::parent_based(Sampler::never())))
}

#[test]
fn debug_requests_are_refused_by_default() {
    for (formats, header, value, has_parent) in [
        (B3::single(), "b3", DEBUG, true),
        // Debug requests without a trace.
        (B3::single(), "b3", "d", false),
        (B3::multi(), "x-b3-flags", "1", false),
    ] {
        let mock = with_b3(formats);
        let policy = ServerPolicy::new().tracer(mock.handle());
        let request = Request::get("/").header(header, value).body(()).unwrap();
        let span = |policy: &ServerPolicy| before_request(&request, policy);
        let refusing = span(&policy);
        // A refused debug request counts as sampled.
        let sampling = if has_parent { Sampling::Record } else { Sampling::Drop };
        assert_eq!(refusing.context().sampling(), sampling, "{value}");
        assert_eq!(refusing.is_recording(), has_parent, "{value}");
        assert_eq!(refusing.trace_id().unwrap().to_string() == DEBUG[..32], has_parent, "{value}");
        assert_eq!(policy.refused(), refused(0, 1, 0), "{value}");
        for inbound in [InboundContext::Link, InboundContext::Ignore] {
            assert!(!span(&policy.clone().inbound_context(inbound)).is_recording(), "{value}: {inbound:?}");
        }
        let granting = span(&policy.clone().inbound_context(InboundContext::ContinueDebug));
        assert_eq!(granting.context().sampling(), Sampling::Debug, "{value}");
        assert_eq!(policy.refused(), refused(2, 1, 0), "{value}");
    }
}

#[test]
fn over_the_limit_of_forced_traces_the_sampler_decides() {
    let mock = MockTracer::with(|builder| builder.sampler(Sampler::parent_based(Sampler::never())));
    let millis = Arc::new(AtomicU64::new(0));
    let clock = Arc::clone(&millis);
    let limit = RateLimit::with_clock(2, move || Duration::from_millis(clock.load(Ordering::Relaxed)));
    let policy = ServerPolicy::new().tracer(mock.handle()).forced_traces(limit);
    let recorded = |requests: usize| {
        (0..requests).filter(|_| before_request(&incoming(), &policy).is_recording()).count()
    };
    assert_eq!(recorded(5), 2);
    millis.store(499, Ordering::Relaxed);
    assert_eq!(recorded(5), 0);
    millis.store(500, Ordering::Relaxed);
    assert_eq!(recorded(5), 1);
    assert_eq!(policy.refused(), refused(0, 0, 12));

    // The trace is still continued, with its baggage.
    let span = before_request(&incoming(), &policy);
    assert_eq!((span.trace_id().unwrap().to_string(), span.baggage().len()), (CALLER[3..35].to_owned(), 1));
    // Requests that are not sampled take no tokens.
    let unsampled = Request::get("/").header("traceparent", CALLER.replace("-01", "-00")).body(()).unwrap();
    millis.store(1000, Ordering::Relaxed);
    assert!((0..5).all(|_| !before_request(&unsampled, &policy).is_recording()));
    assert_eq!((recorded(5), policy.refused()), (1, refused(0, 0, 17)));
}

#[test]
fn refused_debug_requests_with_a_trace_count_as_sampled() {
    let mock = with_b3(B3::single());
    let limit = RateLimit::with_clock(1, || Duration::ZERO);
    let edge = ServerPolicy::new().tracer(mock.handle()).forced_traces(limit);
    let request = Request::get("/").header("b3", DEBUG).body(()).unwrap();
    assert!(before_request(&request, &edge).is_recording());
    assert!(!before_request(&request, &edge).is_recording());
    assert_eq!(edge.refused(), refused(0, 2, 1), "the sampled flag counts against the limit");
    // Without a trace, a refused debug request is not sampled and takes no token.
    let request = Request::get("/").header("b3", "d").body(()).unwrap();
    let limit = RateLimit::with_clock(1, || Duration::ZERO);
    let edge = ServerPolicy::new().tracer(mock.handle()).forced_traces(limit.clone());
    assert!(!before_request(&request, &edge).is_recording());
    // Both policies share one bucket.
    let inside = ServerPolicy::new()
        .tracer(mock.handle())
        .forced_traces(limit)
        .inbound_context(InboundContext::ContinueDebug);
    assert!(before_request(&request, &inside).is_recording());
    assert!(!before_request(&request, &inside).is_recording());
    assert_eq!((edge.refused(), inside.refused()), (refused(0, 1, 0), refused(0, 0, 1)));
}

#[test]
fn over_the_limit_a_sampler_can_still_record() {
    let mock = MockTracer::new();
    let policy = ServerPolicy::new().tracer(mock.handle()).forced_traces(RateLimit::per_second(0));
    assert!(before_request(&incoming(), &policy).is_recording());
    assert_eq!(policy.refused(), refused(0, 0, 1));
}

#[test]
fn a_panicking_clock_admits_no_forced_trace() {
    let mock = MockTracer::with(|builder| builder.sampler(Sampler::parent_based(Sampler::never())));
    let limit = RateLimit::with_clock(9, || panic!("no time"));
    let policy = ServerPolicy::new().tracer(mock.handle()).forced_traces(limit);
    assert!(!before_request(&incoming(), &policy).is_recording());
    assert_eq!((policy.callback_panics(), policy.refused()), (1, refused(0, 0, 1)));
}

/// Sends `request` from within a server request that has `baggage`. Returns the request and the withheld members.
fn sent(baggage: &str, propagation: Propagation, mut request: Request<()>) -> (Request<()>, u64) {
    let mock = MockTracer::new();
    let incoming = Request::get("/").header("baggage", baggage).body(()).unwrap();
    let server = before_request(&incoming, &ServerPolicy::new().tracer(mock.handle()));
    let policy = ClientPolicy::new().propagation(move |_| propagation);
    server.run(|| before_http_request(&mut request, &policy).finish());
    (request, policy.baggage_withheld())
}

#[test]
fn a_destination_receives_the_allowed_members_unchanged() {
    for (brought, allowed, gets, withheld) in [
        ("order=7;ttl=3;signed,secret=x;p=1,b=%20", &["order", "b"][..], "order=7;ttl=3;signed,b=%20", 1),
        // Keys are case-sensitive.
        ("Order=1,ORDER=2,order=3", &["order"], "order=3", 2),
        ("Order=1", &["order"], "", 1),
        // A header may have a key more than once.
        ("a=1,x=1,a=2,x=2", &["a"], "a=1,a=2", 2),
        ("a=1,b=2", &["b", "a", "absent", "no token", ""], "a=1,b=2", 0),
        ("a=1,b=2", &[], "", 2),
    ] {
        let (request, counted) = sent(brought, Propagation::Baggage(allowed), Request::new(()));
        let baggage = request.headers().get("baggage").map_or("", |baggage| baggage.to_str().unwrap());
        assert_eq!((baggage, counted), (gets, withheld), "{brought}");
        assert!(request.headers().contains_key("traceparent"));
    }
}

#[test]
fn all_members_of_a_full_baggage_are_checked() {
    let all: Vec<String> = (0..64).map(|n| format!("k{n}={n}")).collect();
    let (request, withheld) = sent(&all.join(","), Propagation::Baggage(&["k63", "k0"]), Request::new(()));
    assert_eq!(request.headers()["baggage"], "k0=0,k63=63");
    assert_eq!(withheld, 62);
}

#[test]
fn headers_that_a_proxy_forwards_are_limited_too() {
    let passed_on = || {
        Request::get("/")
            .header("traceparent", CALLER)
            .header("tracestate", "vendor=1")
            .header("baggage", "secret=x")
            .header("accept", "text/plain")
            .body(())
            .unwrap()
    };
    let (request, withheld) = sent("secret=x", Propagation::Nothing, passed_on());
    let names: Vec<_> = request.headers().keys().map(http::HeaderName::as_str).collect();
    assert_eq!((names, withheld), (vec!["accept"], 1));
    let (request, _) = sent("secret=x", Propagation::Baggage(&["order"]), passed_on());
    assert_ne!(request.headers()["traceparent"], CALLER);
    assert!(!request.headers().contains_key("baggage") && !request.headers().contains_key("tracestate"));
}
