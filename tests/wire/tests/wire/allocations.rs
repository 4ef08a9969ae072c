//! The number of allocations of extracting and injecting.

use allocation_counter::measure;
use anytrace_api::{
    Context, Sampling, SpanId, TraceContext, TraceId,
    propagation::{
        B3, Binary, Composite, Extracted, Jaeger, Propagator, TextMapWriter, W3C, W3cTraceContext, XRay,
    },
};
use http::{HeaderMap, HeaderName, HeaderValue};

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// A carrier that discards headers without allocating.
struct Discard;

impl TextMapWriter for Discard {
    fn set(&mut self, _: &str, _: &str) {}
    fn remove(&mut self, _: &str) {}
    fn remove_with_prefix(&mut self, _: &str) {}
}

fn count(work: impl FnOnce()) -> u64 {
    measure(work).count_total
}

fn incoming(more: &[(&'static str, &'static str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in [("host", "api.test"), ("accept", "*/*"), ("traceparent", PARENT)].iter().chain(more)
    {
        headers.append(*name, HeaderValue::from_static(value));
    }
    headers
}

fn read(format: &dyn Propagator, headers: &HeaderMap) -> u64 {
    let mut ids = None;
    let allocations = count(|| ids = Extracted::read(format, headers).context().ids());
    assert!(ids.is_some());
    allocations
}

#[test]
fn extracting_ids_does_not_allocate() {
    let headers = incoming(&[]);
    assert_eq!(read(&W3cTraceContext, &headers), 0);
    assert_eq!(read(&W3C, &headers), 0);
    let pairs = [("traceparent", PARENT)];
    assert_eq!(count(|| assert!(!Extracted::read(&W3C, &pairs).is_empty())), 0);
    let all = Composite::named("b3,jaeger,xray,tracecontext,baggage").unwrap();
    assert_eq!(read(&all, &headers), 0);
    for (format, field) in [
        (&B3::single() as &dyn Propagator, ("b3", "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1")),
        (&Jaeger, ("uber-trace-id", "4bf92f3577b34da6a3ce929d0e0e4736:00f067aa0ba902b7:0:1")),
        (
            &XRay,
            ("x-amzn-trace-id", "Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=00f067aa0ba902b7;Sampled=1"),
        ),
    ] {
        assert_eq!(count(|| assert!(!Extracted::read(format, &[field]).is_empty())), 0, "{}", field.0);
        assert_eq!(count(|| assert!(!Extracted::read(&all, &[field]).is_empty())), 0, "{}", field.0);
    }
    let ids = (TraceId::from_u128(1).unwrap(), SpanId::from_u64(2).unwrap());
    let bytes = Binary::to_bytes(&Context::new(ids.0, ids.1, Sampling::Record));
    assert_eq!(count(|| assert!(!Binary::from_bytes(&bytes).is_empty())), 0);
}

#[test]
fn extracting_a_trace_state_allocates_twice() {
    assert_eq!(read(&W3cTraceContext, &incoming(&[("tracestate", "congo=t61,rojo=1")])), 2);
}

#[test]
fn injecting_ids_does_not_allocate() {
    let ids = (TraceId::from_u128(1).unwrap(), SpanId::from_u64(2).unwrap());
    let context = Context::new(ids.0, ids.1, Sampling::Record);
    for format in [&W3C as &dyn Propagator, &B3::single(), &B3::multi(), &B3::both(), &Jaeger, &XRay] {
        assert_eq!(count(|| format.inject(&context, &mut Discard)), 0);
    }
    let mut state = anytrace_api::data::TraceState::new();
    state.set("congo", "t61").unwrap();
    let context = context.with_trace_state(state);
    assert_eq!(count(|| W3C.inject(&context, &mut Discard)), 0);
}

#[test]
fn injecting_into_http_headers_allocates_only_in_the_header_map() {
    let ids = (TraceId::from_u128(1).unwrap(), SpanId::from_u64(2).unwrap());
    let context = Context::new(ids.0, ids.1, Sampling::Record);
    // The map's storage and the value's text; the name is not copied.
    let by_hand = count(|| {
        let mut headers = HeaderMap::new();
        let value = HeaderValue::from_str(PARENT).unwrap();
        headers.insert(HeaderName::from_static("traceparent"), value);
    });
    for format in [&W3cTraceContext as &dyn Propagator, &W3C] {
        assert_eq!(count(|| format.inject(&context, &mut HeaderMap::new())), by_hand);
        let mut headers = incoming(&[]);
        assert_eq!(count(|| format.inject(&context, &mut headers)), 1);
    }
}

#[test]
fn cloning_baggage_allocates_twice_and_injecting_it_once() {
    let mut baggage = anytrace_api::Baggage::new();
    for n in 0..64 {
        baggage.insert(&format!("key-{n}"), "a value").unwrap();
    }
    assert_eq!(count(|| drop(baggage.clone())), 2);
    let context = Context::default().with_baggage_items(baggage);
    assert_eq!(count(|| W3C.inject(&context, &mut Discard)), 1);
}

#[test]
fn cloning_the_default_composite_does_not_allocate() {
    assert_eq!(count(|| drop(Composite::w3c().clone())), 0);
}

#[test]
fn malformed_bytes_allocate_a_bounded_amount() {
    let ids = (TraceId::from_u128(1).unwrap(), SpanId::from_u64(2).unwrap());
    let mut bytes = Binary::to_bytes(&Context::new(ids.0, ids.1, Sampling::Record));
    bytes[34..38].fill(0xff);
    let cost = measure(|| assert!(Binary::from_bytes(&bytes).is_empty()));
    assert!(cost.bytes_max < 1024, "{cost:?}");
}

#[test]
fn malformed_headers_of_every_format_allocate_a_bounded_amount() {
    let names = (0..10_000).map(|n| (format!("UberCtx-{n}"), "%ff".repeat(200)));
    let long = ("uberctx-".to_owned() + &"k".repeat(1_000_000), String::new());
    let list = ("jaeger-baggage".to_owned(), "a=b,".repeat(250_000));
    let xray = ("x-amzn-trace-id".to_owned(), "a=b;".repeat(250_000));
    let trace_header = ("uber-trace-id".to_owned(), "1:".repeat(500_000));
    let carrier: Vec<_> = names.chain([long, list, xray, trace_header]).collect();
    let all = Composite::named("jaeger,xray").unwrap();
    let cost = measure(|| {
        let found = Extracted::read(&all, &carrier);
        assert!(found.errors().len() <= 5, "{:?}", found.errors());
    });
    assert!(cost.bytes_max < 64 * 1024 && cost.count_total < 1_000, "{cost:?}");
}

#[test]
fn malformed_headers_allocate_a_bounded_amount() {
    let commas = ("baggage", ",".repeat(1_000_000));
    let lines = (0..10_000).map(|n| ("Baggage", format!("key{n}=%ff%ff,bad member,=x")));
    let states = (0..10_000).map(|n| ("tracestate", format!("k{n}=v")));
    let parent = ("traceparent", PARENT.to_owned());
    let carrier: Vec<_> = std::iter::once(commas).chain(lines).chain(states).chain([parent]).collect();
    let cost = measure(|| {
        let found = Extracted::read(&W3C, &carrier);
        assert!(found.context().ids().is_some());
        assert!(found.errors().len() <= 5, "{:?}", found.errors());
    });
    assert!(cost.bytes_max < 64 * 1024 && cost.count_total < 1_000, "{cost:?}");
}
