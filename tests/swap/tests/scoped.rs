//! Each backend as the scoped tracer: with a guard, a closure and a future. No tracer is installed in this process.

use anytrace_api::{self as trace, FutureExt, TracerHandle, tracer_scope, with_tracer};
use anytrace_swap::{backends, check, serve, serve_async};

#[test]
fn a_guard_makes_a_tracer_current() {
    for backend in backends() {
        let scope = tracer_scope(&backend.tracer);
        let sent = serve();
        drop(scope);
        check(&backend, &sent);
        assert!(trace::tracer().is_none(), "{}: no longer current", backend.name);
    }
}

#[test]
fn a_closure_makes_a_tracer_current() {
    for backend in backends() {
        check(&backend, &with_tracer(&backend.tracer, serve));
        assert!(trace::tracer().is_none(), "{}: no longer current", backend.name);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_future_makes_a_tracer_current() {
    for backend in backends() {
        let request = serve_async(tokio::task::yield_now).with_tracer(&backend.tracer);
        let sent = tokio::spawn(request).await.unwrap();
        check(&backend, &sent);
        assert!(trace::tracer().is_none(), "{}: no longer current", backend.name);
    }
}

#[test]
fn the_inner_scope_wins() {
    for outer in backends() {
        with_tracer(&outer.tracer, || {
            for inner in backends() {
                trace::start_span("outer").run(|| check(&inner, &with_tracer(&inner.tracer, serve)));
            }
        });
        let expected = "outer\n".repeat(backends().len());
        assert!(outer.tree().is_none_or(|tree| tree == expected), "{}", outer.name);
    }
}

#[test]
fn a_scope_may_turn_tracing_off() {
    for backend in backends() {
        let sent = with_tracer(&backend.tracer, || with_tracer(&TracerHandle::none(), serve));
        assert_eq!((sent.get("traceparent"), sent.len()), (None, 1), "{}", backend.name);
        assert!(backend.tree().is_none_or(|tree| tree.is_empty()), "{}", backend.name);
    }
}
