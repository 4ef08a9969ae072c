//! The tracer: an OpenTelemetry provider as a backend.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anytrace_api::{
    Context, Entered, Operation, SpanRef, StartedSpan,
    backend::Tracer,
    flush::{Done, FlushError, Flushed},
    propagation::{Extracted, Propagator, TextMapReader, TextMapWriter},
};

use crate::{
    control::ControlCall,
    panics,
    span::{self, TracerState, native},
};

/// A backend that starts its spans with an OpenTelemetry tracer provider.
///
/// Clones share one tracer. The provider must be configured already: the provider that `opentelemetry::global` returns
/// before that never records.
///
/// ```
/// use anytrace_api::{Operation, TracerExt};
/// use anytrace_otel_bridge::OtelTracer;
/// use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
///
/// let memory = InMemorySpanExporter::default();
/// let provider = SdkTracerProvider::builder().with_simple_exporter(memory.clone()).build();
/// let tracer = OtelTracer::new(provider);
/// tracer.start_trace(Operation::server("GET /users")).tag("rows", 3).finish();
/// assert_eq!(memory.get_finished_spans().unwrap()[0].name, "GET /users");
/// ```
#[derive(Clone)]
pub struct OtelTracer(Arc<TracerState>);

impl OtelTracer {
    pub(crate) fn from_state(state: TracerState) -> Self {
        OtelTracer(Arc::new(state))
    }

    /// Returns the counters of this tracer.
    ///
    /// ```
    /// use anytrace_otel_bridge::OtelTracer;
    /// use opentelemetry::trace::noop::NoopTracerProvider;
    ///
    /// assert_eq!(OtelTracer::new(NoopTracerProvider::new()).counts().started, 0);
    /// ```
    pub fn counts(&self) -> Counts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let finished = read(&self.0.finished);
        Counts {
            started: read(&self.0.started),
            finished,
            late: read(&self.0.late),
            panics: panics::caught_panics(),
        }
    }
}

/// Counters of an [`OtelTracer`]. Only the provider knows whether finished spans were exported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Recorded spans that were started.
    pub started: u64,
    /// Recorded spans that were started and have ended.
    pub finished: u64,
    /// Writes that were ignored because their span had ended.
    pub late: u64,
    /// Panics that the bridge has caught, in the whole process: in samplers, processors and exporters, and where a span
    /// became current while OpenTelemetry had lent its context.
    pub panics: u64,
}

impl Tracer for OtelTracer {
    fn start(&self, operation: &Operation<'_>, parent: Option<&Context>) -> StartedSpan {
        span::start(&self.0, operation, parent)
    }

    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter) {
        self.0.propagator.inject(context, carrier);
    }

    fn extract(&self, carrier: &dyn TextMapReader) -> Extracted {
        Extracted::read(&self.0.propagator, carrier)
    }

    fn flush(&self, timeout: Duration, done: Done) {
        if self.0.is_shut_down() {
            return done(Flushed::failed(FlushError::ShutDown));
        }
        self.0.deferred_ends.carry_out();
        self.0.controller.run(ControlCall::Flush, timeout, done);
    }

    fn shutdown(&self, timeout: Duration, done: Done) {
        if self.0.is_shut_down.swap(true, Ordering::Relaxed) {
            return done(Flushed::default());
        }
        self.0.deferred_ends.carry_out();
        self.0.controller.run(ControlCall::Shutdown, timeout, done);
    }

    fn native_current(&self) -> Option<SpanRef> {
        native::current(&self.0)
    }

    fn enter_suppressed(&self) -> Entered {
        native::suppress()
    }

    fn leave_suppressed(&self, entered: Entered) {
        native::detach(entered);
    }
}

impl fmt::Debug for OtelTracer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OtelTracer")
            .field("propagator", &self.0.propagator)
            .field("control", &self.0.controller)
            .field("counts", &self.counts())
            .finish_non_exhaustive()
    }
}
