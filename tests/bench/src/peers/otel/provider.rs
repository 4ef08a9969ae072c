//! The SDK with its default setup, and an exporter that counts and drops spans.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use opentelemetry::{global::BoxedTracer, trace::TracerProvider};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracerProvider, SpanData, SpanExporter},
};

use crate::case::{Running, Setting};

#[derive(Debug)]
struct Dropping(Arc<AtomicU64>);

impl SpanExporter for Dropping {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.fetch_add(batch.len() as u64, Relaxed);
        Ok(())
    }
}

/// A provider and the number of spans that its exporter has dropped.
pub(crate) struct Sdk {
    provider: SdkTracerProvider,
    exported: Arc<AtomicU64>,
    expected: AtomicU64,
}

impl Sdk {
    pub(crate) fn provider(&self) -> &SdkTracerProvider {
        &self.provider
    }

    /// Returns a boxed tracer, like `opentelemetry::global` does.
    pub(crate) fn tracer(&self) -> BoxedTracer {
        boxed(&self.provider)
    }

    /// Exports the spans finished since the last call. Panics unless exactly `spans` were exported.
    pub(crate) fn export_spans(&self, spans: u64) {
        self.provider.force_flush().expect("the exporter never fails");
        let expected = self.expected.fetch_add(spans, Relaxed) + spans;
        assert_eq!(self.exported.load(Relaxed), expected, "spans are missing");
    }

    /// Creates a case that runs `workload` with the SDK's tracer.
    pub(super) fn running(&'static self, workload: fn(&BoxedTracer, u64)) -> Running {
        let tracer = self.tracer();
        Running::new(move |repeats| workload(&tracer, repeats)).exporting(|spans| self.export_spans(spans))
    }
}

/// Returns the process's SDK, which all cases share. Its queue holds a burst.
pub(crate) fn sdk(setting: Setting) -> &'static Sdk {
    static SDK: OnceLock<Sdk> = OnceLock::new();
    SDK.get_or_init(|| {
        let exported = Arc::new(AtomicU64::new(0));
        let batch = BatchConfigBuilder::default().with_max_queue_size(8192);
        let batch = match setting {
            Setting::Background => batch,
            Setting::OnFlush => {
                batch.with_max_export_batch_size(8192).with_scheduled_delay(Duration::from_secs(100_000))
            }
        };
        let processor = BatchSpanProcessor::builder(Dropping(exported.clone()));
        let processor = processor.with_batch_config(batch.build()).build();
        let provider = SdkTracerProvider::builder().with_span_processor(processor).build();
        Sdk { provider, exported, expected: AtomicU64::new(0) }
    })
}

/// Returns the process's SDK that samples nothing.
pub(crate) fn sdk_off() -> &'static SdkTracerProvider {
    static OFF: OnceLock<SdkTracerProvider> = OnceLock::new();
    OFF.get_or_init(|| {
        let exporter = Dropping(Arc::default());
        SdkTracerProvider::builder().with_sampler(Sampler::AlwaysOff).with_batch_exporter(exporter).build()
    })
}

pub(super) fn boxed(provider: &SdkTracerProvider) -> BoxedTracer {
    BoxedTracer::new(Box::new(provider.tracer("bench")))
}
