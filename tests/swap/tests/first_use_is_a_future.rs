//! A process whose first use of tracing is a future with a scoped tracer.

use anytrace_api::FutureExt;
use anytrace_swap::{Backend, check, serve_async};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_scoped_tracer_of_a_future_works_from_its_first_poll() {
    let backend = Backend::memory();
    let request = serve_async(tokio::task::yield_now).with_tracer(&backend.tracer);
    let sent = tokio::spawn(request).await.unwrap();
    check(&backend, &sent);
}
