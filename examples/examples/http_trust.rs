//! Shows how a server decides which callers' traces it continues, and how many traces callers may force it to record.

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
    inbound_contexts();
    limit_forced_traces();
}

/// Builds a request whose context is sampled.
fn request(path: &str) -> Builder {
    let traceparent = format!("00-{CALLERS_TRACE}-00f067aa0ba902b7-01");
    Request::get(path).header("traceparent", traceparent).header("baggage", "customer=ada")
}

/// Continues local callers, links to partners, and ignores the contexts of all others.
fn inbound_contexts() {
    let mock = MockTracer::new();
    let policy = ServerPolicy::new()
        .tracer(mock.handle())
        // With axum: `Some(extensions.get::<ConnectInfo<SocketAddr>>()?.0)`.
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

/// A caller marks every request as sampled. Two traces per second are recorded because of it; the sampler decides about
/// the others.
fn limit_forced_traces() {
    let mock = MockTracer::with(|builder| builder.sampler(Sampler::parent_based(Sampler::ratio(0.0))));
    let millis = Arc::new(AtomicU64::new(0));
    let clock = Arc::clone(&millis);
    // Without a custom clock: `RateLimit::per_second(2)`.
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
