//! Shows how a test captures spans with its own tracer, without global state, so that tests can run in parallel.

use anytrace_api::{
    self as trace, Context, FutureExt, Operation, Sampling, SpanId, TraceContext, TraceId, Value, with_tracer,
};
use anytrace_recorder::{Ids, MockTracer};

/// Each of these functions would be a `#[test]`.
fn main() {
    recorded_spans();
    remote_caller();
    async_code();
    deterministic_ids();
    println!("four tests passed, each with its own tracer");
}

fn recorded_spans() {
    let mock = MockTracer::new();
    let total = with_tracer(&mock.handle(), || bookshop::quote(&["Emma"]));
    assert_eq!(total, Ok(9));

    // All spans, as text …
    let tree = "shop.quote titles=[\"Emma\"] total=9\n  shop.price title=Emma !searched\n";
    assert_eq!(mock.tree(), tree);
    // … or one span by name.
    let price = mock.span("shop.price");
    assert_eq!(price.tag("title"), Some(Value::Copied("Emma")));
    assert_eq!(price.events().next().unwrap().tag("shelves"), Some(Value::I64(3)));
    assert_eq!(price.instrumentation_scope().unwrap().name, "anytrace-example-library");
    // No span is left open.
    mock.assert_all_finished();
}

fn remote_caller() {
    let mock = MockTracer::new();
    let (trace_id, span_id) = (TraceId::from_u128(0xabc).unwrap(), SpanId::from_u64(0xdef).unwrap());
    let caller = Context::remote(trace_id, span_id, Sampling::Record);
    mock.handle()
        .join_trace(Operation::server("GET /price"), &caller)
        .run(|| bookshop::quote(&["Emma"]))
        .unwrap();

    let server = mock.span("GET /price");
    assert_eq!((server.trace_id(), server.parent_span_id()), (trace_id, Some(span_id)));
    assert!(server.parent_is_remote());
    assert_eq!(mock.span("shop.price").context().trace_id(), Some(trace_id));
}

#[tokio::main(flavor = "current_thread")]
async fn async_code() {
    let mock = MockTracer::new();
    let failed = bookshop::quote_async(&["Utopia"]).with_tracer(&mock.handle()).await;
    assert!(failed.is_err());
    assert!(mock.span("shop.quote").is_error());
}

fn deterministic_ids() {
    let mock = MockTracer::with(|builder| builder.ids(Ids::sequential()));
    let id = with_tracer(&mock.handle(), || trace::start_span("load").run(trace::current_ids)).unwrap();
    assert_eq!((id.0.to_u128(), id.1.to_u64()), (1, 2));
}
