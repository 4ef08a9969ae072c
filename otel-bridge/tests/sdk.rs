//! Support for OpenTelemetry's SDK: flush and shutdown, sampling decisions, exporters as recorders.
#![cfg(feature = "sdk")]

mod common;

use std::{
    future,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    time::{Duration, SystemTime},
};

use anytrace_api::{
    Context, Event, InstrumentationScope, Link, Operation, Sampling, SpanId, Status, TraceContext, TraceId,
    TracerExt, flush::FlushError, tags,
};
use anytrace_otel_bridge::{ContextSampler, Control, END_REASON, ExporterRecorder, OtelTracer};
use anytrace_recorder::{RecordingTracer, Resource};
use opentelemetry::{
    Context as OtelContext, KeyValue,
    trace::{SpanKind, Status as OtelStatus},
};
use opentelemetry_sdk::{
    Resource as OtelResource,
    error::{OTelSdkError, OTelSdkResult},
    trace::{Sampler, SdkTracerProvider, SpanData, SpanExporter},
};

const MINUTE: Duration = Duration::from_secs(60);

static LIBRARY: InstrumentationScope = InstrumentationScope::new("a library", "1.2.3");

fn remote(sampling: Sampling) -> Context {
    Context::remote(TraceId::from_u128(7).unwrap(), SpanId::from_u64(9).unwrap(), sampling)
}

#[test]
fn flush_and_shutdown_reach_the_batch_processor() {
    let probe = Probe::default();
    let provider = SdkTracerProvider::builder().with_batch_exporter(probe.clone()).build();
    let tracer = OtelTracer::sdk(provider);
    tracer.start_trace("a").finish();
    assert_eq!(tracer.flush_blocking(MINUTE).result, Ok(()));
    assert_eq!(probe.spans.lock().unwrap().len(), 1);
    tracer.start_trace("b").finish();
    assert_eq!(tracer.shutdown_blocking(MINUTE).result, Ok(()));
    assert_eq!(probe.spans.lock().unwrap().len(), 2);
    assert_eq!(tracer.shutdown_blocking(MINUTE).result, Ok(()), "a second shutdown has no effect");
    assert_eq!(tracer.flush_blocking(MINUTE).result, Err(FlushError::ShutDown));
    assert!(!tracer.start_trace("late").is_recording());
}

#[test]
fn a_hanging_flush_times_out_and_later_calls_wait_for_it() {
    struct Slow(Mutex<mpsc::Receiver<()>>, Arc<AtomicUsize>);
    impl Control for Slow {
        fn flush(&self, _: Duration) -> Result<(), FlushError> {
            self.0.lock().unwrap().recv().unwrap();
            self.1.fetch_add(1, Ordering::Relaxed);
            Ok(())
        }
        fn shutdown(&self, _: Duration) -> Result<(), FlushError> {
            assert_eq!(self.1.load(Ordering::Relaxed), 1, "one call at a time");
            panic!("panic in a test double")
        }
    }
    let (go, gate) = mpsc::channel();
    let calls = Arc::new(AtomicUsize::new(0));
    let control = Slow(Mutex::new(gate), calls.clone());
    let provider = SdkTracerProvider::builder().build();
    let tracer = OtelTracer::builder(provider).control(control).build();
    assert_eq!(tracer.flush_blocking(Duration::from_millis(1)).result, Err(FlushError::TimedOut));
    go.send(()).unwrap();
    let flushed = tracer.shutdown_blocking(MINUTE);
    assert_eq!(flushed.result, Err(FlushError::Failed("the provider panicked".into())));
}

fn is_sampled(parent: &Context, root: bool, with_context_sampler: bool) -> bool {
    let root = if root { Sampler::AlwaysOn } else { Sampler::AlwaysOff };
    let sampler = Sampler::ParentBased(Box::new(root));
    let builder = SdkTracerProvider::builder();
    let builder = if with_context_sampler {
        builder.with_sampler(ContextSampler::new(sampler))
    } else {
        builder.with_sampler(sampler)
    };
    let span = OtelTracer::sdk(builder.build()).join_trace("a", parent);
    assert_eq!(span.is_recording(), span.context().sampling().is_sampled() == Some(true));
    span.is_recording()
}

#[test]
fn sampling_decisions_of_the_parent_apply() {
    let without_ids = |sampling| Context::default().with_sampling(sampling);
    for with_context_sampler in [false, true] {
        for root in [false, true] {
            assert!(is_sampled(&remote(Sampling::Record), root, with_context_sampler));
            assert!(is_sampled(&remote(Sampling::Debug), root, with_context_sampler));
            assert!(!is_sampled(&remote(Sampling::Drop), root, with_context_sampler));
            assert_eq!(is_sampled(&Context::default(), root, with_context_sampler), root);
            assert_eq!(
                is_sampled(&remote(Sampling::Defer), root, with_context_sampler),
                root || !with_context_sampler
            );
            for (sampling, expected) in
                [(Sampling::Drop, false), (Sampling::Record, true), (Sampling::Debug, true)]
            {
                assert_eq!(
                    is_sampled(&without_ids(sampling), root, with_context_sampler),
                    if with_context_sampler { expected } else { root }
                );
            }
        }
    }
}

#[test]
fn the_debug_decision_reaches_descendants_of_a_raw_span() {
    let world = common::World::with(|builder| {
        builder.with_sampler(ContextSampler::new(Sampler::ParentBased(Box::new(Sampler::AlwaysOff))))
    });
    world.run(|| {
        let parent = Context::default().with_sampling(Sampling::Debug);
        anytrace_api::join_trace("outer", &parent).run(|| {
            use opentelemetry::trace::Tracer as _;
            world.raw.in_span("raw", |_| {
                let inner = anytrace_api::start_span("inner");
                assert_eq!(inner.context().sampling(), Sampling::Debug);
                inner.finish();
            });
        });
    });
    assert_eq!(world.edges(), ["/outer", "outer/raw", "raw/inner"]);
}

#[derive(Clone, Debug, Default)]
struct Probe {
    resource: Arc<Mutex<Option<OtelResource>>>,
    spans: Arc<Mutex<Vec<SpanData>>>,
    behaviour: Behaviour,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Behaviour {
    #[default]
    Succeeds,
    Hangs,
    Fails,
    Panics,
}

impl SpanExporter for Probe {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        assert!(OtelContext::is_current_telemetry_suppressed());
        match self.behaviour {
            Behaviour::Succeeds => self.spans.lock().unwrap().extend(batch),
            Behaviour::Hangs => future::pending().await,
            Behaviour::Fails => return Err(OTelSdkError::InternalFailure("no\r\nroute".to_owned())),
            Behaviour::Panics => panic!("panic in a test double"),
        }
        Ok(())
    }
    fn set_resource(&mut self, resource: &OtelResource) {
        *self.resource.lock().unwrap() = Some(resource.clone());
    }
}

#[test]
fn every_field_of_a_finished_span_is_exported() {
    let probe = Probe::default();
    let resource = Resource::new("orders").with("service.version", "1.2.3");
    let tracer = RecordingTracer::builder(ExporterRecorder::new(probe.clone())).resource(resource).build();
    let at = |n| SystemTime::UNIX_EPOCH + Duration::from_secs(n);
    let parent = remote(Sampling::Record).with_trace_state("a=1".parse().unwrap());
    let (first, details) = (tags! { "n" => 1, "big" => u64::MAX }, tags! { "attempt" => 3 });
    let links = [Link::to(&parent).tags(&details)];
    let operation = Operation::client("load")
        .tags(&first)
        .links(&links)
        .start_at(at(100))
        .instrumentation_scope(&LIBRARY);
    let span = tracer.join_trace(operation, &parent);
    span.event_with(Event::new("retry").tags(&details).at(at(101)))
        .set_status(Status::error("no"))
        .set_tag("n", 2);
    span.start_child("child").discard();
    drop(span.start_child("dropped"));
    let id = span.context().span_id().unwrap();
    span.finish_at(at(102));
    let flushed = tracer.shutdown_blocking(MINUTE);
    assert_eq!((flushed.result.clone(), flushed.delivered, flushed.dropped.of("discarded")), (Ok(()), 2, 1));

    let resource = probe.resource.lock().unwrap().clone().unwrap();
    let attribute = |key: &'static str| resource.get(&key.into()).map(|value| value.to_string());
    assert_eq!(
        (attribute("service.name"), attribute("service.version")),
        (Some("orders".into()), Some("1.2.3".into()))
    );
    let spans = probe.spans.lock().unwrap();
    let span = spans.iter().find(|span| span.name == "load").unwrap();
    assert_eq!(span.span_context.span_id().to_bytes(), id.to_bytes());
    assert_eq!((span.span_context.trace_id(), span.parent_span_id), (7_u128.into(), 9_u64.into()));
    assert!(span.parent_span_is_remote && span.span_context.is_sampled() && !span.span_context.is_remote());
    assert_eq!(span.span_context.trace_state().header(), "a=1");
    assert_eq!(
        (span.span_kind.clone(), span.start_time, span.end_time),
        (SpanKind::Client, at(100), at(102))
    );
    assert_eq!(span.attributes, [KeyValue::new("n", 2), KeyValue::new("big", u64::MAX.to_string())]);
    assert_eq!((span.events[0].name.as_ref(), span.events[0].timestamp), ("retry", at(101)));
    assert_eq!(span.events[0].attributes, [KeyValue::new("attempt", 3)]);
    assert_eq!((span.links.len(), span.links[0].attributes.len()), (1, 1));
    assert_eq!(span.status, OtelStatus::error("no"));
    let scope = &span.instrumentation_scope;
    assert_eq!((scope.name(), scope.version()), ("a library", Some("1.2.3")));
    let dropped = spans.iter().find(|span| span.name == "dropped").unwrap();
    assert_eq!(dropped.attributes, [KeyValue::new(END_REASON, "dropped")]);
}

fn export_three(
    behaviour: Behaviour,
    timeout: Duration,
) -> (anytrace_api::flush::Flushed, anytrace_recorder::Stats) {
    let probe = Probe { behaviour, ..Probe::default() };
    let recorder = ExporterRecorder::new(probe);
    let tracer = RecordingTracer::builder(recorder).interval(MINUTE).export_timeout(timeout).build();
    for _ in 0..3 {
        tracer.start_trace("a").finish();
    }
    let flushed = tracer.flush_blocking(MINUTE);
    let stats = tracer.stats();
    assert_eq!(stats.started, stats.delivered + stats.dropped.total() + stats.queued);
    (flushed, stats)
}

#[test]
fn a_hanging_export_is_cancelled_at_its_deadline() {
    let (flushed, stats) = export_three(Behaviour::Hangs, Duration::from_millis(5));
    assert_eq!(flushed.result, Err(FlushError::Failed("the export timed out".into())));
    assert_eq!(stats.dropped.of("export timed out"), 3);
}

#[test]
fn a_failed_export_is_counted_and_reports_the_exporters_message() {
    let (flushed, stats) = export_three(Behaviour::Fails, MINUTE);
    assert_eq!(flushed.result, Err(FlushError::Failed(r"no\r\nroute".into())));
    assert_eq!(stats.dropped.of("export failed"), 3);
}

#[test]
fn a_panicking_exporter_drops_its_batch() {
    let (flushed, stats) = export_three(Behaviour::Panics, MINUTE);
    assert!(flushed.result.is_err());
    assert_eq!(stats.dropped.of("recorder panicked"), 3);
}

#[cfg(feature = "tokio")]
mod in_tokio {
    use super::*;

    #[derive(Debug)]
    struct NeedsTokio(tokio::runtime::Handle);

    impl SpanExporter for NeedsTokio {
        async fn export(&self, _: Vec<SpanData>) -> OTelSdkResult {
            tokio::time::timeout(MINUTE, tokio::spawn(async {})).await.unwrap().unwrap();
            let _ = &self.0;
            Ok(())
        }
    }

    fn deliver() -> u64 {
        let recorder =
            ExporterRecorder::in_tokio(|| Ok(NeedsTokio(tokio::runtime::Handle::current()))).unwrap();
        let tracer = RecordingTracer::builder(recorder).build();
        tracer.start_trace("a").finish();
        tracer.shutdown_blocking(MINUTE).delivered
    }

    #[test]
    fn exports_without_a_runtime_of_the_application() {
        assert_eq!(deliver(), 1);
    }

    #[tokio::test]
    async fn exports_within_a_current_thread_runtime() {
        assert_eq!(deliver(), 1);
        // Without a reporter thread, the caller exports in async code.
        let recorder = ExporterRecorder::in_tokio(|| Ok(NeedsTokio(tokio::runtime::Handle::current())));
        let tracer = RecordingTracer::builder(recorder.unwrap()).without_thread().build();
        tracer.start_trace("a").finish();
        assert_eq!(tracer.flush_blocking(MINUTE).delivered, 1);
        // An unused recorder can be dropped in async code.
        drop(ExporterRecorder::in_tokio(|| Ok(Probe::default())).unwrap());
    }

    #[test]
    fn an_error_of_the_constructor_is_returned() {
        let made = ExporterRecorder::<Probe>::in_tokio(|| Err("no certificate".into()));
        assert_eq!(made.unwrap_err().to_string(), "no certificate");
    }
}
