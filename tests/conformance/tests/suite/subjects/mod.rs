//! The backends of this project, as subjects.

mod otlp;
pub(crate) mod recording;
mod sdk;
mod zipkin;

use std::time::Duration;

use anytrace::{Switch, Tee};
use anytrace_api::{TracerExt, TracerHandle};
use anytrace_conformance::{Capabilities, Capability, Recorded, Report, Subject, check};
use anytrace_noop::NoopTracer;
use anytrace_otel_bridge::{ContextIds, ContextSampler, ExporterRecorder, OtelTracer, TidyExporter};
use anytrace_otlp::{OtlpRecorder, Protocol};
use anytrace_recorder::{MockTracer, Recorder, RecordingTracer};
use anytrace_test_receiver::{Answer, Receiver};
use anytrace_zipkin_bridge::ZipkinRecorder;
use opentelemetry_sdk::trace::{RandomIdGenerator, Sampler, SdkTracerProvider};

/// A backend and what it can.
pub(crate) struct BackEnd {
    pub(crate) name: &'static str,
    can: Capabilities,
    fresh: fn() -> Subject,
}

impl BackEnd {
    pub(crate) fn check(&self) -> Report {
        check(self.name, self.can, self.fresh)
    }
}

/// All of them.
pub(crate) const ALL: &[BackEnd] = &[
    BackEnd { name: "noop", can: CARRYING, fresh: noop },
    BackEnd { name: "memory", can: Capabilities::ALL, fresh: memory },
    BackEnd { name: "otel tracer", can: OTEL, fresh: otel_tracer },
    BackEnd { name: "otel export", can: Capabilities::ALL, fresh: otel_exporter },
    BackEnd { name: "otlp, http", can: Capabilities::ALL, fresh: otlp_http },
    BackEnd { name: "zipkin", can: ZIPKIN, fresh: zipkin },
    BackEnd { name: "switch", can: Capabilities::ALL, fresh: switch },
    BackEnd { name: "tee, first", can: Capabilities::ALL, fresh: tee_first },
    BackEnd { name: "tee, second", can: Capabilities::ALL, fresh: tee_second },
];

/// Nothing is recorded.
const CARRYING: Capabilities = Capabilities::NONE.with(&[
    Capability::Propagation,
    Capability::BaggagePropagation,
    Capability::TraceStatePropagation,
    Capability::SampledFlag,
]);

/// A provider is flushed, and does not say what came of it.
const OTEL: Capabilities = Capabilities::ALL.without(&[Capability::FlushNumbers]);

/// Text in tags, microseconds, and no place for links.
const ZIPKIN: Capabilities =
    Capabilities::ALL.without(&[Capability::TypedTags, Capability::Nanoseconds, Capability::Links]);

fn noop() -> Subject {
    Subject::new(TracerHandle::new(NoopTracer::new()), Vec::new)
}

fn memory() -> Subject {
    let mock = MockTracer::new();
    shown_by(mock.handle(), mock)
}

fn shown_by(tracer: TracerHandle, mock: MockTracer) -> Subject {
    Subject::new(tracer, move || mock.finished().iter().map(recording::recorded).collect())
}

fn otel_tracer() -> Subject {
    let kept = sdk::Kept::default();
    let provider = SdkTracerProvider::builder()
        .with_sampler(ContextSampler::new(Sampler::ParentBased(Box::new(Sampler::AlwaysOn))))
        .with_id_generator(ContextIds::new(RandomIdGenerator::default()))
        .with_simple_exporter(TidyExporter::new(kept.clone()))
        .build();
    let tracer = OtelTracer::sdk(provider);
    Subject::new(TracerHandle::new(tracer), move || kept.recorded())
}

fn otel_exporter() -> Subject {
    let kept = sdk::Kept::default();
    sent_by(ExporterRecorder::new(kept.clone()), move || kept.recorded())
}

fn otlp_http() -> Subject {
    let receiver = Receiver::always(Answer::status(200));
    let recorder = OtlpRecorder::builder().protocol(Protocol::HttpProtobuf).endpoint(receiver.url(""));
    sent_by(recorder.build().expect("it is an endpoint"), move || otlp::recorded(&receiver))
}

fn zipkin() -> Subject {
    let receiver = Receiver::always(Answer::status(202));
    let recorder = ZipkinRecorder::builder().endpoint(receiver.url("/api/v2/spans")).build();
    sent_by(recorder.expect("it is an endpoint"), move || zipkin::recorded(&receiver))
}

/// The reference tracer with a recorder that sends.
fn sent_by(recorder: impl Recorder, shown: impl Fn() -> Vec<Recorded> + 'static) -> Subject {
    let tracer = RecordingTracer::builder(recorder).service("subject").build();
    let flushed = tracer.clone();
    Subject::new(TracerHandle::new(tracer), move || {
        let _ = flushed.flush_blocking(Duration::from_secs(10));
        shown()
    })
}

fn switch() -> Subject {
    let mock = MockTracer::new();
    shown_by(TracerHandle::new(Switch::new(mock.clone())), mock)
}

fn tee_first() -> Subject {
    let (mock, other) = (MockTracer::new(), MockTracer::new());
    shown_by(TracerHandle::new(Tee::new(mock.clone()).and(other)), mock)
}

fn tee_second() -> Subject {
    let (mock, other) = (MockTracer::new(), MockTracer::new());
    shown_by(TracerHandle::new(Tee::new(other).and(mock.clone())), mock)
}
