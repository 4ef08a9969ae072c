//! The bridge as a backend.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use anytrace_api::{
    Context, Entered, Operation, SpanRef, StartedSpan,
    backend::Tracer,
    flush::{Done, FlushError, Flushed},
    propagation::{Composite, Extracted, Propagator, TextMapReader, TextMapWriter},
};
use opentelemetry::{
    Context as OtelContext,
    trace::{Tracer as OtelTracerTrait, TracerProvider},
};

use crate::{
    attached,
    control::{Control, Controller, What},
    ended::Aside,
    ours,
    shared::{self, Handle, Shared, Tracers},
    start,
};

/// Any of OpenTelemetry's tracer providers as a backend.
///
/// It clones: all clones are one tracer. Give it a provider that is set up: what `opentelemetry::global` has before that
/// never records.
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
pub struct OtelTracer(Handle);

impl OtelTracer {
    /// A tracer by `provider`, which can be neither flushed nor shut down through it: that is for the application to do,
    /// or for a [`Control`]. With the feature `sdk`, `OtelTracer::sdk` has one.
    pub fn new<P>(provider: P) -> Self
    where
        P: TracerProvider + Send + Sync + 'static,
        P::Tracer: Send + Sync,
        <P::Tracer as OtelTracerTrait>::Span: Send + Sync + 'static,
    {
        OtelTracer::builder(provider).build()
    }

    /// A tracer by `provider`, to be set up.
    ///
    /// ```
    /// use anytrace_api::{TracerExt, propagation::B3};
    /// use anytrace_otel_bridge::OtelTracer;
    /// use opentelemetry::trace::noop::NoopTracerProvider;
    ///
    /// let tracer = OtelTracer::builder(NoopTracerProvider::new()).propagator(B3::single()).build();
    /// assert!(!tracer.start_trace("load").is_recording());
    /// ```
    pub fn builder<P>(provider: P) -> Builder
    where
        P: TracerProvider + Send + Sync + 'static,
        P::Tracer: Send + Sync,
        <P::Tracer as OtelTracerTrait>::Span: Send + Sync + 'static,
    {
        let provider = Box::new(Tracers::new(provider));
        Builder { provider, propagator: Composite::w3c(), control: None }
    }

    /// What the bridge has seen.
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
            panics: shared::panics(),
        }
    }
}

/// What the bridge has seen. What became of the spans afterwards only the provider knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Recorded spans that started.
    pub started: u64,
    /// Of these, the ones that ended.
    pub finished: u64,
    /// Things that references said after the end of their span.
    pub late: u64,
    /// Panics on OpenTelemetry's side that did no harm, in the whole process: in samplers, processors and exporters, and
    /// where a scope was entered while OpenTelemetry lent its own context out.
    pub panics: u64,
}

impl Tracer for OtelTracer {
    fn start(&self, operation: &Operation<'_>, parent: Option<&Context>) -> StartedSpan {
        start::start(&self.0, operation, parent)
    }

    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter) {
        self.0.propagator.inject(context, carrier);
    }

    fn extract(&self, carrier: &dyn TextMapReader) -> Extracted {
        Extracted::read(&self.0.propagator, carrier)
    }

    fn flush(&self, timeout: Duration, done: Done) {
        if self.0.is_closed() {
            return done(Flushed::failed(FlushError::ShutDown));
        }
        self.0.aside.tell_all();
        self.0.controller.run(What::Flush, timeout, done);
    }

    fn shutdown(&self, timeout: Duration, done: Done) {
        if self.0.closed.swap(true, Ordering::Relaxed) {
            return done(Flushed::default());
        }
        self.0.aside.tell_all();
        self.0.controller.run(What::Shutdown, timeout, done);
    }

    fn native_current(&self) -> Option<SpanRef> {
        let current = attached::look(|current| (!ours::says_nothing(current)).then(|| current.clone()));
        Some(ours::adopt(&self.0, current.flatten()?))
    }

    fn enter_suppressed(&self) -> Entered {
        let suppressed = attached::look(OtelContext::with_telemetry_suppressed);
        suppressed.map_or(Entered::NOTHING, attached::attach)
    }

    fn leave_suppressed(&self, entered: Entered) {
        attached::detach(entered);
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

/// Sets up an [`OtelTracer`]. Made by [`OtelTracer::builder`].
#[must_use = "nothing is traced before `build`"]
pub struct Builder {
    provider: Box<dyn shared::Provider>,
    propagator: Composite,
    control: Option<Arc<dyn Control>>,
}

impl Builder {
    /// The wire formats: those of the W3C, if it is not said. OpenTelemetry's own propagators are not asked.
    pub fn propagator(self, propagator: impl Propagator + 'static) -> Self {
        Builder { propagator: Composite::new([Box::new(propagator) as Box<dyn Propagator>]), ..self }
    }

    /// How the provider is flushed and shut down. Without it a flush says that it cannot be done.
    pub fn control(self, control: impl Control) -> Self {
        Builder { control: Some(Arc::new(control)), ..self }
    }

    /// The tracer.
    pub fn build(self) -> OtelTracer {
        OtelTracer(Arc::new(Shared {
            provider: self.provider,
            propagator: self.propagator,
            controller: Controller::new(self.control),
            closed: AtomicBool::new(false),
            started: AtomicU64::new(0),
            finished: AtomicU64::new(0),
            late: AtomicU64::new(0),
            aside: Aside::default(),
        }))
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("propagator", &self.propagator)
            .field("control", &self.control.is_some())
            .finish_non_exhaustive()
    }
}
