//! Shows how to choose which traces are recorded: all, none, a ratio, the caller's decision, or a custom rule.

use anytrace_api::{Context, Operation, Sampling, SpanId, TraceContext, TraceId, keys, tags};
use anytrace_recorder::{Decision, MockTracer, Sample, Sampler, SamplingRequest};

const TRACES: u32 = 1000;

fn main() {
    println!("always {}, never {}", share(Sampler::always()), share(Sampler::never()));
    assert_eq!((share(Sampler::always()), share(Sampler::never())), (TRACES, 0));
    let tenth = share(Sampler::ratio(0.1));
    println!("ratio(0.1) {tenth}");
    assert!((50..200).contains(&tenth), "{tenth}");
    callers_decision();
    custom_rule();
    sampling_request();
}

fn share(sampler: Sampler) -> u32 {
    let mock = MockTracer::with(|builder| builder.sampler(sampler));
    let recorded = |_: &u32| mock.handle().start_trace("work").is_recording();
    u32::try_from((0..TRACES).filter(recorded).count()).unwrap()
}

/// Records ten per cent of the traces that start here, and follows the caller's decision for all others.
fn callers_decision() {
    let mock = MockTracer::with(|builder| builder.sampler(Sampler::parent_based(Sampler::ratio(0.1))));
    let (trace_id, span_id) = (TraceId::from_u128(u128::MAX).unwrap(), SpanId::from_u64(1).unwrap());
    for (decided, recorded) in [(Sampling::Record, true), (Sampling::Drop, false), (Sampling::Debug, true)] {
        let span = mock.handle().join_trace("serve", &Context::remote(trace_id, span_id, decided));
        assert_eq!(span.is_recording(), recorded, "{decided:?}");
        // An unrecorded span still propagates the caller's context.
        assert_eq!(span.trace_id(), Some(trace_id));
        assert_eq!(span.context().span_id() == Some(span_id), !recorded);
    }
}

/// A custom sampler sees everything known at the start of the span.
fn custom_rule() {
    struct NoHealthChecks;
    impl Sample for NoHealthChecks {
        fn sample(&self, request: &SamplingRequest<'_>) -> Decision {
            let route = request.operation.tags.iter().find(|tag| tag.key.as_str() == keys::HTTP_ROUTE);
            match route.and_then(|tag| tag.value.as_str()) {
                Some("/health") => Decision::Drop,
                _ => Decision::Record,
            }
        }
    }
    let mock = MockTracer::with(|builder| builder.sampler(Sampler::custom(NoHealthChecks)));
    for route in ["/health", "/users", "/health"] {
        mock.handle()
            .start_trace(Operation::server("GET").tags(&tags! { keys::HTTP_ROUTE => route }))
            .finish();
    }
    assert_eq!(mock.tree(), "GET [server] http.route=/users\n");
}

/// Requests recording of one trace without a caller.
fn sampling_request() {
    let mock = MockTracer::with(|builder| builder.sampler(Sampler::never()));
    let request = Context::default().with_sampling(Sampling::Debug);
    assert!(mock.handle().join_trace("look at this", &request).is_recording());
}
