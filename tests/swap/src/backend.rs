//! The backends that are swapped.

use std::time::Duration;

use anytrace_api::TracerHandle;
use anytrace_noop::NoopTracer;
use anytrace_otel_bridge::{ExporterRecorder, OtelTracer};
use anytrace_recorder::{MockTracer, Recorder, RecordingTracer};
use anytrace_zipkin_bridge::ZipkinRecorder;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};

use crate::{otel, zipkin::Zipkin};

/// A backend under test.
pub struct Backend {
    /// What failures call it.
    pub name: &'static str,
    /// The tracer.
    pub tracer: TracerHandle,
    tree: Option<Box<dyn Fn() -> String>>,
}

/// A fresh one of each backend. The only list of them: a new one is added here.
pub fn backends() -> Vec<Backend> {
    vec![
        Backend::noop(),
        Backend::memory(),
        Backend::otel_provider(),
        Backend::otel_exporter(),
        Backend::zipkin(),
    ]
}

impl Backend {
    /// Records nothing.
    pub fn noop() -> Self {
        Backend { name: "noop", tracer: TracerHandle::new(NoopTracer::new()), tree: None }
    }

    /// The reference tracer with its memory recorder.
    pub fn memory() -> Self {
        let mock = MockTracer::new();
        let tracer = mock.handle();
        Backend { name: "memory", tracer, tree: Some(Box::new(move || mock.tree())) }
    }

    /// A tracer provider of OpenTelemetry's SDK.
    pub fn otel_provider() -> Self {
        let memory = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder().with_simple_exporter(memory.clone()).build();
        let tracer = TracerHandle::new(OtelTracer::sdk(provider));
        Backend { name: "OpenTelemetry's tracer", tracer, tree: Some(Box::new(move || otel::kept(&memory))) }
    }

    /// The reference tracer with an exporter of OpenTelemetry's SDK.
    pub fn otel_exporter() -> Self {
        let memory = InMemorySpanExporter::default();
        let recorder = ExporterRecorder::new(memory.clone());
        Backend::recording("OpenTelemetry's exporter", recorder, move || otel::kept(&memory))
    }

    /// The reference tracer and a Zipkin server.
    pub fn zipkin() -> Self {
        let zipkin = Zipkin::start();
        let recorder = ZipkinRecorder::builder().endpoint(zipkin.endpoint()).build();
        Backend::recording("Zipkin", recorder.expect("it is an endpoint"), move || zipkin.kept())
    }

    fn recording(name: &'static str, recorder: impl Recorder, kept: impl Fn() -> String + 'static) -> Self {
        let tracer = TracerHandle::new(RecordingTracer::builder(recorder).service("shop").build());
        let flushed = tracer.clone();
        let tree = move || {
            assert_eq!(flushed.flush_blocking(Duration::from_secs(10)).result, Ok(()), "{name}");
            kept()
        };
        Backend { name, tracer, tree: Some(Box::new(tree)) }
    }

    /// What it has recorded, as [`MockTracer::tree`] writes it; none where it records nothing.
    pub fn tree(&self) -> Option<String> {
        self.tree.as_ref().map(|tree| tree())
    }
}

impl std::fmt::Debug for Backend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Backend").field("name", &self.name).finish_non_exhaustive()
    }
}
