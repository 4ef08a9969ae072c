//! The OpenTelemetry bridge with OpenTelemetry's SDK behind it.

use anytrace_otel_bridge::OtelTracer;

use super::spans::workload_w1_at_start;
use crate::case::{Running, Setting};
use crate::peers::{sdk, sdk_off};

pub(super) fn sampled(setting: Setting) -> Running {
    let sdk = sdk(setting);
    let tracer = OtelTracer::new(sdk.provider().clone());
    Running::new(move |repeats| workload_w1_at_start(&tracer, repeats))
        .exporting(|spans| sdk.export_spans(spans))
}

pub(super) fn not_sampled(_: Setting) -> Running {
    let tracer = OtelTracer::new(sdk_off().clone());
    Running::new(move |repeats| workload_w1_at_start(&tracer, repeats))
}
