//! OpenTelemetry 0.33 and [`anytrace_api`], in both directions:
//!
//! * [`OtelTracer`]: any tracer provider as a backend. Spans of this API, of OpenTelemetry's API and of `tracing`
//!   (through `tracing-opentelemetry`) become each other's parents.
//! * `ExporterRecorder` (feature `sdk`): any span exporter of the SDK as a recorder of the reference tracer.
//!
//! To send spans to an OTLP server without OpenTelemetry's crates, use `anytrace-otlp`.
//!
//! Each minor version of OpenTelemetry changes its types and needs a new minor version of this crate, so this crate
//! re-exports [`opentelemetry`] and `opentelemetry_sdk`.
//!
//! # The current span
//!
//! OpenTelemetry's current context is the native context of this backend. A span of this API that becomes current
//! attaches its OpenTelemetry context to the thread, and a request for the current span reads OpenTelemetry's current
//! context. Both APIs therefore agree on the current span, whichever of them started it:
//!
//! ```
//! use anytrace_api as trace;
//! use anytrace_otel_bridge::OtelTracer;
//! use opentelemetry::{Context, trace::{TraceContextExt, Tracer, TracerProvider, noop::NoopTracerProvider}};
//!
//! # let provider = NoopTracerProvider::new();
//! let raw = provider.tracer("raw");
//! trace::install(OtelTracer::new(provider)).expect("no tracer is installed yet");
//!
//! trace::start_span("request").run(|| {
//!     raw.in_span("child of request", |_| {
//!         trace::start_span("grandchild").finish();
//!     });
//! });
//! ```
//!
//! # Mapping
//!
//! | this API | OpenTelemetry |
//! |---|---|
//! | instrumentation scope | instrumentation scope |
//! | tag | attribute; integers beyond `i64` as text, bytes as base64 |
//! | end reason other than finished | attribute [`END_REASON`] |
//! | [`Drop`](anytrace_api::Sampling::Drop), [`Record`](anytrace_api::Sampling::Record) | the flag `sampled` |
//! | [`Debug`](anytrace_api::Sampling::Debug), [`Defer`](anytrace_api::Sampling::Defer) with ids | `sampled`; `ContextSampler` preserves their meaning |
//! | baggage with its properties | baggage with its metadata |
//! | extensions of a context | preserved, also beneath spans of other code |
//! | suppression | suppression, in both directions |
//!
//! The wire formats are those of this API; OpenTelemetry's propagators are not used.
//!
//! # Differences from other backends
//!
//! * Tags and the status are buffered and reach OpenTelemetry's span at its end, each key once. The tags of the
//!   operation reach the provider at the start, because samplers read them: if such a key is set again, the span has it
//!   twice, unless `TidyExporter` removes the first.
//! * A span's duration is measured with the monotonic clock. The start time is at most 100 ms away from a reading of
//!   the wall clock on the same thread.
//! * OpenTelemetry cannot discard a span. A discarded span ends with the [`END_REASON`] `discarded`, and `TidyExporter`
//!   leaves it out.
//! * OpenTelemetry lends its current context to samplers and processors that run in its own `Tracer::start`, and panics
//!   if a context is attached there. The bridge catches and counts this panic, and panics of samplers, processors and
//!   exporters. The panic hook runs all the same, and `panic = "abort"` aborts the process.
//! * A provider that was shut down starts no spans. The caller's trace context is still propagated.
//! * OpenTelemetry sees a shared baggage as of the time when the span became current.
//!
//! # Features
//!
//! No feature is enabled by default.
//!
//! | feature | adds |
//! |---|---|
//! | `sdk` | support for `opentelemetry_sdk`: flush, sampler, id generator, exporters as recorders |
//! | `tokio` | a private tokio runtime for exporters that need one |

mod builder;
mod control;
mod convert;
mod panics;
#[cfg(feature = "sdk")]
mod sdk;
mod span;
mod timestamp;
mod tracer;

pub use opentelemetry;

#[cfg(feature = "sdk")]
pub use self::sdk::{ContextIds, ContextSampler, ExporterRecorder, TidyExporter};
pub use self::{
    builder::OtelTracerBuilder,
    control::Control,
    convert::END_REASON,
    tracer::{Counts, OtelTracer},
};
#[cfg(feature = "sdk")]
pub use opentelemetry_sdk;
