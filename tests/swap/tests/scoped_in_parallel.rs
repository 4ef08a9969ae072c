//! Scoped tracers of concurrent threads and tasks.

use std::{sync::Barrier, thread};

use anytrace_api::{self as trace, FutureExt, tracer_scope};
use anytrace_recorder::MockTracer;
use anytrace_swap::{backends, check, serve, serve_async};

const THREADS: usize = 8;

#[test]
fn threads_do_not_see_tracers_of_other_threads() {
    let barrier = Barrier::new(THREADS + 1);
    thread::scope(|scope| {
        for n in 0..THREADS {
            let barrier = &barrier;
            scope.spawn(move || {
                let mut all = backends();
                let backend = all.swap_remove(n % all.len());
                let _scope = tracer_scope(&backend.tracer);
                barrier.wait();
                let sent = serve();
                barrier.wait();
                check(&backend, &sent);
            });
        }
        scope.spawn(|| {
            barrier.wait();
            assert!(trace::tracer().is_none(), "this thread has no tracer");
            assert_eq!(serve().get("traceparent"), None);
            barrier.wait();
        });
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_do_not_see_tracers_of_other_tasks() {
    let tasks: Vec<_> = (0..THREADS)
        .map(|_| {
            let mock = MockTracer::new();
            let request = serve_async(tokio::task::yield_now).with_tracer(&mock.handle());
            (mock, tokio::spawn(request))
        })
        .collect();
    assert_eq!(serve_async(tokio::task::yield_now).await.get("traceparent"), None, "this task has no tracer");
    for (mock, task) in tasks {
        task.await.unwrap();
        let spans = mock.finished();
        assert_eq!(spans.len(), 7, "exactly one request:\n{}", mock.tree());
    }
}
