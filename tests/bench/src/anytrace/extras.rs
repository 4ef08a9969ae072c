//! W0 with one additional feature.

use std::{
    future::ready,
    hint::black_box,
    pin::pin,
    sync::OnceLock,
    task::{Context, Waker},
};

use anytrace_api::{Event, FutureExt, Link, Status, TraceContext, TracerExt, backend::Tracer, tags};
use anytrace_recorder::{Decision, RecordingTracer, Sample, Sampler, SamplingRequest};

use super::recording::{Drain, with_recording};
use crate::case::{Running, Setting};

/// Defines a case for each body, which starts and finishes a span.
macro_rules! extras {
    ($($name:ident $workload:ident($tracer:ident) $body:block)*) => { $(
        pub(super) fn $name(setting: Setting) -> Running {
            with_recording(setting, $workload)
        }

        #[inline(never)]
        fn $workload($tracer: &dyn Tracer, repeats: u64) {
            for _ in 0..repeats $body
        }
    )* };
}

extras! {
    with_text workload_with_text(tracer) {
        let span = tracer.start_trace("GET /users");
        span.set_tag("user.name", black_box("ada of lovelace"));
        span.finish();
    }
    with_event workload_with_event(tracer) {
        let span = tracer.start_trace("GET /users");
        span.event("cache miss");
        span.finish();
    }
    with_event_and_tag workload_with_event_and_tag(tracer) {
        let span = tracer.start_trace("GET /users");
        span.event_with(Event::new("cache miss").tags(&tags! { "cache.key" => "users" }));
        span.finish();
    }
    with_status workload_with_status(tracer) {
        let span = tracer.start_trace("GET /users");
        span.set_status(Status::failed());
        span.finish();
    }
    with_error workload_with_error(tracer) {
        let span = tracer.start_trace("GET /users");
        span.record_error(black_box("out of luck"));
        span.finish();
    }
    with_name workload_with_name(tracer) {
        let span = tracer.start_trace("GET");
        span.set_name("GET /users");
        span.finish();
    }
    with_link workload_with_link(tracer) {
        let span = tracer.start_trace("GET /users");
        span.link(Link::to(span.context()));
        span.finish();
    }
    with_baggage workload_with_baggage(tracer) {
        let mut span = tracer.start_trace("GET /users");
        assert!(span.set_baggage("tenant", "acme").is_ok());
        span.finish();
    }
    with_late_reference workload_with_late_reference(tracer) {
        let span = tracer.start_trace("GET /users");
        let reference = span.reference();
        span.finish();
        drop(black_box(reference));
    }
    with_scope workload_with_scope(tracer) {
        tracer.start_trace("GET /users").run(|| black_box(()));
    }
    with_future workload_with_future(tracer) {
        let mut future = pin!(ready(()).in_span(tracer.start_trace("GET /users")));
        let mut context = Context::from_waker(Waker::noop());
        assert!(black_box(future.as_mut().poll(&mut context)).is_ready());
    }
}

struct CustomSampler;

impl Sample for CustomSampler {
    fn sample(&self, request: &SamplingRequest<'_>) -> Decision {
        if request.operation.name.as_str() == "GET /health" { Decision::Drop } else { Decision::Record }
    }
}

/// A custom sampler, which disables the code path that is specialised for the default configuration. Bursts of half a
/// batch never wake the reporter thread.
pub(super) fn with_custom_sampler(_: Setting) -> Running {
    static TRACER: OnceLock<RecordingTracer> = OnceLock::new();
    let tracer = TRACER.get_or_init(|| {
        RecordingTracer::builder(Drain)
            .max_queued_spans(65_536)
            .sampler(Sampler::custom(CustomSampler))
            .build()
    });
    Running::new(move |repeats| super::spans::workload_w0(tracer, repeats)).exporting(|_| {
        let flushed = tracer.flush_blocking(std::time::Duration::from_secs(100));
        assert!(flushed.result.is_ok(), "{flushed}");
        assert_eq!(tracer.stats().dropped.total(), 0);
    })
}
