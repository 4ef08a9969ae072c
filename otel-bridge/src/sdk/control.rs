//! The SDK's provider can be flushed and shut down.

use std::time::Duration;

use anytrace_api::flush::FlushError;
use anytrace_recorder::told;
use opentelemetry_sdk::{
    error::{OTelSdkError, OTelSdkResult},
    trace::SdkTracerProvider,
};

use crate::{Control, OtelTracer};

impl OtelTracer {
    /// A tracer by the SDK's provider, which is flushed and shut down through it.
    ///
    /// A flush waits for the SDK, which gives each processor 5 seconds whatever it is told; the answer is in time all the
    /// same. The batch processor does not tell when its last export failed: its shutdown is then `Ok`.
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
        answer(self.force_flush())
    }

    fn shutdown(&self, timeout: Duration) -> Result<(), FlushError> {
        answer(self.shutdown_with_timeout(timeout))
    }
}

fn answer(result: OTelSdkResult) -> Result<(), FlushError> {
    result.map_err(|error| match error {
        OTelSdkError::AlreadyShutdown => FlushError::ShutDown,
        OTelSdkError::Timeout(_) => FlushError::TimedOut,
        OTelSdkError::InternalFailure(why) => FlushError::Failed(told(&why)),
    })
}
