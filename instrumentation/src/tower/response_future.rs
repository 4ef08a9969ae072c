//! [`ResponseFuture`]: the future of a traced response.

use std::{
    fmt::Display,
    mem,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;

use super::{request_tracing::RequestTracing, traced_body::TracedBody, traced_request::TracedRequest};

pin_project! {
    /// The future of a response, which [`ServerService`](crate::ServerService) and
    /// [`ClientService`](crate::ClientService) return. The request's span is current during each poll.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<F> {
        // `None` once the future is complete. An incomplete future is dropped with the span current.
        #[pin]
        inner: Option<F>,
        tracing: RequestTracing,
    }

    impl<F> PinnedDrop for ResponseFuture<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            this.tracing.run(|| this.inner.set(None));
        }
    }
}

impl<F> ResponseFuture<F> {
    /// Calls `make_future` with the request's span current.
    pub(super) fn new(mut tracing: RequestTracing, make_future: impl FnOnce() -> F) -> Self {
        let inner = tracing.run(make_future);
        ResponseFuture { inner: Some(inner), tracing }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body,
    E: Display,
{
    type Output = Result<Response<TracedBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let inner = &mut this.inner;
        let result = ready!(this.tracing.run(|| {
            let result = ready!(inner.as_mut().as_pin_mut().expect("polled after completion").poll(cx));
            inner.set(None);
            Poll::Ready(result)
        }));
        Poll::Ready(match (result, mem::take(this.tracing)) {
            (Ok(response), RequestTracing::Traced(request)) => Ok(trace_response(response, request)),
            (Ok(response), tracing) => Ok(response.map(|body| TracedBody::without_span(body, tracing))),
            (Err(error), RequestTracing::Traced(request)) => {
                request.end_with_error(&error);
                Err(error)
            }
            (Err(error), _) => Err(error),
        })
    }
}

fn trace_response<B: Body>(mut response: Response<B>, mut request: TracedRequest) -> Response<TracedBody<B>> {
    request.record_response(&mut response);
    let (parts, body) = response.into_parts();
    let body = TracedBody::new(&parts, body, request);
    Response::from_parts(parts, body)
}
