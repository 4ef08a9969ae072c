//! A span exporter of the SDK as a recorder.

use std::{fmt, time::Instant};

use anytrace_api::flush::{DropReason, ExportError};
use anytrace_recorder::{Batch, Delivery, Recorder, Resource, sanitized};
use opentelemetry::Context as OtelContext;
use opentelemetry_sdk::{error::OTelSdkError, trace::SpanExporter};

use super::{exporter_runtime::ExporterRuntime, span_data};

/// A [`Recorder`] that exports spans with a span exporter of OpenTelemetry's SDK. The reference tracer makes and
/// batches the spans.
///
/// The exporter runs on the reporter thread, where OpenTelemetry's instrumentation is suppressed. An export that is not
/// complete at its deadline is cancelled, and its spans are counted as `export timed out`. The spans of an export that
/// fails are counted as `export failed`, and the result of a flush has the exporter's error message. Exporters cannot
/// report that a part of a batch was rejected, and an exporter that blocks its thread is not interrupted.
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
    /// Declared, and so dropped, before the runtime that executes its tasks.
    exporter: E,
    runtime: ExporterRuntime,
    /// The resource that the exporter has received.
    resource: Option<Resource>,
}

impl<E: SpanExporter + 'static> ExporterRecorder<E> {
    /// Creates a recorder for an exporter that needs no async runtime, such as one that blocks or has its own threads.
    pub fn new(exporter: E) -> Self {
        ExporterRecorder { exporter, runtime: ExporterRuntime::None, resource: None }
    }

    /// Creates a recorder for an exporter that needs a tokio runtime.
    ///
    /// The exporter gets a private runtime, which makes progress during exports, and `make` is called in that runtime.
    /// The recorder works with every runtime of the application, and without one.
    ///
    /// # Errors
    ///
    /// Returns an error if the runtime cannot be created, or the error of `make`.
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
        let runtime = ExporterRuntime::Tokio(super::tokio_runtime::TokioRuntime::new()?);
        let exporter = runtime.within(make)?;
        Ok(ExporterRecorder { exporter, runtime, resource: None })
    }
}

impl<E: SpanExporter + 'static> Recorder for ExporterRecorder<E> {
    fn record(&mut self, batch: Batch<'_>, deadline: Instant) -> Delivery {
        let _suppressed = OtelContext::enter_telemetry_suppressed_scope();
        if self.resource.as_ref() != Some(batch.resource) {
            self.exporter.set_resource(&span_data::resource(batch.resource));
            self.resource = Some(batch.resource.clone());
        }
        let spans = batch.spans.iter().map(span_data::span).collect();
        let dropped = |reason| Delivery::default().dropped(reason, batch.spans.len());
        match self.runtime.block_on(self.exporter.export(spans), deadline) {
            Some(Ok(())) => Delivery::all(batch.spans.len()),
            None => dropped(DropReason::ExportTimedOut).failed("the export timed out"),
            Some(Err(OTelSdkError::Timeout(after))) => {
                dropped(DropReason::ExportTimedOut).failed(format!("the export timed out after {after:?}"))
            }
            Some(Err(OTelSdkError::AlreadyShutdown)) => {
                dropped(DropReason::ExporterShutDown).failed("the exporter has been shut down")
            }
            Some(Err(OTelSdkError::InternalFailure(message))) => {
                dropped(DropReason::ExportFailed).failed(sanitized(&message))
            }
        }
    }

    fn flush(&mut self, _: Instant) -> Result<(), ExportError> {
        let _suppressed = OtelContext::enter_telemetry_suppressed_scope();
        self.runtime
            .within(|| self.exporter.force_flush())
            .map_err(|error| sanitized(&error.to_string()).into())
    }

    fn shutdown(&mut self, deadline: Instant) -> Result<(), ExportError> {
        let _suppressed = OtelContext::enter_telemetry_suppressed_scope();
        let remaining = deadline.saturating_duration_since(Instant::now());
        let shutdown = || self.exporter.shutdown_with_timeout(remaining);
        self.runtime.within(shutdown).map_err(|error| sanitized(&error.to_string()).into())
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
