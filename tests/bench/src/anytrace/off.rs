//! Costs while nothing is recorded.

use std::{hint::black_box, sync::OnceLock};

use anytrace_api::{TracerExt, TracerHandle, backend::Tracer, install, tracer_scope};
use anytrace_noop::NoopTracer;

use super::recording::opaque;
use crate::case::{Running, Setting, distinct};

pub(super) fn nothing_installed(_: Setting) -> Running {
    Running::new(workload_nothing_installed)
}

#[inline(never)]
fn workload_nothing_installed(repeats: u64) {
    for _ in 0..repeats {
        let span = anytrace_api::start_span("GET /users");
        // Hides from the compiler that the span is empty. Otherwise it removes the remaining code.
        black_box(&span);
        span.finish();
    }
}

pub(super) fn noop_dyn(_: Setting) -> Running {
    let tracer = NoopTracer::new();
    Running::new(move |repeats| workload_noop_dyn(opaque(&tracer), repeats))
}

#[inline(never)]
fn workload_noop_dyn(tracer: &dyn Tracer, repeats: u64) {
    for _ in 0..repeats {
        tracer.start_trace("GET /users").finish();
    }
}

pub(super) fn noop_free(_: Setting) -> Running {
    static INSTALLED: OnceLock<()> = OnceLock::new();
    INSTALLED.get_or_init(|| install(NoopTracer::new()).expect("no other tracer is installed"));
    Running::new(workload_noop_free)
}

#[inline(never)]
fn workload_noop_free(repeats: u64) {
    for _ in 0..repeats {
        anytrace_api::start_span("GET /users").finish();
    }
}

pub(super) fn scoped_override(_: Setting) -> Running {
    let tracer = TracerHandle::new(NoopTracer::new());
    Running::new(move |repeats| {
        let _scope = tracer_scope(&tracer);
        workload_scoped_override(repeats);
    })
}

#[inline(never)]
fn workload_scoped_override(repeats: u64) {
    distinct("scoped_override");
    for _ in 0..repeats {
        anytrace_api::start_span("GET /users").finish();
    }
}
