//! OpenTelemetry: without a provider, with an SDK that samples nothing, with an SDK whose exporter drops everything,
//! and its encoders.

mod current;
mod exporters;
mod nested;
mod off;
mod propagation;
mod provider;
mod spans;
mod traces;

pub(crate) use provider::{Sdk, sdk, sdk_off};
pub(crate) use spans::threads;

use crate::{anytrace::batch, case::Case};

const NOOP: &str = "otel_noop";
const OFF: &str = "otel_off";
const SDK: &str = "otel_sdk";
const ZIPKIN: &str = "otel_zipkin";
const OTLP: &str = "otel_otlp";

pub(super) const CASES: &[Case] = &[
    Case::new("nothing_installed", NOOP, off::noop).spans(0).without_tracer(),
    Case::new("noop_dyn", NOOP, off::noop).spans(0),
    Case::new("noop_free", NOOP, off::noop).spans(0),
    Case::new("not_sampled", OFF, off::not_sampled).spans(0),
    Case::new("not_sampled_at_start", OFF, off::not_sampled_at_start).spans(0),
    Case::new("w0", SDK, spans::w0),
    Case::new("w1_at_start", SDK, spans::w1_at_start),
    Case::new("w1_after", SDK, spans::w1_after),
    Case::new("w1_one_call", SDK, spans::w1_one_call),
    Case::new("w2", SDK, traces::w2).spans(2),
    Case::new("w3", SDK, traces::w3).spans(100).operations(100),
    Case::new("inject_traceparent", SDK, propagation::inject_traceparent).spans(0),
    Case::new("inject_w3c", SDK, propagation::inject_w3c).spans(0),
    Case::new("extract_traceparent", SDK, propagation::extract_traceparent).spans(0),
    Case::new("extract_w3c", SDK, propagation::extract_w3c).spans(0),
    Case::new("w5_0", NOOP, nested::noop_w5_0).spans(0),
    Case::new("w5_10", NOOP, nested::noop_w5_10).spans(0),
    Case::new("w5_0", SDK, nested::sdk_w5_0),
    Case::new("w5_10", SDK, nested::sdk_w5_10),
    Case::new("read_ids", SDK, current::read_ids).spans(0),
    Case::new("enter_leave", SDK, current::enter_leave).spans(0),
    Case::new("poll", SDK, current::poll).spans(0),
    Case::new("bridge_sampled", SDK, spans::in_context),
    Case::new("bridge_not_sampled", OFF, off::in_context).spans(0),
    Case::new("zipkin_plain", ZIPKIN, exporters::zipkin_plain).batches(batch::SPANS),
    Case::new("zipkin_rich", ZIPKIN, exporters::zipkin_rich).batches(batch::SPANS),
    Case::new("otlp_plain", OTLP, exporters::otlp_plain).batches(batch::SPANS),
    Case::new("otlp_rich", OTLP, exporters::otlp_rich).batches(batch::SPANS),
];
