//! OpenTelemetry 0.33 and [`anytrace_api`], in both directions:
//!
//! * [`OtelTracer`]: any tracer provider as a backend, so that spans of this API, of raw OpenTelemetry and of `tracing`
//!   (through `tracing-opentelemetry`) are each other's parents;
//! * `ExporterRecorder` (feature `sdk`): any of the SDK's span exporters as a recorder of the reference tracer.
//!
//! To send spans to an OTLP server without OpenTelemetry's crates, use `anytrace-otlp`.
//!
//! One minor version of OpenTelemetry is one minor version of this crate: each changes its types. The crates that it was
//! built with are re-exported as [`opentelemetry`] and `opentelemetry_sdk`.
//!
//! # One source of truth
//!
//! Entering a span of this API attaches its OpenTelemetry context on that thread; asking for the current span looks at
//! what OpenTelemetry has current. So there is one answer to "what is current", whoever put it there:
//!
//! ```
//! use anytrace_api as trace;
//! use anytrace_otel_bridge::OtelTracer;
//! use opentelemetry::{Context, trace::{TraceContextExt, Tracer, TracerProvider, noop::NoopTracerProvider}};
//!
//! # let provider = NoopTracerProvider::new();
//! let raw = provider.tracer("raw");
//! trace::install(OtelTracer::new(provider)).expect("the first one");
//!
//! trace::start_span("request").run(|| {
//!     raw.in_span("by somebody else", |_| {
//!         trace::start_span("beneath that one").finish();
//!     });
//! });
//! ```
//!
//! | of ours | in OpenTelemetry |
//! |---|---|
//! | origin | instrumentation scope |
//! | tag | attribute; integers beyond `i64` as text, bytes as base64 |
//! | an ending other than finished | attribute [`END_REASON`] |
//! | [`Drop`](anytrace_api::Sampling::Drop), [`Record`](anytrace_api::Sampling::Record) | the flag `sampled` |
//! | [`Debug`](anytrace_api::Sampling::Debug), [`Defer`](anytrace_api::Sampling::Defer) with ids | `sampled`; with `ContextSampler` what they mean |
//! | baggage, with its properties | baggage, with its metadata |
//! | local values | ride along, also beneath spans that others start |
//! | suppression | suppression, in both directions |
//!
//! Wire formats are this API's, not OpenTelemetry's propagators.
//!
//! # What OpenTelemetry makes different
//!
//! * Tags and the status reach OpenTelemetry's span when it ends, each key once. What a span starts with its provider has
//!   at once, for samplers: such a key that is set again is there twice, unless `TidyExporter` is used.
//! * A span's length is by the monotonic clock, and its start by the wall's as its thread read it within the last tenth of
//!   a second.
//! * A discarded span cannot be taken back: it ends with the [`END_REASON`] `discarded`, which `TidyExporter` leaves out.
//! * OpenTelemetry lends its current context out while a sampler or processor runs beneath its own `Tracer::start`, and
//!   panics when somebody attaches another there. The bridge catches that, and what samplers, processors and exporters
//!   panic with: it is counted, and nothing else happens. (The panic hook runs; with `panic = "abort"`, so does that.)
//! * A provider that was shut down hands out nothing. The caller's trace goes on all the same.
//! * A shared baggage is as OpenTelemetry sees it when a span is entered, not later.
//!
//! # Features
//!
//! None is on by default.
//!
//! | feature | what it adds |
//! |---|---|
//! | `sdk` | what needs `opentelemetry_sdk`: flush, sampler, ids, exporters as recorders |
//! | `tokio` | exporters that need a runtime get one of their own |

mod attached;
mod clock;
mod control;
mod convert;
mod ended;
mod ours;
mod own;
#[cfg(feature = "tokio")]
mod own_runtime;
mod pending;
mod recorded;
mod room;
#[cfg(feature = "sdk")]
mod sdk;
mod shared;
mod span;
mod start;
mod tracer;

pub use opentelemetry;

#[cfg(feature = "sdk")]
pub use self::sdk::{ContextIds, ContextSampler, ExporterRecorder, TidyExporter};
pub use self::{
    control::Control,
    span::END_REASON,
    tracer::{Builder, Counts, OtelTracer},
};
#[cfg(feature = "sdk")]
pub use opentelemetry_sdk;
