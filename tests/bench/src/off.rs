//! What tracing costs where nothing is recorded.

use std::hint::black_box;

use anytrace_api::{Tracer, TracerExt, TracerHandle, install, tracer_scope};
use anytrace_bench::{WARM_UP, distinct};
use anytrace_noop::NoopTracer;

pub(crate) fn start_nothing_installed(repeats: u64) {
    workload_start_nothing_installed(WARM_UP);
    workload_start_nothing_installed(repeats);
}

#[inline(never)]
fn workload_start_nothing_installed(repeats: u64) {
    for _ in 0..repeats {
        let span = anytrace_api::start_span("GET /users");
        // Where the compiler sees that there is no span, it would leave out the rest.
        black_box(&span);
        span.finish();
    }
}

pub(crate) fn noop_dyn(repeats: u64) {
    let tracer = NoopTracer::new();
    workload_noop_dyn(&tracer, WARM_UP);
    workload_noop_dyn(&tracer, repeats);
}

#[inline(never)]
fn workload_noop_dyn(tracer: &dyn Tracer, repeats: u64) {
    for _ in 0..repeats {
        tracer.start_trace("GET /users").finish();
    }
}

pub(crate) fn noop_free(repeats: u64) {
    install(NoopTracer::new()).expect("nothing else is installed");
    workload_noop_free(WARM_UP);
    workload_noop_free(repeats);
}

#[inline(never)]
fn workload_noop_free(repeats: u64) {
    for _ in 0..repeats {
        anytrace_api::start_span("GET /users").finish();
    }
}

pub(crate) fn scoped_override(repeats: u64) {
    let _in_force = tracer_scope(&TracerHandle::new(NoopTracer::new()));
    workload_scoped_override(WARM_UP);
    workload_scoped_override(repeats);
}

#[inline(never)]
fn workload_scoped_override(repeats: u64) {
    distinct("scoped_override");
    for _ in 0..repeats {
        anytrace_api::start_span("GET /users").finish();
    }
}
