//! Shows how futures keep their span in spawned tasks, `join`, `select!`, after cancellation, and in streams.

use anytrace_api::{self as trace, FutureExt, Operation, future::InSpan, keys};
use anytrace_recorder::MockTracer;
use futures_util::{StreamExt, future::join_all, stream};
use tokio::sync::oneshot;

fn main() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap();
    let mock = MockTracer::new();
    let work = async {
        spawned().in_span(trace::start_span("spawn")).await;
        side_by_side().in_span(trace::start_span("side by side")).await;
        cancelled().in_span(trace::start_span("select")).await;
        a_stream().in_span(trace::start_span("stream")).await;
        let status = call().await;
        assert_eq!(status, Ok(200));
    };
    runtime.block_on(work.with_tracer(&mock.handle()));
    print!("{}", mock.tree());
    let expected = "\
spawn
  task
side by side
  part n=0
  part n=1
  part n=2
select
  quick
  slow cancelled
stream sum=6
  rows
    row
    row
    row
call [client] http.response.status_code=200
";
    assert_eq!(mock.tree(), expected);
}

/// `in_current_span` makes the current span the parent in the spawned task, which may outlive the span.
async fn spawned() {
    let task = async { trace::start_span("task").finish() };
    tokio::spawn(task.in_current_span()).await.unwrap();
}

/// Three concurrent futures on one task, each with its own span during each poll.
async fn side_by_side() {
    let part = |n: u64| {
        let span = trace::start_span("part").tag("n", n);
        let id = span.span_id();
        async move {
            tokio::task::yield_now().await;
            assert_eq!(trace::current_span().span_id(), id);
        }
        .in_span(span)
    };
    join_all((0..3).map(part)).await;
}

/// The future that `select!` drops ends its span as cancelled.
async fn cancelled() {
    let quick = async {}.in_span(trace::start_span("quick"));
    let slow = std::future::pending::<()>().in_span(trace::start_span("slow"));
    tokio::select! {
        biased;
        () = slow => unreachable!("this future never completes"),
        () = quick => {}
    }
}

/// A span around a stream. It is current while the stream is polled, and not while the items are used.
async fn a_stream() {
    let rows = stream::iter(1..=3_u64).inspect(|_| trace::start_span("row").finish());
    let mut rows = std::pin::pin!(InSpan::around(rows, trace::start_span("rows")));
    let mut sum = 0;
    while let Some(row) = rows.next().await {
        sum += row;
    }
    trace::set_tag("sum", sum);
}

/// `in_span_then` passes the output to a closure before the span ends.
async fn call() -> Result<u16, oneshot::error::RecvError> {
    let span = trace::start_span(Operation::client("call"));
    let (sender, response) = oneshot::channel();
    tokio::spawn(async move { sender.send(200_u16) });
    response
        .in_span_then(span, |span, response| match response {
            Ok(status) => drop(span.set_tag(keys::HTTP_RESPONSE_STATUS_CODE, *status)),
            Err(error) => drop(span.record_error(error)),
        })
        .await
}
