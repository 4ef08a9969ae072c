//! Spans with children, with the parent in a context.

use std::hint::black_box;

use opentelemetry::{
    Context, KeyValue,
    global::BoxedTracer,
    trace::{Span, TraceContextExt, Tracer},
};

use super::{provider::sdk, spans::attributes};
use crate::case::{Running, Setting};

pub(super) fn w2(setting: Setting) -> Running {
    sdk(setting).running(workload_w2)
}

#[inline(never)]
fn workload_w2(tracer: &BoxedTracer, repeats: u64) {
    for _ in 0..repeats {
        let root = Context::current_with_span(tracer.start("GET /users"));
        let builder = tracer.span_builder("load").with_attributes(attributes());
        let mut child = tracer.build_with_context(builder, &root);
        child.add_event("cache miss", vec![KeyValue::new("cache.key", "users")]);
        child.end();
        root.span().end();
    }
}

pub(super) fn w3(setting: Setting) -> Running {
    sdk(setting).running(workload_w3)
}

#[inline(never)]
fn workload_w3(tracer: &BoxedTracer, repeats: u64) {
    for _ in 0..repeats {
        let root = Context::current_with_span(tracer.start("GET /users"));
        for _ in 0..99 {
            let mut child = tracer.start_with_context("SELECT users", &root);
            child.set_attribute(KeyValue::new("db.system", "postgresql"));
            child.set_attribute(KeyValue::new("db.rows", black_box(3_i64)));
            child.end();
        }
        root.span().end();
    }
}
