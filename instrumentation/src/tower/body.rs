//! The body of a response, with which its request ends.

use std::{
    fmt::Display,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Buf;
use http::{StatusCode, header, response::Parts};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::call::Call;

pin_project! {
    /// The body of a response, whose frames are made with the request's span current. The span ends when the body does,
    /// or as cancelled when the body is dropped before.
    ///
    /// | what happens | the span |
    /// |---|---|
    /// | there is no body to send (`HEAD`, 204, 304, an empty one) | ends at once: nobody may ask for it |
    /// | the last frame was made, and the body says so | ends |
    /// | the body says that nothing is left | ends |
    /// | the body fails | records the error, and ends |
    /// | trailers were made, which are always last | records their `grpc-status`, and ends |
    /// | dropped after as many bytes as `content-length` says | ends |
    /// | dropped before any of these | ends as cancelled |
    ///
    /// What it says about its size is what the wrapped body says.
    #[derive(Debug)]
    pub struct TracedBody<B> {
        // There until it is dropped, with the span current.
        #[pin]
        inner: Option<B>,
        call: Option<Call>,
        // Of what `content-length` says.
        left: Option<u64>,
    }

    impl<B> PinnedDrop for TracedBody<B> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if let Some(call) = this.call {
                call.run(|| this.inner.set(None));
            }
        }
    }
}

impl<B> TracedBody<B> {
    pub(super) fn untraced(body: B) -> Self {
        TracedBody { inner: Some(body), call: None, left: None }
    }
}

/// For layers that answer in place of the service: nothing is traced by it.
impl<B: Default> Default for TracedBody<B> {
    fn default() -> Self {
        Self::untraced(B::default())
    }
}

impl<B: Body> TracedBody<B> {
    pub(super) fn new(response: &Parts, body: B, call: Call) -> Self {
        let status = response.status;
        let has_none = call.is_head
            || status.is_informational()
            || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        if has_none || body.is_end_stream() {
            call.end();
            return Self::untraced(body);
        }
        let length = response.headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
        TracedBody {
            inner: Some(body),
            call: Some(call),
            left: length.and_then(|length| length.parse().ok()),
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
        let mut inner = this.inner.as_pin_mut().expect("it is there until it is dropped");
        let Some(call) = this.call else { return inner.poll_frame(cx) };
        let frame = ready!(call.run(|| inner.as_mut().poll_frame(cx)));
        let is_last = match &frame {
            None => true,
            Some(Err(error)) => {
                if let Some(call) = this.call.take() {
                    call.failed(error);
                }
                true
            }
            Some(Ok(frame)) => {
                see(frame, this.left, call);
                frame.is_trailers() || inner.is_end_stream()
            }
        };
        if is_last {
            if let Some(call) = this.call.take() {
                call.end();
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

/// Servers ask for no more than `content-length` says, whatever else there is.
fn see<D: Buf>(frame: &Frame<D>, left: &mut Option<u64>, call: &mut Call) {
    if let (Some(data), Some(left)) = (frame.data_ref(), left) {
        *left = left.saturating_sub(data.remaining() as u64);
        call.is_complete = *left == 0;
    }
    if let Some(trailers) = frame.trailers_ref() {
        call.trailers(trailers);
    }
}
