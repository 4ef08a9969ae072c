//! Builds an [`OtelTracer`].

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64},
    },
};

use anytrace_api::propagation::{Composite, Propagator};
use opentelemetry::trace::{Tracer, TracerProvider};

use crate::{
    control::{Control, Controller},
    span::{DeferredEnds, Provider, ScopedTracers, TracerState},
    tracer::OtelTracer,
};

/// Builds an [`OtelTracer`]. Created by [`OtelTracer::builder`], which has an example.
#[must_use = "the tracer exists once `build` is called"]
pub struct OtelTracerBuilder {
    provider: Box<dyn Provider>,
    propagator: Composite,
    control: Option<Arc<dyn Control>>,
}

impl OtelTracerBuilder {
    /// Sets the wire formats for `inject` and `extract`. Default: W3C trace context and baggage. OpenTelemetry's own
    /// propagators are not used.
    pub fn propagator(self, propagator: impl Propagator + 'static) -> Self {
        let propagator = Composite::new([propagator]);
        OtelTracerBuilder { propagator, ..self }
    }

    /// Sets how the provider is flushed and shut down. Without a [`Control`], both operations fail.
    pub fn control(self, control: impl Control) -> Self {
        OtelTracerBuilder { control: Some(Arc::new(control)), ..self }
    }

    /// Builds the tracer, without installing it as the global one.
    pub fn build(self) -> OtelTracer {
        OtelTracer::from_state(TracerState {
            provider: self.provider,
            propagator: self.propagator,
            controller: Controller::new(self.control),
            is_shut_down: AtomicBool::new(false),
            started: AtomicU64::new(0),
            finished: AtomicU64::new(0),
            late: AtomicU64::new(0),
            deferred_ends: DeferredEnds::default(),
        })
    }
}

impl OtelTracer {
    /// Creates a tracer with the defaults.
    ///
    /// The tracer can neither flush nor shut down `provider`. The application does so itself, or sets a [`Control`] on
    /// the [builder](Self::builder). `OtelTracer::sdk` (feature `sdk`) has a control.
    pub fn new<P>(provider: P) -> Self
    where
        P: TracerProvider + Send + Sync + 'static,
        P::Tracer: Send + Sync,
        <P::Tracer as Tracer>::Span: Send + Sync + 'static,
    {
        OtelTracer::builder(provider).build()
    }

    /// Returns a builder for a tracer that starts its spans with `provider`.
    ///
    /// ```
    /// use anytrace_api::{TracerExt, propagation::B3};
    /// use anytrace_otel_bridge::OtelTracer;
    /// use opentelemetry::trace::noop::NoopTracerProvider;
    ///
    /// let tracer = OtelTracer::builder(NoopTracerProvider::new()).propagator(B3::single()).build();
    /// assert!(!tracer.start_trace("load").is_recording());
    /// ```
    pub fn builder<P>(provider: P) -> OtelTracerBuilder
    where
        P: TracerProvider + Send + Sync + 'static,
        P::Tracer: Send + Sync,
        <P::Tracer as Tracer>::Span: Send + Sync + 'static,
    {
        let provider = Box::new(ScopedTracers::new(provider));
        OtelTracerBuilder { provider, propagator: Composite::w3c(), control: None }
    }
}

impl fmt::Debug for OtelTracerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OtelTracerBuilder")
            .field("propagator", &self.propagator)
            .field("control", &self.control.is_some())
            .finish_non_exhaustive()
    }
}
