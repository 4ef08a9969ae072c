//! Conversion of spans and contexts between this API and OpenTelemetry.

mod common;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, SystemTime},
};

use anytrace_api::{
    self as trace, Context, Event, InstrumentationScope, Kind, Link, Operation, Sampling, SpanId, SpanRef,
    Status, TraceContext, TraceId, TracerExt, TracerHandle, backend::Tracer as _, current_span,
    flush::FlushError, suppression::suppressed, tags, with_tracer,
};
use anytrace_otel_bridge::{END_REASON, OtelTracer};
use common::World;
use opentelemetry::{
    Context as OtelContext, KeyValue, Value,
    baggage::BaggageExt,
    trace::{
        Span as _, SpanContext, SpanKind, Status as OtelStatus, TraceContextExt, TraceFlags, TraceState,
        Tracer as _, noop::NoopTracerProvider,
    },
};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{Sampler, SamplingResult, ShouldSample, Span as SdkSpan, SpanData, SpanProcessor},
};

static LIBRARY: InstrumentationScope = InstrumentationScope::new("a library", "1.2.3");

fn seconds(n: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(n)
}

fn remote(sampling: Sampling) -> Context {
    Context::remote(TraceId::from_u128(7).unwrap(), SpanId::from_u64(9).unwrap(), sampling)
}

fn incoming(traceparent: &str) -> HashMap<String, String> {
    HashMap::from([("traceparent".to_owned(), traceparent.to_owned())])
}

#[test]
fn every_field_of_a_span_is_converted() {
    let world = World::new();
    let linked = remote(Sampling::Drop).with_trace_state("a=1".parse().unwrap());
    let (first, details) = (tags! { "n" => 1, "s" => "one", "n" => 2 }, tags! { "attempt" => 3 });
    let links = [Link::to(&linked).tags(&details)];
    let operation = Operation::server("GET /")
        .tags(&first)
        .links(&links)
        .start_at(seconds(100))
        .instrumentation_scope(&LIBRARY);
    let span = world.tracer.start_trace(operation);
    span.event_with(Event::new("retry").tags(&details).at(seconds(101)));
    span.link(Link::to(&linked));
    span.set_tags(&tags! { "k" => 1, "k" => 2, "big" => u64::MAX, "none" => None::<i64> });
    span.set_tag("k", 3)
        .set_name("GET /users")
        .set_status(Status::error("first"))
        .set_status(Status::error("a later one"));
    let ids = span.context().ids().unwrap();
    span.finish_at(seconds(102));

    let span = world.span("GET /users");
    assert_eq!(span.span_context.trace_id().to_bytes(), ids.0.to_bytes());
    assert_eq!(span.span_context.span_id().to_bytes(), ids.1.to_bytes());
    assert_eq!(
        (span.span_kind.clone(), span.start_time, span.end_time),
        (SpanKind::Server, seconds(100), seconds(102))
    );
    assert_eq!(
        span.attributes,
        [
            KeyValue::new("n", 2),
            KeyValue::new("s", "one"),
            KeyValue::new("k", 3),
            KeyValue::new("big", "18446744073709551615"),
        ]
    );
    assert_eq!((span.events[0].name.as_ref(), span.events[0].timestamp), ("retry", seconds(101)));
    assert_eq!(span.events[0].attributes, [KeyValue::new("attempt", 3)]);
    assert_eq!(span.links.len(), 2);
    assert_eq!(
        (span.links[0].span_context.trace_state().header(), span.links[0].attributes.len()),
        ("a=1".to_owned(), 1)
    );
    assert!(span.links[0].span_context.is_remote());
    assert_eq!(span.status, OtelStatus::error("a later one"));
    assert_eq!(
        (span.instrumentation_scope.name(), span.instrumentation_scope.version()),
        ("a library", Some("1.2.3"))
    );
}

#[test]
fn kinds_and_end_reasons_are_converted_and_ok_is_final() {
    let world = World::new();
    let kinds = [
        (Kind::Internal, SpanKind::Internal),
        (Kind::Server, SpanKind::Server),
        (Kind::Client, SpanKind::Client),
        (Kind::Producer, SpanKind::Producer),
        (Kind::Consumer, SpanKind::Consumer),
    ];
    for (kind, expected) in kinds {
        drop(world.tracer.start_trace(Operation::new(kind.as_str().into(), kind)));
        let span = world.span(kind.as_str());
        assert_eq!(span.span_kind, expected);
        assert_eq!(span.attributes, [KeyValue::new(END_REASON, "dropped")]);
    }
    let span = world.tracer.start_trace("ok");
    span.set_status(Status::Ok).set_status(Status::error("no"));
    span.finish_at(seconds(1));
    let span = world.span("ok");
    assert_eq!((span.status, span.end_time), (OtelStatus::Ok, span.start_time));
}

#[test]
fn tags_beyond_the_buffer_reach_the_limit_of_the_provider() {
    let world = World::new();
    let span = world.tracer.start_trace("many");
    for n in 0..200 {
        span.set_tag(&format!("k{n}"), n);
    }
    span.set_tag("k0", -1);
    span.finish();
    let span = world.span("many");
    assert_eq!((span.attributes.len(), span.dropped_attributes_count), (128, 72));
}

#[test]
fn data_set_before_and_after_attaching_arrives_once() {
    let world = World::new();
    let span = world.tracer.start_trace("attached").tag("a", 1).tag("b", 1);
    span.event("detached").set_status(Status::error("detached"));
    let native = *span.native().unwrap().downcast::<OtelContext>().unwrap();
    span.set_tag("a", 2).set_tag("c", 2).event("attached").set_status(Status::error("attached"));
    native.span().add_event("raw", Vec::new());
    assert_eq!(world.spans().len(), 0);
    span.finish();

    let span = world.span("attached");
    let attributes = [("a", 2), ("b", 1), ("c", 2)].map(|(key, value)| KeyValue::new(key, value));
    assert_eq!((span.attributes, span.status), (attributes.to_vec(), OtelStatus::error("attached")));
    let events: Vec<_> = span.events.iter().map(|event| event.name.to_string()).collect();
    assert_eq!(events, ["detached", "attached", "raw"]);
    assert!(!native.span().is_recording());
    assert_eq!(world.tracer.counts().finished, 1);
}

#[test]
fn a_span_ends_alike_with_and_without_references() {
    let world = World::new();
    let span = world.tracer.start_trace("referenced").tag("n", 1);
    let reference = span.reference();
    span.finish();
    world.tracer.start_trace("exclusive").tag("n", 1).finish();
    let child = reference.start_child("child");
    assert_eq!(child.context().trace_id(), reference.context().trace_id());
    child.finish();
    for name in ["referenced", "exclusive"] {
        assert_eq!(world.span(name).attributes, [KeyValue::new("n", 1)]);
    }
    assert_eq!((world.tracer.counts().started, world.tracer.counts().finished), (3, 3));
}

#[test]
fn writes_after_the_end_are_counted() {
    let world = World::new();
    let span = world.tracer.start_trace("a");
    let late = span.reference();
    span.finish();
    late.set_tag("k", 1)
        .event("e")
        .set_name("b")
        .set_status(Status::Ok)
        .link(Link::to(&remote(Sampling::Record)));
    late.set_tags(&tags! { "k" => 1 });
    assert!(!late.is_recording());
    let counts = world.tracer.counts();
    assert_eq!((counts.started, counts.finished, counts.late), (1, 1, 6));
    assert!(world.span("a").attributes.is_empty());
    // Children can still start.
    late.start_child("child").finish();
    assert_eq!(world.edges(), ["/a", "a/child"]);
}

#[test]
fn a_joined_span_has_the_trace_state_and_random_flag_of_its_parent() {
    let world = World::new();
    let mut headers = incoming("00-00000000000000000000000000000007-0000000000000009-03");
    headers.insert("tracestate".to_owned(), "rojo=1,congo=t61".to_owned());
    headers.insert("baggage".to_owned(), "tenant=acme%20&%20sons;ttl=3".to_owned());
    let span = world.tracer.join_trace("join", &world.tracer.extract(&headers));
    let mut outgoing = HashMap::new();
    span.inject(&mut outgoing);
    let id = span.context().span_id().unwrap();
    assert_eq!(outgoing["traceparent"], format!("00-00000000000000000000000000000007-{id}-03"));
    assert_eq!(
        (&outgoing["tracestate"], &outgoing["baggage"]),
        (&headers["tracestate"], &headers["baggage"])
    );
    let native = *span.native().unwrap().downcast::<OtelContext>().unwrap();
    assert_eq!(native.baggage().get("tenant").unwrap().as_str(), "acme & sons");
    assert_eq!(native.baggage().get_with_metadata("tenant").unwrap().1.as_str(), "ttl=3");
    span.finish();
    let span = world.span("join");
    assert_eq!(span.parent_span_id.to_string(), "0000000000000009");
    assert!(span.parent_span_is_remote && !span.span_context.is_remote());
    assert_eq!(span.span_context.trace_state().header(), "rojo=1,congo=t61");
    assert_eq!(span.span_context.trace_flags().to_u8(), 3);
}

#[test]
fn an_unsampled_context_is_propagated_to_all_descendants() {
    let world = World::new();
    world.run(|| {
        let headers = incoming("00-00000000000000000000000000000007-0000000000000009-00");
        trace::join_trace("join", &trace::extract(&headers)).run(|| {
            let span = current_span();
            assert!(!span.is_recording());
            assert_eq!(span.context().sampling(), Sampling::Drop);
            world.raw.in_span("raw", |_| {
                tracing::info_span!("tracing").in_scope(|| {
                    trace::start_span("ours").run(|| {
                        trace::set_tag("k", 1);
                        let mut outgoing = HashMap::new();
                        trace::inject(&mut outgoing);
                        assert!(outgoing["traceparent"].starts_with("00-00000000000000000000000000000007-"));
                        assert!(outgoing["traceparent"].ends_with("-00"));
                    });
                });
            });
            let mut outgoing = HashMap::new();
            trace::start_span("direct").inject(&mut outgoing);
            assert_eq!(
                outgoing["traceparent"], headers["traceparent"],
                "the parent is the last recorded span"
            );
        });
    });
    assert!(world.spans().is_empty());
}

#[test]
fn descendants_of_an_unsampled_root_are_not_recorded() {
    let world =
        World::with(|builder| builder.with_sampler(Sampler::ParentBased(Box::new(Sampler::AlwaysOff))));
    world.run(|| {
        trace::start_span("root").run(|| {
            let (trace_id, _) = trace::current_ids().unwrap();
            world.raw.in_span("raw", |_| {
                trace::start_span("ours").run(|| assert_eq!(trace::current_ids().unwrap().0, trace_id));
            });
        });
    });
    assert!(world.spans().is_empty() && world.tracer.counts().started == 0);
}

#[test]
fn recorded_spans_that_are_not_sampled_accept_writes() {
    #[derive(Clone, Debug)]
    struct RecordOnly;
    impl ShouldSample for RecordOnly {
        fn should_sample(
            &self,
            _: Option<&OtelContext>,
            _: opentelemetry::trace::TraceId,
            _: &str,
            _: &SpanKind,
            _: &[KeyValue],
            _: &[opentelemetry::trace::Link],
        ) -> SamplingResult {
            SamplingResult {
                decision: opentelemetry_sdk::trace::SamplingDecision::RecordOnly,
                attributes: Vec::new(),
                trace_state: TraceState::default(),
            }
        }
    }
    let world = World::with(|builder| builder.with_sampler(RecordOnly));
    let span = world.tracer.start_trace("a");
    assert!(span.is_recording());
    assert_eq!(span.context().sampling(), Sampling::Drop);
    span.tag("k", 1).finish();
    assert!(world.spans().is_empty(), "the simple processor exports sampled spans only");
}

#[test]
fn suppression_of_this_api_suppresses_opentelemetry() {
    let world = World::new();
    world.run(|| {
        trace::start_span("outer").run(|| {
            suppressed(|| {
                assert!(OtelContext::is_current_telemetry_suppressed());
                world.raw.in_span("raw", |_| {});
                tracing::info_span!("tracing").in_scope(|| {});
                trace::start_span("ours").run(|| {
                    assert!(OtelContext::is_current_telemetry_suppressed());
                    world.raw.in_span("raw", |_| {});
                });
            });
            assert!(!OtelContext::is_current_telemetry_suppressed());
            trace::start_span("after").finish();
        });
    });
    assert_eq!(world.edges(), ["/outer", "outer/after"]);
}

#[test]
fn suppression_of_opentelemetry_suppresses_this_api() {
    let world = World::new();
    world.run(|| {
        trace::start_span("outer").run(|| {
            let outer = current_span();
            {
                let _suppressed = OtelContext::enter_telemetry_suppressed_scope();
                let span = trace::start_span("ours");
                assert!(!span.is_recording());
                assert_eq!(span.context(), outer.context(), "the context is propagated");
                span.run(|| trace::start_span("beneath").finish());
                assert!(trace::start_trace("root").is_none());
            }
            trace::start_span("after").finish();
        });
    });
    assert_eq!(world.edges(), ["/outer", "outer/after"]);
}

#[test]
fn a_suppressed_future_is_suppressed_during_its_polls() {
    use anytrace_api::FutureExt as _;
    let world = World::new();
    let suppressed = world.run(|| {
        async {
            common::yield_now().await;
            assert!(OtelContext::is_current_telemetry_suppressed());
            world.raw.in_span("raw", |_| {});
        }
        .suppressed()
    });
    world.block_on(async {
        suppressed.await;
        assert!(!OtelContext::is_current_telemetry_suppressed());
    });
    assert!(world.spans().is_empty());
}

#[test]
fn baggage_and_extensions_survive_a_raw_span() {
    #[derive(Debug, PartialEq)]
    struct Tenant(u32);
    let world = World::new();
    world.run(|| {
        let mut span = trace::start_span("outer");
        span.set_baggage("tenant", "acme").unwrap();
        span.set_extension(Arc::new(Tenant(7)));
        span.run(|| {
            let native = OtelContext::current();
            assert_eq!(native.baggage().get("tenant").map(opentelemetry::StringValue::as_str), Some("acme"));
            world.raw.in_span("raw", |_| {
                let raw = current_span();
                assert_eq!(raw.context().extension::<Tenant>().as_deref(), Some(&Tenant(7)));
                assert_eq!(raw.baggage().get("tenant"), Some("acme"));
                let more = [KeyValue::new("tenant", "acme"), KeyValue::new("user", "ada")];
                let _attached = OtelContext::current_with_baggage(more).attach();
                let raw = current_span();
                assert_eq!((raw.baggage().get("user"), raw.baggage().len()), (Some("ada"), 2));
                trace::start_span("inner").run(|| {
                    assert_eq!(current_span().context().extension::<Tenant>().as_deref(), Some(&Tenant(7)));
                    assert_eq!(OtelContext::current().baggage().get("user").unwrap().as_str(), "ada");
                    let mut headers = HashMap::new();
                    trace::inject(&mut headers);
                    assert_eq!(headers["baggage"], "tenant=acme,user=ada");
                });
            });
            assert_eq!(
                current_span().baggage().len(),
                1,
                "a parent does not receive baggage of its descendants"
            );
        });
    });
    assert_eq!(world.edges(), ["/outer", "outer/raw", "raw/inner"]);
}

#[test]
fn native_baggage_without_a_span_reaches_a_root_span() {
    let world = World::new();
    world.run(|| {
        let _attached = OtelContext::new().with_baggage([KeyValue::new("tenant", "acme")]).attach();
        trace::start_span("root").run(|| {
            assert_eq!(current_span().baggage().get("tenant"), Some("acme"));
            assert_eq!(OtelContext::current().baggage().len(), 1);
        });
    });
    assert_eq!(world.edges(), ["/root"]);
}

#[test]
fn changed_native_baggage_leaves_the_current_span_unchanged() {
    let world = World::new();
    world.run(|| {
        trace::start_span("span").run(|| {
            let _attached = OtelContext::current_with_baggage([KeyValue::new("tenant", "acme")]).attach();
            assert_eq!(current_span().baggage().get("tenant"), Some("acme"));
            trace::set_tag("k", 1);
            current_span().set_tag("k", 2);
            trace::start_span("child").finish();
        });
    });
    assert_eq!(world.edges(), ["/span", "span/child"]);
    assert_eq!(world.span("span").attributes, [KeyValue::new("k", 2)]);
}

#[test]
fn shared_baggage_survives_a_raw_span() {
    let world = World::new();
    world.run(|| {
        let mut span = trace::start_span("request");
        span.share_baggage();
        span.run(|| {
            world.raw.in_span("raw", |_| trace::set_baggage("tenant", "acme").unwrap());
            assert_eq!(current_span().baggage().get("tenant"), Some("acme"));
            world.raw.in_span("raw", |_| {
                assert_eq!(current_span().baggage().get("tenant"), Some("acme"));
            });
            trace::start_span("later").run(|| {
                assert_eq!(OtelContext::current().baggage().get("tenant").unwrap().as_str(), "acme");
            });
        });
    });
}

#[test]
fn baggage_removed_from_a_reference_is_removed_natively() {
    let world = World::new();
    world.run(|| {
        let mut span = trace::start_span("span");
        span.set_baggage("secret", "1").unwrap();
        let bare = span.reference().with_baggage_items(trace::Baggage::new());
        bare.in_scope(|| assert!(OtelContext::current().baggage().is_empty()));
        bare.start_child("child").run(|| assert!(OtelContext::current().baggage().is_empty()));
        span.in_scope(|| assert_eq!(OtelContext::current().baggage().len(), 1));
    });
}

#[test]
fn foreign_values_in_the_native_context_survive() {
    struct ForeignValue(u32);
    let world = World::new();
    world.run(|| {
        trace::start_span("outer").run(|| {
            let _attached = OtelContext::current_with_value(ForeignValue(7)).attach();
            trace::start_span("inner").run(|| {
                assert_eq!(OtelContext::current().get::<ForeignValue>().unwrap().0, 7);
            });
        });
    });
}

#[test]
fn a_natively_attached_remote_context_is_the_parent() {
    let world = World::new();
    world.run(|| {
        let flags = TraceFlags::SAMPLED;
        let span = SpanContext::new(7_u128.into(), 9_u64.into(), flags, true, TraceState::default());
        let _attached = OtelContext::new().with_remote_span_context(span).attach();
        assert!(current_span().context().is_remote());
        trace::start_span("joined").finish();
    });
    let span = world.span("joined");
    assert!(span.parent_span_is_remote);
    assert_eq!(span.parent_span_id, 9_u64.into());
}

#[test]
fn a_no_op_provider_propagates_the_parent_context() {
    let tracer = OtelTracer::new(NoopTracerProvider::new());
    with_tracer(&TracerHandle::new(tracer.clone()), || {
        let parent = remote(Sampling::Record).with_baggage("tenant", "acme").unwrap();
        trace::join_trace("a", &parent).run(|| {
            let span = current_span();
            assert_eq!((span.context().ids(), span.is_recording()), (parent.ids(), false));
            let mut headers = HashMap::new();
            trace::start_span("b").inject(&mut headers);
            assert_eq!(headers["traceparent"], "00-00000000000000000000000000000007-0000000000000009-01");
            assert_eq!(headers["baggage"], "tenant=acme");
            assert_eq!(OtelContext::current().span().span_context().span_id(), 9_u64.into());
        });
        assert!(trace::start_trace("c").is_none());
    });
}

#[test]
fn the_parent_context_is_propagated_after_shutdown() {
    let world = World::new();
    world.provider.shutdown().unwrap();
    let span = world.tracer.join_trace("a", &remote(Sampling::Record));
    assert_eq!(span.context().ids(), remote(Sampling::Record).ids());
    span.run(|| assert_eq!(OtelContext::current().span().span_context().span_id(), 9_u64.into()));
    assert!(world.tracer.start_trace("b").is_none());
}

#[test]
fn flush_and_shutdown_fail_without_a_control() {
    let tracer = OtelTracer::new(NoopTracerProvider::new());
    let minute = Duration::from_secs(60);
    assert!(matches!(tracer.flush_blocking(minute).result, Err(FlushError::Failed(_))));
    assert!(matches!(tracer.shutdown_blocking(minute).result, Err(FlushError::Failed(_))));
    assert_eq!(tracer.flush_blocking(minute).result, Err(FlushError::ShutDown));
    assert_eq!(tracer.shutdown_blocking(minute).result, Ok(()));
}

#[derive(Clone, Debug)]
struct Panicking {
    on: Arc<AtomicBool>,
}

impl Panicking {
    fn act(&self) {
        // Both are forbidden: making a span current while OpenTelemetry lends its context, and a panic.
        SpanRef::from(remote(Sampling::Record)).in_scope(|| trace::start_span("re-entrant").run(|| {}));
        assert!(!self.on.load(Ordering::Relaxed), "panic in a test double");
    }
}

impl ShouldSample for Panicking {
    fn should_sample(
        &self,
        _: Option<&OtelContext>,
        _: opentelemetry::trace::TraceId,
        name: &str,
        _: &SpanKind,
        _: &[KeyValue],
        _: &[opentelemetry::trace::Link],
    ) -> SamplingResult {
        if name != "re-entrant" {
            self.act();
        }
        SamplingResult {
            decision: opentelemetry_sdk::trace::SamplingDecision::RecordAndSample,
            attributes: Vec::new(),
            trace_state: TraceState::default(),
        }
    }
}

impl SpanProcessor for Panicking {
    fn on_start(&self, span: &mut SdkSpan, _: &OtelContext) {
        span.set_attribute(KeyValue::new("panicking", true));
    }
    fn on_end(&self, span: SpanData) {
        if span.name != "re-entrant" {
            self.act();
        }
    }
    fn force_flush(&self) -> OTelSdkResult {
        panic!("panic in a test double")
    }
    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

#[test]
fn panics_of_samplers_and_processors_are_caught() {
    let panicking = Panicking { on: Arc::default() };
    // The exporter's processor comes first, so the exporter receives the spans.
    let world =
        World::with(|builder| builder.with_sampler(panicking.clone()).with_span_processor(panicking.clone()));
    world.run(|| {
        let outer = trace::start_span("outer").entered();
        panicking.on.store(true, Ordering::Relaxed);
        let refused = trace::start_span("refused");
        assert!(!refused.is_recording());
        assert_eq!(refused.context(), outer.context());
        refused.run(|| trace::set_tag("k", 1));
        outer.finish();
        panicking.on.store(false, Ordering::Relaxed);
        assert!(current_span().is_none());
        trace::start_span("after").finish();
    });
    let names: Vec<_> = world.spans().into_iter().map(|span| span.name.to_string()).collect();
    assert!(names.contains(&"outer".to_owned()) && names.contains(&"after".to_owned()), "{names:?}");
    assert!(world.tracer.counts().panics >= 2);
}

#[test]
fn a_sampler_called_by_raw_code_can_use_this_api() {
    let panicking = Panicking { on: Arc::default() };
    let world = World::with(|builder| builder.with_sampler(panicking.clone()));
    world.run(|| {
        trace::start_span("outer").run(|| {
            // `Tracer::start` borrows OpenTelemetry's current context while the sampler runs.
            let mut span = world.raw.start("raw");
            span.end();
            trace::start_span("ours").finish();
        });
        assert!(current_span().is_none());
    });
    let edges: Vec<_> = world.edges().into_iter().filter(|edge| !edge.contains("re-entrant")).collect();
    assert_eq!(edges, ["/outer", "outer/ours", "outer/raw"]);
}

#[test]
fn a_span_can_end_on_another_thread() {
    let world = World::new();
    let span = world.tracer.start_trace("a");
    thread::scope(|scope| {
        for n in 0..4 {
            let span = span.reference();
            scope.spawn(move || {
                for m in 0..100 {
                    span.set_tag(&format!("k{n}"), m).event("e");
                }
            });
        }
    });
    let ended = Mutex::new(Some(span));
    thread::scope(|scope| scope.spawn(|| ended.lock().unwrap().take().unwrap().finish()).join().unwrap());
    let span = world.span("a");
    assert_eq!((span.attributes.len(), span.events.len() + span.events.dropped_count as usize), (4, 400));
    assert!(span.attributes.iter().all(|attribute| attribute.value == Value::I64(99)));
}

#[test]
fn one_tracer_is_made_per_instrumentation_scope() {
    static TWIN: InstrumentationScope = InstrumentationScope::new("a library", "1.2.3");
    let world = World::new();
    for scope in [None, Some(&LIBRARY), Some(&TWIN), Some(&LIBRARY)] {
        let operation = Operation::internal("a");
        world
            .tracer
            .start_trace(scope.map_or(operation, |scope| operation.instrumentation_scope(scope)))
            .finish();
    }
    let names: Vec<_> =
        world.spans().iter().map(|span| span.instrumentation_scope.name().to_owned()).collect();
    assert_eq!(names, ["anytrace-otel-bridge", "a library", "a library", "a library"]);
}
