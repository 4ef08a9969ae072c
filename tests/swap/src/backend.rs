//! The backends under test.

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
    /// The name of the backend in failure messages.
    pub name: &'static str,
    /// The tracer of the backend.
    pub tracer: TracerHandle,
    tree: Option<Box<dyn Fn() -> String>>,
}

/// Returns a new instance of each backend. Add new backends here.
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
    /// Creates a backend that records nothing.
    pub fn noop() -> Self {
        Backend { name: "noop", tracer: TracerHandle::new(NoopTracer::new()), tree: None }
    }

    /// Creates the reference tracer with its memory recorder.
    pub fn memory() -> Self {
        let mock = MockTracer::new();
        let tracer = mock.handle();
        Backend { name: "memory", tracer, tree: Some(Box::new(move || mock.tree())) }
    }

    /// Creates a tracer on a tracer provider of OpenTelemetry's SDK.
    pub fn otel_provider() -> Self {
        let memory = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder().with_simple_exporter(memory.clone()).build();
        let tracer = TracerHandle::new(OtelTracer::sdk(provider));
        Backend {
            name: "OpenTelemetry's tracer",
            tracer,
            tree: Some(Box::new(move || otel::exported_tree(&memory))),
        }
    }

    /// Creates the reference tracer with an exporter of OpenTelemetry's SDK.
    pub fn otel_exporter() -> Self {
        let memory = InMemorySpanExporter::default();
        let recorder = ExporterRecorder::new(memory.clone());
        Backend::recording("OpenTelemetry's exporter", recorder, move || otel::exported_tree(&memory))
    }

    /// Creates the reference tracer with a Zipkin recorder, and a Zipkin server.
    pub fn zipkin() -> Self {
        let zipkin = Zipkin::start();
        let recorder = ZipkinRecorder::builder().endpoint(zipkin.endpoint()).build();
        Backend::recording("Zipkin", recorder.expect("a valid endpoint"), move || zipkin.received_tree())
    }

    fn recording(
        name: &'static str,
        recorder: impl Recorder,
        read_tree: impl Fn() -> String + 'static,
    ) -> Self {
        let tracer = TracerHandle::new(RecordingTracer::builder(recorder).service("shop").build());
        let handle = tracer.clone();
        let tree = move || {
            assert_eq!(handle.flush_blocking(Duration::from_secs(10)).result, Ok(()), "{name}");
            read_tree()
        };
        Backend { name, tracer, tree: Some(Box::new(tree)) }
    }

    /// Returns the recorded spans in the form of [`MockTracer::tree`]. `None` if the backend records nothing.
    pub fn tree(&self) -> Option<String> {
        self.tree.as_ref().map(|tree| tree())
    }
}

impl std::fmt::Debug for Backend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Backend").field("name", &self.name).finish_non_exhaustive()
    }
}
