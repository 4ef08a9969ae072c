//! Identity and attributes as parts that can be had apart, as text and as bytes, and what the first `OpenTracing`
//! implementations once lost on the way.

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
        // All headers of a request are handed to every format.
        let mut headers = HashMap::from([("host".to_owned(), "api.test".to_owned())]);
        format.inject(context, &mut headers);
        Extracted::read(&format, &headers)
    })
}

/// Every way to send an identity.
fn ways() -> Vec<(&'static str, Carry)> {
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
fn sampled_and_not_sampled_survive() {
    for (name, carry) in ways() {
        for sampling in [Sampling::Record, Sampling::Drop] {
            let found = carry(&context(sampling));
            assert_eq!((found.context().sampling(), found.errors()), (sampling, &[][..]), "{name}");
        }
    }
}

#[test]
fn the_parent_is_right_and_the_own_id_is_new() {
    for (name, carry) in ways() {
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
fn attributes_survive_with_the_case_of_their_keys() {
    let sent = context(Sampling::Record).with_baggage("UserTier", "Gold & ü").unwrap();
    for (name, carry) in ways() {
        let found = carry(&sent);
        match name {
            "w3c" | "binary" => assert_eq!(found.context().baggage(), sent.baggage(), "{name}"),
            // Its keys are names of headers, which have no case.
            "jaeger" => {
                let pairs: Vec<_> = found.context().baggage().iter().collect();
                assert_eq!(pairs, [("usertier", "Gold & ü")]);
                assert_eq!(found.context().baggage().get("UserTier"), Some("Gold & ü"));
            }
            _ => assert!(found.context().baggage().is_empty(), "{name} has no place for it"),
        }
    }
}

#[test]
fn a_part_is_read_without_the_other_and_put_together() {
    let whole = context(Sampling::Record).with_baggage("tenant", "acme").unwrap();
    let (mut identity, mut attributes) = (HashMap::new(), HashMap::new());
    W3cTraceContext.inject(&whole, &mut identity);
    W3cBaggage.inject(&whole, &mut attributes);
    assert!(!identity.contains_key("baggage") && !attributes.contains_key("traceparent"));
    let only_identity = Extracted::read(&W3C, &identity);
    assert_eq!(only_identity.context(), &whole.identity());
    let only_attributes = Extracted::read(&W3C, &attributes);
    assert_eq!(only_attributes.context().ids(), None);
    assert_eq!(only_attributes.context().baggage(), whole.baggage());
    let mut together = only_attributes;
    together.add_context(only_identity.into_context());
    assert_eq!(together.context(), &whole);
    // And with the identity as three fields of a gateway.
    let (trace_id, span_id) = whole.ids().unwrap();
    let mut parts = Extracted::from_parts(&trace_id.to_string(), &span_id.to_string(), 1);
    parts.add_baggage("baggage", whole.baggage().clone());
    assert_eq!(parts.context(), &whole);
}

/// Attributes without an identity were once lost.
#[test]
fn attributes_alone_reach_the_trace_that_starts_from_them() {
    let found = Extracted::read(&Jaeger, &[("uberctx-tenant", "acme")]);
    let span = MockTracer::new().handle().join_trace(Operation::server("call"), &found);
    assert_eq!(span.context().baggage().get("tenant"), Some("acme"));
}

/// What only one format knows goes through a process that records nothing.
#[test]
fn a_process_without_a_back_end_passes_on_what_came() {
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
