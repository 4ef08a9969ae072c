//! Batches of finished spans, the input of recorders and exporters.

use std::time::Duration;

use anytrace_api::{
    Context, Event, InstrumentationScope, Link, Operation, Sampling, SpanId, Status, TraceId, TracerExt, tags,
};
use anytrace_recorder::{FinishedSpan, Ids, MemoryRecorder, RecordingTracer, Resource};

/// The default batch size of OpenTelemetry's SDK.
pub(crate) const SPANS: u64 = 512;

static LIBRARY: InstrumentationScope = InstrumentationScope::new("shop-http", "1.4.2");

/// The string literals among the texts. OpenTelemetry's API distinguishes them from owned strings.
pub(crate) const LITERALS: [&str; 22] = [
    "GET /users/{id}",
    "SELECT users",
    "http.method",
    "GET",
    "http.route",
    "/users/{id}",
    "http.status_code",
    "cache.hit",
    "url.full",
    "user_agent.original",
    "server.address",
    "db.duration",
    "tenants",
    "retry",
    "attempt",
    "reason",
    "exception",
    "exception.type",
    "exception.message",
    "io::Error",
    "relation",
    "follows",
];

pub(crate) fn resource() -> Resource {
    Resource::new("shop").with("service.version", "1.4.2").with("deployment.environment.name", "production")
}

fn tracer() -> (RecordingTracer, MemoryRecorder) {
    let memory = MemoryRecorder::new();
    let builder = RecordingTracer::builder(memory.clone()).resource(resource()).ids(Ids::sequential());
    (builder.without_thread().build(), memory)
}

fn finished((tracer, memory): &(RecordingTracer, MemoryRecorder)) -> Vec<FinishedSpan> {
    let flushed = tracer.flush_blocking(Duration::from_secs(10));
    assert_eq!((flushed.result, flushed.delivered), (Ok(()), SPANS));
    memory.take()
}

/// Returns spans with W1's tags, all of them literals. Each trace is a root with three children.
pub(crate) fn plain() -> Vec<FinishedSpan> {
    let parties = tracer();
    for trace in 0..SPANS / 4 {
        let tags = tags! {
            "http.method" => "GET",
            "http.route" => "/users/{id}",
            "http.status_code" => 200_i64,
            "cache.hit" => trace % 2 == 0,
        };
        let root = parties
            .0
            .start_trace(Operation::server("GET /users/{id}").tags(&tags).instrumentation_scope(&LIBRARY));
        for _ in 0..3 {
            root.start_child(Operation::client("SELECT users").tags(&tags).instrumentation_scope(&LIBRARY))
                .finish();
        }
        root.finish();
    }
    finished(&parties)
}

/// Returns spans with everything that a span can hold: copied text, a list, two events, a link and trace state. Every
/// second span has failed.
pub(crate) fn rich() -> Vec<FinishedSpan> {
    let parties = tracer();
    let caller = Context::remote(
        TraceId::from_u128(0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736).expect("an id"),
        SpanId::from_u64(0x00f0_67aa_0ba9_02b7).expect("an id"),
        Sampling::Record,
    );
    let caller = caller.with_trace_state("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE".parse().expect("a state"));
    let agent = String::from("Mozilla/5.0 (X11; Linux x86_64; \"nightly\") Gecko/20100101");
    for n in 0..SPANS {
        let url = format!("https://shop.example/users/{n}?fields=name,address&sort=asc");
        let name = format!("GET user {n}");
        let tenants = ["acme", "o'hara & sons"];
        let tags = tags! {
            "url.full" => &url,
            "user_agent.original" => &agent,
            "server.address" => "db-7.internal",
            "http.status_code" => 503_i64,
            "db.duration" => 0.125 * n as f64,
            "tenants" => &tenants,
        };
        let relation = tags! { "relation" => "follows" };
        let links = [Link::to(&caller).tags(&relation)];
        let operation = Operation::client(&name).tags(&tags).links(&links).instrumentation_scope(&LIBRARY);
        let span = parties.0.join_trace(operation, &caller);
        let retry = tags! { "attempt" => 2_i64, "reason" => "the connection was closed" };
        span.event_with(Event::new("retry").tags(&retry));
        let message = format!("no run_program of db-{n} within 30 s");
        let exception = tags! { "exception.type" => "io::Error", "exception.message" => &message };
        span.event_with(Event::new("exception").tags(&exception));
        if n % 2 == 0 {
            span.set_status(Status::error(&message));
        }
        span.finish();
    }
    finished(&parties)
}
