//! The mapping of spans to OTLP.

use std::time::{Duration, SystemTime};

use anytrace_api::{
    Context, Event, InstrumentationScope, Kind, Link, Operation, Sampling, SpanId, Status, TraceContext,
    TraceId, TracerExt, tags,
};
use anytrace_recorder::{Clock, Limits, RecordingTracer, Resource};
use anytrace_test_receiver::{Receiver, ScriptedResponse};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{AnyValue, ArrayValue, InstrumentationScope as ProtoScope, KeyValue, any_value::Value},
    trace::v1::{
        Span, Status as ProtoStatus,
        span::{Event as ProtoEvent, Link as ProtoLink, SpanKind},
        status::StatusCode,
    },
};

use crate::{
    collector::{Collector, Reply},
    harness::{LONG, all_spans, decoded, grpc, http},
};

static LIBRARY: InstrumentationScope = InstrumentationScope::new("a library", "1.2.3");
static OTHER: InstrumentationScope = InstrumentationScope::new("another", "");

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

fn nanos(seconds: u64) -> u64 {
    seconds * 1_000_000_000
}

fn kv(key: &str, value: Value) -> KeyValue {
    KeyValue { key: key.into(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() }
}

fn text(key: &str, value: &str) -> KeyValue {
    kv(key, Value::StringValue(value.into()))
}

fn list(values: Vec<Value>) -> Value {
    let values = values.into_iter().map(|value| AnyValue { value: Some(value) }).collect();
    Value::ArrayValue(ArrayValue { values })
}

/// Returns the request that arrives after `work`.
fn sent(resource: &Resource, work: impl Fn(&RecordingTracer)) -> ExportTraceServiceRequest {
    let receiver = Receiver::always(ScriptedResponse::status(200));
    let recorder = http(receiver.url("")).build().unwrap();
    let tracer =
        RecordingTracer::builder(recorder).resource(resource.clone()).clock(Clock::manual(at(50))).build();
    work(&tracer);
    assert_eq!(tracer.shutdown_blocking(LONG).result, Ok(()));
    decoded(&receiver.requests()[0])
}

fn one(work: impl Fn(&RecordingTracer)) -> Span {
    all_spans(&sent(&Resource::new("shop"), work)).remove(0)
}

fn remote(sampling: Sampling) -> Context {
    Context::remote(TraceId::from_u128(7).unwrap(), SpanId::from_u64(9).unwrap(), sampling)
}

#[test]
fn every_field_of_a_span_arrives() {
    let parent = remote(Sampling::Record).with_trace_state("b=2,a=1".parse().unwrap()).with_random(true);
    let elsewhere =
        Context::remote(TraceId::from_u128(8).unwrap(), SpanId::from_u64(10).unwrap(), Sampling::Drop);
    let mut ids = None;
    let request = {
        let receiver = Receiver::always(ScriptedResponse::status(200));
        let tracer = RecordingTracer::builder(http(receiver.url("")).build().unwrap()).build();
        let (first, details) = (tags! { "n" => 1 }, tags! { "attempt" => 3 });
        let links = [Link::to(&elsewhere).tags(&details)];
        let operation = Operation::client("load")
            .tags(&first)
            .links(&links)
            .start_at(at(100))
            .instrumentation_scope(&LIBRARY);
        let span = tracer.join_trace(operation, &parent);
        span.event_with(Event::new("retry").tags(&details).at(at(101))).set_status(Status::error("no\nway"));
        span.set_tag("n", 2);
        ids = span.context().ids().or(ids);
        span.finish_at(at(102));
        assert_eq!(tracer.shutdown_blocking(LONG).delivered, 1);
        decoded(&receiver.requests()[0])
    };
    let (trace, id) = ids.unwrap();
    let number = |key, value| kv(key, Value::IntValue(value));
    let expected = Span {
        trace_id: trace.to_bytes().to_vec(),
        span_id: id.to_bytes().to_vec(),
        trace_state: "b=2,a=1".into(),
        parent_span_id: SpanId::from_u64(9).unwrap().to_bytes().to_vec(),
        // Sampled, random, with a parent that is known to be remote.
        flags: 0x01 | 0x02 | 0x100 | 0x200,
        name: "load".into(),
        kind: SpanKind::Client.into(),
        start_time_unix_nano: nanos(100),
        end_time_unix_nano: nanos(102),
        attributes: vec![number("n", 2)],
        events: vec![ProtoEvent {
            time_unix_nano: nanos(101),
            name: "retry".into(),
            attributes: vec![number("attempt", 3)],
            dropped_attributes_count: 0,
        }],
        links: vec![ProtoLink {
            trace_id: TraceId::from_u128(8).unwrap().to_bytes().to_vec(),
            span_id: SpanId::from_u64(10).unwrap().to_bytes().to_vec(),
            attributes: vec![number("attempt", 3)],
            flags: 0x100 | 0x200,
            ..ProtoLink::default()
        }],
        status: Some(ProtoStatus { code: StatusCode::Error.into(), message: "no\nway".into() }),
        ..Span::default()
    };
    assert_eq!(all_spans(&request), [expected]);
}

#[test]
fn every_type_of_value_is_preserved() {
    let span = one(|tracer| {
        let (text, texts) = (String::from("t"), ["a", "b"]);
        let tags = tags! {
            "bool" => true, "int" => -1, "large" => i64::MAX as u64, "too large" => u64::MAX, "float" => 0.5,
            "fixed" => "literal", "text" => &text, "bytes" => b"\xff\x00", "bools" => &[true, false],
            "ints" => &[1_i64, 2], "floats" => &[0.5_f64], "texts" => &texts, "none" => None::<i64>
        };
        tracer.start_trace(Operation::internal("values").tags(&tags)).finish();
    });
    let string = |text: &str| Value::StringValue(text.into());
    let expected = [
        kv("bool", Value::BoolValue(true)),
        kv("int", Value::IntValue(-1)),
        kv("large", Value::IntValue(i64::MAX)),
        kv("too large", string("18446744073709551615")),
        kv("float", Value::DoubleValue(0.5)),
        kv("fixed", string("literal")),
        kv("text", string("t")),
        kv("bytes", Value::BytesValue(vec![0xff, 0])),
        kv("bools", list(vec![Value::BoolValue(true), Value::BoolValue(false)])),
        kv("ints", list(vec![Value::IntValue(1), Value::IntValue(2)])),
        kv("floats", list(vec![Value::DoubleValue(0.5)])),
        kv("texts", list(vec![string("a"), string("b")])),
    ];
    assert_eq!(span.attributes, expected);
}

#[test]
fn unset_fields_are_omitted() {
    let span = one(|tracer| tracer.start_trace("root").finish());
    assert_eq!((span.parent_span_id.len(), span.trace_state.as_str(), &span.status), (0, "", &None));
    assert_eq!(span.flags & !0x02, 0x01 | 0x100, "no parent is no remote one");
    assert_eq!(span.kind(), SpanKind::Internal);
    let child = all_spans(&sent(&Resource::new("shop"), |tracer| {
        let parent = tracer.start_trace("parent");
        parent.start_child("child").finish();
        parent.finish();
    }));
    assert_eq!(child[0].flags & 0x300, 0x100, "the parent is of this process");
    assert_eq!(child[0].parent_span_id, child[1].span_id);
}

#[test]
fn kinds_and_statuses_arrive() {
    for (kind, expected) in [
        (Kind::Internal, SpanKind::Internal),
        (Kind::Server, SpanKind::Server),
        (Kind::Client, SpanKind::Client),
        (Kind::Producer, SpanKind::Producer),
        (Kind::Consumer, SpanKind::Consumer),
    ] {
        let span = one(|tracer| tracer.start_trace(Operation::new("a".into(), kind)).finish());
        assert_eq!(span.kind(), expected);
    }
    let status = |status: Status<'static>| {
        let span = one(|tracer| {
            let span = tracer.start_trace("a");
            span.set_status(status);
            span.finish();
        });
        let status = span.status.unwrap();
        (status.code(), status.message)
    };
    assert_eq!(status(Status::Ok), (StatusCode::Ok, String::new()));
    assert_eq!(status(Status::failed()), (StatusCode::Error, String::new()));
}

#[test]
fn an_end_reason_other_than_finished_is_one_attribute() {
    let span = one(|tracer| drop(tracer.start_trace("a").tag("anytrace.end_reason", "mine").tag("n", true)));
    assert_eq!(span.attributes, [kv("n", Value::BoolValue(true)), text("anytrace.end_reason", "dropped")]);
}

#[test]
fn dropped_items_are_counted() {
    let receiver = Receiver::always(ScriptedResponse::status(200));
    let recorder = http(receiver.url("")).build().unwrap();
    let mut limits = Limits::default();
    (limits.tags, limits.events, limits.links, limits.event_tags, limits.link_tags) = (1, 1, 1, 1, 1);
    let tracer = RecordingTracer::builder(recorder).limits(limits).build();
    let (other, two) = (remote(Sampling::Record), tags! { "a" => 1, "b" => 2 });
    let links = [Link::to(&other).tags(&two), Link::to(&other)];
    let span = tracer.start_trace(Operation::internal("a").tags(&two).links(&links));
    span.event_with(Event::new("x").tags(&two));
    span.event("y");
    span.finish();
    assert_eq!(tracer.shutdown_blocking(LONG).delivered, 1);
    let span = all_spans(&decoded(&receiver.requests()[0])).remove(0);
    assert_eq!(
        (span.dropped_attributes_count, span.dropped_events_count, span.dropped_links_count),
        (1, 1, 1)
    );
    assert_eq!(span.events[0].dropped_attributes_count, 1);
    assert_eq!(span.links[0].dropped_attributes_count, 1);
}

#[test]
fn spans_are_grouped_by_instrumentation_scope() {
    let request = sent(&Resource::new("shop"), |tracer| {
        for (name, origin) in [("1", Some(&LIBRARY)), ("2", None), ("3", Some(&OTHER)), ("4", Some(&LIBRARY))]
        {
            let operation = Operation::internal(name);
            tracer
                .start_trace(origin.map_or(operation, |origin| operation.instrumentation_scope(origin)))
                .finish();
        }
    });
    let scope = |name: &str, version: &str| ProtoScope {
        name: name.into(),
        version: version.into(),
        ..ProtoScope::default()
    };
    let [resource] = &request.resource_spans[..] else { panic!("{request:?}") };
    let groups: Vec<(_, Vec<_>)> = resource
        .scope_spans
        .iter()
        .map(|group| (group.scope.clone(), group.spans.iter().map(|span| span.name.as_str()).collect()))
        .collect();
    let expected = [
        (Some(scope("a library", "1.2.3")), vec!["1", "4"]),
        (None, vec!["2"]),
        (Some(scope("another", "")), vec!["3"]),
    ];
    assert_eq!(groups, expected);
}

#[test]
fn the_resource_names_the_service_and_the_library() {
    let resource = Resource::new("shop")
        .with("service.version", "1")
        .with("service.name", "not this one")
        .with("telemetry.sdk.name", "mine");
    let request = sent(&resource, |tracer| tracer.start_trace("a").finish());
    let resource = request.resource_spans[0].resource.clone().unwrap();
    let expected = [
        text("telemetry.sdk.language", "rust"),
        text("telemetry.sdk.version", env!("CARGO_PKG_VERSION")),
        text("service.name", "shop"),
        text("service.version", "1"),
        text("telemetry.sdk.name", "mine"),
    ];
    assert_eq!(resource.attributes, expected);
}

#[test]
fn both_protocols_send_equal_requests() {
    let receiver = Receiver::always(ScriptedResponse::status(200));
    let collector = Collector::always(Reply::taken());
    let both = [http(receiver.url("")), grpc(collector.url())];
    for builder in both {
        let clock = Clock::manual(at(50));
        let ids = anytrace_recorder::Ids::sequential();
        let tracer =
            RecordingTracer::builder(builder.build().unwrap()).service("shop").clock(clock).ids(ids).build();
        let tags = tags! { "n" => 1, "bytes" => b"\xff" };
        tracer.start_trace(Operation::server("a").tags(&tags).instrumentation_scope(&LIBRARY)).finish();
        assert_eq!(tracer.shutdown_blocking(LONG).delivered, 1);
    }
    assert_eq!(decoded(&receiver.requests()[0]), collector.requests()[0].message);
}
