//! Complete spans, from start to finish.

use std::hint::black_box;

use anytrace_api::{Operation, TracerExt, Value, backend::Tracer, tags};

use super::recording::{not_sampling, opaque, with_recording};
use crate::case::{Running, Setting, distinct};

pub(super) fn w0(setting: Setting) -> Running {
    with_recording(setting, workload_w0)
}

#[inline(never)]
pub(super) fn workload_w0(tracer: &dyn Tracer, repeats: u64) {
    for _ in 0..repeats {
        tracer.start_trace("GET /users").finish();
    }
}

pub(super) fn w1_at_start(setting: Setting) -> Running {
    with_recording(setting, workload_w1_at_start)
}

#[inline(never)]
pub(crate) fn workload_w1_at_start(tracer: &dyn Tracer, repeats: u64) {
    for _ in 0..repeats {
        let tags = tags! {
            "http.method" => "GET",
            "http.route" => "/users/{id}",
            "http.status_code" => black_box(200_i64),
            "cache.hit" => black_box(true),
        };
        let operation = Operation::internal("GET /users").tags(&tags);
        tracer.start_trace(operation).finish();
    }
}

pub(super) fn w1_after(setting: Setting) -> Running {
    with_recording(setting, workload_w1_after)
}

#[inline(never)]
fn workload_w1_after(tracer: &dyn Tracer, repeats: u64) {
    for _ in 0..repeats {
        let span = tracer.start_trace("GET /users");
        span.set_tag("http.method", Value::literal("GET"));
        span.set_tag("http.route", Value::literal("/users/{id}"));
        span.set_tag("http.status_code", black_box(200_i64));
        span.set_tag("cache.hit", black_box(true));
        span.finish();
    }
}

pub(super) fn w1_one_call(setting: Setting) -> Running {
    with_recording(setting, workload_w1_one_call)
}

#[inline(never)]
fn workload_w1_one_call(tracer: &dyn Tracer, repeats: u64) {
    for _ in 0..repeats {
        let span = tracer.start_trace("GET /users");
        span.set_tags(&tags! {
            "http.method" => "GET",
            "http.route" => "/users/{id}",
            "http.status_code" => black_box(200_i64),
            "cache.hit" => black_box(true),
        });
        span.finish();
    }
}

pub(super) fn not_sampled(_: Setting) -> Running {
    Running::new(|repeats| workload_not_sampled(opaque(not_sampling()), repeats))
}

pub(super) fn not_sampled_at_start(_: Setting) -> Running {
    Running::new(|repeats| workload_w1_at_start(opaque(not_sampling()), repeats))
}

#[inline(never)]
fn workload_not_sampled(tracer: &dyn Tracer, repeats: u64) {
    distinct("not_sampled");
    for _ in 0..repeats {
        let span = tracer.start_trace("GET /users");
        span.set_tag("http.method", Value::literal("GET"));
        span.set_tag("http.route", Value::literal("/users/{id}"));
        span.set_tag("http.status_code", black_box(200_i64));
        span.set_tag("cache.hit", black_box(true));
        span.finish();
    }
}
