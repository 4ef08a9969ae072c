//! Costs by the number of spans in a trace and of tags in a span.

use std::{hint::black_box, sync::LazyLock};

use anytrace_api::{SpanRef, StartedSpan, TracerExt, backend::Tracer};

use super::recording::{exporting_case, opaque, recording};
use crate::case::{Running, Setting};

/// Traces of `SPANS` spans. Each repeat is one span, so that finished spans can be exported during a trace.
pub(super) fn trace<const SPANS: u64>(setting: Setting) -> Running {
    let tracer = recording(setting);
    let (mut root, mut left) = (None, SPANS);
    exporting_case(tracer, move |mut repeats| {
        while repeats > 0 {
            let children = repeats.min(left - 1);
            workload_children(root.get_or_insert_with(|| workload_root(opaque(tracer))), children);
            (repeats, left) = (repeats - children, left - children);
            if repeats > 0 {
                workload_finish(root.take());
                (repeats, left) = (repeats - 1, SPANS);
            }
        }
    })
}

#[inline(never)]
fn workload_root(tracer: &dyn Tracer) -> StartedSpan {
    tracer.start_trace("GET /users")
}

#[inline(never)]
fn workload_children(root: &SpanRef, children: u64) {
    for _ in 0..children {
        root.start_child("SELECT users").finish();
    }
}

#[inline(never)]
fn workload_finish(root: Option<StartedSpan>) {
    root.into_iter().for_each(StartedSpan::finish);
}

/// Keys of different lengths, like in a program.
static KEYS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let parts = ["http", "db", "messaging", "user", "rpc", "cache", "feature_flag", "k8s"];
    let details = ["id", "name", "system.version", "count", "error.kind", "size", "operation", "address"];
    let names = parts.iter().flat_map(|part| details.iter().map(move |detail| format!("{part}.{detail}")));
    names.map(|name| &*name.leak()).collect()
});

/// Spans with `TAGS` tags, each set after the start.
pub(super) fn tags<const TAGS: usize>(setting: Setting) -> Running {
    let tracer = recording(setting);
    exporting_case(tracer, move |repeats| workload_tags(opaque(tracer), &KEYS[..TAGS], repeats))
}

#[inline(never)]
fn workload_tags(tracer: &dyn Tracer, keys: &[&'static str], repeats: u64) {
    for _ in 0..repeats {
        let span = tracer.start_trace("GET /users");
        for key in keys {
            span.set_tag(*key, black_box(200_i64));
        }
        span.finish();
    }
}
