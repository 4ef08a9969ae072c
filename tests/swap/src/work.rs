//! A request that uses the library, and its expected spans and headers.

use std::sync::Mutex;

use anytrace_api::{
    self as trace, FutureExt, Operation, StartedSpan, TraceContext, TracerHandle, install,
    propagation::{Extracted, W3C},
    with_tracer,
};
use bookshop::{Publisher, quote, quote_async};

use crate::Backend;

pub use bookshop::Headers;

const CALLER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// The recorded spans of one request, with every backend that records.
const TREE: &str = r#"POST /orders [server]
  shop.quote titles=["Emma", "Persuasion"] total=17
    shop.price title=Emma !searched
    shop.price title=Persuasion !searched
  shop.quote titles=["Utopia"] !exception error(unknown title "Utopia")
    shop.price title=Utopia !searched !exception error(unknown title "Utopia")
  publisher.order [client] title=Emma copies=2 http.response.status_code=202
"#;

/// Handles a request of a traced caller with the current tracer. Returns the headers of the outgoing request.
pub fn serve() -> Headers {
    join().run(|| {
        assert_eq!(quote(&["Emma", "Persuasion"]), Ok(17));
        quote(&["Utopia"]).unwrap_err();
        order()
    })
}

/// Handles the request in a future, which awaits `pause` between its steps.
pub async fn serve_async(mut pause: impl AsyncFnMut()) -> Headers {
    let span = join();
    async {
        pause().await;
        assert_eq!(quote_async(&["Emma", "Persuasion"]).await, Ok(17));
        pause().await;
        quote_async(&["Utopia"]).await.unwrap_err();
        pause().await;
        order()
    }
    .in_span(span)
    .await
}

fn join() -> StartedSpan {
    let incoming = [("traceparent", CALLER), ("tracestate", "vendor=1"), ("baggage", "tenant=acme")];
    trace::join_trace(Operation::server("POST /orders"), &trace::extract(&incoming))
}

fn order() -> Headers {
    let sent = Mutex::default();
    let publisher = Publisher::new(|headers| {
        *sent.lock().unwrap() = headers;
        202
    });
    assert!(publisher.order("Emma", 2));
    drop(publisher);
    sent.into_inner().unwrap()
}

/// Checks the spans that `backend` recorded for one request, and its outgoing headers `sent`.
///
/// A backend that records nothing must propagate the caller's context unchanged.
///
/// # Panics
///
/// Panics if the spans or the headers are not as expected.
pub fn check(backend: &Backend, sent: &Headers) {
    let name = backend.name;
    let (propagated, caller) = (read(sent), read(&Headers::from([("traceparent".into(), CALLER.into())])));
    assert_eq!(propagated.context().trace_id(), caller.context().trace_id(), "{name}");
    assert_eq!(propagated.context().baggage().get("tenant"), Some("acme"), "{name}");
    assert_eq!(propagated.context().trace_state().get("vendor"), Some("1"), "{name}");
    assert_eq!(sent["content-type"], "text/plain", "{name}");
    if let Some(tree) = backend.tree() {
        // Zipkin converts names to lower case.
        let first_line = tree.lines().next().unwrap_or_default();
        assert!(first_line.eq_ignore_ascii_case("POST /orders [server]"), "{name}: {tree}");
        assert_eq!(tree[first_line.len()..], TREE[first_line.len()..], "{name}");
        assert_ne!(propagated.context().span_id(), caller.context().span_id(), "{name}");
    } else {
        assert_eq!(sent["traceparent"], CALLER, "{name}");
    }
}

fn read(headers: &Headers) -> Extracted {
    let found = Extracted::read(&W3C, headers);
    assert_eq!(found.errors(), []);
    found
}

/// Installs `backend` and checks a request: with a scoped tracer, without a tracer, and with `backend` itself.
///
/// # Panics
///
/// Panics if [`check`] does, or if a tracer is already installed.
pub fn check_global(backend: &Backend) {
    install(backend.tracer.clone()).expect("each test has its own process");
    let other = Backend::memory();
    check(&other, &with_tracer(&other.tracer, serve));
    with_tracer(&TracerHandle::none(), || {
        assert!(trace::tracer().is_none());
        assert_eq!(serve().get("traceparent"), None, "tracing is off in the scope");
    });
    check(backend, &serve());
    assert!(backend.tracer.shutdown_blocking(std::time::Duration::from_secs(10)).result.is_ok());
}
