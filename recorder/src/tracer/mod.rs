//! The reference tracer.

mod builder;

use std::{fmt, sync::Arc, time::Duration};

use anytrace_api::{
    Context, Operation, StartedSpan,
    backend::Tracer,
    flush::Done,
    propagation::{Extracted, Propagator, TextMapReader, TextMapWriter},
};

use crate::{FinishedSpan, Resource, Stats, spans::SpanFactory};

pub use self::builder::RecordingTracerBuilder;

/// The reference tracer: records spans and delivers them in batches to a [`Recorder`](crate::Recorder), on a thread of
/// its own.
///
/// All clones are handles to one tracer. When the last handle is dropped, queued spans are still delivered, but the
/// drop does not wait for that: call [`shutdown_blocking`](anytrace_api::TracerExt::shutdown_blocking) at the end of
/// `main`.
///
/// ```
/// use std::time::Duration;
/// use anytrace_api::{TracerExt, install};
/// use anytrace_recorder::{MemoryRecorder, RecordingTracer};
///
/// let memory = MemoryRecorder::new();
/// let tracer = RecordingTracer::builder(memory.clone()).service("orders").build();
/// install(tracer.clone()).expect("no other tracer is installed");
///
/// anytrace_api::start_span("load").finish();
///
/// let flushed = tracer.shutdown_blocking(Duration::from_secs(5));
/// assert_eq!((flushed.result, flushed.delivered), (Ok(()), 1));
/// assert_eq!(memory.spans()[0].name(), "load");
/// ```
#[derive(Clone)]
pub struct RecordingTracer(Arc<Owner>);

/// The owner of the factory, dropped with the last handle. Live spans keep the factory alive, but not the owner.
struct Owner(Arc<SpanFactory>);

impl Drop for Owner {
    fn drop(&mut self) {
        self.0.leave_default();
        self.0.pipeline.shutdown_detached();
    }
}

impl RecordingTracer {
    fn new(factory: Arc<SpanFactory>) -> Self {
        RecordingTracer(Arc::new(Owner(factory)))
    }

    /// Returns the counts of all recorded spans.
    pub fn stats(&self) -> Stats {
        self.factory().pipeline.stats()
    }

    pub(crate) fn open_spans(&self) -> Vec<FinishedSpan> {
        self.factory().open_spans()
    }

    /// Returns the resource: the service and the other tags that all spans share.
    pub fn resource(&self) -> &Resource {
        self.factory().pipeline.resource()
    }

    fn factory(&self) -> &Arc<SpanFactory> {
        &self.0.0
    }
}

impl Tracer for RecordingTracer {
    #[inline]
    fn start(&self, operation: &Operation<'_>, parent: Option<&Context>) -> StartedSpan {
        self.factory().start(operation, parent)
    }

    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter) {
        self.factory().propagator.inject(context, carrier);
    }

    fn extract(&self, carrier: &dyn TextMapReader) -> Extracted {
        Extracted::read(&self.factory().propagator, carrier)
    }

    fn flush(&self, timeout: Duration, done: Done) {
        self.factory().pipeline.flush(timeout, done);
    }

    fn shutdown(&self, timeout: Duration, done: Done) {
        self.factory().leave_default();
        self.factory().pipeline.shutdown(timeout, done);
    }
}

impl fmt::Debug for RecordingTracer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.factory().fmt(f)
    }
}
