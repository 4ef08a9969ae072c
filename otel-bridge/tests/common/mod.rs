//! A provider with an in-memory exporter, used through this API, OpenTelemetry's API and `tracing`.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses some of the items")]

use std::{
    collections::HashMap,
    future::Future,
    pin::pin,
    task::{Context as TaskContext, Poll, Waker},
    thread,
};

use anytrace_api::{TracerHandle, with_tracer};
use anytrace_otel_bridge::OtelTracer;
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::{
    InMemorySpanExporter, SdkTracer, SdkTracerProvider, SpanData, TracerProviderBuilder,
};
use tracing::{Dispatch, dispatcher};
use tracing_subscriber::layer::SubscriberExt;

#[derive(Clone)]
pub struct World {
    pub exporter: InMemorySpanExporter,
    pub provider: SdkTracerProvider,
    pub tracer: OtelTracer,
    pub raw: SdkTracer,
    pub dispatch: Dispatch,
}

impl World {
    pub fn new() -> Self {
        Self::with(|builder| builder)
    }

    pub fn with(set_up: impl FnOnce(TracerProviderBuilder) -> TracerProviderBuilder) -> Self {
        let exporter = InMemorySpanExporter::default();
        let builder = SdkTracerProvider::builder().with_simple_exporter(exporter.clone());
        let provider = set_up(builder).build();
        let raw = provider.tracer("raw");
        let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("tracing"));
        let dispatch = Dispatch::new(tracing_subscriber::registry().with(layer));
        World { exporter, tracer: OtelTracer::new(provider.clone()), provider, raw, dispatch }
    }

    pub fn handle(&self) -> TracerHandle {
        TracerHandle::new(self.tracer.clone())
    }

    /// Runs `work` with the current tracer and the default subscriber of this world.
    pub fn run<R>(&self, work: impl FnOnce() -> R) -> R {
        dispatcher::with_default(&self.dispatch, || with_tracer(&self.handle(), work))
    }

    /// Polls `future` to completion, each time on a new thread.
    pub fn block_on<F: Future + Send>(&self, future: F) -> F::Output
    where
        F::Output: Send,
    {
        let mut future = pin!(future);
        loop {
            let poll = thread::scope(|scope| {
                let poll = || self.run(|| future.as_mut().poll(&mut TaskContext::from_waker(Waker::noop())));
                scope.spawn(poll).join().unwrap()
            });
            if let Poll::Ready(output) = poll {
                return output;
            }
        }
    }

    pub fn spans(&self) -> Vec<SpanData> {
        self.exporter.get_finished_spans().unwrap()
    }

    pub fn span(&self, name: &str) -> SpanData {
        let mut found = self.spans().into_iter().filter(|span| span.name == name);
        let span = found.next().unwrap_or_else(|| panic!("no span {name}"));
        assert!(found.next().is_none(), "two spans {name}");
        span
    }

    /// Returns `parent/name` for each span, sorted: `/name` for a root span, `?/name` if the parent was not exported.
    pub fn edges(&self) -> Vec<String> {
        let spans = self.spans();
        let names: HashMap<_, _> =
            spans.iter().map(|span| (span.span_context.span_id(), span.name.to_string())).collect();
        let mut edges: Vec<_> = spans
            .iter()
            .map(|span| {
                let root = span.parent_span_id == opentelemetry::trace::SpanId::INVALID;
                let parent = names.get(&span.parent_span_id).map_or("?", String::as_str);
                format!("{}/{}", if root { "" } else { parent }, span.name)
            })
            .collect();
        edges.sort();
        edges
    }
}

/// Returns `Pending` at the first poll.
pub async fn yield_now() {
    let mut yielded = false;
    std::future::poll_fn(|cx| {
        cx.waker().wake_by_ref();
        if std::mem::replace(&mut yielded, true) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}
