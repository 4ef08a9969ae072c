//! A process in which nothing was ever in use before a future brings its tracer along.

use anytrace_api::FutureExt;
use anytrace_swap::{Backend, check, serve_async};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_future_brings_its_tracer_from_its_first_poll_on() {
    let backend = Backend::memory();
    let request = serve_async(tokio::task::yield_now).with_tracer(&backend.tracer);
    let sent = tokio::spawn(request).await.unwrap();
    check(&backend, &sent);
}
