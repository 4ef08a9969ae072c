//! Tracing for applications in one crate: the [API](anytrace_api), and its setup from environment variables or code.
//!
//! ```no_run
//! fn main() -> Result<(), anytrace::InitError> {
//!     let _tracing = anytrace::init()?;
//!     anytrace::start_span("start").tag("items", 3).run(|| println!("hello"));
//!     Ok(())
//! }
//! ```
//!
//! The operator selects the destination, the service name and the sampling with environment variables:
//! `OTEL_TRACES_EXPORTER=console` draws traces in the terminal, and `OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318`
//! sends them to that server. [`builder`] makes the same settings in code. Libraries depend on `anytrace-api` only.
//!
//! | feature | effect |
//! |---|---|
//! | `console` (default) | [`ExporterKind::Console`] |
//! | `otlp-http` (default), `otlp-grpc` | [`ExporterKind::Otlp`] with one protocol or both |
//! | `zipkin` (default) | [`ExporterKind::Zipkin`] |
//! | `tls` | `https` endpoints, with Mozilla's root certificates |
//! | `http`, `stream` | the features of `anytrace-api` with these names |
//!
//! The default exporter is `otlp`. Without its features, choose another one in code or with `OTEL_TRACES_EXPORTER`.
//!
//! [`Switch`] is a tracer whose target can be replaced at any time, and [`Tee`] is one that writes to several tracers.
#![doc = include_str!("environment.md")]

mod builder;
mod dropped_spans;
mod environment;
mod error;
mod exporter;
mod flush_completion;
mod switch;
mod tee;
mod tracing;

#[doc = include_str!("cost.md")]
pub mod cost {}

pub use anytrace_api::{
    Baggage, Context, EndReason, Event, FutureExt, InstrumentationScope, Kind, Link, Name, Operation,
    PolledSpan, Sampling, Scope, Snapshot, SpanId, SpanRef, SpanScope, StartedSpan, Status, Tag,
    TraceContext, TraceId, TracerExt, TracerHandle, Value, backend, carry, counters, current_ids,
    current_span, data, errors, event, event_tags, event_with, extract, flush, future, inject, install,
    instrumentation_scope, is_recording, join_trace, keys, link, propagation, record_error, remove_baggage,
    set_baggage, set_name, set_status, set_tag, set_tags, start_span, start_trace, suppression, tags, tracer,
    tracer_scope, with_tracer,
};
#[cfg(feature = "console")]
pub use anytrace_console::ConsoleRecorder;
pub use anytrace_noop::NoopTracer;
pub use anytrace_recorder::{
    Batch, Clock, Decision, Delivery, FinishedEvent, FinishedLink, FinishedSpan, Ids, Limits, MemoryRecorder,
    MockTracer, Recorder, RecordingTracer, Resource, Sample, Sampler, SamplingRequest, Stats,
};

pub use self::{
    builder::{TracingBuilder, builder, init},
    dropped_spans::DroppedSpans,
    error::{InitError, InitErrorKind},
    exporter::ExporterKind,
    switch::Switch,
    tee::Tee,
    tracing::Tracing,
};
