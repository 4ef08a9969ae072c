//! How costs grow with a trace's spans and a span's tags.

use std::{hint::black_box, sync::LazyLock};

use anytrace_api::{Tracer, TracerExt};

use super::recording::{carried_off, recording};
use crate::case::{Running, Setting};

/// Traces of so many spans.
pub(super) fn trace<const SPANS: u64>(setting: Setting) -> Running {
    let tracer = recording(setting);
    carried_off(tracer, move |repeats| workload_trace(tracer, SPANS, repeats))
}

#[inline(never)]
fn workload_trace(tracer: &dyn Tracer, spans: u64, repeats: u64) {
    for _ in 0..repeats {
        let root = tracer.start_trace("GET /users");
        for _ in 1..spans {
            root.start_child("SELECT users").finish();
        }
        root.finish();
    }
}

/// As in a program, they are not alike.
static KEYS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let parts = ["http", "db", "messaging", "user", "rpc", "cache", "feature_flag", "k8s"];
    let details = ["id", "name", "system.version", "count", "error.kind", "size", "operation", "address"];
    let names = parts.iter().flat_map(|part| details.iter().map(move |detail| format!("{part}.{detail}")));
    names.map(|name| &*name.leak()).collect()
});

/// Spans with so many tags, each set after the start.
pub(super) fn tags<const TAGS: usize>(setting: Setting) -> Running {
    let tracer = recording(setting);
    carried_off(tracer, move |repeats| workload_tags(tracer, &KEYS[..TAGS], repeats))
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
