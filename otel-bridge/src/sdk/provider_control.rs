//! Flush and shutdown of the SDK's provider.

use std::time::Duration;

use anytrace_api::flush::FlushError;
use anytrace_recorder::sanitized;
use opentelemetry_sdk::{
    error::{OTelSdkError, OTelSdkResult},
    trace::SdkTracerProvider,
};

use crate::{Control, OtelTracer};

impl OtelTracer {
    /// Creates a tracer that starts its spans with the SDK's provider, and can flush it and shut it down.
    ///
    /// The SDK gives each processor 5 seconds for a flush, regardless of the timeout. The result is reported at the
    /// timeout all the same. The batch processor does not report a failure of its last export, so that the result of a
    /// shutdown is `Ok` then.
    ///
    /// ```
    /// use std::time::Duration;
    /// use anytrace_api::TracerExt;
    /// use anytrace_otel_bridge::OtelTracer;
    /// use opentelemetry_sdk::trace::SdkTracerProvider;
    ///
    /// let tracer = OtelTracer::sdk(SdkTracerProvider::builder().build());
    /// assert!(tracer.shutdown_blocking(Duration::from_secs(5)).result.is_ok());
    /// assert!(!tracer.start_trace("too late").is_recording());
    /// ```
    pub fn sdk(provider: SdkTracerProvider) -> Self {
        OtelTracer::builder(provider.clone()).control(provider).build()
    }
}

impl Control for SdkTracerProvider {
    fn flush(&self, _: Duration) -> Result<(), FlushError> {
        flush_result(self.force_flush())
    }

    fn shutdown(&self, timeout: Duration) -> Result<(), FlushError> {
        flush_result(self.shutdown_with_timeout(timeout))
    }
}

fn flush_result(result: OTelSdkResult) -> Result<(), FlushError> {
    result.map_err(|error| match error {
        OTelSdkError::AlreadyShutdown => FlushError::ShutDown,
        OTelSdkError::Timeout(_) => FlushError::TimedOut,
        OTelSdkError::InternalFailure(message) => FlushError::Failed(sanitized(&message).into()),
    })
}
