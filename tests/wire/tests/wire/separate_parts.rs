//! Ids and baggage are propagated together or separately, as text and as bytes.
//!
//! Some cases are bugs of early `OpenTracing` implementations.

use std::collections::HashMap;

use anytrace_api::{
    Context, Operation, Sampling, SpanId, TraceContext, TraceId, TracerExt,
    propagation::{B3, Binary, Extracted, Jaeger, Propagator, W3C, W3cBaggage, W3cTraceContext, XRay},
};
use anytrace_noop::NoopTracer;
use anytrace_recorder::MockTracer;

type Carry = Box<dyn Fn(&Context) -> Extracted>;

fn text(format: impl Propagator + 'static) -> Carry {
    Box::new(move |context| {
        // Every format sees all headers of a request.
        let mut headers = HashMap::from([("host".to_owned(), "api.test".to_owned())]);
        format.inject(context, &mut headers);
        Extracted::read(&format, &headers)
    })
}

/// Returns every format, as a function that injects and extracts a context.
fn formats() -> Vec<(&'static str, Carry)> {
    vec![
        ("w3c", text(W3C.clone())),
        ("b3 single", text(B3::single())),
        ("b3 multi", text(B3::multi())),
        ("jaeger", text(Jaeger)),
        ("xray", text(XRay)),
        ("binary", Box::new(|context| Binary::from_bytes(&Binary::to_bytes(context)))),
    ]
}

fn context(sampling: Sampling) -> Context {
    let trace_id = TraceId::from_u128(0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736).unwrap();
    Context::remote(trace_id, SpanId::from_u64(0x00f0_67aa_0ba9_02b7).unwrap(), sampling)
}

#[test]
fn the_sampling_decision_is_propagated() {
    for (name, carry) in formats() {
        for sampling in [Sampling::Record, Sampling::Drop] {
            let found = carry(&context(sampling));
            assert_eq!((found.context().sampling(), found.errors()), (sampling, &[][..]), "{name}");
        }
    }
}

#[test]
fn the_server_span_has_the_right_parent_and_a_new_id() {
    for (name, carry) in formats() {
        let found = carry(&context(Sampling::Record));
        let mock = MockTracer::new();
        let span = mock.handle().join_trace("call", &found);
        let own = span.context().clone();
        span.finish();
        assert_eq!(own.trace_id(), context(Sampling::Record).trace_id(), "{name}");
        assert_ne!(own.span_id(), found.context().span_id(), "{name}");
        assert_eq!(mock.finished()[0].parent_span_id(), context(Sampling::Record).span_id(), "{name}");
    }
}

#[test]
fn baggage_keys_keep_their_case() {
    let sent = context(Sampling::Record).with_baggage("UserTier", "Gold & ü").unwrap();
    for (name, carry) in formats() {
        let found = carry(&sent);
        match name {
            "w3c" | "binary" => assert_eq!(found.context().baggage(), sent.baggage(), "{name}"),
            // Jaeger's keys are header names, which ignore case.
            "jaeger" => {
                let pairs: Vec<_> = found.context().baggage().iter().collect();
                assert_eq!(pairs, [("usertier", "Gold & ü")]);
                assert_eq!(found.context().baggage().get("UserTier"), Some("Gold & ü"));
            }
            _ => assert!(found.context().baggage().is_empty(), "{name} does not transmit baggage"),
        }
    }
}

#[test]
fn ids_and_baggage_can_be_extracted_separately_and_combined() {
    let whole = context(Sampling::Record).with_baggage("tenant", "acme").unwrap();
    let (mut ids, mut baggage) = (HashMap::new(), HashMap::new());
    W3cTraceContext.inject(&whole, &mut ids);
    W3cBaggage.inject(&whole, &mut baggage);
    assert!(!ids.contains_key("baggage") && !baggage.contains_key("traceparent"));
    let only_ids = Extracted::read(&W3C, &ids);
    assert_eq!(only_ids.context(), &whole.identity());
    let only_baggage = Extracted::read(&W3C, &baggage);
    assert_eq!(only_baggage.context().ids(), None);
    assert_eq!(only_baggage.context().baggage(), whole.baggage());
    let mut together = only_baggage;
    together.add_context(only_ids.into_context());
    assert_eq!(together.context(), &whole);
    // Also with the ids in separate fields, like those of a gateway.
    let (trace_id, span_id) = whole.ids().unwrap();
    let mut parts = Extracted::from_parts(&trace_id.to_string(), &span_id.to_string(), 1);
    parts.add_baggage("baggage", whole.baggage().clone());
    assert_eq!(parts.context(), &whole);
}

/// Early implementations lost baggage without ids.
#[test]
fn baggage_without_ids_reaches_the_new_trace() {
    let found = Extracted::read(&Jaeger, &[("uberctx-tenant", "acme")]);
    let span = MockTracer::new().handle().join_trace(Operation::server("call"), &found);
    assert_eq!(span.context().baggage().get("tenant"), Some("acme"));
}

/// Fields that only one format has pass through a process that records nothing.
#[test]
fn an_unrecorded_process_propagates_format_specific_fields() {
    let header =
        "Root=1-6920b2c4-9f3d17ab04e8c65b2d70f1a8;Parent=70de93b5c1a8f246;Sampled=1;Lineage=5c1e09ab:3";
    let jaeger = "6d92f07b3ec845a1b0e7c2f4951d386a:5f83a1c09b72e4d6:0:b";
    for (format, name, value) in [
        (Box::new(XRay) as Box<dyn Propagator>, "x-amzn-trace-id", header),
        (Box::new(Jaeger), "uber-trace-id", jaeger),
    ] {
        let tracer = NoopTracer::with_propagator(format);
        let found = anytrace_api::backend::Tracer::extract(&tracer, &[(name, value)]);
        let span = tracer.join_trace(Operation::server("call"), &found);
        let mut outgoing = HashMap::<String, String>::new();
        anytrace_api::backend::Tracer::inject(&tracer, span.context(), &mut outgoing);
        assert_eq!(outgoing[name], value);
    }
}
