//! The reference tracer, and how it is set up.

use std::{fmt, sync::Arc, time::Duration};

use anytrace_api::{
    Context, Operation, StartedSpan,
    backend::Tracer,
    flush::Done,
    propagation::{Composite, Extracted, Propagator, TextMapReader, TextMapWriter},
};

use crate::{
    Clock, FinishedSpan, Ids, Limits, Recorder, Resource, Sampler, SpanSharing, Stats,
    budget::Budget,
    collector::Collector,
    inner::{Inner, Settings},
    means::Means,
    reporter::{self, Reporter},
    shard::Room,
    watch::Watch,
};

/// The reference tracer: makes spans, and hands the finished ones to a [`Recorder`] in batches, on a thread of its own.
///
/// It clones: all clones are one tracer. When the last one goes, what has finished is still delivered, but nobody
/// waits for that: shut it down at the end of `main`.
///
/// ```
/// use std::time::Duration;
/// use anytrace_api::{TracerExt, install};
/// use anytrace_recorder::{MemoryRecorder, RecordingTracer};
///
/// let memory = MemoryRecorder::new();
/// let tracer = RecordingTracer::builder(memory.clone()).service("orders").build();
/// install(tracer.clone()).expect("the first one");
///
/// anytrace_api::start_span("load").finish();
///
/// let flushed = tracer.shutdown_blocking(Duration::from_secs(5));
/// assert_eq!((flushed.result, flushed.delivered), (Ok(()), 1));
/// assert_eq!(memory.spans()[0].name(), "load");
/// ```
#[derive(Clone)]
pub struct RecordingTracer(Arc<Owner>);

/// What lives as long as somebody may start a trace.
struct Owner(Arc<Inner>);

impl Drop for Owner {
    fn drop(&mut self) {
        reporter::end(&self.0);
    }
}

impl RecordingTracer {
    /// A tracer that hands its spans to `recorder`, to be set up.
    pub fn builder(recorder: impl Recorder) -> Builder {
        Builder::new(Box::new(recorder))
    }

    /// Where every span went.
    pub fn stats(&self) -> Stats {
        self.inner().stats()
    }

    pub(crate) fn open_spans(&self) -> Vec<FinishedSpan> {
        self.inner().open_spans()
    }

    /// The service and what else all spans have in common.
    pub fn resource(&self) -> &Resource {
        &self.inner().resource
    }

    fn inner(&self) -> &Arc<Inner> {
        &self.0.0
    }
}

impl Tracer for RecordingTracer {
    #[inline]
    fn start(&self, operation: &Operation<'_>, parent: Option<&Context>) -> StartedSpan {
        self.inner().start(operation, parent)
    }

    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter) {
        self.inner().propagator.inject(context, carrier);
    }

    fn extract(&self, carrier: &dyn TextMapReader) -> Extracted {
        Extracted::read(&self.inner().propagator, carrier)
    }

    fn flush(&self, timeout: Duration, done: Done) {
        reporter::flush(self.inner(), timeout, false, done);
    }

    fn shutdown(&self, timeout: Duration, done: Done) {
        reporter::flush(self.inner(), timeout, true, done);
    }
}

impl fmt::Debug for RecordingTracer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner().fmt(f)
    }
}

/// Sets up a [`RecordingTracer`]. Made by [`RecordingTracer::builder`].
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
pub struct Builder {
    recorder: Box<dyn Recorder>,
    resource: Resource,
    sampler: Sampler,
    limits: Limits,
    clock: Clock,
    ids: Ids,
    span_sharing: SpanSharing,
    propagator: Composite,
    max_queued_spans: usize,
    max_queued_bytes: usize,
    max_batch: usize,
    interval: Duration,
    export_timeout: Duration,
    on_caller: bool,
    watch: Option<Watch>,
}

impl Builder {
    fn new(recorder: Box<dyn Recorder>) -> Self {
        Builder {
            recorder,
            resource: Resource::default(),
            sampler: Sampler::default(),
            limits: Limits::default(),
            clock: Clock::default(),
            ids: Ids::default(),
            span_sharing: SpanSharing::default(),
            propagator: Composite::w3c(),
            max_queued_spans: 16 * 1024,
            max_queued_bytes: 64 * 1024 * 1024,
            max_batch: 512,
            interval: Duration::from_secs(1),
            export_timeout: Duration::from_secs(30),
            on_caller: false,
            watch: None,
        }
    }

    /// The name of the service. `unknown_service`, if it is not said.
    pub fn service(self, name: impl Into<String>) -> Self {
        self.resource(Resource::new(name))
    }

    /// The service, and what else all spans have in common.
    pub fn resource(self, resource: Resource) -> Self {
        Builder { resource, ..self }
    }

    /// Which spans are recorded: all, unless the parent was decided otherwise.
    pub fn sampler(self, sampler: Sampler) -> Self {
        Builder { sampler, ..self }
    }

    /// How much one span may hold.
    pub fn limits(self, limits: Limits) -> Self {
        Builder { limits, ..self }
    }

    /// Where the time comes from.
    pub fn clock(self, clock: Clock) -> Self {
        Builder { clock, ..self }
    }

    /// Where ids come from.
    pub fn ids(self, ids: Ids) -> Self {
        Builder { ids, ..self }
    }

    /// What a server's span is to that of its caller: a child, if it is not said.
    pub fn span_sharing(self, sharing: SpanSharing) -> Self {
        Builder { span_sharing: sharing, ..self }
    }

    /// The wire formats: those of the W3C, if it is not said.
    pub fn propagator(self, propagator: impl Propagator + 'static) -> Self {
        Builder { propagator: Composite::new([Box::new(propagator) as Box<dyn Propagator>]), ..self }
    }

    /// How many finished spans may wait, over all threads: at least 1; 16,384. Beyond that the newest are lost and
    /// counted.
    pub fn max_queued_spans(self, spans: usize) -> Self {
        Builder { max_queued_spans: spans.max(1), ..self }
    }

    /// How many bytes the finished spans that wait may take, over all threads; 64 MiB.
    pub fn max_queued_bytes(self, bytes: usize) -> Self {
        Builder { max_queued_bytes: bytes, ..self }
    }

    /// How many spans a recorder is given at once, at most: at least 1; 512.
    pub fn max_batch(self, spans: usize) -> Self {
        Builder { max_batch: spans.max(1), ..self }
    }

    /// How long a finished span waits at the most before it is handed over, while the recorder is free: at least 1 ms;
    /// 1 s.
    pub fn interval(self, interval: Duration) -> Self {
        Builder { interval: interval.max(Duration::from_millis(1)), ..self }
    }

    /// How long a recorder may take over one batch; 30 s. Whoever waits for a flush is answered at its own deadline, and
    /// the delivery goes on; only a shutdown makes it shorter.
    pub fn export_timeout(self, timeout: Duration) -> Self {
        Builder { export_timeout: timeout, ..self }
    }

    /// No thread: spans are handed over when somebody flushes or shuts down, on that thread. For tests.
    pub fn without_thread(self) -> Self {
        Builder { on_caller: true, ..self }
    }

    /// It knows its open spans.
    pub(crate) fn watched(self) -> Self {
        Builder { watch: Some(Watch::default()), ..self }
    }

    /// The tracer.
    pub fn build(self) -> RecordingTracer {
        let collector = Collector::new(self.recorder, self.max_batch, self.export_timeout);
        let reporter = if self.on_caller {
            Reporter::caller(collector)
        } else {
            Reporter::thread(collector, self.interval)
        };
        let settings = Settings {
            sampler: self.sampler,
            means: Means {
                clock: self.clock,
                ids: self.ids,
                span_sharing: self.span_sharing,
                watched: self.watch.is_some(),
            },
            watch: self.watch,
            limits: self.limits,
            propagator: self.propagator,
            resource: self.resource,
            room: Room {
                spans: Budget::new(self.max_queued_spans, 256),
                bytes: Budget::new(self.max_queued_bytes, 256 * 1024),
            },
            wake_at: self.max_batch.min(self.max_queued_spans.div_ceil(2)),
        };
        RecordingTracer(Arc::new(Owner(Inner::new(settings, reporter))))
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("resource", &self.resource)
            .field("sampler", &self.sampler)
            .field("limits", &self.limits)
            .field("max_queued_spans", &self.max_queued_spans)
            .field("max_queued_bytes", &self.max_queued_bytes)
            .field("max_batch", &self.max_batch)
            .field("interval", &self.interval)
            .finish_non_exhaustive()
    }
}
