//! Shows how log lines get the trace id and the span id, without a lock or a clone.

use std::fmt::Write;

use anytrace_api::{self as trace, Operation, Sampling, SpanRef, with_tracer};
use anytrace_recorder::{MockTracer, Sampler};

fn main() {
    assert_eq!(line("no tracer"), "message=\"no tracer\"");

    with_tracer(&MockTracer::new().handle(), || {
        assert_eq!(line("no span"), "message=\"no span\"");
        trace::start_span("work").run(|| {
            let (trace_id, span_id) = trace::current_ids().unwrap();
            let expected = format!("message=\"in a span\" trace_id={trace_id} span_id={span_id}");
            assert_eq!(line("in a span"), expected);
            println!("{expected}");
        });
    });

    // In an unrecorded trace the caller's ids are available too, with any sampler and without a span.
    let caller = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
    let context =
        trace::Context::remote(caller.0.parse().unwrap(), caller.1.parse().unwrap(), Sampling::Drop);
    let expected = format!("message=\"served\" trace_id={} span_id={}", caller.0, caller.1);
    let mock = MockTracer::with(|builder| builder.sampler(Sampler::never()));
    let span = mock.handle().join_trace(Operation::server("GET /"), &context);
    assert_eq!(span.run(|| line("served")), expected);
    assert_eq!(SpanRef::from(context).in_scope(|| line("served")), expected);
    assert!(mock.finished().is_empty());
}

/// Formats a log line like a log library would.
fn line(message: &str) -> String {
    let mut line = format!("message={message:?}");
    if let Some((trace_id, span_id)) = trace::current_ids() {
        let _ = write!(line, " trace_id={trace_id} span_id={span_id}");
    }
    line
}
