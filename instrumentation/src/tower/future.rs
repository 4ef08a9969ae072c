//! The future of a response.

use std::{
    fmt::Display,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;

use super::{body::TracedBody, call::Call};

pin_project! {
    /// The future of a response, each poll of which has the request's span current. Made by
    /// [`ServerService`](crate::ServerService) and [`ClientService`](crate::ClientService).
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<F> {
        // Empty once it is over: it is dropped with the span current.
        #[pin]
        inner: Option<F>,
        call: Option<Call>,
    }

    impl<F> PinnedDrop for ResponseFuture<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if let Some(call) = this.call {
                call.run(|| this.inner.set(None));
            }
        }
    }
}

impl<F> ResponseFuture<F> {
    /// Makes the future within the span of `call`, if there is one.
    pub(super) fn new(mut call: Option<Call>, make: impl FnOnce() -> F) -> Self {
        let inner = match &mut call {
            Some(call) => call.run(make),
            None => make(),
        };
        ResponseFuture { inner: Some(inner), call }
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
        let mut poll = || {
            let result = ready!(inner.as_mut().as_pin_mut().expect("polled after it was ready").poll(cx));
            inner.set(None);
            Poll::Ready(result)
        };
        let result = ready!(match this.call {
            Some(call) => call.run(poll),
            None => poll(),
        });
        Poll::Ready(match (result, this.call.take()) {
            (Ok(response), Some(call)) => Ok(answer(response, call)),
            (Ok(response), None) => Ok(response.map(TracedBody::untraced)),
            (Err(error), Some(call)) => {
                call.failed(&error);
                Err(error)
            }
            (Err(error), None) => Err(error),
        })
    }
}

fn answer<B: Body>(mut response: Response<B>, mut call: Call) -> Response<TracedBody<B>> {
    call.answered(&mut response);
    let (parts, body) = response.into_parts();
    let body = TracedBody::new(&parts, body, call);
    Response::from_parts(parts, body)
}
