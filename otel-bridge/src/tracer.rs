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
    Context, Operation, StartedSpan,
    backend::{NativeContext, Tracer},
    flush::{Done, FlushError, Flushed},
    propagation::{Extracted, Propagator, TextMapReader, TextMapWriter},
};

use crate::{
    control::ControlCall,
    panics,
    span::{self, TracerContext, TracerState},
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
pub struct OtelTracer {
    state: Arc<TracerState>,
    native: Arc<TracerContext>,
}

impl OtelTracer {
    pub(crate) fn from_state(state: TracerState) -> Self {
        let state = Arc::new(state);
        OtelTracer { native: Arc::new(TracerContext::new(state.clone())), state }
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
        let finished = read(&self.state.finished);
        Counts {
            started: read(&self.state.started),
            finished,
            late: read(&self.state.late),
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
        span::start(&self.state, operation, parent)
    }

    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter) {
        self.state.propagator.inject(context, carrier);
    }

    fn extract(&self, carrier: &dyn TextMapReader) -> Extracted {
        Extracted::read(&self.state.propagator, carrier)
    }

    fn flush(&self, timeout: Duration, done: Done) {
        if self.state.is_shut_down() {
            return done(Flushed::failed(FlushError::ShutDown));
        }
        self.state.deferred_ends.carry_out();
        self.state.controller.run(ControlCall::Flush, timeout, done);
    }

    fn shutdown(&self, timeout: Duration, done: Done) {
        if self.state.is_shut_down.swap(true, Ordering::Relaxed) {
            return done(Flushed::default());
        }
        self.state.deferred_ends.carry_out();
        self.state.controller.run(ControlCall::Shutdown, timeout, done);
    }

    fn native_context(&self) -> Option<Arc<dyn NativeContext>> {
        Some(self.native.clone())
    }
}

impl fmt::Debug for OtelTracer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OtelTracer")
            .field("propagator", &self.state.propagator)
            .field("control", &self.state.controller)
            .field("counts", &self.counts())
            .finish_non_exhaustive()
    }
}
