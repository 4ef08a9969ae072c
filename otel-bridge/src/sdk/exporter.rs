//! Any of the SDK's span exporters as a recorder.

use std::{fmt, time::Instant};

use anytrace_recorder::{Batch, Delivery, Recorder, Resource, told};
use opentelemetry::Context as OtelContext;
use opentelemetry_sdk::{error::OTelSdkError, trace::SpanExporter};

use super::{record, runtime::Runtime};

/// Any of the SDK's span exporters as a [`Recorder`]: the reference tracer makes and batches the spans, and the exporter
/// sends them.
///
/// It runs on the reporter's thread, with OpenTelemetry suppressed there. An export that is not done at the deadline is
/// dropped, and its spans are counted as lost for `export timed out`; one that fails, for `export failed`, with the
/// exporter's words for whoever waits for a flush. An exporter cannot say that a part of a batch was refused. One that
/// blocks its thread is not interrupted.
///
/// ```
/// use std::time::Duration;
/// use anytrace_api::TracerExt;
/// use anytrace_otel_bridge::ExporterRecorder;
/// use anytrace_recorder::RecordingTracer;
/// use opentelemetry_sdk::trace::InMemorySpanExporter;
///
/// let memory = InMemorySpanExporter::default();
/// let tracer = RecordingTracer::builder(ExporterRecorder::new(memory.clone())).service("orders").build();
/// tracer.start_trace("load").finish();
/// assert_eq!(tracer.flush_blocking(Duration::from_secs(5)).delivered, 1);
/// assert_eq!(memory.get_finished_spans().unwrap()[0].name, "load");
/// ```
pub struct ExporterRecorder<E: SpanExporter + 'static> {
    /// Before the runtime, which its tasks run in.
    exporter: E,
    runtime: Runtime,
    /// What the exporter was told.
    resource: Option<Resource>,
}

impl<E: SpanExporter + 'static> ExporterRecorder<E> {
    /// An exporter that needs no runtime: one that blocks, or brings its own threads.
    pub fn new(exporter: E) -> Self {
        ExporterRecorder { exporter, runtime: Runtime::None, resource: None }
    }

    /// An exporter that needs a tokio runtime. It gets one of its own, which runs while there is something to export, and
    /// is made within it. Whether the application has a runtime, and of which kind, does not matter.
    ///
    /// # Errors
    ///
    /// When the exporter cannot be made, or the runtime.
    ///
    /// ```
    /// use anytrace_otel_bridge::ExporterRecorder;
    /// use opentelemetry_sdk::trace::InMemorySpanExporter;
    ///
    /// let recorder = ExporterRecorder::in_tokio(|| {
    ///     assert!(tokio::runtime::Handle::try_current().is_ok());
    ///     Ok(InMemorySpanExporter::default())
    /// })?;
    /// # let _ = recorder;
    /// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
    /// ```
    #[cfg(feature = "tokio")]
    pub fn in_tokio(
        make: impl FnOnce() -> Result<E, Box<dyn std::error::Error + Send + Sync>>,
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let runtime = Runtime::Tokio(crate::own_runtime::OwnRuntime::new()?);
        let exporter = runtime.within(make)?;
        Ok(ExporterRecorder { exporter, runtime, resource: None })
    }
}

impl<E: SpanExporter + 'static> Recorder for ExporterRecorder<E> {
    fn record(&mut self, batch: Batch<'_>, deadline: Instant) -> Delivery {
        let _quiet = OtelContext::enter_telemetry_suppressed_scope();
        if self.resource.as_ref() != Some(batch.resource) {
            self.exporter.set_resource(&record::resource(batch.resource));
            self.resource = Some(batch.resource.clone());
        }
        let spans = batch.spans.iter().map(record::span).collect();
        let lost = |reason| Delivery::default().dropped(reason, batch.spans.len());
        match self.runtime.block_on(self.exporter.export(spans), deadline) {
            Some(Ok(())) => Delivery::all(batch.spans.len()),
            None => lost("export timed out").failed("the export timed out"),
            Some(Err(OTelSdkError::Timeout(after))) => {
                lost("export timed out").failed(format!("the export timed out after {after:?}"))
            }
            Some(Err(OTelSdkError::AlreadyShutdown)) => {
                lost("exporter shut down").failed("the exporter was shut down before")
            }
            Some(Err(OTelSdkError::InternalFailure(why))) => lost("export failed").failed(told(&why)),
        }
    }

    fn flush(&mut self, _: Instant) -> Result<(), String> {
        let _quiet = OtelContext::enter_telemetry_suppressed_scope();
        self.runtime.within(|| self.exporter.force_flush()).map_err(|error| told(&error.to_string()))
    }

    fn shutdown(&mut self, deadline: Instant) -> Result<(), String> {
        let _quiet = OtelContext::enter_telemetry_suppressed_scope();
        let left = deadline.saturating_duration_since(Instant::now());
        let shutdown = || self.exporter.shutdown_with_timeout(left);
        self.runtime.within(shutdown).map_err(|error| told(&error.to_string()))
    }

    fn idle(&mut self) {
        self.runtime.idle();
    }
}

impl<E: SpanExporter + 'static> fmt::Debug for ExporterRecorder<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExporterRecorder").field("exporter", &self.exporter).finish_non_exhaustive()
    }
}
