//! The builder of the reference tracer.

use std::{fmt, time::Duration};

use anytrace_api::propagation::{Composite, Propagator};

use super::RecordingTracer;
use crate::{
    Clock, Ids, Limits, Recorder, Resource, Sampler, SpanSharing,
    pipeline::{Pipeline, PipelineConfig},
    spans::{SpanFactory, SpanFactoryConfig},
};

/// Configures a [`RecordingTracer`]. Created by [`RecordingTracer::builder`].
///
/// ```
/// use std::time::Duration;
/// use anytrace_recorder::{MemoryRecorder, RecordingTracer, Sampler};
///
/// let tracer = RecordingTracer::builder(MemoryRecorder::new())
///     .service("orders")
///     .sampler(Sampler::parent_based(Sampler::ratio(0.1)))
///     .max_queued_spans(10_000)
///     .interval(Duration::from_secs(5))
///     .build();
/// assert_eq!(tracer.resource().service_name(), "orders");
/// ```
#[must_use = "nothing is traced before `build`"]
pub struct RecordingTracerBuilder {
    recorder: Box<dyn Recorder>,
    resource: Resource,
    sampler: Sampler,
    limits: Limits,
    propagator: Composite,
    spans: SpanFactoryConfig,
    pipeline: PipelineConfig,
}

impl RecordingTracer {
    /// Creates the builder of a tracer that delivers its spans to `recorder`.
    pub fn builder(recorder: impl Recorder) -> RecordingTracerBuilder {
        RecordingTracerBuilder {
            recorder: Box::new(recorder),
            resource: Resource::default(),
            sampler: Sampler::default(),
            limits: Limits::default(),
            propagator: Composite::w3c(),
            spans: SpanFactoryConfig::default(),
            pipeline: PipelineConfig::default(),
        }
    }
}

impl RecordingTracerBuilder {
    /// Sets the name of the service. Replaces the resource. Default: `unknown_service`.
    pub fn service(self, name: impl Into<String>) -> Self {
        self.resource(Resource::new(name))
    }

    /// Sets the resource: the service and the other tags that all spans share. Default: the service
    /// `unknown_service`.
    pub fn resource(mut self, resource: Resource) -> Self {
        self.resource = resource;
        self
    }

    /// Sets the sampler, which decides which spans are recorded. Default: a child follows its parent's decision, and
    /// every root is sampled.
    pub fn sampler(mut self, sampler: Sampler) -> Self {
        self.sampler = sampler;
        self
    }

    /// Sets the limits of one span. Default: [`Limits::default`].
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets the clock that spans and events are timed with. Default: [`Clock::system`].
    pub fn clock(mut self, clock: Clock) -> Self {
        self.spans.clock = clock;
        self
    }

    /// Sets the generator of trace ids and span ids. Default: [`Ids::random`].
    pub fn ids(mut self, ids: Ids) -> Self {
        self.spans.ids = ids;
        self
    }

    /// Sets how a server span relates to the span of its caller. Default: [`SpanSharing::ChildSpan`].
    pub fn span_sharing(mut self, sharing: SpanSharing) -> Self {
        self.spans.span_sharing = sharing;
        self
    }

    /// Sets the wire format of `inject` and `extract`. Default: W3C trace context and baggage, [`Composite::w3c`].
    pub fn propagator(mut self, propagator: impl Propagator + 'static) -> Self {
        self.propagator = Composite::new([propagator]);
        self
    }

    /// Sets how many ended spans may wait in the queues of all threads together. Default: 16,384. Minimum: 1. When the
    /// queues are full, spans that end are dropped and counted as `queue full`.
    pub fn max_queued_spans(mut self, spans: usize) -> Self {
        self.pipeline.max_queued_spans = spans.max(1);
        self
    }

    /// Sets how many bytes the queues of all threads may take together. Default: 64 MiB. When the queues are full,
    /// spans that end are dropped and counted as `queue full`.
    pub fn max_queued_bytes(mut self, bytes: usize) -> Self {
        self.pipeline.max_queued_bytes = bytes;
        self
    }

    /// Sets the maximum number of spans in one batch. Default: 512. Minimum: 1.
    pub fn max_batch(mut self, spans: usize) -> Self {
        self.pipeline.max_batch = spans.max(1);
        self
    }

    /// Sets how long an ended span waits before it is delivered, unless the recorder is busy. Default: 1 s. Minimum:
    /// 1 ms. A long queue is delivered earlier.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.pipeline.interval = interval.max(Duration::from_millis(1));
        self
    }

    /// Sets how long a recorder may take for one batch. Default: 30 s. A flush completes at its own deadline, even if
    /// the delivery continues; only the deadline of a shutdown shortens this time.
    pub fn export_timeout(mut self, timeout: Duration) -> Self {
        self.pipeline.export_timeout = timeout;
        self
    }

    /// Delivers spans on the thread that flushes or shuts down, and at no other time, without a reporter thread: for
    /// tests.
    pub fn without_thread(mut self) -> Self {
        self.pipeline.on_caller = true;
        self
    }

    /// Keeps a list of the open spans.
    pub(crate) fn tracking_open_spans(mut self) -> Self {
        self.spans.tracks_open_spans = true;
        self
    }

    /// Builds the tracer, without installing it as the global one.
    pub fn build(self) -> RecordingTracer {
        let pipeline = Pipeline::new(self.recorder, self.resource, self.pipeline);
        let factory = SpanFactory::new(self.spans, self.sampler, self.limits, self.propagator, pipeline);
        RecordingTracer::new(factory)
    }
}

impl fmt::Debug for RecordingTracerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordingTracerBuilder")
            .field("resource", &self.resource)
            .field("sampler", &self.sampler)
            .field("limits", &self.limits)
            .field("pipeline", &self.pipeline)
            .finish_non_exhaustive()
    }
}
