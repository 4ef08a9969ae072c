//! The native context of the bridge: attaching and detaching a span, and starting a span beneath an attached one.

use anytrace_api::{Scope, SpanRef, StartedSpan, TracerExt};
use anytrace_otel_bridge::OtelTracer;

use crate::case::{Running, Setting};
use crate::peers::sdk;

/// A recorded span of the bridge that has been attached once: its OpenTelemetry context exists already.
fn attachable(setting: Setting) -> StartedSpan {
    let span = OtelTracer::new(sdk(setting).provider().clone()).start_trace("GET /users");
    assert!(span.is_recording());
    drop(span.enter());
    span
}

/// Instructions are counted while attaching only; times and allocations include detaching, because otherwise spans
/// would nest deeper than in any program.
pub(super) fn attach(setting: Setting) -> Running {
    let span = attachable(setting);
    Running::new(move |repeats| {
        for _ in 0..repeats {
            drop(workload_bridge_attach(&span));
        }
    })
}

#[inline(never)]
fn workload_bridge_attach(span: &SpanRef) -> Scope {
    span.enter()
}

/// Instructions are counted while detaching only; times and allocations include attaching.
pub(super) fn detach(setting: Setting) -> Running {
    let span = attachable(setting);
    Running::new(move |repeats| {
        for _ in 0..repeats {
            workload_bridge_detach(span.enter());
        }
    })
}

#[inline(never)]
fn workload_bridge_detach(attached: Scope) {
    drop(attached);
}

pub(super) fn start_beneath(setting: Setting) -> Running {
    let sdk = sdk(setting);
    let span = attachable(setting);
    let run = move |repeats| {
        let _attached = span.enter();
        workload_bridge_start_beneath(repeats);
    };
    Running::new(run).exporting(|spans| sdk.export_spans(spans))
}

#[inline(never)]
fn workload_bridge_start_beneath(repeats: u64) {
    crate::case::distinct("bridge_start_beneath");
    for _ in 0..repeats {
        anytrace_api::start_span("SELECT users").finish();
    }
}

pub(super) fn current_once(setting: Setting) -> Running {
    let sdk = sdk(setting);
    let tracer = OtelTracer::new(sdk.provider().clone());
    Running::new(move |repeats| workload_bridge_current_once(&tracer, repeats))
        .exporting(|spans| sdk.export_spans(spans))
}

#[inline(never)]
fn workload_bridge_current_once(tracer: &OtelTracer, repeats: u64) {
    for _ in 0..repeats {
        drop(tracer.start_trace("GET /users").entered());
    }
}
