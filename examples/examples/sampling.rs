//! Which traces are recorded: all, none, a share, as the caller decided, or by a rule of one's own.

use anytrace_api::{Context, Operation, Sampling, SpanId, TraceContext, TraceId, keys, tags};
use anytrace_recorder::{Decision, MockTracer, Sample, Sampler, SamplingRequest};

const TRACES: u32 = 1000;

fn main() {
    println!("always {}, never {}", share(Sampler::always()), share(Sampler::never()));
    assert_eq!((share(Sampler::always()), share(Sampler::never())), (TRACES, 0));
    let tenth = share(Sampler::ratio(0.1));
    println!("ratio(0.1) {tenth}");
    assert!((50..200).contains(&tenth), "{tenth}");
    as_the_caller_decided();
    a_rule();
    a_wish_without_a_caller();
}

fn share(sampler: Sampler) -> u32 {
    let mock = MockTracer::with(|builder| builder.sampler(sampler));
    let recorded = |_: &u32| mock.handle().start_trace("work").is_recording();
    u32::try_from((0..TRACES).filter(recorded).count()).unwrap()
}

/// Ten per cent of the traces that start here, and what the caller said for all others.
fn as_the_caller_decided() {
    let mock = MockTracer::with(|builder| builder.sampler(Sampler::parent_based(Sampler::ratio(0.1))));
    let (trace_id, span_id) = (TraceId::from_u128(u128::MAX).unwrap(), SpanId::from_u64(1).unwrap());
    for (decided, recorded) in [(Sampling::Record, true), (Sampling::Drop, false), (Sampling::Debug, true)] {
        let span = mock.handle().join_trace("serve", &Context::remote(trace_id, span_id, decided));
        assert_eq!(span.is_recording(), recorded, "{decided:?}");
        // Not recorded, it still carries the caller's context on.
        assert_eq!(span.trace_id(), Some(trace_id));
        assert_eq!(span.context().span_id() == Some(span_id), !recorded);
    }
}

/// Samplers see all that is known when the span starts.
fn a_rule() {
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

/// Nobody called, but this one is wanted.
fn a_wish_without_a_caller() {
    let mock = MockTracer::with(|builder| builder.sampler(Sampler::never()));
    let wish = Context::default().with_sampling(Sampling::Debug);
    assert!(mock.handle().join_trace("look at this", &wish).is_recording());
}
