//! OpenTelemetry's propagators with its adapters for headers, for the trace context alone and with baggage.

use std::hint::black_box;

use http::{HeaderMap, HeaderValue};
use opentelemetry::{
    Context,
    propagation::{TextMapCompositePropagator, TextMapPropagator},
    trace::TraceContextExt,
};
use opentelemetry_http::{HeaderExtractor, HeaderInjector};
use opentelemetry_sdk::propagation::{BaggagePropagator, TraceContextPropagator};

use crate::case::{Running, Setting, TRACEPARENT};

fn both() -> TextMapCompositePropagator {
    TextMapCompositePropagator::new(vec![
        Box::new(TraceContextPropagator::new()),
        Box::new(BaggagePropagator::new()),
    ])
}

fn filled() -> HeaderMap {
    HeaderMap::from_iter([("traceparent".parse().expect("a name"), HeaderValue::from_static(TRACEPARENT))])
}

fn injecting(propagator: &impl TextMapPropagator) -> Context {
    let context = propagator.extract(&HeaderExtractor(&filled()));
    let mut headers = HeaderMap::new();
    propagator.inject_context(&context, &mut HeaderInjector(&mut headers));
    assert_eq!(headers["traceparent"], TRACEPARENT);
    context
}

fn extracting(propagator: &impl TextMapPropagator) -> HeaderMap {
    let headers = filled();
    assert!(propagator.extract(&HeaderExtractor(&headers)).span().span_context().is_remote());
    headers
}

pub(super) fn inject_traceparent(_: Setting) -> Running {
    let propagator = TraceContextPropagator::new();
    let context = injecting(&propagator);
    Running::new(move |repeats| workload_inject_traceparent(&propagator, &context, repeats))
}

#[inline(never)]
fn workload_inject_traceparent(propagator: &TraceContextPropagator, context: &Context, repeats: u64) {
    for _ in 0..repeats {
        let mut headers = HeaderMap::new();
        propagator.inject_context(black_box(context), &mut HeaderInjector(&mut headers));
        black_box(&headers);
    }
}

pub(super) fn inject_w3c(_: Setting) -> Running {
    let propagator = both();
    let context = injecting(&propagator);
    Running::new(move |repeats| workload_inject_w3c(&propagator, &context, repeats))
}

#[inline(never)]
fn workload_inject_w3c(propagator: &TextMapCompositePropagator, context: &Context, repeats: u64) {
    for _ in 0..repeats {
        let mut headers = HeaderMap::new();
        propagator.inject_context(black_box(context), &mut HeaderInjector(&mut headers));
        black_box(&headers);
    }
}

pub(super) fn extract_traceparent(_: Setting) -> Running {
    let propagator = TraceContextPropagator::new();
    let headers = extracting(&propagator);
    Running::new(move |repeats| workload_extract_traceparent(&propagator, &headers, repeats))
}

#[inline(never)]
fn workload_extract_traceparent(propagator: &TraceContextPropagator, headers: &HeaderMap, repeats: u64) {
    for _ in 0..repeats {
        black_box(&propagator.extract(&HeaderExtractor(black_box(headers))));
    }
}

pub(super) fn extract_w3c(_: Setting) -> Running {
    let propagator = both();
    let headers = extracting(&propagator);
    Running::new(move |repeats| workload_extract_w3c(&propagator, &headers, repeats))
}

#[inline(never)]
fn workload_extract_w3c(propagator: &TextMapCompositePropagator, headers: &HeaderMap, repeats: u64) {
    for _ in 0..repeats {
        black_box(&propagator.extract(&HeaderExtractor(black_box(headers))));
    }
}
