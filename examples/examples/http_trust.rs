//! One server, and callers of every kind: whose trace goes on, and how many traces they may have recorded.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anytrace_instrumentation::{InboundContext, RateLimit, ServerPolicy, before_request};
use anytrace_recorder::{MockTracer, Sampler};
use http::{Request, request::Builder};

const CALLERS_TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

fn main() {
    whose_trace_goes_on();
    how_many_traces_are_forced();
}

/// What a caller sends that wants to be recorded.
fn request(path: &str) -> Builder {
    let traceparent = format!("00-{CALLERS_TRACE}-00f067aa0ba902b7-01");
    Request::get(path).header("traceparent", traceparent).header("baggage", "customer=ada")
}

/// Friends are continued, partners are linked, and of strangers nothing is taken.
fn whose_trace_goes_on() {
    let mock = MockTracer::new();
    let policy = ServerPolicy::new()
        .tracer(mock.handle())
        // As axum has it: `Some(extensions.get::<ConnectInfo<SocketAddr>>()?.0)`.
        .peer(|extensions| extensions.get::<SocketAddr>().copied())
        .inbound_context_by(|request, peer| match peer {
            Some(peer) if peer.ip().is_loopback() => InboundContext::Continue,
            _ if request.uri().path().starts_with("/partner/") => InboundContext::Link,
            _ => InboundContext::Ignore,
        });
    let serve = |path: &str, peer: &str| {
        let peer: SocketAddr = peer.parse().unwrap();
        let span = before_request(&request(path).extension(peer).body(()).unwrap(), &policy);
        let (trace, baggage) = (span.trace_id().unwrap().to_string(), span.baggage().len());
        span.finish();
        let links = mock.finished().last().unwrap().links().count();
        (trace == CALLERS_TRACE, baggage, links)
    };
    assert_eq!(serve("/users", "127.0.0.1:4711"), (true, 1, 0));
    assert_eq!(serve("/partner/users", "192.0.2.7:4711"), (false, 0, 1));
    assert_eq!(serve("/users", "192.0.2.7:4711"), (false, 0, 0));
    println!("{:?}", policy.refused());
    assert_eq!(policy.refused().contexts, 2);
}

/// A caller says `sampled` on everything. Two a second are recorded because of it, and of the others as many as the
/// sampler takes anyway.
fn how_many_traces_are_forced() {
    let mock = MockTracer::with(|builder| builder.sampler(Sampler::parent_based(Sampler::ratio(0.0))));
    let millis = Arc::new(AtomicU64::new(0));
    let clock = Arc::clone(&millis);
    // Without a clock of its own: `RateLimit::per_second(2)`.
    let limit = RateLimit::with_clock(2, move || Duration::from_millis(clock.load(Ordering::Relaxed)));
    let policy = ServerPolicy::new().tracer(mock.handle()).forced_traces(limit);
    let recorded = |requests: usize| {
        let spans = (0..requests).map(|_| before_request(&request("/").body(()).unwrap(), &policy));
        spans.filter(|span| span.is_recording()).count()
    };
    assert_eq!(recorded(100), 2);
    millis.store(500, Ordering::Relaxed);
    assert_eq!(recorded(100), 1);
    println!("{:?}", policy.refused());
    assert_eq!(policy.refused().forced, 197);
}
