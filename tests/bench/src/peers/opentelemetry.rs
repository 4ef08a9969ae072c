//! OpenTelemetry's propagator, and its adapters for headers.

use std::hint::black_box;

use anytrace_bench::{TRACEPARENT, WARM_UP};
use http::{HeaderMap, HeaderValue};
use opentelemetry::{Context, propagation::TextMapPropagator, trace::TraceContextExt};
use opentelemetry_http::{HeaderExtractor, HeaderInjector};
use opentelemetry_sdk::propagation::TraceContextPropagator;

fn filled() -> HeaderMap {
    HeaderMap::from_iter([("traceparent".parse().expect("a name"), HeaderValue::from_static(TRACEPARENT))])
}

pub(crate) fn inject(repeats: u64) {
    let propagator = TraceContextPropagator::new();
    let context = propagator.extract(&HeaderExtractor(&filled()));
    let mut headers = HeaderMap::new();
    propagator.inject_context(&context, &mut HeaderInjector(&mut headers));
    assert_eq!(headers["traceparent"], TRACEPARENT);
    workload_opentelemetry_inject(&propagator, &context, WARM_UP);
    workload_opentelemetry_inject(&propagator, &context, repeats);
}

#[inline(never)]
fn workload_opentelemetry_inject(propagator: &TraceContextPropagator, context: &Context, repeats: u64) {
    for _ in 0..repeats {
        let mut headers = HeaderMap::new();
        propagator.inject_context(black_box(context), &mut HeaderInjector(&mut headers));
        black_box(&headers);
    }
}

pub(crate) fn extract(repeats: u64) {
    let (propagator, headers) = (TraceContextPropagator::new(), filled());
    assert!(propagator.extract(&HeaderExtractor(&headers)).span().span_context().is_remote());
    workload_opentelemetry_extract(&propagator, &headers, WARM_UP);
    workload_opentelemetry_extract(&propagator, &headers, repeats);
}

#[inline(never)]
fn workload_opentelemetry_extract(propagator: &TraceContextPropagator, headers: &HeaderMap, repeats: u64) {
    for _ in 0..repeats {
        black_box(&propagator.extract(&HeaderExtractor(black_box(headers))));
    }
}
