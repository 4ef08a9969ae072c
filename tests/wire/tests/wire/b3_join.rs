//! The server part of the B3 vectors, with real tracers.
//!
//! These tracers differ from the vectors in one point: an unrecorded span has no ids of its own, so downstream spans become
//! children of the last recorded span. Unsampled traces, and traces that a proxy forwards undecided, keep the caller's
//! ids.

use std::time::Duration;

use anytrace_api::{
    Operation, Sampling, StartedSpan, TraceContext, TracerExt, TracerHandle, propagation::B3, with_tracer,
};
use anytrace_noop::NoopTracer;
use anytrace_recorder::{FinishedSpan, MemoryRecorder, RecordingTracer, Sampler, SpanSharing};
use serde_json::Value;

use crate::vectors;

#[test]
fn every_vector() {
    let (mut recorded, mut unsampled, mut undecided) = (0, 0, 0);
    for case in &vectors::cases("b3", 142) {
        for (policy, join) in [("fork", SpanSharing::ChildSpan), ("shared", SpanSharing::SharedSpan)] {
            let expect = &case["join"][policy];
            if expect.is_null() {
                continue;
            }
            for (form, format) in [("child_single", B3::single()), ("child_multi", B3::multi())] {
                let name = format!("{}, {policy}, {form}", vectors::name(case));
                match expect["server"]["sampled"].as_bool() {
                    Some(true) => {
                        check_recorded(case, expect, &expect[form], format, join, &name);
                        recorded += 1;
                    }
                    Some(false) => {
                        check_unsampled(case, format, join, &name);
                        unsampled += 1;
                    }
                    None => {
                        forward_undecided(case, format, &name);
                        undecided += 1;
                    }
                }
            }
        }
    }
    vectors::report(&format!(
        "b3: {recorded} servers and their children recorded, {unsampled} unsampled, {undecided} forwarded undecided"
    ));
    assert_eq!((recorded, unsampled, undecided), (188, 68, 12));
}

/// Checks the server span and the headers of its child against the vector, except for generated ids.
fn check_recorded(case: &Value, expect: &Value, headers: &Value, format: B3, join: SpanSharing, name: &str) {
    let (tracer, memory) = tracer(case, format, join);
    let (server, child, sent) = serve(&TracerHandle::new(tracer.clone()), case, format);
    let sent = sorted(sent);
    let (server_context, child_context) = (server.context().clone(), child.context().clone());
    child.finish();
    server.finish();
    assert!(tracer.flush_blocking(Duration::from_secs(10)).result.is_ok());
    let spans = memory.spans();
    let [child, server]: &[FinishedSpan; 2] = spans.as_slice().try_into().unwrap();

    let expected = &expect["server"];
    let is_shared = expected["shared"] == true;
    let has_caller = case["expect"]["kind"] == "context";
    assert_eq!(server.is_shared(), is_shared, "{name}");
    assert_eq!(server.parent_is_remote(), has_caller, "{name}");
    assert_eq!(
        server.parent_span_id().map(|id| id.to_string()).as_deref(),
        expected["parent_span_id"].as_str(),
        "{name}"
    );
    assert_eq!(server.context().sampling(), vectors::sampling(expected), "{name}");
    if has_caller {
        assert_eq!(server.trace_id().to_string(), vectors::text(&expected["trace_id"]), "{name}");
        let is_callers = server.span_id().to_string() == vectors::text(&case["expect"]["span_id"]);
        assert_eq!(is_callers, is_shared, "{name}");
    }
    assert_eq!((child.parent_span_id(), child.is_shared()), (Some(server.span_id()), false), "{name}");
    assert_eq!(server_context.span_id(), Some(server.span_id()), "{name}");

    let generated = &case["generated"];
    let replacements = [
        (&expected["trace_id"], server_context.trace_id().unwrap().to_string()),
        (&expected["span_id"], server.span_id().to_string()),
        (&generated["span_ids"][usize::from(!is_shared)], child_context.span_id().unwrap().to_string()),
    ];
    let mut expected: Vec<(String, String)> = headers
        .as_array()
        .unwrap()
        .iter()
        .map(|header| (vectors::text(&header[0]).to_owned(), vectors::text(&header[1]).to_owned()))
        .collect();
    for (in_vector, actual) in &replacements {
        for (_, value) in &mut expected {
            *value = value.replace(vectors::text(in_vector), actual);
        }
    }
    assert_eq!(sent, sorted(expected), "{name}");
}

/// Checks that nothing is recorded, and that the decision is propagated with the caller's ids.
fn check_unsampled(case: &Value, format: B3, join: SpanSharing, name: &str) {
    let (tracer, memory) = tracer(case, format, join);
    let (server, child, sent) = serve(&TracerHandle::new(tracer.clone()), case, format);
    let context = server.context().clone();
    child.finish();
    server.finish();
    assert_eq!((tracer.stats().started, memory.spans().len()), (0, 0), "{name}");
    assert_eq!(context.sampling(), Sampling::Drop, "{name}");
    if case["expect"]["kind"] == "context" {
        assert_eq!(vectors::ids(&context), vectors::expected_ids(&case["expect"]), "{name}");
    }
    assert_eq!(sorted(sent), sorted(vectors::inject(&format, &context)), "{name}");
}

/// Checks that a tracer that makes no decision propagates the context unchanged.
fn forward_undecided(case: &Value, format: B3, name: &str) {
    let tracer = TracerHandle::new(NoopTracer::with_propagator(format));
    let (server, _child, sent) = serve(&tracer, case, format);
    assert_eq!(server.context().sampling(), Sampling::Defer, "{name}");
    assert_eq!(vectors::ids(server.context()), vectors::expected_ids(&case["expect"]), "{name}");
    assert_eq!(sorted(sent), sorted(vectors::inject(&format, server.context())), "{name}");
}

fn tracer(case: &Value, format: B3, join: SpanSharing) -> (RecordingTracer, MemoryRecorder) {
    let memory = MemoryRecorder::new();
    let sampler = match case["sampler"].as_str() {
        Some("deny") => Sampler::parent_based(Sampler::never()),
        _ => Sampler::default(),
    };
    let builder =
        RecordingTracer::builder(memory.clone()).propagator(format).span_sharing(join).sampler(sampler);
    (builder.without_thread().build(), memory)
}

/// Serves a request that makes an outgoing request. Returns both spans and the outgoing headers.
fn serve(
    tracer: &TracerHandle,
    case: &Value,
    format: B3,
) -> (StartedSpan, StartedSpan, Vec<(String, String)>) {
    let caller = tracer.extract(&vectors::headers(case)).into_context();
    assert_eq!(caller.is_shareable(), caller.ids().is_some());
    let server = tracer.join_trace(Operation::server("GET /users"), &caller);
    let child = server.start_child(Operation::client("SELECT users"));
    let mut sent = Vec::new();
    // For an unrecorded span, the current tracer writes the headers.
    with_tracer(tracer, || child.inject(&mut sent));
    assert_eq!(sorted(sent.clone()), sorted(vectors::inject(&format, child.context())));
    (server, child, sent)
}

fn sorted(mut headers: Vec<(String, String)>) -> Vec<(String, String)> {
    headers.sort();
    headers
}
