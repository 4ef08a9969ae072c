//! Whole spans, from start to finish.

use std::hint::black_box;

use anytrace_api::{Operation, Tracer, TracerExt, Value, tags};
use anytrace_bench::distinct;

use crate::setting::{in_bursts, not_sampling, recording};

pub(crate) fn span_no_tags(repeats: u64) {
    in_bursts(&recording(), repeats, workload_span_no_tags);
}

#[inline(never)]
fn workload_span_no_tags(tracer: &dyn Tracer, repeats: u64) {
    for _ in 0..repeats {
        tracer.start_trace("GET /users").finish();
    }
}

pub(crate) fn span_4_tags_at_start(repeats: u64) {
    in_bursts(&recording(), repeats, workload_span_4_tags_at_start);
}

#[inline(never)]
fn workload_span_4_tags_at_start(tracer: &dyn Tracer, repeats: u64) {
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

pub(crate) fn span_4_tags_after(repeats: u64) {
    in_bursts(&recording(), repeats, workload_span_4_tags_after);
}

#[inline(never)]
fn workload_span_4_tags_after(tracer: &dyn Tracer, repeats: u64) {
    for _ in 0..repeats {
        let span = tracer.start_trace("GET /users");
        span.set_tag("http.method", Value::fixed("GET"));
        span.set_tag("http.route", Value::fixed("/users/{id}"));
        span.set_tag("http.status_code", black_box(200_i64));
        span.set_tag("cache.hit", black_box(true));
        span.finish();
    }
}

pub(crate) fn span_4_tags_one_call(repeats: u64) {
    in_bursts(&recording(), repeats, workload_span_4_tags_one_call);
}

#[inline(never)]
fn workload_span_4_tags_one_call(tracer: &dyn Tracer, repeats: u64) {
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

pub(crate) fn not_sampled_4_tags(repeats: u64) {
    in_bursts(&not_sampling(), repeats, workload_not_sampled_4_tags);
}

#[inline(never)]
fn workload_not_sampled_4_tags(tracer: &dyn Tracer, repeats: u64) {
    distinct("not_sampled_4_tags");
    for _ in 0..repeats {
        let span = tracer.start_trace("GET /users");
        span.set_tag("http.method", Value::fixed("GET"));
        span.set_tag("http.route", Value::fixed("/users/{id}"));
        span.set_tag("http.status_code", black_box(200_i64));
        span.set_tag("cache.hit", black_box(true));
        span.finish();
    }
}
