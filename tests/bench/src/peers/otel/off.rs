//! Costs while nothing is recorded.

use std::hint::black_box;

use opentelemetry::{
    Context, KeyValue,
    global::BoxedTracer,
    trace::{Span, TraceContextExt, Tracer},
};

use super::{
    provider::{boxed, sdk_off},
    spans::{attributes, workload_w1_at_start},
};
use crate::case::{Running, Setting};

/// The global tracer of a process without a provider.
pub(super) fn noop(_: Setting) -> Running {
    let tracer = opentelemetry::global::tracer("bench");
    Running::new(move |repeats| workload_noop(&tracer, repeats))
}

#[inline(never)]
fn workload_noop(tracer: &BoxedTracer, repeats: u64) {
    for _ in 0..repeats {
        let mut span = tracer.start("GET /users");
        span.end();
    }
}

pub(super) fn not_sampled(_: Setting) -> Running {
    let tracer = boxed(sdk_off());
    Running::new(move |repeats| workload_not_sampled(&tracer, repeats))
}

#[inline(never)]
fn workload_not_sampled(tracer: &BoxedTracer, repeats: u64) {
    crate::case::distinct("otel_not_sampled");
    for _ in 0..repeats {
        let mut span = tracer.start("GET /users");
        span.set_attribute(KeyValue::new("http.method", "GET"));
        span.set_attribute(KeyValue::new("http.route", "/users/{id}"));
        span.set_attribute(KeyValue::new("http.status_code", black_box(200_i64)));
        span.set_attribute(KeyValue::new("cache.hit", black_box(true)));
        span.end();
    }
}

pub(super) fn not_sampled_at_start(_: Setting) -> Running {
    let tracer = boxed(sdk_off());
    Running::new(move |repeats| workload_w1_at_start(&tracer, repeats))
}

/// A span inside a context, which can be passed on.
pub(super) fn in_context(_: Setting) -> Running {
    let tracer = boxed(sdk_off());
    Running::new(move |repeats| workload_in_context(&tracer, repeats))
}

#[inline(never)]
fn workload_in_context(tracer: &BoxedTracer, repeats: u64) {
    crate::case::distinct("otel_not_sampled_in_context");
    for _ in 0..repeats {
        let builder = tracer.span_builder("GET /users").with_attributes(attributes());
        let context = Context::current_with_span(tracer.build(builder));
        context.span().end();
    }
}
