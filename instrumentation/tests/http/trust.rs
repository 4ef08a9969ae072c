//! What of callers' contexts is let in, and what of one's own is let out.

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
    ClientPolicy, Inbound, Propagation, RateLimit, Refused, ServerPolicy, before_http_request, before_request,
};
use anytrace_recorder::{MockTracer, Sampler};
use http::{Request, header::HeaderValue};

const CALLER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn incoming() -> Request<()> {
    Request::get("/").header("traceparent", CALLER).header("baggage", "k=v").body(()).unwrap()
}

fn refused(contexts: u64, debug: u64, forced: u64) -> Refused {
    let mut refused = Refused::default();
    (refused.contexts, refused.debug, refused.forced) = (contexts, debug, forced);
    refused
}

/// Whether the span has a parent, how many links, and how much baggage.
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
fn a_caller_may_be_linked_or_ignored_instead_of_continued() {
    let mock = MockTracer::new();
    for (inbound, expected, contexts) in [
        (Inbound::Continue, CONTINUED, 0),
        (Inbound::ContinueDebug, CONTINUED, 0),
        (Inbound::Link, LINKED, 1),
        (Inbound::Ignore, IGNORED, 1),
    ] {
        let policy = ServerPolicy::new().tracer(mock.handle()).inbound(inbound);
        assert_eq!(serve(&mock, &incoming(), &policy), expected, "{inbound:?}");
        // Nothing was brought, so nothing is refused.
        assert_eq!(serve(&mock, &Request::new(()), &policy), IGNORED);
        assert_eq!(policy.refused(), refused(contexts, 0, 0), "{inbound:?}");
    }
}

#[test]
fn each_caller_is_trusted_as_far_as_the_policy_says() {
    let mock = MockTracer::new();
    let policy = ServerPolicy::new()
        .tracer(mock.handle())
        .peer(|extensions| extensions.get::<SocketAddr>().copied())
        .inbound(Inbound::Continue)
        .inbound_by(|request, peer| match peer {
            Some(peer) if peer.ip().is_loopback() => Inbound::Continue,
            Some(_) if request.headers().contains_key("x-partner") => Inbound::Link,
            Some(_) => Inbound::Ignore,
            None => panic!("nobody"),
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
    assert_eq!(serve(&mock, &incoming(), &policy), IGNORED, "a panic does not open the door");
    assert_eq!((policy.refused(), policy.callback_panics()), (refused(3, 0, 0), 1));
    assert_eq!(serve(&mock, &Request::new(()), &policy), IGNORED);
    assert_eq!(policy.callback_panics(), 1, "nobody is asked where there is no context");
}

const DEBUG: &str = "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-d";

/// Of a tracer that records nothing by itself.
fn with_b3(formats: B3) -> MockTracer {
    MockTracer::with(|builder| builder.propagator(formats).sampler(Sampler::parent_based(Sampler::never())))
}

#[test]
fn debug_requests_are_refused_unless_they_are_allowed() {
    for (formats, header, value, has_parent) in [
        (B3::single(), "b3", DEBUG, true),
        // Wishes without a trace.
        (B3::single(), "b3", "d", false),
        (B3::multi(), "x-b3-flags", "1", false),
    ] {
        let mock = with_b3(formats);
        let policy = ServerPolicy::new().tracer(mock.handle());
        let request = Request::get("/").header(header, value).body(()).unwrap();
        let span = |policy: &ServerPolicy| before_request(&request, policy);
        let refusing = span(&policy);
        // What the caller records is recorded here too, as if it had said no more than that.
        let left = if has_parent { Sampling::Record } else { Sampling::Drop };
        assert_eq!(refusing.context().sampling(), left, "{value}");
        assert_eq!(refusing.is_recording(), has_parent, "{value}");
        assert_eq!(refusing.trace_id().unwrap().to_string() == DEBUG[..32], has_parent, "{value}");
        assert_eq!(policy.refused(), refused(0, 1, 0), "{value}");
        for inbound in [Inbound::Link, Inbound::Ignore] {
            assert!(!span(&policy.clone().inbound(inbound)).is_recording(), "{value}: {inbound:?}");
        }
        let granting = span(&policy.clone().inbound(Inbound::ContinueDebug));
        assert_eq!(granting.context().sampling(), Sampling::Debug, "{value}");
        assert_eq!(policy.refused(), refused(2, 1, 0), "{value}");
    }
}

#[test]
fn callers_force_no_more_traces_than_the_limit_and_then_the_sampler_decides() {
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

    // The trace goes on all the same, with its baggage.
    let span = before_request(&incoming(), &policy);
    assert_eq!((span.trace_id().unwrap().to_string(), span.baggage().len()), (CALLER[3..35].to_owned(), 1));
    // What asks for nothing takes nothing.
    let modest = Request::get("/").header("traceparent", CALLER.replace("-01", "-00")).body(()).unwrap();
    millis.store(1000, Ordering::Relaxed);
    assert!((0..5).all(|_| !before_request(&modest, &policy).is_recording()));
    assert_eq!((recorded(5), policy.refused()), (1, refused(0, 0, 17)));
}

#[test]
fn granted_debug_requests_count_as_forced_and_refused_ones_as_what_is_left_of_them() {
    let mock = with_b3(B3::single());
    let limit = RateLimit::with_clock(1, || Duration::ZERO);
    let edge = ServerPolicy::new().tracer(mock.handle()).forced_traces(limit);
    let request = Request::get("/").header("b3", DEBUG).body(()).unwrap();
    assert!(before_request(&request, &edge).is_recording());
    assert!(!before_request(&request, &edge).is_recording());
    assert_eq!(edge.refused(), refused(0, 2, 1), "they are decisions like others");
    // Nothing is left of one without a trace.
    let request = Request::get("/").header("b3", "d").body(()).unwrap();
    let limit = RateLimit::with_clock(1, || Duration::ZERO);
    let edge = ServerPolicy::new().tracer(mock.handle()).forced_traces(limit.clone());
    assert!(!before_request(&request, &edge).is_recording());
    // One bucket for both.
    let inside =
        ServerPolicy::new().tracer(mock.handle()).forced_traces(limit).inbound(Inbound::ContinueDebug);
    assert!(before_request(&request, &inside).is_recording());
    assert!(!before_request(&request, &inside).is_recording());
    assert_eq!((edge.refused(), inside.refused()), (refused(0, 1, 0), refused(0, 0, 1)));
}

#[test]
fn beyond_the_limit_a_tracer_that_records_everything_still_does() {
    let mock = MockTracer::new();
    let policy = ServerPolicy::new().tracer(mock.handle()).forced_traces(RateLimit::per_second(0));
    assert!(before_request(&incoming(), &policy).is_recording());
    assert_eq!(policy.refused(), refused(0, 0, 1));
}

#[test]
fn a_clock_that_panics_lets_nobody_force_anything() {
    let mock = MockTracer::with(|builder| builder.sampler(Sampler::parent_based(Sampler::never())));
    let limit = RateLimit::with_clock(9, || panic!("no time"));
    let policy = ServerPolicy::new().tracer(mock.handle()).forced_traces(limit);
    assert!(!before_request(&incoming(), &policy).is_recording());
    assert_eq!((policy.callback_panics(), policy.refused()), (1, refused(0, 0, 1)));
}

/// The headers with which `request` is sent beneath a request that brought `baggage`.
fn sent(baggage: &str, told: Propagation, mut request: Request<()>) -> (Request<()>, u64) {
    let mock = MockTracer::new();
    let incoming = Request::get("/").header("baggage", baggage).body(()).unwrap();
    let server = before_request(&incoming, &ServerPolicy::new().tracer(mock.handle()));
    let policy = ClientPolicy::new().propagation(move |_| told);
    server.run(|| before_http_request(&mut request, &policy).finish());
    (request, policy.baggage_withheld())
}

#[test]
fn a_destination_gets_the_allowed_members_as_they_are() {
    for (brought, allowed, gets, withheld) in [
        ("order=7;ttl=3;signed,secret=x;p=1,b=%20", &["order", "b"][..], "order=7;ttl=3;signed,b=%20", 1),
        // The case of keys counts, and whatever is not on the list stays here.
        ("Order=1,ORDER=2,order=3", &["order"], "order=3", 2),
        ("Order=1", &["order"], "", 1),
        // A wire may bring a key more than once.
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
fn every_member_of_a_full_baggage_is_checked() {
    let all: Vec<String> = (0..64).map(|n| format!("k{n}={n}")).collect();
    let (request, withheld) = sent(&all.join(","), Propagation::Baggage(&["k63", "k0"]), Request::new(()));
    assert_eq!(request.headers()["baggage"], "k0=0,k63=63");
    assert_eq!(withheld, 62);
}

#[test]
fn what_a_proxy_passes_on_is_told_no_more_than_what_it_says_itself() {
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
