//! Complete spans, from start to finish.

use std::hint::black_box;

use opentelemetry::{
    Context, KeyValue,
    global::BoxedTracer,
    trace::{Span, TraceContextExt, Tracer},
};

use super::provider::sdk;
use crate::case::{Running, Setting};

/// Returns the four attributes of W1.
#[inline]
pub(super) fn attributes() -> [KeyValue; 4] {
    [
        KeyValue::new("http.method", "GET"),
        KeyValue::new("http.route", "/users/{id}"),
        KeyValue::new("http.status_code", black_box(200_i64)),
        KeyValue::new("cache.hit", black_box(true)),
    ]
}

pub(super) fn w0(setting: Setting) -> Running {
    sdk(setting).running(workload_w0)
}

#[inline(never)]
fn workload_w0(tracer: &BoxedTracer, repeats: u64) {
    crate::case::distinct("otel_w0");
    for _ in 0..repeats {
        let mut span = tracer.start("GET /users");
        span.end();
    }
}

pub(super) fn w1_at_start(setting: Setting) -> Running {
    sdk(setting).running(workload_w1_at_start)
}

#[inline(never)]
pub(super) fn workload_w1_at_start(tracer: &BoxedTracer, repeats: u64) {
    for _ in 0..repeats {
        let builder = tracer.span_builder("GET /users").with_attributes(attributes());
        let mut span = tracer.build(builder);
        span.end();
    }
}

pub(super) fn w1_after(setting: Setting) -> Running {
    sdk(setting).running(workload_w1_after)
}

#[inline(never)]
fn workload_w1_after(tracer: &BoxedTracer, repeats: u64) {
    for _ in 0..repeats {
        let mut span = tracer.start("GET /users");
        span.set_attribute(KeyValue::new("http.method", "GET"));
        span.set_attribute(KeyValue::new("http.route", "/users/{id}"));
        span.set_attribute(KeyValue::new("http.status_code", black_box(200_i64)));
        span.set_attribute(KeyValue::new("cache.hit", black_box(true)));
        span.end();
    }
}

pub(super) fn w1_one_call(setting: Setting) -> Running {
    sdk(setting).running(workload_w1_one_call)
}

#[inline(never)]
fn workload_w1_one_call(tracer: &BoxedTracer, repeats: u64) {
    for _ in 0..repeats {
        let mut span = tracer.start("GET /users");
        span.set_attributes(attributes());
        span.end();
    }
}

/// A span inside a context, which can be passed on.
pub(super) fn in_context(setting: Setting) -> Running {
    sdk(setting).running(workload_in_context)
}

#[inline(never)]
fn workload_in_context(tracer: &BoxedTracer, repeats: u64) {
    for _ in 0..repeats {
        let builder = tracer.span_builder("GET /users").with_attributes(attributes());
        let context = Context::current_with_span(tracer.build(builder));
        context.span().end();
    }
}

/// The workload of each thread.
pub(crate) fn threads(repeats: u64) {
    workload_w1_at_start(&sdk(Setting::OnFlush).tracer(), repeats);
}
