//! Three traces that use all features of spans.

use std::{
    hash::{BuildHasher, RandomState},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anytrace_api::{
    Context, EndReason, Event, InstrumentationScope, Link, Operation, Sampling, SpanId, Status, TraceId,
    TracerExt, keys, tags,
};
use anytrace_recorder::RecordingTracer;

static SHELF: InstrumentationScope = InstrumentationScope::new("shelf", "2.1.0-ß");
static QUEUE: InstrumentationScope = InstrumentationScope::new("queue", "");

/// Creates the traces, and returns their ids.
pub(crate) fn create_traces(tracer: &RecordingTracer) -> Vec<String> {
    vec![with_everything(tracer), with_remote_parent(tracer), with_debug_decision(tracer)]
}

/// Returns a time with nanoseconds, which shows truncation.
fn at(nanos: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_790_000_000) + Duration::from_nanos(123_456_789 + nanos)
}

/// A trace with every kind, tag type and instrumentation scope.
fn with_everything(tracer: &RecordingTracer) -> String {
    let texts = ["", "\"quoted\"", "größer\n", "a,b"];
    let long = "ä€𝄞".repeat(2_000);
    let types = tags! {
        "yes" => true, "no" => false,
        "least" => i64::MIN, "most" => i64::MAX, "more than most" => u64::MAX,
        "tenth" => 0.1, "minus nothing" => -0.0, "huge" => 1e300, "whole" => 5.0,
        "no number" => f64::NAN, "endless" => f64::INFINITY, "endlessly less" => f64::NEG_INFINITY,
        "text" => "ä€𝄞 \"\\\u{1}\t</script>", "empty" => "", "long" => &long, "numeric" => "5",
        "bytes" => b"\x00\xff\x7f", "no bytes" => b"",
        "bools" => &[true, false], "ints" => &[i64::MIN, 0, i64::MAX], "floats" => &[0.5, -1e-9, f64::NAN],
        "texts" => &texts, "no texts" => &[] as &[&str],
        "ключ \"mit\" allem" => 1, "binaryAnnotations" => "yAnnotations", "absent" => None::<i64>,
    };
    let root = tracer.start_trace(Operation::server("GET /Bücher/{ID}").start_at(at(0)).tags(&types));
    let id = root.trace_id().unwrap().to_string();

    let other = Context::remote(TraceId::from_u128(7).unwrap(), span_id(), Sampling::Record);
    let why = tags! { "why" => "batch", "rank" => 2 };
    let links = [Link::to(&other).tags(&why), Link::to(&root)];
    let consumer = Operation::consumer("take").start_at(at(10)).links(&links).instrumentation_scope(&QUEUE);
    let consumer = root.start_child(consumer);
    let details =
        tags! { "price" => 3, "each" => 0.5, "gift" => false, "to" => "Ähm \"x\"", "sizes" => &[1_i64, 2] };
    consumer.event_with(Event::new("packed \"well\"").at(at(1_500_000)).tags(&details));
    consumer.event_with(Event::new("picked up").at(at(900_000)));
    consumer.event_with(Event::new("gezählt ✓").at(at(2_000_999)));
    consumer.set_status(Status::Ok);

    let client = Operation::client("SELECT shelves").start_at(at(2_000_000)).instrumentation_scope(&SHELF);
    let client = consumer.start_child(client);
    client.set_tag(keys::DB_SYSTEM_NAME, "shelves");
    client.set_tag("server.address", "db.example");
    client.record_error("no shelf: \"größer\" than\nall");
    // A duration of less than a microsecond, which Zipkin rounds up to one.
    client.finish_at(at(2_000_300));

    let producer = root.start_child(Operation::producer("tell").start_at(at(3_000_000)));
    producer.set_status(Status::failed());
    producer.finish_at(at(3_500_001));

    root.start_child(Operation::internal("given up").start_at(at(4_000_000))).finish_as(EndReason::Cancelled);
    consumer.finish_at(at(5_000_000));
    root.finish_at(at(7_654_321));
    id
}

/// A trace with a remote parent, a trace id of 64 bits and a trace state.
fn with_remote_parent(tracer: &RecordingTracer) -> String {
    let id = TraceId::from_u128(random().into()).unwrap();
    let state = "vendor=value,other@tenant=1;2".parse().unwrap();
    let context = Context::remote(id, span_id(), Sampling::Record).with_trace_state(state);
    let server = tracer.join_trace(Operation::server("POST /orders").start_at(at(0)), &context);
    server.start_child(Operation::internal("check").start_at(at(5))).finish_at(at(10_000));
    server.finish_at(at(20_000));
    id.to_string()
}

/// A trace with the decision `Sampling::Debug`, which samplers cannot override.
fn with_debug_decision(tracer: &RecordingTracer) -> String {
    let id = TraceId::from_u128(u128::from(random()) << 64 | 1).unwrap();
    let span = Operation::internal("looked at").start_at(at(0));
    tracer.join_trace(span, &Context::of_trace(id, Sampling::Debug)).finish_at(at(1_000_000));
    id.to_string()
}

fn span_id() -> SpanId {
    SpanId::from_u64(random()).unwrap()
}

/// Returns a random number, so that no two runs share a trace id.
fn random() -> u64 {
    RandomState::new().hash_one(0) | 1
}
