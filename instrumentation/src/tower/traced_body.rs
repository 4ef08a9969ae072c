//! [`TracedBody`]: a response body whose end is the end of the request's span.

use std::{
    fmt::Display,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Buf;
use http::{StatusCode, header, response::Parts};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::{request_tracing::RequestTracing, traced_request::TracedRequest};

pin_project! {
    /// A response body that ends the request's span when the body ends. The span is current during each poll.
    ///
    /// | event | effect on the span |
    /// |---|---|
    /// | the response has no body (`HEAD`, 1xx, 204, 304, or an empty body) | ends with the response head |
    /// | the body returns its last frame and reports the end of the stream | ends |
    /// | the body returns `None` | ends |
    /// | the body returns an error | records the error and ends |
    /// | the body returns trailers | records `grpc-status` and ends |
    /// | the body is dropped after as many bytes as `content-length` announces | ends |
    /// | the body is dropped earlier | ends as cancelled |
    ///
    /// The size hint and the end of the stream are those of the wrapped body.
    #[derive(Debug)]
    pub struct TracedBody<B> {
        // `None` only while the body is dropped, with the span current.
        #[pin]
        inner: Option<B>,
        tracing: RequestTracing,
        // The bytes that are missing to the announced `content-length`.
        remaining: Option<u64>,
    }

    impl<B> PinnedDrop for TracedBody<B> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            this.tracing.run(|| this.inner.set(None));
        }
    }
}

impl<B> TracedBody<B> {
    pub(super) fn without_span(body: B, tracing: RequestTracing) -> Self {
        TracedBody { inner: Some(body), tracing, remaining: None }
    }
}

/// Creates an untraced body, for layers that respond instead of the service.
impl<B: Default> Default for TracedBody<B> {
    fn default() -> Self {
        Self::without_span(B::default(), RequestTracing::Untraced)
    }
}

impl<B: Body> TracedBody<B> {
    pub(super) fn new(response: &Parts, body: B, request: TracedRequest) -> Self {
        let status = response.status;
        let has_no_body = request.is_head
            || status.is_informational()
            || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        if has_no_body || body.is_end_stream() {
            request.end();
            return Self::without_span(body, RequestTracing::Untraced);
        }
        let length = response.headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
        TracedBody {
            inner: Some(body),
            tracing: RequestTracing::Traced(request),
            remaining: length.and_then(|length| length.parse().ok()),
        }
    }
}

impl<B> Body for TracedBody<B>
where
    B: Body,
    B::Error: Display,
{
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        let mut inner = this.inner.as_pin_mut().expect("only `drop` removes the body");
        let frame = ready!(this.tracing.run(|| inner.as_mut().poll_frame(cx)));
        let RequestTracing::Traced(request) = this.tracing else { return Poll::Ready(frame) };
        let is_last = match &frame {
            None => true,
            Some(Err(error)) => {
                if let Some(request) = this.tracing.take_traced() {
                    request.end_with_error(error);
                }
                true
            }
            Some(Ok(frame)) => {
                observe(frame, this.remaining, request);
                frame.is_trailers() || inner.is_end_stream()
            }
        };
        if is_last {
            if let Some(request) = this.tracing.take_traced() {
                request.end();
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.as_ref().map_or_else(SizeHint::default, Body::size_hint)
    }
}

/// Updates `remaining` and records trailers.
fn observe<D: Buf>(frame: &Frame<D>, remaining: &mut Option<u64>, request: &mut TracedRequest) {
    if let (Some(data), Some(remaining)) = (frame.data_ref(), remaining) {
        *remaining = remaining.saturating_sub(data.remaining() as u64);
        // A server stops polling after `content-length` bytes, so the body may never report its end.
        request.is_complete = *remaining == 0;
    }
    if let Some(trailers) = frame.trailers_ref() {
        request.record_trailers(trailers);
    }
}
