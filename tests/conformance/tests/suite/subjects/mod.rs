//! The backends of this project as test subjects.

mod otlp;
pub(crate) mod recording;
mod sdk;
mod zipkin;

use std::time::Duration;

use anytrace::{Switch, Tee};
use anytrace_api::{TracerExt, TracerHandle};
use anytrace_conformance::{Capabilities, Capability, RecordedSpan, Report, Subject, check};
use anytrace_noop::NoopTracer;
use anytrace_otel_bridge::{ContextIds, ContextSampler, ExporterRecorder, OtelTracer, TidyExporter};
use anytrace_otlp::{OtlpRecorder, Protocol};
use anytrace_recorder::{MockTracer, Recorder, RecordingTracer};
use anytrace_test_receiver::{Receiver, ScriptedResponse};
use anytrace_zipkin_bridge::ZipkinRecorder;
use opentelemetry_sdk::trace::{RandomIdGenerator, Sampler, SdkTracerProvider};

/// A backend and its capabilities.
pub(crate) struct Backend {
    pub(crate) name: &'static str,
    capabilities: Capabilities,
    fresh: fn() -> Subject,
}

impl Backend {
    pub(crate) fn check(&self) -> Report {
        check(self.name, self.capabilities, self.fresh)
    }
}

/// The backends under test.
pub(crate) const ALL: &[Backend] = &[
    Backend { name: "noop", capabilities: PROPAGATION_ONLY, fresh: noop },
    Backend { name: "memory", capabilities: Capabilities::ALL, fresh: memory },
    Backend { name: "otel tracer", capabilities: OTEL, fresh: otel_tracer },
    Backend { name: "otel exporter", capabilities: Capabilities::ALL, fresh: otel_exporter },
    Backend { name: "otlp, http", capabilities: Capabilities::ALL, fresh: otlp_http },
    Backend { name: "zipkin", capabilities: ZIPKIN, fresh: zipkin },
    Backend { name: "switch", capabilities: Capabilities::ALL, fresh: switch },
    Backend { name: "tee, first", capabilities: Capabilities::ALL, fresh: tee_first },
    Backend { name: "tee, second", capabilities: Capabilities::ALL, fresh: tee_second },
];

/// Records nothing.
const PROPAGATION_ONLY: Capabilities = Capabilities::NONE.with(&[
    Capability::Propagation,
    Capability::BaggagePropagation,
    Capability::TraceStatePropagation,
    Capability::SampledFlag,
]);

/// `SdkTracerProvider::force_flush` does not return the number of spans.
const OTEL: Capabilities = Capabilities::ALL.without(&[Capability::FlushCounts]);

/// Zipkin's tags are text, its times are in microseconds, and it has no links.
const ZIPKIN: Capabilities =
    Capabilities::ALL.without(&[Capability::TypedTags, Capability::Nanoseconds, Capability::Links]);

fn noop() -> Subject {
    Subject::new(TracerHandle::new(NoopTracer::new()), Vec::new)
}

fn memory() -> Subject {
    let mock = MockTracer::new();
    recorded_by(mock.handle(), mock)
}

fn recorded_by(tracer: TracerHandle, mock: MockTracer) -> Subject {
    Subject::new(tracer, move || mock.finished().iter().map(recording::recorded).collect())
}

fn otel_tracer() -> Subject {
    let exporter = sdk::MemoryExporter::default();
    let provider = SdkTracerProvider::builder()
        .with_sampler(ContextSampler::new(Sampler::ParentBased(Box::new(Sampler::AlwaysOn))))
        .with_id_generator(ContextIds::new(RandomIdGenerator::default()))
        .with_simple_exporter(TidyExporter::new(exporter.clone()))
        .build();
    let tracer = OtelTracer::sdk(provider);
    Subject::new(TracerHandle::new(tracer), move || exporter.recorded())
}

fn otel_exporter() -> Subject {
    let exporter = sdk::MemoryExporter::default();
    exported_by(ExporterRecorder::new(exporter.clone()), move || exporter.recorded())
}

fn otlp_http() -> Subject {
    let receiver = Receiver::always(ScriptedResponse::status(200));
    let recorder = OtlpRecorder::builder().protocol(Protocol::HttpProtobuf).endpoint(receiver.url(""));
    exported_by(recorder.build().expect("a valid endpoint"), move || otlp::recorded(&receiver))
}

fn zipkin() -> Subject {
    let receiver = Receiver::always(ScriptedResponse::status(202));
    let recorder = ZipkinRecorder::builder().endpoint(receiver.url("/api/v2/spans")).build();
    exported_by(recorder.expect("a valid endpoint"), move || zipkin::recorded(&receiver))
}

/// Creates a subject with the reference tracer and a recorder that exports spans.
fn exported_by(recorder: impl Recorder, read_spans: impl Fn() -> Vec<RecordedSpan> + 'static) -> Subject {
    let tracer = RecordingTracer::builder(recorder).service("subject").build();
    let handle = TracerHandle::new(tracer.clone());
    Subject::new(handle, move || {
        let _ = tracer.flush_blocking(Duration::from_secs(10));
        read_spans()
    })
}

fn switch() -> Subject {
    let mock = MockTracer::new();
    recorded_by(TracerHandle::new(Switch::new(mock.clone())), mock)
}

fn tee_first() -> Subject {
    let (mock, other) = (MockTracer::new(), MockTracer::new());
    recorded_by(TracerHandle::new(Tee::new(mock.clone()).and(other)), mock)
}

fn tee_second() -> Subject {
    let (mock, other) = (MockTracer::new(), MockTracer::new());
    recorded_by(TracerHandle::new(Tee::new(other).and(mock.clone())), mock)
}
