//! Spans with children.

use std::hint::black_box;

use anytrace_api::{Event, Operation, TracerExt, Value, backend::Tracer, tags};

use super::recording::with_recording;
use crate::case::{Running, Setting};

pub(super) fn w2(setting: Setting) -> Running {
    with_recording(setting, workload_w2)
}

#[inline(never)]
fn workload_w2(tracer: &dyn Tracer, repeats: u64) {
    for _ in 0..repeats {
        let root = tracer.start_trace("GET /users");
        let tags = tags! {
            "http.method" => "GET",
            "http.route" => "/users/{id}",
            "http.status_code" => black_box(200_i64),
            "cache.hit" => black_box(true),
        };
        let child = root.start_child(Operation::internal("load").tags(&tags));
        child.event_with(Event::new("cache miss").tags(&tags! { "cache.key" => "users" }));
        child.finish();
        root.finish();
    }
}

pub(super) fn w3(setting: Setting) -> Running {
    with_recording(setting, workload_w3)
}

#[inline(never)]
fn workload_w3(tracer: &dyn Tracer, repeats: u64) {
    for _ in 0..repeats {
        let root = tracer.start_trace("GET /users");
        for _ in 0..99 {
            let child = root.start_child("SELECT users");
            child.set_tag("db.system", Value::literal("postgresql"));
            child.set_tag("db.rows", black_box(3_i64));
            child.finish();
        }
        root.finish();
    }
}
